/* SPDX-License-Identifier: ISC */
/*
 * session.h - who may bind, and the sessions of peers that did
 *
 * A peer that calls is known by the name and password it binds with, and by
 * where it calls from; its session is noted in the store before it is
 * answered, so that what it transfers can be remembered.  A peer that we call
 * must answer with the name and password that the link says.
 */
#ifndef FOURPOST_QMGR_SESSION_H
#define FOURPOST_QMGR_SESSION_H

#include "ipc/record.h"
#include "qmgr/peer.h"

/* session_take - a bind check, the end of a session, or a link event of
 * x400in */
int session_take(struct peer *peer, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* session_peer_gone - its session, if it has one, is lost */
void session_peer_gone(struct peer *peer);

#endif
