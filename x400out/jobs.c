/* SPDX-License-Identifier: ISC */
/*
 * jobs.c - what qmgr wants of an outgoing association
 *
 * A ring of the batch's jobs, done in order.  Bodies beyond what came with
 * the job are asked for ahead, so that a large content streams through
 * AHEAD_MAX octets of memory.
 */
#include <stdlib.h>

#include "base/log.h"
#include "x400out/outbound.h"

#define AHEAD_MAX     (4 * IPC_PIECE_MAX) /* octets asked for and not used */
#define BODY_MAX      (AHEAD_MAX + IPC_RECORD_MAX)
#define OUTCOME_LIMIT 60000 /* ms for qmgr to take an outcome */

/* body_length - octets of the whole body of a job */
static uint64_t
body_length(const struct outbound_job *job)
{
	return job->envelope_length + job->content_length;
}

/* find - the job of that number, or NULL */
static struct outbound_job *
find(struct outbound *outbound, uint64_t number)
{
	for (size_t i = 0; i < outbound->job_count; i++) {
		struct outbound_job *job =
		    &outbound->jobs[(outbound->job_first + i) % JOBS_MAX];

		if (job->job == number)
			return job;
	}
	return NULL;
}

/* add - a job that qmgr has sent */
static int
add(struct outbound *outbound, const struct ipc_job *from, struct diag *diag)
{
	struct outbound_job *job;
	int error;

	if (outbound->job_count == JOBS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than a batch of jobs");
	if (from->envelope_length > UINT64_MAX - from->content_length ||
	    from->body.len > from->envelope_length + from->content_length)
		return diag_set(diag, ERR_VALUE, "job with impossible lengths");
	job =
	    &outbound
		 ->jobs[(outbound->job_first + outbound->job_count) % JOBS_MAX];
	*job = (struct outbound_job){.job = from->job,
	    .message = from->message,
	    .kind = from->kind,
	    .priority = from->priority,
	    .envelope_length = from->envelope_length,
	    .content_length = from->content_length,
	    .body_come = from->body.len,
	    .body_asked = from->body.len};
	buffer_init(&job->body, BODY_MAX);
	error = buffer_append(&job->body, from->body.data, from->body.len);
	if (error != 0) {
		buffer_fini(&job->body);
		return diag_set(diag, error, "job too large");
	}
	/* One too long is none of ours. */
	if (from->note.len > 0 && from->note.len < sizeof(job->note))
		memcpy(job->note, from->note.data, from->note.len);
	outbound->job_count++;
	return 0;
}

/* add_body - a piece of a job's body */
static int
add_body(
    struct outbound *outbound, const struct ipc_body *from, struct diag *diag)
{
	struct outbound_job *job = find(outbound, from->job);
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
jobs_take(struct outbound *outbound, const struct ipc_record *record,
    struct diag *diag)
{
	struct outbound_job *job;

	if (record->type == IPC_JOB)
		return add(outbound, &record->job, diag);
	if (record->type == IPC_BODY)
		return add_body(outbound, &record->body, diag);
	if (record->type == IPC_CANCEL) {
		job = find(outbound, record->cancel.job);
		if (job != NULL)
			job->cancelled = true;
		return 0;
	}
	if (record->type == IPC_DELIVERY_NOTED)
		return 0;
	if (record->type == IPC_RETIRE) {
		outbound->retire = true;
		return 0;
	}
	return diag_set(
	    diag, ERR_PROTOCOL, "unexpected %s", ipc_type_name(record->type));
}

/* jobs_pump - take what qmgr has sent */
void
jobs_pump(struct outbound *outbound)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (outbound->qmgr_gone)
		return;
	filled = ipc_channel_fill(&outbound->qmgr);
	while (
	    (result = ipc_channel_take(&outbound->qmgr, &record, &diag)) == 1)
		if ((result = jobs_take(outbound, &record, &diag)) != 0)
			break;
	if (result < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	if (result < 0 || (filled < 0 && filled != ERR_AGAIN))
		outbound_qmgr_gone(outbound);
}

/* jobs_first - the job to do next, or NULL */
struct outbound_job *
jobs_first(struct outbound *outbound)
{
	return outbound->job_count > 0 ? &outbound->jobs[outbound->job_first]
				       : NULL;
}

/* jobs_drop - the first job is done with */
void
jobs_drop(struct outbound *outbound)
{
	buffer_fini(&outbound->jobs[outbound->job_first].body);
	outbound->job_first = (outbound->job_first + 1) % JOBS_MAX;
	outbound->job_count--;
}

/* ask_ahead - request what of the body fits into memory */
static int
ask_ahead(struct outbound *outbound, struct outbound_job *job)
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
		int error = ipc_channel_send(&outbound->qmgr, &record);

		if (error != 0)
			return error;
		job->body_asked += record.body_request.length;
	}
	return ipc_channel_flush(&outbound->qmgr);
}

/* jobs_body - wait for more of the first job's body */
int
jobs_body(struct outbound *outbound, uint64_t deadline)
{
	struct outbound_job *job = jobs_first(outbound);

	for (;;) {
		struct pollfd fd = {.fd = outbound->qmgr.fd, .events = POLLIN};
		int n;

		if (!outbound->qmgr_gone && ask_ahead(outbound, job) != 0)
			outbound_qmgr_gone(outbound);
		if (outbound->qmgr_gone)
			return ERR_CLOSED;
		if (job->cancelled)
			return ERR_CANCELLED;
		if (buffer_length(&job->body) > 0)
			return 0;
		if (ipc_channel_pending(&outbound->qmgr) > 0)
			fd.events |= POLLOUT;
		n = worker_wait(&outbound->worker, &fd, 1,
		    deadline < outbound->limit ? deadline : outbound->limit);
		if (n == ERR_CANCELLED)
			outbound_limit(outbound, OUTBOUND_STOP_WAIT);
		else if (n < 0)
			return n;
		jobs_pump(outbound);
	}
}

/*
 * jobs_seek - the next octets of the first job's body are those at offset
 *
 * What was asked for before and has not come yet is passed over when it does.
 */
void
jobs_seek(struct outbound *outbound, uint64_t offset)
{
	struct outbound_job *job = jobs_first(outbound);

	job->body_stale += job->body_asked - job->body_come;
	job->body_come = offset;
	job->body_asked = offset;
	buffer_reset(&job->body);
}

/* report - one outcome, written before the next wait */
static void
report(struct outbound *outbound, const struct ipc_outcome *outcome)
{
	const struct ipc_record record = {
	    .type = IPC_OUTCOME, .outcome = *outcome};
	int error;

	if (outbound->qmgr_gone)
		return;
	error = ipc_channel_send(&outbound->qmgr, &record);
	if (error == ERR_LIMIT)
		error = worker_send(&outbound->worker, &outbound->qmgr, &record,
		    clock_after(OUTCOME_LIMIT));
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		outbound_qmgr_gone(outbound);
}

/* jobs_outcome - report on the first job and drop it */
void
jobs_outcome(struct outbound *outbound, enum ipc_result result,
    const char *text, uint64_t transfer_delay)
{
	const struct outbound_job *job = jobs_first(outbound);

	report(outbound,
	    &(struct ipc_outcome){.job = job->job,
		.result = result,
		.diagnostic = -1,
		.text = slice_of_string(text),
		.octets = result == IPC_TRANSFERRED ? body_length(job) : 0,
		.association_delay = outbound->open_delay,
		.transfer_delay = transfer_delay});
	outbound->open_delay = 0; /* what came next did not wait for it */
	jobs_drop(outbound);
}

/* jobs_return - all that were not begun go back untouched */
void
jobs_return(struct outbound *outbound, const char *text)
{
	while (jobs_first(outbound) != NULL)
		jobs_outcome(outbound, IPC_UNSTARTED, text, 0);
}
