/* SPDX-License-Identifier: ISC */
/*
 * dispatch_job.c - the life of a job
 *
 * See dispatch_job.h.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "qmgr/engine/client.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/fates.h"

/* dispatch_claim - make a message active */
struct job *
dispatch_claim(
    struct qmgr *qmgr, struct link *link, const struct store_message *message)
{
	struct job *job;

	/* A message has one job at the most: an administrator's request, a
	 * background move and a worker must never hold it at once. */
	if (table_find(&qmgr->active, message->id) != NULL)
		return NULL;
	/* Identifier and names lie behind the job, in one allocation: events
	 * about the message need them long after its record was read. */
	job =
	    malloc(sizeof(*job) + message->mts_id.len + 1 + message->names.len);
	if (job == NULL)
		return NULL;
	/* Wall-clock time, since only the difference to the arrival on disk is
	 * logged. */
	*job = (struct job){
	    .id = ++qmgr->next_job,
	    .message = message->id,
	    .link = link,
	    .kind = message->kind,
	    .priority = message->priority,
	    .from_link = message->from_link,
	    .recipients = message->recipients,
	    .content_id = message->content_id,
	    .envelope_length = message->envelope_length,
	    .content_length = message->content_length,
	    .arrival = message->arrival,
	    .dispatched = clock_wall(),
	};
	if (message->mts_id.len > 0)
		memcpy(job->mts_id, message->mts_id.data, message->mts_id.len);
	job->mts_id[message->mts_id.len] = '\0';
	job->names =
	    slice_of(job->mts_id + message->mts_id.len + 1, message->names.len);
	if (message->names.len > 0)
		memcpy(job->mts_id + message->mts_id.len + 1,
		    message->names.data, message->names.len);
	table_add(&qmgr->active, &job->active, message->id);
	link->active++;
	link->active_urgent += job->priority == STORE_URGENT;
	return job;
}

/* dispatch_detach - take a job from its worker, which is done with it; it
 * stays active */
void
dispatch_detach(struct job *job)
{
	/* The association's end already took it, or no worker ever had it. */
	if (job->assoc == NULL)
		return;
	TAILQ_REMOVE(&job->assoc->jobs, job, entry);
	job->assoc->job_count--;
	/* The idle time of an association begins with the end of its last job,
	 * not with its last record. */
	job->assoc->idle_since = clock_monotonic();
	job->assoc = NULL;
}

/* dispatch_release - end a job: its message is active no more */
void
dispatch_release(struct qmgr *qmgr, struct job *job)
{
	dispatch_detach(job);
	table_remove(&qmgr->active, &job->active);
	job->link->active--;
	job->link->active_urgent -= job->priority == STORE_URGENT;
	free(job->plan);
	if (job->fates != NULL)
		fates_fini(job->fates);
	free(job->fates);
	free(job);
}

/* dispatch_return - end a job of which nothing was sent: its message is ready
 * again */
void
dispatch_return(struct qmgr *qmgr, struct job *job)
{
	struct link *link = job->link;

	/* Put back before the job is released: releasing frees what is read
	 * here. */
	ready_again(link, job->priority, job->message);
	dispatch_release(qmgr, job);
	/* The link may have an association with room at this moment, and
	 * nothing else would make it look. */
	link_touch(qmgr, link);
}

/* dispatch_find - find the job of this number at a worker, or NULL */
struct job *
dispatch_find(const struct assoc *assoc, uint64_t id)
{
	struct job *job;

	TAILQ_FOREACH(job, &assoc->jobs, entry)
		if (job->id == id)
			return job;
	return NULL;
}

/* dispatch_cancel - tell the worker to leave it */
void
dispatch_cancel(struct job *job)
{
	struct ipc_record record = {
	    .type = IPC_CANCEL, .cancel = {.job = job->id}};

	/* No worker has it; whoever holds it ends by itself. */
	if (job->assoc != NULL)
		client_send(job->assoc->client, &record);
}
