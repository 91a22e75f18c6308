/* SPDX-License-Identifier: ISC */
/*
 * binding.c - make a service and its listening sockets
 */
#include "master/binding.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf_endpoint.h"
#include "master/listener.h"

/* binding_service - make a service that is not in force yet */
int
binding_service(struct master *master, enum service_kind kind, const char *key,
    unsigned workers_max, struct service **service, struct diag *diag)
{
	*service = service_new(master, kind, key, workers_max);
	if (*service == NULL)
		return diag_set(diag, ERR_NOMEM, "no memory");
	(*service)->fresh = true;
	return 0;
}

/* binding_owned - make a socket in the run directory for a service */
int
binding_owned(struct service *service, const char *name,
    const struct listener_access *access, struct diag *diag)
{
	const struct place *place = &service->master->place;
	char path[sizeof(place->run_directory) + SERVICE_NAME_MAX];
	int fd, error;

	(void)snprintf(path, sizeof(path), "%s/%s", place->run_directory, name);
	fd = listener_local(path, access, diag);
	if (fd < 0)
		return fd;
	error = service_listen(service, fd, path, SERVICE_LOCAL, diag);
	if (error != 0)
		(void)close(fd);
	return error;
}

/* binding_local - make one whose owner is the user of the queue */
int
binding_local(struct service *service, const char *name, mode_t mode,
    gid_t group, struct diag *diag)
{
	const struct listener_access access = {
	    .user = service->master->place.user_id,
	    .group = group,
	    .mode = mode};

	return binding_owned(service, name, &access, diag);
}

/* binding_path - make a socket with that path for a service */
int
binding_path(struct service *service, const char *path,
    const struct listener_access *access, uint64_t patience, struct diag *diag)
{
	int fd, error;

	if (service_listens(service, path) >= 0)
		return 0;
	fd = listener_path(path, access, patience, diag);
	if (fd < 0)
		return fd;
	error = service_listen(service, fd, path, SERVICE_LOCAL, diag);
	if (error != 0)
		(void)close(fd);
	return error;
}

/* binding_give - give a socket of ours to other users */
void
binding_give(const char *path, const struct listener_access *access)
{
	struct diag diag = {0};

	if (listener_give(path, access, &diag) != 0)
		LOG_EVENT(
		    EVENT_UNEXPECTED, LOG_STRING("reason", diag_text(&diag)));
}

/* add_local - add a service with one socket, to which qmgr connects */
static int
add_local(struct master *master, enum service_kind kind, const char *prefix,
    const char *key, unsigned workers_max, struct diag *diag)
{
	struct service *service;
	char name[SERVICE_NAME_MAX];
	int error;

	error = binding_service(master, kind, key, workers_max, &service, diag);
	if (error != 0)
		return error;
	(void)snprintf(name, sizeof(name), "%s.%s", prefix, key);
	/* The socket is for qmgr alone: whoever could connect here could have a
	 * worker call a peer. */
	return binding_local(service, name, 0600, master->place.group_id, diag);
}

/* binding_missing - add a service, unless it is there */
int
binding_missing(struct master *master, enum service_kind kind,
    const char *prefix, const char *key, unsigned workers_max,
    struct diag *diag)
{
	char name[SERVICE_NAME_MAX];
	struct service *service;

	(void)snprintf(name, sizeof(name), "%s/%s", prefix, key);
	service = service_find(master, name);
	if (service != NULL)
		return 0;
	if (kind == SERVICE_MSMI_IN || kind == SERVICE_APP_IN)
		return binding_service(
		    master, kind, key, workers_max, &service, diag);
	return add_local(master, kind, prefix, key, workers_max, diag);
}

/* endpoint_name - write host:port */
static void
endpoint_name(const struct conf_endpoint *endpoint, char *name, size_t size)
{
	if (conf_endpoint_is_path(endpoint))
		(void)strlcpy(name, endpoint->host, size);
	else
		(void)snprintf(
		    name, size, "%s:%u", endpoint->host, endpoint->port);
}

/* binding_tcp - bind the TCP sockets that service does not have yet, for spare,
 * a service that is never started */
int
binding_tcp(const struct service *service, struct service *spare,
    const struct conf_endpoints *endpoints, uint64_t patience,
    struct diag *diag)
{
	char name[108];
	size_t i;
	int fd, error;

	for (i = 0; i < endpoints->count; i++) {
		endpoint_name(&endpoints->items[i], name, sizeof(name));
		/* A socket that is open already is kept, for a second bind of
		 * the same port would fail. */
		if (service_listens(service, name) >= 0 ||
		    service_listens(spare, name) >= 0 ||
		    conf_endpoint_is_path(&endpoints->items[i]))
			continue;
		fd = listener_tcp(endpoints->items[i].host,
		    endpoints->items[i].port, patience, diag);
		if (fd < 0)
			return fd;
		error = service_listen(spare, fd, name, SERVICE_TCP, diag);
		if (error != 0) {
			(void)close(fd);
			return error;
		}
	}
	return 0;
}

/* binding_is_among - tell whether a socket's name is one of a list's */
bool
binding_is_among(const struct conf_endpoints *endpoints, const char *socket)
{
	char name[108];

	for (size_t i = 0; i < endpoints->count; i++) {
		endpoint_name(&endpoints->items[i], name, sizeof(name));
		if (strcmp(socket, name) == 0)
			return true;
	}
	return false;
}
