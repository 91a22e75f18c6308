/* SPDX-License-Identifier: ISC */
/*
 * rate.h - how many non-delivery reports leave in a second
 *
 * A flood of messages that cannot be delivered must not become a flood of
 * reports: beyond a burst they are deferred, one behind the other.
 */
#ifndef FOURPOST_QMGR_QUEUE_RATE_H
#define FOURPOST_QMGR_QUEUE_RATE_H

#include "qmgr/engine/qmgr.h"
#include "store/message.h"

/* More non-delivery reports than this a second are put off. */
#define RATE_REPORTS 100
#define RATE_BURST   1000

/* rate_apply - decide when a report leaves, now or later; within the
 * transaction that it enters the queue in, which counts it */
void rate_apply(struct qmgr *qmgr, struct store_message *message);

/* rate_committed - count a report for those that come after it */
void rate_committed(struct qmgr *qmgr);

#endif
