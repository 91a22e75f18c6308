/* SPDX-License-Identifier: ISC */
/*
 * callers.c - how many associations each peer may have open with us
 */
#include "qmgr/links/link.h"
#include "qmgr/receiving/callers.h"

#include "qmgr/links/assoc.h"
#include "qmgr/receiving/intake.h"

/* callers_leave - count a caller no more */
void
callers_leave(struct peer *peer)
{
	struct link *link = peer->calls_for;

	if (link == NULL)
		return;
	peer->calls_for = NULL;
	if (--link->callers > 0)
		peer->qmgr->callers_extra--;
}

/* callers_heard - note that a worker said something of its peer */
void
callers_heard(struct peer *peer, uint64_t now)
{
	peer->heard = now;
}

/* owes - tell whether the peer of a worker waits for us */
static bool
owes(const struct peer *peer)
{
	const struct submit *submit;

	TAILQ_FOREACH(submit, &peer->submits, entry)
		if (submit->ended)
			return true;
	return peer->waiting > 0;
}

/* silent_longest - find the caller of a link that was silent longest, and for
 * long enough, or NULL */
static struct peer *
silent_longest(const struct qmgr *qmgr, const struct link *link, uint64_t now)
{
	struct peer *peer, *longest = NULL;

	TAILQ_FOREACH(peer, &qmgr->peers, entry)
		if (peer->calls_for == link && !owes(peer) &&
		    now - peer->heard > CALLERS_SILENCE &&
		    (longest == NULL || peer->heard < longest->heard))
			longest = peer;
	return longest;
}

/* end - have a worker end its association, which counts no more */
static void
end(struct peer *peer)
{
	struct ipc_record record = {.type = IPC_RETIRE};

	callers_leave(peer);
	/* Of one that we send on too nothing more is asked. */
	if (peer->assoc != NULL)
		assoc_released(peer->assoc);
	peer_send(peer, &record);
}

/* why_full - tell which bound a peer has reached, or NULL */
static const char *
why_full(const struct qmgr *qmgr, const struct link *link)
{
	if (link->callers == 0 || link->x400 == NULL)
		return NULL;
	if (link->callers >= conf_incoming_associations(link->x400))
		return "its peer has incoming-associations open";
	if (qmgr->callers_extra >= qmgr->conf->mta.max_associations)
		return "all peers together have max-associations open";
	return NULL;
}

/* callers_full - tell why a peer is refused one more, or NULL */
const char *
callers_full(const struct qmgr *qmgr, const struct link *link, uint64_t now)
{
	const char *why = why_full(qmgr, link);

	return why != NULL && silent_longest(qmgr, link, now) != NULL ? NULL
								      : why;
}

/* callers_enter - count a caller of a link */
void
callers_enter(struct peer *peer, struct link *link, uint64_t now)
{
	struct qmgr *qmgr = peer->qmgr;
	struct peer *silent = NULL;

	/* A worker that asks once more has lost what it asked for before. */
	callers_leave(peer);
	if (why_full(qmgr, link) != NULL)
		silent = silent_longest(qmgr, link, now);
	if (silent != NULL)
		end(silent);
	peer->calls_for = link;
	peer->heard = now;
	if (link->callers++ > 0)
		qmgr->callers_extra++;
}
