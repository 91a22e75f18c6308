/* SPDX-License-Identifier: ISC */
/*
 * schedule.c - when a link opens how many associations
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/limits.h"
#include "conf/conf_schedule.h"
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/demand.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/links/recovery.h"
#include "qmgr/links/schedule.h"
#include "store/store.h"

/* So many associations in a row may be lost before anything was transferred
 * until that counts as a failure to open: a message that the peer aborts on
 * must not make the others wait. */
#define FRUITLESS_MAX 3

/* Between attempts that fail by our own worker (ms). */
#define WORKER_INTERVAL 5000

/* A worker is gone so long after its qmgr at the latest (ms). */
#define LEFT_TIME LIMITS_PREDECESSOR

/* use_of_next - tell what the next association of a link is opened for */
static unsigned
use_of_next(const struct link *link)
{
	return demand_serving(link) > 0 ? ASSOC_EXTRA : ASSOC_FIRST;
}

/*
 * share_reserved - have the association for urgent messages take all, where
 * the others have ended
 *
 * Otherwise ordinary messages wait beside an open association for as long as
 * no further one can be opened.
 */
static void
share_reserved(struct qmgr *qmgr, struct link *link)
{
	struct assoc *urgent = demand_reserved(link);

	if (urgent == NULL || demand_serving(link) > 1)
		return;
	urgent->urgent = false;
	link_touch(qmgr, link);
}

/* open_more - open associations beyond the first, out of the common pool */
static void
open_more(struct qmgr *qmgr, struct link *link)
{
	unsigned wanted =
	    demand_wanted(&link->policy, demand_beyond(qmgr, link));
	const struct assoc *urgent = demand_reserved(link);

	/* The association for urgent messages is not counted here: it takes
	 * nothing of what waits. */
	while (demand_serving(link) - (urgent != NULL) < wanted &&
	    demand_may_open(qmgr, link))
		assoc_open(qmgr, link, use_of_next(link));
	if (demand_serving(link) - (urgent != NULL) < wanted)
		demand_log_limit(qmgr, link);
	if (urgent == NULL && link->policy.associations > 1 &&
	    ready_urgent(qmgr, link) && demand_may_open(qmgr, link))
		assoc_open(qmgr, link, use_of_next(link) | ASSOC_URGENT);
}

/* schedule_link - open what is wanted now */
void
schedule_link(struct qmgr *qmgr, struct link *link)
{
	/* Workers of the qmgr before may still have transfers under way: until
	 * they have said what came of these, a new association could send the
	 * same again. */
	if (link->kind == LINK_GONE || link->kind == LINK_LIST ||
	    link->policy.asked || qmgr->stopping || link->left > 0)
		return;
	if (link->state == LINK_IDLE &&
	    (ready_waiting(qmgr, link) > 0 || link->announces))
		schedule_event(qmgr, link, LINK_EV_WORK);
	else if (link->state == LINK_UP) {
		share_reserved(qmgr, link);
		open_more(qmgr, link);
	} else if (link->state == LINK_RECOVERING)
		recovery_link(qmgr, link);
}

/* on_open_interval - end the open interval of a link */
static void
on_open_interval(evutil_socket_t fd, short what, void *arg)
{
	struct link *link = arg;

	(void)fd;
	(void)what;
	link->next_open = 0;
	schedule_event(link->qmgr, link, LINK_EV_TIMER);
}

/*
 * open_wait - compute how long to wait until the next attempt (ms)
 *
 * The open interval, unless it was our own worker that failed: that says
 * nothing of the peer, and master slows down what crashes at its start.
 */
static uint64_t
open_wait(const struct link *link)
{
	uint64_t wait = link->policy.open_interval, now = clock_monotonic();

	if (link->failure != LINK_FAILURE_WORKER)
		return wait;
	if (link->throttled_until > now)
		return link->throttled_until - now;
	return wait < WORKER_INTERVAL ? wait : WORKER_INTERVAL;
}

/* set_timer - wait for the next attempt */
static void
set_timer(struct qmgr *qmgr, struct link *link)
{
	uint64_t wait = open_wait(link);
	struct timeval tv;

	link->next_open = clock_wall() + (int64_t)wait;
	tv.tv_sec = (time_t)(wait / 1000);
	tv.tv_usec = (suseconds_t)(wait % 1000) * 1000;
	if (link->timer == NULL)
		link->timer = evtimer_new(qmgr->base, on_open_interval, link);
	/* Without its timer the link would wait for ever: better to start
	 * again. */
	if (link->timer == NULL || evtimer_add(link->timer, &tv) < 0)
		fatal(EX_OSERR, "no memory for a timer");
}

/* schedule_throttled - wait for as long as master starts no worker of a link */
void
schedule_throttled(struct qmgr *qmgr, struct link *link, uint64_t until)
{
	link->throttled_until = until;
	if (link->state != LINK_WAITING || link->failure != LINK_FAILURE_WORKER)
		return;
	/* The timer was set for the time that master told before. */
	if (until == 0)
		schedule_event(qmgr, link, LINK_EV_TIMER);
	else
		set_timer(qmgr, link);
}

/* enter_state - do what the state asks for that a link has entered */
static void
enter_state(struct qmgr *qmgr, struct link *link, enum link_state from)
{
	if (from == LINK_WAITING && link->timer != NULL)
		evtimer_del(link->timer);
	link->next_open = 0;
	switch (link->state) {
	case LINK_CONNECTING:
		/* The program calls, and only it. */
		if (link->policy.asked) {
			schedule_event(qmgr, link, LINK_EV_ENDED);
			break;
		}
		/* The last of them opens it, in schedule_left. */
		if (link->left > 0)
			break;
		/* An attempt that began before the peer called, or before
		 * whatever else ended the waiting, may fail for what is over
		 * by now. */
		if (demand_serving(link) == 0 ||
		    ((from == LINK_WAITING || from == LINK_RECOVERING) &&
			demand_serving(link) < link->policy.associations))
			assoc_open(qmgr, link, use_of_next(link));
		break;
	case LINK_WAITING:
		set_timer(qmgr, link);
		if (link_out(link))
			link_reroute(qmgr, link);
		break;
	case LINK_DISABLED:
		/* Jobs that are begun are finished: a cut would cost a
		 * recovery. */
		assoc_retire_all(link);
		link_reroute(qmgr, link);
		break;
	case LINK_CLOSED:
	case LINK_REMOTE:
		/* The schedule bounds our calls; a peer that called may go
		 * on. */
		assoc_retire_ours(link);
		if (link_out(link))
			link_reroute(qmgr, link);
		break;
	case LINK_IDLE:
		/* The peer may have waited for that, or not waited. */
		if (demand_is_open(link))
			schedule_event(qmgr, link, LINK_EV_BOUND);
		else if (from == LINK_CLOSED && link_two_way(link))
			schedule_event(qmgr, link, LINK_EV_RETRY);
		break;
	case LINK_UP:
	case LINK_RECOVERING:
	case LINK_STATES:
		break;
	}
}

/* schedule_event - change the state of a link, and do what follows from it */
bool
schedule_event(struct qmgr *qmgr, struct link *link, enum link_event event)
{
	enum link_state from = link->state;

	if (!link_change(link, event))
		return false;
	enter_state(qmgr, link, from);
	link_touch(qmgr, link);
	return true;
}

/* log_failure - log that a link cannot be opened; those that follow are
 * counted */
static void
log_failure(struct link *link, const char *stage, const char *reason,
    const char *address)
{
	/* Failures after the first are only counted; schedule_forgive tells how
	 * many there were. */
	link->failing_since = clock_monotonic();
	if (link->failure == LINK_FAILURE_REFUSED)
		LOG_EVENT(EVENT_ASSOCIATION_REFUSED,
		    LOG_STRING("link", link->name), LOG_STRING("layer", stage),
		    LOG_STRING("address", *address == '\0' ? NULL : address),
		    LOG_STRING("reason", reason));
	LOG_EVENT(EVENT_NOT_OPENED, LOG_STRING("link", link->name),
	    LOG_STRING("stage", stage),
	    LOG_STRING("address", *address == '\0' ? NULL : address),
	    LOG_STRING("reason", reason));
	LOG_EVENT(EVENT_OPEN_RETRY, LOG_STRING("link", link->name),
	    LOG_INT("interval_ms", link->policy.open_interval),
	    LOG_INT("retries", link->policy.open_retries));
}

/* set_error - note for administrators why a link is not open */
static void
set_error(struct link *link, const char *stage, const char *reason)
{
	link->last_error_time = clock_wall();
	/* The texts of the stack begin with the layer already. */
	if (strncmp(reason, stage, strlen(stage)) == 0)
		snprintf(
		    link->last_error, sizeof(link->last_error), "%s", reason);
	else
		snprintf(link->last_error, sizeof(link->last_error), "%s: %s",
		    stage, reason);
}

/* event_of_failure - find the event that a class of failure is */
static enum link_event
event_of_failure(enum link_failure failure)
{
	switch (failure) {
	case LINK_FAILURE_REFUSED:
		return LINK_EV_REFUSED;
	case LINK_FAILURE_WORKER:
		return LINK_EV_WORKER;
	case LINK_FAILURE_FRUITLESS:
		return LINK_EV_FRUITLESS;
	case LINK_FAILURE_UNREACHABLE:
		break;
	}
	return LINK_EV_UNREACHABLE;
}

/* schedule_open_failed - count a failure to open, and wait for the next try */
void
schedule_open_failed(struct qmgr *qmgr, struct link *link,
    enum link_failure failure, const char *stage, const char *reason,
    const char *address)
{
	set_error(link, stage, reason);
	/* An attempt to recover is no failure of the link: it has a limit of
	 * its own, the recovery timeout. */
	if (recovery_goes_on(link))
		return;
	link->counters.failed++;
	link->failure = failure;
	/* A further one that fails while others are open is no failure of the
	 * link: it only has what it has, for an interval. */
	if (demand_is_open(link)) {
		/* Others work, so for an interval no further one is tried: the
		 * peer probably takes no more. */
		link->further_after = clock_after(link->policy.open_interval);
		return;
	}
	/* A probe of the link would only repeat this attempt. */
	link->probe_after = clock_after(link->policy.open_interval);
	if (link->open_failures++ == 0)
		log_failure(link, stage, reason, address);
	schedule_event(qmgr, link, event_of_failure(failure));
}

/* schedule_forgive - forget the failures of a link: said once, with how often
 * and for how long */
void
schedule_forgive(struct link *link)
{
	if (link->open_failures > 0)
		LOG_EVENT(EVENT_RECOVERED, LOG_STRING("link", link->name),
		    LOG_INT("failures", link->open_failures),
		    LOG_INT("duration_ms",
			clock_monotonic() - link->failing_since));
	link->open_failures = 0;
	link->failing_since = 0;
	link->fruitless = 0;
	link->unproven = false;
	link->last_error[0] = '\0';
}

/* schedule_opened - note that an association was opened */
void
schedule_opened(struct qmgr *qmgr, struct link *link)
{
	/* A link that lost all that it opened is believed after a transfer, not
	 * after one more open. */
	if (!link->unproven && link->open_failures > 0)
		schedule_forgive(link);
	else if (!link->unproven && link->state == LINK_RECOVERING)
		link->last_error[0] = '\0';
	schedule_event(qmgr, link, LINK_EV_BOUND);
}

/* schedule_proved - forget the failures of a link that has transferred
 * something */
void
schedule_proved(struct link *link)
{
	if (link->unproven)
		schedule_forgive(link);
}

/* count_fruitless - count as a failure that a link opens, and loses what it
 * opens */
static void
count_fruitless(struct qmgr *qmgr, struct link *link)
{
	char why[LINK_ERROR_MAX];

	link->fruitless = 0;
	link->unproven = true;
	snprintf(why, sizeof(why), "%s",
	    link->last_error[0] != '\0' ? link->last_error
					: "lost before any transfer");
	recovery_over(link);
	schedule_open_failed(
	    qmgr, link, LINK_FAILURE_FRUITLESS, "association", why, "");
}

/* schedule_ended - note the end of an association */
void
schedule_ended(struct qmgr *qmgr, struct link *link, unsigned how)
{
	bool fruitless = (how & SCHEDULE_FRUITLESS) != 0;
	bool cut = (how & SCHEDULE_CUT) != 0 && link->bound == 0;

	/* Only losses in a row without any transfer count; a single cut may be
	 * the line's doing. */
	link->fruitless = fruitless ? link->fruitless + 1 : 0;
	if (!fruitless && link->state == LINK_UP)
		schedule_proved(link);
	if (qmgr->stopping)
		return;
	/* While others are there the link stays up: only a cut of the last that
	 * was open is recovered. */
	if (link->assoc_count > 0) {
		if (cut)
			(void)recovery_lost(qmgr, link);
		return;
	}
	/* An association that was opening was given up, not refused. */
	if (link->state == LINK_CONNECTING)
		schedule_event(qmgr, link, LINK_EV_ENDED);
	if (link->state != LINK_UP && link->state != LINK_RECOVERING)
		return;
	if (link->fruitless >= FRUITLESS_MAX || (fruitless && link->unproven))
		count_fruitless(qmgr, link);
	else if (!(cut && recovery_lost(qmgr, link)) && link->state == LINK_UP)
		schedule_event(qmgr, link, LINK_EV_ENDED);
	/* The peer waits for our next call. */
	if ((how & SCHEDULE_AWAITED) != 0 && link->state == LINK_IDLE)
		schedule_event(qmgr, link, LINK_EV_RETRY);
}

/* event_of_week - find what the times of the week say now */
static enum link_event
event_of_week(const struct link *link, int64_t now)
{
	switch (link->policy.schedule.kind) {
	case CONF_SCHEDULE_REMOTE_INITIATED:
		return LINK_EV_REMOTE;
	case CONF_SCHEDULE_NEVER:
		return LINK_EV_CLOSE;
	case CONF_SCHEDULE_ALWAYS:
	case CONF_SCHEDULE_TIMES:
		break;
	}
	return conf_schedule_open(&link->policy.schedule, (time_t)(now / 1000))
	    ? LINK_EV_OPEN
	    : LINK_EV_CLOSE;
}

/* schedule_configured - look at a link whose configuration is new */
void
schedule_configured(struct qmgr *qmgr, struct link *link)
{
	struct store_link known;

	if (link->kind == LINK_GONE) {
		assoc_retire_all(link);
		link_reroute(qmgr, link);
		return;
	}
	/* A disable of an administrator outlives a restart. */
	if (store_link_get(qmgr->store, link->number, &known) == 0 &&
	    (known.flags & STORE_LINK_DISABLED) != 0)
		schedule_event(qmgr, link, LINK_EV_DISABLE);
	schedule_event(qmgr, link, event_of_week(link, clock_wall()));
	link_touch(qmgr, link);
}

/* schedule_configure - look at every link again, since the configuration is
 * new */
void
schedule_configure(struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		schedule_configured(qmgr, link);
}

/* schedule_left - note how many workers are left of the qmgr before us */
void
schedule_left(struct qmgr *qmgr, struct link *link, uint32_t left)
{
	link->left = left;
	link->left_until = clock_after(LEFT_TIME);
	if (left > 0)
		return;
	/* The link entered that state while workers were left, and did not
	 * open. */
	if (link->state == LINK_CONNECTING && link->assoc_count == 0)
		assoc_open(qmgr, link, ASSOC_FIRST);
	link_touch(qmgr, link);
}

/* schedule_start - call the peers that may wait for a qmgr that has started */
void
schedule_start(struct qmgr *qmgr)
{
	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->state == LINK_IDLE && link_two_way(link))
			schedule_event(qmgr, link, LINK_EV_RETRY);
}

/* schedule_tick - look at every link, once a second */
void
schedule_tick(struct qmgr *qmgr)
{
	uint64_t now = clock_monotonic();
	int64_t wall = clock_wall();

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (!TAILQ_EMPTY(&link->assocs))
			assoc_tick(qmgr, link, now);
		if (link->left > 0 && now >= link->left_until)
			schedule_left(qmgr, link, 0);
		if (link->policy.schedule.kind == CONF_SCHEDULE_TIMES)
			schedule_event(qmgr, link, event_of_week(link, wall));
		/* Pauses that nobody waits for by a timer may have ended
		 * meanwhile. */
		link_touch(qmgr, link);
	}
}
