/* SPDX-License-Identifier: ISC */
/*
 * retag.h - a queued message gets explicit tags before it is sent
 *
 * What a peer gets are the octets in the queue, so that a transfer which is
 * resumed has those of its first try.  Where the tagging of a link has changed
 * (tagging.h) a message that waits is replaced by one with the new tags, under
 * a new queue id and with its tries before it, unless the peer may have a part
 * of it, or all: that one stays as it is.  The content of a report stays as it
 * is too.
 */
#ifndef FOURPOST_QMGR_RETAG_H
#define FOURPOST_QMGR_RETAG_H

#include "qmgr/engine/qmgr.h"
#include "store/message.h"

struct link;

/*
 * retag_message - replace a message that is about to be sent, if need be
 *
 * message is whole, and read into the arena of qmgr.  1: it is replaced, in the
 * next transaction; 0: it is sent as it is; ERR_NOMEM: not now, for want of
 * memory or because many are replaced at the moment.
 */
int retag_message(struct qmgr *qmgr, struct link *link,
    const struct store_message *message) WARN_UNUSED;

/* retag_is_due - tell whether a message should have other tags than it has, and
 * may get them; reads into the arena of qmgr */
bool retag_is_due(struct qmgr *qmgr, const struct link *link,
    const struct store_message *message);

#endif
