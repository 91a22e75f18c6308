/* SPDX-License-Identifier: ISC */
/*
 * clock.c - the time of the simulator; the definitions take precedence over
 * libc's for all that is linked, libevent and LMDB included
 */
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/clock.h"
#include "tests/sim/fault.h"
#include "tests/sim/side.h"
#include "tests/sim/world.h"

#define BEGIN	  INT64_C(1795986000) /* s since 1970 */
#define FAR	  86400		      /* s; urgent mail lives two days */
#define STEP_COST (UINT64_C(20) * 1000)

static uint64_t now, steps;
static int64_t wall_ahead; /* s */
static bool far;

/* sim_now - get the nanoseconds since the seed began */
uint64_t
sim_now(void)
{
	return now;
}

/* sim_after - get the time so many nanoseconds from now */
uint64_t
sim_after(uint64_t nanoseconds)
{
	return now + nanoseconds;
}

/* sim_spend - let time pass that something takes */
void
sim_spend(uint64_t nanoseconds)
{
	now += nanoseconds;
}

/* sim_jump - have the wall clock jump by so many seconds, either way */
void
sim_jump(int64_t seconds)
{
	wall_ahead += seconds;
	trace_note("jump", (uint64_t)seconds, 0);
	if (wall_ahead > FAR)
		far = true;
}

/* sim_jumped_far - tell whether the wall clock jumped over a lifetime */
bool
sim_jumped_far(void)
{
	return far;
}

/* sim_steps - count how often the life has waited */
uint64_t
sim_steps(void)
{
	return steps;
}

/* sim_poll - look for events of an epoll descriptor of the world's own */
int
sim_poll(int epfd, struct epoll_event *events, int max)
{
	return (int)syscall(SYS_epoll_wait, epfd, events, max, 0);
}

/* clock_gettime - tell the time of the simulator */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
	/* For some, 0 of the monotonic clock is "never". */
	uint64_t t = now + 1000 * SIM_SECOND;

	ts->tv_sec = (time_t)(t / SIM_SECOND);
	ts->tv_nsec = (long)(t % SIM_SECOND);
	if (wall)
		ts->tv_sec += BEGIN + wall_ahead;
	return 0;
}

/* gettimeofday - tell the same */
int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

/* time - tell the same, in seconds */
time_t
time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

/* adjtimex - say that nobody disciplines the clock */
int
adjtimex(struct timex *timex)
{
	timex->status = STA_UNSYNC;
	return 0;
}

/* usleep - let time pass */
int
usleep(useconds_t microseconds)
{
	sim_spend((uint64_t)microseconds * 1000);
	return 0;
}

/* epoll_wait - let the world act; where nothing is to be done jump to the next
 * thing that is due */
int
epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	uint64_t end =
	    timeout < 0 ? SIM_NEVER : sim_after((uint64_t)timeout * SIM_MS);
	uint64_t next;
	int count;

	if (side == SIDE_WORLD)
		return sim_poll(epfd, events, max);
	steps++;
	fault_point(FAULT_AT_STEP);
	sim_spend(STEP_COST);
	for (;;) {
		side = SIDE_WORLD;
		world_act();
		side = SIDE_LIFE;
		count = sim_poll(epfd, events, max);
		if (count != 0 || now >= end)
			return count;
		side = SIDE_WORLD;
		next = world_next();
		side = SIDE_LIFE;
		if (next > end)
			next = end;
		if (next == SIM_NEVER)
			sim_fail("nothing will ever happen again");
		if (next > now)
			now = next;
	}
}
