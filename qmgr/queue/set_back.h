/* SPDX-License-Identifier: ISC */
/*
 * set_back.h - what is put off, after the wall clock was set back
 *
 * When a message is tried again is stored as a wall clock time.  A clock that
 * is set back is believed if it is less than an hour, or when somebody vouches
 * for it: what was put off for two minutes would then wait for an hour.  So
 * what we have put off ourselves comes forward: a message that failed waits no
 * longer than transfer-interval from now, and a report that an older release
 * has put off by so much less as the clock was set back.  What a sender wants
 * put off waits for the time that it named.
 *
 * After a start, when nobody knows whether the clock was set back, the same is
 * done with messages that failed.  The queue is walked in bounded steps, from
 * the first time that is later than it can be.
 */
#ifndef FOURPOST_QMGR_SET_BACK_H
#define FOURPOST_QMGR_SET_BACK_H

#include "base/error.h"

struct qmgr;
struct set_back;

/* set_back_new - begin with the walk after a start, or NULL */
struct set_back *set_back_new(void) WARN_UNUSED;

/* set_back_free - free it; NULL is allowed */
void set_back_free(struct set_back *back);

/* set_back_commit - have the next step join the next commit, if the clock was
 * set back (qmgr->clock_back) or a walk is under way */
void set_back_commit(struct qmgr *qmgr);

#endif
