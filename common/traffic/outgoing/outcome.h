/* SPDX-License-Identifier: ISC */
/*
 * outcome.h - tell qmgr how a job ended, and drop it
 */
#ifndef FOURPOST_TRAFFIC_OUTCOME_H
#define FOURPOST_TRAFFIC_OUTCOME_H

#include "traffic/engine/traffic.h"

/*
 * outcome_report - report on the first job and drop it
 *
 * The record leaves before the next wait, so that the next transfer goes out
 * first.  transfer_delay is in ms.
 */
void outcome_report(struct traffic *traffic, enum ipc_result result,
    const char *text, uint64_t transfer_delay);

/* outcome_is_user_error - tell whether the peer aborted in the first job's
 * transfer, saying "user error": what it was sent it could not read */
bool outcome_is_user_error(const struct traffic *traffic);

/* outcome_refused - report that the first job is not for this peer, with the
 * codes of X.411, and drop it; nothing of it was sent */
void outcome_refused(
    struct traffic *traffic, int reason, int diagnostic, const char *text);

/* outcome_cancelled - return those before the first job that qmgr still wants:
 * that needs no turn.  Between transfers only */
void outcome_cancelled(struct traffic *traffic);

/* outcome_return - return all jobs that were not begun */
void outcome_return(struct traffic *traffic, const char *text);

/* outcome_committed - note that qmgr has committed the outcome of a job that
 * the peer took, of which it says so because it was asked to */
void outcome_committed(struct traffic *traffic);

/*
 * outcome_settle - wait until qmgr has committed all that the peer took; true:
 * it has
 *
 * To be called before a release or its confirmation: a peer that has released
 * knows none of our names any more, so that a qmgr which died before the commit
 * could not ask it, and would send again what it has.  False: qmgr is gone or
 * slow, and the association is to be aborted instead, which the peer
 * remembers.
 */
bool outcome_settle(struct traffic *traffic) WARN_UNUSED;

#endif
