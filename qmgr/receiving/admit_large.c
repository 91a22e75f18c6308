/* SPDX-License-Identifier: ISC */
/*
 * admit_large.c - decide on a large envelope in steps
 */
#include "qmgr/receiving/admit_large.h"

#include <stdlib.h>

#include "qmgr/links/link.h"
#include "qmgr/queue/placing_stage.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake_store.h"
#include "store/store.h"

#define STEP_RECIPIENTS 2000 /* that one step decides on */
#define AGAIN_MAX	3    /* times that links change meanwhile */

struct admitting {
	struct commit_member member; /* of a piece that is staged */
	struct admission admission;
	bool decided; /* what it becomes is staged */
	bool full;    /* no more is staged: the queue or the disk is full */
	struct arena arena; /* of the envelope, and what was decided */
	unsigned out;	    /* links that served nothing at the beginning */
	unsigned again;	    /* how often it began again since that changed */
};

/* count_out - count the links that serve nothing now */
static unsigned
count_out(const struct qmgr *qmgr)
{
	unsigned count = 0;

	for (const struct link *link = link_first(&qmgr->links); link != NULL;
	     link = link_next(&qmgr->links, link))
		if (link_out(link))
			count++;
	return count;
}

/* begin - begin to decide on the first that waits; NULL: no memory */
static struct admitting *
begin(struct qmgr *qmgr, struct submit *submit)
{
	struct admitting *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	arena_init(&a->arena, qmgr->arena.max);
	admission_begin(&a->admission, submit);
	a->out = count_out(qmgr);
	return a;
}

/* stage_apply - write a piece, within the transaction */
static int
stage_apply(struct qmgr *qmgr, struct commit_member *member)
{
	struct admitting *a = (struct admitting *)member;

	/* A message without room is refused when it enters the queue. */
	a->full = store_room(qmgr->store, STORE_INTAKE_UP, PLACING_PIECE) != 0;
	return a->full ? 0 : placing_stage(qmgr, &a->admission.submit->placing);
}

/* stage_done - note that a piece is committed */
static void
stage_done(struct qmgr *qmgr, struct commit_member *member, int result)
{
	struct admitting *a = (struct admitting *)member;

	/* A piece that cannot be written is tried once more with the records,
	 * which are refused with its reason. */
	a->full = a->full || result < 0;
	if (!a->full)
		placing_staged(&a->admission.submit->placing);
	qmgr->again = true;
}

/* stage - have the next piece written; false: there is none */
static bool
stage(struct qmgr *qmgr, struct admitting *a)
{
	if (a->member.queued)
		return true;
	if (a->full || !placing_stage_due(&a->admission.submit->placing))
		return false;
	a->member.order = COMMIT_INTAKE;
	a->member.apply = stage_apply;
	a->member.done = stage_done;
	commit_add(qmgr, &a->member);
	return true;
}

/* end - give back the memory of the one that is under way */
static void
end(struct qmgr *qmgr)
{
	if (qmgr->admitting_now == NULL)
		return;
	commit_remove(qmgr, &qmgr->admitting_now->member);
	arena_fini(&qmgr->admitting_now->arena);
	free(qmgr->admitting_now);
	qmgr->admitting_now = NULL;
}

/* decide - take a step of an admission; false: it was the last */
static bool
decide(struct qmgr *qmgr, struct admitting *a)
{
	struct arena scratch = qmgr->arena;
	bool more;

	/* A step's records and reports are encoded before the next. */
	if (a->admission.phase == ADMISSION_TELL ||
	    a->admission.phase == ADMISSION_REPORT) {
		arena_reset(&qmgr->arena);
		return admission_step(qmgr, &a->admission, STEP_RECIPIENTS);
	}
	/* All else that the rooms below put into the arena is needed until the
	 * end, while others use the scratch between the steps. */
	qmgr->arena = a->arena;
	more = admission_step(qmgr, &a->admission, STEP_RECIPIENTS);
	a->arena = qmgr->arena;
	qmgr->arena = scratch;
	return more;
}

/* is_stale - tell whether links changed so that what was decided has to be
 * decided again; if so, begin with it */
static bool
is_stale(struct qmgr *qmgr, struct admitting *a)
{
	unsigned out = count_out(qmgr);

	if (out == a->out || a->again == AGAIN_MAX)
		return false;
	a->out = out;
	a->again++;
	a->decided = a->full = false;
	commit_remove(qmgr, &a->member);
	arena_reset(&a->arena);
	placing_unstage(qmgr, &a->admission.submit->placing);
	placing_reset(&a->admission.submit->placing);
	admission_begin(&a->admission, a->admission.submit);
	return true;
}

/* step - decide, then stage what was decided; false: it may enter the queue */
static bool
step(struct qmgr *qmgr, struct admitting *a)
{
	if (!a->decided) {
		if (decide(qmgr, a))
			return true;
		a->decided = true;
		/* The records placed refer to nothing in it. */
		arena_reset(&a->arena);
	}
	/* Asked before each piece: none is written for a link that serves no
	 * more. */
	return is_stale(qmgr, a) || stage(qmgr, a);
}

/* enter - have the first enter the queue: it was decided on */
static void
enter(struct qmgr *qmgr)
{
	struct submit *submit = TAILQ_FIRST(&qmgr->admitting);

	end(qmgr);
	TAILQ_REMOVE(&qmgr->admitting, submit, staging_entry);
	intake_queue(submit);
}

/* admit_large - have a submission that has ended decided on, in steps */
void
admit_large(struct qmgr *qmgr, struct submit *submit)
{
	TAILQ_INSERT_TAIL(&qmgr->admitting, submit, staging_entry);
}

/* admit_large_step - take a step of the first that waits */
void
admit_large_step(struct qmgr *qmgr)
{
	struct submit *submit = TAILQ_FIRST(&qmgr->admitting);

	if (submit == NULL)
		return;
	if (qmgr->admitting_now == NULL)
		qmgr->admitting_now = begin(qmgr, submit);
	/* Without memory for it the steps are one. */
	if (qmgr->admitting_now == NULL)
		admit(qmgr, submit);
	if (qmgr->admitting_now == NULL || !step(qmgr, qmgr->admitting_now))
		enter(qmgr);
	qmgr->again = true;
}

/* waits - tell whether a transfer of this name waits */
static bool
waits(const struct qmgr *qmgr, uint64_t session, uint64_t activity)
{
	const struct submit *submit;

	TAILQ_FOREACH(submit, &qmgr->admitting, staging_entry)
		if (submit->origin == IPC_TRANSFER &&
		    submit->session == session && submit->activity == activity)
			return true;
	return false;
}

/* admit_large_hurry - decide at once on a transfer of this name */
void
admit_large_hurry(struct qmgr *qmgr, uint64_t session, uint64_t activity)
{
	while (waits(qmgr, session, activity)) {
		/* Pieces wait for a commit; what is left of them is written
		 * with the records. */
		if (qmgr->admitting_now != NULL && qmgr->admitting_now->decided)
			enter(qmgr);
		else
			admit_large_step(qmgr);
	}
}

/* admit_large_again - begin again with the one that is under way */
void
admit_large_again(struct qmgr *qmgr)
{
	struct placing *placing;

	if (qmgr->admitting_now == NULL)
		return;
	placing = &qmgr->admitting_now->admission.submit->placing;
	placing_unstage(qmgr, placing);
	placing_reset(placing);
	end(qmgr);
}

/* admit_large_fini - give up all that wait */
void
admit_large_fini(struct qmgr *qmgr)
{
	struct submit *submit;

	end(qmgr);
	while ((submit = TAILQ_FIRST(&qmgr->admitting)) != NULL) {
		TAILQ_REMOVE(&qmgr->admitting, submit, staging_entry);
		submit_free(submit);
	}
}
