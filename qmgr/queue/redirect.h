/* SPDX-License-Identifier: ISC */
/*
 * redirect.h - who gets a message in the place of its recipient (X.411 14.3.5)
 *
 *	by the recipient	redirect lines of the configuration, unless the
 *				originator prohibits recipient reassignment
 *	by the originator	originator-requested-alternate-recipient, where
 *				nobody serves the recipient, or it cannot be
 *				delivered to (sending/alternate.h)
 *	by the domain		alternate-recipient of the configuration, for
 *				addresses of our domain likewise, where the
 *				originator allows it
 *
 * The recipient of the envelope is replaced, and its redirection-history says
 * whom the message was for.  Whoever stands in that history is not tried again:
 * that would be a loop.
 */
#ifndef FOURPOST_QMGR_QUEUE_REDIRECT_H
#define FOURPOST_QMGR_QUEUE_REDIRECT_H

#include "mhs/cause.h"
#include "mhs/p1.h"
#include "qmgr/engine/qmgr.h"

enum redirect_result {
	REDIRECT_NOT,	 /* the recipient is as it was */
	REDIRECT_DONE,	 /* it is another one */
	REDIRECT_REFUSED /* it cannot be served, for a cause */
};

/* The redirection that one recipient is asked for. */
struct redirect {
	struct p1_envelope *envelope;
	struct p1_recipient *recipient; /* of the envelope; may be replaced */
	enum cause cause;		/* where it is refused */
};

/* redirect_assigned - replace a recipient as the recipient has it, and whom it
 * is replaced by likewise.  Or ERR_NOMEM */
int redirect_assigned(struct qmgr *qmgr, struct redirect *redirect) WARN_UNUSED;

/* redirect_has_alternate - tell whether an alternate is named for a recipient,
 * by the originator or by our domain */
bool redirect_has_alternate(
    const struct qmgr *qmgr, const struct redirect *redirect);

/* redirect_alternate - replace a recipient that cannot be had by its
 * alternate; REDIRECT_NOT: it has none that was not tried.  Or ERR_NOMEM */
int
redirect_alternate(struct qmgr *qmgr, struct redirect *redirect) WARN_UNUSED;

#endif
