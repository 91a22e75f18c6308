/* SPDX-License-Identifier: ISC */
/*
 * batch_bench.h - what a worker is given, and what is noted of that
 */
#ifndef FOURPOST_TESTS_QMGR_BATCH_BENCH_H
#define FOURPOST_TESTS_QMGR_BATCH_BENCH_H

#include "tests/unit/qmgr/link_bench.h"

/* submit - count messages; their ids */
static inline void
submit(struct bench *b, uint64_t *ids, int count)
{
	for (int i = 0; i < count; i++)
		ids[i] = bench_submit(b, TO_ROME);
}

/* begin - count messages are to be sent, by the first worker */
static inline void
begin(struct bench *b, struct remote *r, uint64_t *ids, int count)
{
	bench_init(b, "rome");
	submit(b, ids, count);
	bench_open_by(b, r, "1");
}

/* take - the next job: its message, and its number on the association */
static inline uint64_t
take(struct remote *r, uint64_t message, uint64_t activity)
{
	struct ipc_record record;

	remote_expect(r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	ck_assert_uint_eq(record.job.activity, activity);
	ck_assert_uint_eq(record.job.old_activity, 0);
	ck_assert_uint_eq(record.job.old.additional.len, 0);
	return record.job.job;
}

/* take_old - the same of one that may have been sent by an earlier name */
static inline uint64_t
take_old(struct remote *r, uint64_t message, uint64_t activity,
    const char *additional, uint64_t old_activity)
{
	struct ipc_record record;

	remote_expect(r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	ck_assert_uint_eq(record.job.activity, activity);
	ck_assert_uint_eq(record.job.old_activity, old_activity);
	ck_assert(slice_equal_string(record.job.old.calling, "MTA-TEST"));
	ck_assert(slice_equal_string(record.job.old.common, "261127091831Z"));
	ck_assert(slice_equal_string(record.job.old.additional, additional));
	return record.job.job;
}

/* stored - the n-th batch that is in the store; whether there is one */
static inline bool
stored(struct bench *b, int n, struct store_batch *batch)
{
	batch->id = 0;
	for (int i = 0; i <= n; i++)
		if (store_batch_next(
			b->h.qmgr.store, batch->id, &b->h.arena, batch) < 0)
			return false;
	return true;
}

/* none_left - what has ended leaves the store, within a tick */
static inline void
none_left(struct bench *b)
{
	struct store_batch batch;

	harness_turns(&b->h, 10);
	batches_tick(&b->h.qmgr);
	harness_turns(&b->h, 10);
	ck_assert(!stored(b, 0, &batch));
	ck_assert_uint_eq(b->h.qmgr.batches.kept, 0);
	ck_assert_uint_eq(b->h.qmgr.batches.names.count, 0);
}

#endif
