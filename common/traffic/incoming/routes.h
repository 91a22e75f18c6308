/* SPDX-License-Identifier: ISC */
/*
 * routes.h - a routing update that comes in
 *
 * Only over an association by which both sides said that they know updates;
 * over any other what looks like one is a message like any.  qmgr is given the
 * update when it is whole.  The peer is answered at once, because nothing of it
 * is kept on disk: the next one repairs what is lost.
 */
#ifndef FOURPOST_TRAFFIC_INCOMING_ROUTES_H
#define FOURPOST_TRAFFIC_INCOMING_ROUTES_H

#include "traffic/engine/traffic.h"

/* incoming_routes_begin - tell whether an envelope is that of an update, which
 * then comes */
bool incoming_routes_begin(
    struct traffic *traffic, const struct p1_envelope *envelope);

/* incoming_routes_piece - keep a piece of the update.  ERR_LIMIT, ERR_NOMEM */
int
incoming_routes_piece(struct traffic *traffic, struct slice piece) WARN_UNUSED;

/* incoming_routes_end - give the update to qmgr, and answer the peer */
void incoming_routes_end(struct traffic *traffic);

#endif
