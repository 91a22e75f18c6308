/* SPDX-License-Identifier: ISC */
/*
 * schedule.h - when a link opens how many associations
 *
 * The first one when something is ready; one more for each `threshold` that
 * waits, up to `associations`, only while the last open succeeded and out of
 * the common pool.  The last one of a link is for urgent messages and
 * reports.  After a failure one probes at each open interval, or at once
 * when the peer calls or an administrator says so.
 */
#ifndef FOURPOST_QMGR_SCHEDULE_H
#define FOURPOST_QMGR_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "qmgr/links/link.h"

/* schedule_link - open what is wanted now */
void schedule_link(struct qmgr *qmgr, struct link *link);

/*
 * schedule_event - change the state of a link, and do what follows from it:
 * associations open or retire, a timer runs, what is queued is routed again
 *
 * Returns whether the state changed.
 */
bool
schedule_event(struct qmgr *qmgr, struct link *link, enum link_event event);

/* schedule_open_failed - count a failure to open an association, and wait for
 * the next try; its class decides how long, the words are for people */
void schedule_open_failed(struct qmgr *qmgr, struct link *link,
    enum link_failure failure, const char *stage, const char *reason,
    const char *address);

/* schedule_proved - forget the failures of a link that has transferred
 * something */
void schedule_proved(struct link *link);

/* schedule_forgive - forget the failures of a link */
void schedule_forgive(struct link *link);

/* schedule_opened - note that an association was opened */
void schedule_opened(struct qmgr *qmgr, struct link *link);

enum schedule_end {
	SCHEDULE_FRUITLESS = 1, /* lost before anything was transferred on it */
	SCHEDULE_CUT = 2,	/* lost with jobs at work */
	SCHEDULE_AWAITED = 4	/* released while the peer wanted to send */
};

/* schedule_ended - note the end of an association; how: of enum schedule_end,
 * 0: well, or it was not open */
void schedule_ended(struct qmgr *qmgr, struct link *link, unsigned how);

/* schedule_configured - look at a link whose configuration is new: flags,
 * times of the week */
void schedule_configured(struct qmgr *qmgr, struct link *link);

/* schedule_configure - do that for every link */
void schedule_configure(struct qmgr *qmgr);

/*
 * schedule_left - note how many workers are left of the qmgr before us
 *
 * Nothing is sent on the link before they have ended: they may be waiting for
 * the peer's word on what would be sent again.
 */
void schedule_left(struct qmgr *qmgr, struct link *link, uint32_t left);

/* schedule_throttled - wait for as long as master starts no worker of a link:
 * until when, monotonic ms; 0: it starts them again */
void schedule_throttled(struct qmgr *qmgr, struct link *link, uint64_t until);

/* schedule_start - call the peers that may wait for a qmgr that has started,
 * with something that we have lost sight of */
void schedule_start(struct qmgr *qmgr);

/* schedule_tick - look at every link, once a second: idle associations, times
 * of the week */
void schedule_tick(struct qmgr *qmgr);

#endif
