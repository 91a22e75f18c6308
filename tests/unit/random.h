/* SPDX-License-Identifier: ISC */
/*
 * random.h - numbers that look random, the same in each run
 *
 * *seed is any number at first.
 */
#ifndef FOURPOST_TESTS_RANDOM_H
#define FOURPOST_TESTS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* random_below - choose a number below a bound */
static inline size_t
random_below(uint64_t *seed, size_t bound)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (size_t)(*seed >> 33) % bound;
}

#endif
