/* SPDX-License-Identifier: ISC */
/*
 * median.h - the figure that many runs of a measurement agree on
 */
#ifndef FOURPOST_TESTS_BENCH_MEDIAN_H
#define FOURPOST_TESTS_BENCH_MEDIAN_H

#include <stddef.h>

/* median - sort these figures, at least one, and return the middle one */
double median(double *values, size_t count);

#endif
