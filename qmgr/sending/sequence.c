/* SPDX-License-Identifier: ISC */
/*
 * sequence.c - a worker says by which names its jobs go from here on
 */
#include "qmgr/links/assoc.h"
#include "qmgr/links/job.h"
#include "qmgr/sending/batch.h"
#include "qmgr/sending/batch_name.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/sequence.h"

_Static_assert(ASSOC_JOBS_MAX <= STORE_BATCH_MAX, "one batch for all jobs");

/*
 * check_sequence - check that the number makes sense
 *
 * One that a job before this has on the same session connection would name
 * two messages.
 */
static int
check_sequence(
    const struct job *job, uint64_t activity, bool same, struct diag *diag)
{
	const struct job *before = job;

	/* Bounded so that adding the places of a batch never overflows, and 0
	 * is no activity number (X.228 counts from 1). */
	if (activity == 0 || activity > INT64_MAX - STORE_BATCH_MAX)
		return diag_set(diag, ERR_VALUE, "sequence from activity %llu",
		    (unsigned long long)activity);
	/* Only on the same session connection: a new one counts from its own
	 * beginning. */
	while (same && (before = TAILQ_PREV(before, job_list, entry)) != NULL)
		if (before->activity >= activity)
			return diag_set(diag, ERR_VALUE,
			    "sequence from activity %llu, but job %llu has it",
			    (unsigned long long)activity,
			    (unsigned long long)before->id);
	return 0;
}

/* renumber_jobs - give a job and those after it other numbers, and go on with
 * these */
static int
renumber_jobs(struct assoc *assoc, struct job *job, uint64_t activity,
    struct connection *connection)
{
	struct batch *batch = batch_new(assoc->client, connection, activity);

	if (batch == NULL)
		return ERR_NOMEM;
	/* The worker waits for the answer that carries this job number. */
	batch->sequence_job = job->id;
	batch_name_add(batch, job);
	job->activity = activity++;
	/* Whether those that have earlier names were completed by them the
	 * worker may not know, nor even that it has them. */
	while ((job = TAILQ_NEXT(job, entry)) != NULL) {
		batch_name_add(batch, job->asked ? NULL : job);
		job->activity = activity++;
	}
	/* The association moves to the new session connection only with the
	 * names that go with it. */
	batch_bind(assoc, connection);
	assoc->next_activity = activity;
	assoc->batch = batch;
	return 0;
}

/* sequence_take - take the sequence of a worker */
int
sequence_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	const struct ipc_sequence *sequence = &record->sequence;
	struct assoc *assoc = client->assoc;
	struct connection *connection;
	struct job *job;
	int rc;

	if (assoc == NULL)
		return diag_set(diag, ERR_STATE, "no association");
	job = dispatch_find(assoc, sequence->job);
	if (job == NULL)
		return diag_set(diag, ERR_NOTFOUND, "sequence from no job");
	/* References first: if they belong to another association nothing may
	 * have been changed. */
	rc =
	    batch_connect(assoc, &sequence->name.references, &connection, diag);
	if (rc < 0)
		return rc;
	rc = check_sequence(job, sequence->name.activity,
	    connection == assoc->connection, diag);
	if (rc == 0)
		rc = renumber_jobs(
		    assoc, job, sequence->name.activity, connection);
	/* batch_connect counted a user for the time of this call; the
	 * association has its own count now. */
	connection_leave(client->qmgr, connection);
	return rc;
}
