/* SPDX-License-Identifier: ISC */
/*
 * master.h - spawn, watch, throttle, reload; every listening socket
 *
 * One struct for the whole program, which its parts point to.  The files,
 * lowest first; each calls only those above it in this list (tests/lint/allowed
 * keeps the order):
 *
 *   throttle.c      how long a service that crashes at its start waits
 *   notify.c        what the service manager is told
 *   certificates.c  whether a certificate or revocation list expires soon
 *   background.c    going into the background
 *   directory.c     directories made safely, as root
 *   listener.c      listening sockets
 *   spawn.c         the process of a worker
 *   place.c         run and state directory, pid file, slots file
 *   loop_channel.c  a channel in the loop
 *   service.c       what is to run, its sockets, its workers
 *   child.c         the life of a worker: states and events
 *   qmgr_channel.c  what qmgr is given and told
 *   launch.c        starting a worker
 *   room.c          who goes when too many strangers call
 *   supervise.c     the one decision of a service: start, watch, or wait
 *   sockets.c       whether the local sockets are still there
 *   phase.c         from the start to the orderly end
 *   status.c        the rows of x4ctl status
 *   on_disk.c       whether the configuration on disk is the one in force
 *   problems.c      what is wrong, for x4ctl status and the service manager
 *   reload.c        from one configuration to another
 *   control.c       requests of x4ctl
 *   ended.c         workers that have ended
 *   watchdog.c      master's own tick: who is late, whose grace is over
 *   master.c        beginning and end, signals
 *   main.c          arguments
 *
 * What happens to services and workers goes the other way by the hooks of
 * service.h.
 *
 * master parses nothing that a peer sent and allocates nothing for it.
 *
 * It alone knows who a worker is, and says so to qmgr: of each process its
 * pid, role, name and ticket before it can execute anything (spawn.h), of its
 * end before the pid can be another's (ended.h), and of all that there are
 * when a qmgr starts (qmgr_channel.h).  qmgr believes nobody else about that.
 */
#ifndef FOURPOST_MASTER_MASTER_H
#define FOURPOST_MASTER_MASTER_H

#include <event2/event.h>
#include <sys/queue.h>

#include "client/limits.h"
#include "conf/conf.h"
#include "master/alarm_command.h"
#include "master/control.h"
#include "master/on_disk.h"
#include "master/place.h"
#include "master/qmgr_channel.h"

#define MASTER_TICK_MS 1000
/* Ticks for workers to end, then they are killed. */
#define MASTER_STOP_GRACE  (LIMITS_STOP_WORKER / MASTER_TICK_MS)
#define MASTER_EXIT_FAILED 1

enum master_phase {
	MASTER_STARTING,	 /* until qmgr is open for business */
	MASTER_RUNNING,		 /* readiness was announced */
	MASTER_STOPPING_WORKERS, /* all but qmgr were told to go */
	MASTER_STOPPING_QMGR,	 /* then it */
	MASTER_STOPPED		 /* nothing is left */
};

TAILQ_HEAD(service_list, service);

struct service_hooks;

struct master {
	enum master_phase phase;
	const struct service_hooks *hooks;
	struct event_base *base;
	struct conf *conf;     /* in force */
	const char *conf_path; /* where reload reads it */
	struct on_disk on_disk;
	char console_missing[256]; /* why there is none; empty: there is, or
				    * none is wanted */
	struct first_problem file_problem; /* of the last look at the disk */
	const char *program_path;	   /* directory of the daemons */
	struct place place;		   /* run directory and what is in it */
	struct service_list services;
	struct qmgr_channel qmgr; /* our side towards qmgr */
	struct control control;
	struct event *signal_events[4];
	struct event *tick_event;
	pid_t ended;		    /* not reaped before qmgr knows; 0: none */
	uint64_t certificates_next; /* monotonic ms: certificates.c looks */
	uint64_t revocations_next;  /* likewise, at the revocation lists */
	uint64_t revocations_again; /* and when it says the same again */
	bool revocations_expired;   /* it said that they have expired */
	struct alarm_commands alarm_commands;
	uint64_t ticks;		 /* of our own, since the start */
	uint64_t phase_deadline; /* in ticks, of a stopping phase */
	unsigned tick_ms;
	int64_t since; /* wall-clock ms */
	int exit_status;
	/* tells whoever waits for the start; NULL if nobody does */
	void (*started)(struct master *master, int status, const char *text);
	int started_fd; /* for its use */
};

/*
 * master_init - take the run directory, bind every socket
 *
 * conf is owned from here on, also after an error.  ERR_EXISTS if another
 * master runs there.
 */
int master_init(struct master *master, struct conf *conf, const char *conf_path,
    const char *program_path, struct diag *diag) WARN_UNUSED;

/* master_run - start the services and serve until the orderly end: the exit
 * status */
int master_run(struct master *master);

/* master_fini - give everything back */
void master_fini(struct master *master);

#endif
