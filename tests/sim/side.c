/* SPDX-License-Identifier: ISC */
/*
 * side.c - which side of the simulator runs, its chance, its trace
 */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/sim/clock.h"
#include "tests/sim/side.h"

#define FNV_PRIME 0x100000001b3ULL

enum side side = SIDE_WORLD;
bool trace_verbose;

static uint64_t chance;
static uint64_t hash = 0xcbf29ce484222325ULL, count;

/* draw - draw 64 bits (splitmix64) */
static uint64_t
draw(void)
{
	uint64_t z = chance += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* chance_seed - begin the sequence of a seed */
void
chance_seed(uint64_t seed)
{
	/* The sequences of neighbours would overlap. */
	chance = seed;
	chance = draw();
}

/* chance_number - draw a number below bound */
uint64_t
chance_number(uint64_t bound)
{
	return bound == 0 ? 0 : draw() % bound;
}

/* chance_between - draw a number from low to high, both included */
uint64_t
chance_between(uint64_t low, uint64_t high)
{
	return low + chance_number(high - low + 1);
}

/* chance_one_in - draw: true once in n times; never for 0 */
bool
chance_one_in(uint64_t n)
{
	return n != 0 && chance_number(n) == 0;
}

/* add - add octets to the hash (FNV-1a) */
static void
add(const void *data, size_t len)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ octets[i]) * FNV_PRIME;
}

/* trace_note - add something that happened to the trace of the seed */
void
trace_note(const char *what, uint64_t a, uint64_t b)
{
	uint64_t now = sim_now();

	count++;
	for (const char *c = what; *c != '\0'; c++)
		add(c, 1);
	add(&now, sizeof(now));
	add(&a, sizeof(a));
	add(&b, sizeof(b));
	if (trace_verbose)
		fprintf(stderr, "%10.4f %s %llu %llu\n", (double)now / 1e9,
		    what, (unsigned long long)a, (unsigned long long)b);
}

/* trace_hash - get the hash of all that was noted */
uint64_t
trace_hash(void)
{
	return hash;
}

/* trace_count - get how much was noted */
uint64_t
trace_count(void)
{
	return count;
}

/* sim_fail - end the seed as failed */
void
sim_fail(const char *fmt, ...)
{
	va_list ap;

	side = SIDE_WORLD;
	fprintf(stdout, "at %.3f s: ", (double)sim_now() / 1e9);
	va_start(ap, fmt);
	vfprintf(stdout, fmt, ap);
	va_end(ap);
	fprintf(stdout, "\n");
	fflush(stdout);
	_exit(1);
}
