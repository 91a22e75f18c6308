/* SPDX-License-Identifier: ISC */
/*
 * claim.h - sessions that were at work when qmgr began
 *
 * The associations of x400in outlive qmgr.  A worker that connects to the next
 * one says which session it has, and proves it by the token that it was given
 * with the bind's answer: numbers of sessions are known to everybody.  The
 * token stands in the commit that opened the session.
 *
 * One that has ended, and reports what its peer took, says in the same way
 * which session it had: it speaks for the link of that session, and gets no
 * answer.
 *
 * Until then, and for CLAIM_TIME after we began, such a session is open and
 * nobody's.  What nobody has claimed by then was lost at that moment.
 */
#ifndef FOURPOST_QMGR_CLAIM_H
#define FOURPOST_QMGR_CLAIM_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

#define CLAIM_TIME 10000 /* ms */

/* claim_take - take the claim of a worker to a session.  ERR_DENIED: that is
 * not its own */
int claim_take(struct client *client, const struct ipc_session_claim *claim,
    struct diag *diag) WARN_UNUSED;

/* claim_tick - end, once a second, the sessions that nobody has claimed in
 * time */
void claim_tick(struct qmgr *qmgr);

#endif
