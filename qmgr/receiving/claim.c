/* SPDX-License-Identifier: ISC */
/*
 * claim.c - sessions that were at work when qmgr began
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/claim.h"

#include "base/clock.h"
#include "qmgr/engine/peer.h"
#include "qmgr/receiving/callers.h"
#include "qmgr/receiving/session.h"
#include "store/store.h"

/* token_is - in time that does not tell how much of it fits */
static bool
token_is(const struct store_binding *binding, struct slice token)
{
	unsigned differ = 0;

	if (binding->token_len == 0 || token.len != binding->token_len)
		return false;
	for (size_t i = 0; i < token.len; i++)
		differ |= binding->token[i] ^ token.data[i];
	return differ == 0;
}

/* is_free - whether nobody has a session, or two may */
static bool
is_free(const struct qmgr *qmgr, const struct store_session *session)
{
	const struct peer *peer;

	if (session->binding.shared)
		return true;
	TAILQ_FOREACH(peer, &qmgr->peers, entry)
		if (peer->session == session->id)
			return false;
	return true;
}

/* claim_take - a worker claims a session */
int
claim_take(
    struct peer *peer, const struct ipc_session_claim *claim, struct diag *diag)
{
	struct qmgr *qmgr = peer->qmgr;
	struct ipc_record record = {.type = IPC_SESSION_CLAIM};
	struct store_session session;
	struct link *link;

	if (peer->session != 0 || peer->link != NULL ||
	    store_session_get(qmgr->store, claim->session, &session) < 0 ||
	    session.ended != 0 || !token_is(&session.binding, claim->token) ||
	    !is_free(qmgr, &session))
		return diag_set(diag, ERR_DENIED, "session %llu is not its own",
		    (unsigned long long)claim->session);
	link = link_get(&qmgr->links, session.link);
	if (link == NULL)
		return diag_set(diag, ERR_NOTFOUND, "its link is gone");
	peer->session = session.id;
	peer->recovered = session.binding.recovers != 0;
	peer->recovers = session.binding.recovers;
	peer->link = link;
	callers_enter(peer, link, clock_monotonic());
	/* What it took of the qmgr before is not known. */
	peer->took = true;
	record.session_claim.session = session.id;
	peer_send(peer, &record);
	return 0;
}

/* claim_tick - when the time is over, lose what nobody has */
void
claim_tick(struct qmgr *qmgr)
{
	struct store_session session = {.id = 0};

	if (qmgr->claims_until == 0 || clock_monotonic() < qmgr->claims_until)
		return;
	qmgr->claims_until = 0;
	while (store_session_next(qmgr->store, session.id, &session) == 0)
		if (session.ended == 0 &&
		    session_owner(qmgr, session.id) == NULL)
			session_lose(qmgr, session.id);
}
