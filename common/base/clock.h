/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the two clocks
 *
 * Timers and deadlines use the monotonic clock; wall-clock time is only for
 * what is stored or sent.
 *
 * For tests the environment variable FOURPOST_CLOCK_OFFSET has the wall clock
 * of a process show so many seconds more or less than the system's, which then
 * is not said to be synchronized.  The variable is read once and not in a
 * set-user-id program; one that is malformed is fatal.
 */
#ifndef FOURPOST_BASE_CLOCK_H
#define FOURPOST_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* A deadline that never comes. */
#define CLOCK_NEVER UINT64_MAX

/* clock_monotonic - return milliseconds since some moment in the past */
uint64_t clock_monotonic(void);

/* clock_microseconds - return the same in microseconds, for what is measured */
uint64_t clock_microseconds(void);

/* clock_wall - return milliseconds since 1970-01-01 00:00 UTC */
int64_t clock_wall(void);

enum clock_sync {
	CLOCK_FREE,	   /* nobody disciplines the system's clock */
	CLOCK_SYNCHRONIZED /* the kernel says that somebody does */
};

/* clock_sync - tell whether the system's clock is synchronized (adjtimex(2)); a
 * system that does not tell counts as free */
enum clock_sync clock_sync(void);

/* clock_shift - do what the environment variable does, from here; for tests */
void clock_shift(int64_t milliseconds);

/* clock_after - return the deadline milliseconds from now; saturates */
uint64_t clock_after(uint64_t milliseconds);

/* clock_remaining - return milliseconds until deadline for poll(2), -1:
 * never */
int clock_remaining(uint64_t deadline);

/* clock_compare - compare two moments, as of files: -1, 0, 1 */
int clock_compare(const struct timespec *a, const struct timespec *b);

#endif
