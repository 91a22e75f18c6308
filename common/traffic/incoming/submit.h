/* SPDX-License-Identifier: ISC */
/*
 * submit.h - the way of a transfer from the association to qmgr
 *
 * The envelope is decoded and encoded again, canonically; the content streams
 * in pieces (client/submission.h).  The end is confirmed to the peer when qmgr
 * has taken responsibility, checkpoints before it as checkpoint.h says.  A
 * transfer that fits KEPT_MAX is kept until the end, for a new qmgr.
 */
#ifndef FOURPOST_TRAFFIC_SUBMIT_H
#define FOURPOST_TRAFFIC_SUBMIT_H

#include "traffic/engine/traffic.h"

/* submit_init, submit_fini - begin without a transfer; free what is kept */
void submit_init(struct traffic *traffic);
void submit_fini(struct traffic *traffic);

/* submit_begin - begin a transfer, with the activity */
void submit_begin(struct traffic *traffic, uint32_t activity);

/* submit_is_active - tell whether a transfer is under way, or its answer
 * awaited */
bool submit_is_active(const struct traffic *traffic);

/* submit_octets - take octets of the APDU; diag says what is wrong with them */
int submit_octets(struct traffic *traffic, struct slice octets,
    struct diag *diag) WARN_UNUSED;

/* submit_end - ask qmgr to take responsibility, for the activity ended */
int submit_end(struct traffic *traffic, struct diag *diag) WARN_UNUSED;

/* submit_forget - give up the transfer: it will not be completed here */
void submit_forget(struct traffic *traffic, enum submission_leave leave);

/* submit_refuse - give up the transfer and raise an exception: the rest of it
 * is ignored */
void
submit_refuse(struct traffic *traffic, enum association_exception exception);

/* submit_abort - abort the association, with an event; what is marked of a
 * transfer is kept for the association by which the peer goes on */
void submit_abort(struct traffic *traffic, enum association_abort_reason reason,
    const char *text);

/* submit_take - take a record of qmgr's about submissions */
void submit_take(struct traffic *traffic, const struct ipc_record *record);

/*
 * submit_has_room - tell whether qmgr may be given more
 *
 * Not while more than half of IPC_UNANSWERED_MAX is not committed, or the
 * channel is full.
 */
bool submit_has_room(const struct traffic *traffic);

/* submit_awaited - tell whether the peer may have to wait for what qmgr says or
 * commits */
bool submit_awaited(const struct traffic *traffic);

/* submit_again - give a new qmgr the transfer from the beginning.
 * ERR_LIMIT: it was not kept, or given too often */
int submit_again(struct traffic *traffic) WARN_UNUSED;

#endif
