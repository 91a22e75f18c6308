/* SPDX-License-Identifier: ISC */
/*
 * problems.c - what is wrong that master alone knows, for `x4ctl status`
 */
#include <sys/stat.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "master/problems.h"
#include "master/service.h"

/* Heaviest first; see qmgr/problems.c for those between. */
enum weight {
	WEIGHT_NEWER = 10,
	WEIGHT_THROTTLED = 70,
	WEIGHT_QMGR = 100,
};

struct problem {
	const char *id;
	const char *name;
	enum weight weight;
	int64_t since; /* wall clock ms; 0: not known */
	const char *text;
	const char *command;
};

#define TEXT(n, s)                                      \
	((struct ipc_field){.name = slice_of_string(n), \
	    .type = IPC_FIELD_TEXT,                     \
	    .octets = slice_of_string(s)})

/* send_problem - send a row, unless the client is gone */
static void
send_problem(struct control_client *client, const struct problem *problem)
{
	const struct ipc_field fields[] = {TEXT("kind", "problem"),
	    TEXT("id", problem->id), TEXT("name", problem->name),
	    {.name = slice_of_string("weight"),
		.type = IPC_FIELD_NUMBER,
		.number = problem->weight},
	    {.name = slice_of_string("since"),
		.type = IPC_FIELD_TIME,
		.number = problem->since},
	    TEXT("text", problem->text), TEXT("command", problem->command)};
	const struct ipc_record record = {.type = IPC_ROW,
	    .row = {fields, sizeof(fields) / sizeof(fields[0])}};

	if (loop_channel_is_open(&client->channel) &&
	    loop_channel_send(&client->channel, &record) != 0)
		loop_channel_fini(&client->channel);
}

/* problems_mark - get the time of the last change of the configuration */
int64_t
problems_mark(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

/* judge_file - find out whether a changed configuration could be in force; once
 * for each change, since who may look can ask as often as he likes */
static void
judge_file(struct master *master, int64_t changed)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	if (master->judged.changed == changed)
		return;
	master->judged.changed = changed;
	master->judged.wrong[0] = '\0';
	if (conf_parse_file(master->conf_path, &conf, &diag) == 0)
		conf_free(conf);
	else
		(void)strlcpy(master->judged.wrong, diag_text(&diag),
		    sizeof(master->judged.wrong));
}

/* look_at_file - tell of a configuration on disk that is not in force */
static void
look_at_file(struct control_client *client)
{
	struct master *master = client->master;
	int64_t changed = problems_mark(master->conf_path);
	char text[512];

	if (changed == master->conf_changed)
		return;
	judge_file(master, changed);
	if (master->judged.wrong[0] != '\0')
		(void)snprintf(text, sizeof(text),
		    "the configuration on disk is wrong, and the one before is "
		    "in force: %s",
		    master->judged.wrong);
	else
		(void)snprintf(text, sizeof(text),
		    "%s was changed, and the one before is in force",
		    master->conf_path);
	send_problem(client,
	    &(struct problem){"configuration", "", WEIGHT_NEWER, changed, text,
		master->judged.wrong[0] != '\0' ? "x4conf check"
						: "x4ctl reload"});
}

/* look_at_service - tell of a service that crashes at start */
static void
look_at_service(struct control_client *client, const struct service *service)
{
	bool queue = service->kind == SERVICE_QMGR;
	char text[256];

	if (service->throttle.until == 0 ||
	    throttle_remaining(&service->throttle, clock_monotonic()) == 0)
		return;
	(void)snprintf(text, sizeof(text),
	    "%s fails at start, tried again in %llu s: %s", service->name,
	    (unsigned long long)(throttle_remaining(
				     &service->throttle, clock_monotonic()) /
		    1000 +
		1),
	    service->history_count > 0 ? service->history[0].last_exit : "");
	send_problem(client,
	    &(struct problem){queue ? "qmgr" : "throttled", service->name,
		queue ? WEIGHT_QMGR : WEIGHT_THROTTLED, 0, text,
		"journalctl -u fourpost -n 50"});
}

/* problems_answer - send a row for each problem */
void
problems_answer(struct control_client *client)
{
	const struct service *service;

	look_at_file(client);
	TAILQ_FOREACH(service, &client->master->services, link) {
		look_at_service(client, service);
	}
}
