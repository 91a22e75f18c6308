/* SPDX-License-Identifier: ISC */
/*
 * sequence.c - the names under which qmgr has noted what is sent
 *
 * qmgr notes, before it hands a job out, which activity of which session
 * connection will carry it, so that after our death the peer can be asked
 * whether it was completed.  It counts on the jobs being done in order, each
 * by one activity.  Where that is not so any more, because a job was left out
 * or the association is another one, qmgr is told before anything is sent.
 */
#include "traffic/engine/traffic.h"

#define NOTE_TIMEOUT 60000 /* ms for qmgr to commit it */

/* is_noted - whether the first job's next activity is the one that is noted */
static bool
is_noted(const struct traffic *traffic, const struct outgoing_job *job)
{
	const struct association *association = &traffic->association;

	/* One that is asked for by its old name keeps that, and has no other;
	 * begun anew it needs one. */
	if (job->activity == 0 || traffic->out.recovery.resuming)
		return true;
	return job->old.activity == 0 &&
	    job->activity == association->activity_sent + 1 &&
	    session_references_equal(
		&traffic->out.noted, &association->references);
}

/* sequence_taken - qmgr has noted the names from a job on */
int
sequence_taken(struct traffic *traffic, const struct ipc_sequence *sequence,
    struct diag *diag)
{
	struct outgoing *out = &traffic->out;

	if (out->sequencing == 0 || sequence->job != out->sequencing)
		return diag_set(diag, ERR_PROTOCOL, "names not asked for");
	/* Those that came meanwhile were numbered after these. */
	for (size_t i = 0; i < out->job_count; i++)
		jobs_at(traffic, i)->activity = sequence->name.activity + i;
	jobs_at(traffic, 0)->old.activity = 0; /* its name is this one now */
	out->noted = traffic->association.references;
	out->sequencing = 0;
	return 0;
}

/* ask - qmgr to note the names from the first job on */
static int
ask(struct traffic *traffic, const struct outgoing_job *job)
{
	const struct association *association = &traffic->association;

	traffic->out.sequencing = job->job;
	return worker_send(&traffic->worker, &traffic->qmgr,
	    &(struct ipc_record){.type = IPC_SEQUENCE,
		.sequence = {.job = job->job,
		    .name = {.activity = association->activity_sent + 1,
			.references = association->references}}},
	    clock_after(NOTE_TIMEOUT));
}

/* sequence_ready - have qmgr know the name of the first job's transfer */
int
sequence_ready(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	uint64_t deadline = clock_after(NOTE_TIMEOUT);
	int error;

	if (is_noted(traffic, job))
		return 0;
	error = ask(traffic, job);
	if (error != 0 && error != ERR_CANCELLED)
		return error;
	while (traffic->out.sequencing != 0) {
		struct pollfd none = {.fd = -1};

		if (traffic->qmgr_gone)
			return ERR_CLOSED;
		if (traffic->worker.stopping)
			return ERR_CANCELLED;
		/* Cancelled, too: the answer must not be taken for another. */
		error = traffic_wait(traffic, &none, deadline);
		if (error != 0 && error != ERR_CANCELLED)
			return error;
	}
	return job->cancelled ? ERR_CANCELLED : 0;
}
