/* SPDX-License-Identifier: ISC */
/*
 * fault.c - what goes wrong below the life
 */
#include "tests/sim/fault.h"

#include <errno.h>

#include "tests/sim/life.h"
#include "tests/sim/side.h"
#include "tests/sim/site.h"

/* Points of a kind that a life passes for each step of its loop, about. */
static const uint64_t points_a_step[FAULT_POINTS] = {
    [FAULT_AT_STEP] = 1, [FAULT_AT_FILE] = 1, [FAULT_AT_ALLOCATION] = 8};

static struct fault_rates rates;
static enum fault_at dies_at;
static uint64_t dies_in; /* points; 0: it does not */
static struct fault_single single;
static uint64_t calls; /* of its kind, until now */

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

/* fault_single - have one call of all lives of the seed fail */
void
fault_single(const struct fault_single *from)
{
	single = *from;
}

/* fault_fails_memory - tell whether allocations fail in this seed */
bool
fault_fails_memory(void)
{
	return rates.allocations != 0 || single.calls == FAULT_ALLOCATIONS;
}

/* fault_calls - count the calls of that kind until now */
uint64_t
fault_calls(void)
{
	return calls;
}

/* is_single - pass a call, and tell whether it is the one that fails */
static bool
is_single(enum fault_calls kind)
{
	if (single.calls != kind)
		return false;
	calls++;
	if (single.number == 0)
		site_note(calls);
	if (calls != single.number)
		return false;
	trace_note("the call", calls, (uint64_t)single.error);
	return true;
}

/* fault_allocation - pass a point, and tell whether the allocation fails */
bool
fault_allocation(void)
{
	fault_point(FAULT_AT_ALLOCATION);
	return is_single(FAULT_ALLOCATIONS) ||
	    (rates.allocations != 0 && chance_one_in(rates.allocations));
}

/* fault_write - tell by what error a write fails */
int
fault_write(void)
{
	if (is_single(FAULT_WRITES))
		return single.error;
	if (rates.writes == 0 || !chance_one_in(rates.writes))
		return 0;
	return chance_one_in(2) ? EIO : ENOSPC;
}

/* fault_flush - tell by what error a flush fails */
int
fault_flush(void)
{
	if (is_single(FAULT_WRITES))
		return single.error == FAULT_SHORT ? EIO : single.error;
	return rates.flushes != 0 && chance_one_in(rates.flushes) ? EIO : 0;
}
