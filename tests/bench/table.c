/* SPDX-License-Identifier: ISC */
/*
 * table.c - rows of the table that figures end with; see table.h
 */
#include "tests/bench/table.h"

#include <stdio.h>

void
table_row(
    const char *what, double ours, double other, const char *compared_with)
{
	printf("table: %-50s %10.2f %10.2f %-8s %6.2f\n", what, ours, other,
	    compared_with, other == 0 ? 0 : ours / other);
	(void)fflush(stdout);
}
