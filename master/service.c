/* SPDX-License-Identifier: ISC */
/*
 * service.c - keep what is to run: programs, sockets, workers
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
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
    [SERVICE_TRACKER] = {"tracker", "fourpost-tracker", true},
    [SERVICE_APP_IN] = {"app-in", "fourpost-app", true},
    [SERVICE_APP_OUT] = {"app-out", "fourpost-app", false},
    [SERVICE_APP] = {"app", "fourpost-app", false},
    [SERVICE_MIXER_IN] = {"mixer-in", "fourpost-mixer", false},
    [SERVICE_MIXER_OUT] = {"mixer-out", "fourpost-mixer", false},
    [SERVICE_MIXER_MEMORY] = {"mixer-memory", "fourpost-mixer-memory", true},
    [SERVICE_CONSOLE] = {"console", "fourpost-console", true},
    [SERVICE_TRACKING_DATABASE] = {"tracking-database",
	"fourpost-tracking-database", true},
    [SERVICE_SEARCH] = {"search", "fourpost-tracker", false},
};

/* service_is_permanent - tell whether one worker always runs */
bool
service_is_permanent(const struct service *service)
{
	return kinds[service->kind].permanent;
}

/* service_takes_files - tell whether its worker submits files that it finds */
bool
service_takes_files(const struct service *service)
{
	return service->kind == SERVICE_MSMI_IN ||
	    service->kind == SERVICE_APP_IN;
}

/* service_program - return the name of the program that serves it */
const char *
service_program(const struct service *service)
{
	return kinds[service->kind].program;
}

/* on_delay_over - tell that a service may start again */
static void
on_delay_over(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	service->master->hooks->delay_over(service);
}

/* service_new - make a service without sockets, in the list */
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
	    evtimer_new(master->base, on_delay_over, service);
	if (service->throttle_event == NULL) {
		free(service);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&master->services, service, link);
	return service;
}

/* service_listens - return the number of the socket of that name, or -1 */
int
service_listens(const struct service *service, const char *name)
{
	unsigned i;

	for (i = 0; i < service->listener_count; i++)
		if (strcmp(service->listeners[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* service_drop - close a socket, and remove its name */
void
service_drop(struct service *service, unsigned number)
{
	struct service_listener *listener = &service->listeners[number];

	if (listener->event != NULL)
		event_free(listener->event);
	if (listener->kind == SERVICE_LOCAL)
		(void)unlink(listener->name);
	(void)close(listener->fd);
	service->listener_count--;
	memmove(listener, listener + 1,
	    (service->listener_count - number) * sizeof(*listener));
}

/* service_unlisten - close all sockets, and remove their names */
void
service_unlisten(struct service *service)
{
	while (service->listener_count != 0)
		service_drop(service, service->listener_count - 1);
	service->watching = false;
}

/* service_free - take a service out of the list and free it */
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

/* on_connection - tell that somebody connects whom no worker awaits */
static void
on_connection(evutil_socket_t fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	/* Another socket of the service may have been readable in the same
	 * round of the loop, and the worker for that one serves both. */
	if (service->watching)
		service->master->hooks->connected(service);
}

/* service_listen - give it a listening socket */
int
service_listen(struct service *service, int fd, const char *name,
    enum service_socket kind, struct diag *diag)
{
	struct service_listener *listener;

	if (service->listener_count == SERVICE_LISTEN_MAX)
		return diag_set(diag, ERR_LIMIT,
		    "%s: more than %d listening sockets", service->name,
		    SERVICE_LISTEN_MAX);
	listener = &service->listeners[service->listener_count];
	*listener = (struct service_listener){.fd = fd, .kind = kind};
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

/* service_find - find the service of that name that is not removed, or NULL */
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

/* service_watch - start a worker when somebody connects */
void
service_watch(struct service *service)
{
	for (unsigned i = 0; i < service->listener_count; i++)
		if (service->listeners[i].event != NULL)
			(void)event_add(service->listeners[i].event, NULL);
	service->watching = true;
}

/* service_unwatch - leave who connects to the workers, or waiting */
void
service_unwatch(struct service *service)
{
	for (unsigned i = 0; i < service->listener_count; i++)
		if (service->listeners[i].event != NULL)
			(void)event_del(service->listeners[i].event);
	service->watching = false;
}

/* service_wait - start nothing until a delay is over */
void
service_wait(struct service *service, uint64_t delay_ms)
{
	const struct timeval delay = {.tv_sec = (time_t)(delay_ms / 1000),
	    .tv_usec = (suseconds_t)(delay_ms % 1000 * 1000)};

	service_unwatch(service);
	(void)evtimer_add(service->throttle_event, &delay);
}

/* service_record - find or make the history of an instance */
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
