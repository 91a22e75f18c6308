/* SPDX-License-Identifier: ISC */
/*
 * fault.c - what goes wrong below the life
 */
#include "tests/sim/fault.h"
#include "tests/sim/life.h"
#include "tests/sim/side.h"

/* Points of a kind that a life passes for each step of its loop, about. */
static const uint64_t points_a_step[FAULT_POINTS] = {
    [FAULT_AT_STEP] = 1, [FAULT_AT_FILE] = 1, [FAULT_AT_ALLOCATION] = 8};

static struct fault_rates rates;
static enum fault_at dies_at;
static uint64_t dies_in; /* points; 0: it does not */

/* fault_set - set the rates */
void
fault_set(const struct fault_rates *from)
{
	rates = *from;
	if (rates.lives == 0)
		dies_in = 0;
}

/* fault_rates - get the rates as they are */
const struct fault_rates *
fault_rates(void)
{
	return &rates;
}

/* fault_life - draw where the life that begins will die */
void
fault_life(void)
{
	dies_in = 0;
	if (rates.lives == 0)
		return;
	dies_at = (enum fault_at)chance_number(FAULT_POINTS);
	/* Some die while they start, and some as soon as they begin to. */
	dies_in = 1 +
	    chance_number(chance_one_in(6)
		    ? 6
		    : (chance_one_in(4) ? 60 : 2 * rates.lives) *
			points_a_step[dies_at]);
}

/* fault_point - pass a point; does not return where the life dies */
void
fault_point(enum fault_at at)
{
	if (dies_in == 0 || at != dies_at || --dies_in > 0)
		return;
	trace_note("crash", at, 0);
	life_crash();
}

/* fault_allocation - pass a point, and tell whether the allocation fails */
bool
fault_allocation(void)
{
	fault_point(FAULT_AT_ALLOCATION);
	return rates.allocations != 0 && chance_one_in(rates.allocations);
}

/* fault_write - tell whether a write fails */
bool
fault_write(void)
{
	return rates.writes != 0 && chance_one_in(rates.writes);
}

/* fault_flush - tell whether a flush fails */
bool
fault_flush(void)
{
	return rates.flushes != 0 && chance_one_in(rates.flushes);
}
