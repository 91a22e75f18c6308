/* SPDX-License-Identifier: ISC */
/*
 * body.h - the octets of a message to a worker: envelope, then content
 *
 * They go in pieces, and no piece costs more than its own octets, however
 * large the message is.  Of the envelope goes what is for this link
 * (queue/strip.h).
 */
#ifndef FOURPOST_QMGR_SENDING_BODY_H
#define FOURPOST_QMGR_SENDING_BODY_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/job.h"
#include "store/message.h"

/*
 * body_start - read the first octets of a job's body, at most len
 *
 * message is the record, whole.  Sets how long the job's envelope is as it is
 * sent, and what is left out of it.  *piece lies in the scratch buffer of
 * qmgr.  ERR_CORRUPT, ERR_NOMEM and errors of the store.
 */
int body_start(struct qmgr *qmgr, struct job *job,
    const struct store_message *message, size_t len,
    struct slice *piece) WARN_UNUSED;

/* body_send - send the piece of the body that the worker asks for */
int body_send(struct assoc *assoc, const struct ipc_body_request *request,
    struct diag *diag) WARN_UNUSED;

#endif
