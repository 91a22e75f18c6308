/* SPDX-License-Identifier: ISC */
/*
 * walk.h - the messages that a filter may mean, by the shortest way
 *
 *	no link, no state, ready, active	all records, by id
 *	held, quarantined			the index of these, by id
 *	deferred				its index, by time of the next try
 *	a link		the ready ones of the link and all that are held, by id;
 *			then the deferred ones of all links, by time
 *
 * More may come than the filter means, never less: see match.h.
 */
#ifndef FOURPOST_VIEW_WALK_H
#define FOURPOST_VIEW_WALK_H

#include "view/arguments.h"

struct walk {
	struct store *store;
	const struct view_arguments *arguments;
	uint64_t cursor; /* behind the last message; to go on with later */
	bool deferred;	 /* the index of those is walked */
	int64_t time;	 /* in it: of the last message */
	uint64_t deferred_id;
};

/* walk_begin - go on at the cursor of a request, 0: begin */
void walk_begin(struct walk *walk, struct store *store,
    const struct view_arguments *arguments);

/* walk_next - get the next message.  ERR_NOTFOUND: there is none, or the
 * store's error */
int walk_next(struct walk *walk, uint64_t *id) WARN_UNUSED;

#endif
