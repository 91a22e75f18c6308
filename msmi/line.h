/* SPDX-License-Identifier: ISC */
/*
 * line.h - a formatted line of a message file's text, with CRLF
 *
 * What is longer than LINE_OCTETS is cut off there.  The buffer's limit is the
 * caller's: 0, ERR_LIMIT, ERR_NOMEM.
 */
#ifndef FOURPOST_MSMI_LINE_H
#define FOURPOST_MSMI_LINE_H

#include "base/buffer.h"

#define LINE_OCTETS 2400

/* line_append - append a formatted line */
int line_append(struct buffer *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
