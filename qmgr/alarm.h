/* SPDX-License-Identifier: ISC */
/*
 * alarm.h - events for whoever has to know that mail piles up
 *
 * Settings alarm-length and alarm-age, of each link and of all together: the
 * alarm is on when more waits, or for longer, and off again when both are below
 * half, so that a queue that lies at the limit gives two lines and not two
 * thousand.
 */
#ifndef FOURPOST_QMGR_ALARM_H
#define FOURPOST_QMGR_ALARM_H

#include <stdint.h>

struct qmgr;

/* alarm_tick - look at all that waits, once a second */
void alarm_tick(struct qmgr *qmgr);

/*
 * alarm_oldest - find when the oldest message that waits for a link came, wall
 * clock ms, INT64_MAX if nothing does; resets qmgr->arena
 *
 * Counts are kept by the hour of arrival.  A ready message is looked up; one
 * that is deferred or held counts as if it had come at the end of its hour, so
 * that its alarm is late by an hour at most, and never early.
 */
int64_t alarm_oldest(struct qmgr *qmgr, uint32_t link);

#endif
