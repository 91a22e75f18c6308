/* SPDX-License-Identifier: ISC */
/*
 * gateways.c - the services of gateways to Internet mail
 */
#include "master/gateways.h"

#include <stdio.h>
#include <string.h>

#include "conf/conf_endpoint.h"
#include "master/binding.h"
#include "master/supervise.h"

#define PATIENCE_MS 10000 /* for a socket that a leftover still holds */
#define OUT_EXTRA   4	  /* old workers that are still leaving */

/* find_service - find one of the services of a gateway, or NULL */
static struct service *
find_service(struct master *master, const char *prefix, const char *key)
{
	char name[SERVICE_NAME_MAX];

	(void)snprintf(name, sizeof(name), "%s/%s", prefix, key);
	return service_find(master, name);
}

/* access_of - find who may connect to the local sockets of a gateway: started
 * by a user, whoever started us alone */
static struct listener_access
access_of(const struct master *master, const struct conf_mixer *mixer)
{
	bool shared =
	    master->place.user[0] != '\0' && mixer->lmtp_group.name[0] != '\0';

	return (struct listener_access){.user = (uid_t)-1,
	    .group = shared ? (gid_t)mixer->lmtp_group.id : (gid_t)-1,
	    .mode = shared ? 0660 : 0600};
}

/* bind_missing - bind the sockets that a service does not have yet */
static int
bind_missing(struct service *service, const struct conf_mixer *mixer,
    uint64_t patience, struct diag *diag)
{
	const struct listener_access access = access_of(service->master, mixer);
	unsigned before = service->listener_count;
	int error =
	    binding_tcp(service, service, &mixer->listen_lmtp, patience, diag);

	for (size_t i = 0; error == 0 && i < mixer->listen_lmtp.count; i++)
		if (conf_endpoint_is_path(&mixer->listen_lmtp.items[i]))
			error = binding_path(service,
			    mixer->listen_lmtp.items[i].host, &access, patience,
			    diag);
	for (unsigned i = before; i < service->listener_count; i++)
		service->listeners[i].fresh = true;
	return error;
}

/* add_lmtp - add the service of the sockets of a gateway, if it has any, or
 * sockets to it */
static int
add_lmtp(
    struct master *master, const struct conf_mixer *mixer, struct diag *diag)
{
	struct service *service = find_service(master, "mixer-in", mixer->name);
	int error;

	if (mixer->listen_lmtp.count == 0)
		return 0;
	/* While others run nobody waits for a port. */
	if (service != NULL)
		return bind_missing(service, mixer, 0, diag);
	error = binding_service(master, SERVICE_MIXER_IN, mixer->name,
	    mixer->lmtp_connections, &service, diag);
	return error != 0 ? error
			  : bind_missing(service, mixer, PATIENCE_MS, diag);
}

/* gateways_add - add the services and sockets that are not there yet */
int
gateways_add(struct master *master, const struct conf *conf, struct diag *diag)
{
	struct service *memory = service_find(master, "mixer-memory");
	int error = 0;

	if (memory == NULL && conf->mixer_count > 0)
		error = binding_service(
		    master, SERVICE_MIXER_MEMORY, "", 1, &memory, diag);
	for (size_t i = 0; error == 0 && i < conf->mixer_count; i++) {
		const struct conf_mixer *mixer = &conf->mixers[i];

		error = add_lmtp(master, mixer, diag);
		if (error == 0)
			error = binding_missing(master, SERVICE_MIXER_OUT,
			    "mixer-out", mixer->name,
			    mixer->connections + OUT_EXTRA, diag);
	}
	return error;
}

/* gateways_drop_fresh - close the sockets that were made for nothing */
void
gateways_drop_fresh(struct master *master)
{
	struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		bool dropped = false;

		for (unsigned i = service->listener_count; i-- > 0;)
			if (service->listeners[i].fresh) {
				service_drop(service, i);
				dropped = true;
			}
		if (dropped)
			supervise(service);
	}
}

/* drop_others - close the sockets that a gateway has no more */
static void
drop_others(struct service *service, const struct conf_mixer *mixer)
{
	/* Backwards, since service_drop closes the gap. */
	for (unsigned i = service->listener_count; i-- > 0;) {
		struct service_listener *listener = &service->listeners[i];

		listener->fresh = false;
		if (!binding_is_among(&mixer->listen_lmtp, listener->name))
			service_drop(service, i);
	}
}

/* give_sockets - give the local sockets of a gateway to its group */
static void
give_sockets(struct service *service, const struct conf_mixer *mixer)
{
	const struct listener_access access = access_of(service->master, mixer);

	for (unsigned i = 0; i < service->listener_count; i++)
		if (service->listeners[i].kind == SERVICE_LOCAL)
			binding_give(service->listeners[i].name, &access);
}

/* gateways_renew - set how many workers each of them may have now, and have
 * those begin again whose addresses are in files, which may be others */
void
gateways_renew(struct master *master, const struct conf *conf)
{
	struct service *service;

	TAILQ_FOREACH(service, &master->services, link) {
		bool in = service->kind == SERVICE_MIXER_IN;
		const struct conf_mixer *mixer =
		    in || service->kind == SERVICE_MIXER_OUT
		    ? conf_mixer_find(conf, service->key)
		    : NULL;

		if (mixer == NULL)
			continue;
		service->workers_max = in ? mixer->lmtp_connections
					  : mixer->connections + OUT_EXTRA;
		/* A worker reads them once, before it is confined. */
		if (mixer->map_file[0] != '\0' || mixer->users[0] != '\0')
			supervise_retire(service);
	}
}

/* gateways_apply - retire the workers of a gateway that has changed */
void
gateways_apply(struct master *master, const char *name, enum conf_change what)
{
	const struct conf_mixer *mixer = conf_mixer_find(master->conf, name);
	struct service *in = find_service(master, "mixer-in", name);
	struct service *out = find_service(master, "mixer-out", name);
	struct service *memory = service_find(master, "mixer-memory");
	bool listens = mixer != NULL && mixer->listen_lmtp.count > 0;

	if (memory != NULL && master->conf->mixer_count == 0)
		supervise_remove(memory);
	if (what == CONF_ADDED)
		return;
	if (in != NULL && !listens) {
		supervise_remove(in);
	} else if (in != NULL) {
		drop_others(in, mixer);
		give_sockets(in, mixer);
		supervise_retire(in);
	}
	if (out != NULL && mixer == NULL)
		supervise_remove(out);
	else if (out != NULL)
		supervise_retire(out);
}
