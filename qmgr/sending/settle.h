/* SPDX-License-Identifier: ISC */
/*
 * settle.h - what an outcome leaves of its message
 *
 * Whoever is done with gets his report, where that is owed, or an alternate;
 * then the message leaves the queue.  If some recipients may have it later, it
 * stays under its number, responsible for these alone, and waits the
 * retry-interval for the next try, each time twice as long up to SETTLE_MOST.
 * All of that is one transaction.
 */
#ifndef FOURPOST_QMGR_SENDING_SETTLE_H
#define FOURPOST_QMGR_SENDING_SETTLE_H

#include "qmgr/sending/outcome_apply.h"

#define SETTLE_MOST 3600000 /* ms */

/* settle_message - apply an outcome after which nobody, or only those who may
 * have it later, have a claim on the message: sets the outcome's fate, why,
 * served, reports and next_try */
int settle_message(struct qmgr *qmgr, struct outcome *outcome) WARN_UNUSED;

#endif
