/* SPDX-License-Identifier: ISC */
/*
 * rib.c - links, and what their peers tell; see rib.h
 */
#include "qmgr/routing/rib.h"

#include <stdlib.h>
#include <string.h>

#include "qmgr/routing/rib_state.h"

/* rib_peer - find a link, or NULL */
struct rib_peer *
rib_peer(const struct rib *rib, uint32_t number)
{
	/* Neighbours are few; a search by hand costs nothing beside an
	 * update. */
	for (size_t i = 0; i < rib->count; i++)
		if (rib->peers[i]->number == number)
			return rib->peers[i];
	return NULL;
}

/* rib_route_new - make a route with an empty path of so many names */
struct rib_route *
rib_route_new(const char *space, unsigned hops)
{
	/* Path and space lie behind the route, so that one allocation holds all
	 * three. */
	size_t names = hops * sizeof(char[ROUTE_NAME_MAX + 1]);
	size_t len = strlen(space) + 1;
	struct rib_route *route = calloc(1, sizeof(*route) + names + len);

	if (route == NULL)
		return NULL;
	route->path = (char(*)[ROUTE_NAME_MAX + 1])(route + 1);
	route->hops = hops;
	route->space = memcpy((char *)(route + 1) + names, space, len);
	return route;
}

/* rib_routes_add - add a route, which is owned from then on */
int
rib_routes_add(struct rib_routes *routes, struct rib_route *route)
{
	if (routes->count == routes->capacity) {
		size_t more = routes->capacity * 2 + 8;
		struct rib_route **items =
		    reallocarray(routes->items, more, sizeof(*items));

		if (items == NULL)
			return ERR_NOMEM;
		routes->items = items;
		routes->capacity = more;
	}
	routes->items[routes->count++] = route;
	return 0;
}

/* rib_routes_clear - free all routes of a list */
void
rib_routes_clear(struct rib_routes *routes)
{
	for (size_t i = 0; i < routes->count; i++)
		free(routes->items[i]);
	free(routes->items);
	*routes = (struct rib_routes){0};
}

/* rib_new - make an empty table */
struct rib *
rib_new(uint64_t boot)
{
	struct rib *rib = calloc(1, sizeof(*rib));

	if (rib == NULL)
		return NULL;
	rib->boot = boot;
	return rib;
}

/* free_peer - free a link and its routes */
static void
free_peer(struct rib_peer *peer)
{
	rib_routes_clear(&peer->own);
	rib_routes_clear(&peer->learnt);
	free(peer);
}

/* rib_free - free a table; NULL is allowed */
void
rib_free(struct rib *rib)
{
	if (rib == NULL)
		return;
	for (size_t i = 0; i < rib->count; i++)
		free_peer(rib->peers[i]);
	free(rib->peers);
	free(rib->all);
	free(rib);
}

/* rib_configure_begin - begin to tell what the configuration is */
void
rib_configure_begin(struct rib *rib, const char *mta, uint64_t refresh)
{
	(void)strlcpy(rib->mta, mta, sizeof(rib->mta));
	rib->refresh = refresh;
	rib->current = NULL;
	rib->all_count = 0;
	/* Whatever the configuration says may change every choice. */
	rib->changed = true;
	/* Links that are not named again are forgotten at the end. */
	for (size_t i = 0; i < rib->count; i++)
		rib->peers[i]->configured = false;
}

/* add_peer - make a link that was not there */
static struct rib_peer *
add_peer(struct rib *rib, uint32_t number)
{
	struct rib_peer **peers =
	    reallocarray(rib->peers, rib->count + 1, sizeof(*peers));
	struct rib_peer *peer;

	if (peers == NULL)
		return NULL;
	rib->peers = peers;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return NULL;
	peer->number = number;
	peers[rib->count++] = peer;
	return peer;
}

/* forget_told - forget what a peer has told, and that it was told anything */
static void
forget_told(struct rib_peer *peer)
{
	rib_routes_clear(&peer->learnt);
	/* A sequence of the former peer would make updates of the new one look
	 * old. */
	peer->boot = peer->sequence = peer->heard = 0;
	peer->told = false;
}

/* rib_configure_link - configure a link; its spaces follow */
int
rib_configure_link(struct rib *rib, const struct rib_link *link)
{
	struct rib_peer *peer = rib_peer(rib, link->number);

	if (peer == NULL)
		peer = add_peer(rib, link->number);
	if (peer == NULL)
		return ERR_NOMEM;
	/* A link whose peer is another one now must forget what the former peer
	 * told. */
	if (link->kind != RIB_NEIGHBOUR || strcmp(link->mta, peer->mta) != 0)
		forget_told(peer);
	peer->kind = link->kind;
	peer->cost = link->cost;
	(void)strlcpy(peer->mta, link->mta, sizeof(peer->mta));
	peer->configured = true;
	rib_routes_clear(&peer->own);
	rib->current = peer;
	return 0;
}

/* rib_configure_space - configure an address space of the last link */
int
rib_configure_space(struct rib *rib, const char *space)
{
	struct rib_peer *peer = rib->current;
	/* Our own spaces have no path; those of a neighbour begin at it. */
	unsigned hops = peer->mta[0] != '\0' ? 1 : 0;
	struct rib_route *route = rib_route_new(space, hops);

	if (route == NULL)
		return ERR_NOMEM;
	route->link = peer->number;
	/* Configured routes do not age. */
	route->expires = RIB_FOREVER;
	if (hops > 0)
		(void)strlcpy(
		    route->path[0], peer->mta, sizeof(route->path[0]));
	if (rib_routes_add(&peer->own, route) < 0) {
		free(route);
		return ERR_NOMEM;
	}
	return 0;
}

/* rib_configure_end - forget the links that were not named */
int
rib_configure_end(struct rib *rib)
{
	size_t kept = 0;

	for (size_t i = 0; i < rib->count; i++)
		if (rib->peers[i]->configured)
			rib->peers[kept++] = rib->peers[i];
		else
			free_peer(rib->peers[i]);
	rib->count = kept;
	rib->current = NULL;
	return rib_choose(rib);
}

/* rib_link_state - say whether a link works */
void
rib_link_state(struct rib *rib, uint32_t link, enum rib_state state)
{
	struct rib_peer *peer = rib_peer(rib, link);

	if (peer == NULL || peer->state == state)
		return;
	/* Every route over this link has changed with it. */
	peer->state = state;
	rib->changed = true;
	/* The peer may have missed what was told while the link failed. */
	peer->told = peer->told && state == RIB_FAILS;
}

/* rib_serve - say whether we serve */
void
rib_serve(struct rib *rib, enum rib_service service)
{
	rib->changed |= rib->service != service;
	rib->service = service;
}

/* drop_expired - free the routes of a link whose time is over; whether there
 * were any */
static bool
drop_expired(struct rib_routes *routes, uint64_t now)
{
	size_t kept = 0, before = routes->count;

	for (size_t i = 0; i < routes->count; i++)
		if (routes->items[i]->expires > now)
			/* An expired route is told no more, and neighbours
			 * learn that by its absence. */
			routes->items[kept++] = routes->items[i];
		else
			free(routes->items[i]);
	routes->count = kept;
	return kept < before;
}

/* rib_tick - forget what has expired, and choose the best routes again */
int
rib_tick(struct rib *rib, uint64_t now)
{
	for (size_t i = 0; i < rib->count; i++)
		if (drop_expired(&rib->peers[i]->learnt, now))
			rib->changed = true;
	return rib->changed ? rib_choose(rib) : 0;
}

/* rib_version - count the changes of what was learnt */
uint64_t
rib_version(const struct rib *rib)
{
	return rib->learnt_version;
}

/* rib_route - get route number i, as of the last tick */
const struct rib_route *
rib_route(const struct rib *rib, size_t i)
{
	return i < rib->all_count ? rib->all[i] : NULL;
}

/* rib_heard - get when a neighbour was heard last */
uint64_t
rib_heard(const struct rib *rib, uint32_t link)
{
	const struct rib_peer *peer = rib_peer(rib, link);

	return peer != NULL ? peer->heard : 0;
}
