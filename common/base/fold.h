/* SPDX-License-Identifier: ISC */
/*
 * fold.h - events whose number others decide on are said at once, then counted
 *
 * One struct fold is one category, in one process.  Each event has a who (the
 * peer or address that caused it) and a detail (a hash of what happened).  It
 * is said at once, unless
 *
 *	the same of the same who was said less than rule->pause ago,
 *	this who had rule->lines_each lines within the minute, or
 *	the category had rule->lines lines within the minute;
 *
 * then it is counted.  What was counted is told by a summary, with the who
 * that caused most of it: a minute after the first, then after two, four ...
 * minutes, up to an hour, for as long as it goes on.
 *
 * With FOLD_LINES a minute, and a summary, any minute sees at most 60 lines
 * even if it lies across two of ours.  Memory is bounded: FOLD_WHOS are
 * remembered, of more the one that caused least is replaced and its count
 * inherited (the "space saving" algorithm), so that whoever causes more than
 * 1/FOLD_WHOS of the events is never forgotten.  A count is therefore told
 * without what was inherited: at least so many.
 */
#ifndef FOURPOST_BASE_FOLD_H
#define FOURPOST_BASE_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#define FOLD_WHOS    16
#define FOLD_WHO_MAX 64
#define FOLD_DETAILS 4
#define FOLD_MINUTE  ((uint64_t)60 * 1000)	  /* ms */
#define FOLD_HOUR    ((uint64_t)60 * FOLD_MINUTE) /* ms */
#define FOLD_LINES   29				  /* in a minute of ours */

struct fold_rule {
	unsigned lines;	     /* in a minute */
	unsigned lines_each; /* likewise, of one who */
	uint64_t pause;	     /* ms before the same is said again; 0: none */
};

struct fold {
	struct fold_who {
		char name[FOLD_WHO_MAX];
		bool used;
		uint64_t count;	    /* not said, since the last summary */
		uint64_t inherited; /* of count */
		uint64_t seen;	    /* monotonic ms */
		uint64_t window;    /* when its minute began */
		unsigned lines;	    /* in it */
		struct {
			uint32_t hash;
			uint64_t said; /* monotonic ms; 0: free */
			uint64_t more; /* not said since */
		} detail[FOLD_DETAILS];
	} who[FOLD_WHOS];
	uint64_t window; /* when the minute of all began */
	unsigned lines;	 /* in it */
	uint64_t count;	 /* not said, since the last summary */
	uint64_t since;	 /* the first of these */
	uint64_t told;	 /* when the last summary was; 0: none */
	uint64_t pause;	 /* from since to the next one */
};

struct fold_summary {
	uint64_t count;	      /* events that were not said */
	uint64_t since;	      /* when the first of them came */
	const char *worst;    /* borrows from the fold, until the next call */
	uint64_t worst_count; /* at least so many of them */
};

/*
 * fold_say - note an event at now (monotonic ms, not 0): whether it is to be
 * said
 *
 * Then *before is how often the same was not, since it was said last.  who is
 * cut to FOLD_WHO_MAX - 1 octets.
 */
bool fold_say(struct fold *fold, const struct fold_rule *rule, const char *who,
    uint32_t detail, uint64_t now, uint64_t *before);

/*
 * fold_due - tell whether a summary is due at now (monotonic ms); counting
 * then begins afresh
 *
 * CLOCK_NEVER as now takes whatever was counted: nothing comes after it.
 */
bool fold_due(struct fold *fold, uint64_t now, struct fold_summary *summary);

#endif
