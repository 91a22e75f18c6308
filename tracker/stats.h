/* SPDX-License-Identifier: ISC */
/*
 * stats.h - messages, octets and delays by day, link, sender or recipient
 */
#ifndef FOURPOST_TRACKER_STATS_H
#define FOURPOST_TRACKER_STATS_H

#include "tracker/database.h"
#include "tracker/row.h"

#define STATS_ROWS_MAX	 100  /* that are shown: those with most messages */
#define STATS_GROUPS_MAX 4096 /* of more the rest is one */
#define STATS_TIME_MS	 20000

enum stats_by {
	STATS_BY_DAY,
	STATS_BY_LINK,
	STATS_BY_SENDER,
	STATS_BY_RECIPIENT
};

struct stats {
	enum stats_by by;
	int64_t since, until; /* ms since 1970; 0: any */
	int64_t zone;	      /* ms that local time is ahead: for days */
};

/* Called for each row.  0 to go on */
typedef int stats_row_fn(void *arg, struct row *row);

/*
 * stats_run - compute, and give the rows in their order: days by date, others
 * by messages, falling
 *
 * Fields: name (of a day: its date), received, sent (a message for several
 * recipients of one link is one), octets (sent), delay_median and delay_p99
 * (ms, as exact as one part in twelve).
 */
int stats_run(struct database *db, const struct stats *stats,
    struct arena *arena, stats_row_fn *give, void *arg) WARN_UNUSED;

#endif
