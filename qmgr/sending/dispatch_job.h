/* SPDX-License-Identifier: ISC */
/*
 * dispatch_job.h - the life of a job
 *
 * A job is a message at work: from the moment it is handed to a worker until
 * its outcome is committed it is "active", in memory alone.
 */
#ifndef FOURPOST_QMGR_DISPATCH_JOB_H
#define FOURPOST_QMGR_DISPATCH_JOB_H

#include "base/error.h"
#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/job.h"
#include "store/message.h"

/* dispatch_find - find the job of this number at a worker, or NULL */
struct job *dispatch_find(const struct assoc *assoc, uint64_t id);

/* dispatch_cancel - tell the worker to leave it */
void dispatch_cancel(struct job *job);

/* dispatch_detach - take a job from its worker, which is done with it; it
 * stays active */
void dispatch_detach(struct job *job);

/* dispatch_release - end a job: its message is active no more; frees job */
void dispatch_release(struct qmgr *qmgr, struct job *job);

/* dispatch_return - end a job of which nothing was sent: its message is ready
 * again; frees job */
void dispatch_return(struct qmgr *qmgr, struct job *job);

/* dispatch_claim - make a message active without a worker, for what is done
 * to it here; NULL if there is no memory, or it is active */
struct job *dispatch_claim(struct qmgr *qmgr, struct link *link,
    const struct store_message *message) WARN_UNUSED;

#endif
