/* SPDX-License-Identifier: ISC */
/*
 * world.h - one seed: its world, its lives, from the first item to the check at
 * the end
 */
#ifndef FOURPOST_TESTS_SIM_WORLD_H
#define FOURPOST_TESTS_SIM_WORLD_H

#include <stdint.h>

/* What a seed came to. */
struct world_result {
	uint64_t steps, hash, nanoseconds;
	uint64_t calls;	  /* of those of which one fails */
	uint64_t records; /* kinds that were sent to it, a bit for each */
	unsigned lives, items;
};

/* world_run - run a seed in a directory of its own, which is removed; ends the
 * process where something is wrong */
struct world_result world_run(uint64_t seed);

/* world_directory - get the directory of the seed */
const char *world_directory(void);

/* world_act - have the world act */
void world_act(void);

/* world_next - tell when the world will act next */
uint64_t world_next(void);

#endif
