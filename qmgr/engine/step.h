/* SPDX-License-Identifier: ISC */
/*
 * step.h - work that can wait, in steps that are bounded by time
 *
 * Whatever looks at many messages (a reroute, expiry, a change of a thousand
 * messages) does so in steps.  A step lasts for STEP_TIME however much one
 * message costs, so that whoever sends in between waits no longer than that.
 */
#ifndef FOURPOST_QMGR_STEP_H
#define FOURPOST_QMGR_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define STEP_TIME 5000 /* us */

/* step_begin - begin a step that lasts so many microseconds at most: when it
 * ends */
static inline uint64_t
step_begin(uint64_t microseconds)
{
	return clock_microseconds() + microseconds;
}

/* step_is_over - tell whether a step has had its time */
static inline bool
step_is_over(uint64_t end)
{
	return clock_microseconds() >= end;
}

#endif
