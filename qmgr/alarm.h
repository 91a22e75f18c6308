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

struct qmgr;

/* alarm_tick - look at all that waits, once a second */
void alarm_tick(struct qmgr *qmgr);

#endif
