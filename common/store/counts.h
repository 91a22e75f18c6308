/* SPDX-License-Identifier: ISC */
/*
 * counts.h - how much is queued, by link, priority, state and hour
 *
 * Kept in memory, written with each transaction (those that changed), loaded
 * at store_open: start-up and summaries never look at messages.
 */
#ifndef FOURPOST_STORE_COUNTS_H
#define FOURPOST_STORE_COUNTS_H

#include "store/message.h"

struct store_total {
	uint64_t messages;
	uint64_t octets; /* of their contents */
	/* Not of messages that an older release queued: */
	uint64_t recipients; /* for whom they are */
	uint64_t waiting;    /* messages whose originators chose when */
};

struct store_count {
	uint32_t link;
	enum store_priority priority;
	enum store_state state;
	uint32_t hour; /* of arrival, since 1970 */
	struct store_total total;
};

/*
 * store_count_next - get the next count that is not zero, in order of link,
 * priority, state and hour
 *
 * *count is where to go on after and the result; *started is false at the
 * beginning.  1, or 0 at the end.
 */
int store_count_next(const struct store *store, bool *started,
    struct store_count *count) WARN_UNUSED;

/* store_total - get how much is in the queue */
struct store_total store_total(const struct store *store);

/* store_link_total - get how much is queued for a link, in any state, O(1) */
struct store_total store_link_total(const struct store *store, uint32_t link);

/* store_link_state - get how much is queued for a link in this state and
 * priority, O(1) */
struct store_total store_link_state(const struct store *store, uint32_t link,
    enum store_state state, enum store_priority priority);

#endif
