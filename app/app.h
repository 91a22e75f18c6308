/* SPDX-License-Identifier: ISC */
/*
 * app.h - access for programs: what both directions have in common
 *
 * A program and this MTA exchange messages by files of a directory (see
 * directory.h and fourpost-app(8)).  One process gives messages out and takes
 * the program's answers (out*.c), one takes what the program submits (in*.c).
 * Or the program connects to a socket: then one process serves that connection,
 * both ways (connection.h).
 */
#ifndef FOURPOST_APP_APP_H
#define FOURPOST_APP_APP_H

#include "app/directory.h"
#include "worker/worker.h"

struct app {
	struct worker worker;
	struct ipc_channel qmgr;
	struct conf *conf; /* owned */
	const struct conf_application *application;
	struct directory directory;
};

/* app_settings - wait for qmgr's settings and read them */
int app_settings(struct app *app, struct diag *diag) WARN_UNUSED;

/*
 * app_enter - confine the worker to the directory for good, and open it
 *
 * Before the confinement the directory is only looked at; ERR_NOTFOUND,
 * ERR_DENIED: it is not there, or not the application's, and nothing was done.
 * What is missing in it is made by the user that we have become.
 */
int app_enter(struct app *app, struct diag *diag) WARN_UNUSED;

/* app_in, app_out, app_socket - run as one of the workers until told to stop */
void app_in(struct worker *worker) __attribute__((noreturn));
void app_out(struct worker *worker) __attribute__((noreturn));
void app_socket(struct worker *worker) __attribute__((noreturn));

#endif
