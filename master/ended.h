/* SPDX-License-Identifier: ISC */
/*
 * ended.h - take note of workers that have ended, and do what follows
 */
#ifndef FOURPOST_MASTER_ENDED_H
#define FOURPOST_MASTER_ENDED_H

struct master;

/*
 * ended_reap - take note of all workers that have ended
 *
 * qmgr is told of an end before the process is reaped: until then no other can
 * have its pid.  While qmgr does not read, the last that ended stays a zombie.
 */
void ended_reap(struct master *master);

#endif
