/* SPDX-License-Identifier: ISC */
/*
 * rows.h - rows of an answer as JSON, and two answers put together
 */
#ifndef FOURPOST_CONSOLE_ROWS_H
#define FOURPOST_CONSOLE_ROWS_H

#include "base/buffer.h"
#include "ipc/record.h"

#define ROWS_OCTETS ((size_t)8 * 1024 * 1024) /* of one answer */

/* Rows of one answer, as they came. */
struct rows {
	struct buffer octets; /* of each the head, and its JSON */
	unsigned limit, count;
	int64_t oldest; /* arrival, ms since 1970 */
	bool more;	/* than there is room for */
};

/* rows_init - begin with none, and at most so many */
void rows_init(struct rows *rows, unsigned limit);

/* rows_fini - give them back */
void rows_fini(struct rows *rows);

/* rows_add - add a row.  ERR_CANCELLED: there is no room for more; ERR_NOMEM */
int rows_add(struct rows *rows, const struct ipc_row *row) WARN_UNUSED;

/* rows_merge - append the rows of two answers to a list in JSON, those that
 * arrived last first, at most as many as one may have; *more: some were left
 * out.  Each keeps its order.  ERR_NOMEM, ERR_LIMIT */
int rows_merge(const struct rows *a, const struct rows *b, struct buffer *out,
    bool *more) WARN_UNUSED;

#endif
