/* SPDX-License-Identifier: ISC */
/*
 * days.h - the partitions of days: made when they are needed, dropped when they
 * are too old
 *
 * A day is a number since 1970, in UTC.  Errors are those of postgresql.h.
 */
#ifndef FOURPOST_TRACKING_DATABASE_DAYS_H
#define FOURPOST_TRACKING_DATABASE_DAYS_H

#include "postgresql/postgresql.h"

#define DAYS_MS	   ((int64_t)86400 * 1000)
#define DAYS_KNOWN 64

/* The days whose partitions are there, as far as this connection knows. */
struct days {
	int64_t known[DAYS_KNOWN];
	unsigned count, next;
	int64_t oldest; /* what is older is dropped, or was; 0: not known */
};

/* days_of - tell of which day a time is (ms since 1970) */
int64_t days_of(int64_t time);

/* days_forget - begin with nothing known, on a new connection */
void days_forget(struct days *days);

/* days_need - see that the partitions of a day are there.  Nobody who reads or
 * writes waits for that; a partition that was detached is attached again */
int days_need(struct postgresql *pg, struct days *days, int64_t day,
    struct diag *diag) WARN_UNUSED;

/*
 * days_drop - drop the partitions of days that no machine keeps any more
 *
 * Each machine notes for how many days it keeps records (tracking-days); the
 * longest counts, of machines that wrote within that time.  By the clock of the
 * server, of which not more than a day beyond the newest record is believed.
 * One machine does it at a time, and waits for no lock for long: *dropped is
 * how many days went, which may be none for now.  A day that cannot be dropped
 * does not keep others: *dropped counts these, and the error is that of the
 * first.
 */
int days_drop(struct postgresql *pg, struct days *days, unsigned *dropped,
    struct diag *diag) WARN_UNUSED;

#endif
