/* SPDX-License-Identifier: ISC */
/*
 * callers.h - how many associations each peer may have open with us
 *
 * A peer counts by its link, from the moment that its bind is found right
 * until its worker is gone or was told to end.  Three rules, in this order:
 *
 *	a peer that has none always gets one;
 *	beyond incoming-associations of the link the one that was silent
 *	longest is ended for the new one, if that was CALLERS_SILENCE;
 *	beyond the first of each, all peers together have max-associations.
 *
 * Otherwise the caller is to be refused as busy.  So what are open together
 * are never more than max-associations and one for each link: master has that
 * many workers, and some for callers that are not known yet.
 *
 * Silent means that the worker had nothing of the peer, and owes it nothing:
 * a worker tells of octets that make no record of their own (heard, in
 * LinkEvent).
 */
#ifndef FOURPOST_QMGR_CALLERS_H
#define FOURPOST_QMGR_CALLERS_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

#define CALLERS_SILENCE 5000 /* ms */

/* callers_full - tell why a peer is refused one more at now, in words for the
 * log, or NULL: it may have one */
const char *
callers_full(const struct qmgr *qmgr, const struct link *link, uint64_t now);

/* callers_enter - count a caller of a link, and end a silent one for it if that
 * is due */
void callers_enter(struct client *client, struct link *link, uint64_t now);

/* callers_end - have the associations of all peers end that bring us new mail
 * and take none, each behind the transfer under way on it */
void callers_end(struct qmgr *qmgr);

/* callers_leave - count a caller no more; nothing if it was not counted */
void callers_leave(struct client *client);

/* callers_heard - note that a worker said something of its peer */
void callers_heard(struct client *client, uint64_t now);

#endif
