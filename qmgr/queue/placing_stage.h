/* SPDX-License-Identifier: ISC */
/*
 * placing_stage.h - write the large parts of a placing before its records
 *
 * An envelope of 32 MB, or the reports on its recipients, would be one
 * transaction that keeps all others waiting.  So they go to objects of the
 * store in pieces, a transaction each, while nothing refers to them; the
 * transaction of the records then takes them over.  What is not staged by then
 * is written with the records.  An object that is given up is discarded, or
 * found without a user by the next start.
 *
 *   while (placing_stage_due(placing))
 *           in a transaction: placing_stage     after it: placing_staged
 *   placing_write, or else placing_unstage
 */
#ifndef FOURPOST_QMGR_PLACING_STAGE_H
#define FOURPOST_QMGR_PLACING_STAGE_H

#include "qmgr/queue/placing.h"

/* Octets of a piece, which a transaction of its own commits. */
#define PLACING_PIECE ((size_t)512 * 1024)

/* placing_stage_due - tell whether a piece is left that is to be staged */
bool placing_stage_due(const struct placing *placing);

/* placing_stage - write the next piece, within a transaction.  Errors of the
 * store */
int placing_stage(struct qmgr *qmgr, struct placing *placing) WARN_UNUSED;

/* placing_staged - note that the piece is committed */
void placing_staged(struct placing *placing);

/* placing_unstage - have all that is staged discarded: the records are not to
 * be written */
void placing_unstage(struct qmgr *qmgr, struct placing *placing);

#endif
