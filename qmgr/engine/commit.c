/* SPDX-License-Identifier: ISC */
/*
 * commit.c - what came in one step of the loop is one transaction
 */
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "qmgr/engine/commit.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/engine/step.h"
#include "qmgr/engine/memory.h"
#include "qmgr/engine/tracking.h"
#include "store/store.h"

/* How often a group is tried again without a culprit before all go singly. */
#define COMMIT_RESTARTS 3

/* The part of the time that background work has beside other work, and for how
 * long after that: us. */
#define BACKGROUND_PART 16
#define OTHERS_RECENT	100000

/* The weight of the last commit in the average of their cost. */
#define COST_PART 8

/* So many outcomes are company enough. */
#define COMPANY_MAX 64

/* commit_init - begin with nothing that waits */
void
commit_init(struct commit *commit)
{
	*commit = (struct commit){0};
	for (int i = 0; i < COMMIT_ORDERS; i++)
		TAILQ_INIT(&commit->waiting[i]);
}

/* commit_add - have a member take part in the next transaction */
void
commit_add(struct qmgr *qmgr, struct commit_member *member)
{
	if (member->queued)
		/* A member in the list twice would be applied twice in one
		 * transaction, which means mail twice: stop before that is on
		 * disk. */
		panic("a member of the commit was added twice");
	member->queued = true;
	TAILQ_INSERT_TAIL(&qmgr->commit.waiting[member->order], member, entry);
	if (qmgr->commit.count++ == 0)
		qmgr->commit.since = clock_monotonic();
}

/* commit_remove - take a member out, if it waits */
void
commit_remove(struct qmgr *qmgr, struct commit_member *member)
{
	if (!member->queued)
		return;
	member->queued = false;
	TAILQ_REMOVE(&qmgr->commit.waiting[member->order], member, entry);
	qmgr->commit.count--;
}

/* commit_pending - tell whether anything waits for a transaction */
bool
commit_pending(const struct qmgr *qmgr)
{
	return qmgr->commit.count > 0;
}

/* is_busy - tell whether others than background work took part in a
 * transaction a moment ago */
static bool
is_busy(const struct commit *commit, uint64_t now)
{
	return commit->others != 0 && now - commit->others < OTHERS_RECENT;
}

/* has_only - tell whether nothing but members of one order waits */
static bool
has_only(const struct commit *commit, enum commit_order only)
{
	for (int order = 0; order < COMMIT_ORDERS; order++)
		if (order != (int)only && !TAILQ_EMPTY(&commit->waiting[order]))
			return false;
	return true;
}

/* background_patience - tell for how long background work alone waits, so that
 * its part of the time is enough for some of it */
static unsigned
background_patience(const struct commit *commit)
{
	uint64_t now = clock_microseconds(), next = commit->begun + STEP_TIME;

	return !is_busy(commit, now) || now >= next
	    ? 0
	    : (unsigned)((next - now + 999) / 1000);
}

/* commit_patience - tell for how long what waits may go on waiting */
unsigned
commit_patience(const struct qmgr *qmgr)
{
	const struct commit *commit = &qmgr->commit;
	uint64_t waited;

	if (commit->count == 0 || commit->company == 0 || qmgr->stopping)
		return 0;
	if (has_only(commit, COMMIT_BACKGROUND))
		return background_patience(commit);
	if (commit->count >= COMPANY_MAX || !has_only(commit, COMMIT_OUTCOME))
		return 0;
	waited = clock_monotonic() - commit->since;
	return waited < commit->company ? commit->company - (unsigned)waited
					: 0;
}

/* check_dead - end if the store is dead: there is nothing to manage */
static void
check_dead(struct qmgr *qmgr)
{
	/* Without a disk nothing may be confirmed to anybody. Exiting tells
	 * master, and every peer keeps its mail. */
	if (store_dead(qmgr->store))
		fatal(EX_IOERR, "the queue cannot be written: %s",
		    store_reason(qmgr->store));
}

/* limit_background - compute for how long background work may go on in the
 * transaction that begins now */
static void
limit_background(struct commit *commit)
{
	uint64_t now = clock_microseconds();

	if (!has_only(commit, COMMIT_BACKGROUND))
		commit->others = now;
	commit->share = STEP_TIME;
	if (is_busy(commit, now) &&
	    now - commit->begun < STEP_TIME * BACKGROUND_PART)
		commit->share = (now - commit->begun) / BACKGROUND_PART;
	commit->begun = now;
}

/* has_had_enough - tell whether what is left of an order waits for the next
 * transaction */
static bool
has_had_enough(struct qmgr *qmgr, int order)
{
	/* A transaction holds its pages in memory. */
	if (store_staged(qmgr->store) >= STORE_STAGE_MAX)
		return true;
	if (order != COMMIT_BACKGROUND)
		return false;
	if (qmgr->commit.step != 0)
		return step_is_over(qmgr->commit.step);
	/* At the end nobody else waits, and there is no next transaction. */
	qmgr->commit.step =
	    qmgr->stopping ? CLOCK_NEVER : step_begin(qmgr->commit.share);
	return false;
}

/*
 * apply_waiting - apply what waits, as much as a transaction takes
 *
 * The members applied are moved to applied.  On an error *culprit is the one
 * that could not be.
 */
static int
apply_waiting(struct qmgr *qmgr, struct commit_list *applied,
    struct commit_member **culprit)
{
	struct commit_member *member;
	bool any = !TAILQ_EMPTY(applied);
	int rc;

	/* The orders of enum commit_order: outcomes come first, since they make
	 * room for what enters. */
	for (int order = 0; order < COMMIT_ORDERS; order++) {
		while ((member = TAILQ_FIRST(&qmgr->commit.waiting[order])) !=
		    NULL) {
			if (has_had_enough(qmgr, order) && any)
				return 0;
			rc = member->apply(qmgr, member);
			/* All that was applied before is undone with it by the
			 * caller; store and memory start from the state before
			 * the group. */
			if (rc < 0) {
				*culprit = member;
				return rc;
			}
			any = true;
			/* Taken out only now: a member that failed stays where
			 * it stood, for the caller to single out. */
			commit_remove(qmgr, member);
			member->applied = true;
			TAILQ_INSERT_TAIL(applied, member, entry);
		}
	}
	return 0;
}

/* put_back - let what was applied in a transaction that failed wait again */
static void
put_back(struct qmgr *qmgr, struct commit_list *applied)
{
	struct commit_member *member;

	/* From the last to the first, so that all stand in the order in which
	 * they came. */
	while ((member = TAILQ_LAST(applied, commit_list)) != NULL) {
		TAILQ_REMOVE(applied, member, entry);
		TAILQ_INSERT_HEAD(
		    &qmgr->commit.waiting[member->order], member, entry);
		member->queued = true;
		member->applied = false;
		qmgr->commit.count++;
	}
}

/* commit_finish - tell all that they are committed */
static void
commit_finish(struct qmgr *qmgr, struct commit_list *applied)
{
	struct commit_member *member;

	/* "done" may add members; they go into the waiting lists of the next
	 * transaction, not into this one. */
	while ((member = TAILQ_FIRST(applied)) != NULL) {
		TAILQ_REMOVE(applied, member, entry);
		qmgr->commit.members++;
		member->applied = false;
		member->done(qmgr, member, 0);
	}
}

/* commit_begin - begin a transaction, and note the time in it while that is
 * believed */
static int
commit_begin(struct qmgr *qmgr)
{
	/* The store's single writer: no other transaction can be open here. */
	int rc = store_begin(qmgr->store);

	qmgr->commit.step = 0;
	tracking_begin(qmgr);
	memory_begin(qmgr);
	/* A clock that is wrong must not become the latest time that is
	 * known. */
	if (rc == 0 && !timekeeper_doubts(&qmgr->time))
		store_note_time(qmgr->store, clock_wall());
	return rc;
}

/* commit_store - make a transaction durable, and note what that costs */
static int
commit_store(struct qmgr *qmgr)
{
	struct commit *commit = &qmgr->commit;
	uint64_t since = clock_microseconds();
	int rc = store_commit(qmgr->store);

	/* The average of the last few. */
	commit->cost += (clock_microseconds() - since) / COST_PART -
	    commit->cost / COST_PART;
	return rc;
}

/* commit_end - commit a transaction whose members were applied, or undo it */
static int
commit_end(struct qmgr *qmgr, int applied)
{
	int rc = applied;

	if (rc == 0)
		rc = tracking_write(qmgr);
	if (rc == 0)
		rc = memory_write(qmgr);
	if (rc == 0)
		rc = commit_store(qmgr);
	else
		store_abort(qmgr->store);
	if (rc == 0) {
		tracking_committed(qmgr);
		memory_committed(qmgr);
	}
	return rc;
}

/* run_single - run a transaction for one member that does not wait any more */
static void
run_single(struct qmgr *qmgr, struct commit_member *member)
{
	int rc = commit_begin(qmgr);

	qmgr->commit.singles++;
	qmgr->commit.step = step_begin(STEP_TIME);
	if (rc == 0)
		rc = member->apply(qmgr, member);
	/* The member's success means nothing before this returns: only then are
	 * the pages on disk. */
	rc = commit_end(qmgr, rc);
	if (rc < 0) {
		/* A full disk or one bad member ends here and the process goes
		 * on. A store that cannot be written any more does not. */
		check_dead(qmgr);
		qmgr->commit.refused++;
	} else {
		qmgr->commit.commits++;
		qmgr->commit.members++;
	}
	member->done(qmgr, member, rc);
}

/* run_singly - run a transaction for each member that waits */
static void
run_singly(struct qmgr *qmgr)
{
	struct commit_list now;
	struct commit_member *member;

	/* A list of their own, so that a member which "done" adds again is not
	 * run in this round for ever. */
	TAILQ_INIT(&now);
	for (int order = 0; order < COMMIT_ORDERS; order++) {
		while ((member = TAILQ_FIRST(&qmgr->commit.waiting[order])) !=
		    NULL) {
			commit_remove(qmgr, member);
			TAILQ_INSERT_TAIL(&now, member, entry);
		}
	}
	while ((member = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, member, entry);
		run_single(qmgr, member);
	}
}

/* apply_group - apply what waits, and what can go along with it */
static int
apply_group(struct qmgr *qmgr, struct commit_list *applied,
    struct commit_member **culprit)
{
	const struct commit_hooks *hooks = qmgr->commit.hooks;
	int rc = apply_waiting(qmgr, applied, culprit);

	/* After all of them: a member that fails must not cost others what was
	 * done for them here. */
	if (rc < 0 || hooks == NULL)
		return rc;
	hooks->applied(qmgr);
	rc = apply_waiting(qmgr, applied, culprit);
	return rc;
}

/*
 * run_group - run one transaction for what waits
 *
 * On an error nothing happened; *culprit is the member at fault, NULL if it
 * was the commit.
 */
static int
run_group(struct qmgr *qmgr, struct commit_member **culprit)
{
	struct commit_list applied;
	int rc;

	TAILQ_INIT(&applied);
	*culprit = NULL;
	rc = commit_begin(qmgr);
	if (rc < 0)
		return rc;
	rc = apply_group(qmgr, &applied, culprit);
	/* On an error everything of the group is undone, also what had been
	 * applied without a fault. */
	rc = commit_end(qmgr, rc);
	if (rc < 0) {
		check_dead(qmgr);
		/* In memory the group stands as before it was tried, and can be
		 * tried again without the culprit. */
		put_back(qmgr, &applied);
		if (qmgr->commit.hooks != NULL)
			qmgr->commit.hooks->undone(qmgr);
		return rc;
	}
	qmgr->commit.commits++;
	commit_finish(qmgr, &applied);
	return 0;
}

/* commit_run - run one transaction, and tell its members */
void
commit_run(struct qmgr *qmgr)
{
	struct commit_member *culprit;
	struct commit_list culprits;
	int restarts = 0;
	int rc = 0;

	TAILQ_INIT(&culprits);
	limit_background(&qmgr->commit);
	while (qmgr->commit.count > 0) {
		rc = run_group(qmgr, &culprit);
		if (rc == 0)
			break;
		qmgr->commit.restarts++;
		/* No culprit means that the commit itself failed; leaving out
		 * members would not help. Several culprits cost a whole
		 * transaction each, so the rest is done singly. */
		if (culprit == NULL || ++restarts > COMMIT_RESTARTS)
			break;
		commit_remove(qmgr, culprit);
		TAILQ_INSERT_TAIL(&culprits, culprit, entry);
	}
	/* Too many failed, or the commit itself: find out one by one who is at
	 * fault. */
	if (rc < 0)
		run_singly(qmgr);
	/* After the others: whatever is wrong with a culprit must not keep
	 * sound members from the disk. */
	while ((culprit = TAILQ_FIRST(&culprits)) != NULL) {
		TAILQ_REMOVE(&culprits, culprit, entry);
		run_single(qmgr, culprit);
	}
}
