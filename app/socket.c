/* SPDX-License-Identifier: ISC */
/*
 * socket.c - app, the worker of one connection of a program
 *
 * See fourpost-app(8).  master starts one when a program connects and none
 * waits; it serves that connection and ends.  When qmgr goes away it ends, for
 * nothing could be answered: the program connects again.
 */
#include <sys/socket.h>

#include "app/connection.h"
#include "base/clock.h"
#include "base/log.h"

#define ACCEPT_TIMEOUT	100000 /* ms */
#define CONNECT_TIMEOUT 60000  /* ms for qmgr to be there */
#define EXIT_FAILED	1

/* log_session - log who has connected */
static void
log_session(const struct connection *c)
{
	struct ucred who = {.pid = 0};
	socklen_t len = sizeof(who);

	if (getsockopt(c->program.fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		who = (struct ucred){.pid = 0};
	LOG_EVENT(EVENT_APP_SESSION,
	    LOG_STRING("application", c->app.application->name),
	    LOG_INT("uid", who.uid), LOG_INT("pid", who.pid));
}

/* connect_qmgr - connect to qmgr, or end */
static void
connect_qmgr(struct connection *c)
{
	struct worker *worker = &c->app.worker;
	struct diag diag = {0};
	int error = worker_qmgr(
	    worker, &c->app.qmgr, IPC_ROLE_APP, clock_after(CONNECT_TIMEOUT));

	if (error == 0)
		error = app_settings(&c->app, &diag);
	if (error != 0)
		worker_without_qmgr(worker, error, &diag);
}

/* greet - say what this is, before the program says anything */
static void
greet(struct connection *c)
{
	json_t *greeting = json_pack("{s:i, s:s}", "fourpost", 1, "application",
	    c->app.application->name);

	if (greeting == NULL || program_put_line(&c->program, greeting) < 0)
		c->program.lost = true;
	json_decref(greeting);
	program_flush(&c->program);
}

/* app_socket - serve one connection of a program */
void
app_socket(struct worker *worker)
{
	static struct connection connection;
	int fd;

	connection.app.worker = *worker;
	worker = &connection.app.worker;
	/* The seed of its hash tables is read from a device that the new root
	 * does not have. */
	json_object_seed(0);
	worker_confine(worker, NULL, SANDBOX_NETWORK);
	fd = worker_accept(worker, ACCEPT_TIMEOUT);
	if (fd < 0)
		worker_exit(worker, 0);
	program_init(&connection.program, fd);
	connect_qmgr(&connection);
	if (connection_init(&connection) < 0)
		worker_exit(worker, EXIT_FAILED);
	log_session(&connection);
	greet(&connection);
	connection_serve(&connection);
	connection_fini(&connection);
	worker_exit(worker, 0);
}
