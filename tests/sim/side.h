/* SPDX-License-Identifier: ISC */
/*
 * side.h - which side of the simulator runs, and its chance
 *
 * The process has two sides: the life, which is the queue manager, and the
 * world, which is all else: workers, peers, tools, master, disk and clock.  The
 * definitions of libc's functions in this directory do what the kernel would do
 * for the life, and pass through what the world calls.
 *
 * All chance comes from one seed.  Nothing here may depend on the address of
 * anything, on a process id or on the machine's clock.
 */
#ifndef FOURPOST_TESTS_SIM_SIDE_H
#define FOURPOST_TESTS_SIM_SIDE_H

#include <stdbool.h>
#include <stdint.h>

enum side {
	SIDE_WORLD,
	SIDE_LIFE
};

extern enum side side;

/* chance_seed - begin the sequence of a seed */
void chance_seed(uint64_t seed);

/* chance_number - draw a number below bound */
uint64_t chance_number(uint64_t bound);

/* chance_between - draw a number from low to high, both included */
uint64_t chance_between(uint64_t low, uint64_t high);

/* chance_one_in - draw: true once in n times; never for 0 */
bool chance_one_in(uint64_t n);

/* Whether the trace is printed as well as hashed. */
extern bool trace_verbose;

/* trace_note - add something that happened to the trace of the seed */
void trace_note(const char *what, uint64_t a, uint64_t b);

/* trace_hash - get the hash of all that was noted */
uint64_t trace_hash(void);

/* trace_count - get how much was noted */
uint64_t trace_count(void);

/* sim_fail - end the seed as failed; never returns */
void
sim_fail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
