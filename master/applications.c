/* SPDX-License-Identifier: ISC */
/*
 * applications.c - the services of applications
 */
#include "master/applications.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/binding.h"
#include "master/supervise.h"

#define OUT_MAX 4 /* workers of app-out, those that are leaving too */

/* access_of - find who may connect to the socket of an application: without a
 * group, or started by a user, whoever started us alone */
static struct listener_access
access_of(const struct master *master, const struct conf_application *section)
{
	bool shared =
	    master->place.user[0] != '\0' && section->group.name[0] != '\0';

	return (struct listener_access){.user = (uid_t)-1,
	    .group = shared ? (gid_t)section->group.id : (gid_t)-1,
	    .mode = shared ? 0660 : 0600};
}

/* find_service - find one of the services of an application, or NULL */
static struct service *
find_service(struct master *master, const char *prefix, const char *key)
{
	char name[SERVICE_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s", prefix, key);
	return service_find(master, name);
}

/* add_socket - add the service of a socket, unless it is there */
static int
add_socket(struct master *master, const struct conf_application *section,
    struct diag *diag)
{
	const struct listener_access access = access_of(master, section);
	struct service *service = find_service(master, "app", section->name);
	int error;

	if (service != NULL)
		return 0;
	error = binding_service(master, SERVICE_APP, section->name,
	    CONF_CONNECTIONS_MAX, &service, diag);
	return error != 0
	    ? error
	    : binding_owned(service, section->socket, &access, diag);
}

/* add_directory - add the services of a directory, unless they are there */
static int
add_directory(struct master *master, const struct conf_application *section,
    struct diag *diag)
{
	int error = binding_missing(
	    master, SERVICE_APP_IN, "app-in", section->name, 1, diag);

	return error != 0 ? error
			  : binding_missing(master, SERVICE_APP_OUT, "app-out",
				section->name, OUT_MAX, diag);
}

/* applications_add - add the services that are not there yet */
int
applications_add(
    struct master *master, const struct conf *conf, struct diag *diag)
{
	int error = 0;

	for (size_t i = 0; error == 0 && i < conf->application_count; i++) {
		const struct conf_application *section = &conf->applications[i];

		if (*section->path != '\0')
			error = add_directory(master, section, diag);
		if (error == 0 && *section->socket != '\0')
			error = add_socket(master, section, diag);
	}
	return error;
}

/* give_socket - give the socket of an application to its group */
static void
give_socket(struct service *service, const struct conf_application *section)
{
	struct listener_access access = access_of(service->master, section);
	const char *path = service->listeners[0].name;

	/* No group is that of whoever started us. */
	if (access.group == (gid_t)-1)
		access.group = getegid();
	if (lchown(path, (uid_t)-1, access.group) != 0 ||
	    fchmodat(service->master->place.run_fd, section->socket,
		access.mode, 0) != 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("socket", path));
}

/* apply_one - retire the workers of a service, or remove it */
static void
apply_one(struct service *service, bool wanted)
{
	if (service == NULL)
		return;
	if (wanted)
		supervise_retire(service);
	else
		supervise_remove(service);
}

/* applications_apply - retire the workers of an application that has changed,
 * and remove the services that it has no more */
void
applications_apply(
    struct master *master, const char *name, enum conf_change what)
{
	const struct conf_application *section =
	    conf_application_find(master->conf, name);
	bool directory = section != NULL && *section->path != '\0';
	bool socket = section != NULL && *section->socket != '\0';
	struct service *service = find_service(master, "app", name);

	if (what == CONF_ADDED)
		return;
	if (service != NULL && socket && !service->fresh)
		give_socket(service, section);
	apply_one(service, socket);
	apply_one(find_service(master, "app-in", name), directory);
	apply_one(find_service(master, "app-out", name), directory);
}
