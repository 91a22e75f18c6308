/* SPDX-License-Identifier: ISC */
/*
 * launch.c - start a worker: its name, its slot, its process
 */
#include <sys/random.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf_dump.h"
#include "conf/conf_tls.h"
#include "master/launch.h"
#include "master/memory.h"
#include "master/spawn.h"

/* free_instance - find the smallest number of a service that no worker bears
 * who stays; one that was told to go is replaced under its number, though it
 * may still be leaving */
static unsigned
free_instance(const struct service *service)
{
	static uint8_t taken[PLACE_SLOTS / 8 + 1];
	const struct child *child;
	unsigned n = 1;

	memset(taken, 0, sizeof(taken));
	TAILQ_FOREACH(child, &service->children, link)
		if (!child_is_killed(child) && child->state != CHILD_RETIRING)
			taken[child->instance / 8] |=
			    (uint8_t)(1U << child->instance % 8);
	while ((taken[n / 8] & 1U << n % 8) != 0)
		n++;
	return n;
}

/* give_name - give a worker the smallest free number of its service, and the
 * name that goes with it */
static void
give_name(struct child *child)
{
	const struct service *service = child->service;
	bool numbered = service->kind == SERVICE_X400IN ||
	    service->kind == SERVICE_X400OUT || service->kind == SERVICE_APP ||
	    service->kind == SERVICE_MIXER_IN ||
	    service->kind == SERVICE_MIXER_OUT ||
	    service->kind == SERVICE_SEARCH;

	child->instance = free_instance(service);
	if (child->instance == 1 && !numbered)
		(void)strlcpy(child->name, service->name, sizeof(child->name));
	else
		(void)snprintf(child->name, sizeof(child->name), "%s#%u",
		    service->name, child->instance);
}

/* add_qmgr_fds - hand qmgr its configuration and channel, behind its listening
 * sockets */
static int
add_qmgr_fds(struct master *master, struct spawn *spawn, int *memory)
{
	/* The channel may be gone when the last renewal failed: a start of qmgr
	 * is the occasion to try again. */
	if (master->qmgr.child_fd < 0)
		qmgr_channel_renew(master);
	*memory = qmgr_channel_configuration(master->conf);
	if (*memory < 0 || master->qmgr.child_fd < 0)
		return ERR_IO;
	spawn->fds[spawn->fd_count++] = *memory;
	spawn->fds[spawn->fd_count++] = master->qmgr.child_fd;
	return 0;
}

/* wants_tls - tell whether workers of a service need keys and certificates */
static bool
wants_tls(const struct service *service)
{
	const struct conf *conf = service->master->conf;
	const struct conf_mixer *mixer;
	const struct conf_link *link;

	if (service->kind == SERVICE_X400IN)
		return conf_tls_listens(conf);
	if (service->kind == SERVICE_MIXER_OUT) {
		mixer = conf_mixer_find(conf, service->key);
		return mixer != NULL && mixer->tls != SMTP_TLS_NONE;
	}
	if (service->kind != SERVICE_X400OUT)
		return false;
	link = conf_link_find(conf, service->key);
	return link != NULL && link->tls == CONF_TLS_REQUIRE;
}

/* add_tls_fd - hand a worker its keys and certificates, behind its listening
 * sockets */
static int
add_tls_fd(const struct service *service, struct spawn *spawn, int *memory)
{
	const struct conf *conf = service->master->conf;
	const struct conf_link *link = service->kind == SERVICE_X400OUT
	    ? conf_link_find(conf, service->key)
	    : NULL;
	struct tls_material material = conf_tls_material(conf, link);

	*memory = tls_material_seal(&material);
	if (*memory < 0)
		return ERR_IO;
	spawn->fds[spawn->fd_count++] = *memory;
	spawn->tls = true;
	return 0;
}

/* add_settings_fd - hand a process that qmgr gives none its settings, behind
 * its listening sockets */
static int
add_settings_fd(const struct service *service, struct spawn *spawn, int *memory)
{
	*memory = memory_configuration(service->master->conf,
	    service->kind == SERVICE_CONSOLE ? conf_dump_console
					     : conf_dump_tracking);
	if (*memory < 0)
		return ERR_IO;
	spawn->fds[spawn->fd_count++] = *memory;
	return 0;
}

/* takes_settings - tell whether master gives a process its settings */
static bool
takes_settings(const struct service *service)
{
	return service->kind == SERVICE_CONSOLE ||
	    service->kind == SERVICE_TRACKING_DATABASE ||
	    service->kind == SERVICE_SEARCH;
}

/* make_ticket - draw what the new process will prove itself by, and write it
 * in hexadecimal for its environment */
static int
make_ticket(struct child *child, char text[2 * IPC_TICKET_LEN + 1])
{
	/* The peer of a local socket knows the pid and user of a caller; the
	 * ticket proves that it is the process that master made, not another of
	 * that user. */
	if (getrandom(child->ticket, sizeof(child->ticket), 0) !=
	    (ssize_t)sizeof(child->ticket))
		return ERR_IO;
	for (size_t i = 0; i < sizeof(child->ticket); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", child->ticket[i]);
	return 0;
}

/* release - tell qmgr who the process is, then let it execute; a worker that
 * qmgr cannot be told of is not started */
static int
release(const struct child *child, int gate)
{
	/* qmgr must know the ticket before the worker can say it: the process
	 * waits at the gate until the record is on its way. */
	int error = qmgr_channel_worker_started(child->service->master, child);

	/* A gate that is closed without an octet ends the process, which has
	 * executed nothing yet. */
	if (error != 0)
		(void)close(gate);
	else
		spawn_release(gate);
	return error;
}

/* set_place - set who a worker becomes and where it is confined */
static void
set_place(const struct service *service, struct spawn *spawn)
{
	const struct place *place = &service->master->place;
	const struct conf *conf = service->master->conf;
	const struct conf_application *application;

	switch (service->kind) {
	case SERVICE_QMGR:
		spawn->user = place->user;
		break;
	case SERVICE_TRACKER:
		spawn->user = place->user;
		spawn->root = place->tracking;
		break;
	case SERVICE_MIXER_MEMORY:
		spawn->user = place->user;
		spawn->root = place->memory;
		break;
	case SERVICE_TRACKING_DATABASE:
		/* By its user the tracker knows who may have its pages. */
		spawn->user = place->user;
		break;
	case SERVICE_CONSOLE:
		/* By its group it may look, as any viewer, and change
		 * nothing. */
		if (place->user[0] != '\0') {
			spawn->user = conf->mta.console_user;
			spawn->group = conf->mta.viewer_group.name;
		}
		break;
	case SERVICE_MSMI_IN:
	case SERVICE_MSMI_OUT:
		spawn->group = place->postoffice_group;
		break;
	case SERVICE_APP_IN:
	case SERVICE_APP_OUT:
		application =
		    conf_application_find(service->master->conf, service->key);
		if (application != NULL)
			spawn->group = application->group.name;
		break;
	case SERVICE_X400IN:
	case SERVICE_X400OUT:
	case SERVICE_APP:
	case SERVICE_MIXER_IN:
	case SERVICE_MIXER_OUT:
	case SERVICE_SEARCH:
		break;
	}
}

/* set_sockets - set what is spoken on which of the listening sockets */
static void
set_sockets(const struct service *service, struct spawn *spawn)
{
	for (unsigned i = 0; i < service->listener_count; i++) {
		if (service->listeners[i].tls)
			spawn->listen_tls |= 1U << i;
		if (service->listeners[i].proxy)
			spawn->listen_proxy |= 1U << i;
	}
}

/* make_process - make the process, with its end of the status socket */
static int
make_process(struct child *child, int status_fd)
{
	struct service *service = child->service;
	struct master *master = service->master;
	bool qmgr = service->kind == SERVICE_QMGR;
	char ticket[2 * IPC_TICKET_LEN + 1];
	struct spawn spawn = {.directory = master->program_path,
	    .program = service_program(service),
	    .name = child->name,
	    .run_directory = master->place.run_directory,
	    .user = master->place.network_user,
	    .group = "",
	    .root = qmgr ? "" : master->place.root,
	    .culprit = service->culprit,
	    .ticket = ticket,
	    .slot = child->slot_number,
	    .listen_count = service->listener_count};
	int memory = -1, gate = -1, error;
	unsigned i;

	set_place(service, &spawn);
	error = make_ticket(child, ticket);
	if (error == 0 && service->kind == SERVICE_TRACKER)
		error = place_tracking(&master->place);
	if (error == 0 && service->kind == SERVICE_MIXER_MEMORY)
		error = place_memory(&master->place);
	spawn.fds[spawn.fd_count++] = status_fd;
	spawn.fds[spawn.fd_count++] = master->place.slots_fd;
	for (i = 0; i < service->listener_count; i++)
		spawn.fds[spawn.fd_count++] = service->listeners[i].fd;
	set_sockets(service, &spawn);
	if (error == 0 && qmgr)
		error = add_qmgr_fds(master, &spawn, &memory);
	else if (error == 0 && takes_settings(service))
		error = add_settings_fd(service, &spawn, &memory);
	else if (error == 0 && wants_tls(service))
		error = add_tls_fd(service, &spawn, &memory);
	if (error == 0)
		error = spawn_process(&spawn, &child->pid, &gate);
	if (memory >= 0)
		(void)close(memory);
	/* The copy of qmgr must be the only one: with ours open, master would
	 * not see the end of the channel when qmgr dies. */
	if (error == 0 && qmgr) {
		(void)close(master->qmgr.child_fd);
		master->qmgr.child_fd = -1;
	}
	return error == 0 ? release(child, gate) : error;
}

/* prepare - make what a worker needs before there is a process */
static int
prepare(struct child *child, int *status_fd)
{
	struct master *master = child->service->master;
	int fds[2], error;

	error =
	    place_slot_take(&master->place, &child->slot_number, &child->slot);
	if (error != 0)
		return error;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		fds) != 0)
		return ERR_IO;
	child->status_fd = fds[0];
	*status_fd = fds[1];
	return child_listen(child);
}

/* launch_worker - start a worker of a service */
int
launch_worker(struct service *service)
{
	struct child *child = calloc(1, sizeof(*child));
	struct service_history *history;
	int status_fd = -1, error;

	if (child == NULL)
		return ERR_NOMEM;
	child->service = service;
	child->status_fd = -1;
	/* Others count as waiting at once, so that a burst of connections
	 * does not start one worker too many. */
	child->state =
	    service->kind == SERVICE_QMGR ? CHILD_STARTING : CHILD_IDLE;
	child->grace_until = UINT64_MAX;
	child->last_tick = service->master->ticks;
	child->started = clock_monotonic();
	child->since = clock_wall();
	give_name(child);
	error = prepare(child, &status_fd);
	if (error == 0)
		error = make_process(child, status_fd);
	if (status_fd >= 0)
		(void)close(status_fd);
	if (error != 0) {
		child_free(service->master, child);
		return error;
	}
	TAILQ_INSERT_TAIL(&service->children, child, link);
	history = service_record(service, child->instance);
	if (history != NULL)
		history->starts++;
	return 0;
}
