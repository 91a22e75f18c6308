/* SPDX-License-Identifier: ISC */
/*
 * out.c - mixer-out, the worker that gives messages to an SMTP server
 */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"
#include "mixer/out.h"

#define ACCEPT_TIMEOUT 100000 /* ms */
#define GREET_TIMEOUT  30000
#define QUIT_TIMEOUT   5000
#define EXIT_FAILED    1

/* link_event - tell qmgr what became of the session */
static void
link_event(struct out *out, enum ipc_link_state state, const char *stage,
    const char *reason)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(out->mixer.worker.service),
		.stage = slice_of_string(stage),
		.reason = slice_of_string(reason),
		.address = slice_of_string(
		    out->address_count == 0 ? "" : out->addresses[0].text)}};

	(void)!job_channel_give(&out->channel, &record);
}

/* finish_worker - write what is pending, and end */
static void __attribute__((noreturn)) finish_worker(struct out *out)
{
	if (!out->channel.gone)
		(void)!worker_flush(&out->mixer.worker, &out->mixer.qmgr,
		    clock_after(LIMITS_STOP_ANSWERS));
	worker_exit(&out->mixer.worker, 0);
}

/* make_job - make the job that a record announces */
static int
make_job(void *arg, const struct ipc_job *from, struct client_job **given,
    struct diag *diag)
{
	struct out *out = arg;
	/* The jobs lie in the ring's own order, so its next place is free. */
	struct out_job *job =
	    &out->jobs[(out->channel.jobs.first + out->channel.jobs.count) %
		LIMITS_BATCH];

	if (from->envelope_length > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_VALUE, "impossible job");
	*job = (struct out_job){.begun = clock_monotonic()};
	*given = &job->given;
	return 0;
}

/* take_record - refuse any other record of qmgr's */
static int
take_record(void *arg, const struct ipc_record *record)
{
	(void)arg;
	(void)record;
	return ERR_PROTOCOL;
}

/* resolve_relay - look up the server, which the sandbox would prevent */
static int
resolve_relay(struct out *out, struct diag *diag)
{
	const struct conf_endpoints *relay = &out->mixer.section->relay;

	for (size_t i = 0; i < relay->count; i++) {
		char port[8];

		(void)snprintf(port, sizeof(port), "%u", relay->items[i].port);
		worker_tick(&out->mixer.worker);
		(void)!connect_resolve(relay->items[i].host, port,
		    out->addresses, &out->address_count, diag);
	}
	return out->address_count > 0
	    ? 0
	    : diag_set(diag, ERR_NOTFOUND, "relay: no address");
}

/* open_all - exchange hellos, and open the session or say why not */
static void
open_all(struct out *out)
{
	const char *stage = "settings";
	struct diag diag = {0};
	int error = worker_greet(&out->mixer.worker, &out->mixer.qmgr,
	    IPC_ROLE_MIXER_OUT, clock_after(GREET_TIMEOUT), &diag);

	if (error < 0)
		worker_exit(&out->mixer.worker, 0);
	error = mixer_settings(&out->mixer, &diag);
	if (error == 0)
		error = resolve_relay(out, &diag);
	if (error == 0) {
		stage = "connection";
		diag_clear(&diag);
		worker_confine(&out->mixer.worker, NULL, SANDBOX_CONNECT);
		error = out_open(out, &diag);
	}
	if (error < 0) {
		link_event(out, IPC_LINK_FAILED, stage,
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
		finish_worker(out);
	}
	link_event(out, IPC_LINK_BOUND, "", "");
}

/* serve_qmgr - send until qmgr retires the worker, or one side goes away */
static void
serve_qmgr(struct out *out)
{
	while (!out->channel.gone && !out->lost) {
		struct client_job *job;

		job_channel_pump(&out->channel);
		job = client_jobs_at(&out->channel.jobs, 0);
		if (job != NULL) {
			out_job(out, (struct out_job *)job);
			continue;
		}
		if (out->channel.retire || out->mixer.worker.stopping)
			return;
		/* A server that goes while nothing is sent is noticed, too. */
		if (out_next(out, UINT64_MAX) != SMTP_NOTHING)
			out->lost = true;
	}
}

/* give_back - put all jobs back that were not begun */
static void
give_back(struct out *out)
{
	struct client_job *job;

	while ((job = client_jobs_at(&out->channel.jobs, 0)) != NULL) {
		const struct ipc_record record = {.type = IPC_OUTCOME,
		    .outcome = {.job = job->number,
			.result = IPC_UNSTARTED,
			.diagnostic = -1,
			.text = slice_of_string(out->why)}};

		(void)!job_channel_give(&out->channel, &record);
		client_jobs_drop(&out->channel.jobs);
	}
}

/* mixer_out - send over one connection of qmgr */
void
mixer_out(struct worker *worker)
{
	static struct out out;
	int fd;

	out.mixer.worker = *worker;
	out.fd = -1;
	arena_init(&out.arena, 2 * (size_t)P1_ARENA_MAX);
	buffer_init(&out.message.content, MIXER_MESSAGE_MAX);
	job_channel_init(&out.channel, &out.mixer.worker, &out.mixer.qmgr,
	    make_job, take_record, &out);
	fd = worker_accept(&out.mixer.worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(&out.mixer.worker, 0);
	if (ipc_channel_init(&out.mixer.qmgr, fd) < 0)
		worker_exit(&out.mixer.worker, EXIT_FAILED);
	open_all(&out);
	serve_qmgr(&out);
	give_back(&out);
	if (out.lost) {
		link_event(&out, IPC_LINK_LOST, "session", out.why);
	} else {
		if (smtp_client_quit(&out.client) == 0 &&
		    out_flush(&out, 0) == 0)
			(void)out_next(&out, QUIT_TIMEOUT);
		link_event(&out, IPC_LINK_RELEASED, "", "");
	}
	finish_worker(&out);
}
