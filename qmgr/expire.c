/* SPDX-License-Identifier: ISC */
/*
 * expire.c - messages whose time is over are returned
 */
#include "qmgr/expire.h"

#include "base/clock.h"
#include "qmgr/engine/step.h"
#include "qmgr/links/link.h"
#include "qmgr/links/rounds.h"
#include "qmgr/sending/dispatch_job.h"
#include "qmgr/sending/doubtful.h"
#include "qmgr/sending/outcome.h"
#include "store/store.h"

#define STEP	1000 /* us in which messages are claimed, each turn */
#define SOME	16   /* of a link, before it is the turn of the next */
#define HOUR	((int64_t)60 * 60 * 1000) /* ms; the front is looked at again */
#define WALK	1000 /* records of the slow walk, at most, each second */
#define PAUSE	60   /* seconds between two walks, at most */
#define PART	10   /* of the shortest lifetime, so long at most */
#define NOT_DUE INT64_MAX

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

/* may_expire - tell whether the time of a message is over, so that it is
 * returned */
static bool
may_expire(struct qmgr *qmgr, const struct store_message *message)
{
	struct link *link = link_get(&qmgr->links, message->link);

	/* Held and quarantined messages wait for an administrator and do not
	 * expire. */
	return message->expires != 0 && message->expires <= clock_wall() &&
	    link != NULL && !doubtful_asks_later(qmgr, link, message->id) &&
	    (message->state == STORE_READY || message->state == STORE_DEFERRED);
}

/* expire_message - return a message whose time is over */
static void
expire_message(struct qmgr *qmgr, const struct store_message *message)
{
	struct job *job = dispatch_claim(
	    qmgr, link_get(&qmgr->links, message->link), message);

	if (job != NULL)
		outcome_expired(qmgr, job);
}

/*
 * look_at - read a message, to see whether its time is over
 *
 * 0 and its record, or an error; a message that a worker has is ERR_BUSY, for
 * its outcome decides.
 */
static int
look_at(struct qmgr *qmgr, uint64_t id, struct store_message *message)
{
	int rc;

	if (table_find(&qmgr->active, id) != NULL)
		return ERR_BUSY;
	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, message);
	if (rc == 0 && store_message_sound(qmgr->store, id) == 0)
		return 0;
	set_aside(qmgr, id);
	return rc < 0 ? rc : ERR_CORRUPT;
}

/* walk - look at some records, where the last walk left off */
static void
walk(struct qmgr *qmgr, struct expire *expire)
{
	uint64_t least = PAUSE * 1000 * PART, end = step_begin(STEP_TIME), id;
	struct store_message message;

	for (int i = 0; i < WALK && !step_is_over(end); i++) {
		if (store_message_next(qmgr->store, expire->cursor, &id) == 0) {
			expire->cursor = id;
			if (look_at(qmgr, id, &message) == 0 &&
			    may_expire(qmgr, &message))
				expire_message(qmgr, &message);
			continue;
		}
		/* No lifetime is exceeded by much in the pause. */
		for (int p = 0; p < STORE_PRIORITIES; p++)
			if (qmgr->conf->mta.message_lifetime[p] < least)
				least = qmgr->conf->mta.message_lifetime[p];
		expire->cursor = 0;
		expire->pause = (unsigned)(least / PART / 1000);
		return;
	}
}

/* lifetime_of - get the lifetime of messages of a priority */
static int64_t
lifetime_of(const struct qmgr *qmgr, int priority)
{
	static const enum conf_priority of[STORE_PRIORITIES] = {
	    [STORE_URGENT] = CONF_URGENT,
	    [STORE_NORMAL] = CONF_NORMAL,
	    [STORE_NON_URGENT] = CONF_NON_URGENT};

	return (int64_t)qmgr->conf->mta.message_lifetime[of[priority]];
}

/* oldest_due - compute when the oldest that is ready of a link and priority is
 * due at the earliest, by the hour that it is counted in */
static int64_t
oldest_due(const struct qmgr *qmgr, const struct link *link, int priority)
{
	struct store_count count = {.link = link->number,
	    .priority = (enum store_priority)priority,
	    .state = STORE_READY};
	bool started = true;

	if (store_link_state(
		qmgr->store, link->number, count.state, count.priority)
		    .messages == 0 ||
	    store_count_next(qmgr->store, &started, &count) != 1 ||
	    count.link != link->number || (int)count.priority != priority ||
	    count.state != STORE_READY)
		return NOT_DUE;
	return (int64_t)count.hour * HOUR + lifetime_of(qmgr, priority);
}

/* is_due - tell whether to look at the messages of a link and priority now */
static bool
is_due(const struct qmgr *qmgr, struct link *link, int priority)
{
	struct link_expiry *expiry = &link->expiry[priority];
	int64_t now = clock_wall();

	/* Whoever was passed over, because a worker had it, is met again from
	 * the front; so is everything after the clock was set back. */
	if ((expiry->behind != 0 && expiry->behind <= now) ||
	    now - expiry->began >= HOUR || now < expiry->began) {
		rounds_free(expiry->rounds);
		*expiry = (struct link_expiry){.began = now};
	}
	return expiry->next <= now && oldest_due(qmgr, link, priority) <= now;
}

/* note_passed - note when a message that is passed over is due */
static void
note_passed(struct link_expiry *expiry, int64_t due)
{
	if (due > clock_wall() && (expiry->behind == 0 || due < expiry->behind))
		expiry->behind = due;
}

/* end_walk - go on with those who were passed over, or end the walk over a link
 * and priority until there may be more; false: it has ended */
static bool
end_walk(struct link_expiry *expiry, int64_t next)
{
	if (rounds_again(expiry->rounds)) {
		expiry->cursor = 0;
		return true;
	}
	rounds_free(expiry->rounds);
	expiry->rounds = NULL;
	expiry->next = next;
	return false;
}

/* return_in_turn - return a message whose time is over, if it is the turn of
 * its originator */
static void
return_in_turn(struct qmgr *qmgr, struct rounds **rounds,
    const struct store_message *message)
{
	if (*rounds == NULL)
		*rounds = rounds_new();
	if (rounds_has_turn(*rounds, message->names))
		expire_message(qmgr, message);
}

/* look_on - look at the next message of a link and priority: whether there may
 * be more that are due */
static bool
look_on(struct qmgr *qmgr, struct link *link, int priority)
{
	struct link_expiry *expiry = &link->expiry[priority];
	struct store_message message;
	uint64_t id;

	if (store_ready_next(qmgr->store, link->number,
		(enum store_priority)priority, expiry->cursor, &id) != 0)
		return end_walk(expiry, clock_wall() + PAUSE * 1000);
	if (look_at(qmgr, id, &message) == 0) {
		if (may_expire(qmgr, &message))
			return_in_turn(qmgr, &expiry->rounds, &message);
		/* All behind it came later. */
		else if (message.arrival + lifetime_of(qmgr, priority) >
		    clock_wall())
			return end_walk(expiry,
			    message.arrival + lifetime_of(qmgr, priority));
		else
			note_passed(expiry, message.expires);
	}
	expiry->cursor = id;
	return true;
}

/* apply_gone - remove the entries of messages that are gone */
static int
apply_gone(struct qmgr *qmgr, struct commit_member *member)
{
	const struct expire_chosen *chosen =
	    (const struct expire_chosen *)(void *)((char *)member -
		offsetof(struct expire_chosen, gone));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < chosen->forgotten_count; i++)
		rc = store_expiring_forget(qmgr->store,
		    chosen->forgotten[i].time, chosen->forgotten[i].id);
	return rc;
}

/* done_gone - begin a new list: entries that could not be removed are met
 * again */
static void
done_gone(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct expire_chosen *chosen =
	    (struct expire_chosen *)(void *)((char *)member -
		offsetof(struct expire_chosen, gone));

	(void)qmgr;
	(void)result;
	chosen->forgotten_count = 0;
}

/* forget_gone - have the entry of a message that is gone removed; an older
 * release deleted that.  False: the list is full, and the entry is looked at
 * again after its transaction */
static bool
forget_gone(
    struct qmgr *qmgr, struct expire_chosen *chosen, int64_t time, uint64_t id)
{
	if (chosen->forgotten_count == EXPIRE_FORGOTTEN || chosen->gone.applied)
		return false;
	chosen->forgotten[chosen->forgotten_count].time = time;
	chosen->forgotten[chosen->forgotten_count++].id = id;
	if (chosen->gone.queued)
		return true;
	chosen->gone = (struct commit_member){
	    .order = COMMIT_BACKGROUND, .apply = apply_gone, .done = done_gone};
	commit_add(qmgr, &chosen->gone);
	return true;
}

/* begin_chosen - begin with the earliest entry again */
static void
begin_chosen(struct expire_chosen *chosen)
{
	chosen->time = -1;
	chosen->id = 0;
}

/* look_on_chosen - look at the next entry: whether there may be more that are
 * due */
static bool
look_on_chosen(struct qmgr *qmgr, struct expire_chosen *chosen)
{
	struct store_message message;
	int64_t time = chosen->time;
	uint64_t id = chosen->id;
	int rc;

	if (store_expiring_next(qmgr->store, &time, &id) != 0 ||
	    time > clock_wall()) {
		if (!rounds_again(chosen->rounds)) {
			rounds_free(chosen->rounds);
			chosen->rounds = NULL;
			return false;
		}
		begin_chosen(chosen);
		return true;
	}
	rc = look_at(qmgr, id, &message);
	if (rc == ERR_NOTFOUND && !forget_gone(qmgr, chosen, time, id))
		return false;
	chosen->time = time;
	chosen->id = id;
	if (rc == 0 && may_expire(qmgr, &message))
		return_in_turn(qmgr, &chosen->rounds, &message);
	return true;
}

/* expire_chosen - look at some messages whose originators chose their time:
 * whether there may be more that are due */
static bool
expire_chosen(struct qmgr *qmgr, struct expire_chosen *chosen, uint64_t end)
{
	int64_t now = clock_wall();

	/* Whoever was passed over, because a worker had it or somebody held it,
	 * is met again from the front; so is everything after the clock was
	 * set back. */
	if (now - chosen->began >= PAUSE * 1000 || now < chosen->began) {
		chosen->began = now;
		begin_chosen(chosen);
	}
	for (int i = 0; i < SOME; i++) {
		if (!look_on_chosen(qmgr, chosen))
			return false;
		if (step_is_over(end))
			break;
	}
	return true;
}

/* expire_some - look at some messages of a link: whether there may be more that
 * are due */
static bool
expire_some(struct qmgr *qmgr, struct link *link, uint64_t end)
{
	for (int p = 0, i = 0; p < STORE_PRIORITIES; p++) {
		if (!is_due(qmgr, link, p))
			continue;
		while (look_on(qmgr, link, p))
			if (++i == SOME || step_is_over(end))
				return true;
	}
	return false;
}

/* next_link - find the link behind the one that was looked at last; at the end
 * the first */
static struct link *
next_link(struct qmgr *qmgr, const struct expire *expire)
{
	for (uint32_t n = expire->turn + 1; n < qmgr->links.limit; n++) {
		struct link *link = link_get(&qmgr->links, n);

		if (link != NULL)
			return link;
	}
	return link_first(&qmgr->links);
}

/* expire_links - look at some messages of each link in turn: whether there may
 * be more that are due */
static bool
expire_links(struct qmgr *qmgr, struct expire *expire, uint64_t end)
{
	const struct link *first = NULL;
	struct link *link;
	bool more = false;

	while ((link = next_link(qmgr, expire)) != NULL && link != first) {
		if (first == NULL)
			first = link;
		expire->turn = link->number;
		if (expire_some(qmgr, link, end))
			more = true;
		if (step_is_over(end))
			return true;
	}
	return more;
}

/* expire_step - have some of what is due returned */
void
expire_step(struct qmgr *qmgr, struct expire *expire)
{
	uint64_t end = step_begin(STEP);

	/* A clock that jumped ahead would return every message of the queue;
	 * and where the disk takes nothing, all would be kept for later in
	 * memory. */
	if (timekeeper_doubts(&qmgr->time) || !TAILQ_EMPTY(&qmgr->put_off))
		expire->due = false;
	while (expire->due && !step_is_over(end)) {
		bool chosen = expire_chosen(qmgr, &expire->chosen, end);

		expire->due = expire_links(qmgr, expire, end) || chosen;
	}
}

/* expire_tick - find out what may be due */
void
expire_tick(struct qmgr *qmgr, struct expire *expire)
{
	expire->due = true;
	if (expire->pause > 0)
		expire->pause--;
	else if (!timekeeper_doubts(&qmgr->time))
		walk(qmgr, expire);
}

/* expire_fini - free what it has */
void
expire_fini(struct expire *expire)
{
	rounds_free(expire->chosen.rounds);
	expire->chosen.rounds = NULL;
}
