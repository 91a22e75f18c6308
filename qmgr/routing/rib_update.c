/* SPDX-License-Identifier: ISC */
/*
 * rib_update.c - what neighbours tell, and what they are told
 */
#include <stdlib.h>

#include "qmgr/routing/rib.h"
#include "qmgr/routing/rib_state.h"

/* is_usable - check what every MTA checks of a route that it is told: where it
 * comes from, and that it ends before it comes back */
static bool
is_usable(const struct rib *rib, const struct route_update *update,
    const struct route_told *told)
{
	/* The teller must be the first on the path, or a peer could tell routes
	 * in another's name. */
	if (!slice_equal(told->path[0], update->mta) || told->lifetime == 0)
		return false;
	/* Our own name on the path means that the route leads back to us. */
	for (size_t i = 0; i < told->hops; i++)
		if (slice_equal_string(told->path[i], rib->mta))
			return false;
	return true;
}

/* route_of - make a route of what was told; NULL: no memory */
static struct rib_route *
route_of(const struct rib_peer *peer, const struct route_told *told,
    const char *space, uint64_t now)
{
	struct rib_route *route = rib_route_new(space, (unsigned)told->hops);

	if (route == NULL)
		return NULL;
	route->link = peer->number;
	route->learnt = true;
	route->told_cost = told->cost;
	route->told_state = told->down ? RIB_FAILS : RIB_WORKS;
	/* The lifetime counts from now: clocks of two MTAs need not agree. */
	route->expires = now + told->lifetime;
	for (size_t i = 0; i < told->hops; i++)
		memcpy(route->path[i], told->path[i].data, told->path[i].len);
	return route;
}

/* learn - add the routes of an update that may be learnt */
static int
learn(const struct rib *rib, const struct rib_peer *peer,
    const struct route_update *update,
    bool (*allowed)(void *arg, const char *space), void *arg, uint64_t now,
    struct rib_routes *routes)
{
	char space[ROUTE_SPACE_MAX + 1];

	for (size_t i = 0; i < update->count; i++) {
		const struct route_told *told = &update->routes[i];
		struct rib_route *route;

		memcpy(space, told->space.data, told->space.len);
		space[told->space.len] = '\0';
		if (!is_usable(rib, update, told) || !allowed(arg, space))
			continue;
		route = route_of(peer, told, space, now);
		if (route == NULL || rib_routes_add(routes, route) < 0) {
			free(route);
			return ERR_NOMEM;
		}
	}
	return 0;
}

/* rib_take - take an update that came from the peer of a link */
int
rib_take(struct rib *rib, uint32_t link, const struct route_update *update,
    bool (*allowed)(void *arg, const char *space), void *arg, uint64_t now,
    enum rib_taken *taken)
{
	struct rib_peer *peer = rib_peer(rib, link);
	struct rib_routes routes = {0};
	bool again;

	/* A link whose peer is no neighbour has nothing to tell. */
	if (peer == NULL || peer->kind != RIB_NEIGHBOUR)
		return ERR_NOTFOUND;
	again = peer->heard != 0 && update->boot == peer->boot;
	*taken = RIB_TAKEN;
	if (!slice_equal_string(update->mta, peer->mta))
		*taken = RIB_NOT_SENDER;
	/* An update replaces all before it, so one that is not newer than the
	 * last is dropped. */
	else if (again && update->sequence <= peer->sequence)
		*taken = RIB_OLD;
	if (*taken != RIB_TAKEN)
		return 0;
	if (learn(rib, peer, update, allowed, arg, now, &routes) < 0) {
		rib_routes_clear(&routes);
		return ERR_NOMEM;
	}
	/* The order of all routes borrows from the old ones. */
	rib->all_count = 0;
	rib->changed = true;
	rib_routes_clear(&peer->learnt);
	peer->learnt = routes;
	/* A neighbour that has started again knows nothing of us. */
	peer->told = peer->told && again;
	peer->boot = update->boot;
	peer->sequence = update->sequence;
	peer->heard = now;
	return rib_choose(rib);
}

/* rib_due - tell whether the neighbour of a link is to be told something */
bool
rib_due(const struct rib *rib, uint32_t link, uint64_t now)
{
	const struct rib_peer *peer = rib_peer(rib, link);
	uint64_t since;

	if (peer == NULL || peer->kind != RIB_NEIGHBOUR)
		return false;
	since = now - peer->told_at;
	/* Not more often than this, so that many changes become one update. */
	if (peer->told_at != 0 && since < RIB_PACE)
		return false;
	return !peer->told || peer->told_hash != peer->tell_hash ||
	    since >= rib->refresh;
}

/* tell_route - make what is told of a route; false: it is too long, or has no
 * time left */
static bool
tell_route(const struct rib *rib, const struct rib_route *route, uint64_t now,
    struct route_told *told)
{
	uint64_t hop = RIB_LIVES * rib->refresh;

	/* A route without time left would be told on and on between two MTAs
	 * that tell each other. */
	if (route->hops + 1 > ROUTE_HOPS_MAX ||
	    (route->learnt && route->expires <= now))
		return false;
	*told = (struct route_told){.space = slice_of_string(route->space),
	    .cost = route->cost,
	    .lifetime = hop + (route->learnt ? route->expires - now : 0),
	    .down = route->state == RIB_FAILS || rib->service == RIB_LEAVES,
	    .hops = route->hops + 1};
	if (told->lifetime > (uint64_t)ROUTE_LIFETIME_MAX)
		told->lifetime = (uint64_t)ROUTE_LIFETIME_MAX;
	told->path[0] = slice_of_string(rib->mta);
	for (unsigned i = 0; i < route->hops; i++)
		told->path[i + 1] = slice_of_string(route->path[i]);
	return true;
}

/* by_cost - order the routes of an update, the cheapest first */
static int
by_cost(const void *a, const void *b)
{
	const struct rib_route *x = *(struct rib_route *const *)a;
	const struct rib_route *y = *(struct rib_route *const *)b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return strcmp(x->space, y->space);
}

/* fill_update - write as many routes as there is room for, the cheapest
 * first */
static void
fill_update(const struct rib *rib, const struct rib_route **chosen,
    size_t count, uint64_t now, struct route_update *update, size_t *left_out)
{
	/* Room for what stands around the routes. */
	size_t room = ROUTE_UPDATE_MAX - 256;

	/* The cheapest first: what has no room is the dearest. */
	qsort(chosen, count, sizeof(*chosen), by_cost);
	for (size_t i = 0; i < count; i++) {
		struct route_told *told = &update->routes[update->count];

		if (!tell_route(rib, chosen[i], now, told))
			continue;
		if (update->count == ROUTE_ROUTES_MAX ||
		    route_told_length(told) > room) {
			(*left_out)++;
			continue;
		}
		room -= route_told_length(told);
		update->count++;
	}
}

/* rib_tell - append the update for the neighbour of a link */
int
rib_tell(struct rib *rib, uint32_t link, uint64_t now, struct buffer *out,
    size_t *left_out)
{
	struct rib_peer *peer = rib_peer(rib, link);
	struct route_update update = {.mta = slice_of_string(rib->mta),
	    .boot = rib->boot,
	    .sequence = rib->sequence + 1};
	const struct rib_route **chosen;
	size_t count = 0, at = 0;
	int error = ERR_NOMEM;

	*left_out = 0;
	if (peer == NULL || peer->kind != RIB_NEIGHBOUR)
		return ERR_NOTFOUND;
	chosen = calloc(rib->all_count + 1, sizeof(*chosen));
	if (chosen == NULL)
		return ERR_NOMEM;
	while ((chosen[count] = rib_next_told(rib, peer, &at)) != NULL)
		count++;
	/* The first route that has no room is made before that shows. */
	update.routes =
	    calloc((count < ROUTE_ROUTES_MAX ? count : ROUTE_ROUTES_MAX) + 1,
		sizeof(*update.routes));
	if (update.routes != NULL) {
		fill_update(rib, chosen, count, now, &update, left_out);
		error = route_update_encode(&update, out);
	}
	free(chosen);
	free(update.routes);
	if (error < 0)
		return error;
	/* Counted only when the update was written, so that a failure leaves no
	 * gap. */
	rib->sequence++;
	peer->told = true;
	peer->told_at = now;
	peer->told_hash = peer->tell_hash;
	return 0;
}
