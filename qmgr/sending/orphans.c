/* SPDX-License-Identifier: ISC */
/*
 * orphans.c - jobs of a worker that lives on without us
 */
#include "qmgr/sending/orphans.h"

#include "base/clock.h"
#include "client/limits.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/sending/dispatch_job.h"

/* lives_on - tell whether the worker of an association is still there: we have
 * closed the connection, and master has not said that it ended */
static bool
lives_on(const struct client *client)
{
	return !client->other_closed && !client->qmgr->stopping &&
	    workers_find(&client->qmgr->workers, client->pid) != NULL;
}

/* orphans_adopt - keep the jobs of an association whose connection is gone */
void
orphans_adopt(struct assoc *assoc)
{
	const struct client *client = assoc->client;
	struct qmgr *qmgr = client->qmgr;
	bool lives = lives_on(client);
	struct job *job;

	while ((job = TAILQ_FIRST(&assoc->jobs)) != NULL) {
		if (!lives) {
			dispatch_return(qmgr, job);
			continue;
		}
		dispatch_detach(job);
		job->orphan_of = client->pid;
		job->orphan_until = clock_after(LIMITS_PREDECESSOR);
		TAILQ_INSERT_TAIL(&qmgr->orphans, job, entry);
	}
}

/* return_orphan - make the message of an orphan ready again */
static void
return_orphan(struct qmgr *qmgr, struct job *job)
{
	TAILQ_REMOVE(&qmgr->orphans, job, entry);
	dispatch_return(qmgr, job);
}

/* orphans_ended - make the jobs of a worker ready again */
void
orphans_ended(struct qmgr *qmgr, int64_t pid)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(&qmgr->orphans); job != NULL; job = next) {
		next = TAILQ_NEXT(job, entry);
		if (job->orphan_of == pid)
			return_orphan(qmgr, job);
	}
}

/* orphans_tick - make those ready again that were kept long enough */
void
orphans_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	struct job *job;

	while ((job = TAILQ_FIRST(&qmgr->orphans)) != NULL &&
	    job->orphan_until <= now)
		return_orphan(qmgr, job);
}

/* orphans_fini - free the jobs */
void
orphans_fini(struct qmgr *qmgr)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&qmgr->orphans)) != NULL)
		return_orphan(qmgr, job);
}
