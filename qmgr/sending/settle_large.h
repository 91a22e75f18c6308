/* SPDX-License-Identifier: ISC */
/*
 * settle_large.h - make what an outcome leaves of a message with a large
 * envelope in steps, between which the loop serves all others
 *
 * Reports on 32,767 recipients take a tenth of a second in one step.  So the
 * first transaction of such an outcome finds only that they are due
 * (FATE_PREPARES).  Then the envelope is read and decoded, the reports are
 * placed and staged (placing_stage.h), for one outcome after the other; and the
 * outcome takes part in another transaction, which writes them.  The message is
 * the outcome's all the while.
 *
 * Copies for alternates are placed in one step.
 */
#ifndef FOURPOST_QMGR_SENDING_SETTLE_LARGE_H
#define FOURPOST_QMGR_SENDING_SETTLE_LARGE_H

#include "qmgr/sending/settle_judge.h"

/* settle_large - have what an outcome leaves made in steps */
void settle_large(struct qmgr *qmgr, struct outcome *outcome);

/* settle_large_step - take a step of the first that waits, and have the loop go
 * on if there is more to do */
void settle_large_step(struct qmgr *qmgr);

/* settle_large_fini - have all that wait settled in one step each, by the next
 * transaction: there are no more steps */
void settle_large_fini(struct qmgr *qmgr);

/* settle_large_got - get what was found of a message that is prepared */
const struct settling *settle_large_got(const struct settle_large *large);

/* settle_large_undo - give up what was made for an outcome */
void settle_large_undo(struct qmgr *qmgr, struct outcome *outcome);

/* settle_large_free - free it; NULL does nothing */
void settle_large_free(struct settle_large *large);

#endif
