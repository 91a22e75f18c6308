/* SPDX-License-Identifier: ISC */
/*
 * commit.h - what came in one step of the loop is one transaction
 *
 * Whatever changes the queue is a member of the commit.  At the end of the
 * step, in the order of enum commit_order, each member is applied in one
 * transaction, this is committed, and only then each member is told that it
 * is done, so that answers go out after the commit that holds the thing.
 *
 * If a member cannot be applied, or the commit fails, the transaction is
 * undone and the members are tried again without the culprit, in the end
 * singly: only the culprit is told an error.
 *
 * apply therefore may be called more than once.  It changes nothing but the
 * store and what belongs to the member; memory of qmgr changes in done.
 * done may free the member.
 *
 * What can wait (COMMIT_BACKGROUND) gets STEP_TIME of a transaction, and while
 * others send a sixteenth of the time since the last one began; the rest of it
 * waits for the next.  A member of that order that does many things
 * asks step_is_over(commit.step) after each.
 *
 * Between apply and commit the messages that came are given to workers already,
 * whose names on their way go into the same transaction; the workers see them
 * after it (commit_hooks).  A message that has a free association thus costs
 * one commit before it leaves, and not two.
 */
#ifndef FOURPOST_QMGR_COMMIT_H
#define FOURPOST_QMGR_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/error.h"

struct qmgr;

enum commit_order {
	COMMIT_OUTCOME,	   /* what leaves the queue makes room */
	COMMIT_DISPATCH,   /* what is to be sent, before it is */
	COMMIT_CONTROL,	   /* what an administrator wants */
	COMMIT_INTAKE,	   /* what comes into the queue */
	COMMIT_BACKGROUND, /* what can wait: expiry, deferred, reaping */
	COMMIT_ORDERS
};

struct commit_member {
	TAILQ_ENTRY(commit_member) entry;
	enum commit_order order;
	bool queued;  /* it waits for a transaction */
	bool applied; /* it takes part in one: done is still to come */
	/* 0, or an error: then nothing of it happened */
	int (*apply)(struct qmgr *qmgr, struct commit_member *member);
	/* result is 0 after the commit, else why it was not done */
	void (*done)(
	    struct qmgr *qmgr, struct commit_member *member, int result);
};

TAILQ_HEAD(commit_list, commit_member);

#define COMMIT_COMPANY 3 /* ms that outcomes alone wait */

/* Functions of rooms above, which add to a group and take back. */
struct commit_hooks {
	/* all members are applied: add members that go with them */
	void (*applied)(struct qmgr *qmgr);
	/* the group is undone: take back what "applied" did in memory */
	void (*undone)(struct qmgr *qmgr);
};

struct commit {
	const struct commit_hooks *hooks; /* NULL: none */
	struct commit_list waiting[COMMIT_ORDERS];
	bool early;	  /* hooks->applied is at work */
	size_t count;	  /* of all that wait */
	uint64_t since;	  /* monotonic ms: when the first of them came */
	uint64_t cost;	  /* us that commits took of late */
	uint64_t begun;	  /* us: when the last transaction began */
	uint64_t others;  /* us: when the last one with others began */
	uint64_t share;	  /* us that background work has in this one */
	uint64_t step;	  /* when it is over (step.h); 0: it has not begun */
	unsigned company; /* ms: see commit_patience */
	/* counters, for the log and for tests */
	uint64_t commits, members, restarts, singles, refused;
};

/* commit_init - begin with nothing that waits */
void commit_init(struct commit *commit);

/* commit_add - have a member take part in the next transaction */
void commit_add(struct qmgr *qmgr, struct commit_member *member);

/* commit_remove - take a member out, if it waits */
void commit_remove(struct qmgr *qmgr, struct commit_member *member);

/* commit_pending - tell whether anything waits for a transaction */
bool commit_pending(const struct qmgr *qmgr);

/*
 * commit_patience - tell for how many milliseconds what waits may go on waiting
 * for company; 0: no longer, or nothing waits
 *
 * A few outcomes alone may, for commit.company milliseconds in all; while
 * others send, what can wait may for a step's time since the last transaction.
 * Nobody waits for an outcome, which has freed its worker when it came.  With
 * one association the next message comes within that time, and takes the
 * outcome of the last one along.
 */
unsigned commit_patience(const struct qmgr *qmgr);

/*
 * commit_run - run one transaction, and tell its members
 *
 * What does not fit in one transaction (STORE_STAGE_MAX) waits for the next
 * commit.  Fatal if the store is dead.
 */
void commit_run(struct qmgr *qmgr);

#endif
