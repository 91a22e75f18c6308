/* SPDX-License-Identifier: ISC */
/*
 * room.c - choose which x400in goes when too many serve unknown callers
 */
#include <arpa/inet.h>

#include <string.h>

#include "conf/conf_network.h"
#include "master/room.h"

#define GRACE 2 /* ticks for a worker of a stranger to go */

struct caller {
	uint8_t address[WORKER_SLOT_PEER];
};

/* address_of - return the address that a worker noted; all zero: none */
static struct caller
address_of(const struct child *child)
{
	struct caller caller = {.address = {0}};

	worker_slot_get_peer(child->slot, caller.address);
	return caller;
}

/* equal - tell whether two calls are from the same address */
static bool
equal(const struct caller *a, const struct caller *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* is_endpoint - tell whether a caller is one of the addresses that we call */
static bool
is_endpoint(const struct conf_endpoints *endpoints, const struct caller *caller)
{
	struct conf_network network;

	for (size_t i = 0; i < endpoints->count; i++)
		if (conf_network_parse(
			endpoints->items[i].host, &network, NULL) == 0 &&
		    memcmp(network.address, caller->address,
			sizeof(caller->address)) == 0)
			return true;
	return false;
}

/* is_configured - tell whether a link's peer may be the caller */
static bool
is_configured(const struct conf *conf, const struct caller *caller)
{
	char text[INET6_ADDRSTRLEN];

	/* The address was written by a worker that reads what strangers send:
	 * it chooses who goes, and nothing else hangs on it. */
	if (inet_ntop(AF_INET6, caller->address, text, sizeof(text)) == NULL)
		return false;
	for (size_t i = 0; i < conf->link_count; i++) {
		const struct conf_link *link = &conf->links[i];

		if (is_endpoint(&link->address, caller) ||
		    (link->remote_addresses.count > 0 &&
			conf_network_match(&link->remote_addresses, text)))
			return true;
	}
	return false;
}

/* is_unbound - tell whether a worker serves a caller who is not known yet */
static bool
is_unbound(const struct child *child)
{
	return child->state == CHILD_BUSY;
}

/* older - return the older of two, where NULL is the youngest */
static struct child *
older(struct child *a, struct child *b)
{
	return a == NULL || b->busy_since < a->busy_since ? b : a;
}

/* send_away - tell the worker of a caller to go */
static void
send_away(struct child *child)
{
	/* The grace is short, since a worker that serves an unbound caller has
	 * nothing to finish. */
	child->grace_until = child->service->master->ticks + GRACE;
	child_event(child, CHILD_TOLD_TO_GO);
}

/* room_make - make room for another caller */
void
room_make(struct service *service)
{
	struct child *child, *oldest = NULL, *stranger = NULL;
	unsigned unbound = 0;

	TAILQ_FOREACH(child, &service->children, link)
		unbound += is_unbound(child);
	/* Bound workers do not count: qmgr limits those by link. */
	if (unbound < ROOM_UNBOUND_MAX)
		return;
	TAILQ_FOREACH(child, &service->children, link) {
		struct caller caller = address_of(child);

		if (!is_unbound(child))
			continue;
		/* The oldest goes, because a caller with good intent binds
		 * within seconds. */
		oldest = older(oldest, child);
		if (!is_configured(service->master->conf, &caller))
			stranger = older(stranger, child);
	}
	send_away(stranger != NULL ? stranger : oldest);
}

/* room_caller - keep the callers from one address few */
void
room_caller(const struct child *caller)
{
	static const struct caller nobody;
	struct service *service = caller->service;
	struct caller address = address_of(caller), other;
	struct child *child, *oldest = NULL;
	unsigned unbound = 0;

	/* A worker that could not note an address is left to room_make(), for
	 * "nobody" would look like one caller with many calls. */
	if (service->kind != SERVICE_X400IN || equal(&address, &nobody))
		return;
	TAILQ_FOREACH(child, &service->children, link) {
		other = address_of(child);
		if (!is_unbound(child) || !equal(&address, &other))
			continue;
		unbound++;
		oldest = older(oldest, child);
	}
	/* A configured peer may come from a gateway with one address for many
	 * MTAs, so the bound is for strangers. */
	if (unbound > ROOM_ADDRESS_MAX && oldest != NULL &&
	    !is_configured(service->master->conf, &address))
		send_away(oldest);
}
