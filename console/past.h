/* SPDX-License-Identifier: ISC */
/*
 * past.h - what passed before the console was started, as the tracker knows it
 *
 * Asked for hour by hour, the last one first, so that no request takes long;
 * what the tracker cannot tell is asked for again a minute later.
 */
#ifndef FOURPOST_CONSOLE_PAST_H
#define FOURPOST_CONSOLE_PAST_H

#include "console/ask.h"
#include "console/history.h"

#define PAST_MINUTES 61 /* that an hour touches */

struct past {
	struct asker *asker;
	struct history *history;
	int64_t until;	 /* ms since 1970: the hour before is asked for next */
	int64_t end;	 /* likewise: nothing before that */
	uint64_t ask_at; /* monotonic ms; CLOCK_NEVER: asked, or all is there */
	/* what is being answered */
	int64_t since; /* ms since 1970: the oldest that is kept; 0: none is */
	int64_t passed[PAST_MINUTES][HISTORY_COUNTERS];
};

/* past_init - ask for nothing yet, and fill this history later */
void past_init(struct past *past, struct asker *asker, struct history *history);

/* past_begin - ask for the day before now, ms since 1970, when the tracker has
 * had time to keep what passed just before */
void past_begin(struct past *past, int64_t now);

/* past_tick - ask if that is due; returns when it is to be called again
 * (monotonic ms) */
uint64_t past_tick(struct past *past);

/* past_fini - forget what was asked for */
void past_fini(struct past *past);

#endif
