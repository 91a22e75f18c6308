/* SPDX-License-Identifier: ISC */
/*
 * service.c - what is to run, and the one decision: start one or wait
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "master/room.h"
#include "master/service.h"

static const struct {
	const char *prefix;
	const char *program;
	bool permanent;
} kinds[] = {
    [SERVICE_QMGR] = {"qmgr", "fourpost-qmgr", true},
    [SERVICE_MSMI_IN] = {"msmi-in", "fourpost-msmi", true},
    [SERVICE_X400IN] = {"x400in", "fourpost-x400in", false},
    [SERVICE_X400OUT] = {"x400out", "fourpost-x400out", false},
    [SERVICE_MSMI_OUT] = {"msmi-out", "fourpost-msmi", false},
};

/* service_is_permanent - whether one worker always runs */
bool
service_is_permanent(const struct service *service)
{
	return kinds[service->kind].permanent;
}

/* service_program - the program that serves it */
const char *
service_program(const struct service *service)
{
	return kinds[service->kind].program;
}

/* on_throttle_over - a service may start again */
static void
on_throttle_over(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	/* The loop's clock is coarse: it may be a little early. */
	if (throttle_remaining(&service->throttle, clock_monotonic()) == 0)
		qmgr_channel_throttled(service, 0);
	service_update(service);
}

/* service_new - a service without sockets, in the list */
struct service *
service_new(struct master *master, enum service_kind kind, const char *key,
    unsigned workers_max)
{
	struct service *service = calloc(1, sizeof(*service));

	if (service == NULL)
		return NULL;
	service->master = master;
	service->kind = kind;
	service->workers_max = workers_max < SERVICE_WORKERS_MAX
	    ? workers_max
	    : SERVICE_WORKERS_MAX;
	TAILQ_INIT(&service->children);
	(void)strlcpy(service->key, key, sizeof(service->key));
	(void)snprintf(service->name, sizeof(service->name), "%s%s%s",
	    kinds[kind].prefix, key[0] != '\0' ? "/" : "", key);
	service->throttle_event =
	    evtimer_new(master->base, on_throttle_over, service);
	if (service->throttle_event == NULL) {
		free(service);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&master->services, service, link);
	return service;
}

/* service_listens - the number of the socket of that name, or -1 */
int
service_listens(const struct service *service, const char *name)
{
	unsigned i;

	for (i = 0; i < service->listener_count; i++)
		if (strcmp(service->listeners[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* service_drop - close a socket; local: remove it from the directory too */
void
service_drop(struct service *service, unsigned number)
{
	struct service_listener *listener = &service->listeners[number];

	if (listener->event != NULL)
		event_free(listener->event);
	if (listener->local)
		(void)unlink(listener->name);
	(void)close(listener->fd);
	service->listener_count--;
	memmove(listener, listener + 1,
	    (service->listener_count - number) * sizeof(*listener));
}

/* service_unlisten - close its sockets and remove them from the directory */
void
service_unlisten(struct service *service)
{
	while (service->listener_count != 0)
		service_drop(service, service->listener_count - 1);
	service->watching = false;
}

/* service_free - out of the list, sockets closed */
void
service_free(struct service *service)
{
	if (!TAILQ_EMPTY(&service->children))
		panic("%s freed with workers", service->name);
	TAILQ_REMOVE(&service->master->services, service, link);
	service_unlisten(service);
	event_free(service->throttle_event);
	free(service->history);
	free(service);
}

/* start - start a worker, or wait if that fails */
static void
start(struct service *service)
{
	char text[96];
	int error = child_start(service);

	if (error == 0)
		return;
	(void)snprintf(text, sizeof(text), "%s%s%s", error_strerror(error),
	    error == ERR_IO ? ": " : "",
	    error == ERR_IO ? strerror(errno) : "");
	service_start_failed(service, text);
}

/* on_connection - somebody connects and nobody waits for it */
static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	/* Another socket of ours may have been readable in the same turn. */
	if (!service->watching)
		return;
	if (service->kind == SERVICE_X400IN)
		room_make(service);
	start(service);
	service_update(service);
}

/* service_listen - give it a listening socket */
int
service_listen(struct service *service, int fd, const char *name, bool local,
    struct diag *diag)
{
	struct service_listener *listener;

	if (service->listener_count == SERVICE_LISTEN_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "%s: more than %d listening sockets", service->name,
		    SERVICE_LISTEN_MAX);
	listener = &service->listeners[service->listener_count];
	*listener = (struct service_listener){.fd = fd, .local = local};
	if (!service_is_permanent(service)) {
		listener->event = event_new(service->master->base, fd,
		    EV_READ | EV_PERSIST, on_connection, service);
		if (listener->event == NULL)
			return diag_set(
			    diag, ERR_NOMEM, "%s: no memory", service->name);
	}
	(void)strlcpy(listener->name, name, sizeof(listener->name));
	service->listener_count++;
	service->watching = false;
	return 0;
}

/* service_find - the service of that name that is not removed, or NULL */
struct service *
service_find(struct master *master, const char *name)
{
	struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		if (!service->removed && strcmp(service->name, name) == 0)
			return service;
	}
	return NULL;
}

/* watch - have the sockets watched, or not */
static void
watch(struct service *service, bool on)
{
	unsigned i;

	for (i = 0; i < service->listener_count; i++) {
		if (service->listeners[i].event == NULL)
			continue;
		if (on)
			(void)event_add(service->listeners[i].event, NULL);
		else
			(void)event_del(service->listeners[i].event);
	}
	service->watching = on;
}

/* wait_throttled - come back when the delay is over */
static void
wait_throttled(struct service *service, uint64_t remaining)
{
	struct timeval delay = {.tv_sec = (time_t)(remaining / 1000),
	    .tv_usec = (suseconds_t)(remaining % 1000 * 1000)};

	watch(service, false);
	(void)evtimer_add(service->throttle_event, &delay);
}

/* tell_full - say once that callers must wait until a worker has ended */
static void
tell_full(struct service *service, unsigned present)
{
	bool full = service->kind == SERVICE_X400IN &&
	    service->workers_max > 0 && present >= service->workers_max;

	if (full && !service->full)
		LOG_EVENT(EVENT_CALLERS_WAIT,
		    LOG_STRING("service", service->name),
		    LOG_INT("workers", present));
	service->full = full;
}

/* service_update - the one decision: start a worker, watch, or wait */
void
service_update(struct service *service)
{
	enum master_phase phase = service->master->phase;
	unsigned present = 0, idle = 0;
	const struct child *child;
	uint64_t remaining;

	if (service->removed || phase >= MASTER_STOPPING_WORKERS) {
		watch(service, false);
		return;
	}
	TAILQ_FOREACH(child, &service->children, link) {
		present += !child_is_going(child);
		idle += child->state == CHILD_IDLE;
	}
	remaining = throttle_remaining(&service->throttle, clock_monotonic());
	if (remaining != 0)
		wait_throttled(service, remaining);
	else if (!service_is_permanent(service)) {
		watch(service, idle == 0 && present < service->workers_max);
		tell_full(service, present);
	} else if (present == 0)
		start(service);
}

/* service_start_failed - a start went wrong: wait before the next */
void
service_start_failed(struct service *service, const char *reason)
{
	uint64_t delay = throttle_failed(&service->throttle, clock_monotonic());

	LOG_EVENT(EVENT_THROTTLED, LOG_STRING("service", service->name),
	    LOG_INT("seconds", delay / 1000), LOG_STRING("reason", reason));
	qmgr_channel_throttled(service, clock_wall() + (int64_t)delay);
	wait_throttled(service, delay);
}

/* service_start_passed - a worker started well */
void
service_start_passed(struct service *service)
{
	if (!throttle_passed(&service->throttle))
		return;
	(void)evtimer_del(service->throttle_event);
	qmgr_channel_throttled(service, 0);
}

/* service_retire - tell all its workers to go */
void
service_retire(struct service *service)
{
	struct child *child;

	TAILQ_FOREACH(child, &service->children, link) {
		child_event(child, CHILD_TOLD_TO_GO);
	}
}

/* service_remove - it is not configured any more */
void
service_remove(struct service *service)
{
	service->removed = true;
	service_unlisten(service);
	(void)evtimer_del(service->throttle_event);
	service_retire(service);
	if (TAILQ_EMPTY(&service->children))
		service_free(service);
}

/* service_record - the history of an instance */
struct service_history *
service_record(struct service *service, unsigned instance)
{
	struct service_history *more;
	size_t count = service->history_count;

	if (instance == 0 || instance > PLACE_SLOTS)
		return NULL;
	if (instance > count) {
		more = reallocarray(service->history, instance, sizeof(*more));
		if (more == NULL)
			return NULL;
		memset(more + count, 0, (instance - count) * sizeof(*more));
		service->history = more;
		service->history_count = instance;
	}
	return &service->history[instance - 1];
}
