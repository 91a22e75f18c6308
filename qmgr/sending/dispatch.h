/* SPDX-License-Identifier: ISC */
/*
 * dispatch.h - jobs to the workers: which message, over which association
 */
#ifndef FOURPOST_QMGR_DISPATCH_H
#define FOURPOST_QMGR_DISPATCH_H

#include <stdint.h>
#include <sys/queue.h>

#include "base/error.h"
#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/job.h"
#include "store/message.h"

/* dispatch_link - give the link's associations what they can take */
void dispatch_link(struct qmgr *qmgr, struct link *link);

/* dispatch_touched - dispatch on every link that was touched, and let
 * schedule look at it */
void dispatch_touched(struct qmgr *qmgr);

/* dispatch_reads - tell whether a worker reads what it is sent: else it gets no
 * further job for now */
bool dispatch_reads(const struct assoc *assoc);

/* dispatch_resumption - give an association this message, unless it is at work
 * or has gone */
void dispatch_resumption(struct assoc *assoc, uint64_t message);

/* Messages are given to workers before they are committed (commit.h). */
extern const struct commit_hooks dispatch_hooks;

#endif
