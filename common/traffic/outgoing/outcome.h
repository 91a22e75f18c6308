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

#endif
