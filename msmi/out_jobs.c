/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.c - what qmgr wants delivered, and what it is told
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "msmi/out.h"

#define AHEAD_MAX    (4 * IPC_PIECE_MAX) /* octets asked for */
#define BODY_TIMEOUT 120000		 /* ms for qmgr to send some */
#define GIVE_TIMEOUT 60000		 /* ms for it to take a record */

/* gone - qmgr is, or speaks nonsense */
static void
gone(struct out *out, const char *why)
{
	if (!out->gone && !out->retire)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	out->gone = true;
}

/* find - the job of this number, or NULL */
static struct out_job *
find(struct out *out, uint64_t number)
{
	for (size_t i = 0; i < out->count; i++) {
		if (out->jobs[i].job == number)
			return &out->jobs[i];
	}
	return NULL;
}

/* add - a job */
static int
add(struct out *out, const struct ipc_job *from, struct diag *diag)
{
	struct out_job *job;
	int error;

	if (out->count == OUT_JOBS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than a batch of jobs");
	if (from->envelope_length > P1_ENVELOPE_MAX ||
	    from->envelope_length > UINT64_MAX - from->content_length ||
	    from->body.len > from->envelope_length + from->content_length ||
	    from->note.len >= OUT_NAME_MAX ||
	    (from->note.len > 0 &&
		memchr(from->note.data, '/', from->note.len) != NULL))
		return diag_set(diag, ERR_VALUE, "impossible job");
	job = &out->jobs[out->count];
	*job = (struct out_job){.job = from->job,
	    .message = from->message,
	    .kind = from->kind,
	    .envelope_length = from->envelope_length,
	    .content_length = from->content_length,
	    .diagnostic = DIAGNOSTIC_NONE};
	buffer_init(&job->body, IPC_RECORD_MAX);
	if (from->note.len > 0)
		memcpy(job->temporary, from->note.data, from->note.len);
	(void)escape_text(job->mts_id, sizeof(job->mts_id), from->mts_id);
	error = buffer_append(&job->body, from->body.data, from->body.len);
	if (error < 0)
		return diag_set(diag, error, "job: %s", error_strerror(error));
	out->count++;
	return 0;
}

/* add_body - a piece that was asked for, or that nobody wants any more */
static int
add_body(struct out *out, const struct ipc_body *body, struct diag *diag)
{
	if (!out->stream.active || body->job != out->stream.job)
		return 0;
	if (body->offset != out->stream.come || body->data.len == 0 ||
	    body->data.len > out->stream.asked - out->stream.come)
		return diag_set(diag, ERR_VALUE, "a piece that was not asked");
	out->stream.come += body->data.len;
	if (out->stream.error == 0)
		out->stream.error =
		    out->stream.sink(out->stream.arg, body->data);
	return 0;
}

/* handle - one record */
static int
handle(struct out *out, const struct ipc_record *record, struct diag *diag)
{
	struct out_job *job;

	if (record->type == IPC_JOB)
		return add(out, &record->job, diag);
	if (record->type == IPC_BODY)
		return add_body(out, &record->body, diag);
	if (record->type == IPC_DELIVERY_NOTE) {
		if ((job = find(out, record->delivery_note.job)) != NULL)
			job->noted = true;
		return 0;
	}
	if (record->type == IPC_CANCEL) {
		if ((job = find(out, record->cancel.job)) != NULL)
			job->cancelled = true;
		return 0;
	}
	if (record->type == IPC_RETIRE) {
		out->retire = true;
		return 0;
	}
	return diag_set(
	    diag, ERR_PROTOCOL, "unexpected %s", ipc_type_name(record->type));
}

/* out_pump - take what qmgr has sent */
void
out_pump(struct out *out)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (out->gone)
		return;
	filled = ipc_channel_fill(&out->msmi.qmgr);
	while (
	    (result = ipc_channel_take(&out->msmi.qmgr, &record, &diag)) == 1) {
		if ((result = handle(out, &record, &diag)) < 0)
			break;
	}
	if (result < 0)
		gone(out, diag_text(&diag));
	else if (filled < 0 && filled != ERR_AGAIN)
		gone(out, error_strerror(filled));
}

/* out_wait - wait for something of qmgr's and take it */
int
out_wait(struct out *out, uint64_t deadline)
{
	struct pollfd pfd = {.fd = out->msmi.qmgr.fd, .events = POLLIN};
	int result;

	if (out->gone)
		return ERR_CLOSED;
	if (ipc_channel_flush(&out->msmi.qmgr) < 0) {
		out_pump(out); /* what it said before */
		gone(out, "the connection has ended");
		return ERR_CLOSED;
	}
	if (ipc_channel_pending(&out->msmi.qmgr) > 0)
		pfd.events |= POLLOUT;
	result = worker_wait(&out->msmi.worker, &pfd, 1, deadline);
	out_pump(out);
	if (out->gone)
		return ERR_CLOSED;
	return result < 0 ? result : 0;
}

/* out_give - send a record */
int
out_give(struct out *out, const struct ipc_record *record)
{
	int error;

	if (out->gone)
		return ERR_CLOSED;
	error = worker_send(&out->msmi.worker, &out->msmi.qmgr, record,
	    clock_after(GIVE_TIMEOUT));
	if (error < 0 && error != ERR_CANCELLED) {
		gone(out, error_strerror(error));
		return ERR_CLOSED;
	}
	return 0;
}

/* ask - request what may be on its way at a time */
static int
ask(struct out *out, uint64_t to)
{
	while (out->stream.asked < to &&
	    out->stream.asked - out->stream.come + IPC_PIECE_MAX <= AHEAD_MAX &&
	    out->stream.error == 0) {
		uint64_t left = to - out->stream.asked;
		struct ipc_record record = {.type = IPC_BODY_REQUEST,
		    .body_request = {.job = out->stream.job,
			.offset = out->stream.asked,
			.length = left < IPC_PIECE_MAX ? (uint32_t)left
						       : IPC_PIECE_MAX}};

		if (ipc_channel_send(&out->msmi.qmgr, &record) < 0)
			return ERR_CLOSED;
		out->stream.asked += record.body_request.length;
	}
	return 0;
}

/* fetch - what of a body qmgr has not sent with the job */
static int
fetch(struct out *out, struct out_job *job, uint64_t from, uint64_t to,
    out_sink sink, void *arg)
{
	int error = 0;

	out->stream.active = true;
	out->stream.job = job->job;
	out->stream.asked = out->stream.come = from;
	out->stream.sink = sink;
	out->stream.arg = arg;
	out->stream.error = 0;
	/* After an error of the sink what was asked for is still awaited. */
	while (error == 0 &&
	    (out->stream.come < out->stream.asked ||
		(out->stream.come < to && out->stream.error == 0))) {
		if (job->cancelled && out->stream.error == 0)
			out->stream.error = ERR_CANCELLED;
		if ((error = ask(out, to)) == 0)
			error = out_wait(out, clock_after(BODY_TIMEOUT));
		if (error == ERR_CANCELLED)
			error = 0; /* this job is still finished */
	}
	out->stream.active = false;
	return error < 0 ? error : out->stream.error;
}

/* out_body - octets [from, to) of a job's body through a sink */
int
out_body(struct out *out, struct out_job *job, uint64_t from, uint64_t to,
    out_sink sink, void *arg)
{
	struct slice body = buffer_slice(&job->body);
	int error = 0;

	if (from < body.len) {
		uint64_t end = to < body.len ? to : body.len;

		if (end > from)
			error = sink(arg,
			    slice_of(body.data + from, (size_t)(end - from)));
		from = end;
	}
	if (error == 0 && from < to)
		error = fetch(out, job, from, to, sink, arg);
	return error;
}

/* out_outcome - report a job's outcome */
void
out_outcome(struct out *out, const struct out_job *job)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job->job,
		.result = job->result,
		.reason = job->reason,
		.diagnostic = job->diagnostic,
		.text = slice_of_string(job->text),
		.recipients = job->failed,
		.recipient_count = job->failed_count,
		.octets = job->envelope_length + job->content_length,
		.transfer_delay = clock_monotonic() - job->begun}};

	(void)!out_give(out, &record);
}

/* out_unusable - the postoffice takes no file, which is no job's fault */
void
out_unusable(struct out *out, struct out_job *job, const char *why)
{
	out->lost = true;
	(void)escape_printable(
	    out->why, sizeof(out->why), slice_of_string(why));
	out_fail(job, IPC_UNSTARTED, 0, DIAGNOSTIC_NONE, why);
}

/* out_fail - a job's outcome, in words */
void
out_fail(struct out_job *job, enum ipc_result result, int reason,
    int diagnostic, const char *text)
{
	job->result = result;
	job->reason = reason;
	job->diagnostic = diagnostic;
	(void)escape_printable(
	    job->text, sizeof(job->text), slice_of_string(text));
}
