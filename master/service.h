/* SPDX-License-Identifier: ISC */
/*
 * service.h - keep what is to run: programs, sockets, workers
 *
 *   qmgr           always one
 *   msmi-in/PO     always one
 *   app-in/NAME    always one
 *   tracker        always one
 *   mixer-memory   always one, if there is a gateway
 *   tracking-database  always one, if it is configured
 *   search         one for each tool that searches that
 *   console        always one, if it is configured
 *   x400in         as many as are needed, on the TCP sockets
 *   mixer-in/NAME  the same, on the sockets of its section
 *   x400out/LINK   as many as qmgr connects for
 *   msmi-out/PO    the same
 *   app-out/NAME   the same
 *   app/NAME       one for each connection of its program
 *   mixer-out/NAME the same
 *
 * The sockets are watched only while no idle worker waits on them: a socket
 * that is readable then starts one.
 */
#ifndef FOURPOST_MASTER_SERVICE_H
#define FOURPOST_MASTER_SERVICE_H

#include "master/child.h"
#include "master/master.h"
#include "master/throttle.h"

#define SERVICE_NAME_MAX    64
#define SERVICE_LISTEN_MAX  WORKER_LISTEN_MAX
#define SERVICE_WORKERS_MAX CONF_WORKERS_MAX
#define SERVICE_UNBOUND_MAX 50 /* x400in whose peers are not known yet */

enum service_kind {
	SERVICE_QMGR,
	SERVICE_MSMI_IN,
	SERVICE_X400IN,
	SERVICE_X400OUT,
	SERVICE_MSMI_OUT,
	SERVICE_TRACKER,
	SERVICE_APP_IN,
	SERVICE_APP_OUT,
	SERVICE_APP,
	SERVICE_MIXER_IN,
	SERVICE_MIXER_OUT,
	SERVICE_MIXER_MEMORY,
	SERVICE_CONSOLE,
	SERVICE_TRACKING_DATABASE,
	SERVICE_SEARCH
};

/* The history of the workers that bore an instance number. */
struct service_history {
	unsigned starts;
	char last_exit[32]; /* empty: none ended yet */
};

enum service_socket {
	SERVICE_TCP,
	SERVICE_LOCAL /* a name, which is removed with the service */
};

struct service_listener {
	int fd; /* owned */
	struct event *event;
	enum service_socket kind;
	bool tls;	/* of TCP: TLS is spoken on it */
	bool proxy;	/* of TCP: a balancer says who calls */
	bool gone;	/* sockets.c: it was removed, and that was logged */
	bool fresh;	/* made for a configuration not in force yet */
	char name[108]; /* path, or host:port */
};

/* The last worker of a service that ended abnormally. */
struct service_end {
	int64_t time;	/* wall clock ms; 0: none did */
	char text[224]; /* its name, and how */
};

struct service {
	TAILQ_ENTRY(service) link;
	struct master *master;
	enum service_kind kind;
	char name[SERVICE_NAME_MAX]; /* "x400out/paris" */
	char key[CONF_NAME_MAX + 1]; /* of its section, or empty */
	struct service_listener listeners[SERVICE_LISTEN_MAX];
	unsigned listener_count;
	unsigned workers_max;
	struct child_list children;
	struct throttle throttle;
	unsigned early_ends; /* orderly ends soon after the start, in a row */
	struct event *throttle_event;
	struct service_history *history; /* by instance, from 0; owned */
	unsigned history_count;
	struct service_end bad_end;
	bool fresh;   /* made for a configuration not in force yet */
	bool removed; /* no longer configured: goes with its last worker */
	bool watching;
	bool full; /* as many workers as there may be, and that was logged */
	/* of what takes files: the file that the last worker crashed on */
	char culprit[WORKER_SLOT_FILE];
};

/* Notices to the files above, which decide.  Services and workers stand
 * below them and reach them by this table alone, which master.c fills. */
struct service_hooks {
	void (*connected)(struct service *service); /* no worker waits there */
	void (*delay_over)(struct service *service);
	void (*changed)(struct child *child);	   /* its state */
	void (*called)(const struct child *child); /* has taken a connection */
	void (*ready)(struct child *child);
};

/* service_new - make a service without sockets, in the list.  NULL: no
 * memory */
struct service *service_new(struct master *master, enum service_kind kind,
    const char *key, unsigned workers_max);

/* service_free - take a service out of the list, close its sockets, free it;
 * it must have no worker */
void service_free(struct service *service);

/* service_listen - give a service a listening socket; fd is owned if that
 * works.  name is its path, or host:port.  ERR_LIMIT, ERR_NOMEM */
int service_listen(struct service *service, int fd, const char *name,
    enum service_socket kind, struct diag *diag) WARN_UNUSED;

/* service_listens - return the number of the socket of that name, or -1 */
int service_listens(const struct service *service, const char *name);

/* service_drop - close a socket, and remove the name of a local one */
void service_drop(struct service *service, unsigned number);

/* service_unlisten - close all sockets, and remove the names of local ones */
void service_unlisten(struct service *service);

/* service_watch - start a worker when somebody connects */
void service_watch(struct service *service);

/* service_unwatch - leave who connects to the workers, or waiting */
void service_unwatch(struct service *service);

/* service_wait - watch nothing until a delay is over, then call the hook */
void service_wait(struct service *service, uint64_t delay_ms);

/* service_find - find the service of that name that is not removed, or NULL */
struct service *service_find(struct master *master, const char *name);

/* service_is_permanent - tell whether one worker always runs */
bool service_is_permanent(const struct service *service);

/* service_takes_files - tell whether its worker submits files that it finds */
bool service_takes_files(const struct service *service);

/* service_program - return the name of the program that serves it */
const char *service_program(const struct service *service);

/* service_record - find or make the history of an instance.  NULL: no memory */
struct service_history *
service_record(struct service *service, unsigned instance);

#endif
