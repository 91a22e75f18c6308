/* SPDX-License-Identifier: ISC */
/*
 * timekeeper.h - which time it is, as far as the wall clock is believed
 *
 * A machine may start with its clock days wrong, and set it right minutes
 * later.  What the queue holds must not be returned, sent early or forgotten
 * for that.  So the clock is doubted when we start at a time that is more than
 * an hour before the newest that the queue has seen, or more than a day beyond
 * it, and when it jumps by more than an hour while we run.
 *
 * While it is doubted
 *	nothing expires and nothing is forgotten by its age
 *				timekeeper_doubts
 *	what is put off, and begins now, goes by the time believed last and what
 *	has passed since	timekeeper_now
 *	what a sender wants put off is so until both clocks agree
 *				timekeeper_earliest
 *	what is written down, to be forgotten by its age, takes the later of both
 *				timekeeper_latest
 *
 * The doubt ends when the clock shows what is expected, when the system has
 * said for ten minutes that its clock is synchronized, or when an
 * administrator says so (x4ctl clock-ok).
 *
 * Whatever compares a stored time with the clock asks here, never clock_wall.
 * All times in ms; monotonic ones are of clock_monotonic.
 */
#ifndef FOURPOST_QMGR_TIMEKEEPER_H
#define FOURPOST_QMGR_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum timekeeper_change {
	TIMEKEEPER_SAME,
	TIMEKEEPER_JUMPED,	/* doubted from now on */
	TIMEKEEPER_EXPECTED,	/* believed: it shows what was expected */
	TIMEKEEPER_SYNCHRONIZED /* believed: the system vouches for it */
};

struct timekeeper {
	bool doubted;
	int64_t wall;	     /* that was believed last */
	uint64_t monotonic;  /* when that was */
	int64_t ahead;	     /* the clock may be so far beyond what is
	                        expected, and be believed again */
	uint64_t vouched_at; /* since when the system says that its clock is
	                        synchronized; 0: it does not */
};

/* timekeeper_start - begin with the newest time that the queue has seen, 0 if
 * it does not know; tell whether the clock is believed */
bool timekeeper_start(
    struct timekeeper *time, int64_t newest, int64_t wall, uint64_t monotonic);

/* timekeeper_tick - look at what the clocks show now; every second or so */
enum timekeeper_change timekeeper_tick(struct timekeeper *time, int64_t wall,
    uint64_t monotonic, enum clock_sync sync);

/* timekeeper_confirm - believe the wall clock */
void
timekeeper_confirm(struct timekeeper *time, int64_t wall, uint64_t monotonic);

/* timekeeper_off - compute how far the wall clock is beyond what is expected */
int64_t
timekeeper_off(const struct timekeeper *time, int64_t wall, uint64_t monotonic);

/* timekeeper_doubts - tell whether the wall clock is doubted */
bool timekeeper_doubts(const struct timekeeper *time);

/* timekeeper_now, timekeeper_earliest, timekeeper_latest - see above; while
 * the clock is believed all three are what it shows */
int64_t timekeeper_now(const struct timekeeper *time);
int64_t timekeeper_earliest(const struct timekeeper *time);
int64_t timekeeper_latest(const struct timekeeper *time);

#endif
