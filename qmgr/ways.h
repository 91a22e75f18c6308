/* SPDX-License-Identifier: ISC */
/*
 * ways.h - what administrators are shown of routes
 *
 * For x4conf route and x4ctl status.
 */
#ifndef FOURPOST_QMGR_WAYS_H
#define FOURPOST_QMGR_WAYS_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* ways_list - send a row for each link that may take an address, the first
 * argument, in the order in which they are tried, and why; then Done */
void ways_list(struct client *client, const struct ipc_request *request);

/* ways_learnt - send a row for each route that was learnt, then Done; the
 * cursor is the number of the last one */
void ways_learnt(struct client *client, uint64_t after);

#endif
