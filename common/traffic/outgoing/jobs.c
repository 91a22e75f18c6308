/* SPDX-License-Identifier: ISC */
/*
 * jobs.c - what qmgr wants sent
 *
 * A ring of the batch's jobs, done in order.  Bodies beyond what came with
 * the job are asked for ahead, so that a large content streams through
 * AHEAD_MAX octets of memory.
 */
#include "client/limits.h"
#include "traffic/engine/traffic.h"

#define AHEAD_MAX     LIMITS_AHEAD /* octets asked for and not used */
#define BODY_MAX      (AHEAD_MAX + IPC_RECORD_MAX)
#define OUTCOME_LIMIT LIMITS_SEND /* ms for qmgr to take an outcome */

/* body_length - octets of the whole body of a job */
static uint64_t
body_length(const struct outgoing_job *job)
{
	return job->envelope_length + job->content_length;
}

/* jobs_at - number i of those that wait, or the place behind the last */
struct outgoing_job *
jobs_at(struct traffic *traffic, size_t i)
{
	return &traffic->out.jobs[(traffic->out.job_first + i) % JOBS_MAX];
}

/* find - the job of that number, or NULL */
static struct outgoing_job *
find(struct traffic *traffic, uint64_t number)
{
	for (size_t i = 0; i < traffic->out.job_count; i++) {
		struct outgoing_job *job = jobs_at(traffic, i);

		if (job->job == number)
			return job;
	}
	return NULL;
}

/* add_old - keep the name by which an earlier try of the job was sent, if there
 * was one that an association of ours can ask for */
static void
add_old(struct outgoing_job *job, const struct ipc_job *from)
{
	if (from->old.activity <= UINT32_MAX)
		job->old = from->old;
}

/* add - a job that qmgr has sent */
static int
add(struct traffic *traffic, const struct ipc_job *from, struct diag *diag)
{
	struct outgoing_job *job;
	int error;

	if (traffic->out.job_count == JOBS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than a batch of jobs");
	if (from->envelope_length > UINT64_MAX - from->content_length ||
	    from->body.len > from->envelope_length + from->content_length)
		return diag_set(diag, ERR_VALUE, "job with impossible lengths");
	job = jobs_at(traffic, traffic->out.job_count);
	*job = (struct outgoing_job){.job = from->job,
	    .message = from->message,
	    .kind = from->kind,
	    .priority = from->priority,
	    .envelope_length = from->envelope_length,
	    .content_length = from->content_length,
	    .activity = from->activity,
	    .body_come = from->body.len,
	    .body_asked = from->body.len};
	buffer_init(&job->body, BODY_MAX);
	error = buffer_append(&job->body, from->body.data, from->body.len);
	if (error != 0) {
		buffer_fini(&job->body);
		return diag_set(diag, error, "job too large");
	}
	add_old(job, from);
	/* One too long is none of ours. */
	if (from->note.len > 0 && from->note.len < sizeof(job->note))
		memcpy(job->note, from->note.data, from->note.len);
	traffic->out.job_count++;
	return 0;
}

/* add_body - a piece of a job's body */
static int
add_body(
    struct traffic *traffic, const struct ipc_body *from, struct diag *diag)
{
	struct outgoing_job *job = find(traffic, from->job);
	int error;

	if (job == NULL)
		return 0; /* it was asked for a job that has ended since */
	if (from->data.len <= job->body_stale && from->data.len > 0) {
		job->body_stale -= from->data.len;
		return 0;
	}
	if (job->body_stale != 0 || from->offset != job->body_come ||
	    from->data.len > job->body_asked - job->body_come ||
	    from->data.len == 0)
		return diag_set(diag, ERR_VALUE, "a piece that was not asked");
	error = buffer_append(&job->body, from->data.data, from->data.len);
	if (error != 0)
		return diag_set(diag, error, "body");
	job->body_come += from->data.len;
	return 0;
}

/* jobs_take - one record of qmgr's */
int
jobs_take(
    struct traffic *traffic, const struct ipc_record *record, struct diag *diag)
{
	struct outgoing_job *job;

	if (record->type == IPC_JOB)
		return add(traffic, &record->job, diag);
	if (record->type == IPC_BODY)
		return add_body(traffic, &record->body, diag);
	if (record->type == IPC_CANCEL) {
		job = find(traffic, record->cancel.job);
		if (job != NULL)
			job->cancelled = true;
		return 0;
	}
	return 0;
}

/* jobs_first - the job to do next, or NULL */
struct outgoing_job *
jobs_first(struct traffic *traffic)
{
	return traffic->out.job_count > 0 ? jobs_at(traffic, 0) : NULL;
}

/* drop - the first job is done with */
static void
drop(struct traffic *traffic)
{
	buffer_fini(&traffic->out.jobs[traffic->out.job_first].body);
	traffic->out.job_first = (traffic->out.job_first + 1) % JOBS_MAX;
	traffic->out.job_count--;
}

/* ask_ahead - request what of the body fits into memory */
static int
ask_ahead(struct traffic *traffic, struct outgoing_job *job)
{
	uint64_t whole = body_length(job);

	while (job->body_asked < whole &&
	    job->body_asked - job->body_come + buffer_length(&job->body) +
		    IPC_PIECE_MAX <=
		AHEAD_MAX) {
		uint64_t left = whole - job->body_asked;
		struct ipc_record record = {.type = IPC_BODY_REQUEST,
		    .body_request = {.job = job->job,
			.offset = job->body_asked,
			.length = left < IPC_PIECE_MAX ? (uint32_t)left
						       : IPC_PIECE_MAX}};
		int error = ipc_channel_send(&traffic->qmgr, &record);

		if (error != 0)
			return error;
		job->body_asked += record.body_request.length;
	}
	return ipc_channel_flush(&traffic->qmgr);
}

/* jobs_body - wait for more of the first job's body */
int
jobs_body(struct traffic *traffic, uint64_t deadline)
{
	struct outgoing_job *job = jobs_first(traffic);

	for (;;) {
		struct pollfd none = {.fd = -1};
		int error;

		if (!traffic->qmgr_gone && ask_ahead(traffic, job) != 0)
			traffic_qmgr_gone(traffic);
		if (traffic->qmgr_gone)
			return ERR_CLOSED;
		if (job->cancelled)
			return ERR_CANCELLED;
		if (buffer_length(&job->body) > 0)
			return 0;
		error = traffic_wait(traffic, &none, deadline);
		if (error != 0 && error != ERR_CANCELLED)
			return error;
	}
}

/*
 * jobs_seek - the next octets of the first job's body are those at offset
 *
 * What was asked for before and has not come yet is passed over when it does.
 */
void
jobs_seek(struct traffic *traffic, uint64_t offset)
{
	struct outgoing_job *job = jobs_first(traffic);

	if (offset == job->body_come - buffer_length(&job->body))
		return;
	job->body_stale += job->body_asked - job->body_come;
	job->body_come = offset;
	job->body_asked = offset;
	buffer_reset(&job->body);
}

/* report - one outcome, written before the next wait */
static void
report(struct traffic *traffic, const struct ipc_outcome *outcome)
{
	const struct ipc_record record = {
	    .type = IPC_OUTCOME, .outcome = *outcome};
	int error;

	if (traffic->qmgr_gone)
		return;
	error = ipc_channel_send(&traffic->qmgr, &record);
	if (error == ERR_LIMIT)
		error = worker_send(&traffic->worker, &traffic->qmgr, &record,
		    clock_after(OUTCOME_LIMIT));
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		traffic_qmgr_gone(traffic);
}

/* is_doubtful - whether the peer may have what it did not confirm, all or the
 * beginning of it: it was not its word that ended the association, or that
 * word was that it goes on later */
static bool
is_doubtful(const struct traffic *traffic, enum ipc_result result)
{
	const struct association *association = &traffic->association;

	if (result == IPC_INTERRUPTED)
		return !recover_unknown(traffic);
	return traffic->out.begun && association->phase == ASSOCIATION_OVER &&
	    association->failure.end != ASSOCIATION_ABORTED_BY_PEER;
}

/* confirmed - octets that the peer has of the first job: all, or as far as it
 * can be resumed */
static uint64_t
confirmed(const struct traffic *traffic, enum ipc_result result)
{
	const struct outgoing *out = &traffic->out;
	uint64_t offset = traffic->association.confirmed_offset;

	if (result == IPC_TRANSFERRED)
		return body_length(&out->jobs[out->job_first]);
	if (result == IPC_UNSTARTED || !out->begun ||
	    traffic->link->recovery_timeout == 0)
		return 0;
	return offset > out->recovery.furthest ? offset
					       : out->recovery.furthest;
}

/* jobs_outcome - report on the first job and drop it */
void
jobs_outcome(struct traffic *traffic, enum ipc_result result, const char *text,
    uint64_t transfer_delay)
{
	const struct outgoing_job *job = jobs_first(traffic);

	report(traffic,
	    &(struct ipc_outcome){.job = job->job,
		.result = result,
		.diagnostic = -1,
		.text = slice_of_string(text),
		.doubtful = is_doubtful(traffic, result),
		.octets = confirmed(traffic, result),
		.association_delay = traffic->out.open_delay,
		.transfer_delay = transfer_delay});
	if (result == IPC_TRANSFERRED)
		taken_keep(traffic);
	traffic->out.open_delay = 0; /* what came next did not wait for it */
	drop(traffic);
}

/* jobs_leave - those before the first that is wanted still go back */
void
jobs_leave(struct traffic *traffic)
{
	while (jobs_first(traffic) != NULL && jobs_first(traffic)->cancelled)
		jobs_outcome(traffic, IPC_UNSTARTED, "cancelled", 0);
}

/* jobs_return - all that were not begun go back untouched */
void
jobs_return(struct traffic *traffic, const char *text)
{
	while (jobs_first(traffic) != NULL)
		jobs_outcome(traffic, IPC_UNSTARTED, text, 0);
}
