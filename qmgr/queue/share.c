/* SPDX-License-Identifier: ISC */
/*
 * share.c - how much of the queue one source may have
 */
#include <stdio.h>

#include "base/log.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/share.h"
#include "store/content.h"
#include "store/store.h"

#define LINK_SHARE 4 /* a link that is not up holds 1 in so many at most */

/* share_of - compute what one source may have of so many octets */
static uint64_t
share_of(uint64_t octets)
{
	return octets / STORE_SOURCE_SHARE;
}

/* share_ask - decide whether a source may have more of the queue */
enum share_answer
share_ask(const struct qmgr *qmgr, const struct share_request *request)
{
	uint64_t queue = qmgr->conf->mta.queue_size;
	uint64_t max = share_of(queue);
	uint64_t all = request->octets +
	    store_source_total(qmgr->store, request->source).octets;

	/* Larger than its whole share: waiting would never help, so the answer
	 * is final. */
	if (request->content > max || request->octets > max)
		return SHARE_NEVER;
	/* Mail that cannot leave now gets only three quarters, so that mail in
	 * transit passes beside it. */
	if (request->waiting)
		max = share_of(queue - queue / 4);
	if (all <= max)
		return SHARE_FITS;
	/* Octets that are deleted but not yet reaped count as held. If they
	 * suffice, the source need only wait a moment. */
	return store_reap_owed(qmgr->store, request->source) >= all - max
	    ? SHARE_SOON
	    : SHARE_LATER;
}

/* share_ask_link - decide whether a source may have more of a link's share */
enum share_full
share_ask_link(
    const struct qmgr *qmgr, uint32_t source, uint32_t link, uint64_t octets)
{
	uint64_t share = qmgr->conf->mta.queue_size / LINK_SHARE;
	uint64_t part = share_of(share);
	uint64_t held = store_source_at(qmgr->store, source, link).octets;

	/* A single source never fills a link, even if the link as a whole has
	 * room. */
	if (held + octets > part)
		return SHARE_FULL_SOURCE;
	/* In a full link a source within its part still gets in, as long as the
	 * others, each counted up to its own part, leave room: what one of them
	 * has beyond its part is not held against this one. */
	if (store_link_total(qmgr->store, link).octets + octets > share &&
	    store_source_others(qmgr->store, source, link, part) + held +
		    octets >
		share)
		return SHARE_FULL_LINK;
	return SHARE_FULL_NOT;
}

/* share_text - write what a refused source is told */
void
share_text(
    const struct qmgr *qmgr, enum share_answer answer, char *text, size_t size)
{
	uint64_t max = share_of(qmgr->conf->mta.queue_size);

	if (answer == SHARE_NEVER)
		snprintf(text, size,
		    "its content is larger than the %llu octets that one "
		    "source may have in the queue",
		    (unsigned long long)max);
	else
		snprintf(text, size,
		    "what came from here has its share of the queue");
}

/* share_over - note that a source was refused at its limit, and log it */
void
share_over(struct qmgr *qmgr, uint32_t source, enum share_full full)
{
	struct link *link = link_get(&qmgr->links, source);
	const char *name = link == NULL ? "local" : link->name;
	struct store_total held = store_source_total(qmgr->store, source);

	/* Noted once until the source is below its limit again: status shows
	 * who is over it. */
	if (link == NULL)
		qmgr->local_over |= full == SHARE_FULL_SOURCE;
	else
		link->over_share |= full == SHARE_FULL_SOURCE;
	/* At its part of a link's share the link is what is told of. */
	if (full == SHARE_FULL_SOURCE && link == NULL)
		qmgr->local_refused_at = held.octets;
	else if (full == SHARE_FULL_SOURCE)
		link->refused_at = held.octets;
	LOG_EVENT(EVENT_SOURCE_FULL, LOG_STRING("link", name),
	    LOG_INT("octets", held.octets), LOG_INT("messages", held.messages),
	    LOG_INT("share", share_of(qmgr->conf->mta.queue_size)));
}
