/* SPDX-License-Identifier: ISC */
/*
 * control.h - serve the socket "master": status, stop, reload, restart NAME
 *
 * Spoken by x4ctl.  Everybody may connect; who is in no group that may ask for
 * anything here (conf_access.h) is told so, and nothing that he says is read.
 * At most CONTROL_CLIENTS at a time; who connects and says nothing is dropped
 * when the places are needed.
 */
#ifndef FOURPOST_MASTER_CONTROL_H
#define FOURPOST_MASTER_CONTROL_H

#include "base/credentials.h"
#include "ipc/exit_status.h"
#include "master/loop_channel.h"

#define CONTROL_CLIENTS 32

struct master;
struct child;

struct control_client {
	struct loop_channel channel;
	struct master *master;
	bool greeted;
	bool views, changes; /* as conf_access.h allowed when it connected */
	uid_t uid;
	char user[CREDENTIALS_NAME_MAX]; /* its name, or empty */
	pid_t awaits;			 /* the end of this worker; 0: none */
	uint64_t arrival; /* counts connections, to find the oldest */
};

struct control {
	int fd; /* owned; -1: none */
	char path[108];
	bool gone; /* sockets.c: it was removed, and that was logged */
	struct event *event;
	struct control_client clients[CONTROL_CLIENTS];
	uint64_t arrivals;
};

/* control_init - listen on the socket "master" of the run directory */
int control_init(struct master *master, struct diag *diag) WARN_UNUSED;

/* control_fini - close it and all clients */
void control_fini(struct master *master);

/* control_worker_ended - answer who waits for the end of a worker */
void control_worker_ended(struct master *master, const struct child *child);

/* control_done - end an answer */
void control_done(struct control_client *client, enum exit_status status,
    const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
