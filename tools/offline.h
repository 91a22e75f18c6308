/* SPDX-License-Identifier: ISC */
/*
 * offline.h - requests about the queue with the suite down
 *
 * The queue is opened read-only, under its lock, for one request: no qmgr can
 * have it at the same time, and nothing is changed.
 */
#ifndef FOURPOST_TOOLS_OFFLINE_H
#define FOURPOST_TOOLS_OFFLINE_H

#include "tools/client.h"

/*
 * offline_request - ask as client_request does, until there are no more rows
 *
 * ERR_CLOSED: the suite is down and there is no queue either.  ERR_BUSY:
 * somebody has the queue, the suite is just starting or stopping.
 */
int
offline_request(const struct conf *conf, const struct client_request *request,
    struct client_done *done, struct diag *diag) WARN_UNUSED;

#endif
