/* SPDX-License-Identifier: ISC */
/*
 * handshakes.c - with whom a TLS handshake is done, and how often
 */
#include "qmgr/receiving/handshakes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_network.h"
#include "qmgr/links/link.h"
#include "qmgr/receiving/caller.h"
#include "qmgr/receiving/guard.h"

/* Apart from each other, so that many strangers do not push a known address,
 * or the count of all strangers, out of the table. */
struct handshakes {
	struct guard strangers, together, known;
};

#define ANY_HOST "" /* of the count of all */

/* handshakes_new - make the counts */
struct handshakes *
handshakes_new(void)
{
	struct handshakes *handshakes = calloc(1, sizeof(*handshakes));

	if (handshakes == NULL)
		return NULL;
	guard_init(&handshakes->strangers, HANDSHAKES_STRANGER);
	guard_init(&handshakes->together, HANDSHAKES_TOGETHER);
	guard_init(&handshakes->known, HANDSHAKES_KNOWN);
	return handshakes;
}

/* handshakes_free - free them */
void
handshakes_free(struct handshakes *handshakes)
{
	free(handshakes);
}

/* is_called - tell whether a host is one of the numeric addresses at which a
 * link's peer is called; a name is not resolved here */
static bool
is_called(const struct conf_link *link, const char *host)
{
	struct conf_network network;

	for (size_t i = 0; i < link->address.count; i++) {
		const struct conf_networks one = {
		    .items = &network, .count = 1};

		if (conf_network_parse(
			link->address.items[i].host, &network, NULL) == 0 &&
		    conf_network_match(&one, host))
			return true;
	}
	return false;
}

/* is_known - tell whether a host is one from which a link's peer calls */
static bool
is_known(const struct qmgr *qmgr, const char *host)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->x400 != NULL &&
		    (caller_inside(link, host) || is_called(link->x400, host)))
			return true;
	return false;
}

/* handshakes_may - tell whether a handshake with a host is done, and count
 * it */
bool
handshakes_may(struct qmgr *qmgr, const char *host, uint64_t now)
{
	struct handshakes *h = qmgr->handshakes;

	/* A peer that we know has a bound of its own, or a flood of strangers
	 * would keep it out. */
	if (is_known(qmgr, host)) {
		if (!guard_may(&h->known, host, GUARD_BIND, now))
			return false;
		guard_failed(&h->known, host, GUARD_BIND, now);
		return true;
	}
	/* All strangers together are bounded too: many addresses would
	 * otherwise cost as much as one. */
	if (!guard_may(&h->strangers, host, GUARD_BIND, now) ||
	    !guard_may(&h->together, ANY_HOST, GUARD_BIND, now))
		return false;
	guard_failed(&h->strangers, host, GUARD_BIND, now);
	guard_failed(&h->together, ANY_HOST, GUARD_BIND, now);
	return true;
}

/* handshakes_good - take back the handshake of a host whose bind is accepted */
void
handshakes_good(struct qmgr *qmgr, const char *host)
{
	struct handshakes *h = qmgr->handshakes;

	/* Taken back where it was counted. */
	if (is_known(qmgr, host)) {
		guard_forgive(&h->known, host, GUARD_BIND);
		return;
	}
	guard_forgive(&h->strangers, host, GUARD_BIND);
	guard_forgive(&h->together, ANY_HOST, GUARD_BIND);
}

/* handshakes_take - answer a worker that asks */
int
handshakes_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct ipc_record answer = {.type = IPC_HANDSHAKE};
	char host[CALLER_HOST_MAX];

	(void)diag;
	/* The address is the worker's word; it is what the kernel told it. */
	caller_host(record->handshake.address, host);
	answer.handshake.allowed =
	    handshakes_may(client->qmgr, host, clock_monotonic());
	if (!answer.handshake.allowed)
		LOG_EVENT(EVENT_HANDSHAKE_REFUSED, LOG_STRING("address", host));
	client_send(client, &answer);
	return 0;
}
