/* SPDX-License-Identifier: ISC */
/*
 * candidates.h - find in the database of all machines where items may be that
 * are searched for, the newest first
 *
 * An item is what one machine knows of an MTS identifier.  A candidate is a
 * record, of the kind that fits the search best: the arrival, one that names a
 * recipient like the one asked for, one with that link ...  Several records of
 * an item may be candidates.  The item counts at the oldest of them, its
 * anchor, so that it is found once, wherever an answer goes on.
 */
#ifndef FOURPOST_TRACKER_CANDIDATES_H
#define FOURPOST_TRACKER_CANDIDATES_H

#include "track/track.h"
#include "tracker/machine.h"
#include "tracker/question.h"
#include "tracker/search.h"

#define CANDIDATES_MAX	  64
#define CANDIDATES_ID_MAX 512

/* Where a record stands in what its machine has written. */
struct candidate_place {
	int64_t page, place;
};

struct candidate {
	int64_t queue;
	struct candidate_place at;
	int64_t time;	 /* ms since 1970 */
	int64_t message; /* of an item without an MTS identifier; else 0 */
	char mts_id[CANDIDATES_ID_MAX];
	char machine[MACHINE_NAME_MAX];
};

/* How candidates are found. */
enum candidates_source {
	CANDIDATES_ANY,	    /* arrivals */
	CANDIDATES_ID,	    /* names, which are few: all items at once */
	CANDIDATES_CONTENT, /* likewise */
	CANDIDATES_TO,
	CANDIDATES_FROM,
	CANDIDATES_LINK,
	CANDIDATES_STATE
};

/* A search through time, newest first. */
struct candidates {
	const struct search *search;
	enum candidates_source source;
	int64_t until;	/* ms: the next candidates are not newer */
	int64_t skip;	/* candidates of that very ms that were looked at */
	int64_t first;	/* ms: none is older */
	int64_t window; /* ms that are looked through at a time */
	int64_t from;	/* ms: to which those of the list go back */
	bool began;	/* the list is that of the last window */
	bool over;	/* there are no more */
	struct candidate list[CANDIDATES_MAX];
	size_t count;
};

/*
 * candidates_begin - begin a search, or go on at a cursor (0: begin)
 *
 * ERR_VALUE: something asked for is no text in UTF-8.
 */
int candidates_begin(struct candidates *candidates, const struct search *search,
    uint64_t cursor, struct question *question, struct diag *diag) WARN_UNUSED;

/* candidates_next - find the next candidates, none if there are none within
 * the time that was looked through: see over */
int candidates_next(struct candidates *candidates, struct question *question,
    struct diag *diag) WARN_UNUSED;

/* candidates_cursor - get where a search goes on whose first count candidates
 * of those found last are done with; 0: it is over */
uint64_t candidates_cursor(const struct candidates *candidates, size_t count);

/* candidates_is_named - tell whether each item is a candidate once, whatever
 * its records are */
bool candidates_is_named(const struct candidates *candidates);

/* candidates_rank - tell how well a record of an item serves as its anchor: not
 * at all, 0; of those with the highest rank the oldest is */
unsigned candidates_rank(
    const struct candidates *candidates, const struct track_record *record);

#endif
