/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.c - what qmgr wants delivered, and what it is told
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/escape.h"
#include "msmi/out.h"

/* out_job_at - find a job by its place */
struct out_job *
out_job_at(struct out *out, size_t i)
{
	return (struct out_job *)client_jobs_at(&out->channel.jobs, i);
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
	struct out_job *job = &out->jobs[client_jobs_place(&out->channel.jobs)];

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

/* take_note - note that qmgr has committed a file's name, which is all that it
 * says besides jobs */
static int
take_note(void *arg, const struct ipc_record *record)
{
	struct out *out = arg;
	struct out_job *job;

	if (record->type != IPC_DELIVERY_NOTE)
		return ERR_PROTOCOL;
	job = (struct out_job *)client_jobs_find(
	    &out->channel.jobs, record->delivery_note.job);
	/* The job may have ended while the note was under way. */
	if (job != NULL)
		job->noted = true;
	return 0;
}

/* out_init - begin without jobs */
void
out_init(struct out *out)
{
	arena_init(&out->arena, P1_ARENA_MAX);
	job_channel_init(&out->channel, &out->msmi.worker, &out->msmi.qmgr,
	    make_job, take_note, out);
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

	(void)!job_channel_give(&out->channel, &record);
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
