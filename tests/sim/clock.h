/* SPDX-License-Identifier: ISC */
/*
 * clock.h - the time of the simulator
 *
 * Time passes only where the life waits: epoll_wait lets the world act, and
 * where nothing is to be done jumps to the next thing that is due.  So hours
 * take seconds.  clock.c defines clock_gettime and what else tells the time.
 */
#ifndef FOURPOST_TESTS_SIM_CLOCK_H
#define FOURPOST_TESTS_SIM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_MS	   UINT64_C(1000000)
#define SIM_SECOND (UINT64_C(1000) * SIM_MS)
#define SIM_NEVER  UINT64_MAX

struct epoll_event;

/* sim_now - get the nanoseconds since the seed began */
uint64_t sim_now(void);

/* sim_after - get the time so many nanoseconds from now */
uint64_t sim_after(uint64_t nanoseconds);

/* sim_spend - let time pass that something takes */
void sim_spend(uint64_t nanoseconds);

/* sim_jump - have the wall clock jump by so many seconds, either way */
void sim_jump(int64_t seconds);

/* sim_jumped_far - tell whether the wall clock jumped over a lifetime: reports
 * may have expired, on which nobody reports */
bool sim_jumped_far(void);

/* sim_steps - count how often the life has waited */
uint64_t sim_steps(void);

/* sim_poll - look for events of an epoll descriptor of the world's own */
int sim_poll(int epfd, struct epoll_event *events, int max);

#endif
