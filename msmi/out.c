/* SPDX-License-Identifier: ISC */
/*
 * out.c - msmi-out, the worker that delivers into a postoffice
 *
 * See fourpost-msmi(8).  master starts one when qmgr connects to its socket; it
 * serves that connection and ends.
 */
#include "base/clock.h"
#include "base/log.h"
#include "msmi/out.h"

#define ACCEPT_TIMEOUT 100000 /* ms */
#define GREET_TIMEOUT  30000

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
			: out->msmi.msmail->postoffice)}};

	(void)!job_channel_give(&out->channel, &record);
}

/* finish_worker - write what is pending, and end */
static void __attribute__((noreturn)) finish_worker(struct out *out, int status)
{
	if (!out->channel.gone)
		(void)!worker_flush(&out->msmi.worker, &out->msmi.qmgr,
		    clock_after(LIMITS_STOP_ANSWERS));
	worker_exit(&out->msmi.worker, status);
}

/* open_postoffice - exchange hellos, and open the postoffice or say why not */
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
		link_event(out, IPC_LINK_FAILED, stage,
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
		finish_worker(out, 0);
	}
	msmi_confine(&out->msmi);
	link_event(out, IPC_LINK_BOUND, "", "");
}

/* serve_qmgr - deliver until qmgr retires the worker or goes away */
static void
serve_qmgr(struct out *out)
{
	for (;;) {
		job_channel_pump(&out->channel);
		if (out->channel.jobs.count > 0 && !out->channel.gone) {
			/* Jobs of the batch keep to a map that was replaced. */
			if (msmi_map_again(&out->msmi) == ERR_CLOSED)
				out->stale = true;
			out_batch(out);
			if (out->lost)
				return;
			continue;
		}
		if (out->channel.gone || out->channel.retire || out->stale ||
		    out->msmi.worker.stopping)
			return;
		(void)!job_channel_wait(&out->channel, NULL, CLOCK_NEVER);
	}
}

/* msmi_out - deliver into a postoffice over one connection of qmgr */
void
msmi_out(struct worker *worker)
{
	static struct out out;
	int fd;

	out.msmi.worker = *worker;
	out.msmi.map_fd = -1;
	map_init(&out.msmi.map);
	postoffice_init(&out.msmi.postoffice);
	out_init(&out);
	fd = worker_accept(&out.msmi.worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(&out.msmi.worker, 0);
	if (ipc_channel_init(&out.msmi.qmgr, fd) < 0)
		worker_exit(&out.msmi.worker, 1);
	open_postoffice(&out);
	serve_qmgr(&out);
	if (out.lost)
		link_event(&out, IPC_LINK_LOST, "postoffice", out.why);
	else
		link_event(&out, IPC_LINK_RELEASED, "", "");
	finish_worker(&out, 0);
}
