/* SPDX-License-Identifier: ISC */
/*
 * out.c - msmi-out, the worker that delivers into a postoffice
 *
 * See msmi(8).  master starts one when qmgr connects to its socket; it serves
 * that connection and ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/out.h"

#define ACCEPT_TIMEOUT 100000 /* ms */
#define GREET_TIMEOUT  30000
#define NOTE_TIMEOUT   120000 /* ms for qmgr's commit */

/* link_event - tell qmgr what became of the postoffice */
static void
link_event(struct out *out, enum ipc_link_state state, const char *stage,
    const char *reason)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(out->msmi.worker.service),
		.stage = slice_of_string(stage),
		.reason = slice_of_string(reason),
		.address = slice_of_string(out->msmi.msmail == NULL
			? ""
			: out->msmi.msmail->postoffice),
		.transient = true}};

	(void)!out_give(out, &record);
}

/* finish - everything is said; the end of the worker */
static void __attribute__((noreturn)) finish(struct out *out, int status)
{
	if (!out->gone)
		(void)!worker_flush(
		    &out->msmi.worker, &out->msmi.qmgr, clock_after(5000));
	worker_exit(&out->msmi.worker, status);
}

/* open_postoffice - from the connection to a postoffice that can be used */
static void
open_postoffice(struct out *out)
{
	const char *stage = "settings";
	struct diag diag = {0};
	int error;

	error = worker_greet(&out->msmi.worker, &out->msmi.qmgr,
	    IPC_ROLE_MSMI_OUT, clock_after(GREET_TIMEOUT), &diag);
	if (error < 0)
		worker_exit(&out->msmi.worker, 0);
	error = msmi_settings(&out->msmi, &diag);
	if (error == 0)
		error = msmi_reach(&out->msmi, &stage, &diag);
	if (error < 0) {
		link_event(out, IPC_LINK_FAILED, stage, diag_text(&diag));
		finish(out, 0);
	}
	msmi_confine(&out->msmi);
	link_event(out, IPC_LINK_BOUND, "", "");
}

/* is_fresh - a file of this batch that qmgr has no note of */
static bool
is_fresh(const struct out_job *job)
{
	return job->prepared && !job->noted;
}

/* give_up_all - the files of a batch cannot be made safe */
static void
give_up_all(struct out *out, const char *why)
{
	for (size_t i = 0; i < out->count; i++) {
		struct out_job *job = &out->jobs[i];

		if (!is_fresh(job))
			continue;
		(void)!unlinkat(
		    out->msmi.postoffice.fd[PO_OUT], job->temporary, 0);
		job->prepared = false;
		out_fail(job, IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
		    DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER, why);
	}
}

/* note_all - have qmgr note the files, so that none is made twice */
static int
note_all(struct out *out)
{
	uint64_t deadline = clock_after(NOTE_TIMEOUT);
	bool fresh = false;

	for (size_t i = 0; i < out->count; i++)
		fresh = fresh || is_fresh(&out->jobs[i]);
	if (!fresh)
		return 0;
	/* Their names must be on the disk before anybody relies on them. */
	if (fsync(out->msmi.postoffice.fd[PO_OUT]) < 0) {
		give_up_all(out, strerror(errno));
		return 0;
	}
	for (size_t i = 0; i < out->count; i++) {
		const struct out_job *job = &out->jobs[i];
		const struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
		    .delivery_note = {.job = job->job,
			.note = slice_of_string(job->temporary)}};

		if (is_fresh(job) &&
		    ipc_channel_send(&out->msmi.qmgr, &record) < 0)
			return ERR_CLOSED;
	}
	for (size_t i = 0; i < out->count; i++) {
		while (is_fresh(&out->jobs[i])) {
			if (out_wait(out, deadline) == ERR_CLOSED ||
			    clock_remaining(deadline) == 0)
				return ERR_CLOSED;
		}
	}
	return 0;
}

/* delivered - the event of a job that is done */
static void
delivered(const struct out *out, const struct out_job *job)
{
	LOG_EVENT(
	    job->kind == IPC_REPORT ? EVENT_MSMI_NDR : EVENT_MSMI_DELIVERED,
	    LOG_INT("id", job->message), LOG_STRING("mts-id", job->mts_id),
	    LOG_STRING("postoffice", out->msmi.msmail->name),
	    LOG_STRING("file", job->name), LOG_INT("size", job->octets),
	    LOG_INT("mailboxes", job->mailboxes),
	    LOG_INT("failed", job->failed_count),
	    LOG_INT("ms", clock_monotonic() - job->begun));
}

/* name_all - give the files their names */
static void
name_all(struct out *out)
{
	bool named = false;

	for (size_t i = 0; i < out->count; i++) {
		struct out_job *job = &out->jobs[i];
		struct diag diag = {0};

		if (!job->prepared)
			continue;
		(void)FAULT_POINT("out-rename");
		if (out_file_name(out, job, &diag) < 0) {
			job->prepared = false;
			out_fail(job, IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
			    DIAGNOSTIC_UNABLE_TO_COMPLETE_TRANSFER,
			    diag_text(&diag));
		} else {
			named = true;
		}
	}
	if (!named || fsync(out->msmi.postoffice.fd[PO_OUT]) == 0)
		return;
	/* They are there, but not for sure: the noted names will tell. */
	for (size_t i = 0; i < out->count; i++) {
		if (!out->jobs[i].prepared)
			continue;
		out->jobs[i].prepared = false;
		out_fail(&out->jobs[i], IPC_TRANSIENT, REASON_TRANSFER_FAILURE,
		    DIAGNOSTIC_NONE, strerror(errno));
	}
}

/* batch - do the jobs there are; those that come meanwhile are for the next */
static void
batch(struct out *out)
{
	size_t count = out->count;

	for (size_t i = 0; i < count && !out->gone; i++) {
		struct out_job *job = &out->jobs[i];

		if (job->cancelled || out->msmi.worker.stopping)
			out_fail(job, IPC_UNSTARTED, 0, DIAGNOSTIC_NONE,
			    job->cancelled ? "cancelled" : "stopping");
		else
			out_prepare(out, job);
	}
	if (out->gone || note_all(out) < 0) {
		out->gone = true;
		return;
	}
	name_all(out);
	for (size_t i = 0; i < count; i++) {
		struct out_job *job = &out->jobs[i];

		if (job->result == IPC_TRANSFERRED && job->prepared)
			delivered(out, job);
		out_outcome(out, job);
		buffer_fini(&job->body);
		free(job->failed);
	}
	/* Those that came meanwhile move up. */
	memmove(out->jobs, out->jobs + count,
	    (out->count - count) * sizeof(out->jobs[0]));
	out->count -= count;
}

/* serve - jobs until qmgr retires us or goes away */
static void
serve(struct out *out)
{
	for (;;) {
		out_pump(out);
		if (out->count > 0 && !out->gone) {
			batch(out);
			continue;
		}
		if (out->gone || out->retire || out->msmi.worker.stopping)
			return;
		(void)!out_wait(out, CLOCK_NEVER);
	}
}

/* msmi_out - the life of the worker */
void
msmi_out(struct worker *worker)
{
	static struct out out;
	int fd;

	out.msmi.worker = *worker;
	map_init(&out.msmi.map);
	postoffice_init(&out.msmi.postoffice);
	arena_init(&out.arena, P1_ARENA_MAX);
	fd = worker_accept(&out.msmi.worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(&out.msmi.worker, 0);
	if (ipc_channel_init(&out.msmi.qmgr, fd) < 0)
		worker_exit(&out.msmi.worker, 1);
	open_postoffice(&out);
	serve(&out);
	link_event(&out, IPC_LINK_RELEASED, "", "");
	finish(&out, 0);
}
