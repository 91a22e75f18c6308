/* SPDX-License-Identifier: ISC */
/*
 * assoc_retire.c - the end of an association that qmgr needs no more
 *
 * See assoc_retire.h.
 */
#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/link.h"

/* Which associations of a link retire. */
enum retired {
	RETIRED_ALL,
	RETIRED_OURS /* those that we opened */
};

/*
 * assoc_settled - release an association that retires, once its jobs are done
 *
 * Not before their outcomes are committed: the peer forgets what it took
 * when it is released, and we must not need its memory any more.
 */
void
assoc_settled(struct assoc *assoc)
{
	struct ipc_record record = {.type = IPC_RETIRE};

	/* The worker is told only when its last job has been answered, since
	 * RETIRE means that nothing follows. */
	if (assoc->job_count > 0 || assoc->finishing > 0 ||
	    !assoc_change(assoc, ASSOC_EV_TOLD))
		return;
	client_send(assoc->client, &record);
}

/* assoc_retire - have an association finish, and its worker exit */
void
assoc_retire(struct assoc *assoc)
{
	enum assoc_state before = assoc->state;

	/* A worker that retires, or whose association has ended, exits. */
	if (!assoc_change(assoc, ASSOC_EV_RETIRE) || assoc->state == before)
		return;
	if (!assoc_retires(assoc)) {
		client_close(assoc->client, "not needed any more");
		return;
	}
	/* Jobs that are not begun go back to the queue, for another
	 * association. */
	assoc->client->qmgr->jobs->cancel(assoc);
	assoc_settled(assoc);
}

/* retire_assocs - retire the associations of a link: those that we opened, or
 * all */
static void
retire_assocs(struct link *link, enum retired retired)
{
	struct assoc *assoc, *next;

	for (assoc = TAILQ_FIRST(&link->assocs); assoc != NULL; assoc = next) {
		/* The list changes as associations are closed. */
		next = TAILQ_NEXT(assoc, entry);
		if (retired == RETIRED_ALL || !assoc->incoming)
			assoc_retire(assoc);
	}
}

/* assoc_retire_all - retire all associations of a link */
void
assoc_retire_all(struct link *link)
{
	retire_assocs(link, RETIRED_ALL);
}

/* assoc_retire_ours - retire the associations of a link that we opened */
void
assoc_retire_ours(struct link *link)
{
	retire_assocs(link, RETIRED_OURS);
}

/* assoc_tick - look at the deadlines and the idle associations of a link */
void
assoc_tick(struct qmgr *qmgr, struct link *link, uint64_t now)
{
	struct assoc *assoc, *next;

	(void)qmgr;
	for (assoc = TAILQ_FIRST(&link->assocs); assoc != NULL; assoc = next) {
		next = TAILQ_NEXT(assoc, entry);
		/* Each state has its own deadline, since a worker that hangs
		 * says nothing. */
		if (assoc->state == ASSOC_STARTING &&
		    now - assoc->started > ASSOC_HELLO_TIME)
			client_close(
			    assoc->client, "the worker does not answer");
		else if (assoc->state == ASSOC_OPENING &&
		    now - assoc->started > ASSOC_OPEN_TIME)
			client_close(assoc->client, "the worker does not open");
		else if (assoc->state == ASSOC_RECOVERING &&
		    now - assoc->started >
			link->policy.recovery_timeout + ASSOC_OPEN_TIME)
			client_close(
			    assoc->client, "the worker does not recover");
		else if (assoc->state == ASSOC_BOUND && !assoc->incoming &&
		    assoc->job_count == 0 && assoc->finishing == 0 &&
		    assoc->client->submit_count == 0 &&
		    now - assoc->idle_since >=
			link->policy.association_lifetime)
			assoc_retire(assoc);
	}
}
