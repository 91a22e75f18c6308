/* SPDX-License-Identifier: ISC */
/*
 * drain.h - watch a queue that is drained
 */
#ifndef FOURPOST_TOOLS_DRAIN_H
#define FOURPOST_TOOLS_DRAIN_H

#include "tools/client.h"

/* The contents of the queue. */
struct drain_figures {
	int64_t left; /* messages that are to go */
	int64_t held; /* that stay */
};

/*
 * drain_wait - wait until nothing is left, and tell each change
 *
 * client is connected to qmgr.  ERR_STATE: the queue is not drained; and those
 * of client_request.
 */
int drain_wait(struct client *client,
    void (*tell)(void *arg, const struct drain_figures *figures), void *arg,
    struct diag *diag) WARN_UNUSED;

#endif
