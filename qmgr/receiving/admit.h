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

#include "qmgr/queue/distribute.h"
#include "qmgr/queue/told.h"
#include "qmgr/receiving/intake.h"
#include "qmgr/receiving/submit.h"

enum admission_phase {
	ADMISSION_BEGIN,  /* decode all but the recipients */
	ADMISSION_DECODE, /* the recipients */
	ADMISSION_STAMP,  /* see what it is */
	ADMISSION_TELL,	  /* tracking of the recipients */
	ADMISSION_DECIDE, /* on each recipient */
	ADMISSION_PLACE,  /* a copy for each link */
	ADMISSION_REPORT  /* on those that cannot be served */
};

/* The way of one submission through all of that. */
struct admission {
	struct submit *submit;
	struct p1_decoding decoding;
	struct told_list told;
	struct distribution d;
	enum admission_phase phase;
	enum admission_phase then;   /* after ADMISSION_TELL */
	char trace[TOLD_TRACE_TEXT]; /* that it came with */
	size_t reported;	     /* verdicts that a report was made of */
};

/*
 * admit - fill submit->placing, or say why not in `decided` and text
 *
 * Its envelope and content length are complete.
 */
void admit(struct qmgr *qmgr, struct submit *submit);

/* admission_begin - begin to do as admit does, in steps */
void admission_begin(struct admission *admission, struct submit *submit);

/*
 * admission_step - take the next step: of so many recipients at most, or make
 * one report; false: submit is filled
 *
 * What it needs later is in qmgr's arena, but what the steps ADMISSION_TELL and
 * ADMISSION_REPORT put there, which nothing needs after them.
 */
bool
admission_step(struct qmgr *qmgr, struct admission *admission, size_t most);

#endif
