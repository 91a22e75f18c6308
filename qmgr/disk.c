/* SPDX-License-Identifier: ISC */
/*
 * disk.c - waits for the disk: master is told while they last, the log after
 */
#include "qmgr/disk.h"

#include "base/clock.h"
#include "base/log.h"
#include "worker/worker.h"

#define SLOW   1000  /* ms: a commit that lasts so long is logged */
#define SILENT 60000 /* ms: master has logged it meanwhile */

static uint64_t since; /* monotonic ms */

/* disk_wait - note that a wait for the disk begins or has ended */
void
disk_wait(void *arg, enum store_wait wait)
{
	struct worker *worker = arg;
	uint64_t waited;

	if (wait == STORE_WAIT_BEGINS) {
		since = clock_monotonic();
		worker_disk(worker, since);
		return;
	}
	worker_disk(worker, 0);
	waited = clock_monotonic() - since;
	if (waited >= SILENT)
		LOG_EVENT(
		    EVENT_DISK_ANSWERED, LOG_INT("seconds", waited / 1000));
	else if (waited >= SLOW)
		LOG_EVENT(EVENT_DISK_SLOW, LOG_STRING("service", worker->name),
		    LOG_INT("ms", waited));
}
