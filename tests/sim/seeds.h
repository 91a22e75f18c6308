/* SPDX-License-Identifier: ISC */
/*
 * seeds.h - seeds, each run in a process of its own, several at a time
 *
 * A seed that fails is printed with what it found.
 */
#ifndef FOURPOST_TESTS_SIM_SEEDS_H
#define FOURPOST_TESTS_SIM_SEEDS_H

#include <stdbool.h>
#include <stdio.h>

#include "tests/sim/fault.h"
#include "tests/sim/world.h"

#define SEEDS_JOBS_MAX 64

struct seed {
	uint64_t number;
	struct fault_single single; /* the call that fails; or none */
};

/* What all that were run came to. */
struct seeds_total {
	uint64_t runs, failed, steps, nanoseconds;
	uint64_t records; /* kinds, a bit for each */
};

/* seeds_jobs - run so many at a time, and print the steps and the hash of each
 * if prints */
void seeds_jobs(unsigned jobs, bool prints);

/* seeds_begin - run a seed, as soon as there is a process for it */
void seeds_begin(const struct seed *seed);

/* seeds_wait - wait until all are over */
void seeds_wait(void);

/* seeds_one - run a seed while no other runs; its result.  The file, if any, is
 * what it lists (site.h) */
struct world_result seeds_one(const struct seed *seed, FILE *list);

/* seeds_total - get what all came to until now */
struct seeds_total seeds_total(void);

#endif
