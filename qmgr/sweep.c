/* SPDX-License-Identifier: ISC */
/*
 * sweep.c - what is done to the queue in the background, in bounded steps
 */
#include <event2/event.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/sending/dispatch.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/reroute.h"
#include "qmgr/sweep.h"
#include "store/store.h"

#define DEFERRED_STEP 200  /* messages made ready in one turn */
#define DEFERRED_LOOK 1000 /* and looked at */
#define DEFERRED_WAIT 1000 /* ms until those that were passed over come again */
#define REROUTE_STEP  1000 /* messages routed anew in one turn */
#define EXPIRE_STEP   1000 /* records looked at each second */
#define EXPIRE_MOST   100  /* reports made each second */
#define EXPIRE_PAUSE  60   /* seconds between two sweeps, at most */
#define EXPIRE_PART   10   /* of the shortest lifetime, so long at most */
#define REAP_STEP     (256 * 1024) /* octets freed in one turn */
#define SESSION_STEP  200
#define SESSION_PAUSE 60

struct woken {
	uint64_t id;
	uint32_t link;
	enum store_priority priority;
};

struct sweep {
	struct qmgr *qmgr;
	struct turn_member deferred, reap, sessions;
	struct event *timer;   /* of the next deferred one */
	int64_t next_deferred; /* wall clock ms; INT64_MAX: none */
	struct woken woken[DEFERRED_STEP];
	unsigned woken_count;
	int64_t found_next; /* the next deferred one, as the store says */
	/* Where a round over the deferred ones goes on, and whether it passed
	 * over any whose time has come by one clock alone. */
	struct passed {
		int64_t time;
		uint64_t id;
		bool any;
	} passed, found_passed;
	bool reap_more;
	uint64_t expire_cursor;
	unsigned expire_pause, session_pause; /* seconds left */
	bool rerouting;			      /* a link is */
};

/* on_timer - a deferred message is due: the loop turns */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct sweep *sweep = arg;

	(void)fd;
	(void)what;
	sweep->qmgr->again = true;
}

/* arm - wake the loop when the next deferred one is due */
static void
arm(struct sweep *sweep)
{
	int64_t wait =
	    sweep->next_deferred - timekeeper_now(&sweep->qmgr->time);
	struct timeval tv = {0};

	if (sweep->next_deferred == INT64_MAX)
		return;
	/* The wall clock may be set meanwhile: look again every minute. */
	if (wait > 60 * 1000)
		wait = 60 * 1000;
	if (wait > 0) {
		tv.tv_sec = (time_t)(wait / 1000);
		tv.tv_usec = (suseconds_t)(wait % 1000) * 1000;
	}
	if (evtimer_add(sweep->timer, &tv) < 0)
		fatal(EX_OSERR, "no memory for a timer");
}

/* is_asked - whether the sender wants it deferred, not we after a failure */
static bool
is_asked(const struct store_message *message)
{
	return message->kind == STORE_MESSAGE && message->attempts == 0 &&
	    message->transfer_attempts == 0;
}

/* wake - make a deferred message ready, unless its sender wants it to wait and
 * the clocks do not agree that its time has come */
static int
wake(struct sweep *sweep, uint64_t id, bool agree)
{
	struct qmgr *qmgr = sweep->qmgr;
	struct store_message message;
	int rc;

	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	/* A damaged message keeps none of those behind it waiting. */
	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_NOTFOUND)
		return store_message_aside(
		    qmgr->store, id, store_reason(qmgr->store));
	if (rc < 0)
		return rc;
	if (!agree && is_asked(&message)) {
		sweep->found_passed.any = true;
		return 0;
	}
	message.state = STORE_READY;
	message.next_try = 0;
	rc = store_message_update(qmgr->store, &message);
	if (rc < 0)
		return rc;
	sweep->woken[sweep->woken_count++] = (struct woken){
	    .id = id, .link = message.link, .priority = message.priority};
	return 0;
}

/* apply_deferred - those whose time has come are ready */
static int
apply_deferred(struct qmgr *qmgr, struct turn_member *member)
{
	struct sweep *sweep = qmgr->sweep;
	int64_t now = timekeeper_now(&qmgr->time);
	int64_t sure = timekeeper_earliest(&qmgr->time);
	struct passed at = sweep->passed;
	int rc = 0;

	(void)member;
	sweep->woken_count = 0;
	sweep->found_next = INT64_MAX;
	sweep->found_passed = sweep->passed;
	for (unsigned i = 0; rc == 0; i++) {
		rc = store_deferred_next(qmgr->store, &at.time, &at.id);
		if (rc < 0)
			break;
		if (at.time > now || i == DEFERRED_LOOK ||
		    sweep->woken_count == DEFERRED_STEP) {
			sweep->found_next = at.time;
			break;
		}
		rc = wake(sweep, at.id, at.time <= sure);
		sweep->found_passed.time = at.time;
		sweep->found_passed.id = at.id;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* end_round - begin with the first deferred one again, if all were looked at */
static void
end_round(struct sweep *sweep)
{
	int64_t now = timekeeper_now(&sweep->qmgr->time);

	sweep->passed = sweep->found_passed;
	sweep->next_deferred = sweep->found_next;
	if (sweep->next_deferred <= now)
		return;
	if (sweep->passed.any && sweep->next_deferred > now + DEFERRED_WAIT)
		sweep->next_deferred = now + DEFERRED_WAIT;
	sweep->passed = (struct passed){.time = -1};
}

/* done_deferred - their links have work */
static void
done_deferred(struct qmgr *qmgr, struct turn_member *member, int result)
{
	struct sweep *sweep = qmgr->sweep;

	(void)member;
	if (result < 0) {
		sweep->next_deferred = timekeeper_now(&qmgr->time) + 1000;
		arm(sweep);
		return;
	}
	for (unsigned i = 0; i < sweep->woken_count; i++) {
		struct link *link =
		    link_get(&qmgr->links, sweep->woken[i].link);

		if (link == NULL)
			continue;
		ready_again(link, sweep->woken[i].priority, sweep->woken[i].id);
		link_touch(qmgr, link);
	}
	end_round(sweep);
	arm(sweep);
}

/* apply_reap - a piece of what nobody uses any more */
static int
apply_reap(struct qmgr *qmgr, struct turn_member *member)
{
	int rc = store_reap_step(qmgr->store, REAP_STEP);

	(void)member;
	qmgr->sweep->reap_more = rc > 0;
	return rc < 0 ? rc : 0;
}

/* done_reap - the next piece has the next turn */
static void
done_reap(struct qmgr *qmgr, struct turn_member *member, int result)
{
	(void)member;
	if (result == 0 && qmgr->sweep->reap_more)
		qmgr->again = true;
}

/* apply_sessions - forget those that ended long ago */
static int
apply_sessions(struct qmgr *qmgr, struct turn_member *member)
{
	int rc;

	(void)member;
	/* The turn notes the time all the same, once it is believed. */
	if (timekeeper_doubts(&qmgr->time))
		return 0;
	rc = store_session_expire(qmgr->store,
	    clock_wall() - (int64_t)qmgr->conf->mta.duplicate_memory,
	    SESSION_STEP);
	return rc < 0 ? rc : 0;
}

/* done_nothing - it is tried again at its time */
static void
done_nothing(struct qmgr *qmgr, struct turn_member *member, int result)
{
	(void)qmgr;
	(void)member;
	(void)result;
}

/* member_init - a part of the sweep as a member of the turn */
static void
member_init(struct turn_member *member,
    int (*apply)(struct qmgr *, struct turn_member *),
    void (*done)(struct qmgr *, struct turn_member *, int))
{
	*member = (struct turn_member){
	    .order = TURN_BACKGROUND, .apply = apply, .done = done};
}

/* sweep_new - nothing is due before the first tick */
struct sweep *
sweep_new(struct qmgr *qmgr)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));

	if (sweep == NULL)
		return NULL;
	sweep->qmgr = qmgr;
	sweep->timer = evtimer_new(qmgr->base, on_timer, sweep);
	if (sweep->timer == NULL) {
		free(sweep);
		return NULL;
	}
	member_init(&sweep->deferred, apply_deferred, done_deferred);
	member_init(&sweep->reap, apply_reap, done_reap);
	member_init(&sweep->sessions, apply_sessions, done_nothing);
	sweep->session_pause = SESSION_PAUSE;
	sweep->passed.time = -1;
	return sweep;
}

/* sweep_free - NULL is allowed */
void
sweep_free(struct sweep *sweep)
{
	if (sweep == NULL)
		return;
	event_free(sweep->timer);
	free(sweep);
}

/* sweep_deferred - a message waits until then */
void
sweep_deferred(struct qmgr *qmgr, int64_t when)
{
	if (when >= qmgr->sweep->next_deferred)
		return;
	qmgr->sweep->next_deferred = when;
	arm(qmgr->sweep);
}

/* sweep_reroute - look at what is queued for this link */
void
sweep_reroute(struct qmgr *qmgr, struct link *link)
{
	/* What was queued for a link that was disabled when we started came
	 * there because there was no other route. */
	if (qmgr->sweep == NULL ||
	    (qmgr->routes == NULL && link->kind != LINK_GONE))
		return;
	if (link->rerouting)
		return;
	link->rerouting = true;
	link->reroute_cursor = 0;
	link->reroute_priority = STORE_URGENT;
	qmgr->sweep->rerouting = true;
	qmgr->again = true;
}

/* why_reroute - what is to be done with what has no other route */
static enum reroute_why
why_reroute(const struct link *link)
{
	if (link->kind == LINK_GONE)
		return REROUTE_GONE;
	return link->state == LINK_DISABLED ||
		link->policy.schedule.kind == CONF_SCHEDULE_NEVER
	    ? REROUTE_ASKED
	    : REROUTE_RETRIES;
}

/* reroute_next - the next message of the link to be routed anew, claimed;
 * NULL: there is none */
static struct job *
reroute_next(struct qmgr *qmgr, struct link *link)
{
	struct store_message message;
	uint64_t id;

	while (link->reroute_priority < STORE_PRIORITIES) {
		if (store_ready_next(qmgr->store, link->number,
			(enum store_priority)link->reroute_priority,
			link->reroute_cursor, &id) < 0) {
			link->reroute_priority++;
			link->reroute_cursor = 0;
			continue;
		}
		link->reroute_cursor = id;
		if (idmap_get(&qmgr->active, id) != NULL)
			continue;
		arena_reset(&qmgr->arena);
		if (store_message_get(qmgr->store, id, STORE_HEAD, &qmgr->arena,
			&message) == 0)
			return dispatch_claim(qmgr, link, &message);
	}
	return NULL;
}

/* reroute_step - some messages of each link that is being looked at */
static void
reroute_step(struct qmgr *qmgr)
{
	bool any = false;

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (!link->rerouting)
			continue;
		/* It came back: what is left may go. */
		if (!link_out(link))
			link->rerouting = false;
		for (int i = 0; i < REROUTE_STEP && link->rerouting; i++) {
			struct job *job = reroute_next(qmgr, link);

			if (job == NULL)
				link->rerouting = false;
			else
				reroute_start(qmgr, job, why_reroute(link));
		}
		any = any || link->rerouting;
	}
	qmgr->sweep->rerouting = any;
	qmgr->again = qmgr->again || any;
}

/* sweep_turn - what is due joins this turn */
void
sweep_turn(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	if (sweep->next_deferred <= timekeeper_now(&qmgr->time) &&
	    !sweep->deferred.queued)
		turn_add(qmgr, &sweep->deferred);
	if (store_reap_pending(qmgr->store) > 0 && !sweep->reap.queued)
		turn_add(qmgr, &sweep->reap);
	if (sweep->rerouting)
		reroute_step(qmgr);
}

/*
 * set_aside - quarantine a message that is damaged, once
 *
 * Its link would have it counted as ready for ever where its entry or its
 * content is missing, and nobody would hear of it.
 */
static void
set_aside(struct qmgr *qmgr, uint64_t id)
{
	int rc = store_message_sound(qmgr->store, id);

	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED)
		outcome_damaged(qmgr, id, store_reason(qmgr->store));
}

/* expire_one - whether the message's time is over, and it was claimed */
static bool
expire_one(struct qmgr *qmgr, uint64_t id)
{
	struct store_message message;
	struct link *link;
	struct job *job;
	int rc;

	if (idmap_get(&qmgr->active, id) != NULL)
		return false;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	if (rc < 0 || store_message_sound(qmgr->store, id) < 0) {
		set_aside(qmgr, id);
		return false;
	}
	link = link_get(&qmgr->links, message.link);
	if (message.expires == 0 || message.expires > clock_wall() ||
	    link == NULL ||
	    (message.state != STORE_READY && message.state != STORE_DEFERRED))
		return false;
	job = dispatch_claim(qmgr, link, &message);
	if (job == NULL)
		return false;
	outcome_expired(qmgr, job);
	return true;
}

/* expire_pause - how long between two sweeps, in seconds: short lifetimes are
 * not to be exceeded by much */
static unsigned
expire_pause(const struct qmgr *qmgr)
{
	uint64_t least = EXPIRE_PAUSE * 1000 * EXPIRE_PART;

	for (int i = 0; i < STORE_PRIORITIES; i++)
		if (qmgr->conf->mta.message_lifetime[i] < least)
			least = qmgr->conf->mta.message_lifetime[i];
	return (unsigned)(least / EXPIRE_PART / 1000);
}

/* expire_step - look at some records, where the last step left off */
static void
expire_step(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;
	unsigned expired = 0;

	for (int i = 0; i < EXPIRE_STEP && expired < EXPIRE_MOST; i++) {
		uint64_t id;

		if (store_message_next(qmgr->store, sweep->expire_cursor, &id) <
		    0) {
			sweep->expire_cursor = 0;
			sweep->expire_pause = expire_pause(qmgr);
			return;
		}
		sweep->expire_cursor = id;
		expired += expire_one(qmgr, id);
	}
}

/* sweep_tick - once a second */
void
sweep_tick(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	if (sweep->expire_pause > 0)
		sweep->expire_pause--;
	else if (!timekeeper_doubts(&qmgr->time))
		expire_step(qmgr);
	if (sweep->session_pause > 0)
		sweep->session_pause--;
	else {
		sweep->session_pause = SESSION_PAUSE;
		if (!sweep->sessions.queued)
			turn_add(qmgr, &sweep->sessions);
	}
}
