/* SPDX-License-Identifier: ISC */
/*
 * supervise.c - decide of a service: start a worker, watch its sockets, or wait
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/launch.h"
#include "master/room.h"
#include "master/supervise.h"

/* start - start a worker, or wait if that fails */
static void
start(struct service *service)
{
	char text[96];
	int error = launch_worker(service);

	if (error == 0)
		return;
	(void)snprintf(text, sizeof(text), "%s%s%s", error_strerror(error),
	    error == ERR_IO ? ": " : "",
	    error == ERR_IO ? strerror(errno) : "");
	supervise_failed(service, text);
}

/* note_full - log once that callers wait until a worker has ended */
static void
note_full(struct service *service, unsigned present)
{
	bool full =
	    (service->kind == SERVICE_X400IN || service->kind == SERVICE_APP) &&
	    service->workers_max > 0 && present >= service->workers_max;

	if (full && !service->full)
		LOG_EVENT(EVENT_CALLERS_WAIT,
		    LOG_STRING("service", service->name),
		    LOG_INT("workers", present));
	service->full = full;
}

/* look_on_demand - watch the sockets of a service unless a worker waits there
 * or too many work */
static void
look_on_demand(struct service *service, unsigned present, unsigned idle)
{
	/* While an idle worker waits on the socket, master does not watch it:
	 * both would wake for each caller. */
	if (idle == 0 && present < service->workers_max)
		service_watch(service);
	else
		service_unwatch(service);
	note_full(service, present);
}

/* supervise - start a worker of a service, watch its sockets, or wait */
void
supervise(struct service *service)
{
	enum master_phase phase = service->master->phase;
	unsigned present = 0, idle = 0;
	const struct child *child;
	uint64_t remaining;

	if (service->removed || phase >= MASTER_STOPPING_WORKERS) {
		service_unwatch(service);
		return;
	}
	TAILQ_FOREACH(child, &service->children, link) {
		present += !child_is_killed(child);
		idle += child->state == CHILD_IDLE;
	}
	/* A service that waits after a failure starts nothing, even if callers
	 * are there: they stay in the backlog of the socket. */
	remaining = throttle_remaining(&service->throttle, clock_monotonic());
	if (remaining != 0)
		service_wait(service, remaining);
	else if (!service_is_permanent(service))
		look_on_demand(service, present, idle);
	else if (present == 0)
		start(service);
}

/* supervise_connected - start a worker for a caller whom none awaits */
void
supervise_connected(struct service *service)
{
	if (service->kind == SERVICE_X400IN)
		room_make(service);
	start(service);
	supervise(service);
}

/* supervise_delay_over - go on with a service that had to wait */
void
supervise_delay_over(struct service *service)
{
	/* The loop's clock is coarse, and the timer may fire a little early:
	 * then supervise() waits for the rest. */
	if (throttle_remaining(&service->throttle, clock_monotonic()) == 0)
		qmgr_channel_throttled(service, 0);
	supervise(service);
}

/* supervise_changed - look again at the service of a worker that changed */
void
supervise_changed(struct child *child)
{
	supervise(child->service);
}

/* supervise_failed - wait before the next start, for one went wrong */
void
supervise_failed(struct service *service, const char *reason)
{
	uint64_t delay = throttle_failed(&service->throttle, clock_monotonic());

	LOG_EVENT(EVENT_THROTTLED, LOG_STRING("service", service->name),
	    LOG_INT("seconds", delay / 1000), LOG_STRING("reason", reason));
	/* qmgr opens no association to the service until then: messages wait
	 * for it instead of failing. */
	qmgr_channel_throttled(service, clock_wall() + (int64_t)delay);
	service_wait(service, delay);
}

/* supervise_passed - end the waiting, for a worker started well */
void
supervise_passed(struct service *service)
{
	if (!throttle_passed(&service->throttle))
		return;
	(void)evtimer_del(service->throttle_event);
	qmgr_channel_throttled(service, 0);
}

/* supervise_retire - tell all workers of a service to go */
void
supervise_retire(struct service *service)
{
	struct child *child;

	TAILQ_FOREACH(child, &service->children, link) {
		child_event(child, CHILD_TOLD_TO_GO);
	}
}

/* supervise_renew - tell those workers to go whose peer is not known yet */
void
supervise_renew(struct service *service)
{
	struct child *child;

	TAILQ_FOREACH(child, &service->children, link) {
		/* A worker whose peer is known has agreed on the terms of the
		 * old configuration and keeps them to its end; all others could
		 * still meet a peer under terms that no longer hold. */
		if (child->state != CHILD_BOUND)
			child_event(child, CHILD_TOLD_TO_GO);
	}
}

/* supervise_remove - end a service that is not configured any more */
void
supervise_remove(struct service *service)
{
	/* The service is freed with its last worker only, for each worker
	 * points to it. */
	service->removed = true;
	service_unlisten(service);
	(void)evtimer_del(service->throttle_event);
	supervise_retire(service);
	if (TAILQ_EMPTY(&service->children))
		service_free(service);
}
