/* SPDX-License-Identifier: ISC */
/*
 * admit_large.c - decide on a large envelope in steps
 */
#include "qmgr/receiving/admit_large.h"

#include <stdlib.h>

#include "qmgr/links/link.h"
#include "qmgr/receiving/admit.h"
#include "qmgr/receiving/intake_store.h"

#define STEP_RECIPIENTS 2000 /* that one step decides on */
#define AGAIN_MAX	3    /* times that links change meanwhile */

struct admitting {
	struct admission admission;
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

/* end - give back the memory of the one that is under way */
static void
end(struct qmgr *qmgr)
{
	if (qmgr->admitting_now == NULL)
		return;
	arena_fini(&qmgr->admitting_now->arena);
	free(qmgr->admitting_now);
	qmgr->admitting_now = NULL;
}

/* step - take a step of an admission; false: it was the last */
static bool
step(struct qmgr *qmgr, struct admitting *a)
{
	struct arena scratch = qmgr->arena;
	bool more;

	/* A report is encoded before the next one is made. */
	if (a->admission.phase == ADMISSION_REPORT) {
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
	arena_reset(&a->arena);
	placing_reset(&a->admission.submit->placing);
	admission_begin(&a->admission, a->admission.submit);
	return true;
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
	if (qmgr->admitting_now == NULL ||
	    (!step(qmgr, qmgr->admitting_now) &&
		!is_stale(qmgr, qmgr->admitting_now)))
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
	while (waits(qmgr, session, activity))
		admit_large_step(qmgr);
}

/* admit_large_again - begin again with the one that is under way */
void
admit_large_again(struct qmgr *qmgr)
{
	if (qmgr->admitting_now == NULL)
		return;
	placing_reset(&qmgr->admitting_now->admission.submit->placing);
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
