/* SPDX-License-Identifier: ISC */
/*
 * watchdog.h - tick: find who is late, and whose grace is over
 *
 * Time is counted in ticks of ours, so that a machine that slept or a master
 * that was stopped does not find everyone late.
 */
#ifndef FOURPOST_MASTER_WATCHDOG_H
#define FOURPOST_MASTER_WATCHDOG_H

#include "base/error.h"

#define WATCHDOG_LATE 30 /* ticks without a letter */
#define WATCHDOG_LATE_QMGR \
	300		       /* it has long steps; waits for the disk do
				 * not count */
#define WATCHDOG_DISK	    60 /* ticks without an answer of the disk */
#define WATCHDOG_TERM_GRACE 10 /* from SIGTERM to SIGKILL */
#define WATCHDOG_ABRT_GRACE 5  /* from SIGABRT to SIGKILL */

struct master;

/* watchdog_init - begin to tick.  FOURPOST_TICK_MS in the environment, for
 * tests, makes ticks shorter.  ERR_NOMEM */
int watchdog_init(struct master *master) WARN_UNUSED;

/* watchdog_fini - stop */
void watchdog_fini(struct master *master);

#endif
