/* SPDX-License-Identifier: ISC */
/*
 * demand.c - how many associations a link wants, has, and may have
 */
#include "qmgr/links/demand.h"
#include "qmgr/links/link.h"

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/ready.h"
#include "store/store.h"

/* Jobs of a link at a time while a storm of reports waits on it. */
#define FLOOD_JOBS (3 * ASSOC_JOBS_MAX)

/* demand_wanted - compute how many associations this many messages want */
unsigned
demand_wanted(const struct link_policy *policy, uint64_t waiting)
{
	unsigned most = policy->associations;
	uint64_t wanted;

	/* A link that may have no association, or has nothing to send, wants
	 * none. */
	if (waiting == 0 || most == 0)
		return 0;
	wanted = 1;
	if (policy->threshold > 0)
		wanted += waiting / policy->threshold;
	/* The last association is for urgent messages, so ordinary ones get the
	 * rest. */
	if (most > 1)
		most--;
	return wanted < most ? (unsigned)wanted : most;
}

/* pool_empty - tell whether no association beyond a link's first may be
 * opened */
static bool
pool_empty(const struct qmgr *qmgr)
{
	return qmgr->associations_extra >= qmgr->conf->mta.max_associations;
}

/* demand_log_limit - log, once, that a link would have more if the pool had */
void
demand_log_limit(struct qmgr *qmgr, const struct link *link)
{
	bool empty = pool_empty(qmgr);

	/* Said once until the pool has room again: each further attempt would
	 * say the same. */
	if (empty && !qmgr->told_limit)
		LOG_EVENT(EVENT_ASSOCIATION_LIMIT,
		    LOG_STRING("link", link->name),
		    LOG_INT(
			"max_associations", qmgr->conf->mta.max_associations));
	qmgr->told_limit = empty;
}

/* demand_serving - count the associations of a link that take jobs, or will */
unsigned
demand_serving(const struct link *link)
{
	const struct assoc *assoc;
	unsigned count = 0;

	/* A program's demand is no measure of what is opened. */
	TAILQ_FOREACH(assoc, &link->assocs, entry)
		count += assoc_serves(assoc) && !assoc->asks;
	return count;
}

/* demand_is_open - tell whether an association of a link takes jobs */
bool
demand_is_open(const struct link *link)
{
	const struct assoc *assoc;

	TAILQ_FOREACH(assoc, &link->assocs, entry)
		if (assoc->state == ASSOC_BOUND && !assoc->asks)
			return true;
	return false;
}

/* count_urgent - count what is ready and goes before the reports of a storm */
static uint64_t
count_urgent(const struct qmgr *qmgr, const struct link *link)
{
	return store_link_state(
		   qmgr->store, link->number, STORE_READY, STORE_URGENT)
		   .messages +
	    store_link_state(
		qmgr->store, link->number, STORE_READY, STORE_NORMAL)
		.messages;
}

/* demand_lets - tell down to which priority a link may be given a further
 * job */
enum store_priority
demand_lets(const struct qmgr *qmgr, struct link *link)
{
	/* The storm is over once none of that priority is left. */
	if (link->flood &&
	    store_link_state(
		qmgr->store, link->number, STORE_READY, STORE_NON_URGENT)
		    .messages == 0)
		link->flood = false;
	return link->flood && link->active >= FLOOD_JOBS ? STORE_NORMAL
							 : STORE_NON_URGENT;
}

/*
 * demand_beyond - count what waits for more than the next batches of open
 * associations
 *
 * The association for urgent messages takes nothing of other messages, nor what
 * has stepped back: with its room counted these would wait until it is idle for
 * its lifetime.
 */
uint64_t
demand_beyond(const struct qmgr *qmgr, const struct link *link)
{
	uint64_t waiting = ready_waiting(qmgr, link), room = 0;
	const struct assoc *assoc;

	/* A storm of reports is worth two associations more, not one for each
	 * threshold. */
	if (link->flood) {
		uint64_t few = count_urgent(qmgr, link);

		few += (uint64_t)2 * link->policy.threshold;
		if (waiting > few)
			waiting = few;
	}
	TAILQ_FOREACH(assoc, &link->assocs, entry)
		/* The association for urgent messages takes no ordinary
		 * ones. */
		if (assoc->state == ASSOC_BOUND && !assoc->urgent &&
		    !assoc->asks)
			room += ASSOC_JOBS_MAX - assoc->job_count;
	return waiting > room ? waiting - room : 0;
}

/* demand_may_open - tell whether a further association may be tried */
bool
demand_may_open(const struct qmgr *qmgr, const struct link *link)
{
	unsigned count = demand_serving(link);

	/* A link that failed is probed by one association; more are opened when
	 * that one works. */
	return link->state == LINK_UP && link->open_failures == 0 &&
	    count < link->policy.associations &&
	    clock_monotonic() >= link->further_after &&
	    (count == 0 || !pool_empty(qmgr));
}

/* demand_reserved - find the association for urgent messages and reports, or
 * NULL */
struct assoc *
demand_reserved(const struct link *link)
{
	struct assoc *assoc;

	TAILQ_FOREACH(assoc, &link->assocs, entry)
		if (assoc->urgent && assoc_serves(assoc))
			return assoc;
	return NULL;
}

/* demand_reserves - tell whether urgent messages will have an association of
 * their own */
bool
demand_reserves(const struct qmgr *qmgr, const struct link *link)
{
	const struct assoc *assoc = demand_reserved(link);

	/* An association that is not open yet will take the urgent messages
	 * when it is. */
	if (assoc != NULL)
		return assoc->state == ASSOC_STARTING ||
		    assoc->state == ASSOC_OPENING;
	return link->policy.associations > 1 && demand_may_open(qmgr, link);
}
