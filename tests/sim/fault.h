/* SPDX-License-Identifier: ISC */
/*
 * fault.h - what goes wrong below the life: it dies, writes and allocations
 * fail
 *
 * The life passes a point at each step of its loop, at each call that concerns
 * the database's file, and at each allocation.  Where the life is to die is
 * drawn as a number of points to pass.  Besides, one call may be chosen that
 * fails, by its number.
 */
#ifndef FOURPOST_TESTS_SIM_FAULT_H
#define FOURPOST_TESTS_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_at {
	FAULT_AT_STEP,
	FAULT_AT_FILE,
	FAULT_AT_ALLOCATION,
	FAULT_POINTS
};

/* How often what goes wrong: once in so many; 0: never. */
struct fault_rates {
	uint64_t lives;	      /* steps that a life lasts, about */
	uint64_t writes;      /* that fail */
	uint64_t flushes;     /* likewise */
	uint64_t allocations; /* likewise */
};

/* fault_set - set the rates; the next life's death is drawn by fault_life */
void fault_set(const struct fault_rates *rates);

/* fault_rates - get the rates as they are */
const struct fault_rates *fault_rates(void);

/* fault_life - draw where the life that begins will die */
void fault_life(void);

/* fault_point - pass a point; does not return where the life dies */
void fault_point(enum fault_at at);

/* fault_allocation - pass a point, and tell whether the allocation fails */
bool fault_allocation(void);

/* fault_write, fault_flush - tell by what error a write or flush fails; 0: it
 * does not; FAULT_SHORT: a write writes a part */
int fault_write(void);
int fault_flush(void);

/* The calls of which a single one fails, see nth.h. */
enum fault_calls {
	FAULT_NO_CALLS,
	FAULT_ALLOCATIONS,
	FAULT_WRITES /* and flushes */
};

#define FAULT_SHORT (-1)

/* The one call of a seed that fails, besides those by the rates. */
struct fault_single {
	enum fault_calls calls;
	uint64_t number; /* from 1; 0: none, they are listed (site.h) */
	int error;	 /* of writes: EIO, ENOSPC or FAULT_SHORT */
};

/* fault_single - have one call of all lives of the seed fail */
void fault_single(const struct fault_single *single);

/* fault_fails_memory - tell whether allocations fail in this seed */
bool fault_fails_memory(void);

/* fault_calls - count the calls of that kind until now */
uint64_t fault_calls(void);

#endif
