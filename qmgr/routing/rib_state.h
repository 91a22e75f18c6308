/* SPDX-License-Identifier: ISC */
/*
 * rib_state.h - what the files of the table share
 */
#ifndef FOURPOST_QMGR_ROUTING_RIB_STATE_H
#define FOURPOST_QMGR_ROUTING_RIB_STATE_H

#include "qmgr/routing/rib.h"

struct rib_routes {
	struct rib_route **items; /* owned, and so is each */
	size_t count, capacity;
};

/* A link, and what its peer has told. */
struct rib_peer {
	uint32_t number;
	enum rib_kind kind;
	char mta[ROUTE_NAME_MAX + 1];
	uint32_t cost;
	enum rib_state state;
	bool configured; /* by the configuration that is being read */
	struct rib_routes own, learnt;
	/* of its last update */
	uint64_t boot, sequence, heard;
	/* of our last one to it */
	bool told;
	uint64_t told_at, told_hash;
	uint64_t tell_hash; /* of what it is to be told now */
};

struct rib {
	char mta[ROUTE_NAME_MAX + 1];
	uint64_t boot, sequence, refresh;
	struct rib_peer **peers; /* owned, and so is each */
	size_t count;
	struct rib_peer *current; /* that is being configured */
	bool changed;		  /* since the routes were ordered */
	enum rib_service service;
	/* All routes, by space and then the best first; borrowed. */
	struct rib_route **all;
	size_t all_count, all_capacity;
	uint64_t learnt_hash, learnt_version; /* of what was learnt */
};

/* rib_peer - find a link, or NULL */
struct rib_peer *rib_peer(const struct rib *rib, uint32_t number);

/* rib_route_new - make a route with an empty path of so many names; NULL: no
 * memory */
struct rib_route *rib_route_new(const char *space, unsigned hops) WARN_UNUSED;

/* rib_routes_add - add a route, which is owned from then on.  ERR_NOMEM */
int
rib_routes_add(struct rib_routes *routes, struct rib_route *route) WARN_UNUSED;

/* rib_routes_clear - free all routes of a list */
void rib_routes_clear(struct rib_routes *routes);

/*
 * rib_next_told - find the next route that a neighbour is told, from *at on
 *
 * To each space the best that neither goes by its link nor passes it: this MTA
 * would send that way what comes from there.  NULL: there are no more.
 */
const struct rib_route *
rib_next_told(const struct rib *rib, const struct rib_peer *peer, size_t *at);

/* rib_choose - order all routes, and note what has changed.  ERR_NOMEM */
int rib_choose(struct rib *rib) WARN_UNUSED;

#endif
