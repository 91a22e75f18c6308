/* SPDX-License-Identifier: ISC */
/*
 * ping.h - have a worker ping the peer of a link, or the relay of a gateway
 *
 * The tool's user need not know the passwords and keys: a worker of the link is
 * connected to as for an association, and its settings say that it is a ping.
 * It sends a row for each step, which goes on to the tool, has its peer's bind
 * judged here, and sends done.  The link's state has no part in it, but for a
 * success, which ends its waiting.
 *
 * Both connections point to one struct ping; when either ends, the other is
 * told.
 */
#ifndef FOURPOST_QMGR_PING_H
#define FOURPOST_QMGR_PING_H

#include "qmgr/engine/client.h"

struct link;

/* ping_begin - ping a link for a tool, or tell it why not */
void ping_begin(struct client *tool, struct link *link);

/* ping_take - take what the worker of a ping says: a row, done, or that it
 * could not begin */
int ping_take(struct client *worker, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* ping_gone - end the ping of a client that is gone, if it has one */
void ping_gone(struct client *client, const char *why);

/* ping_tick - end pings that take too long; once a second, now in monotonic
 * ms */
void ping_tick(struct qmgr *qmgr, uint64_t now);

#endif
