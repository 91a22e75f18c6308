/* SPDX-License-Identifier: ISC */
/*
 * intake.h - submissions and transfers into the queue
 *
 * A client says what comes (SubmitStart), sends envelope and content in
 * pieces (SubmitData), and ends it (SubmitEnd).  Envelopes are held in
 * memory; content that does not come at once goes to the store as it
 * arrives, so that a gigabyte costs what a small one does.  Every answer goes
 * out after the commit that holds the thing.
 *
 * A transfer that reaches a checkpoint gets a mark in the store, with what is
 * needed to go on from there: if it is cut, or we end, what came before the
 * mark stays until the recovery timeout (resume.h).
 *
 * What was had already (the same file, or a transfer with the same key from
 * the same peer) is answered "duplicate" and not taken again.
 */
#ifndef FOURPOST_QMGR_INTAKE_H
#define FOURPOST_QMGR_INTAKE_H

#include "qmgr/receiving/submit.h"

/* intake_take - take a record of a client */
int intake_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* intake_client_gone - forget what a client has not ended and not marked */
void intake_client_gone(struct client *client);

/* intake_new - make the submission of a transfer that is resumed, or NULL */
struct submit *intake_new(struct client *client, uint64_t number);

/* intake_park - leave what is marked of a transfer in the store; frees it */
void intake_park(struct submit *submit);

/* intake_give_up - refuse a submission that is under way, for the time being */
void intake_give_up(struct submit *submit, const char *why);

/* intake_stage_due - have content that waited long enough staged; tell whether
 * any still waits */
bool intake_stage_due(struct qmgr *qmgr);

/* intake_reap_due - try the submissions again that waited for octets to be
 * reaped */
void intake_reap_due(struct qmgr *qmgr);

#endif
