/* SPDX-License-Identifier: ISC */
/*
 * batch_bench.c - what a worker is given, and what is noted of that;
 * see batch_bench.h
 */
#include "tests/references.h"
#include "tests/unit/qmgr/batch_bench.h"

void
batch_bench_submit(struct bench *b, uint64_t *ids, int count)
{
	for (int i = 0; i < count; i++)
		ids[i] = bench_submit(b, TO_ROME);
}

void
batch_bench_begin(struct bench *b, struct remote *r, uint64_t *ids, int count)
{
	bench_init(b, "rome");
	batch_bench_submit(b, ids, count);
	bench_open_by(b, r, "1");
}

uint64_t
batch_bench_take(struct remote *r, uint64_t message, uint64_t activity)
{
	struct ipc_record record;

	remote_expect(r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	ck_assert_uint_eq(record.job.activity, activity);
	ck_assert_uint_eq(record.job.old.activity, 0);
	ck_assert_uint_eq(record.job.old.references.additional_len, 0);
	return record.job.job;
}

uint64_t
batch_bench_take_old(struct remote *r, uint64_t message, uint64_t activity,
    const char *additional, uint64_t old_activity)
{
	struct ipc_record record;

	remote_expect(r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	ck_assert_uint_eq(record.job.activity, activity);
	ck_assert_uint_eq(record.job.old.activity, old_activity);
	ck_assert(reference_is(
	    &record.job.old.references, SESSION_CALLING, "MTA-TEST"));
	ck_assert(reference_is(
	    &record.job.old.references, SESSION_COMMON, "261127091831Z"));
	ck_assert(reference_is(
	    &record.job.old.references, SESSION_ADDITIONAL, additional));
	return record.job.job;
}

bool
batch_bench_stored(struct bench *b, int n, struct store_batch *batch)
{
	batch->id = 0;
	for (int i = 0; i <= n; i++)
		if (store_batch_next(
			b->h.qmgr.store, batch->id, &b->h.arena, batch) < 0)
			return false;
	return true;
}

void
batch_bench_none_left(struct bench *b)
{
	struct store_batch batch;

	harness_steps(&b->h, 10);
	batches_tick(&b->h.qmgr);
	harness_steps(&b->h, 10);
	ck_assert(!batch_bench_stored(b, 0, &batch));
	ck_assert_uint_eq(b->h.qmgr.batches->kept, 0);
	ck_assert_uint_eq(b->h.qmgr.batches->names.count, 0);
}
