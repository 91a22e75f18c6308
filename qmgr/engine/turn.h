/* SPDX-License-Identifier: ISC */
/*
 * turn.h - the turn of qmgr's loop: what came in one turn is one transaction
 *
 * Whatever changes the queue is a member of the turn.  At the end of the
 * turn, in the order of enum turn_order, each member is applied in one
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
 */
#ifndef FOURPOST_QMGR_TURN_H
#define FOURPOST_QMGR_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/error.h"

struct qmgr;

enum turn_order {
	TURN_OUTCOME,	 /* what leaves the queue makes room */
	TURN_DISPATCH,	 /* what is to be sent, before it is */
	TURN_CONTROL,	 /* what an administrator wants */
	TURN_INTAKE,	 /* what comes into the queue */
	TURN_BACKGROUND, /* what can wait: expiry, deferred, reaping */
	TURN_ORDERS
};

struct turn_member {
	TAILQ_ENTRY(turn_member) entry;
	enum turn_order order;
	bool queued;
	/* 0, or an error: then nothing of it happened */
	int (*apply)(struct qmgr *qmgr, struct turn_member *member);
	/* result is 0 after the commit, else why it was not done */
	void (*done)(struct qmgr *qmgr, struct turn_member *member, int result);
};

TAILQ_HEAD(turn_list, turn_member);

struct turn {
	struct turn_list waiting[TURN_ORDERS];
	size_t count; /* of all that wait */
	/* counters, for the log and for tests */
	uint64_t commits, members, restarts, singles, refused;
};

/* turn_init - nothing waits */
void turn_init(struct turn *turn);

/* turn_add - member takes part in the next transaction */
void turn_add(struct qmgr *qmgr, struct turn_member *member);

/* turn_remove - it takes no part; fine if it does not wait */
void turn_remove(struct qmgr *qmgr, struct turn_member *member);

/* turn_pending - whether anything waits for a transaction */
bool turn_pending(const struct qmgr *qmgr);

/*
 * turn_run - one transaction, then the answers
 *
 * What does not fit in one transaction (STORE_STAGE_MAX) waits for the next
 * turn.  Fatal if the store is dead.
 */
void turn_run(struct qmgr *qmgr);

#endif
