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

#define BODY_TIMEOUT 120000 /* ms for qmgr to send some of a body */

/* lose_qmgr - note that qmgr is gone, or sends what cannot be */
static void
lose_qmgr(struct out *out, const char *why)
{
	/* A worker that retires expects qmgr to close the connection. */
	if (!out->gone && !out->retire)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	out->gone = true;
}

/* out_job_at - find a job by its place */
struct out_job *
out_job_at(struct out *out, size_t i)
{
	return (struct out_job *)client_jobs_at(&out->queue, i);
}

/*
 * is_file_name - tell whether a note is the name of a temporary file of ours
 *
 * A message that was rerouted to this postoffice, when a part of it had been
 * sent to a peer, has the note of x400out: taken for the name of a file that is
 * gone, it would say that the message was delivered.
 */
static bool
is_file_name(struct slice note)
{
	return note.len > strlen("." OUT_TEMPORARY) &&
	    note.len < OUT_NAME_MAX && note.data[0] == '.' &&
	    memcmp(note.data + note.len - strlen(OUT_TEMPORARY), OUT_TEMPORARY,
		strlen(OUT_TEMPORARY)) == 0 &&
	    memchr(note.data, '/', note.len) == NULL &&
	    memchr(note.data, '\0', note.len) == NULL;
}

/* make_job - make the job that a record announces */
static int
make_job(void *arg, const struct ipc_job *from, struct client_job **given,
    struct diag *diag)
{
	struct out *out = arg;
	/* The jobs lie in the ring's own order, so its next place is free. */
	struct out_job *job =
	    &out->jobs[(out->queue.first + out->queue.count) % LIMITS_BATCH];

	if (from->envelope_length > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_VALUE, "impossible job");
	*job = (struct out_job){.diagnostic = DIAGNOSTIC_NONE};
	/* A note is a name that an earlier worker chose, and is used as a path:
	 * nothing else may come in. */
	if (is_file_name(from->note))
		memcpy(job->temporary, from->note.data, from->note.len);
	(void)escape_text(job->mts_id, sizeof(job->mts_id), from->mts_id);
	*given = &job->given;
	return 0;
}

/* take_note - note that qmgr has committed a file's name */
static void
take_note(struct out *out, uint64_t number)
{
	struct out_job *job =
	    (struct out_job *)client_jobs_find(&out->queue, number);

	/* The job may have ended while the note was under way. */
	if (job != NULL)
		job->noted = true;
}

/* take_record - take a record of qmgr's */
static int
take_record(struct out *out, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_JOB:
	case IPC_BODY:
	case IPC_CANCEL:
		return client_jobs_take(&out->queue, record, diag);
	case IPC_DELIVERY_NOTE:
		take_note(out, record->delivery_note.job);
		return 0;
	case IPC_RETIRE:
		out->retire = true;
		return 0;
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record->type));
	}
}

/* out_init - begin without jobs */
void
out_init(struct out *out)
{
	arena_init(&out->arena, P1_ARENA_MAX);
	client_jobs_init(&out->queue, make_job, out);
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
		if ((result = take_record(out, &record, &diag)) < 0)
			break;
	}
	if (result < 0)
		lose_qmgr(out, diag_text(&diag));
	else if (filled < 0 && filled != ERR_AGAIN)
		lose_qmgr(out, error_strerror(filled));
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
		out_pump(out); /* records that were sent before the end */
		lose_qmgr(out, "the connection has ended");
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
	    clock_after(LIMITS_SEND));
	if (error < 0 && error != ERR_CANCELLED) {
		lose_qmgr(out, error_strerror(error));
		return ERR_CLOSED;
	}
	return 0;
}

/* await_octets - ask for the next octets of a body, and wait for some */
static int
await_octets(struct out *out, struct out_job *job, uint64_t to)
{
	int error;

	if (job->given.cancelled)
		return ERR_CANCELLED;
	/* Asked ahead, so that qmgr reads from the disk while octets are
	 * written here. */
	if (client_job_ask(&job->given, to, &out->msmi.qmgr) < 0)
		return ERR_CLOSED;
	error = out_wait(out, clock_after(BODY_TIMEOUT));
	/* A worker that is told to stop still finishes this job. */
	return error == ERR_CANCELLED ? 0 : error;
}

/* out_body - pass octets [from, to) of a job's body to a sink */
int
out_body(struct out *out, struct out_job *job, uint64_t from, uint64_t to,
    out_sink sink, void *arg)
{
	struct client_job *given = &job->given;
	int error = 0;

	/* A second pass begins here again; what is still in memory is not
	 * asked for twice. */
	client_job_seek(given, from);
	while (error == 0 && given->at < to) {
		struct slice octets = client_job_octets(given);

		if (octets.len == 0) {
			error = await_octets(out, job, to);
			continue;
		}
		/* The sink must not see the octets of what follows. */
		if (octets.len > to - given->at)
			octets.len = (size_t)(to - given->at);
		client_job_read(given, octets.len);
		error = sink(arg, octets);
	}
	return error;
}

/* out_outcome - report a job's outcome */
void
out_outcome(struct out *out, const struct out_job *job)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job->given.number,
		.result = job->result,
		.reason = job->reason,
		.diagnostic = job->diagnostic,
		.text = slice_of_string(job->text),
		.recipients = job->failed,
		.recipient_count = job->failed_count,
		.octets = client_job_length(&job->given),
		.transfer_delay = clock_monotonic() - job->begun}};

	(void)!out_give(out, &record);
}

/* out_unusable - put a job back because the postoffice takes no file */
void
out_unusable(struct out *out, struct out_job *job, const char *why)
{
	out->lost = true;
	(void)escape_printable(
	    out->why, sizeof(out->why), slice_of_string(why));
	out_fail(job, IPC_UNSTARTED, 0, DIAGNOSTIC_NONE, why);
}

/* out_fail - set a job's outcome */
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
