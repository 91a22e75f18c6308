/* SPDX-License-Identifier: ISC */
/*
 * submitted.h - an object that a program submits: what qmgr says to it, and
 * what the program is told, in either form of access
 */
#ifndef FOURPOST_APP_SUBMITTED_H
#define FOURPOST_APP_SUBMITTED_H

#include <jansson.h>

#include "client/submission.h"
#include "json/object.h"

struct submitted_refused;

struct submitted {
	struct submission at_qmgr;
	char key[OBJECT_KEY_MAX + 1];	   /* empty: none */
	struct submitted_refused *refused; /* at once; owned */
	size_t refused_count;
};

/* submitted_fini - free what it has */
void submitted_fini(struct submitted *submitted);

/* submitted_take - take a record of qmgr's that is about it */
void
submitted_take(struct submitted *submitted, const struct ipc_record *record);

/* submitted_answer - make the answer to the program: id, mts_id, key, duplicate
 * and the recipients that were refused at once; NULL: out of memory */
json_t *submitted_answer(const struct submitted *submitted);

/* submitted_refusal - say in a word for programs, and in fault, why qmgr has
 * refused it */
const char *submitted_refusal(
    const struct submitted *submitted, struct object_fault *fault);

#endif
