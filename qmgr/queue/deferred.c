/* SPDX-License-Identifier: ISC */
/*
 * deferred.c - messages that wait for their time, and become ready
 */
#include "qmgr/links/link.h"
#include "qmgr/queue/deferred.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/step.h"
#include "qmgr/links/ready.h"
#include "qmgr/queue/ledger.h"
#include "store/store.h"

#define DEFERRED_STEP 1000 /* messages made ready in one commit, at most */
#define DEFERRED_WAIT 1000 /* ms until those that were passed over come again */

struct woken {
	uint64_t id;
	uint32_t link;
	enum store_priority priority;
};

struct deferred {
	struct qmgr *qmgr;
	struct commit_member member;
	struct event *timer; /* of the next one */
	int64_t next;	     /* wall clock ms; INT64_MAX: none */
	struct woken woken[DEFERRED_STEP];
	unsigned woken_count;
	int64_t found_next; /* the next one, as the store says */
	/* Where a round over them goes on, and whether it passed over any whose
	 * time has come by one clock alone. */
	struct passed {
		int64_t time;
		uint64_t id;
		bool any;
	} passed, found_passed;
};

/* on_due - wake the loop: a deferred message is due */
static void
on_due(evutil_socket_t fd, short what, void *arg)
{
	struct deferred *deferred = arg;

	(void)fd;
	(void)what;
	deferred->qmgr->again = true;
}

/* arm_timer - wake the loop when the next deferred one is due */
static void
arm_timer(struct deferred *deferred)
{
	/* The queue's own clock: on a wall clock that jumped back the timer
	 * would sleep for days. */
	int64_t wait = deferred->next - timekeeper_now(&deferred->qmgr->time);
	struct timeval tv = {0};

	if (deferred->next == INT64_MAX)
		return;
	/* The wall clock may be set meanwhile: look again every minute. */
	if (wait > 60 * 1000)
		wait = 60 * 1000;
	if (wait > 0) {
		tv.tv_sec = (time_t)(wait / 1000);
		tv.tv_usec = (suseconds_t)(wait % 1000) * 1000;
	}
	if (evtimer_add(deferred->timer, &tv) < 0)
		fatal(EX_OSERR, "no memory for a timer");
}

/* is_asked - tell whether the sender wants a message deferred, not we after a
 * failure */
static bool
is_asked(const struct store_message *message)
{
	/* Once a transfer was tried, the time in the record is our own
	 * interval, which any clock may end. */
	return message->kind == MTS_MESSAGE && message->attempts == 0 &&
	    message->transfer_attempts == 0 && message->deferrals == 0;
}

/* wake_message - make a deferred message ready, unless its sender wants it to
 * wait and the clocks do not agree that its time has come */
static int
wake_message(struct deferred *deferred, uint64_t id, bool agree)
{
	struct qmgr *qmgr = deferred->qmgr;
	struct store_message message;
	int rc;

	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	/* A damaged message keeps none of those behind it waiting. */
	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_NOTFOUND)
		return ledger_aside(qmgr, id, store_reason(qmgr->store));
	if (rc < 0)
		return rc;
	/* Two clocks disagree, and the originator's wish not to be early weighs
	 * more than a delay: leave it until both agree. */
	if (!agree && is_asked(&message)) {
		deferred->found_passed.any = true;
		return 0;
	}
	message.state = STORE_READY;
	message.next_try = 0;
	rc = ledger_update(qmgr, &message, NULL);
	if (rc < 0)
		return rc;
	/* Remembered here and told to the links only after the commit; an
	 * undone transaction must wake nobody. */
	deferred->woken[deferred->woken_count++] = (struct woken){
	    .id = id, .link = message.link, .priority = message.priority};
	return 0;
}

/* apply_deferred - make the messages ready whose time has come */
static int
apply_deferred(struct qmgr *qmgr, struct commit_member *member)
{
	struct deferred *deferred = qmgr->deferred;
	int64_t now = timekeeper_now(&qmgr->time);
	int64_t sure = timekeeper_earliest(&qmgr->time);
	/* A copy is advanced, since the transaction may be undone and applied
	 * from the same place again. */
	struct passed at = deferred->passed;
	int rc = 0;

	(void)member;
	deferred->woken_count = 0;
	deferred->found_next = INT64_MAX;
	deferred->found_passed = deferred->passed;
	for (unsigned i = 0; rc == 0; i++) {
		rc = store_deferred_next(qmgr->store, &at.time, &at.id);
		if (rc < 0)
			break;
		/* A step is bounded: a million messages that become due at
		 * once would otherwise hold up every submission in one
		 * transaction. */
		if (at.time > now ||
		    (i > 0 && step_is_over(qmgr->commit.step)) ||
		    deferred->woken_count == DEFERRED_STEP) {
			deferred->found_next = at.time;
			/* The first that was not looked at is when to wake
			 * next; if that time has come, the next step goes on
			 * there. */
			break;
		}
		/* "now" made it due; "sure" says whether the slower clock
		 * agrees. */
		rc = wake_message(deferred, at.id, at.time <= sure);
		deferred->found_passed.time = at.time;
		deferred->found_passed.id = at.id;
	}
	/* The end of the index is the normal end of the search. */
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* end_round - begin with the first deferred one again, if all were looked at */
static void
end_round(struct deferred *deferred)
{
	int64_t now = timekeeper_now(&deferred->qmgr->time);

	deferred->passed = deferred->found_passed;
	deferred->next = deferred->found_next;
	/* More are due now: the next step goes on from here, not from the
	 * first. */
	if (deferred->next <= now)
		return;
	/* Messages were passed over for a doubtful clock; look at them again
	 * soon rather than when the next later one is due. */
	if (deferred->passed.any && deferred->next > now + DEFERRED_WAIT)
		deferred->next = now + DEFERRED_WAIT;
	/* From the front again, because new ones may have been deferred to a
	 * time before this place. */
	deferred->passed = (struct passed){.time = -1};
}

/* done_deferred - give the links of messages that are ready their work */
static void
done_deferred(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct deferred *deferred = qmgr->deferred;

	(void)member;
	if (result < 0) {
		/* Nothing became ready. A second later the disk may have
		 * room. */
		deferred->next = timekeeper_now(&qmgr->time) + 1000;
		arm_timer(deferred);
		return;
	}
	for (unsigned i = 0; i < deferred->woken_count; i++) {
		struct link *link =
		    link_get(&qmgr->links, deferred->woken[i].link);

		if (link == NULL)
			continue;
		ready_again(
		    link, deferred->woken[i].priority, deferred->woken[i].id);
		link_touch(qmgr, link);
	}
	end_round(deferred);
	arm_timer(deferred);
}

/* deferred_new - make the owner of what waits */
struct deferred *
deferred_new(struct qmgr *qmgr)
{
	struct deferred *deferred = calloc(1, sizeof(*deferred));

	if (deferred == NULL)
		return NULL;
	deferred->qmgr = qmgr;
	deferred->timer = evtimer_new(qmgr->base, on_due, deferred);
	if (deferred->timer == NULL) {
		free(deferred);
		return NULL;
	}
	deferred->member = (struct commit_member){.order = COMMIT_BACKGROUND,
	    .apply = apply_deferred,
	    .done = done_deferred};
	/* Before every time, so that the first search begins with the first
	 * entry. */
	deferred->passed.time = -1;
	return deferred;
}

/* deferred_free - free the owner of what waits; the messages stay in the
 * store */
void
deferred_free(struct deferred *deferred)
{
	if (deferred == NULL)
		return;
	event_free(deferred->timer);
	free(deferred);
}

/* deferred_until - wake up when a message is due */
void
deferred_until(struct qmgr *qmgr, int64_t when)
{
	/* The timer is armed for something earlier, which will look further
	 * then. */
	if (when >= qmgr->deferred->next)
		return;
	qmgr->deferred->next = when;
	arm_timer(qmgr->deferred);
}

/* deferred_commit - have what is due made ready in this transaction */
void
deferred_commit(struct qmgr *qmgr)
{
	struct deferred *deferred = qmgr->deferred;

	/* Added only when there is something due; an empty member would make
	 * each idle step a transaction. */
	if (deferred->next <= timekeeper_now(&qmgr->time) &&
	    !deferred->member.queued)
		commit_add(qmgr, &deferred->member);
}
