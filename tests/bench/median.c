/* SPDX-License-Identifier: ISC */
/*
 * median.c - the figure that many runs of a measurement agree on
 */
#include "tests/bench/median.h"

#include <stdlib.h>

/* compare - compare two numbers, for qsort */
static int
compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

double
median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}
