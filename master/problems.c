/* SPDX-License-Identifier: ISC */
/*
 * problems.c - what is wrong that master alone knows
 */
#include "master/problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ipc/problem.h"
#include "master/certificates.h"
#include "master/notify.h"
#include "master/on_disk.h"
#include "master/service.h"

/* Ticks between two looks at files that differed, for the service manager. */
#define LOOK_TICKS 10
/* Ticks until a wait for the disk is told. */
#define FLUSH_TICKS 5
/* So long a worker that ended abnormally is told of, ms. */
#define END_TIME ((int64_t)3600 * 1000)

/* A function that is called for each problem. */
struct telling {
	void (*tell)(void *arg, const struct problem *problem);
	void *arg;
};

/* tell_file - tell of a configuration on disk that is not in force */
static void
tell_file(const struct telling *telling, struct master *master)
{
	const struct on_disk *disk = on_disk_look(master);
	bool wrong = disk->verdict == ON_DISK_INVALID;
	char text[PROBLEM_TEXT_MAX];

	if (disk->verdict == ON_DISK_SAME)
		return;
	if (wrong)
		(void)snprintf(text, sizeof(text),
		    "the configuration on disk is wrong, and the one before is "
		    "in force: %s",
		    disk->wrong);
	else
		(void)snprintf(text, sizeof(text),
		    "%s, or a file that it names, was changed, and the "
		    "configuration before is in force",
		    master->conf_path);
	telling->tell(telling->arg,
	    &(struct problem){"configuration", "",
		wrong ? PROBLEM_WEIGHT_INVALID : PROBLEM_WEIGHT_NEWER,
		disk->since, text, wrong ? "x4conf check" : "x4ctl reload"});
}

/* log_command - write the command that shows the last lines of the log */
static void
log_command(const struct master *master, char *command, size_t size)
{
	if (getenv("JOURNAL_STREAM") != NULL)
		(void)strlcpy(command, "journalctl -u fourpost -n 50", size);
	else
		(void)snprintf(command, size, "tail -n 50 %s/log",
		    master->conf->mta.state_directory);
}

/* tell_end - tell of a worker that ended abnormally and was replaced, for an
 * hour */
static void
tell_end(const struct telling *telling, const struct service *service)
{
	const struct service_end *end = &service->bad_end;
	char text[PROBLEM_TEXT_MAX], command[PROBLEM_COMMAND_MAX];

	if (end->time == 0 || clock_wall() - end->time >= END_TIME)
		return;
	(void)snprintf(text, sizeof(text),
	    "a worker ended abnormally, and another took its place: %s",
	    end->text);
	log_command(service->master, command, sizeof(command));
	telling->tell(telling->arg,
	    &(struct problem){"ended", service->name, PROBLEM_WEIGHT_ENDED,
		end->time, text, command});
}

/* tell_service - tell of a service that ends at its start */
static void
tell_service(const struct telling *telling, const struct service *service)
{
	const struct throttle *throttle = &service->throttle;
	uint64_t now = clock_monotonic(),
		 wait = throttle_remaining(throttle, now);
	bool queue = service->kind == SERVICE_QMGR;
	char text[PROBLEM_TEXT_MAX], command[PROBLEM_COMMAND_MAX];
	char again[32] = "when it is needed";
	const char *end = service->bad_end.text;

	/* A worker that nobody has needed since may start well by now. */
	if (throttle->failures == 0 ||
	    (wait == 0 && now - throttle->until >= (uint64_t)END_TIME)) {
		tell_end(telling, service);
		return;
	}
	if (wait > 0)
		(void)snprintf(again, sizeof(again), "in %llu s",
		    (unsigned long long)(wait + 999) / 1000);
	(void)snprintf(text, sizeof(text),
	    "%s ends at its start, %u time%s so far, tried again %s%s%s%s",
	    service->name, throttle->failures,
	    throttle->failures == 1 ? "" : "s", again,
	    end[0] == '\0' ? "" : " (", end, end[0] == '\0' ? "" : ")");
	log_command(service->master, command, sizeof(command));
	telling->tell(telling->arg,
	    &(struct problem){queue ? "qmgr" : "throttled", service->name,
		queue ? PROBLEM_WEIGHT_QMGR : PROBLEM_WEIGHT_THROTTLED,
		clock_wall() - (int64_t)(now - throttle->since), text,
		command});
}

/* tell_flush - tell of a queue manager that waits for the disk */
static void
tell_flush(const struct telling *telling, const struct child *child)
{
	uint64_t waited = clock_monotonic() - child->disk_since;
	char text[PROBLEM_TEXT_MAX];

	if (child_disk_ticks(child) < FLUSH_TICKS)
		return;
	(void)snprintf(text, sizeof(text),
	    "the disk does not answer, and the queue manager has waited for it "
	    "for %llu s: nothing is taken, sent or shown",
	    (unsigned long long)waited / 1000);
	telling->tell(telling->arg,
	    &(struct problem){"flush", child->name, PROBLEM_WEIGHT_FLUSH,
		clock_wall() - (int64_t)waited, text, "dmesg"});
}

/* tell_certificate - tell of a file with a date that is near or over */
static void
tell_certificate(
    const struct telling *telling, const struct certificate_state *state)
{
	char text[PROBLEM_TEXT_MAX];
	int64_t hours = (state->expires - clock_wall()) / 3600000;

	if (state->expired)
		(void)snprintf(text, sizeof(text), "the %s %s has expired",
		    state->what, state->path);
	else
		(void)snprintf(text, sizeof(text),
		    "the %s %s expires in %lld %s", state->what, state->path,
		    (long long)(hours >= 48 ? hours / 24 : hours),
		    hours >= 48 ? "days" : "hours");
	telling->tell(telling->arg,
	    &(struct problem){"certificate", state->path,
		state->urgent ? PROBLEM_WEIGHT_EXPIRED : PROBLEM_WEIGHT_EXPIRES,
		state->since, text,
		"put a new one in its place; x4ctl reload"});
}

/* tell_certificates - tell of all certificates and revocation lists */
static void
tell_certificates(const struct telling *telling, const struct conf *conf)
{
	struct certificate_state state;

	if (certificates_state(
		&conf->mta.tls_certificate, CERTIFICATE_OURS, &state))
		tell_certificate(telling, &state);
	if (certificates_state(
		&conf->mta.tls_revocations, CERTIFICATE_REVOCATIONS, &state))
		tell_certificate(telling, &state);
	for (size_t i = 0; i < conf->link_count; i++)
		if (certificates_state(&conf->links[i].tls_certificate,
			CERTIFICATE_OURS, &state))
			tell_certificate(telling, &state);
}

/* tell_quick - tell of each problem that costs no look at the disk */
static void
tell_quick(const struct telling *telling, struct master *master)
{
	const struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		const struct child *child;

		tell_service(telling, service);
		TAILQ_FOREACH(child, &service->children, link)
			tell_flush(telling, child);
	}
	tell_certificates(telling, master->conf);
	if (master->console_missing[0] != '\0')
		telling->tell(telling->arg,
		    &(struct problem){"console", "", PROBLEM_WEIGHT_CONSOLE,
			master->since, master->console_missing,
			"x4ctl reload"});
}

/* send_problem - send a row, unless the client is gone */
static void
send_problem(void *arg, const struct problem *problem)
{
	struct control_client *client = arg;
	struct ipc_field fields[PROBLEM_FIELDS];
	const struct ipc_record record = {
	    .type = IPC_ROW, .row = {fields, PROBLEM_FIELDS}};

	problem_fields(problem, fields);
	if (loop_channel_is_open(&client->channel) &&
	    loop_channel_send(&client->channel, &record) != 0)
		loop_channel_fini(&client->channel);
}

/* problems_answer - send a row for each problem */
void
problems_answer(struct control_client *client)
{
	const struct telling telling = {send_problem, client};

	tell_quick(&telling, client->master);
	tell_file(&telling, client->master);
}

/* keep_heavier - keep a problem for the service manager if it is the heaviest
 * so far */
static void
keep_heavier(void *arg, const struct problem *problem)
{
	struct first_problem *first = arg;

	if (first->count++ > 0 &&
	    !problem_heavier(
		problem->weight, problem->since, first->weight, first->since))
		return;
	first->weight = problem->weight;
	first->since = problem->since;
	(void)snprintf(first->text, sizeof(first->text), "%s -> %s",
	    problem->text, problem->command);
}

/* note_file - look again at a configuration that was found to differ */
static void
note_file(struct master *master)
{
	const struct telling telling = {keep_heavier, &master->file_problem};

	master->file_problem = (struct first_problem){.count = 0};
	tell_file(&telling, master);
}

/* problems_notify - tell the service manager the first problem, if it is
 * another */
void
problems_notify(struct master *master)
{
	struct first_problem first = master->qmgr.problem;
	const struct telling telling = {keep_heavier, &first};
	char text[sizeof(first.text) + 32];

	/* The service manager says itself that the suite starts or stops. */
	if (master->phase != MASTER_RUNNING)
		return;
	tell_quick(&telling, master);
	if (master->on_disk.verdict == ON_DISK_SAME)
		master->file_problem.count = 0;
	else if (master->ticks % LOOK_TICKS == 0 ||
	    master->file_problem.count == 0)
		note_file(master);
	if (master->file_problem.count > 0 &&
	    (first.count++ == 0 ||
		problem_heavier(master->file_problem.weight,
		    master->file_problem.since, first.weight, first.since)))
		(void)strlcpy(
		    first.text, master->file_problem.text, sizeof(first.text));
	if (first.count == 0)
		(void)strlcpy(text, "no problems", sizeof(text));
	else if (first.count == 1)
		(void)strlcpy(text, first.text, sizeof(text));
	else
		(void)snprintf(text, sizeof(text), "%s (the first of %u)",
		    first.text, first.count);
	notify_status(text);
}
