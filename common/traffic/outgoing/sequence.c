/* SPDX-License-Identifier: ISC */
/*
 * sequence.c - the names under which qmgr has noted what is sent
 */
#include "traffic/outgoing/sequence.h"

#include "traffic/outgoing/jobs.h"

/* is_noted - tell whether qmgr has noted the first job's next activity */
static bool
is_noted(const struct traffic *traffic, const struct outgoing_job *job)
{
	const struct association *association = &traffic->association;

	/* A resumed transfer keeps the name by which it is resumed; only when
	 * it begins again from its start it needs a new one. */
	if (job->activity == 0 || traffic->out.recovery.resuming)
		return true;
	/* The number that the association would use next must be the one that
	 * qmgr noted, or asking for it later would name another message. */
	return job->old.activity == 0 &&
	    job->activity == association->activity_sent + 1 &&
	    session_references_equal(
		&traffic->out.noted, &association->references);
}

/* sequence_taken - take qmgr's word that it has noted the names */
int
sequence_taken(struct traffic *traffic, const struct ipc_sequence *sequence,
    struct diag *diag)
{
	struct outgoing *out = &traffic->out;

	if (out->sequencing == 0 || sequence->job != out->sequencing)
		return diag_set(diag, ERR_PROTOCOL, "names not asked for");
	/* Jobs that came meanwhile were numbered after the ones before them,
	 * so all that wait can be numbered here. */
	for (size_t i = 0; i < out->queue.count; i++)
		jobs_at(traffic, i)->activity = sequence->name.activity + i;
	/* The job begins again under the new name; the old one asked for what
	 * the peer does not have. */
	jobs_first(traffic)->old.activity = 0;
	out->noted = traffic->association.references;
	out->sequencing = 0;
	return 0;
}

/* ask_names - ask qmgr to note the names from the first job on */
static int
ask_names(struct traffic *traffic, const struct outgoing_job *job)
{
	const struct association *association = &traffic->association;

	traffic->out.sequencing = job->client.number;
	return worker_send(&traffic->worker, &traffic->qmgr,
	    &(struct ipc_record){.type = IPC_SEQUENCE,
		.sequence = {.job = job->client.number,
		    .name = {association->references,
			association->activity_sent + 1}}},
	    clock_after(LIMITS_SEND));
}

/* sequence_ready - have qmgr know the name of the first job's transfer */
int
sequence_ready(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	uint64_t deadline = clock_after(LIMITS_SEND);
	int error;

	if (is_noted(traffic, job))
		return 0;
	/* Once per reopened association at most: qmgr then numbers all jobs
	 * that wait. */
	error = ask_names(traffic, job);
	if (error != 0)
		return error;
	while (traffic->out.sequencing != 0) {
		struct pollfd none = {.fd = -1};

		if (traffic->qmgr_gone)
			return ERR_CLOSED;
		/* Nothing was sent yet, so the job goes back unstarted. */
		if (traffic->worker.stopping)
			return ERR_CANCELLED;
		/* A job that is cancelled meanwhile still waits: the answer
		 * must not be taken for that to another job. */
		error = traffic_wait(traffic, &none, deadline);
		if (error != 0 && error != ERR_CANCELLED)
			return error;
	}
	return job->client.cancelled ? ERR_CANCELLED : 0;
}
