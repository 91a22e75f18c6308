/* SPDX-License-Identifier: ISC */
/*
 * row_json.h - a row as a JSON object, as the tools and the console show it
 *
 * Every field of the row in its order; times are whole seconds since 1970, a
 * time of 0 is null; octets are base64 with padding; what is not UTF-8 is
 * escaped as in text.
 */
#ifndef FOURPOST_IPC_ROW_JSON_H
#define FOURPOST_IPC_ROW_JSON_H

#include "base/buffer.h"
#include "ipc/record.h"

/* row_json_append - append a row, without white space.  ERR_NOMEM, ERR_LIMIT */
int row_json_append(const struct ipc_row *row, struct buffer *out) WARN_UNUSED;

/* row_json_string - append a text as a JSON string */
int row_json_string(struct slice text, struct buffer *out) WARN_UNUSED;

#endif
