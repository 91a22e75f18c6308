/* SPDX-License-Identifier: ISC */
/*
 * routes.h - the routing update that is to go to the peer
 *
 * qmgr gives the newest; one that was not sent yet is replaced by it.  An
 * update is no job: it is not resumed, and nobody is told that it was lost.  It
 * goes only over an association by which both sides said that they know updates
 * (association.further), and not after qmgr wants that released.
 */
#ifndef FOURPOST_TRAFFIC_ROUTES_H
#define FOURPOST_TRAFFIC_ROUTES_H

#include "traffic/engine/traffic.h"

/* routes_keep - keep an update until it can be sent */
void routes_keep(struct traffic *traffic, const struct ipc_routes *routes);

/* routes_wait - tell whether there is an update to send */
bool routes_wait(const struct traffic *traffic);

/* routes_send - transfer the update, and tell qmgr when the peer has taken it.
 * 0, or a negative error: the association is over */
int routes_send(struct traffic *traffic) WARN_UNUSED;

#endif
