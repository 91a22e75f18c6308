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
callers_leave(struct client *client)
{
	struct link *link = client->calls_for;

	if (link == NULL)
		return;
	client->calls_for = NULL;
	/* The first association of a peer is not counted among the extra ones:
	 * every peer always gets one. */
	if (--link->callers > 0)
		client->qmgr->callers_extra--;
}

/* callers_heard - note that a worker said something of its peer */
void
callers_heard(struct client *client, uint64_t now)
{
	client->heard = now;
}

/* owes - tell whether the peer of a worker waits for us */
static bool
owes(const struct client *client)
{
	const struct submit *submit;

	TAILQ_FOREACH(submit, &client->submits, entry)
		if (submit->state == SUBMIT_ENDED)
			return true;
	/* A commit for it is on its way: it is not silent, we are. */
	return client->waiting > 0;
}

/* silent_longest - find the caller of a link that was silent longest, and for
 * long enough, or NULL */
static struct client *
silent_longest(const struct qmgr *qmgr, const struct link *link, uint64_t now)
{
	struct client *client, *longest = NULL;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (client->calls_for == link && !owes(client) &&
		    now - client->heard > CALLERS_SILENCE &&
		    (longest == NULL || client->heard < longest->heard))
			longest = client;
	return longest;
}

/* end - have a worker end its association, which counts no more */
static void
end(struct client *client)
{
	struct ipc_record record = {.type = IPC_RETIRE};

	/* Counted out at once, so that the new association has its place; the
	 * old worker ends by itself. */
	callers_leave(client);
	/* Of one that we send on too nothing more is asked. */
	if (client->assoc != NULL)
		assoc_released(client->assoc);
	client_send(client, &record);
}

/* why_full - tell which bound a peer has reached, or NULL */
static const char *
why_full(const struct qmgr *qmgr, const struct link *link)
{
	/* The first one is always granted, whatever else is open. */
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

	/* There is somebody to end, so the new one can be let in. */
	return why != NULL && silent_longest(qmgr, link, now) != NULL ? NULL
								      : why;
}

/* callers_enter - count a caller of a link */
void
callers_enter(struct client *client, struct link *link, uint64_t now)
{
	struct qmgr *qmgr = client->qmgr;
	struct client *silent = NULL;

	/* A worker that asks once more has lost what it asked for before. */
	callers_leave(client);
	if (why_full(qmgr, link) != NULL)
		silent = silent_longest(qmgr, link, now);
	/* Ended here and not when the caller was judged: between the two it may
	 * have said something. */
	if (silent != NULL)
		end(silent);
	client->calls_for = link;
	client->heard = now;
	if (link->callers++ > 0)
		qmgr->callers_extra++;
}

/* callers_end - have the associations end that bring us mail */
void
callers_end(struct qmgr *qmgr)
{
	struct client *client;

	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (client->calls_for != NULL && client->bound &&
		    !client->two_way && !client->recovered)
			end(client);
}
