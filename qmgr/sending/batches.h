/* SPDX-License-Identifier: ISC */
/*
 * batches.h - the batches that are kept: from start to removal
 *
 * What one is, and how it comes to be: batch.h.  Those of which no name is
 * left are removed in a transaction that there is anyway, at the latest after
 * a second.  Those of one session connection go in the order in which they
 * were written, because a later one may have taken numbers from an earlier
 * (store/session.h).
 */
#ifndef FOURPOST_QMGR_BATCHES_H
#define FOURPOST_QMGR_BATCHES_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/error.h"
#include "qmgr/engine/commit.h"
#include "base/table.h"

struct batch;
struct connection;
struct link;
struct qmgr;

TAILQ_HEAD(batch_list, batch);
TAILQ_HEAD(connection_list, connection);

struct batches {
	struct table names; /* message id -> struct batch_name */
	struct connection_list connections; /* the oldest first */
	struct batch_list ended;	    /* to be removed, in this order */
	struct commit_member removal;
	unsigned removing; /* of those ended, in this transaction */
	bool failed;	   /* removal had; the next tick tries again */
	unsigned kept;	   /* in the store */
	unsigned pause;	   /* seconds until ages are looked at */
};

/* batches_new - make a table without batches, or NULL */
struct batches *batches_new(void) WARN_UNUSED;

/* batches_free - free it with all batches; nothing waits for a transaction any
 * more, and NULL is allowed */
void batches_free(struct batches *batches);

/*
 * batches_load - load the names that the store has
 *
 * Messages that have left, or taken another link, need none.  What
 * the store says if it cannot be read, ERR_NOMEM.
 */
int batches_load(struct qmgr *qmgr, struct diag *diag) WARN_UNUSED;

/* batches_commit - remove those that ended, as there is a transaction */
void batches_commit(struct qmgr *qmgr);

/* batches_tick - remove, once a second, batches that ended or are too old */
void batches_tick(struct qmgr *qmgr);

/* batches_forget_gone - end the names of links that are not configured any
 * more */
void batches_forget_gone(struct qmgr *qmgr);

/* batches_make_room - give up, if there are too many batches, the oldest of the
 * link that has the most, of those that no association has */
void batches_make_room(struct qmgr *qmgr);

#endif
