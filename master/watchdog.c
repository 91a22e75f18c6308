/* SPDX-License-Identifier: ISC */
/*
 * watchdog.c - tick: find who is late, and whose grace is over
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/certificates.h"
#include "master/ended.h"
#include "master/notify.h"
#include "master/phase.h"
#include "master/problems.h"
#include "master/sockets.h"
#include "master/supervise.h"
#include "master/watchdog.h"

#define PASSED_MS 5000 /* who lived so long has started well */

/* look_at_disk - note for how long the queue manager waits for the disk */
static void
look_at_disk(struct master *master, struct child *child)
{
	uint64_t since = worker_slot_get_disk(child->slot);

	if (since != child->disk_since) {
		child->disk_since = since;
		child->disk_tick = master->ticks;
	}
	if (since == 0)
		return;
	/* An abort cures no disk: the next queue manager would wait for the
	 * same flush, and all associations would have been cut. */
	child->last_tick = master->ticks;
	if (child_disk_ticks(child) == WATCHDOG_DISK)
		LOG_EVENT(EVENT_DISK_SILENT, LOG_STRING("worker", child->name),
		    LOG_INT("worker_pid", child->pid));
}

/* look_at - look at one worker */
static void
look_at(struct master *master, struct child *child)
{
	struct service *service = child->service;
	uint64_t limit =
	    service->kind == SERVICE_QMGR ? WATCHDOG_LATE_QMGR : WATCHDOG_LATE;

	if (service->kind == SERVICE_QMGR)
		look_at_disk(master, child);
	if (clock_monotonic() - child->started >= PASSED_MS)
		supervise_passed(service);
	/* A worker that had met that file again would not live any more. */
	if (service->culprit[0] != '\0' &&
	    clock_monotonic() - child->started >= 6 * (uint64_t)PASSED_MS)
		service->culprit[0] = '\0';
	/* The limits are counted in ticks of master, not in time: if the
	 * machine slept or master itself was held up, no worker is late for
	 * it. */
	if (master->ticks - child->last_tick >= limit)
		child_event(child, CHILD_LATE);
	if (master->ticks >= child->grace_until)
		child_event(child, CHILD_GRACE_OVER);
}

/* on_tick - count a tick, and do what is due */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct master *master = arg;
	struct service *service;
	struct child *child;

	(void)fd;
	(void)what;
	master->ticks++;
	/* New workers are added at the tail, and nobody is freed here. */
	TAILQ_FOREACH(service, &master->services, link) {
		TAILQ_FOREACH(child, &service->children, link)
			look_at(master, child);
	}
	/* SIGCHLD may have come while qmgr had not read of the end before: then
	 * the reaping stopped, and goes on here. */
	ended_reap(master);
	alarm_command_tick(master);
	sockets_look(master);
	certificates_look(master);
	phase_progress(master);
	log_tick(clock_monotonic());
	/* The service manager is told that we live from the loop itself, so
	 * that a loop that hangs is found. */
	notify_state(NOTIFY_ALIVE);
	problems_notify(master);
}

/* tick_length - return the length of a tick: a second, or what a test wants */
static unsigned
tick_length(void)
{
	const char *text = secure_getenv("FOURPOST_TICK_MS");
	const char *error = NULL;
	unsigned length;

	if (text == NULL)
		return MASTER_TICK_MS;
	length = (unsigned)strtonum(text, 1, MASTER_TICK_MS, &error);
	return error == NULL ? length : MASTER_TICK_MS;
}

/* watchdog_init - begin to tick */
int
watchdog_init(struct master *master)
{
	struct timeval tick;

	master->tick_ms = tick_length();
	tick.tv_sec = master->tick_ms / 1000;
	tick.tv_usec = (suseconds_t)(master->tick_ms % 1000 * 1000);
	master->tick_event =
	    event_new(master->base, -1, EV_PERSIST, on_tick, master);
	if (master->tick_event == NULL ||
	    evtimer_add(master->tick_event, &tick) != 0)
		return ERR_NOMEM;
	return 0;
}

/* watchdog_fini - stop */
void
watchdog_fini(struct master *master)
{
	if (master->tick_event != NULL)
		event_free(master->tick_event);
	master->tick_event = NULL;
}
