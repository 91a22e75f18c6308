/* SPDX-License-Identifier: ISC */
/*
 * orphans.h - jobs of a worker that lives on without us
 *
 * When we close the connection of a worker, since it said what makes no sense
 * or there was no memory, it does what it does without a queue manager: it
 * awaits the confirmation of an activity that it has ended, and exits.  Another
 * worker that asked the peer meanwhile could hear that the message is not
 * there, and it would arrive twice.  So its jobs stay active until master says
 * that it has ended, or for LIMITS_PREDECESSOR.
 */
#ifndef FOURPOST_QMGR_ORPHANS_H
#define FOURPOST_QMGR_ORPHANS_H

#include <stdint.h>

struct assoc;
struct qmgr;

/* orphans_adopt - keep the jobs of an association whose connection is gone, if
 * its worker is not; else they are ready again */
void orphans_adopt(struct assoc *assoc);

/* orphans_ended - make the jobs of a worker ready again: it has ended */
void orphans_ended(struct qmgr *qmgr, int64_t pid);

/* orphans_tick - make those ready again that were kept long enough */
void orphans_tick(struct qmgr *qmgr);

/* orphans_fini - free the jobs, their messages stay in the store */
void orphans_fini(struct qmgr *qmgr);

#endif
