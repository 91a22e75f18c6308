/* SPDX-License-Identifier: ISC */
/*
 * master.c - beginning, the loop, the orderly end
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/version.h"
#include "master/notify.h"
#include "master/reload.h"
#include "master/service.h"
#include "master/watchdog.h"

#define FILES_MAX    20000 /* one a worker, two sockets a link */
#define START_TRIES  3	   /* of a qmgr that was never ready */
#define QMGR_GRACE   30	   /* ticks to end its last commit */
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

/* phase_name - for the log */
static const char *
phase_name(enum master_phase phase)
{
	switch (phase) {
	case MASTER_STARTING:
		return "starting";
	case MASTER_RUNNING:
		return "running";
	case MASTER_STOPPING_WORKERS:
		return "stopping workers";
	case MASTER_STOPPING_QMGR:
		return "stopping qmgr";
	case MASTER_STOPPED:
		return "stopped";
	}
	return "unknown";
}

/* set_phase - the one place where the phase changes */
static void
set_phase(struct master *master, enum master_phase phase, uint64_t grace)
{
	LOG_EVENT(phase == MASTER_RUNNING ? EVENT_READY
		: phase == MASTER_STOPPED ? EVENT_STOPPED
					  : EVENT_PHASE,
	    LOG_STRING("from", phase_name(master->phase)),
	    LOG_STRING("to", phase_name(phase)));
	master->phase = phase;
	master->phase_deadline = master->ticks + grace;
}

/* tell_started - whoever waits for the start learns how it went, once */
static void
tell_started(struct master *master, int status, const char *text)
{
	void (*started)(struct master *, int, const char *) = master->started;

	master->started = NULL;
	if (started != NULL)
		started(master, status, text);
}

/* master_ready - qmgr is open for business */
void
master_ready(struct master *master)
{
	master->qmgr.failed_starts = 0;
	if (master->phase != MASTER_STARTING)
		return;
	set_phase(master, MASTER_RUNNING, 0);
	notify_state(NOTIFY_READY);
	tell_started(master, 0, "");
}

/* master_not_starting - qmgr ended again before it ever was ready */
void
master_not_starting(struct master *master, const char *reason)
{
	char text[256];

	if (master->phase != MASTER_STARTING ||
	    ++master->qmgr.failed_starts < START_TRIES)
		return;
	(void)snprintf(text, sizeof(text),
	    "qmgr does not start (%s); the log tells why", reason);
	LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("reason", text));
	master->exit_status = MASTER_EXIT_FAILED;
	tell_started(master, MASTER_EXIT_FAILED, text);
	master_stop(master);
}

/* has_workers - whether some are left, qmgr apart; corpses do not count */
static bool
has_workers(const struct master *master, bool qmgr)
{
	const struct service *service;
	const struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		if ((service->kind == SERVICE_QMGR) != qmgr)
			continue;
		TAILQ_FOREACH(child, &service->children, link) {
			if (!child_is_going(child) ||
			    master->ticks <= master->phase_deadline + 1)
				return true;
		}
	}
	return false;
}

/* tell_all - an event to all workers, qmgr apart */
static void
tell_all(struct master *master, bool qmgr, enum child_event event)
{
	struct service *service;
	struct child *child;

	TAILQ_FOREACH(service, &master->services, link) {
		if ((service->kind == SERVICE_QMGR) == qmgr)
			TAILQ_FOREACH(child, &service->children, link)
				child_event(child, event);
	}
}

/* master_progress - a worker ended, or time went by: go on stopping */
void
master_progress(struct master *master)
{
	bool late = master->ticks >= master->phase_deadline;

	if (master->phase == MASTER_STOPPING_WORKERS) {
		if (late)
			tell_all(master, false, CHILD_GRACE_OVER);
		if (!has_workers(master, false)) {
			set_phase(master, MASTER_STOPPING_QMGR, QMGR_GRACE);
			tell_all(master, true, CHILD_TOLD_TO_GO);
			late = false;
		}
	}
	if (master->phase == MASTER_STOPPING_QMGR) {
		if (late)
			tell_all(master, true, CHILD_GRACE_OVER);
		if (!has_workers(master, true)) {
			set_phase(master, MASTER_STOPPED, 0);
			(void)event_base_loopbreak(master->base);
		}
	}
}

/* master_stop - begin the orderly end */
void
master_stop(struct master *master)
{
	struct service *service;

	if (master->phase >= MASTER_STOPPING_WORKERS)
		return;
	notify_state(NOTIFY_STOPPING);
	tell_started(master, MASTER_EXIT_FAILED, "stopped while starting");
	set_phase(master, MASTER_STOPPING_WORKERS, MASTER_STOP_GRACE);
	TAILQ_FOREACH(service, &master->services, link) {
		service_update(service);
	}
	tell_all(master, false, CHILD_TOLD_TO_GO);
	master_progress(master);
}

/* on_signal - a signal, in the loop's own course */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct master *master = arg;
	struct diag diag = {0};

	(void)what;
	if (number == SIGCHLD) {
		child_reap(master);
	} else if (number != SIGHUP) {
		master_stop(master);
	} else if (reload(master, &diag) != 0) {
		/* It is in the log; nobody else waits for an answer. */
		diag_clear(&diag);
	}
}

/* watch_signals - all of them through the loop */
static int
watch_signals(struct master *master)
{
	size_t i;

	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < SIGNAL_COUNT; i++) {
		master->signal_events[i] =
		    evsignal_new(master->base, signals[i], on_signal, master);
		if (master->signal_events[i] == NULL ||
		    evsignal_add(master->signal_events[i], NULL) != 0)
			return ERR_NOMEM;
	}
	return 0;
}

/* begin - everything that needs the loop */
static int
begin(struct master *master, struct diag *diag)
{
	int error;

	/* The lock first: another master's sockets are not to be touched. */
	error = place_init(&master->place, master->conf, diag);
	if (error != 0)
		return error;
	if (limit_files(FILES_MAX, diag) < 0)
		return ERR_IO;
	master->base = event_base_new();
	if (master->base == NULL || watch_signals(master) != 0 ||
	    qmgr_channel_init(master) != 0 || watchdog_init(master) != 0)
		return diag_set(diag, ERR_NOMEM, "the event loop fails");
	error = reload_services(master, master->conf, diag);
	if (error == 0)
		error = control_init(master, diag);
	return error;
}

/* master_init - take the run directory, bind every socket */
int
master_init(struct master *master, struct conf *conf, const char *conf_path,
    const char *program_path, struct diag *diag)
{
	int error;

	*master = (struct master){.conf = conf,
	    .conf_path = conf_path,
	    .program_path = program_path,
	    .since = clock_wall()};
	TAILQ_INIT(&master->services);
	master->place.slots_fd = master->place.run_fd = -1;
	master->qmgr.child_fd = -1;
	master->control.fd = -1;
	error = begin(master, diag);
	if (error != 0)
		master_fini(master);
	return error;
}

/* master_run - start the services and serve until the orderly end */
int
master_run(struct master *master)
{
	struct service *service;

	LOG_EVENT(EVENT_STARTED, LOG_STRING("version", version_text()),
	    LOG_STRING("configuration", master->conf_path),
	    LOG_STRING("run", master->place.run_directory));
	TAILQ_FOREACH(service, &master->services, link) {
		service_update(service);
	}
	if (event_base_dispatch(master->base) < 0)
		fatal(MASTER_EXIT_FAILED, "the event loop fails");
	return master->exit_status;
}

/* master_fini - give everything back */
void
master_fini(struct master *master)
{
	struct service *service, *next;
	size_t i;

	for (service = TAILQ_FIRST(&master->services); service != NULL;
	     service = next) {
		next = TAILQ_NEXT(service, link);
		child_abandon(service);
		service_free(service);
	}
	if (master->base != NULL)
		control_fini(master);
	qmgr_channel_fini(master);
	watchdog_fini(master);
	for (i = 0; i < SIGNAL_COUNT; i++)
		if (master->signal_events[i] != NULL)
			event_free(master->signal_events[i]);
	if (master->base != NULL)
		event_base_free(master->base);
	conf_free(master->conf);
	/* The lock last: who waits for our end waits for it. */
	place_fini(&master->place);
}
