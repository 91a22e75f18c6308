/* SPDX-License-Identifier: ISC */
/*
 * session.c - the sessions of peers: how they end, and who has them
 */
#include <stdlib.h>

#include "qmgr/links/link.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/recoverer.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

/* Whether anything was taken on a session that the peer may ask for. */
enum carried {
	CARRIED_NOTHING,
	CARRIED_SOMETHING
};

/* An end that waits to be noted. */
struct session_member {
	struct commit_member member;
	uint64_t session;
	enum store_session_end end;
	enum carried carried;
};

/*
 * apply_close - write the end of a session
 *
 * One that was lost before anything was taken is forgotten: it would stand in
 * the place of one that is needed against duplicates.
 */
static int
apply_close(struct qmgr *qmgr, struct commit_member *member)
{
	struct session_member *m = (struct session_member *)member;
	struct store_session session;
	int rc = store_session_get(qmgr->store, m->session, &session);

	if (rc == 0 && m->carried == CARRIED_NOTHING && session.transfers == 0)
		m->end = STORE_SESSION_RELEASED;
	if (rc == 0)
		rc = store_session_close(qmgr->store, m->session, m->end,
		    timekeeper_latest(&qmgr->time));
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* done_close - judge those who wait for the end of a session */
static void
done_close(struct qmgr *qmgr, struct commit_member *member, int result)
{
	const struct session_member *m = (struct session_member *)member;

	(void)result;
	recoverer_ended(qmgr, m->session);
	free(member);
}

/* end_session - note the end of one, in the next transaction */
static void
end_session(struct qmgr *qmgr, uint64_t session, enum store_session_end end,
    enum carried carried)
{
	struct session_member *m = calloc(1, sizeof(*m));

	/* claim_tick finds it later. */
	if (m == NULL)
		return;
	m->session = session;
	m->end = end;
	m->carried = carried;
	m->member.order = COMMIT_CONTROL;
	m->member.apply = apply_close;
	m->member.done = done_close;
	commit_add(qmgr, &m->member);
}

/* session_lose - end a session that nobody has any more as lost */
void
session_lose(struct qmgr *qmgr, uint64_t session)
{
	/* Whether its worker had taken something is not known here. */
	end_session(qmgr, session, STORE_SESSION_LOST, CARRIED_SOMETHING);
}

/* session_owner - find the client that has a session open, or recovered it */
struct client *
session_owner(const struct qmgr *qmgr, uint64_t session)
{
	struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (client->session == session || client->recovers == session)
			return client;
	return NULL;
}

/* session_close - end the session of a client, in good order or not */
void
session_close(struct client *client, enum store_session_end end)
{
	if (client->session != 0)
		end_session(client->qmgr, client->session, end,
		    client->took ? CARRIED_SOMETHING : CARRIED_NOTHING);
	client->session = 0;
	client->recovers = 0;
}

/* session_leave_link - count one association of its peer fewer */
void
session_leave_link(struct client *client)
{
	if (client->bound && client->link != NULL)
		client->link->incoming--;
	client->bound = false;
	callers_leave(client);
}

/* session_client_gone - end the session of a client that is gone as lost */
void
session_client_gone(struct client *client)
{
	session_leave_link(client);
	if (client->qmgr->stopping && client->role == IPC_ROLE_X400IN) {
		if (!client->two_way)
			return;
		/* The session is kept, though nothing came on it: by it the
		 * worker proves to the next qmgr for which link it reports. */
		client->took = true;
	}
	session_close(client, STORE_SESSION_LOST);
}
