/* SPDX-License-Identifier: ISC */
/*
 * walk.c - the messages that a filter may mean, by the shortest way
 *
 * A cursor is one number, which the tool sends back: an id, or for the index of
 * the deferred ones CURSOR_DEFERRED, a time, and how many messages with this
 * same time were passed.
 */
#include "view/walk.h"

#define CURSOR_DEFERRED (UINT64_C(1) << 62)
#define SAME_BITS	20
#define SAME_MAX	((UINT64_C(1) << SAME_BITS) - 1)
#define TIME_MAX	((INT64_C(1) << 42) - 1) /* ms: the year 2109 */

/* find_place - go to the deferred message that a cursor stands behind */
static void
find_place(struct walk *walk)
{
	uint64_t passed = walk->cursor & SAME_MAX;
	int64_t time =
	    (int64_t)((walk->cursor & ~CURSOR_DEFERRED) >> SAME_BITS);
	int64_t next = time > 0 ? time - 1 : -1;
	uint64_t id = time > 0 ? UINT64_MAX - 1 : 0;

	/* Deferred messages are in the order of time, and many may have the
	 * same: the cursor has how many of them were passed. */
	walk->deferred = true;
	walk->time = next;
	walk->deferred_id = id;
	while (passed-- > 0 &&
	    store_deferred_next(walk->store, &next, &id) == 0 && next == time) {
		walk->time = next;
		walk->deferred_id = id;
	}
}

/* walk_begin - go on at the cursor of a request */
void
walk_begin(struct walk *walk, struct store *store,
    const struct view_arguments *arguments)
{
	*walk = (struct walk){.store = store,
	    .arguments = arguments,
	    .cursor = arguments->cursor,
	    .time = -1};
	/* Deferred messages have an order of their own; others go by id. */
	if (walk->cursor == 0 && arguments->has_state &&
	    arguments->state == STORE_DEFERRED)
		walk->cursor = CURSOR_DEFERRED;
	if ((walk->cursor & CURSOR_DEFERRED) != 0)
		find_place(walk);
}

/* next_deferred - get the next message by the time of its next try */
static int
next_deferred(struct walk *walk, uint64_t *id)
{
	int64_t before = walk->time;
	uint64_t same = 0;
	int rc =
	    store_deferred_next(walk->store, &walk->time, &walk->deferred_id);

	/* A time that the cursor has no room for is that of no real message. */
	if (rc == 0 && walk->time > TIME_MAX)
		rc = ERR_NOTFOUND;
	if (rc < 0)
		return rc;
	/* The count of the same time goes up to its bound, and then some are
	 * shown twice rather than left out. */
	if (walk->time == before)
		same = walk->cursor & SAME_MAX;
	walk->cursor = CURSOR_DEFERRED | (uint64_t)walk->time << SAME_BITS |
	    (same < SAME_MAX ? same + 1 : same);
	*id = walk->deferred_id;
	return 0;
}

/* keep_least - keep the smaller one of two ids, unless there was none */
static int
keep_least(int rc, uint64_t candidate, uint64_t *id)
{
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc == 0 && candidate < *id)
		*id = candidate;
	return rc;
}

/* next_of_link - get the next message that may be of a link, by id */
static int
next_of_link(struct walk *walk, uint64_t *id)
{
	const struct view_arguments *a = walk->arguments;
	uint64_t candidate = 0;
	int rc = 0;

	/* Ready and held messages lie in several indices, each in order: the
	 * least of their heads is the next. */
	*id = UINT64_MAX;
	for (int p = 0; p < STORE_PRIORITIES && rc == 0; p++) {
		rc = store_ready_next(walk->store, a->link,
		    (enum store_priority)p, walk->cursor, &candidate);
		rc = keep_least(rc, candidate, id);
	}
	for (int s = STORE_HELD; s <= STORE_QUARANTINED && rc == 0; s++) {
		if (a->has_state)
			break;
		rc = store_held_next(
		    walk->store, (enum store_state)s, walk->cursor, &candidate);
		rc = keep_least(rc, candidate, id);
	}
	if (rc < 0 || *id != UINT64_MAX)
		return rc;
	if (a->has_state)
		return ERR_NOTFOUND;
	/* Deferred messages come last, in their own order: their index has no
	 * links. */
	walk->cursor = CURSOR_DEFERRED;
	find_place(walk);
	return next_deferred(walk, id);
}

/* walk_next - get the next message */
int
walk_next(struct walk *walk, uint64_t *id)
{
	const struct view_arguments *a = walk->arguments;
	bool held = a->has_state &&
	    (a->state == STORE_HELD || a->state == STORE_QUARANTINED);
	int rc;

	if (walk->deferred)
		return next_deferred(walk, id);
	if (held)
		rc = store_held_next(walk->store, a->state, walk->cursor, id);
	else if (a->has_link)
		rc = next_of_link(walk, id);
	else
		rc = store_message_next(walk->store, walk->cursor, id);
	if (rc == 0 && !walk->deferred)
		walk->cursor = *id;
	return rc;
}
