/* SPDX-License-Identifier: ISC */
/*
 * sweep.c - what is done to the queue in the background, in bounded steps
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"
#include "qmgr/links/ready.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome.h"
#include "qmgr/sending/reroute.h"
#include "qmgr/sweep.h"
#include "store/store.h"

#define REROUTE_STEP  1000 /* messages routed again in one commit */
#define EXPIRE_STEP   1000 /* records looked at each second */
#define EXPIRE_MOST   100  /* reports made each second */
#define EXPIRE_PAUSE  60   /* seconds between two sweeps, at most */
#define EXPIRE_PART   10   /* of the shortest lifetime, so long at most */
#define REAP_STEP     (256 * 1024) /* octets freed in one commit */
#define SESSION_STEP  200
#define SESSION_PAUSE 60
#define KEYED_STEP    2000
#define REPORT_DELAY  ((uint64_t)7 * 24 * 3600 * 1000) /* ms */

struct sweep {
	struct commit_member reap, sessions;
	bool reap_more;
	uint64_t expire_cursor;
	unsigned expire_pause, session_pause; /* seconds left */
};

/* apply_reap - reap a piece of what nobody uses any more */
static int
apply_reap(struct qmgr *qmgr, struct commit_member *member)
{
	/* A piece for each commit: a content of a gigabyte must not hold up the
	 * messages of others. */
	int rc = store_reap_step(qmgr->store, REAP_STEP);

	(void)member;
	qmgr->sweep->reap_more = rc > 0;
	return rc < 0 ? rc : 0;
}

/* done_reap - have the next piece reaped with the next commit, or those who
 * waited for the last one tried again */
static void
done_reap(struct qmgr *qmgr, struct commit_member *member, int result)
{
	(void)member;
	/* A failed commit is not tried again at once, since the disk is likely
	 * full. */
	if (result == 0 &&
	    (qmgr->sweep->reap_more || !TAILQ_EMPTY(&qmgr->reaping)))
		qmgr->again = true;
}

/* keyed_memory - compute for how long what applications handed in is known: as
 * long as duplicates are, and reports on it may come */
static int64_t
keyed_memory(const struct qmgr *qmgr)
{
	const struct conf_mta *mta = &qmgr->conf->mta;
	uint64_t reports =
	    mta->message_lifetime[CONF_NON_URGENT] + REPORT_DELAY;

	return (int64_t)(reports > mta->duplicate_memory
		? reports
		: mta->duplicate_memory);
}

/* apply_sessions - forget those that ended long ago, and what applications
 * handed in */
static int
apply_sessions(struct qmgr *qmgr, struct commit_member *member)
{
	int rc;

	(void)member;
	/* Forgetting a session early would make a late repetition a new
	 * message. */
	/* The commit notes the time all the same, once it is believed. */
	if (timekeeper_doubts(&qmgr->time))
		return 0;
	rc = store_session_expire(qmgr->store,
	    clock_wall() - (int64_t)qmgr->conf->mta.duplicate_memory,
	    SESSION_STEP);
	if (rc >= 0)
		rc = store_keyed_expire(
		    qmgr->store, clock_wall() - keyed_memory(qmgr), KEYED_STEP);
	return rc < 0 ? rc : 0;
}

/* done_nothing - end a part of the sweep that is tried again at its time */
static void
done_nothing(struct qmgr *qmgr, struct commit_member *member, int result)
{
	(void)qmgr;
	(void)member;
	(void)result;
}

/* member_init - make a part of the sweep a member of commits */
static void
member_init(struct commit_member *member,
    int (*apply)(struct qmgr *, struct commit_member *),
    void (*done)(struct qmgr *, struct commit_member *, int))
{
	*member = (struct commit_member){
	    .order = COMMIT_BACKGROUND, .apply = apply, .done = done};
}

/* sweep_new - make a sweep that begins with the first record */
struct sweep *
sweep_new(void)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));

	if (sweep == NULL)
		return NULL;
	member_init(&sweep->reap, apply_reap, done_reap);
	member_init(&sweep->sessions, apply_sessions, done_nothing);
	/* Expiry waits for the first pause: sessions of callers who are about
	 * to come back are needed now. */
	sweep->session_pause = SESSION_PAUSE;
	return sweep;
}

/* sweep_free - free a sweep; NULL is allowed */
void
sweep_free(struct sweep *sweep)
{
	free(sweep);
}

/* why_reroute - decide what is done with what has no other route */
static enum reroute_why
why_reroute(const struct link *link)
{
	/* The reason is found again at each step, since the link's state may
	 * have changed since the sweep began. */
	if (link->kind == LINK_GONE)
		return REROUTE_GONE;
	if (link->reroute_learnt && !link_out(link))
		return REROUTE_LEARNT;
	return link->state == LINK_DISABLED ||
		link->policy.schedule.kind == CONF_SCHEDULE_NEVER
	    ? REROUTE_DISABLED
	    : REROUTE_RETRIES;
}

/* reroute_next - claim the next message of a link to be routed again; NULL:
 * there is none */
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
		/* A message that a worker has is decided by its outcome, and a
		 * doubtful one by its peer. */
		if (table_find(&qmgr->active, id) != NULL ||
		    doubtful_is(qmgr, id))
			continue;
		arena_reset(&qmgr->arena);
		if (store_message_get(qmgr->store, id, STORE_HEAD, &qmgr->arena,
			&message) == 0)
			return dispatch_claim(qmgr, link, &message);
	}
	return NULL;
}

/* reroute_step - route some messages of each link again that is looked at */
static void
reroute_step(struct qmgr *qmgr)
{
	bool any = false;

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (!link->rerouting)
			continue;
		/* The link came back: messages that are left may go. */
		if (!link_out(link) && !link->reroute_learnt)
			link->rerouting = false;
		for (int i = 0; i < REROUTE_STEP && link->rerouting; i++) {
			struct job *job = reroute_next(qmgr, link);

			if (job == NULL)
				link->rerouting = false;
			else
				reroute_start(qmgr, job, why_reroute(link), "");
		}
		link->reroute_learnt = link->reroute_learnt && link->rerouting;
		any = any || link->rerouting;
	}
	qmgr->links.rerouting = any;
	qmgr->again = qmgr->again || any;
}

/* sweep_commit - have what is due join the next commit */
void
sweep_commit(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	/* A member that is queued already would be linked twice. */
	if (store_reap_pending(qmgr->store) > 0 && !sweep->reap.queued)
		commit_add(qmgr, &sweep->reap);
	if (qmgr->links.rerouting)
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

/* expire_one - return a message whose time is over; whether it was */
static bool
expire_one(struct qmgr *qmgr, uint64_t id)
{
	struct store_message message;
	struct link *link;
	struct job *job;
	int rc;

	if (table_find(&qmgr->active, id) != NULL)
		/* A worker has the message, and its outcome decides. */
		return false;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	if (rc < 0 || store_message_sound(qmgr->store, id) < 0) {
		set_aside(qmgr, id);
		return false;
	}
	link = link_get(&qmgr->links, message.link);
	/* Held and quarantined messages wait for an administrator and do not
	 * expire. */
	if (message.expires == 0 || message.expires > clock_wall() ||
	    link == NULL || doubtful_asks_later(qmgr, link, id) ||
	    (message.state != STORE_READY && message.state != STORE_DEFERRED))
		return false;
	job = dispatch_claim(qmgr, link, &message);
	if (job == NULL)
		return false;
	outcome_expired(qmgr, job);
	return true;
}

/* expire_pause - compute the seconds between two sweeps, in which no lifetime
 * is exceeded by much */
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

	/* Two bounds: expiring a message costs far more than looking at one. */
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

/* sweep_tick - do what is due, once a second */
void
sweep_tick(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	if (sweep->expire_pause > 0)
		sweep->expire_pause--;
	/* A clock that jumped ahead would return every message of the queue. */
	else if (!timekeeper_doubts(&qmgr->time))
		expire_step(qmgr);
	if (sweep->session_pause > 0)
		sweep->session_pause--;
	else {
		sweep->session_pause = SESSION_PAUSE;
		/* Joined to a commit that happens anyway where there is one. */
		if (!sweep->sessions.queued)
			commit_add(qmgr, &sweep->sessions);
	}
}
