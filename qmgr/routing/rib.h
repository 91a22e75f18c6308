/* SPDX-License-Identifier: ISC */
/*
 * rib.h - which address spaces are reached by which links, at which cost
 *
 * The routing information base: what the configuration says (own routes), what
 * each neighbour has told (learnt routes), and what is to be told to each of
 * them.  No input or output: time, updates and the state of the links come in
 * as arguments, so that the same calls give the same answers.
 *
 * The rules (a path vector, as between the domains of the Internet):
 *
 *  - An update holds all that its sender tells this neighbour; the next one
 *    takes its place.  One that is older than the last is dropped.
 *  - A route carries the MTAs on its way, the sender first.  Who finds itself
 *    there drops the route; so does everybody whose path would be longer than
 *    ROUTE_HOPS_MAX.
 *  - A neighbour is told one route to each space, the best of those that do not
 *    lead back to it: ways that work before ways that fail, then the cheapest,
 *    then the shortest.
 *  - A change is told at once, but not more often than each RIB_PACE; all is
 *    told again each refresh interval, which repairs what was lost.
 *  - A route lives RIB_LIVES refresh intervals for each hop without news of its
 *    origin: none outlives its origin by more than that times its hops.
 */
#ifndef FOURPOST_QMGR_ROUTING_RIB_H
#define FOURPOST_QMGR_ROUTING_RIB_H

#include <stdbool.h>
#include <stdint.h>

#include "mhs/route_update.h"

#define RIB_PACE  1000 /* ms between two updates to one neighbour */
#define RIB_LIVES 4    /* refresh intervals: two updates in a row may be lost */

#define RIB_FOREVER UINT64_MAX /* a configured route does not age */

enum rib_state {
	RIB_WORKS,
	RIB_FAILS /* there is a way, and something on it does not work now */
};

/* Whether we serve those who send to us. */
enum rib_service {
	RIB_SERVES,
	RIB_LEAVES /* neighbours are told that all our ways fail */
};

enum rib_kind {
	RIB_OTHER,    /* a postoffice, or a third party */
	RIB_NEIGHBOUR /* an MTA of this suite */
};

/* A link, as far as it matters here. */
struct rib_link {
	uint32_t number;
	enum rib_kind kind;
	const char *mta; /* the peer's name; empty: a postoffice */
	uint32_t cost;
};

struct rib_route {
	const char *space;
	uint32_t link;
	uint32_t cost; /* in all */
	enum rib_state state;
	bool learnt;
	uint64_t expires; /* monotonic ms, or RIB_FOREVER */
	unsigned hops;	  /* MTAs that follow this one */
	char (*path)[ROUTE_NAME_MAX + 1];
	/* private */
	uint32_t told_cost;
	enum rib_state told_state;
};

enum rib_taken {
	RIB_TAKEN,
	RIB_OLD,       /* a later one was taken before */
	RIB_NOT_SENDER /* it is not of the neighbour that the link is for */
};

struct rib;

/* rib_new - make an empty table; boot is another number after each start.
 * NULL: no memory */
struct rib *rib_new(uint64_t boot) WARN_UNUSED;

/* rib_free - free a table; NULL is allowed */
void rib_free(struct rib *rib);

/*
 * rib_configure_begin, rib_configure_link, rib_configure_space,
 * rib_configure_end - tell what the configuration is, from now on
 *
 * Our own name, then each link, followed by its own address spaces as
 * texts.  Links that are not named are forgotten, and so is what was
 * learnt from one that is no neighbour any more.  ERR_NOMEM.
 */
void rib_configure_begin(struct rib *rib, const char *mta, uint64_t refresh);
int
rib_configure_link(struct rib *rib, const struct rib_link *link) WARN_UNUSED;
int rib_configure_space(struct rib *rib, const char *space) WARN_UNUSED;
int rib_configure_end(struct rib *rib) WARN_UNUSED;

/* rib_link_state - say whether a link works; told when rib_tick has seen it */
void rib_link_state(struct rib *rib, uint32_t link, enum rib_state state);

/* rib_serve - say whether we serve; told when rib_tick has seen it */
void rib_serve(struct rib *rib, enum rib_service service);

/*
 * rib_take - take an update that came from the peer of a link
 *
 * allowed tells of each space whether it may be learnt there.  ERR_NOTFOUND:
 * the link is no neighbour.  ERR_NOMEM: the update is lost.
 */
int rib_take(struct rib *rib, uint32_t link, const struct route_update *update,
    bool (*allowed)(void *arg, const char *space), void *arg, uint64_t now,
    enum rib_taken *taken) WARN_UNUSED;

/* rib_tick - forget what has expired, and choose the best routes again if
 * anything has changed.  ERR_NOMEM: later */
int rib_tick(struct rib *rib, uint64_t now) WARN_UNUSED;

/* rib_due - tell whether the neighbour of a link is to be told something */
bool rib_due(const struct rib *rib, uint32_t link, uint64_t now);

/*
 * rib_tell - append the update for the neighbour of a link
 *
 * From then on it counts as told.  left_out counts the routes that had no room,
 * the dearest.  ERR_NOTFOUND, ERR_NOMEM.
 */
int rib_tell(struct rib *rib, uint32_t link, uint64_t now, struct buffer *out,
    size_t *left_out) WARN_UNUSED;

/* rib_version - count the changes of what was learnt */
uint64_t rib_version(const struct rib *rib);

/* rib_route - get route number i, as of the last tick, ordered by space and
 * then the best first; NULL: there are no more */
const struct rib_route *rib_route(const struct rib *rib, size_t i);

/* rib_heard - get when a neighbour was heard last, monotonic ms; 0: never */
uint64_t rib_heard(const struct rib *rib, uint32_t link);

#endif
