/* SPDX-License-Identifier: ISC */
/*
 * table.h - rows of the table that figures end with
 *
 * A profile says in a row, beside its own lines, what it compares; when all
 * profiles are over tests/bench/run prints the rows together.
 */
#ifndef FOURPOST_TESTS_BENCH_TABLE_H
#define FOURPOST_TESTS_BENCH_TABLE_H

/* What a row compares with. */
#define TABLE_POSTFIX "Postfix"
#define TABLE_BOUND   "bound"
#define TABLE_ALONE   "alone"

/* table_row - print a row: what is measured, with its unit, and the ratio to
 * what it is compared with */
void table_row(
    const char *what, double ours, double other, const char *compared_with);

#endif
