/* SPDX-License-Identifier: ISC */
/*
 * out.c - mixer-out, the worker that gives messages to an SMTP server
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "mixer/out.h"

#define ACCEPT_TIMEOUT 100000 /* ms */
#define GREET_TIMEOUT  30000
#define EXIT_FAILED    1
/* ms that a server has to answer for a message when qmgr is gone */
#define ANSWER_PATIENCE 10000

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
		.address = slice_of_string(out->relay.address_count == 0
			? ""
			: out->relay.addresses[out->relay.at].text)}};

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
	struct out_job *job = &out->jobs[client_jobs_place(&out->channel.jobs)];

	if (from->envelope_length > P1_ENVELOPE_MAX)
		return diag_set(diag, ERR_VALUE, "impossible job");
	*job = (struct out_job){.begun = clock_monotonic()};
	*given = &job->given;
	return 0;
}

/* take_record - take what qmgr says of an outcome: it is committed; or an
 * answer of mixer-memory */
static int
take_record(void *arg, const struct ipc_record *record)
{
	if (record->type == IPC_MEMORY_ASK)
		out_memory_take(arg, &record->memory_ask);
	else if (record->type == IPC_OUTCOME)
		out_doubt_over(arg, record->outcome.job);
	else
		return ERR_PROTOCOL;
	return 0;
}

/* wait_alone - wait for the server without qmgr: for its answer to a whole
 * message, not for long; the next qmgr is told */
static int
wait_alone(struct out *out, struct pollfd *other, uint64_t deadline)
{
	int error;

	if (!smtp_client_in_doubt(&out->relay.client))
		return ERR_CLOSED;
	if (out->patience == 0)
		out->patience = clock_after(ANSWER_PATIENCE);
	error = worker_wait(&out->mixer.worker, other, 1,
	    deadline < out->patience ? deadline : out->patience);
	return error < 0 ? error : 0;
}

/* out_wait - wait for a descriptor, while qmgr's records are taken */
int
out_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct out *out = arg;
	struct pollfd other = {.fd = fd, .events = events};

	for (;;) {
		bool alone = out->channel.gone;
		int error = alone
		    ? wait_alone(out, &other, deadline)
		    : job_channel_wait(&out->channel, &other, deadline);

		/* A worker that is told to stop finishes its job. */
		if (error != 0 && error != ERR_CANCELLED &&
		    (alone || error != ERR_CLOSED))
			return error;
		if (other.revents != 0)
			return 0;
	}
}

/* out_secure - take the keys and certificates for the relay */
int
out_secure(struct out *out, struct diag *diag)
{
	enum smtp_tls tls = out->mixer.section->tls;
	int error = 0;

	if (tls != SMTP_TLS_NONE)
		error = worker_tls(
		    &out->mixer.worker, TLS_CALLING, &out->relay.tls, diag);
	if (error == 0 && tls == SMTP_TLS_REQUIRE && out->relay.tls == NULL)
		error = diag_set(
		    diag, ERR_STATE, "no keys and certificates were given");
	return error;
}

/* open_session - read all that the sandbox would keep from us, and connect */
static int
open_session(struct out *out, const char **stage, struct diag *diag)
{
	int error;

	relay_init(&out->relay, out->mixer.section,
	    (struct association_io){out_wait, out});
	error = out_secure(out, diag);
	if (error == 0)
		error = relay_resolve(&out->relay, diag);
	if (error != 0)
		return error;
	*stage = "connection";
	diag_clear(diag);
	worker_confine(&out->mixer.worker, NULL, SANDBOX_CONNECT);
	return relay_open(&out->relay, diag);
}

/* log_session - tell what an administrator must know of the session */
static void
log_session(const struct out *out)
{
	const struct relay *relay = &out->relay;
	const char *address = relay->addresses[relay->at].text;
	char link[sizeof("mixer/") + CONF_NAME_MAX];

	(void)snprintf(link, sizeof(link), "mixer/%s", relay->section->name);
	if (relay->in_clear[0] != '\0')
		LOG_EVENT(EVENT_RELAY_IN_CLEAR, LOG_STRING("link", link),
		    LOG_STRING("address", address),
		    LOG_STRING("reason", relay->in_clear));
	if ((relay->client.extensions & SMTP_HAS_DSN) == 0)
		LOG_EVENT(EVENT_RELAY_WITHOUT_DSN, LOG_STRING("link", link),
		    LOG_STRING("address", address));
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
	out->mixer.mapping.recall = out_memory_recall;
	out->mixer.mapping.recall_arg = out;
	if (error == 0 && out->mixer.purpose == WORKER_PING) {
		out_ping(out);
		finish_worker(out);
	}
	if (error == 0)
		error = open_session(out, &stage, &diag);
	if (error < 0) {
		link_event(out, IPC_LINK_FAILED, stage,
		    diag.code != 0 ? diag_text(&diag) : error_strerror(error));
		finish_worker(out);
	}
	log_session(out);
	link_event(out, IPC_LINK_BOUND, "", "");
}

/* rest - wait until qmgr or the server says something */
static void
rest(struct out *out)
{
	struct pollfd other = {.fd = out->relay.fd, .events = POLLIN};
	int error = job_channel_wait(&out->channel, &other, CLOCK_NEVER);

	/* A server need not keep a session on which nothing is sent. */
	if (error == 0 && other.revents != 0)
		out->let_go = !relay_idle(&out->relay);
}

/* serve_qmgr - send until qmgr retires the worker, or one side goes away */
static void
serve_qmgr(struct out *out)
{
	while (!out->channel.gone && !out->relay.lost) {
		struct client_job *job;

		job_channel_pump(&out->channel);
		job = client_jobs_at(&out->channel.jobs, 0);
		if (job != NULL)
			out_job(out, (struct out_job *)job);
		else if (out->channel.retire || out->mixer.worker.stopping)
			return;
		else
			rest(out);
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
			.text = slice_of_string(out->relay.why)}};

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
	arena_init(&out.arena, 2 * (size_t)P1_ARENA_MAX);
	buffer_init(&out.message.content, 4 * MIXER_REPORT_MAX);
	job_channel_init(&out.channel, &out.mixer.worker, &out.mixer.qmgr,
	    make_job, take_record, &out);
	fd = worker_accept(&out.mixer.worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(&out.mixer.worker, 0);
	if (ipc_channel_init(&out.mixer.qmgr, fd) < 0)
		worker_exit(&out.mixer.worker, EXIT_FAILED);
	open_all(&out);
	serve_qmgr(&out);
	if (out.channel.gone && !out.channel.retire)
		out_doubt_report(&out);
	give_back(&out);
	if (out.relay.lost && !out.let_go) {
		link_event(&out, IPC_LINK_LOST, "session", out.relay.why);
		relay_close(&out.relay);
	} else {
		relay_quit(&out.relay);
		link_event(&out, IPC_LINK_RELEASED, "", "");
	}
	finish_worker(&out);
}
