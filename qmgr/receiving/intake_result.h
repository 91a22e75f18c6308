/* SPDX-License-Identifier: ISC */
/*
 * intake_result.h - what became of a submission: the log and the answer
 *
 * Called after the commit alone: a transaction that fails is tried again, and
 * would log and answer twice.
 */
#ifndef FOURPOST_QMGR_INTAKE_RESULT_H
#define FOURPOST_QMGR_INTAKE_RESULT_H

#include "qmgr/receiving/submit.h"

/* intake_log - log what became of a submission, and count it */
void intake_log(struct qmgr *qmgr, const struct submit *submit);

/* intake_prove - note that an association on which we send too was of use */
void intake_prove(const struct submit *submit);

/* intake_answer - tell the client what became of its submission */
void intake_answer(struct submit *submit);

#endif
