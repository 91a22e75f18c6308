/* SPDX-License-Identifier: ISC */
/*
 * claim.c - sessions that were at work when qmgr began
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/claim.h"

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

/* token_is - compare a token, in time that tells nothing of it */
static bool
token_is(const struct store_binding *binding, struct slice token)
{
	unsigned differ = 0;

	/* An old session without a token cannot be claimed: nobody can prove to
	 * have had it. */
	if (binding->token_len == 0 || token.len != binding->token_len)
		return false;
	for (size_t i = 0; i < token.len; i++)
		differ |= binding->token[i] ^ token.data[i];
	return differ == 0;
}

/* is_free - tell whether nobody has a session, or two may */
static bool
is_free(const struct qmgr *qmgr, const struct store_session *session)
{
	const struct client *client;

	/* A session that was opened twice cannot be told apart; both workers
	 * may go on with it. */
	if (session->binding.shared)
		return true;
	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (client->session == session->id)
			return false;
	return true;
}

/* take_reporter - take it from a worker that reports which session it had, and
 * so for which link it speaks; the session stays as it is */
static int
take_reporter(struct client *client, const struct ipc_session_claim *claim,
    struct diag *diag)
{
	struct qmgr *qmgr = client->qmgr;
	struct store_session session;

	/* Only the link is taken from it, so that a reporter may speak for that
	 * link. */
	if (client->link != NULL ||
	    store_session_get(qmgr->store, claim->session, &session) < 0 ||
	    !token_is(&session.binding, claim->token))
		return diag_set(diag, ERR_DENIED,
		    "session %llu was not its own",
		    (unsigned long long)claim->session);
	client->link = link_get(&qmgr->links, session.link);
	return client->link != NULL
	    ? 0
	    : diag_set(diag, ERR_NOTFOUND, "its link is gone");
}

/* claim_take - take the claim of a worker to a session */
int
claim_take(struct client *client, const struct ipc_session_claim *claim,
    struct diag *diag)
{
	struct qmgr *qmgr = client->qmgr;
	struct ipc_record record = {.type = IPC_SESSION_CLAIM};
	struct store_session session;
	struct link *link;

	if (client->role == IPC_ROLE_REPORTER)
		return take_reporter(client, claim, diag);
	/* A worker has one session and proves it with the token that only the
	 * right one has. */
	if (client->session != 0 || client->link != NULL ||
	    store_session_get(qmgr->store, claim->session, &session) < 0 ||
	    session.ended != 0 || !token_is(&session.binding, claim->token) ||
	    !is_free(qmgr, &session))
		return diag_set(diag, ERR_DENIED, "session %llu is not its own",
		    (unsigned long long)claim->session);
	link = link_get(&qmgr->links, session.link);
	if (link == NULL)
		return diag_set(diag, ERR_NOTFOUND, "its link is gone");
	/* From here on the worker has the session, and its records are believed
	 * about it. */
	client->session = session.id;
	client->recovered = session.binding.recovers != 0;
	client->recovers = session.binding.recovers;
	client->link = link;
	/* Counted as before the restart, without asking the peer again. */
	callers_enter(client, link, clock_monotonic());
	/* Whether it took something for the qmgr before is not known. */
	client->took = true;
	record.session_claim.session = session.id;
	client_send(client, &record);
	return 0;
}

/* claim_tick - end the sessions that nobody has claimed in time */
void
claim_tick(struct qmgr *qmgr)
{
	struct store_session session = {.id = 0};

	/* A worker that lived through the restart says within this time that it
	 * has a session. */
	if (qmgr->claims_until == 0 || clock_monotonic() < qmgr->claims_until)
		return;
	qmgr->claims_until = 0;
	while (store_session_next(qmgr->store, session.id, &session) == 0)
		/* No worker came for it, so the session was lost when the qmgr
		 * before died. */
		if (session.ended == 0 &&
		    session_owner(qmgr, session.id) == NULL)
			session_lose(qmgr, session.id);
}
