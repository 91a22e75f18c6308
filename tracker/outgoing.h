/* SPDX-License-Identifier: ISC */
/*
 * outgoing.h - pages that the database of many machines does not have yet
 *
 * Kept as they came, beside what is made of them, in the same transaction.  One
 * that is there is deleted; one that waits for as long as records are kept goes
 * too, because its records would be forgotten there as well.  The oldest go
 * where all of them take more room than there is for them: the volume is the
 * queue's.
 */
#ifndef FOURPOST_TRACKER_OUTGOING_H
#define FOURPOST_TRACKER_OUTGOING_H

#include "tracker/database.h"

#define OUTGOING_MOST  ((uint64_t)1024 * 1024 * 1024) /* octets of pages */
#define OUTGOING_LEAST ((uint64_t)16 * 1024 * 1024)
/* Free octets of the volume below which the pages become no more.  qmgr refuses
 * mail at an eighth of it (STORE_RESERVE). */
#define OUTGOING_RESERVE ((uint64_t)512 * 1024 * 1024)

/* How much room pages may take. */
struct outgoing_bounds {
	uint64_t most;	  /* octets */
	uint64_t least;	  /* octets that they have where the volume is low */
	uint64_t reserve; /* free octets below which it is low */
};

struct outgoing_page {
	int64_t id; /* consecutive, in the order of the pages */
	uint64_t number;
	struct slice queue, octets; /* valid until the next statement */
};

/* outgoing_add - add a page, in a transaction; time is when, wall clock ms */
int outgoing_add(struct database *db, const struct outgoing_page *page,
    int64_t time) WARN_UNUSED;

/* outgoing_next - find the first page behind that of an id: 1, 0 there is none,
 * or an error */
int outgoing_next(
    struct database *db, int64_t after, struct outgoing_page *page) WARN_UNUSED;

/* outgoing_delete - delete all pages up to that of an id */
int outgoing_delete(struct database *db, int64_t until) WARN_UNUSED;

/* outgoing_count - count the pages */
int outgoing_count(struct database *db, int64_t *count) WARN_UNUSED;

/* outgoing_forget - delete pages from before a time, at most so many: how
 * many, or an error */
int outgoing_forget(struct database *db, int64_t before, int most) WARN_UNUSED;

/* outgoing_octets - get the octets of all pages */
int outgoing_octets(struct database *db, uint64_t *octets) WARN_UNUSED;

/* outgoing_curb - delete the oldest pages while all are more than so many
 * octets, in a transaction, at most so many pages: how many, or an error */
int outgoing_curb(struct database *db, uint64_t octets, int most) WARN_UNUSED;

#endif
