/* SPDX-License-Identifier: ISC */
/*
 * sending.c - what workers say of jobs, and what associations want of them
 */
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/link.h"
#include "qmgr/sending/sending.h"

#include "qmgr/engine/client.h"
#include "qmgr/links/job.h"
#include "qmgr/links/schedule.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/body.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/orphans.h"
#include "qmgr/sending/outcome.h"
#include "store/store.h"

/* take_note - keep what a worker wants its successor to know */
static int
take_note(struct client *client, const struct ipc_delivery_note *note,
    struct diag *diag)
{
	struct job *job = dispatch_find(client->assoc, note->job);

	if (job == NULL)
		return diag_set(diag, ERR_NOTFOUND, "note on no job");
	/* The note is a file name, bounded here because it is stored as a key's
	 * value. */
	if (note->note.len == 0 || note->note.len > STORE_FILE_NAME_MAX)
		return diag_set(diag, ERR_LIMIT, "delivery note of %zu octets",
		    note->note.len);
	return outcome_note(client, job, note->note);
}

/* sending_take - take what a worker says of a job */
int
sending_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	if (client->assoc == NULL)
		return diag_set(diag, ERR_STATE, "no association");
	/* The switch works on int, because record types beyond this room's
	 * would make the compiler ask for each of them. */
	switch ((int)record->type) {
	case IPC_OUTCOME:
		return outcome_take(client->assoc, &record->outcome, diag);
	case IPC_BODY_REQUEST:
		return body_send(client->assoc, &record->body_request, diag);
	case IPC_DELIVERY_NOTE:
		return take_note(client, &record->delivery_note, diag);
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected record");
	}
}

/* sending_recovered - take up an association that the peer has recovered */
int
sending_recovered(struct client *client, const struct ipc_link_event *event,
    struct diag *diag)
{
	struct session_references references;
	uint64_t message = 0;
	int rc;

	/* The association of a peer that recovers is used in our direction
	 * once, for what was cut when the old one ended. */
	if (store_session_references(
		client->qmgr->store, client->recovers, &references) == 0)
		message = batch_under_way(
		    client->qmgr, client->link->number, &references);
	/* A peer that calls is there: whatever waits for the link may be
	 * tried. */
	schedule_event(client->qmgr, client->link, LINK_EV_CALLED);
	if (message == 0)
		return 0;
	rc = assoc_incoming(client, event, diag);
	if (rc < 0 || client->assoc->state != ASSOC_BOUND)
		return rc;
	/* Only this message: afterwards the association retires and ordinary
	 * mail opens one by the link's own rules. */
	dispatch_resumption(client->assoc, message);
	(void)assoc_change(client->assoc, ASSOC_EV_RETIRE);
	assoc_settled(client->assoc);
	return 0;
}

/* cancel_jobs - tell the worker of an association to leave its jobs */
static void
cancel_jobs(struct assoc *assoc)
{
	struct job *job;

	TAILQ_FOREACH(job, &assoc->jobs, entry)
		dispatch_cancel(job);
}

/* return_jobs - take back the jobs of an association that is gone */
static void
return_jobs(struct assoc *assoc)
{
	orphans_adopt(assoc);
	/* After the jobs: returning one looks at the connection's names. */
	batch_unbound(assoc);
}

const struct assoc_jobs sending_jobs = {
    .bound = batch_bound, .cancel = cancel_jobs, .lost = return_jobs};
