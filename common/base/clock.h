/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the two clocks
 *
 * Timers and deadlines use the monotonic clock; wall-clock time is only for
 * what is stored or sent.
 */
#ifndef FOURPOST_BASE_CLOCK_H
#define FOURPOST_BASE_CLOCK_H

#include <stdint.h>

/* A deadline that never comes. */
#define CLOCK_NEVER UINT64_MAX

/* clock_monotonic - milliseconds since some moment in the past */
uint64_t clock_monotonic(void);

/* clock_wall - milliseconds since 1970-01-01 00:00 UTC */
int64_t clock_wall(void);

/* clock_after - the deadline that lies milliseconds from now; saturates */
uint64_t clock_after(uint64_t milliseconds);

/* clock_remaining - milliseconds until deadline for poll(2), -1 for never */
int clock_remaining(uint64_t deadline);

#endif
