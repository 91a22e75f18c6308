/* SPDX-License-Identifier: ISC */
/*
 * keyed.h - what an application submits, and may: its key and originators
 *
 * A key names a submission within its application.  The note on it is written
 * in the commit that holds the message: the same key with an equal digest gets
 * the first answer again, with another one it is refused.  Whoever was refused
 * at once stands in the note, too; where that is more than a note holds, the
 * texts are left out.
 *
 * A gateway's key is of what somebody sends to it, for whom he may come again
 * with recipients who have it and others: the note has those that were taken,
 * and a submission for one of them is answered with who has it, for the gateway
 * to submit it for the others.  When the client has heard the answer the note
 * goes.
 *
 * An application submits as its originators (fourpost.conf(5)), and reports
 * only about what it was given and has passed on (store/keyed.h).
 */
#ifndef FOURPOST_QMGR_RECEIVING_KEYED_H
#define FOURPOST_QMGR_RECEIVING_KEYED_H

#include "qmgr/receiving/submit.h"

/* keyed_take - take the key of a submission that is complete, if it has one.
 * ERR_DENIED (no application), ERR_VALUE */
int keyed_take(struct client *client, struct submit *submit,
    const struct ipc_submit_end *end, struct diag *diag) WARN_UNUSED;

/* keyed_prepare - write down who was refused at once, for the note.
 * ERR_LIMIT: they are too many; ERR_NOMEM */
int keyed_prepare(struct submit *submit) WARN_UNUSED;

/* keyed_find - look for an earlier submission by the key of this one, in the
 * transaction: true, its result is set, for there is one */
bool keyed_find(struct qmgr *qmgr, struct submit *submit);

/* keyed_note - note a submission, in the transaction that holds it */
int keyed_note(struct qmgr *qmgr, const struct submit *submit) WARN_UNUSED;

/* keyed_may_submit - tell whether the application that a submission came from,
 * if it did, may submit this: why not */
bool keyed_may_submit(struct qmgr *qmgr, struct submit *submit,
    const struct p1_envelope *envelope, const char **why);

/* keyed_heard - forget the note on a submission of a gateway, in the next
 * transaction */
int keyed_heard(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

#endif
