/* SPDX-License-Identifier: ISC */
/*
 * status.c - send a row for each worker, for x4ctl status
 */
#include <unistd.h>

#include "base/version.h"
#include "master/service.h"
#include "master/status.h"

/* An answer of many rows is sent in parts; rows of parts that were sent
 * already are counted and not sent. */
struct answer {
	struct control_client *client;
	uint64_t first;
	uint64_t next;
};

/* text_field - make a field that holds a string */
static struct ipc_field
text_field(const char *name, const char *text)
{
	return (struct ipc_field){.name = slice_of_string(name),
	    .type = IPC_FIELD_TEXT,
	    .octets = slice_of_string(text)};
}

/* number_field - make a field that holds a number or a time */
static struct ipc_field
number_field(const char *name, enum ipc_field_type type, int64_t number)
{
	return (struct ipc_field){
	    .name = slice_of_string(name), .type = type, .number = number};
}

/* send_row - send a row, if it is among those wanted: tell whether to go on */
static bool
send_row(struct answer *answer, const char *name, pid_t pid, const char *state,
    int64_t since, const struct service_history *history)
{
	unsigned starts = history != NULL ? history->starts : 1;
	const struct ipc_field fields[] = {text_field("kind", "worker"),
	    text_field("name", name),
	    number_field("pid", IPC_FIELD_NUMBER, pid),
	    text_field("state", state),
	    number_field("since", IPC_FIELD_TIME, since),
	    number_field(
		"restarts", IPC_FIELD_NUMBER, starts > 1 ? starts - 1 : 0),
	    text_field("last_exit", history != NULL ? history->last_exit : ""),
	    text_field("version", version_text())};
	const size_t count = sizeof(fields) / sizeof(fields[0]);
	/* Master alone tells the release: all others are of the same build. */
	const struct ipc_record record = {.type = IPC_ROW,
	    .row = {fields, pid == getpid() ? count : count - 1}};

	if (answer->next >= answer->first + STATUS_ROWS_MAX)
		return false;
	if (answer->next++ < answer->first)
		return true;
	return loop_channel_send(&answer->client->channel, &record) == 0;
}

/* state_of - return a worker's state in a word */
static const char *
state_of(const struct child *child)
{
	const struct service *service = child->service;

	if (service_is_permanent(service) && child->state == CHILD_IDLE)
		return "running";
	return child_state_name(child->state);
}

/* send_service - send the rows of a service: its workers, or that it waits */
static bool
send_service(struct answer *answer, struct service *service)
{
	const struct child *child;

	TAILQ_FOREACH(child, &service->children, link) {
		if (!send_row(answer, child->name, child->pid, state_of(child),
			child->since, service_record(service, child->instance)))
			return false;
	}
	if (!TAILQ_EMPTY(&service->children) || service->throttle.until == 0)
		return true;
	return send_row(answer, service->name, 0, "throttled", 0,
	    service->history_count != 0 ? &service->history[0] : NULL);
}

/* status_answer - send rows from number first on */
uint64_t
status_answer(struct control_client *client, uint64_t first)
{
	struct master *master = client->master;
	struct answer answer = {.client = client, .first = first};
	struct service *service;
	bool all;

	all = send_row(&answer, "master", getpid(),
	    master->phase == MASTER_STARTING	  ? "starting"
		: master->phase == MASTER_RUNNING ? "running"
						  : "stopping",
	    master->since, NULL);
	TAILQ_FOREACH(service, &master->services, link) {
		all = all && send_service(&answer, service);
	}
	return all ? 0 : answer.next;
}
