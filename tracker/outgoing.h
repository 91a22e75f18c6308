/* SPDX-License-Identifier: ISC */
/*
 * outgoing.h - pages that the database of many machines does not have yet
 *
 * Kept as they came, beside what is made of them, in the same transaction.  One
 * that is there is deleted; one that waits for as long as records are kept goes
 * too, because its records would be forgotten there as well.
 */
#ifndef FOURPOST_TRACKER_OUTGOING_H
#define FOURPOST_TRACKER_OUTGOING_H

#include "tracker/database.h"

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

#endif
