/* SPDX-License-Identifier: ISC */
/*
 * session.h - the sessions of peers: how they begin and end
 *
 * A peer that calls says its name and its password (caller.h), or recovers a
 * session that it had (recoverer.h).  Its session is noted in the store before
 * it is answered, so that what it transfers can be remembered; with the
 * session, from where it called, and a token.  A peer that we call must answer
 * with the name and password that the link says.
 *
 * A session number is no proof of anything: numbers are counted from 1.  What
 * a worker says of a session counts if that session was opened or claimed
 * (claim.h) on the worker's own connection, and for nothing else.
 */
#ifndef FOURPOST_QMGR_SESSION_H
#define FOURPOST_QMGR_SESSION_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"
#include "store/session.h"

/* session_close - end the session of a client, in good order or not */
void session_close(struct client *client, enum store_session_end end);

/* session_lose - end a session that nobody has any more as lost */
void session_lose(struct qmgr *qmgr, uint64_t session);

/* session_owner - find the client that has a session open, or recovered it, or
 * NULL */
struct client *session_owner(const struct qmgr *qmgr, uint64_t session);

/* session_leave_link - count one association of its peer fewer, if it counts */
void session_leave_link(struct client *client);

/* session_client_gone - end the session of a client that is gone, if it has
 * one, as lost */
void session_client_gone(struct client *client);

#endif
