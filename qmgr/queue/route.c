/* SPDX-License-Identifier: ISC */
/*
 * route.c - which link a recipient is for
 */
#include "qmgr/queue/route.h"

#include <stdlib.h>

#include "base/clock.h"
#include "conf/conf_schedule.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/route_table.h"
#include "qmgr/routing/rib.h"

#define ACTIVE_NOW   0
#define ACTIVE_PROBE 1 /* being tried after a failure */
#define ACTIVE_NEVER INT64_MAX

/* opens_at - compute when the schedule of a link begins, wall clock ms */
static int64_t
opens_at(const struct link *link)
{
	time_t next;

	return conf_schedule_next(
		   &link->policy.schedule, clock_wall() / 1000, &next)
	    ? (int64_t)next * 1000
	    : ACTIVE_NEVER;
}

/* active_at - compute when what is queued for a link would go, wall clock ms */
static int64_t
active_at(const struct link *link)
{
	switch (link->state) {
	case LINK_WAITING:
		/* A waiting link is tried again at next_open; but one whose
		 * time has come has still to prove itself. */
		return link->next_open > ACTIVE_PROBE ? link->next_open
						      : ACTIVE_PROBE;
	case LINK_CLOSED:
		/* A closed link may carry an association that the peer opened:
		 * mail can leave by it now. */
		return link->bound > 0 ? ACTIVE_NOW : opens_at(link);
	case LINK_REMOTE:
		/* We never open it, so without an association nobody knows when
		 * mail would leave. */
		return link->bound > 0 ? ACTIVE_NOW : ACTIVE_NEVER;
	case LINK_RECOVERING:
		return ACTIVE_PROBE;
	case LINK_IDLE:
	case LINK_CONNECTING:
	case LINK_UP:
	case LINK_DISABLED:
	case LINK_STATES:
		break;
	}
	/* Up, but an earlier attempt failed and no mail has passed since: take
	 * others first. */
	return link->open_failures > 0 ? ACTIVE_PROBE : ACTIVE_NOW;
}

/* may_know - tell whether the peer of a link may know a way of which we have
 * not heard: we started lately, or the link fails */
static bool
may_know(const struct qmgr *qmgr, const struct link *link)
{
	/* A failing peer may have had a route that its silence withdrew. */
	if (link->open_failures > 0)
		return true;
	return clock_monotonic() < qmgr->learning_until &&
	    rib_heard(qmgr->rib, link->number) == 0;
}

/* is_usable - tell whether a match may be used: what is hoped for only where
 * nothing is known, from a peer that may know */
static bool
is_usable(
    const struct qmgr *qmgr, const struct route_choice *choice, bool known)
{
	return choice->kind != ROUTE_HOPED ||
	    (!known && may_know(qmgr, choice->link));
}

/* find_matches - find the ways to an address, in no order */
static size_t
find_matches(const struct qmgr *qmgr, const struct or_address *address,
    struct route_choice choices[ROUTE_CHOICES_MAX])
{
	size_t found = route_table_find(qmgr->routes, address, choices);
	size_t count = 0;
	bool known = false;

	for (size_t i = 0; i < found; i++)
		/* A hope counts only while nothing better is known, or mail
		 * would be sent to peers that merely might know. */
		known = known || choices[i].kind != ROUTE_HOPED;
	for (size_t i = 0; i < found; i++) {
		struct route_choice *choice = &choices[count];

		if (!is_usable(qmgr, &choices[i], known))
			continue;
		/* Filtered in place: what is copied always lies at or before
		 * what is read. */
		*choice = choices[i];
		choice->out = link_out(choice->link);
		/* The peer has told that its own way there fails. */
		choice->active =
		    choice->fails ? ACTIVE_NEVER : active_at(choice->link);
		count++;
	}
	return count;
}

/* compare_numbers - compare two numbers: -1, 0 or 1 */
static int
compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* by_rank - order ways: not disabled or out of retries, closest, soonest
 * active, fewest tries, cheapest, configured */
static int
by_rank(const void *a, const void *b)
{
	const struct route_choice *x = a, *y = b;
	int rank = compare_numbers(x->out, y->out);

	if (rank == 0)
		rank = compare_numbers(y->closeness, x->closeness);
	if (rank == 0)
		rank = compare_numbers(x->active, y->active);
	if (rank == 0)
		rank = compare_numbers(
		    x->link->open_failures, y->link->open_failures);
	if (rank == 0)
		rank = compare_numbers(x->cost, y->cost);
	/* Numbers never change, so equal routes keep their order over
	 * restarts. */
	if (rank == 0)
		rank = compare_numbers(x->link->number, y->link->number);
	return rank != 0 ? rank : compare_numbers(x->kind, y->kind);
}

/* count_equals - count the ways that are as good as the first */
static size_t
count_equals(const struct route_choice *first, size_t count)
{
	size_t equal = 1;

	/* All but the tries, so that two equal links share the mail even while
	 * one has a failure behind it. */
	while (equal < count && first[equal].out == first->out &&
	    first[equal].closeness == first->closeness &&
	    first[equal].cost == first->cost &&
	    first[equal].active == first->active)
		equal++;
	return equal;
}

/* route_choices - find all ways to an address, the best first */
size_t
route_choices(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, struct route_choice choices[ROUTE_CHOICES_MAX], bool *back)
{
	size_t found = find_matches(qmgr, address, choices), count = 0;

	/* Never back to where it came from. */
	for (size_t i = 0; i < found; i++)
		if (choices[i].link->number != from)
			choices[count++] = choices[i];
	/* Told apart from "nobody": a message that only has the way back is a
	 * loop and is reported as such. */
	*back = count < found;
	if (count > 1)
		/* Sorted only if there is a choice, since this is done for each
		 * recipient. */
		qsort(choices, count, sizeof(choices[0]), by_rank);
	return count;
}

/* route_find - find the link for an address */
enum route_verdict
route_find(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, unsigned share, struct link **link)
{
	struct route_choice choices[ROUTE_CHOICES_MAX];
	bool back;
	size_t count = route_choices(qmgr, address, from, choices, &back);

	if (count == 0)
		return back ? ROUTE_BACK : ROUTE_NONE;
	/* The share counts up with each message: equal links take turns. */
	*link = choices[share % count_equals(choices, count)].link;
	return ROUTE_FOUND;
}

/* route_keeps - tell whether a link is still among the best for an address */
bool
route_keeps(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, const struct link *link)
{
	struct route_choice choices[ROUTE_CHOICES_MAX];
	bool back;
	size_t count = route_choices(qmgr, address, from, choices, &back);
	size_t equal = count > 0 ? count_equals(choices, count) : 0;

	for (size_t i = 0; i < equal; i++)
		if (choices[i].link == link)
			return true;
	/* With no way at all the present link is as good as any; moving would
	 * gain nothing. */
	return count == 0;
}

/* is_preferred - tell whether a link is the better way to its address space */
static bool
is_preferred(const struct qmgr *qmgr, const struct link *link,
    const struct or_address *space)
{
	struct route_choice choices[ROUTE_CHOICES_MAX];
	size_t count = find_matches(qmgr, space, choices);
	int closest = or_address_matches(space, space);

	for (size_t i = 0; i < count; i++) {
		const struct link *other = choices[i].link;

		if (other != link && other->state != LINK_DISABLED &&
		    (choices[i].closeness < closest ||
			choices[i].cost >= link->policy.cost))
			return true;
	}
	return false;
}

/* route_prefers - tell whether a link is the better way to something */
bool
route_prefers(const struct qmgr *qmgr, const struct link *link)
{
	const struct conf_addresses *spaces = route_spaces(link);

	if (qmgr->routes == NULL || spaces == NULL)
		return false;
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].address != NULL &&
		    is_preferred(qmgr, link, spaces->items[i].address))
			return true;
	return false;
}
