/* SPDX-License-Identifier: ISC */
/*
 * opening.h - a session that is to be opened for a peer, and the answer
 *
 * An opening is a part of a member of the commit: who binds (bind.c) and who
 * recovers (recoverer.c) have it opened alike.  The address that called and the
 * token of its worker are written in the transaction that opens the session.
 */
#ifndef FOURPOST_QMGR_OPENING_H
#define FOURPOST_QMGR_OPENING_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"
#include "store/session.h"

struct opening {
	struct client *client; /* kept until this is done */
	struct link *link;
	struct session_references references;
	struct store_binding binding;
	bool recovered; /* by a peer that was not asked for its password */
	uint64_t session;
	unsigned dropped;
};

/* opening_init - begin with the references of check, and a token; the link and
 * what is recovered are the caller's.  ERR_IO: there is no token */
int opening_init(struct opening *opening, struct client *client,
    const struct ipc_bind_check *check) WARN_UNUSED;

/* opening_apply - remember the session, and what it is bound to; in apply of
 * the member */
int opening_apply(struct qmgr *qmgr, struct opening *opening) WARN_UNUSED;

/* opening_done - answer the peer; in done of the member */
void opening_done(struct qmgr *qmgr, struct opening *opening,
    const struct ipc_bind_check *check, int result);

/* opening_accept_called - say yes to a peer that we called; session 0: we
 * receive nothing from it */
void opening_accept_called(struct client *client, uint64_t session);

#endif
