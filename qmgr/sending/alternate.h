/* SPDX-License-Identifier: ISC */
/*
 * alternate.h - an alternate gets the message that its recipient could not get
 *
 * Who nobody serves is replaced when a message is taken over (redirect.h).  A
 * recipient of whom the worker or the peer says later that there is no such, or
 * to whom the message could not be brought, is replaced when that outcome is
 * applied: in its commit the alternate's copy is placed, and no report is owed
 * on the recipient (X.411 14.3.5).
 *
 * That is done where somebody else may get what the recipient did not, which
 * reason and diagnostic tell (X.411 8.3.1.2.1.10 and 11):
 *
 *	reason                 diagnostic
 *	0 transfer-failure     none
 *	0 or 1                 0 unrecognised-OR-name
 *	0 or 1                 1 ambiguous-OR-name
 *	0 or 1                 4 recipient-unavailable
 *	0 or 1                48 unable-to-complete-transfer
 *	0 or 1                49 transfer-attempts-limit-reached
 *
 * All other codes speak of the message (its size, syntax, conversion, security,
 * a loop), of its originator, or of its time.  Probes and reports are not
 * redirected, nor what an administrator returns or has expired.
 */
#ifndef FOURPOST_QMGR_SENDING_ALTERNATE_H
#define FOURPOST_QMGR_SENDING_ALTERNATE_H

#include "qmgr/queue/placing.h"
#include "qmgr/queue/report.h"

/* A message that some of its recipients cannot get. */
struct alternate {
	const struct store_message *message;
	/* of the message; whoever is replaced is replaced in it */
	struct p1_envelope *envelope;
	struct verdict *verdicts; /* room for one on each recipient */
	size_t verdict_count;
};

/*
 * alternate_place - place copies for the alternates of recipients
 *
 * Verdicts on those who are replaced are taken out; where their alternates
 * cannot be served either, there are verdicts on these.  The content of the
 * copies is that of the message.  ERR_NOMEM, ERR_IO.
 */
int alternate_place(struct qmgr *qmgr, struct alternate *alternate,
    struct placing *placing) WARN_UNUSED;

/* alternate_is_wanted - tell whether an alternate is to get what the recipient
 * of a verdict could not: where that holds of no verdict, none need be placed
 */
bool alternate_is_wanted(struct qmgr *qmgr, const struct alternate *alternate,
    const struct verdict *verdict);

/* alternate_helps - tell whether an alternate may get what a recipient did not,
 * for this reason */
bool alternate_helps(int reason, int diagnostic);

#endif
