/* SPDX-License-Identifier: ISC */
/*
 * drain.h - empty the queue, and take nothing new
 *
 * For a machine that is to be retired.  While the queue is drained
 *
 *	peers that call are refused as busy, but by associations of both ways,
 *	by which they get what waits for them; what they send is not taken
 *	(receiving); only what was cut may be resumed
 *	whoever submits is answered as if the queue were full
 *	peers of this suite are told that all our ways fail (announce.c)
 *	what waits goes its normal way; or, where a link is named, what waits
 *	for peers goes to that link, and so to a sibling
 *
 * What waits for a postoffice, a program or a gateway of this machine is given
 * to these: a sibling might have no way there but back.  What is held stays.  A
 * message that its peer may have (doubtful.h) stays until that is asked.
 */
#ifndef FOURPOST_QMGR_DRAIN_H
#define FOURPOST_QMGR_DRAIN_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* The contents of a queue that is drained. */
struct drain_state {
	uint64_t left; /* messages that are to go */
	uint64_t held; /* that stay, held or quarantined */
};

/* drain_new - make what is known of it; NULL: no memory */
struct drain *drain_new(void) WARN_UNUSED;

/* drain_free - free it; NULL is allowed */
void drain_free(struct drain *drain);

/* drain_state - count what is in the queue */
struct drain_state drain_state(const struct qmgr *qmgr);

/* drain_take - take a request of a tool: "drain" with a link or none,
 * "drain-off", or "draining", which shows; false: it is none of these */
bool drain_take(struct client *client, const struct ipc_request *request);

/* drain_step - have some messages go to the link that gets all, in the next
 * transaction; called when no others wait for that */
void drain_step(struct qmgr *qmgr);

/* drain_again - tell whether there are more at once */
bool drain_again(const struct qmgr *qmgr);

/* drain_tick - log the beginning, and when all is gone; once a second */
void drain_tick(struct qmgr *qmgr);

#endif
