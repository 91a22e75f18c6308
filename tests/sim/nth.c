/* SPDX-License-Identifier: ISC */
/*
 * nth.c - small seeds, run again and again, each time with one call failing
 */
#include "tests/sim/nth.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/director.h"
#include "tests/sim/seeds.h"
#include "tests/sim/site.h"

/* The calls of all seeds that are to fail, in order. */
static struct seed *chosen;
static size_t count, capacity;

/* The stacks that an earlier seed had. */
static uint64_t *stacks;
static size_t stack_count;

/* choose - have a call of a seed fail */
static void
choose(uint64_t seed, enum fault_calls calls, uint64_t number, int error)
{
	if (count == capacity) {
		capacity = capacity * 2 + 1024;
		chosen = reallocarray(chosen, capacity, sizeof(*chosen));
		if (chosen == NULL)
			exit(2);
	}
	chosen[count++] =
	    (struct seed){.number = seed, .single = {calls, number, error}};
}

/* is_new - note a stack; false: an earlier seed had it */
static bool
is_new(uint64_t stack)
{
	for (size_t i = 0; i < stack_count; i++)
		if (stacks[i] == stack)
			return false;
	stacks = reallocarray(stacks, stack_count + 1, sizeof(*stacks));
	if (stacks == NULL)
		exit(2);
	stacks[stack_count++] = stack;
	return true;
}

/* list_allocations - choose an allocation of each place of a seed */
static void
list_allocations(uint64_t seed)
{
	const struct seed listed = {
	    .number = seed, .single = {.calls = FAULT_ALLOCATIONS}};
	FILE *list = tmpfile();
	struct site site;

	if (list == NULL)
		exit(2);
	(void)seeds_one(&listed, list);
	rewind(list);
	while (fread(&site, sizeof(site), 1, list) == 1)
		if (is_new(site.stack))
			choose(seed, FAULT_ALLOCATIONS, site.number, 0);
	fclose(list);
}

/* list_writes - choose each write of a seed, with each error */
static void
list_writes(uint64_t seed)
{
	static const int errors[] = {EIO, ENOSPC, FAULT_SHORT};
	const struct seed listed = {
	    .number = seed, .single = {.calls = FAULT_WRITES}};
	uint64_t calls = seeds_one(&listed, NULL).calls;

	for (uint64_t n = 1; n <= calls; n++)
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
			choose(seed, FAULT_WRITES, n, errors[i]);
}

/* nth_run - run them */
uint64_t
nth_run(enum fault_calls calls, const struct nth *nth)
{
	size_t step;

	director_small();
	count = 0;
	for (uint64_t i = 0; i < nth->count; i++)
		if (calls == FAULT_ALLOCATIONS)
			list_allocations(nth->first + i);
		else
			list_writes(nth->first + i);
	step = nth->most == 0 ? 1 : (count + nth->most - 1) / nth->most;
	for (size_t i = 0; i < count; i += step == 0 ? 1 : step)
		seeds_begin(&chosen[i]);
	seeds_wait();
	return count;
}
