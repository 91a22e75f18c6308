/* SPDX-License-Identifier: ISC */
/*
 * expand.h - what is queued for distribution lists becomes messages to their
 * members (X.411 14.3.10)
 *
 * A message for a list waits in the queue as one for a link does, under
 * "list/NAME".  Each turn of the loop expands it for some members, at most
 * EXPAND_STEP of all lists together: the commit that holds their copies holds
 * too how far it came, and the last one takes the message out of the queue.
 * So a list of any length costs the memory of a step and stands in nobody's
 * way, and whatever ends in between, each member gets the message once.
 *
 * A copy names the members of its own link alone.  It has the list at the end
 * of dl-expansion-history, and reports are asked for as the list's policy
 * says (list_report.h).
 */
#ifndef FOURPOST_QMGR_SENDING_EXPAND_H
#define FOURPOST_QMGR_SENDING_EXPAND_H

#include "qmgr/engine/qmgr.h"
#include "qmgr/links/link.h"

#define EXPAND_STEP 500 /* members in one commit */

/* expand_new - make the expander, which has nothing to do; NULL: no memory */
struct expander *expand_new(void) WARN_UNUSED;

/* expand_free - free it; NULL is allowed.  What is queued stays in the store */
void expand_free(struct expander *expander);

/* expand_link - look at a list for which something may be queued */
void expand_link(struct qmgr *qmgr, struct link *link);

/* expand_commit - have a step join the next commit, if anything is queued */
void expand_commit(struct qmgr *qmgr);

#endif
