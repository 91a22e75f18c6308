/* SPDX-License-Identifier: ISC */
/*
 * throttle.h - delay a service that crashes at its start
 *
 * 1, 2, 4 … 60 seconds, that service alone.  A worker that started well ends
 * it.
 */
#ifndef FOURPOST_MASTER_THROTTLE_H
#define FOURPOST_MASTER_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#define THROTTLE_FIRST_MS 1000
#define THROTTLE_MAX_MS	  60000

struct throttle {
	unsigned failures; /* in a row */
	uint64_t since;	   /* monotonic ms: the first of them */
	uint64_t until;	   /* monotonic ms; 0: not throttled */
};

/* throttle_failed - count a start that failed at now: the delay in ms */
uint64_t throttle_failed(struct throttle *throttle, uint64_t now);

/* throttle_passed - forget failures, for a start went well: whether there were
 * any */
bool throttle_passed(struct throttle *throttle);

/* throttle_remaining - return the milliseconds from now until the next start */
uint64_t throttle_remaining(const struct throttle *throttle, uint64_t now);

#endif
