/* SPDX-License-Identifier: ISC */
/*
 * batch_bench.h - a queue manager and the workers of one link, for tests of
 * what is on its way
 */
#ifndef FOURPOST_TESTS_QMGR_BATCH_BENCH_H
#define FOURPOST_TESTS_QMGR_BATCH_BENCH_H

#include "tests/unit/qmgr/harness.h"

#define TO_ROME "C=IT;A=GARR;S=Rossi"

/* A queue manager, one tool, and where the workers of rome connect. */
struct bench {
	struct harness h;
	struct remote tool;
	int rome;
};

static inline void
bench_init(struct bench *b)
{
	harness_init(&b->h);
	b->rome = service_listen(&b->h, "x400out.rome");
	client_open(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

static inline void
bench_fini(struct bench *b)
{
	remote_close(&b->tool);
	close(b->rome);
	harness_fini(&b->h);
}

/* bench_reopen - the queue manager ends and another begins */
static inline void
bench_reopen(struct bench *b)
{
	remote_close(&b->tool);
	harness_close(&b->h);
	harness_open(&b->h);
	client_open(&b->h, &b->tool, IPC_ROLE_TOOL, "x4send");
}

/* submit - count messages; their ids */
static inline void
submit(struct bench *b, uint64_t *ids, int count)
{
	for (int i = 0; i < count; i++)
		ids[i] = submit_to(&b->h, &b->tool, TO_ROME);
}

/* open_by - a worker whose association has these references */
static inline void
open_by(struct bench *b, struct remote *r, const char *additional)
{
	remote_wait_for(&b->h, b->rome, r);
	remote_greet(r, IPC_ROLE_X400OUT, "rome");
	remote_bound(r, IPC_LINK_BOUND, "", additional);
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

/* turns - let the loop turn a few times */
static inline void
turns(struct bench *b)
{
	for (int i = 0; i < 10; i++)
		harness_turn(&b->h);
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

	turns(b);
	batches_tick(&b->h.qmgr);
	turns(b);
	ck_assert(!stored(b, 0, &batch));
	ck_assert_uint_eq(b->h.qmgr.batches.kept, 0);
	ck_assert_uint_eq(b->h.qmgr.batches.names.count, 0);
}

#endif
