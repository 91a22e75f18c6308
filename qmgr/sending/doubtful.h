/* SPDX-License-Identifier: ISC */
/*
 * doubtful.h - messages that a peer may have, and was not heard to have taken
 *
 * A message is in doubt while it bears a name (batch.h): it was handed out by
 * that name, and nobody has said what became of it.  The peer of its link can
 * be asked, and nobody else.  So such a message
 *	stays on its link when that is disabled or out of retries, since the
 *	peer of another route does not know whether this one has it;
 *	is asked for once more, and not sent again, when its time or its tries
 *	are over and its link works: only then it is reported on;
 *	is given up at last with event 20260, since it may have arrived all
 *	the same: when its time is over and its link does not work, when twice
 *	its tries are over, when its link is taken out of the configuration,
 *	after duplicate-memory, or when an administrator says so.
 *
 * A message for a postoffice is in doubt while the name of its file is noted:
 * the file may be there.  If its time is over it is handed out once more all
 * the same, and the worker finds the file, or makes it late.
 */
#ifndef FOURPOST_QMGR_DOUBTFUL_H
#define FOURPOST_QMGR_DOUBTFUL_H

#include <stdbool.h>
#include <stdint.h>

struct link;
struct qmgr;

/* doubtful_is - tell whether the peer may have a message */
bool doubtful_is(const struct qmgr *qmgr, uint64_t message);

/* doubtful_has_file - tell whether the postoffice of a link, or a program that
 * has a directory, may have the file of a message */
bool
doubtful_has_file(struct qmgr *qmgr, const struct link *link, uint64_t message);

/* doubtful_asks_later - tell whether a message that is in doubt stays until its
 * peer, postoffice or program is asked, though its time is over: its link
 * works */
bool doubtful_asks_later(
    struct qmgr *qmgr, const struct link *link, uint64_t message);

/* doubtful_at_relay - log that a gateway's worker ended while it sent a
 * message: its relay may have it, and gets it again; nothing if the message is
 * none of the link's */
void doubtful_at_relay(struct qmgr *qmgr, const struct link *link,
    uint64_t message, const char *why);

/* doubtful_given_up - log that nobody asks for a message any more, if it is in
 * doubt, and why; before its name ends.  link may be NULL */
void doubtful_given_up(const struct qmgr *qmgr, uint64_t message,
    const struct link *link, const char *why);

#endif
