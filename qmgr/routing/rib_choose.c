/* SPDX-License-Identifier: ISC */
/*
 * rib_choose.c - order the routes of all links, and note what has changed
 */
#include <stdlib.h>
#include <string.h>

#include "qmgr/routing/rib_state.h"

#define HASH_START 14695981039346656037ULL /* FNV-1a */
#define HASH_PRIME 1099511628211ULL

/* compare_numbers - compare two numbers: -1, 0 or 1 */
static int
compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* compare_paths - compare the paths of two routes of equal length */
static int
compare_paths(const struct rib_route *a, const struct rib_route *b)
{
	int order = 0;

	for (unsigned i = 0; i < a->hops && order == 0; i++)
		order = strcmp(a->path[i], b->path[i]);
	/* The path decides last, so that all MTAs order equal routes alike. */
	return order;
}

/* by_space - order routes by space, then the best first; the last criteria
 * only make the order total */
static int
by_space(const void *a, const void *b)
{
	const struct rib_route *x = *(struct rib_route *const *)a;
	const struct rib_route *y = *(struct rib_route *const *)b;
	int order = strcmp(x->space, y->space);

	if (order == 0)
		order = compare_numbers(x->state, y->state);
	if (order == 0)
		order = compare_numbers(x->cost, y->cost);
	if (order == 0)
		order = compare_numbers(x->hops, y->hops);
	if (order == 0)
		order = compare_numbers(x->learnt, y->learnt);
	if (order == 0)
		order = compare_numbers(x->link, y->link);
	return order != 0 ? order : compare_paths(x, y);
}

/* add_octets - go on with a hash */
static void
add_octets(uint64_t *hash, const void *octets, size_t len)
{
	const uint8_t *at = octets;

	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ at[i]) * HASH_PRIME;
}

/* add_route - go on with a hash by what a route says, but its link and age */
static void
add_route(uint64_t *hash, const struct rib_route *route)
{
	/* Link and age are left out: they differ at every refresh and mean
	 * nothing to neighbours. */
	uint32_t numbers[] = {route->cost, (uint32_t)route->state, route->hops};

	add_octets(hash, route->space, strlen(route->space) + 1);
	add_octets(hash, numbers, sizeof(numbers));
	for (unsigned i = 0; i < route->hops; i++)
		add_octets(hash, route->path[i], strlen(route->path[i]) + 1);
}

/* gather - add the routes of a list to all, with the cost and the state that
 * they have by this link */
static void
gather(struct rib *rib, const struct rib_peer *peer,
    const struct rib_routes *routes)
{
	for (size_t i = 0; i < routes->count; i++) {
		struct rib_route *route = routes->items[i];

		/* Each link on the way adds its cost, so a longer way costs
		 * more. */
		route->cost = route->told_cost + peer->cost;
		if (route->cost > ROUTE_COST_MAX)
			route->cost = ROUTE_COST_MAX;
		/* A route is no better than the link to it, whatever its teller
		 * says. */
		route->state =
		    peer->state == RIB_FAILS ? RIB_FAILS : route->told_state;
		rib->all[rib->all_count++] = route;
	}
}

/* reserve_all - have room for the routes of all links */
static int
reserve_all(struct rib *rib)
{
	struct rib_route **all;
	size_t count = 1;

	for (size_t i = 0; i < rib->count; i++)
		count += rib->peers[i]->own.count + rib->peers[i]->learnt.count;
	if (count <= rib->all_capacity)
		return 0;
	all = reallocarray(rib->all, count, sizeof(*all));
	if (all == NULL)
		return ERR_NOMEM;
	rib->all = all;
	rib->all_capacity = count;
	return 0;
}

/* passes - tell whether an MTA of this name is on a path */
static bool
passes(const struct rib_route *route, const char *mta)
{
	for (unsigned i = 0; i < route->hops; i++)
		if (strcmp(route->path[i], mta) == 0)
			return true;
	return false;
}

/* rib_next_told - find the next route that a neighbour is told */
const struct rib_route *
rib_next_told(const struct rib *rib, const struct rib_peer *peer, size_t *at)
{
	while (*at < rib->all_count) {
		const struct rib_route *route = rib->all[*at];

		(*at)++;
		/* A neighbour is not told a route that came from it or passes
		 * it: it would send mail back. */
		if (route->link == peer->number || passes(route, peer->mta))
			continue;
		/* Routes of one space stand together, the best first: a
		 * neighbour is told that one alone. */
		while (*at < rib->all_count &&
		    strcmp(route->space, rib->all[*at]->space) == 0)
			(*at)++;
		return route;
	}
	return NULL;
}

/* note_told - note, for each neighbour, what it is to be told now */
static void
note_told(struct rib *rib)
{
	for (size_t i = 0; i < rib->count; i++) {
		struct rib_peer *peer = rib->peers[i];
		const struct rib_route *route;
		size_t at = 0;

		/* The hash of what would be told is compared later: an update
		 * is sent only on a change. */
		peer->tell_hash = HASH_START;
		add_octets(
		    &peer->tell_hash, &rib->service, sizeof(rib->service));
		while (peer->kind == RIB_NEIGHBOUR &&
		    (route = rib_next_told(rib, peer, &at)) != NULL)
			add_route(&peer->tell_hash, route);
	}
}

/* note_learnt - count a version on where what was learnt is other than
 * before */
static void
note_learnt(struct rib *rib)
{
	uint64_t learnt = HASH_START;

	for (size_t i = 0; i < rib->all_count; i++)
		if (rib->all[i]->learnt) {
			add_octets(&learnt, &rib->all[i]->link,
			    sizeof(rib->all[i]->link));
			add_route(&learnt, rib->all[i]);
		}
	rib->learnt_version += learnt != rib->learnt_hash;
	rib->learnt_hash = learnt;
}

/* rib_choose - order all routes, and note what has changed */
int
rib_choose(struct rib *rib)
{
	int error = reserve_all(rib);

	/* Cleared before anything can fail, since the old order may point at
	 * routes that were freed. */
	rib->all_count = 0;
	/* Without memory the table is empty and marked as changed, so the next
	 * second makes it again. */
	rib->changed = error < 0;
	if (error < 0)
		return error;
	for (size_t i = 0; i < rib->count; i++) {
		gather(rib, rib->peers[i], &rib->peers[i]->own);
		gather(rib, rib->peers[i], &rib->peers[i]->learnt);
	}
	if (rib->all_count > 1)
		qsort(rib->all, rib->all_count, sizeof(*rib->all), by_space);
	note_told(rib);
	note_learnt(rib);
	return 0;
}
