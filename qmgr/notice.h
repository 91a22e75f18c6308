/* SPDX-License-Identifier: ISC */
/*
 * notice.h - events of workers, which are folded here for all of them
 *
 * A worker that parses what strangers sent may say anything: only events that
 * a peer can cause are taken (event.h), the values are escaped like any
 * other, and the link is the one that we know the worker to serve.
 */
#ifndef FOURPOST_QMGR_NOTICE_H
#define FOURPOST_QMGR_NOTICE_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* notice_take - log the event that a worker tells of */
int notice_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
