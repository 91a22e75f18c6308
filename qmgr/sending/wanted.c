/* SPDX-License-Identifier: ISC */
/*
 * wanted.c - what the program behind an app asks for
 */
#include "qmgr/sending/wanted.h"

#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/dispatch.h"
#include "store/store.h"

/* may_claim - tell whether a message that nobody has was given out before */
static enum ipc_claim
may_claim(const struct assoc *assoc, uint64_t id)
{
	struct qmgr *qmgr = assoc->client->qmgr;
	struct store_delivery note;
	struct store_message message;

	if (job_of(&qmgr->active, id) != NULL)
		return IPC_CLAIM_ELSEWHERE;
	arena_reset(&qmgr->arena);
	if (store_message_get(
		qmgr->store, id, STORE_BRIEF, &qmgr->arena, &message) != 0 ||
	    message.link != assoc->link->number || message.state != STORE_READY)
		return IPC_CLAIM_UNKNOWN;
	/* An answer for what was never given is no answer. */
	return store_delivery_get(qmgr->store, id, &qmgr->arena, &note) == 0
	    ? IPC_CLAIM_GIVEN
	    : IPC_CLAIM_ELSEWHERE;
}

/* take_claim - give an app a message that its program answers for */
static void
take_claim(struct assoc *assoc, uint64_t id)
{
	struct ipc_record record = {
	    .type = IPC_JOB_CLAIM, .job_claim = {.message = id}};
	uint64_t given = assoc->given;

	record.job_claim.result = may_claim(assoc, id);
	/* A claim is one more job than was asked for. */
	assoc->wanted++;
	if (record.job_claim.result == IPC_CLAIM_GIVEN &&
	    assoc->state == ASSOC_BOUND && assoc->job_count < ASSOC_JOBS_MAX)
		dispatch_resumption(assoc, id);
	if (assoc->given == given) {
		assoc->wanted--;
		if (record.job_claim.result == IPC_CLAIM_GIVEN)
			record.job_claim.result = IPC_CLAIM_ELSEWHERE;
	}
	client_send(assoc->client, &record);
}

/* wanted_take - take what an app wants */
int
wanted_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct assoc *assoc = client->assoc;

	if (assoc == NULL || !assoc->asks)
		return diag_set(diag, ERR_STATE, "no association");
	if (record->type == IPC_JOB_CLAIM) {
		take_claim(assoc, record->job_claim.message);
		return 0;
	}
	assoc->wanted = record->wanted.jobs;
	assoc->wanted_number = record->wanted.number;
	assoc->unanswered = true;
	link_touch(client->qmgr, assoc->link);
	return 0;
}

/* wanted_answer - answer the apps of a link that have been given what there
 * is */
void
wanted_answer(struct qmgr *qmgr, struct link *link)
{
	uint64_t waiting = ready_waiting(qmgr, link);
	struct assoc *assoc;

	TAILQ_FOREACH(assoc, &link->assocs, entry) {
		const struct ipc_record record = {.type = IPC_WANTED,
		    .wanted = {.number = assoc->wanted_number,
			.jobs = assoc->given,
			.waiting = waiting}};

		/* A worker that does not read is asked again when it has. */
		if (!assoc->unanswered || !dispatch_reads(assoc))
			continue;
		assoc->unanswered = false;
		client_send(assoc->client, &record);
	}
}
