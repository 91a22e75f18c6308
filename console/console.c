/* SPDX-License-Identifier: ISC */
/*
 * console.c - the loop: HTTP, answers of the suite, time
 */
#include "console/console.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "console/request.h"

#define CONNECTIONS_MAX (2 * VISITORS_MAX)  /* with those that are closed */
#define HEADER_MAX	((size_t)16 * 1024) /* of a request */

/* The places of descriptors in a round of the loop. */
enum {
	POLL_ASKS = CONSOLE_DOORS,
	POLL_COUNT = POLL_ASKS + ASK_MAX
};

/* console_init - prepare to ask the suite */
int
console_init(struct console *console, struct worker *worker, struct conf *conf,
    const char *run_directory)
{
	*console = (struct console){.worker = worker, .conf = conf};
	console->guard.conf = &conf->console;
	asker_init(&console->asker, run_directory);
	snapshot_init(&console->snapshot, &console->asker, conf->mta.name);
	return 0;
}

/* on_connection - take note of a connection, and of its end */
static void
on_connection(void *arg, struct MHD_Connection *connection, void **visitor,
    enum MHD_ConnectionNotificationCode what)
{
	struct console_door *door = arg;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(
		    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*visitor = info == NULL
		    ? NULL
		    : visitors_enter(&door->visitors, info->connect_fd);
	} else if (*visitor != NULL) {
		visitors_leave(&door->visitors, *visitor);
		*visitor = NULL;
	}
}

/* on_complaint - pass over what MHD has to say: strangers cause it */
static void
    PRINTF_LIKE(2, 0) on_complaint(void *arg, const char *fmt, va_list ap)
{
	(void)arg;
	(void)fmt;
	(void)ap;
}

/* console_open - serve HTTP on a listening socket */
int
console_open(struct console *console, int fd, enum guard_door kind)
{
	struct console_door *door = &console->doors[console->door_count];
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
	    MHD_USE_ERROR_LOG | (fd < 0 ? MHD_USE_NO_LISTEN_SOCKET : 0);

	/* MHD takes no descriptor where it is told that there is none. */
	const struct MHD_OptionItem sockets[] = {
	    {fd < 0 ? MHD_OPTION_END : MHD_OPTION_LISTEN_SOCKET, fd, NULL},
	    {MHD_OPTION_END, 0, NULL}};

	*door = (struct console_door){.console = console, .kind = kind};
	visitors_init(&door->visitors);
	door->daemon = MHD_start_daemon(flags, 0, NULL, NULL, request_take,
	    door, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, NULL,
	    MHD_OPTION_ARRAY, sockets, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    HEADER_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(VISITORS_READ_MS / 1000), MHD_OPTION_STRICT_FOR_CLIENT,
	    1, MHD_OPTION_NOTIFY_COMPLETED, request_completed, door,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, door, MHD_OPTION_END);
	if (door->daemon == NULL)
		return ERR_NOMEM;
	console->door_count++;
	return 0;
}

/* wait_for_doors - say what the doors wait for; returns when the first of them
 * is to be run in any case */
static uint64_t
wait_for_doors(struct console *console, struct pollfd fds[CONSOLE_DOORS])
{
	uint64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < CONSOLE_DOORS; i++) {
		struct console_door *door = &console->doors[i];
		const union MHD_DaemonInfo *info;
		MHD_UNSIGNED_LONG_LONG ms;
		uint64_t next;

		fds[i] = (struct pollfd){.fd = -1};
		if (i >= console->door_count)
			continue;
		info =
		    MHD_get_daemon_info(door->daemon, MHD_DAEMON_INFO_EPOLL_FD);
		fds[i] = (struct pollfd){
		    .fd = info == NULL ? -1 : info->epoll_fd, .events = POLLIN};
		next = visitors_expire(&door->visitors);
		if (next < deadline)
			deadline = next;
		if (MHD_get_timeout(door->daemon, &ms) == MHD_YES &&
		    clock_after(ms) < deadline)
			deadline = clock_after(ms);
	}
	return deadline;
}

/* console_step - wait for something and do it */
int
console_step(struct console *console)
{
	struct pollfd fds[POLL_COUNT];
	uint64_t deadline = wait_for_doors(console, fds), next;
	int got;

	next = snapshot_tick(&console->snapshot);
	if (next < deadline)
		deadline = next;
	next = ask_poll(&console->asker, fds + POLL_ASKS);
	if (next < deadline)
		deadline = next;
	got = worker_wait(console->worker, fds, POLL_COUNT, deadline);
	if (got < 0 && got != ERR_TIMEOUT)
		return got;
	/* The suite's answers first, for they resume connections. */
	ask_run(&console->asker, fds + POLL_ASKS);
	for (size_t i = 0; i < console->door_count; i++)
		(void)MHD_run(console->doors[i].daemon);
	return 0;
}

/* console_form_forget - give back a form of a look */
void
console_form_forget(struct console_form *form)
{
	if (form->response != NULL)
		MHD_destroy_response(form->response);
	*form = (struct console_form){0};
}

/* console_fini - end all connections, give back everything */
void
console_fini(struct console *console)
{
	/* MHD wants no connection suspended when it stops. */
	asker_abandon(&console->asker);
	for (size_t i = 0; i < console->door_count; i++) {
		(void)MHD_run(console->doors[i].daemon);
		MHD_stop_daemon(console->doors[i].daemon);
	}
	console_form_forget(&console->status);
	console_form_forget(&console->metrics);
	snapshot_fini(&console->snapshot);
	asker_fini(&console->asker);
	conf_free(console->conf);
}
