/* SPDX-License-Identifier: ISC */
/*
 * recoverer.h - callers that recover a session (X.228 7.8)
 *
 * RTORQ with "recover" carries no name and no password, and references can be
 * guessed: of some peers they are a host name and a time.  So references name
 * a session, and never prove who calls.  The rule:
 *
 *	A session is recovered by a caller at the IP address that bound it, or
 *	in the remote-addresses of its link where these are not empty; that
 *	calls the selectors which the link sets for us; within
 *	the link's recovery-timeout and RECOVERER_SLACK; and when it is lost.
 *	References that two sessions claim, a session without an address (of a
 *	record of before, or that we opened) and a link with recovery = "never"
 *	are never recovered.
 *
 *	Where that caller names a session that is open, the session's own worker
 *	is asked: if its socket has failed, or nothing came on it for five
 *	seconds, it ends the session as lost.  Else, and while nobody has claimed
 *	the session yet (claim.h), the caller is refused for the moment.
 *
 *	What is recovered carries resumptions of activities of that session, and
 *	nothing else for as long as it lasts, also across a restart of qmgr: see
 *	resume.h.  What we send on it is one resumption at most.
 *
 * Any other is refused for good.  Who guesses is slowed (guard.h), and all of
 * its guesses are one event.
 */
#ifndef FOURPOST_QMGR_RECOVERER_H
#define FOURPOST_QMGR_RECOVERER_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"

/* Longer than the sender tries (ms): it notices the cut after us. */
#define RECOVERER_SLACK (30 * 1000)

/* recoverer_call - judge a peer that calls to recover a session */
int recoverer_call(
    struct client *client, const struct ipc_bind_check *check) WARN_UNUSED;

/* recoverer_ended - judge again those who wait for a session that has ended */
void recoverer_ended(struct qmgr *qmgr, uint64_t session);

/* recoverer_alive - refuse those who want a session that is at work */
void recoverer_alive(struct client *owner, uint64_t session);

/* recoverer_tick - refuse, once a second, those whose worker does not answer:
 * it is busy */
void recoverer_tick(struct qmgr *qmgr);

/* recoverer_fini - free those who wait, without an answer */
void recoverer_fini(struct qmgr *qmgr);

#endif
