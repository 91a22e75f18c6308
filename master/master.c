/* SPDX-License-Identifier: ISC */
/*
 * master.c - begin, run the loop, give everything back
 */
#include <signal.h>

#include "base/clock.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/version.h"
#include "master/console.h"
#include "master/ended.h"
#include "master/phase.h"
#include "master/reload.h"
#include "master/room.h"
#include "master/supervise.h"
#include "master/watchdog.h"

#define FILES_MAX    20000 /* one a worker, two sockets a link */
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};

/* The listeners to what happens to services and workers. */
static const struct service_hooks hooks = {.connected = supervise_connected,
    .delay_over = supervise_delay_over,
    .changed = supervise_changed,
    .called = room_caller,
    .ready = phase_child_ready};

/* on_signal - act on a signal, called by the loop */
static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct master *master = arg;
	struct diag diag = {0};

	(void)what;
	if (number == SIGCHLD) {
		ended_reap(master);
	} else if (number != SIGHUP) {
		phase_stop(master);
	} else if (reload(master, &diag) != 0) {
		/* A signal has no answer; reload() has logged the reason. */
		diag_clear(&diag);
	}
}

/* watch_signals - take all signals through the loop */
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

/* master_begin - take the directories, make the loop and what it serves */
static int
master_begin(struct master *master, struct diag *diag)
{
	int error;

	/* The lock comes first: whatever lies in the run directory may be
	 * another master's. */
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

	*master = (struct master){.hooks = &hooks,
	    .conf = conf,
	    .conf_path = conf_path,
	    .program_path = program_path,
	    .since = clock_wall()};
	TAILQ_INIT(&master->services);
	master->place.slots_fd = master->place.run_fd = -1;
	master->qmgr.child_fd = -1;
	on_disk_read(master, clock_wall());
	master->control.fd = -1;
	error = master_begin(master, diag);
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
	console_tell(master);
	TAILQ_FOREACH(service, &master->services, link) {
		supervise(service);
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
	alarm_command_fini(master);
	qmgr_channel_fini(master);
	watchdog_fini(master);
	for (i = 0; i < SIGNAL_COUNT; i++)
		if (master->signal_events[i] != NULL)
			event_free(master->signal_events[i]);
	if (master->base != NULL)
		event_base_free(master->base);
	conf_free(master->conf);
	/* The lock goes last, for whoever waits for our end waits for it. */
	place_fini(&master->place);
}
