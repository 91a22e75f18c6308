/* SPDX-License-Identifier: ISC */
/*
 * tracking.h - what happened to messages, on its way to the tracker
 *
 * Records are put while a transaction is applied, become pages of the queue in
 * that same transaction (track.h), and are forgotten with it if it is undone.
 * Of a message with thousands of recipients the further parts follow in the
 * next transactions, and are lost if the process ends before.
 * After the commit the tracker is handed the pages, a window of them ahead of
 * its acknowledgements.  What it has acknowledged is deleted by some later
 * transaction; none is made for that.
 *
 * Mail never waits for the tracker, nor fails for tracking: while it is behind
 * or away pages stay in the queue, up to a part of it, then the oldest are
 * given up.  So are records for which there is no room or no memory, and all
 * from the moment on when LMDB finds a page of theirs damaged.
 */
#ifndef FOURPOST_QMGR_TRACKING_H
#define FOURPOST_QMGR_TRACKING_H

#include "ipc/record.h"
#include "qmgr/engine/qmgr.h"
#include "track/track.h"

/* Of the queue's size the pages may take one part in so many, within bounds. */
#define TRACKING_PART	  16
#define TRACKING_AT_LEAST ((uint64_t)1024 * 1024)
#define TRACKING_AT_MOST  ((uint64_t)256 * 1024 * 1024)

/* tracking_new - begin without a tracker, or NULL: no memory */
struct tracking *tracking_new(void);

/* tracking_free - free it; NULL does nothing */
void tracking_free(struct tracking *tracking);

/* tracking_wanted - tell whether records are made: tracking-days is not 0 */
bool tracking_wanted(const struct qmgr *qmgr);

/* tracking_put - have the transaction under way tell this; its time is now
 * unless it has one */
void tracking_put(struct qmgr *qmgr, const struct track_record *record);

/* tracking_put_encoded - likewise, records of track_encode, of which each gets
 * a queue id unless that is 0, and with it the name of a link unless that is
 * empty */
void tracking_put_encoded(
    struct qmgr *qmgr, struct slice record, uint64_t message, struct slice to);

/* tracking_put_later - have records of track_encode told by the transactions
 * after the one that was committed; the buffer is empty then */
#define TRACKING_LATER_MAX ((size_t)32 * 1024 * 1024)
void tracking_put_later(struct qmgr *qmgr, struct buffer *records);

/* tracking_miss - count a record that could not be made */
void tracking_miss(struct qmgr *qmgr);

/* tracking_begin - forget what a transaction told that was undone */
void tracking_begin(struct qmgr *qmgr);

/* tracking_write - write what the transaction told, and delete what is
 * acknowledged; last in it.  Errors of the store that fail the transaction */
int tracking_write(struct qmgr *qmgr) WARN_UNUSED;

/* tracking_committed - hand the tracker what is committed, if that is much or
 * has waited for long; tracking_tick does for the rest */
void tracking_committed(struct qmgr *qmgr);

/* tracking_take - take an acknowledgement of the tracker's */
int tracking_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* tracking_take_problem - take what the tracker says of the database of many
 * machines */
int tracking_take_problem(struct client *client,
    const struct ipc_record *record, struct diag *diag) WARN_UNUSED;

/* tracking_gone - forget the tracker, if this was it */
void tracking_gone(const struct client *client);

/* tracking_tick - hand on what waits, say what was given up, and note whether
 * the tracker goes on; once a second */
void tracking_tick(struct qmgr *qmgr);

#define TRACKING_TEXT_MAX 384

/* tracking_is_broken - likewise as memory_is_broken, of tracking */
bool tracking_is_broken(const struct qmgr *qmgr);

/* tracking_text - say in a sentence what keeps the tracker from having what
 * happened; "" if nothing does */
const char *
tracking_text(const struct qmgr *qmgr, char text[TRACKING_TEXT_MAX]);

/* tracking_database_text - say in a sentence what keeps the database of many
 * machines from having it; "" if nothing does */
const char *
tracking_database_text(const struct qmgr *qmgr, char text[TRACKING_TEXT_MAX]);

#endif
