/* SPDX-License-Identifier: ISC */
/*
 * route_update.h - a routing update, as octets and as a struct (routing.asn)
 *
 * Decoded slices borrow from the octets or live in the arena.
 */
#ifndef FOURPOST_MHS_ROUTE_UPDATE_H
#define FOURPOST_MHS_ROUTE_UPDATE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

#define ROUTE_UPDATE_MAX   32768 /* octets of an update */
#define ROUTE_ROUTES_MAX   1000	 /* routes of one */
#define ROUTE_HOPS_MAX	   16	 /* MTAs of a path */
#define ROUTE_NAME_MAX	   32  /* octets of an MTA's name (X.411 ub-mta-name) */
#define ROUTE_SPACE_MAX	   512 /* octets of an address space */
#define ROUTE_COST_MAX	   1000000
#define ROUTE_LIFETIME_MAX ((int64_t)100 * 24 * 3600 * 1000) /* ms */

struct route_told {
	struct slice space;
	uint32_t cost;
	uint64_t lifetime; /* ms */
	bool down;
	struct slice path[ROUTE_HOPS_MAX];
	size_t hops;
};

struct route_update {
	struct slice mta;
	uint64_t boot, sequence;
	struct route_told *routes;
	size_t count;
};

/*
 * route_update_decode - read an update, which is all of octets
 *
 * Names are 1 to ROUTE_NAME_MAX printable ASCII characters, a path has one at
 * least.  ERR_SYNTAX, ERR_TRUNCATED, ERR_VALUE, ERR_LIMIT, ERR_UNSUPPORTED
 * (another version), ERR_NOMEM.
 */
int route_update_decode(struct slice octets, struct arena *arena,
    struct route_update *update, struct diag *diag) WARN_UNUSED;

/* route_update_encode - append an update.  ERR_LIMIT, ERR_NOMEM */
int route_update_encode(
    const struct route_update *update, struct buffer *out) WARN_UNUSED;

/* route_told_length - bound the octets that a route takes in an update */
size_t route_told_length(const struct route_told *route);

#endif
