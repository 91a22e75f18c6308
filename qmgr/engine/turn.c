/* SPDX-License-Identifier: ISC */
/*
 * turn.c - the turn of qmgr's loop: what came in one turn is one transaction
 */
#include <sysexits.h>

#include "base/log.h"
#include "qmgr/engine/qmgr.h"
#include "qmgr/engine/turn.h"
#include "store/store.h"

/* How often a group is tried again without a culprit before all go singly. */
#define TURN_RESTARTS 3

/* turn_init - nothing waits */
void
turn_init(struct turn *turn)
{
	*turn = (struct turn){0};
	for (int i = 0; i < TURN_ORDERS; i++)
		TAILQ_INIT(&turn->waiting[i]);
}

/* turn_add - member takes part in the next transaction */
void
turn_add(struct qmgr *qmgr, struct turn_member *member)
{
	if (member->queued)
		panic("a member of the turn was added twice");
	member->queued = true;
	TAILQ_INSERT_TAIL(&qmgr->turn.waiting[member->order], member, entry);
	qmgr->turn.count++;
}

/* turn_remove - it takes no part; fine if it does not wait */
void
turn_remove(struct qmgr *qmgr, struct turn_member *member)
{
	if (!member->queued)
		return;
	member->queued = false;
	TAILQ_REMOVE(&qmgr->turn.waiting[member->order], member, entry);
	qmgr->turn.count--;
}

/* turn_pending - whether anything waits for a transaction */
bool
turn_pending(const struct qmgr *qmgr)
{
	return qmgr->turn.count > 0;
}

/* check_dead - without a store there is nothing to manage */
static void
check_dead(struct qmgr *qmgr)
{
	if (store_dead(qmgr->store))
		fatal(EX_IOERR, "the queue cannot be written: %s",
		    store_reason(qmgr->store));
}

/*
 * apply_waiting - apply what waits, as much as a transaction takes
 *
 * The members applied are moved to applied.  On an error *culprit is the one
 * that could not be.
 */
static int
apply_waiting(
    struct qmgr *qmgr, struct turn_list *applied, struct turn_member **culprit)
{
	struct turn_member *member;
	bool any = false;
	int rc;

	for (int order = 0; order < TURN_ORDERS; order++) {
		while ((member = TAILQ_FIRST(&qmgr->turn.waiting[order])) !=
		    NULL) {
			if (any && store_staged(qmgr->store) >= STORE_STAGE_MAX)
				return 0;
			rc = member->apply(qmgr, member);
			if (rc < 0) {
				*culprit = member;
				return rc;
			}
			any = true;
			turn_remove(qmgr, member);
			TAILQ_INSERT_TAIL(applied, member, entry);
		}
	}
	return 0;
}

/* put_back - what was applied in a transaction that failed waits again */
static void
put_back(struct qmgr *qmgr, struct turn_list *applied)
{
	struct turn_member *member;

	while ((member = TAILQ_LAST(applied, turn_list)) != NULL) {
		TAILQ_REMOVE(applied, member, entry);
		TAILQ_INSERT_HEAD(
		    &qmgr->turn.waiting[member->order], member, entry);
		member->queued = true;
		qmgr->turn.count++;
	}
}

/* finish - tell all that they are committed */
static void
finish(struct qmgr *qmgr, struct turn_list *applied)
{
	struct turn_member *member;

	while ((member = TAILQ_FIRST(applied)) != NULL) {
		TAILQ_REMOVE(applied, member, entry);
		qmgr->turn.members++;
		member->done(qmgr, member, 0);
	}
}

/* begin - a transaction, which notes the time while that is believed */
static int
begin(struct qmgr *qmgr)
{
	int rc = store_begin(qmgr->store);

	if (rc == 0 && !timekeeper_doubts(&qmgr->time))
		store_note_time(qmgr->store, clock_wall());
	return rc;
}

/* run_single - a transaction for one member that does not wait any more */
static void
run_single(struct qmgr *qmgr, struct turn_member *member)
{
	int rc = begin(qmgr);

	qmgr->turn.singles++;
	if (rc == 0)
		rc = member->apply(qmgr, member);
	if (rc == 0)
		rc = store_commit(qmgr->store);
	else
		store_abort(qmgr->store);
	if (rc < 0) {
		check_dead(qmgr);
		qmgr->turn.refused++;
	} else {
		qmgr->turn.commits++;
		qmgr->turn.members++;
	}
	member->done(qmgr, member, rc);
}

/* run_singly - every member that waits in a transaction of its own */
static void
run_singly(struct qmgr *qmgr)
{
	struct turn_list now;
	struct turn_member *member;

	TAILQ_INIT(&now);
	for (int order = 0; order < TURN_ORDERS; order++) {
		while ((member = TAILQ_FIRST(&qmgr->turn.waiting[order])) !=
		    NULL) {
			turn_remove(qmgr, member);
			TAILQ_INSERT_TAIL(&now, member, entry);
		}
	}
	while ((member = TAILQ_FIRST(&now)) != NULL) {
		TAILQ_REMOVE(&now, member, entry);
		run_single(qmgr, member);
	}
}

/*
 * run_group - one transaction for what waits
 *
 * On an error nothing happened; *culprit is the member at fault, NULL if it
 * was the commit.
 */
static int
run_group(struct qmgr *qmgr, struct turn_member **culprit)
{
	struct turn_list applied;
	int rc;

	TAILQ_INIT(&applied);
	*culprit = NULL;
	rc = begin(qmgr);
	if (rc < 0)
		return rc;
	rc = apply_waiting(qmgr, &applied, culprit);
	if (rc == 0)
		rc = store_commit(qmgr->store);
	else
		store_abort(qmgr->store);
	if (rc < 0) {
		check_dead(qmgr);
		put_back(qmgr, &applied);
		return rc;
	}
	qmgr->turn.commits++;
	finish(qmgr, &applied);
	return 0;
}

/* turn_run - one transaction, then the answers */
void
turn_run(struct qmgr *qmgr)
{
	struct turn_member *culprit;
	struct turn_list culprits;
	int restarts = 0;
	int rc = 0;

	TAILQ_INIT(&culprits);
	while (qmgr->turn.count > 0) {
		rc = run_group(qmgr, &culprit);
		if (rc == 0)
			break;
		qmgr->turn.restarts++;
		if (culprit == NULL || ++restarts > TURN_RESTARTS)
			break;
		turn_remove(qmgr, culprit);
		TAILQ_INSERT_TAIL(&culprits, culprit, entry);
	}
	if (rc < 0)
		run_singly(qmgr);
	while ((culprit = TAILQ_FIRST(&culprits)) != NULL) {
		TAILQ_REMOVE(&culprits, culprit, entry);
		run_single(qmgr, culprit);
	}
}
