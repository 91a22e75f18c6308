/* SPDX-License-Identifier: ISC */
/*
 * batch.h - what is on its way, by which name, durably
 *
 * The name of a message is the session connection and the number of the
 * activity that it is sent by: whoever sends it again asks the peer for that
 * first.  What an association is given in one commit is one batch: its names
 * are committed before the worker sees the jobs, whose records are held back
 * in its channel until then.
 *
 * A name lasts until the fate of the message with the peer is settled:
 * transferred, refused, failed while the association went on, returned unsent
 * by the worker, or gone from the queue.  It lasts beyond the association, its
 * worker and us.  A message that has a name gets no other: it is handed out
 * with that one, and the worker says by a sequence (sequence.h) if it had to
 * begin it again.
 *
 * An association whose worker told no references has no batches, and its jobs
 * no activity.
 */
#ifndef FOURPOST_QMGR_BATCH_H
#define FOURPOST_QMGR_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/record.h"

struct assoc;
struct job;
struct qmgr;

/*
 * batch_bound - note by which session connection an association is open
 *
 * Its next job is activity 1, after those that it has.  Empty references: no
 * batches.  ERR_VALUE (another association has
 * these), ERR_NOMEM.
 */
int batch_bound(struct assoc *assoc,
    const struct session_references *references, struct diag *diag) WARN_UNUSED;

/* batch_unbound - forget the session connection of an association */
void batch_unbound(struct assoc *assoc);

/* batch_open - tell whether one more job would go into a batch that is written
 * anyway */
bool batch_open(const struct assoc *assoc);

/* batch_prepare - have room for one more job of the association.  ERR_NOMEM */
int batch_prepare(struct assoc *assoc) WARN_UNUSED;

/* batch_add - give the next job of an association its activity, and the name
 * that it has; after batch_prepare */
void batch_add(struct assoc *assoc, struct job *job, struct ipc_job *out);

/*
 * batch_under_way - find what was being sent on the session connection with
 * these references when that was lost: the first name that is live.  0: nothing
 */
uint64_t batch_under_way(const struct qmgr *qmgr, uint32_t link,
    const struct session_references *references);

/* batch_end - end the name of a message whose fate with the peer is settled */
void batch_end(struct qmgr *qmgr, uint64_t message);

#endif
