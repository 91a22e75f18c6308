/* SPDX-License-Identifier: ISC */
/*
 * route.h - which link a recipient is for
 *
 * Longest match on the hierarchy of O/R addresses (C, A, P, O, OU1-4, then
 * DDA type and the rest) over the address spaces of links and postoffices;
 * then not where it came from, then links that are not waiting, then cost,
 * then shared among equals.  A link that is disabled or out of retries gives
 * way to the next best, shorter matches too, before anyone thinks of a
 * non-delivery report; if there is no other, messages wait for it.
 *
 * The index is by the set of attributes that an address space names (there
 * are few such sets) and a hash of their values: a look-up costs a hash for
 * each set, however many address spaces there are.
 */
#ifndef FOURPOST_QMGR_ROUTE_H
#define FOURPOST_QMGR_ROUTE_H

#include "base/error.h"
#include "mhs/or_address.h"
#include "qmgr/engine/qmgr.h"
#include "store/link.h"

#define ROUTE_ANYWHERE STORE_LINK_NONE /* it came from no link */

enum route_verdict {
	ROUTE_FOUND,
	ROUTE_NONE, /* nobody serves this address */
	ROUTE_BACK  /* only where it came from */
};

/* route_compile - compile the index of the configured links, or NULL: no
 * memory */
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

/* route_prefers - tell whether something would be sent by this link that
 * another takes while it does not open */
bool route_prefers(const struct qmgr *qmgr, const struct link *link);

#endif
