/* SPDX-License-Identifier: ISC */
/*
 * assoc_retire.h - the end of an association that qmgr needs no more
 *
 * A retiring association gets no new job.  Its worker is told to release it
 * when the outcomes of its last jobs are committed, and exits.  An association
 * that stays idle retires by itself; a worker that misses a deadline is cut.
 */
#ifndef FOURPOST_QMGR_ASSOC_RETIRE_H
#define FOURPOST_QMGR_ASSOC_RETIRE_H

#include "qmgr/links/assoc.h"

/* A worker says hello, and how its opening went, within these (ms). */
#define ASSOC_HELLO_TIME (60 * 1000)
#define ASSOC_OPEN_TIME	 (300 * 1000)

/* assoc_retire - have an association finish, and its worker exit */
void assoc_retire(struct assoc *assoc);

/* assoc_settled - release an association that retires, once the outcomes of
 * its jobs are committed */
void assoc_settled(struct assoc *assoc);

/* assoc_retire_all - retire all associations of a link */
void assoc_retire_all(struct link *link);

/* assoc_retire_ours - retire the associations of a link that we opened: a
 * schedule is no reason to end what the peer has opened */
void assoc_retire_ours(struct link *link);

/* assoc_tick - look at the deadlines and the idle associations of a link */
void assoc_tick(struct qmgr *qmgr, struct link *link, uint64_t now);

#endif
