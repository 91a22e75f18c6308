/* SPDX-License-Identifier: ISC */
/*
 * route.h - which link a recipient is for
 *
 * Longest match on the hierarchy of O/R addresses (C, A, P, O, OU1-4, then
 * DDA type and the rest) over the address spaces of links and postoffices, and
 * over those that peers of this suite have told us (routing/rib.h); then not
 * where it came from, then links that are not waiting, then cost, then shared
 * among equals.  A link that is disabled or out of retries gives way to the
 * next best, shorter matches too, before anyone thinks of a non-delivery
 * report; if there is no other, messages wait for it.
 *
 * Where nothing is known of an address that may be learnt from a peer, and that
 * peer could not tell us yet or cannot be reached, the message waits for it: it
 * is not returned for want of a route that is only not known here.
 */
#ifndef FOURPOST_QMGR_ROUTE_H
#define FOURPOST_QMGR_ROUTE_H

#include "base/error.h"
#include "mhs/or_address.h"
#include "qmgr/engine/qmgr.h"
#include "store/link.h"

#define ROUTE_ANYWHERE STORE_LINK_NONE /* it came from no link */

/* Ways to one address; a link more often than once with the same address spaces
 * is a configuration nobody has. */
#define ROUTE_CHOICES_MAX 128

enum route_kind {
	ROUTE_CONFIGURED,
	ROUTE_LEARNT,
	ROUTE_HOPED /* nothing is known, and this peer may know */
};

/* A way to an address. */
struct route_choice {
	struct link *link;
	enum route_kind kind;
	const char *space; /* as text, of the table */
	int closeness;	   /* of the match */
	uint32_t cost;
	bool fails;	/* the teller says that it does not work now */
	bool out;	/* link_out */
	int64_t active; /* when it would be sent, wall clock ms; 0: now */
};

enum route_verdict {
	ROUTE_FOUND,
	ROUTE_NONE, /* nobody serves this address */
	ROUTE_BACK  /* only where it came from */
};

/* route_compile - compile the index of the configured links and of what
 * qmgr->rib has, or NULL: no memory */
struct route_table *route_compile(const struct qmgr *qmgr) WARN_UNUSED;

/* route_free - free the index; NULL is allowed */
void route_free(struct route_table *table);

/*
 * route_find - find the link for an address
 *
 * from is the number of the link that the message came from.  share is the
 * same for all recipients of one message, so that equals do not split it.
 */
enum route_verdict
route_find(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, unsigned share, struct link **link);

/*
 * route_choices - find all ways to an address, the best first
 *
 * The first, and those equal to it, are what route_find gives.  *back: there is
 * another, back to where it came from.
 */
size_t route_choices(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, struct route_choice choices[ROUTE_CHOICES_MAX], bool *back);

/* route_keeps - tell whether route_find could give this link for an address, or
 * gives none */
bool route_keeps(const struct qmgr *qmgr, const struct or_address *address,
    uint32_t from, const struct link *link);

/* route_prefers - tell whether something would be sent by this link that
 * another takes while it does not open */
bool route_prefers(const struct qmgr *qmgr, const struct link *link);

#endif
