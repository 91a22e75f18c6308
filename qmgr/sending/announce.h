/* SPDX-License-Identifier: ISC */
/*
 * announce.h - routing updates to and from the peers of this suite
 *
 * What is known and what is to be said is routing/rib.h's; this tells it of
 * links and time, carries updates, and has messages routed again when what was
 * learnt has changed.
 *
 * An update goes to a link alone that says peer = "fourpost", and there over an
 * association alone whose two sides said that they know updates.  It is made
 * when it is handed to the worker, and kept nowhere: so a link that changes
 * to a third party has nothing that waits.  A link with something to say opens
 * as for a message.
 */
#ifndef FOURPOST_QMGR_ANNOUNCE_H
#define FOURPOST_QMGR_ANNOUNCE_H

#include "ipc/record.h"
#include "qmgr/engine/client.h"

/* announce_configure - tell qmgr->rib, which is made if there is none, what the
 * configuration says.  ERR_NOMEM */
int announce_configure(struct qmgr *qmgr) WARN_UNUSED;

/* announce_take - take an update that a peer has sent, or a worker's word that
 * its peer has taken ours */
int announce_take(struct client *client, const struct ipc_record *record,
    struct diag *diag) WARN_UNUSED;

/* announce_tick - say what is due, and use what was learnt; once a second */
void announce_tick(struct qmgr *qmgr);

#endif
