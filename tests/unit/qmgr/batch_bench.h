/* SPDX-License-Identifier: ISC */
/*
 * batch_bench.h - what a worker is given, and what is noted of that
 */
#ifndef FOURPOST_TESTS_QMGR_BATCH_BENCH_H
#define FOURPOST_TESTS_QMGR_BATCH_BENCH_H

#include "tests/unit/qmgr/link_bench.h"

/* batch_bench_submit - submit count messages; their ids */
void batch_bench_submit(struct bench *b, uint64_t *ids, int count);

/* batch_bench_begin - submit count messages and open the first worker */
void
batch_bench_begin(struct bench *b, struct remote *r, uint64_t *ids, int count);

/* batch_bench_take - take the next job: its message, and its number there */
uint64_t
batch_bench_take(struct remote *r, uint64_t message, uint64_t activity);

/* batch_bench_take_old - take a job that may have been sent by an earlier
 * name */
uint64_t batch_bench_take_old(struct remote *r, uint64_t message,
    uint64_t activity, const char *additional, uint64_t old_activity);

/* batch_bench_stored - read the n-th batch of the store, if there is one */
bool batch_bench_stored(struct bench *b, int n, struct store_batch *batch);

/* batch_bench_none_left - check that what has ended leaves the store within a
 * tick */
void batch_bench_none_left(struct bench *b);

#endif
