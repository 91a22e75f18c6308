/* SPDX-License-Identifier: ISC */
/*
 * history.h - what passed in each minute of the last day
 *
 * Made of the links' counters as they are seen from time to time, since the
 * console was started; what passed before is filled in by whoever knows it.
 */
#ifndef FOURPOST_CONSOLE_HISTORY_H
#define FOURPOST_CONSOLE_HISTORY_H

#include <stdbool.h>

#include "base/buffer.h"

#define HISTORY_MINUTES (24 * 60)

/* Counters, of all links together. */
enum history_counter {
	HISTORY_IN,
	HISTORY_OUT,
	HISTORY_OCTETS_IN,
	HISTORY_OCTETS_OUT,
	HISTORY_COUNTERS
};

struct history {
	int64_t passed[HISTORY_MINUTES]
		      [HISTORY_COUNTERS]; /* by minute % 1440 */
	int64_t totals[HISTORY_COUNTERS]; /* as last seen */
	int64_t minute;			  /* since 1970, the last one seen */
	int64_t started; /* likewise, the first known; 0: nothing was seen */
};

/* history_add - take the counters of now, ms since 1970 */
void history_add(struct history *history, int64_t now,
    const int64_t totals[HISTORY_COUNTERS]);

/* history_fill - add what passed in a minute since 1970, in that part of it
 * which history_add has not seen */
void history_fill(struct history *history, int64_t minute,
    const int64_t passed[HISTORY_COUNTERS]);

/* history_reach - note that the minutes from this one on are filled */
void history_reach(struct history *history, int64_t minute);

/*
 * history_json - append the last hour by minutes and the last day by quarters
 *
 * {"hour":{"step":60,"from":T,"in":[N,...],"out":[...],"octets_in":[...],
 * "octets_out":[...]},"day":{...}}; null: nobody watched then.
 */
int history_json(
    const struct history *history, int64_t now, struct buffer *out) WARN_UNUSED;

#endif
