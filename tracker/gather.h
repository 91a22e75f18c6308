/* SPDX-License-Identifier: ISC */
/*
 * gather.h - the items of candidates, out of the database of all machines
 *
 * One question brings the records of all of them, which pass one by one: no
 * more than one item is in memory.
 */
#ifndef FOURPOST_TRACKER_GATHER_H
#define FOURPOST_TRACKER_GATHER_H

#include "tracker/candidates.h"
#include "tracker/fold.h"

struct gather {
	struct candidates *candidates;
	struct fold *fold;
	struct arena *arena; /* of a record while it is put together */
	/* Called for each item that is found, while fold has it: 0 to go on;
	 * ERR_AGAIN: there is no room, it is to be found again; or an error. */
	int (*found)(void *arg, const struct candidate *candidate);
	void *arg;
};

/*
 * gather_items - find the items of the candidates
 *
 * *done is how many of these are done with: all of them, or those before one
 * for which there is no room.
 */
int gather_items(const struct gather *gather, struct question *question,
    size_t *done, struct diag *diag) WARN_UNUSED;

#endif
