/* SPDX-License-Identifier: ISC */
/*
 * probe.c - links that failed, and for which nothing is queued any more
 */
#include "base/clock.h"
#include "qmgr/sending/probe.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/ready.h"
#include "qmgr/queue/route.h"
#include "qmgr/links/schedule.h"

/* probe_link - open a link that failed and is idle, if that is due */
void
probe_link(struct qmgr *qmgr, struct link *link, uint64_t now)
{
	if (link->state != LINK_IDLE || link->open_failures == 0 ||
	    link->kind == LINK_GONE || qmgr->stopping ||
	    now < link->probe_after)
		return;
	link->probe_after = clock_after(link->policy.open_interval);
	if (route_prefers(qmgr, link))
		link_event(qmgr, link, LINK_EV_RETRY);
}

/* keeps_failures - whether the failures of a link count for what is queued, or
 * say more than that nobody answers: it opens, and loses what it opens */
static bool
keeps_failures(const struct qmgr *qmgr, const struct link *link)
{
	return ready_waiting(qmgr, link) > 0 || link->active > 0 ||
	    link->unproven;
}

/* probe_reached - the peer of a link may be there */
void
probe_reached(struct qmgr *qmgr, struct link *link, enum probe_reached how)
{
	bool failing = link->open_failures > 0;

	if (failing && !keeps_failures(qmgr, link))
		schedule_forgive(link);
	if (how == PROBE_CALLED)
		link_event(qmgr, link, LINK_EV_CALLED);
	else if (link->state != LINK_IDLE || (how == PROBE_ASKED && failing))
		link_event(qmgr, link, LINK_EV_RETRY);
}
