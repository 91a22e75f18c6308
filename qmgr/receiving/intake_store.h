/* SPDX-License-Identifier: ISC */
/*
 * intake_store.h - submissions and transfers into the queue: the commit
 *
 * What intake.c gathered and admit.c decided on is written as a member of the
 * commit, and answered when that is committed.
 */
#ifndef FOURPOST_QMGR_INTAKE_STORE_H
#define FOURPOST_QMGR_INTAKE_STORE_H

#include "qmgr/receiving/intake.h"

/* intake_queue - have a submission take part in the next transaction: its
 * content is staged, or it enters the queue, or it is forgotten */
void intake_queue(struct submit *submit);

/* intake_too_large - decide whether a content of so many octets can never fit;
 * true: nothing is wanted of it, see submit->length */
bool intake_too_large(struct submit *submit, uint64_t length);

/* intake_discard - give a submission up: what is staged goes in the next
 * transaction, and it is freed */
void intake_discard(struct submit *submit);

/* intake_staged - tell the client that content was committed; of intake.c */
void intake_staged(struct submit *submit);

#endif
