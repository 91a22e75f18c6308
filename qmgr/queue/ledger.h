/* SPDX-License-Identifier: ISC */
/*
 * ledger.h - changes of the queue's messages, each with its record of tracking
 *
 * Nothing else in qmgr adds, changes or deletes a message (make lint), so that
 * no change is made of which tracking does not know.  Called within a
 * transaction; on an error nothing is told.
 */
#ifndef FOURPOST_QMGR_QUEUE_LEDGER_H
#define FOURPOST_QMGR_QUEUE_LEDGER_H

#include "qmgr/engine/tracking.h"
#include "store/message.h"

enum ledger_copy {
	LEDGER_TELL, /* that a copy is queued for its link */
	LEDGER_TOLD  /* who placed it does so, and names its recipients */
};

/* ledger_add - put a message in the queue: store_message_add */
int ledger_add(struct qmgr *qmgr, struct store_message *message,
    enum ledger_copy copy) WARN_UNUSED;

/* ledger_replace - put a message in the place of message->id, whose number it
 * has from now on: store_message_replace.  why is told as it is, with that
 * number; NULL: nothing */
int ledger_replace(struct qmgr *qmgr, const struct store_message *message,
    const struct track_record *why) WARN_UNUSED;

/*
 * ledger_update - write what changed of a message: store_message_update
 *
 * why: what of it is told; its message, kind, MTS identifier, link and reason
 * are filled in.  NULL: it goes on as before, for the next try.  A message that
 * is held or quarantined from now on has a reason.
 */
int ledger_update(struct qmgr *qmgr, const struct store_message *message,
    const struct track_record *why) WARN_UNUSED;

/* ledger_delete - take a message out of the queue: store_message_delete.  why
 * is told as it is, with its queue id */
int ledger_delete(
    struct qmgr *qmgr, uint64_t id, const struct track_record *why) WARN_UNUSED;

/* ledger_aside - take a damaged message out of the way: store_message_aside */
int
ledger_aside(struct qmgr *qmgr, uint64_t id, const char *reason) WARN_UNUSED;

/* ledger_describe - fill in what a record of tracking says of a message as it
 * is in the queue; slices borrow from it and from its link */
void ledger_describe(const struct qmgr *qmgr,
    const struct store_message *message, struct track_record *record);

#endif
