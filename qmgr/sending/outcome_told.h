/* SPDX-License-Identifier: ISC */
/*
 * outcome_told.h - what tracking tells of a message that leaves the queue
 */
#ifndef FOURPOST_QMGR_OUTCOME_TOLD_H
#define FOURPOST_QMGR_OUTCOME_TOLD_H

#include "qmgr/engine/tracking.h"
#include "qmgr/sending/outcome_apply.h"

/* outcome_remark - get what a worker said of a message that left, or NULL */
const char *outcome_remark(const struct outcome *outcome);

/* outcome_told - make what tracking tells of a message that leaves, or of
 * recipients who have it; slices borrow from the outcome, its job and its
 * link */
struct track_record
outcome_told(const struct outcome *outcome, enum track_event event);

/* outcome_end - find how tracking calls the end of a message whose recipients
 * are not known */
enum track_event outcome_end(const struct outcome *outcome);

#endif
