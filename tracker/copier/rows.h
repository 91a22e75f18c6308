/* SPDX-License-Identifier: ISC */
/*
 * rows.h - pages of tracking as rows of the tables, in the text form of COPY
 */
#ifndef FOURPOST_TRACKING_DATABASE_ROWS_H
#define FOURPOST_TRACKING_DATABASE_ROWS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "tracker/copier/days.h"

#define ROWS_DAYS 64

struct rows {
	struct buffer events, recipients;
	struct arena arena;
	int64_t days[ROWS_DAYS]; /* that occur in them */
	size_t day_count;
	size_t count; /* of events */
};

/* rows_init, rows_fini - begin without rows, give the memory back */
void rows_init(struct rows *rows);
void rows_fini(struct rows *rows);

/* rows_reset - drop all rows */
void rows_reset(struct rows *rows);

/*
 * rows_add - add the rows of a page of a queue
 *
 * Records of days before the oldest are left out, for their partitions were
 * dropped.  Of a page that cannot be read, what comes before the fault is
 * added.  ERR_LIMIT: there is no room for it (or for its days) beside what is
 * there, which is as before; ERR_NOMEM.
 */
int rows_add(struct rows *rows, int64_t queue, uint64_t number,
    struct slice page, int64_t oldest) WARN_UNUSED;

#endif
