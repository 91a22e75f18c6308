/* SPDX-License-Identifier: ISC */
/*
 * set_back.c - what is put off, after the wall clock was set back
 */
#include "qmgr/queue/set_back.h"

#include <stdlib.h>

#include "qmgr/engine/qmgr.h"
#include "qmgr/engine/step.h"
#include "qmgr/links/link.h"
#include "qmgr/queue/deferred.h"
#include "qmgr/queue/ledger.h"
#include "store/store.h"

struct set_back {
	struct commit_member member;
	bool starts;  /* the walk after a start has not begun */
	bool begun;   /* a walk is under way */
	int64_t by;   /* ms that the clock was set back, of this walk */
	int64_t time; /* where it goes on */
	uint64_t id;
	int64_t found_time; /* likewise, of the transaction */
	uint64_t found_id;
	int64_t soonest; /* that came forward in it */
	bool over;	 /* it has found the end */
};

/* longest_interval - find the longest time that a message which failed is put
 * off for */
static int64_t
longest_interval(const struct qmgr *qmgr)
{
	uint64_t longest = 0;

	for (struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link->policy.transfer_interval > longest)
			longest = link->policy.transfer_interval;
	return (int64_t)longest;
}

/* begin_walk - begin to look at what is put off for longer than it can be */
static void
begin_walk(struct qmgr *qmgr, int64_t by)
{
	struct set_back *back = qmgr->set_back;

	back->starts = false;
	back->begun = true;
	back->by = by;
	back->time = timekeeper_now(&qmgr->time) + longest_interval(qmgr);
	back->id = 0;
}

/* forward_time - find the time to which a message comes forward, or the one
 * that it has */
static int64_t
forward_time(const struct qmgr *qmgr, const struct store_message *message)
{
	const struct link *link = link_get(&qmgr->links, message->link);
	int64_t last = link == NULL ? INT64_MAX
				    : timekeeper_now(&qmgr->time) +
		(int64_t)link->policy.transfer_interval;

	if (message->attempts > 0 || message->transfer_attempts > 0)
		return message->next_try < last ? message->next_try : last;
	if (message->kind == MTS_REPORT &&
	    message->next_try > qmgr->set_back->by)
		return message->next_try - qmgr->set_back->by;
	return message->next_try;
}

/* bring_forward - bring a message forward, if it is one of ours */
static int
bring_forward(struct qmgr *qmgr, uint64_t id)
{
	struct set_back *back = qmgr->set_back;
	struct store_message message;
	int64_t time;
	int rc;

	arena_reset(&qmgr->arena);
	rc = store_message_get(
	    qmgr->store, id, STORE_HEAD, &qmgr->arena, &message);
	/* A damaged message is set aside when its time comes. */
	if (rc == ERR_CORRUPT || rc == ERR_UNSUPPORTED || rc == ERR_NOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	time = forward_time(qmgr, &message);
	if (time == message.next_try)
		return 0;
	message.next_try = time;
	if (time < back->soonest)
		back->soonest = time;
	return ledger_update(qmgr, &message, NULL);
}

/* apply_set_back - bring some messages forward */
static int
apply_set_back(struct qmgr *qmgr, struct commit_member *member)
{
	struct set_back *back = qmgr->set_back;
	int rc;

	(void)member;
	back->found_time = back->time;
	back->found_id = back->id;
	back->soonest = INT64_MAX;
	do {
		rc = store_deferred_next(
		    qmgr->store, &back->found_time, &back->found_id);
		if (rc == 0)
			rc = bring_forward(qmgr, back->found_id);
	} while (rc == 0 && !step_is_over(qmgr->commit.step));
	back->over = rc == ERR_NOTFOUND;
	return back->over ? 0 : rc;
}

/* done_set_back - go on with the next step, if there is one; a step that failed
 * is tried again */
static void
done_set_back(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct set_back *back = qmgr->set_back;

	(void)member;
	if (result < 0)
		return;
	if (back->soonest != INT64_MAX)
		deferred_until(qmgr, back->soonest);
	back->time = back->found_time;
	back->id = back->found_id;
	back->begun = !back->over;
	qmgr->again = qmgr->again || back->begun;
}

/* set_back_new - begin with the walk after a start */
struct set_back *
set_back_new(void)
{
	struct set_back *back = calloc(1, sizeof(*back));

	if (back == NULL)
		return NULL;
	back->starts = true;
	back->member = (struct commit_member){.order = COMMIT_BACKGROUND,
	    .apply = apply_set_back,
	    .done = done_set_back};
	return back;
}

/* set_back_free - free it */
void
set_back_free(struct set_back *back)
{
	free(back);
}

/* set_back_commit - have the next step join the next commit */
void
set_back_commit(struct qmgr *qmgr)
{
	struct set_back *back = qmgr->set_back;

	if (back->member.queued)
		return;
	/* A step of the clock within a walk begins another, which ends what
	 * this one had left. */
	if (back->starts || qmgr->clock_back != 0) {
		begin_walk(qmgr, qmgr->clock_back);
		qmgr->clock_back = 0;
	}
	if (back->begun)
		commit_add(qmgr, &back->member);
}
