/* SPDX-License-Identifier: ISC */
/*
 * search.h - find items by what is known of them, the newest first
 */
#ifndef FOURPOST_TRACKER_SEARCH_H
#define FOURPOST_TRACKER_SEARCH_H

#include "track/address_key.h"
#include "tracker/database.h"

/* How long one step of a search may take: pages and other tools wait. */
#define SEARCH_STEP_MS 500

struct search {
	struct slice id; /* the beginning of an MTS identifier, or a queue id */
	struct slice content_id;
	struct slice link; /* came from there, or went there */
	bool has_from, has_to, has_state;
	struct address_pattern from, to;
	enum party_state state; /* of a recipient, of those that to finds */
	int64_t since, until;	/* arrival, ms since 1970; 0: any */
	int64_t below;		/* items of smaller numbers; 0: any */
};

/* Called for each item.  0 to go on; ERR_AGAIN: it is to be found again by the
 * next step; another error ends the search. */
typedef int search_found_fn(void *arg, int64_t item);

/*
 * search_step - find items, until none is left, the time is over or found says
 * ERR_AGAIN
 *
 * *next is where the next step goes on (its below); 0: there are no more.
 */
int search_step(struct database *db, const struct search *search,
    search_found_fn *found, void *arg, int64_t *next) WARN_UNUSED;

/*
 * search_matches - tell whether an item is as asked for: 1, 0, or an error
 *
 * But for id and below: who calls has found the item by those.
 */
int search_matches(
    struct database *db, const struct search *search, int64_t item) WARN_UNUSED;

#endif
