/* SPDX-License-Identifier: ISC */
/*
 * probe.c - links that failed, and for which nothing is queued any more
 */
#include "base/clock.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/schedule.h"
#include "qmgr/queue/route.h"
#include "qmgr/sending/probe.h"

/* probe_link - open a link that failed and is idle, if that is due */
void
probe_link(struct qmgr *qmgr, struct link *link, uint64_t now)
{
	/* Only links that failed and then lost their mail, by rerouting say:
	 * nothing queued would ever open them, and they would count as failing
	 * for ever. */
	if (link->state != LINK_IDLE || link->open_failures == 0 ||
	    link->kind == LINK_GONE || qmgr->stopping ||
	    now < link->probe_after)
		return;
	/* Set before the attempt, so that one that fails at once is not
	 * repeated in the next second. */
	link->probe_after = clock_after(link->policy.open_interval);
	/* A link that no route prefers gains nothing from being known to
	 * work. */
	if (route_prefers(qmgr, link))
		schedule_event(qmgr, link, LINK_EV_RETRY);
}

/* probe_tick - try each link that failed and is idle, where that is due */
void
probe_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		probe_link(qmgr, link, now);
}

/* keeps_failures - tell whether the failures of a link say more than that
 * nobody answers */
static bool
keeps_failures(const struct qmgr *qmgr, const struct link *link)
{
	return ready_waiting(qmgr, link) > 0 || link->active > 0 ||
	    link->unproven;
}

/* probe_reached - end the waiting of a link whose peer may be there */
void
probe_reached(struct qmgr *qmgr, struct link *link, enum probe_reached how)
{
	bool failing = link->open_failures > 0;

	/* A crash of our own worker, or a message in whose transfer links end,
	 * is not cured by a peer that answers. */
	if (failing && !keeps_failures(qmgr, link))
		schedule_forgive(link);
	if (how == PROBE_CALLED)
		schedule_event(qmgr, link, LINK_EV_CALLED);
	else if (link->state != LINK_IDLE || (how == PROBE_ASKED && failing))
		schedule_event(qmgr, link, LINK_EV_RETRY);
}

/* probe_ask - open a link now that is not open */
void
probe_ask(struct qmgr *qmgr, struct link *link)
{
	if (ready_waiting(qmgr, link) > 0 || link_two_way(link))
		schedule_event(qmgr, link, LINK_EV_RETRY);
	probe_reached(qmgr, link, PROBE_ASKED);
}
