/* SPDX-License-Identifier: ISC */
/*
 * clock.c - the two clocks
 */
#include <limits.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

/* now - a clock in milliseconds */
static int64_t
now(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) != 0)
		panic("clock_gettime failed");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* clock_monotonic - milliseconds since some moment in the past */
uint64_t
clock_monotonic(void)
{
	return (uint64_t)now(CLOCK_MONOTONIC);
}

/* clock_wall - milliseconds since 1970-01-01 00:00 UTC */
int64_t
clock_wall(void)
{
	return now(CLOCK_REALTIME);
}

/* clock_after - the deadline that lies milliseconds from now; saturates */
uint64_t
clock_after(uint64_t milliseconds)
{
	uint64_t present = clock_monotonic();

	if (milliseconds >= CLOCK_NEVER - present)
		return CLOCK_NEVER;
	return present + milliseconds;
}

/* clock_remaining - milliseconds until deadline for poll(2), -1 for never */
int
clock_remaining(uint64_t deadline)
{
	uint64_t present;

	if (deadline == CLOCK_NEVER)
		return -1;
	present = clock_monotonic();
	if (deadline <= present)
		return 0;
	if (deadline - present > INT_MAX)
		return INT_MAX;
	return (int)(deadline - present);
}
