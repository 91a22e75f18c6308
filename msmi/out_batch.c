/* SPDX-License-Identifier: ISC */
/*
 * out_batch.c - deliver a batch of jobs, each once
 *
 * Files on the disk under temporary names; their names noted by qmgr; the
 * files under their own names; outcomes.  Ended anywhere, what is done again
 * is what was not done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/out.h"

#define AWAY	     "the directories were moved or unmounted"
#define NOTE_TIMEOUT 120000 /* ms for qmgr's commit */

/* is_fresh - tell whether qmgr has no note of a file of this batch */
static bool
is_fresh(const struct out_job *job)
{
	return job->prepared && !job->noted;
}

/* give_up_all - remove the files of a batch, which cannot be made safe */
static void
give_up_all(struct out *out, const char *why)
{
	for (size_t i = 0; i < out->channel.jobs.count; i++) {
		struct out_job *job = out_job_at(out, i);

		/* Noted files stay: qmgr will look for them by their names. */
		if (!is_fresh(job))
			continue;
		(void)!unlinkat(
		    out->msmi.postoffice.fd[PO_OUT], job->temporary, 0);
		job->prepared = false;
		out_unusable(out, job, why);
	}
}

/* note_all - have qmgr note the files, so that none is made twice */
static int
note_all(struct out *out)
{
	uint64_t deadline = clock_after(NOTE_TIMEOUT);
	bool fresh = false;

	for (size_t i = 0; i < out->channel.jobs.count; i++)
		fresh = fresh || is_fresh(out_job_at(out, i));
	if (!fresh)
		return 0;
	/* Their names must be on the disk before anybody relies on them. */
	if (FAULT_POINT("out-note") ||
	    fsync(out->msmi.postoffice.fd[PO_OUT]) < 0) {
		give_up_all(out, strerror(errno));
		return 0;
	}
	/* All notes are sent before any answer is awaited, so that one commit
	 * takes the whole batch. */
	for (size_t i = 0; i < out->channel.jobs.count; i++) {
		const struct out_job *job = out_job_at(out, i);
		const struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
		    .delivery_note = {.job = job->given.number,
			.note = slice_of_string(job->temporary)}};

		if (is_fresh(job) &&
		    ipc_channel_send(&out->msmi.qmgr, &record) < 0)
			return ERR_CLOSED;
	}
	for (size_t i = 0; i < out->channel.jobs.count; i++) {
		while (is_fresh(out_job_at(out, i))) {
			/* A name is given only to a file that qmgr has noted,
			 * or a crash could deliver it twice. */
			if (job_channel_wait(&out->channel, NULL, deadline) ==
				ERR_CLOSED ||
			    clock_remaining(deadline) == 0)
				return ERR_CLOSED;
		}
	}
	return 0;
}

/* log_delivered - log the event of a job that is done */
static void
log_delivered(const struct out *out, const struct out_job *job)
{
	LOG_EVENT(job->given.kind == MTS_REPORT ? EVENT_MSMI_NDR
						: EVENT_MSMI_DELIVERED,
	    LOG_INT("id", job->given.message),
	    LOG_STRING("mts_id", job->mts_id),
	    LOG_STRING("postoffice", out->msmi.msmail->name),
	    LOG_STRING("file", job->name), LOG_INT("size", job->octets),
	    LOG_INT("mailboxes", job->mailboxes),
	    LOG_INT("failed", job->failed_count),
	    LOG_INT("ms", clock_monotonic() - job->begun));
}

/* has_name - tell whether the file of a job has its own name, given now or by
 * an earlier worker */
static bool
has_name(const struct out_job *job)
{
	return job->noted && job->result == IPC_DELIVERED;
}

/* name_all - give the files their names */
static void
name_all(struct out *out)
{
	bool named = false;

	for (size_t i = 0; i < out->channel.jobs.count; i++) {
		struct out_job *job = out_job_at(out, i);
		struct diag diag = {0};

		if (job->prepared &&
		    (FAULT_POINT("out-rename") ||
			out_file_name(out, job, &diag) < 0)) {
			/* The other files of the batch go on: one name that
			 * cannot be given is no fault of the disk. */
			job->prepared = false;
			out_fail(job, IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
			    DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER,
			    diag_text(&diag));
		}
		named = named || has_name(job);
	}
	/* The names of an earlier worker may be no safer on the disk than those
	 * just given. */
	if (!named ||
	    (!FAULT_POINT("out-named") &&
		fsync(out->msmi.postoffice.fd[PO_OUT]) == 0))
		return;
	/* The files are there, though not for sure: no try counts against a
	 * message that its recipient may have, and the noted names will tell
	 * the next worker. */
	for (size_t i = 0; i < out->channel.jobs.count; i++)
		if (has_name(out_job_at(out, i)))
			out_unusable(out, out_job_at(out, i), strerror(errno));
}

/* report_all - report the outcomes of the first jobs, and drop them */
static void
report_all(struct out *out, size_t count)
{
	for (; count > 0; count--) {
		struct out_job *job = out_job_at(out, 0);

		if (job->result == IPC_DELIVERED && job->prepared)
			log_delivered(out, job);
		/* A failure of a postoffice that went away is no failure of the
		 * message. */
		if (job->result == IPC_TRANSIENT &&
		    !postoffice_intact(&out->msmi.postoffice)) {
			out->lost = true;
			(void)strlcpy(out->why, AWAY, sizeof(out->why));
		}
		out_outcome(out, job);
		free(job->failed);
		client_jobs_drop(&out->channel.jobs);
	}
}

/* out_batch - do the jobs there are; jobs that come meanwhile wait for the next
 */
void
out_batch(struct out *out)
{
	size_t count = out->channel.jobs.count;

	/* The open directories may be a place that nobody reads any more. */
	if (!postoffice_intact(&out->msmi.postoffice)) {
		out->lost = true;
		(void)strlcpy(out->why, AWAY, sizeof(out->why));
	}
	for (size_t i = 0; i < count && !out->channel.gone; i++) {
		struct out_job *job = out_job_at(out, i);

		/* Jobs that are not begun cost nothing to give back; their
		 * messages keep their tries. */
		if (job->given.cancelled || out->lost ||
		    out->msmi.worker.stopping)
			out_fail(job, IPC_UNSTARTED, 0, DIAGNOSTIC_NONE,
			    job->given.cancelled ? "cancelled"
				: out->lost	 ? out->why
						 : "stopping");
		else
			out_prepare(out, job);
	}
	/* Without the notes no file may get its name: the next worker finds
	 * what is to be done. */
	if (out->channel.gone || note_all(out) < 0) {
		out->channel.gone = true;
		return;
	}
	name_all(out);
	report_all(out, count);
}
