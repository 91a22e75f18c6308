/* SPDX-License-Identifier: ISC */
/*
 * admit.h - what a submission or transfer becomes in the queue
 *
 * Decodes the envelope, stamps it, decides on each recipient that it is
 * responsible for, and makes a copy for each route and a report for those
 * that cannot be served.  Changes nothing but the submission.
 */
#ifndef FOURPOST_QMGR_ADMIT_H
#define FOURPOST_QMGR_ADMIT_H

#include "qmgr/receiving/intake.h"

/*
 * admit - fill submit->placing, or say why not in `decided` and text
 *
 * Its envelope and content length are complete.
 */
void admit(struct qmgr *qmgr, struct submit *submit);

#endif
