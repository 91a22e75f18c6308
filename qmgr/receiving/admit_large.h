/* SPDX-License-Identifier: ISC */
/*
 * admit_large.h - decide on a large envelope in steps, between which the loop
 * serves all others
 *
 * To decide on 32,767 recipients takes a fraction of a second, and so does
 * writing its copies and reports.  One envelope is decided on at a time, in the
 * order in which they came, so that memory is bounded: a decoded envelope, in
 * an arena of its own, its copies and reports.  Then these are staged, a piece
 * a commit (placing_stage.h), and the submission enters the queue by the commit
 * that follows the last piece.
 *
 * The envelope borrows from the configuration: where that changes it begins
 * again.  So it does, a few times at most, where a link that served has come to
 * serve no more, because what is queued for that link has been routed again.
 */
#ifndef FOURPOST_QMGR_ADMIT_LARGE_H
#define FOURPOST_QMGR_ADMIT_LARGE_H

#include "qmgr/receiving/submit.h"

/* admit_large - have a submission that has ended decided on, in steps */
void admit_large(struct qmgr *qmgr, struct submit *submit);

/* admit_large_step - take a step of the first that waits, and have the loop go
 * on if there is more to do */
void admit_large_step(struct qmgr *qmgr);

/* admit_large_hurry - decide at once on a transfer of this name, if it waits:
 * its peer asks for it */
void admit_large_hurry(struct qmgr *qmgr, uint64_t session, uint64_t activity);

/* admit_large_again - begin again with the one that is under way: the
 * configuration is another */
void admit_large_again(struct qmgr *qmgr);

/* admit_large_fini - give up all that wait: their clients get no answer */
void admit_large_fini(struct qmgr *qmgr);

#endif
