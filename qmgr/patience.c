/* SPDX-License-Identifier: ISC */
/*
 * patience.c - how long a turn waits for more before it is committed
 */
#include "qmgr/patience.h"

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/receiving/submit.h"

#define PART 8 /* of what a commit costs */

/* has_ended - tell whether a client waits for the answer to all that it
 * submitted */
static bool
has_ended(const struct client *client)
{
	const struct submit *submit;

	TAILQ_FOREACH(submit, &client->submits, entry)
		if (submit->state != SUBMIT_ENDED)
			return false;
	return !TAILQ_EMPTY(&client->submits);
}

/* may_send - tell whether something for the turn may come from a client: the
 * outcome of a job, or a message of a peer that has an association open */
static bool
may_send(const struct client *client)
{
	if (!client->greeted || client->closing)
		return false;
	if (client->assoc != NULL && client->assoc->job_count > 0)
		return true;
	return client->bound && !has_ended(client);
}

/* patience_left - tell for how long what waits may go on waiting */
unsigned
patience_left(const struct qmgr *qmgr)
{
	unsigned company = commit_patience(qmgr);
	uint64_t whole = qmgr->commit.cost / PART / 1000; /* ms */
	const struct client *client;
	uint64_t waited;

	if (company > 0 || whole == 0 || qmgr->commit.company == 0 ||
	    !commit_pending(qmgr) || qmgr->stopping)
		return company;
	waited = clock_monotonic() - qmgr->commit.since;
	if (waited >= whole)
		return 0;
	TAILQ_FOREACH(client, &qmgr->clients, entry)
		if (may_send(client))
			return (unsigned)(whole - waited);
	return 0;
}
