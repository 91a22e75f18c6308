/* SPDX-License-Identifier: ISC */
/*
 * control.c - serve the socket "master": status, stop, reload, restart NAME
 */
#include <sys/socket.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf_access.h"
#include "master/control.h"
#include "master/difference.h"
#include "master/listener.h"
#include "master/phase.h"
#include "master/problems.h"
#include "master/reload.h"
#include "master/status.h"
#include "master/supervise.h"
#include "master/watchdog.h"

/* control_done - end an answer */
void
control_done(struct control_client *client, enum exit_status status,
    const char *fmt, ...)
{
	struct ipc_record record = {.type = IPC_DONE};
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	record.done.status = status;
	record.done.text = slice_of_string(text);
	/* A client that does not read its answers loses them, and its
	 * place. */
	if (loop_channel_send(&client->channel, &record) != 0)
		loop_channel_fini(&client->channel);
}

/* string_of - copy an argument as a string, cut to size */
static void
string_of(struct slice argument, char *text, size_t size)
{
	size_t len = argument.len < size - 1 ? argument.len : size - 1;

	if (len != 0)
		memcpy(text, argument.data, len);
	text[len] = '\0';
}

/* do_status - send a row for each worker */
static void
do_status(struct control_client *client, const struct ipc_request *request)
{
	struct ipc_record record = {.type = IPC_DONE};
	const char *error = NULL;
	uint64_t first = 0;
	char text[64] = "";
	size_t i;

	for (i = 0; i < request->argument_count; i++) {
		if (request->arguments[i].len != 0)
			string_of(request->arguments[i], text, sizeof(text));
		if (strncmp(text, "cursor=", 7) == 0)
			first =
			    (uint64_t)strtonum(text + 7, 0, INT32_MAX, &error);
		if (error != NULL) {
			control_done(
			    client, EXIT_STATUS_USAGE, "cursor is %s", error);
			return;
		}
	}
	record.done.cursor = status_answer(client, first);
	if (loop_channel_is_open(&client->channel) &&
	    loop_channel_send(&client->channel, &record) != 0)
		loop_channel_fini(&client->channel);
}

/* do_reload - read the configuration again and apply it */
static void
do_reload(struct control_client *client)
{
	struct diag diag = {0};

	if (reload(client->master, &diag) != 0)
		control_done(
		    client, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
	else
		control_done(client, EXIT_STATUS_DONE, "reloaded");
}

/* do_diff - send what a reload would change */
static void
do_diff(struct control_client *client)
{
	char more[32] = "";
	struct diag diag = {0};
	unsigned unsent = 0;

	if (difference_answer(client, &unsent, &diag) != 0) {
		control_done(
		    client, EXIT_STATUS_CONFIG, "%s", diag_text(&diag));
		return;
	}
	if (unsent > 0)
		(void)snprintf(more, sizeof(more), "and %u more", unsent);
	if (loop_channel_is_open(&client->channel))
		control_done(client, EXIT_STATUS_DONE, "%s", more);
}

/* restart_idle - start a service that has no worker */
static void
restart_idle(struct control_client *client, const char *name)
{
	struct service *service = service_find(client->master, name);

	if (service == NULL) {
		control_done(
		    client, EXIT_STATUS_REFUSED, "no worker \"%s\"", name);
		return;
	}
	/* A service that waits because it crashed is tried at once: the
	 * operator may have mended the cause. */
	supervise_passed(service);
	supervise(service);
	if (service_is_permanent(service))
		control_done(client, EXIT_STATUS_DONE, "%s: started", name);
	else
		control_done(client, EXIT_STATUS_REFUSED,
		    "%s: name one of its workers; none runs by that name",
		    name);
}

/* do_restart - have one worker replaced, and answer when it is gone */
static void
do_restart(struct control_client *client, const struct ipc_request *request)
{
	struct master *master = client->master;
	char name[WORKER_NAME_MAX];
	struct child *child;

	if (request->argument_count != 1 || request->arguments[0].len == 0) {
		control_done(
		    client, EXIT_STATUS_USAGE, "restart which worker?");
		return;
	}
	if (master->phase >= MASTER_STOPPING_WORKERS) {
		control_done(
		    client, EXIT_STATUS_REFUSED, "the suite is stopping");
		return;
	}
	string_of(request->arguments[0], name, sizeof(name));
	child = child_find_name(master, name);
	if (child == NULL) {
		restart_idle(client, name);
		return;
	}
	LOG_EVENT(EVENT_WORKER_RESTARTED, LOG_STRING("worker", name),
	    LOG_INT("worker_pid", child->pid));
	client->awaits = child->pid;
	child->grace_until = master->ticks + WATCHDOG_TERM_GRACE;
	child_event(child, CHILD_TOLD_TO_GO);
}

/* control_worker_ended - answer who waits for the end of a worker */
void
control_worker_ended(struct master *master, const struct child *child)
{
	struct control_client *client;
	const struct child *next = child_find_name(master, child->name);
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++) {
		client = &master->control.clients[i];
		/* The pid and not the name is awaited: the worker that replaces
		 * it bears the same name. */
		if (!loop_channel_is_open(&client->channel) ||
		    client->awaits != child->pid)
			continue;
		client->awaits = 0;
		if (next != NULL)
			control_done(client, EXIT_STATUS_DONE,
			    "%s: pid %ld replaced by %ld", child->name,
			    (long)child->pid, (long)next->pid);
		else
			control_done(client, EXIT_STATUS_DONE,
			    "%s: pid %ld ended; the next connection starts "
			    "another",
			    child->name, (long)child->pid);
	}
}

/* is_allowed - tell whether a client may ask for this, or say who may; what
 * changes something is logged */
static bool
is_allowed(struct control_client *client, const struct ipc_request *request)
{
	bool shows = slice_equal_string(request->command, "status") ||
	    slice_equal_string(request->command, "problems");
	/* Reads all files anew, so that it is not for everybody who may look;
	 * and changes nothing. */
	bool compares = slice_equal_string(request->command, "diff");
	char text[CONF_ACCESS_TEXT_MAX], command[32], what[WORKER_NAME_MAX];

	string_of(request->command, command, sizeof(command));
	string_of(request->argument_count > 0 ? request->arguments[0]
					      : slice_of(NULL, 0),
	    what, sizeof(what));
	/* A look is not logged, since tools look every few seconds. */
	if (shows ? client->views : client->changes) {
		if (!shows && !compares)
			LOG_EVENT(EVENT_ADMINISTRATOR,
			    LOG_STRING("command", command),
			    LOG_STRING("what", what),
			    LOG_INT("uid", client->uid),
			    LOG_STRING("user", client->user));
		return true;
	}
	(void)conf_access_needed(
	    client->master->conf, CONF_ACCESS_CHANGE, text);
	LOG_EVENT(EVENT_REQUEST_DENIED, LOG_STRING("address", client->user),
	    LOG_INT("uid", client->uid), LOG_STRING("name", command),
	    LOG_STRING("reason", text));
	control_done(client, EXIT_STATUS_REFUSED, "%s", text);
	return false;
}

/* on_request - do what x4ctl asks for */
static void
on_request(struct control_client *client, const struct ipc_request *request)
{
	if (!is_allowed(client, request))
		return;
	if (slice_equal_string(request->command, "status")) {
		do_status(client, request);
	} else if (slice_equal_string(request->command, "problems")) {
		problems_answer(client);
		if (loop_channel_is_open(&client->channel))
			control_done(client, EXIT_STATUS_DONE, "%s", "");
	} else if (slice_equal_string(request->command, "diff")) {
		do_diff(client);
	} else if (slice_equal_string(request->command, "stop")) {
		control_done(client, EXIT_STATUS_DONE, "stopping");
		phase_stop(client->master);
	} else if (slice_equal_string(request->command, "reload")) {
		do_reload(client);
	} else if (slice_equal_string(request->command, "restart")) {
		do_restart(client, request);
	} else {
		control_done(client, EXIT_STATUS_USAGE, "unknown command");
	}
}

/* on_record - take a hello first, then requests */
static void
on_record(struct loop_channel *channel, const struct ipc_record *record)
{
	struct control_client *client = channel->owner;
	struct diag diag = {0};

	/* A request before the hello is not read, for a tool of another version
	 * may mean something else by it. */
	if (client->greeted && record->type == IPC_REQUEST) {
		on_request(client, &record->request);
		return;
	}
	if (client->greeted || ipc_hello_check(record, &diag) != 0) {
		control_done(client, EXIT_STATUS_USAGE, "%s",
		    diag.code != 0 ? diag_text(&diag) : "unexpected record");
		if (loop_channel_is_open(channel))
			loop_channel_fini(channel);
		return;
	}
	client->greeted = true;
	if (ipc_channel_hello(&channel->ipc, IPC_ROLE_MASTER, "master", 0) !=
		0 ||
	    ipc_channel_flush(&channel->ipc) != 0)
		loop_channel_fini(channel);
}

/* on_end - close the channel of a client that went away */
static void
on_end(struct loop_channel *channel, const struct diag *diag)
{
	if (diag->code != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("socket", "master"),
		    LOG_STRING("reason", diag_text(diag)));
	loop_channel_fini(channel);
}

/* find_place - return a free place, or that of the oldest client */
static struct control_client *
find_place(struct control *control)
{
	struct control_client *client, *oldest = &control->clients[0];
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++) {
		client = &control->clients[i];
		if (!loop_channel_is_open(&client->channel))
			return client;
		if (client->arrival < oldest->arrival)
			oldest = client;
	}
	/* The oldest client gives way, so that clients that connect and say
	 * nothing keep nobody out. */
	loop_channel_fini(&oldest->channel);
	return oldest;
}

/* turn_away - close a connection of somebody who may ask for nothing here, and
 * say who may.  Nothing of it is read: root does not parse what strangers
 * write */
static void
turn_away(
    const struct master *master, int connection, const char *user, uid_t uid)
{
	struct ipc_record record = {
	    .type = IPC_DONE, .done.status = EXIT_STATUS_REFUSED};
	struct ipc_channel channel;
	char text[CONF_ACCESS_TEXT_MAX];

	record.done.text = slice_of_string(
	    conf_access_needed(master->conf, CONF_ACCESS_VIEW, text));
	LOG_EVENT(EVENT_REQUEST_DENIED, LOG_STRING("address", user),
	    LOG_INT("uid", uid), LOG_STRING("name", "master"),
	    LOG_STRING("reason", text));
	if (ipc_channel_init(&channel, connection) != 0) {
		(void)close(connection);
		return;
	}
	if (ipc_channel_send(&channel, &record) == 0)
		(void)!ipc_channel_flush(&channel);
	ipc_channel_fini(&channel);
}

/* know_caller - note who connected and what it may ask for: false, nothing */
static bool
know_caller(
    const struct master *master, int connection, struct control_client *client)
{
	struct credentials caller;

	if (credentials_get(connection, &caller) != 0) {
		(void)close(connection);
		return false;
	}
	client->uid = caller.uid;
	(void)credentials_name(&caller, client->user);
	client->views =
	    conf_access_allows(master->conf, &caller, CONF_ACCESS_VIEW);
	client->changes =
	    conf_access_allows(master->conf, &caller, CONF_ACCESS_CHANGE);
	credentials_fini(&caller);
	/* The check is made at the connection, by what the kernel says; a
	 * record could say anything. */
	if (!client->views)
		turn_away(master, connection, client->user, client->uid);
	return client->views;
}

/* on_connection - take a tool that connects */
static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct master *master = arg;
	struct control_client *client, new = {.master = master};
	int connection;

	(void)what;
	connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (connection < 0)
		return;
	if (!know_caller(master, connection, &new))
		return;
	client = find_place(&master->control);
	new.arrival = ++master->control.arrivals;
	*client = new;
	if (loop_channel_init(&client->channel, master->base, connection,
		on_record, on_end, client) != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("socket", "master"));
}

/* control_init - listen on the socket "master" of the run directory */
int
control_init(struct master *master, struct diag *diag)
{
	struct control *control = &master->control;
	const struct listener_access access = {
	    .user = (uid_t)-1, .group = (gid_t)-1, .mode = 0666};
	char path[sizeof(master->place.run_directory) + 8];

	(void)snprintf(
	    path, sizeof(path), "%s/master", master->place.run_directory);
	control->fd = listener_local(path, &access, diag);
	if (control->fd < 0)
		return control->fd;
	(void)strlcpy(control->path, path, sizeof(control->path));
	control->event = event_new(master->base, control->fd,
	    EV_READ | EV_PERSIST, on_connection, master);
	if (control->event == NULL || event_add(control->event, NULL) != 0)
		return diag_set(diag, ERR_NOMEM, "no memory");
	return 0;
}

/* control_fini - close it and all clients */
void
control_fini(struct master *master)
{
	struct control *control = &master->control;
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		if (loop_channel_is_open(&control->clients[i].channel))
			loop_channel_fini(&control->clients[i].channel);
	if (control->event != NULL)
		event_free(control->event);
	control->event = NULL;
	if (control->fd >= 0) {
		(void)unlink(control->path);
		(void)close(control->fd);
	}
	control->fd = -1;
}
