/* SPDX-License-Identifier: ISC */
/*
 * announce.c - routing updates to and from the peers of this suite
 */
#include "qmgr/sending/announce.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf_address.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/route.h"
#include "qmgr/queue/route_table.h"
#include "qmgr/routing/rib.h"
#include "qmgr/sending/announce_envelope.h"
#include "store/store.h"

/* Octets of a decoded update, and of a space that is parsed. */
#define UPDATE_ARENA_MAX ((size_t)2 * 1024 * 1024)

/* With more than this unread before a worker it gets no update. */
#define UNREAD_MAX (IPC_UNANSWERED_MAX - IPC_RECORD_MAX)

/* is_neighbour - tell whether the peer of a link is of this suite */
static bool
is_neighbour(const struct link *link)
{
	return link->x400 != NULL && link->x400->peer == CONF_PEER_FOURPOST;
}

/* add_spaces - tell the address spaces of a link */
static int
add_spaces(struct qmgr *qmgr, const struct conf_addresses *spaces)
{
	int rc = 0;

	for (size_t i = 0; i < spaces->count && rc == 0; i++)
		/* Spaces longer than a peer may send could be announced to
		 * nobody; routing by them on this host goes by the
		 * configuration, not by the table of neighbours. */
		if (strlen(spaces->items[i].text) <= ROUTE_SPACE_MAX)
			rc = rib_configure_space(
			    qmgr->rib, spaces->items[i].text);
	return rc;
}

/* add_link - tell of a link and its address spaces */
static int
add_link(struct qmgr *qmgr, const struct link *link)
{
	const struct rib_link out = {.number = link->number,
	    .kind = is_neighbour(link) ? RIB_NEIGHBOUR : RIB_OTHER,
	    .mta = link->x400 != NULL ? link->x400->remote_mta : "",
	    .cost = link->policy.cost};
	int rc;

	/* A link with neither section is a list, or is gone: neighbours are not
	 * told of it. */
	if (route_spaces(link) == NULL)
		return 0;
	rc = rib_configure_link(qmgr->rib, &out);
	return rc < 0 ? rc : add_spaces(qmgr, route_spaces(link));
}

/* has_neighbour - tell whether any peer is of this suite */
static bool
has_neighbour(const struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (is_neighbour(link))
			return true;
	return false;
}

/* count_learnt - count the routes that were learnt by a link */
static size_t
count_learnt(const struct qmgr *qmgr, const struct link *link)
{
	const struct rib_route *route;
	size_t count = 0;

	for (size_t i = 0; (route = rib_route(qmgr->rib, i)) != NULL; i++)
		count += route->learnt && route->link == link->number;
	return count;
}

/* announce_configure - tell qmgr->rib what the configuration says */
int
announce_configure(struct qmgr *qmgr)
{
	uint64_t refresh = qmgr->conf->mta.route_refresh;
	/* Where nobody is told anything, nothing need be kept in order. */
	bool used = has_neighbour(qmgr);
	int rc = 0;

	if (qmgr->rib == NULL) {
		qmgr->rib = rib_new((uint64_t)qmgr->started);
		/* A qmgr that has just started has heard of no routes yet. For
		 * this long a neighbour is hoped to know a way, so that mail
		 * waits for it instead of being returned. */
		qmgr->learning_until = clock_after(RIB_LIVES * refresh);
	}
	if (qmgr->rib == NULL)
		return ERR_NOMEM;
	rib_configure_begin(qmgr->rib, qmgr->conf->mta.name, refresh);
	for (struct link *link = link_first(&qmgr->links);
	     link != NULL && rc == 0; link = link_next(&qmgr->links, link)) {
		/* announce_tick decides anew within a second; a link whose peer
		 * was reconfigured must not be opened for an update that nobody
		 * wants. */
		link->announces = false;
		if (used)
			rc = add_link(qmgr, link);
	}
	if (rc == 0)
		rc = rib_configure_end(qmgr->rib);
	/* Routes compiled below the caller contain this version already, so
	 * use_learnt need not compile them again. */
	qmgr->routes_version = rib_version(qmgr->rib);
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		link->routes_learnt = count_learnt(qmgr, link);
	return rc;
}

/* Whether a space may be learnt, with the scratch memory for that. */
struct filter {
	const struct link *link;
	struct arena arena;
};

/* may_learn - tell whether a link's "learn" allows a space */
static bool
may_learn(void *arg, const char *space)
{
	struct filter *filter = arg;
	const struct conf_addresses *learn = &filter->link->x400->learn;
	struct conf_address parsed = {0};

	arena_reset(&filter->arena);
	if (conf_address_parse(
		space, CONF_ADDRESS_SPACE, &filter->arena, &parsed, NULL) < 0)
		return false;
	/* A neighbour may attract only mail that the administrator let it
	 * attract: a wrong or malicious update takes no more than that. */
	for (size_t i = 0; i < learn->count; i++)
		if (or_address_matches(
			learn->items[i].address, parsed.address) >= 0)
			return true;
	return false;
}

/* log_dropped - log that an update is not used */
static void
log_dropped(
    const struct link *link, const struct route_update *update, const char *why)
{
	LOG_EVENT(EVENT_ROUTES_DROPPED, LOG_STRING("link", link->name),
	    LOG_SLICE("mta", update->mta), LOG_STRING("reason", why));
}

/* use_learnt - route by what is known now, if that has changed; what is queued
 * for neighbours, too */
static void
use_learnt(struct qmgr *qmgr)
{
	struct route_table *routes;

	/* Most updates repeat what is known; compiling routes costs time in the
	 * number of spaces and is done only on a change. */
	if (rib_version(qmgr->rib) == qmgr->routes_version)
		return;
	routes = route_compile(qmgr);
	/* Without memory it is tried again in a second. */
	if (routes == NULL)
		return;
	route_free(qmgr->routes);
	qmgr->routes = routes;
	qmgr->routes_version = rib_version(qmgr->rib);
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		size_t learnt = count_learnt(qmgr, link);

		if (learnt != link->routes_learnt)
			LOG_EVENT(EVENT_ROUTES_CHANGED,
			    LOG_STRING("link", link->name),
			    LOG_INT("routes", learnt));
		link->routes_learnt = learnt;
		/* Only queues of neighbours are looked at: mail for a third
		 * party goes by the configuration, which has not changed. */
		/* Mail that is drained to a sibling stays there. */
		if (is_neighbour(link) &&
		    store_drain(qmgr->store)->link != link->number &&
		    store_link_total(qmgr->store, link->number).messages > 0)
			link_reroute_learnt(qmgr, link);
	}
}

/* take_decoded - use an update of the peer of a link */
static void
take_decoded(
    struct qmgr *qmgr, struct link *link, const struct route_update *update)
{
	struct filter filter = {.link = link};
	enum rib_taken taken = RIB_TAKEN;
	int rc;

	arena_init(&filter.arena, UPDATE_ARENA_MAX);
	rc = rib_take(qmgr->rib, link->number, update, may_learn, &filter,
	    clock_monotonic(), &taken);
	arena_fini(&filter.arena);
	/* A rejected update is logged and dropped, and the worker goes on: its
	 * association may carry mail at this moment. */
	if (rc < 0)
		log_dropped(link, update,
		    rc == ERR_NOTFOUND ? "the link is to a third party"
				       : error_strerror(rc));
	else if (taken == RIB_NOT_SENDER)
		log_dropped(link, update,
		    "its sender has another name than remote-mta");
	use_learnt(qmgr);
}

/* take_update - use an update, if it can be decoded: a fault of the peer does
 * not end the connection of the worker */
static void
take_update(struct qmgr *qmgr, struct link *link, struct slice octets)
{
	/* An arena of its own bounds what one update may cost, and leaves the
	 * scratch memory of the commit alone. */
	struct route_update update = {.count = 0};
	struct diag diag = {0};
	struct arena arena;

	arena_init(&arena, UPDATE_ARENA_MAX);
	if (route_update_decode(octets, &arena, &update, &diag) < 0)
		log_dropped(link, &update, diag_text(&diag));
	else
		take_decoded(qmgr, link, &update);
	arena_fini(&arena);
}

/* announce_take - take an update that a peer has sent, or a worker's word that
 * its peer has taken ours */
int
announce_take(
    struct client *client, const struct ipc_record *record, struct diag *diag)
{
	struct link *link = assoc_link(client);

	if (link == NULL)
		return diag_set(diag, ERR_STATE, "a routing update of no link");
	/* An update with no octets is the worker's word that the peer has taken
	 * ours. */
	if (record->routes.update.len > 0)
		take_update(client->qmgr, link, record->routes.update);
	else if (client->assoc != NULL)
		assoc_proved(client->assoc);
	return 0;
}

/* find_teller - find the association by which the peer of a link is told, that
 * with the fewest jobs; *open: one is open, if there is none */
static struct assoc *
find_teller(const struct link *link, bool *open)
{
	struct assoc *assoc, *best = NULL;

	*open = false;
	TAILQ_FOREACH(assoc, &link->assocs, entry) {
		/* A retiring or recovering association takes no more
		 * records. */
		if (assoc->state != ASSOC_BOUND)
			continue;
		*open = true;
		/* A worker whose socket is full would make this process buffer
		 * for it. The update can wait, since the next one holds
		 * everything anyway. */
		if (assoc->routes &&
		    ipc_channel_pending(&assoc->client->channel) <=
			UNREAD_MAX &&
		    (best == NULL || assoc->job_count < best->job_count))
			best = assoc;
	}
	return best;
}

/* tell - hand the update for a neighbour to a worker */
static int
tell(struct qmgr *qmgr, struct assoc *assoc)
{
	struct link *link = assoc->link;
	struct ipc_record record = {.type = IPC_ROUTES};
	struct buffer update;
	size_t left_out;
	int rc;

	arena_reset(&qmgr->arena);
	buffer_init(&update, ROUTE_UPDATE_MAX);
	rc = announce_envelope(qmgr, link, &record.routes.envelope);
	if (rc == 0)
		rc = rib_tell(qmgr->rib, link->number, clock_monotonic(),
		    &update, &left_out);
	if (rc == 0) {
		record.routes.update = buffer_slice(&update);
		client_send(assoc->client, &record);
		/* An association that has just been told something is not
		 * closed as idle before the peer has read it. */
		assoc->idle_since = clock_monotonic();
		if (left_out > 0)
			LOG_EVENT(EVENT_ROUTES_LEFT_OUT,
			    LOG_STRING("link", link->name),
			    LOG_INT("left_out", left_out));
	}
	buffer_fini(&update);
	return rc;
}

/* say_not_taken - log, once, that a peer does not know updates */
static void
say_not_taken(struct link *link)
{
	/* Said once for each link: the peer is asked again with every
	 * association, which may be each minute for years. */
	if (!link->announces_refused)
		LOG_EVENT(
		    EVENT_ROUTES_NOT_TAKEN, LOG_STRING("link", link->name));
	link->announces_refused = true;
}

/* announce_link - tell a neighbour what is due, or have its link opened */
static void
announce_link(struct qmgr *qmgr, struct link *link)
{
	struct assoc *assoc;
	bool open;

	/* The flag makes schedule_link open an association for nothing but the
	 * update; it is cleared as soon as nothing is due. */
	if (!is_neighbour(link) ||
	    !rib_due(qmgr->rib, link->number, clock_monotonic())) {
		link->announces = false;
		return;
	}
	assoc = find_teller(link, &open);
	if (assoc != NULL) {
		link->announces_refused = false;
		link->announces = tell(qmgr, assoc) < 0;
		return;
	}
	if (open)
		say_not_taken(link);
	/* A peer that does not know updates is asked when something else opens
	 * an association with it. */
	link->announces = !link->announces_refused;
}

/* announce_tick - say what is due, and use what was learnt */
void
announce_tick(struct qmgr *qmgr)
{
	/* State goes into the table before its clock moves: a route by a link
	 * that failed is withdrawn in the same second. */
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		/* A link that is closed by an administrator has no failures,
		 * but carries nothing either. */
		rib_link_state(qmgr->rib, link->number,
		    link_out(link) || link->open_failures > 0 ? RIB_FAILS
							      : RIB_WORKS);
	/* Neighbours that know another way take that; those that know none go
	 * on waiting for us, where without a route they would return mail. */
	rib_serve(qmgr->rib,
	    store_drain(qmgr->store)->since != 0 ? RIB_LEAVES : RIB_SERVES);
	/* Without memory neither times nor routes have moved; the next second
	 * does both. */
	if (rib_tick(qmgr->rib, clock_monotonic()) < 0)
		return;
	use_learnt(qmgr);
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		announce_link(qmgr, link);
}
