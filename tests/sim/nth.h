/* SPDX-License-Identifier: ISC */
/*
 * nth.h - small seeds, run again and again, each time with one call failing
 *
 * A small seed has all kinds of mishaps but no fault of disk or memory.  It is
 * run once to count its calls; then once for each call, which fails.  Whatever
 * that does to the queue manager, a message may neither be lost nor doubled,
 * and the queue must become empty.
 *
 * Allocations: one for each place from which the queue manager allocates, told
 * apart by the whole stack, so that every handler meets each of its own.
 * Writes: each write and flush of the database's file, with EIO, with ENOSPC,
 * and as a write that is short.
 */
#ifndef FOURPOST_TESTS_SIM_NTH_H
#define FOURPOST_TESTS_SIM_NTH_H

#include <stdint.h>

#include "tests/sim/fault.h"

/* What is run of the calls of so many small seeds. */
struct nth {
	uint64_t first, count; /* seeds */
	uint64_t most;	       /* runs, spread over the calls; 0: all */
};

/* nth_run - run them; how many calls there were */
uint64_t nth_run(enum fault_calls calls, const struct nth *nth);

#endif
