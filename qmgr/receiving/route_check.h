/* SPDX-License-Identifier: ISC */
/*
 * route_check.h - what would become of a message to each of some addresses
 *
 * Decided as for a submission: redirections, lists, routes, and what links
 * refuse; nothing is changed by it, logged or told.  The content is taken for
 * an interpersonal one.
 */
#ifndef FOURPOST_QMGR_RECEIVING_ROUTE_CHECK_H
#define FOURPOST_QMGR_RECEIVING_ROUTE_CHECK_H

#include "qmgr/engine/client.h"

/* route_check_take - answer a RouteCheck.  ERR_LIMIT: more than
 * IPC_CHECK_MAX addresses; ERR_NOMEM */
int route_check_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
