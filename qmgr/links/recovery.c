/* SPDX-License-Identifier: ISC */
/*
 * recovery.c - a link whose association was lost inside an activity
 */
#include "base/clock.h"
#include "client/limits.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/recovery.h"
#include "qmgr/links/schedule.h"

#define PAUSE_MAX LIMITS_RECOVERY_PAUSE /* ms between two attempts */

/* recovery_lost - begin to recover a link whose last association was cut */
bool
recovery_lost(struct qmgr *qmgr, struct link *link)
{
	/* Without a recovery timeout a cut is an ordinary failure. */
	if (link->state == LINK_UP && link->policy.recovery_timeout > 0) {
		link->recover_until =
		    clock_after(link->policy.recovery_timeout);
		schedule_event(qmgr, link, LINK_EV_LOST);
	}
	if (link->state != LINK_RECOVERING)
		return false;
	link->recover_next = 0;
	return true;
}

/* recovery_link - open an association if one is due */
void
recovery_link(struct qmgr *qmgr, struct link *link)
{
	/* An attempt is under way already. */
	if (link->assoc_count > 0)
		return;
	/* The message may have left by another way; a peer that takes turns may
	 * itself have been cut. */
	if (ready_waiting(qmgr, link) == 0 && !link_two_way(link))
		schedule_event(qmgr, link, LINK_EV_ENDED);
	else if (clock_monotonic() >= link->recover_next) {
		link->next_open = 0;
		assoc_open(qmgr, link, ASSOC_FIRST);
	}
}

/* recovery_goes_on - schedule the next attempt to recover, unless the time is
 * over */
bool
recovery_goes_on(struct link *link)
{
	uint64_t now = clock_monotonic();

	if (link->state != LINK_RECOVERING || now >= link->recover_until)
		return false;
	link->recover_next = clock_after(link->policy.open_interval < PAUSE_MAX
		? link->policy.open_interval
		: PAUSE_MAX);
	/* The pause is cut short at the end of the time, for a last attempt. */
	if (link->recover_next > link->recover_until)
		link->recover_next = link->recover_until;
	/* The wall-clock time is for status alone; nothing waits by it. */
	link->next_open = clock_wall() + (int64_t)(link->recover_next - now);
	return true;
}

/* recovery_over - give up the recovery of a link */
void
recovery_over(struct link *link)
{
	link->recover_until = 0;
}
