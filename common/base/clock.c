/* SPDX-License-Identifier: ISC */
/*
 * clock.c - the two clocks
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sysexits.h>
#include <sys/timex.h>
#include <time.h>

#include "base/clock.h"

#define OFFSET_MAX INT64_C(4000000000) /* s: 126 years */

static bool shift_known;
static int64_t shift; /* ms that the wall clock is made to show more */

/* clock_shift - have the wall clock show so much more */
void
clock_shift(int64_t milliseconds)
{
	shift_known = true;
	shift = milliseconds;
}

/* wall_shift - tell it; at first it is what the environment says */
static int64_t
wall_shift(void)
{
	const char *text;
	long long seconds;
	char *end;

	if (shift_known)
		return shift;
	shift_known = true;
	text = secure_getenv("FOURPOST_CLOCK_OFFSET");
	if (text == NULL)
		return 0;
	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' ||
	    seconds < -OFFSET_MAX || seconds > OFFSET_MAX)
		errx(EX_USAGE, "FOURPOST_CLOCK_OFFSET=%s: not seconds", text);
	clock_shift(seconds * 1000);
	return shift;
}

/* read_clock - read a clock */
static struct timespec
read_clock(clockid_t clock)
{
	struct timespec ts;

	/* Not panic(): what it logs would ask for the time again. */
	if (clock_gettime(clock, &ts) != 0)
		abort();
	return ts;
}

/* now - read a clock in milliseconds */
static int64_t
now(clockid_t clock)
{
	struct timespec ts = read_clock(clock);

	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* clock_monotonic - return milliseconds since some moment in the past */
uint64_t
clock_monotonic(void)
{
	return (uint64_t)now(CLOCK_MONOTONIC);
}

/* clock_microseconds - return microseconds since some moment in the past */
uint64_t
clock_microseconds(void)
{
	struct timespec ts = read_clock(CLOCK_MONOTONIC);

	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* clock_wall - return milliseconds since 1970-01-01 00:00 UTC */
int64_t
clock_wall(void)
{
	return now(CLOCK_REALTIME) + wall_shift();
}

/* clock_sync - tell whether the system's clock is synchronized */
enum clock_sync
clock_sync(void)
{
	struct timex timex = {.modes = 0};

	if (wall_shift() != 0 || adjtimex(&timex) < 0)
		return CLOCK_FREE;
	return (timex.status & STA_UNSYNC) == 0 ? CLOCK_SYNCHRONIZED
						: CLOCK_FREE;
}

/* clock_after - return the deadline milliseconds from now; saturates */
uint64_t
clock_after(uint64_t milliseconds)
{
	uint64_t present = clock_monotonic();

	if (milliseconds >= CLOCK_NEVER - present)
		return CLOCK_NEVER;
	return present + milliseconds;
}

/* clock_remaining - return milliseconds until deadline for poll(2), -1:
 * never */
int
clock_remaining(uint64_t deadline)
{
	uint64_t present;

	if (deadline == CLOCK_NEVER)
		return -1;
	present = clock_monotonic();
	if (deadline <= present)
		return 0;
	/* A poll that ends too early is called again. */
	if (deadline - present > INT_MAX)
		return INT_MAX;
	return (int)(deadline - present);
}

/* clock_compare - compare two moments */
int
clock_compare(const struct timespec *a, const struct timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	if (a->tv_nsec != b->tv_nsec)
		return a->tv_nsec < b->tv_nsec ? -1 : 1;
	return 0;
}
