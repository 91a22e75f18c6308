/* SPDX-License-Identifier: ISC */
/*
 * tagging.h - how the extensions of what a link's peer gets are tagged
 *
 * With extension-tagging = "auto" they are tagged implicitly until the peer has
 * aborted two different messages, with "user error", and has taken none; from
 * then on explicitly, which is never taken back but by the setting.  Only what
 * has extensions, and implicit tags, says anything.  What is known of a peer is
 * in the store's record of its link (enum store_tagging).
 *
 *	state		taken		aborted
 *	unknown		implicit	doubted
 *	doubted		implicit	explicit, unless it is the same message
 *	implicit	-		-
 *	explicit	-		-
 *
 * What waits with implicit tags is written again (retag.h).
 */
#ifndef FOURPOST_QMGR_TAGGING_H
#define FOURPOST_QMGR_TAGGING_H

#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"

/* The ways in which a message with implicit tags ended. */
enum tagging_event {
	TAGGING_TAKEN,
	TAGGING_ABORTED /* with "user error" */
};

/* tagging_next - change what is known of a peer by what became of a message;
 * false: it stays */
bool tagging_next(
    struct store_link *known, enum tagging_event event, uint64_t message);

/* tagging_learns - tell whether a link's tagging follows what its peer does */
bool tagging_learns(const struct link *link);

/*
 * tagging_learn - learn from what became of a message, in the transaction
 *
 * The message is in the queue still.  Nothing is concluded from one that cannot
 * be read.  Errors of store_link_set_tagging.
 */
int tagging_learn(struct qmgr *qmgr, const struct link *link, uint64_t message,
    enum tagging_event event) WARN_UNUSED;

/* tagging_learnt - follow what was learnt, after the commit, and log it */
void tagging_learnt(struct qmgr *qmgr, struct link *link);

#endif
