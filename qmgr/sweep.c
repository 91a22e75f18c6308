/* SPDX-License-Identifier: ISC */
/*
 * sweep.c - what is done to the queue in the background, in bounded steps
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/drain.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/engine/step.h"
#include "qmgr/expire.h"
#include "qmgr/links/link.h"
#include "qmgr/links/rounds.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/reroute.h"
#include "qmgr/sweep.h"
#include "store/store.h"

#define REROUTE_TIME  1000 /* us in which messages are claimed, each turn */
#define REROUTE_SOME  16   /* of a link, before it is the turn of the next */
#define REAP_STEP     (256 * 1024) /* octets freed in one commit */
#define SESSION_SOME  20 /* forgotten between two looks at the clock */
#define SESSION_PAUSE 60
#define REPORT_DELAY  ((uint64_t)7 * 24 * 3600 * 1000) /* ms */

struct sweep {
	struct commit_member reap, sessions;
	bool reap_more;
	unsigned session_pause; /* seconds left */
	uint32_t rerouted;	/* number of the link whose turn was last */
	struct expire expire;
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
	int sessions, notes;

	(void)member;
	/* Forgetting a session early would make a late repetition a new
	 * message. */
	/* The commit notes the time all the same, once it is believed. */
	if (timekeeper_doubts(&qmgr->time))
		return 0;
	do {
		sessions = store_session_expire(qmgr->store,
		    clock_wall() - (int64_t)qmgr->conf->mta.duplicate_memory,
		    SESSION_SOME);
		notes = sessions < 0
		    ? sessions
		    : store_keyed_expire(qmgr->store,
			  clock_wall() - keyed_memory(qmgr), SESSION_SOME);
	} while (notes >= 0 && sessions + notes > 0 &&
	    !step_is_over(qmgr->commit.step));
	return notes < 0 ? notes : 0;
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
	if (sweep != NULL)
		expire_fini(&sweep->expire);
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

/* has_turn - tell whether the originator of a message has its turn, in the
 * round that is going on over its link */
static bool
has_turn(struct link *link, const struct store_message *message)
{
	/* Learnt routes move messages and return none: nobody waits for a
	 * report. */
	if (link->reroute_learnt)
		return true;
	if (link->reroute_rounds == NULL)
		link->reroute_rounds = rounds_new();
	return rounds_has_turn(link->reroute_rounds, message->names);
}

/* end_priority - go on with those that were passed over, or with the next
 * priority; false: there is none */
static bool
end_priority(struct link *link)
{
	link->reroute_cursor = 0;
	if (rounds_again(link->reroute_rounds))
		return true;
	rounds_free(link->reroute_rounds);
	link->reroute_rounds = NULL;
	return ++link->reroute_priority < STORE_PRIORITIES;
}

/* reroute_next - have the next message of a link routed again, if that may be
 * now; false: there is none, or no memory */
static bool
reroute_next(struct qmgr *qmgr, struct link *link)
{
	struct store_message message;
	struct job *job;
	uint64_t id;

	if (store_ready_next(qmgr->store, link->number,
		(enum store_priority)link->reroute_priority,
		link->reroute_cursor, &id) < 0)
		return end_priority(link);
	link->reroute_cursor = id;
	/* A message that a worker has is decided by its outcome, and a doubtful
	 * one by its peer. */
	if (table_find(&qmgr->active, id) != NULL || doubtful_is(qmgr, id))
		return true;
	arena_reset(&qmgr->arena);
	if (store_message_get(
		qmgr->store, id, STORE_HEAD, &qmgr->arena, &message) < 0 ||
	    !has_turn(link, &message))
		return true;
	job = dispatch_claim(qmgr, link, &message);
	if (job == NULL)
		return false;
	reroute_start(qmgr, job, why_reroute(link), "");
	return true;
}

/* reroute_some - have some messages of a link routed again */
static void
reroute_some(struct qmgr *qmgr, struct link *link, uint64_t end)
{
	/* The link came back: messages that are left may go. */
	if (!link_out(link) && !link->reroute_learnt)
		link->rerouting = false;
	for (int i = 0; i < REROUTE_SOME && link->rerouting; i++) {
		link->rerouting = reroute_next(qmgr, link);
		if (step_is_over(end))
			break;
	}
	link->reroute_learnt = link->reroute_learnt && link->rerouting;
}

/* next_rerouting - find the link whose turn it is to have messages routed
 * again, or NULL */
static struct link *
next_rerouting(struct qmgr *qmgr)
{
	struct link *link, *first = NULL;

	/* Behind the one that was last, else the first of all. */
	for (link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link)) {
		if (!link->rerouting)
			continue;
		if (link->number > qmgr->sweep->rerouted)
			return link;
		if (first == NULL)
			first = link;
	}
	return first;
}

/* reroute_step - have messages of the links in turn routed again, for as long
 * as a step lasts */
static void
reroute_step(struct qmgr *qmgr)
{
	uint64_t end = step_begin(REROUTE_TIME);
	struct link *link;

	while ((link = next_rerouting(qmgr)) != NULL) {
		qmgr->sweep->rerouted = link->number;
		reroute_some(qmgr, link, end);
		if (step_is_over(end))
			break;
	}
	qmgr->links.rerouting = link != NULL;
}

/* sweep_commit - have what is due join the next commit */
void
sweep_commit(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	/* Claims made before are committed first, or all of a queue would
	 * be claimed. */
	if (TAILQ_EMPTY(&qmgr->commit.waiting[COMMIT_BACKGROUND])) {
		if (qmgr->links.rerouting)
			reroute_step(qmgr);
		drain_step(qmgr);
		expire_step(qmgr, &sweep->expire);
	}
	/* A member that is queued already would be linked twice. */
	if (store_reap_pending(qmgr->store) > 0 && !sweep->reap.queued)
		commit_add(qmgr, &sweep->reap);
}

/* sweep_again - have the next step of the loop come at once if there is more */
void
sweep_again(struct qmgr *qmgr)
{
	/* Work that waits for a transaction wakes the loop by itself. */
	if (!commit_pending(qmgr) &&
	    (qmgr->links.rerouting || drain_again(qmgr) ||
		qmgr->sweep->expire.due))
		qmgr->again = true;
}

/* sweep_tick - do what is due, once a second */
void
sweep_tick(struct qmgr *qmgr)
{
	struct sweep *sweep = qmgr->sweep;

	expire_tick(qmgr, &sweep->expire);
	if (sweep->session_pause > 0)
		sweep->session_pause--;
	else {
		sweep->session_pause = SESSION_PAUSE;
		/* Joined to a commit that happens anyway where there is one. */
		if (!sweep->sessions.queued)
			commit_add(qmgr, &sweep->sessions);
	}
}
