/* SPDX-License-Identifier: ISC */
/*
 * console.c - the service of the console
 */
#include "master/console.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "master/binding.h"
#include "master/supervise.h"

#define PATIENCE_MS 1000 /* for a port that a leftover still holds */
#define GROUPS_MAX  64

/* is_own_group - tell whether a group is one of ours */
static bool
is_own_group(gid_t group)
{
	gid_t groups[GROUPS_MAX];
	int count = getgroups(GROUPS_MAX, groups);

	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return group == getegid();
}

/* group_of - find the group that the local socket is for; -1: none */
static gid_t
group_of(const struct master *master, const struct conf *conf)
{
	gid_t group = (gid_t)conf->mta.viewer_group.id;

	/* A user who is not root can give a file to his own groups alone. */
	if (conf->mta.viewer_group.name[0] == '\0' ||
	    (master->place.user[0] == '\0' && !is_own_group(group)))
		return (gid_t)-1;
	return group;
}

/* check_place - see that the console can run as somebody who may look */
static int
check_place(
    const struct master *master, const struct conf *conf, struct diag *diag)
{
	const struct conf_mta *mta = &conf->mta;

	if (master->place.user[0] != '\0' && mta->viewer_group.name[0] == '\0')
		return diag_set(diag, ERR_VALUE,
		    "console: needs viewer-group, by which it may look");
	return place_check_user(&master->place, mta->console_user, diag);
}

/* open_sockets - make the local socket and the TCP sockets */
static int
open_sockets(
    struct service *service, const struct conf *conf, struct diag *diag)
{
	gid_t group = group_of(service->master, conf);
	int error = 0;

	if (conf->console.socket[0] != '\0')
		error = binding_local(service, conf->console.socket,
		    group == (gid_t)-1 ? 0600 : 0660, group, diag);
	if (error == 0)
		error = binding_tcp(service, service, &conf->console.listen,
		    service->master->phase == MASTER_RUNNING ? 0 : PATIENCE_MS,
		    diag);
	return error;
}

/* console_add - add the console with its sockets */
int
console_add(struct master *master, const struct conf *conf, struct diag *diag)
{
	struct service *service = NULL;
	struct diag why = {0};
	int error;

	master->console_missing[0] = '\0';
	if (conf->console.line == 0)
		return 0;
	error = check_place(master, conf, &why);
	if (error == 0 && service_find(master, "console") != NULL)
		return 0;
	if (error == 0)
		error = binding_service(
		    master, SERVICE_CONSOLE, "", 1, &service, &why);
	if (error == 0)
		error = open_sockets(service, conf, &why);
	if (error == 0)
		return 0;
	if (service != NULL)
		service_free(service);
	if (conf != master->conf)
		return diag_set(diag, error, "%s", diag_text(&why));
	(void)strlcpy(master->console_missing, diag_text(&why),
	    sizeof(master->console_missing));
	return 0;
}

/* console_tell - log why there is no console */
void
console_tell(const struct master *master)
{
	if (master->console_missing[0] != '\0')
		LOG_EVENT(EVENT_CONSOLE_MISSING,
		    LOG_STRING("reason", master->console_missing));
}

/* console_give - give the local socket to the group of a new configuration */
void
console_give(struct master *master, const struct conf *conf)
{
	struct service *service = service_find(master, "console");
	gid_t group = group_of(master, conf);

	for (unsigned i = 0; service != NULL && i < service->listener_count;
	     i++)
		if (service->listeners[i].kind == SERVICE_LOCAL &&
		    (lchown(service->listeners[i].name, (uid_t)-1, group) !=
			    0 ||
			fchmodat(master->place.run_fd, conf->console.socket,
			    group == (gid_t)-1 ? 0600 : 0660, 0) != 0))
			LOG_EVENT(EVENT_UNEXPECTED,
			    LOG_STRING("socket", service->listeners[i].name));
}

/* console_remove - end the console, which is not configured any more */
void
console_remove(struct master *master)
{
	struct service *service = service_find(master, "console");

	if (service != NULL)
		supervise_remove(service);
}
