/* SPDX-License-Identifier: ISC */
/*
 * early_test.c - what goes into one transaction with a message
 *
 * A message that comes while an association is free is given to it within the
 * transaction of its intake; where that is undone the worker must see nothing
 * of it, and the message must not be lost.
 */
#include "base/fault.h"
#include "tests/unit/qmgr/batch_bench.h"

/* begin - begin with an association that is open and has nothing to do */
static void
begin(struct bench *b, struct remote *worker)
{
	uint64_t id, job;

	batch_bench_begin(b, worker, &id, 1);
	job = batch_bench_take(worker, id, 1);
	remote_outcome(worker, job, IPC_TRANSFERRED);
	harness_steps(&b->h, 10);
}

/* Queued, named and given costs one commit. */
START_TEST(one_commit)
{
	struct store_batch batch;
	struct remote worker;
	struct bench b;
	uint64_t before, id;

	begin(&b, &worker);
	before = b.h.qmgr.commit.commits;
	id = bench_submit(&b, TO_ROME);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	batch_bench_take(&worker, id, 2);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	ck_assert(batch_bench_stored(&b, 0, &batch));
	ck_assert_uint_eq(batch.messages[0], id);
	ck_assert_uint_eq(batch.first_activity, 2);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* A commit that fails takes the job back before its worker has seen it; what
 * was submitted is tried again by itself, and goes to the next worker. */
START_TEST(undone)
{
	struct remote worker, next;
	struct store_batch batch;
	struct bench b;
	uint64_t id;

	begin(&b, &worker);
	ck_assert_int_eq(fault_arm("store.commit:1:fail"), 0);
	id = bench_submit(&b, TO_ROME);
	ck_assert_int_eq(fault_arm(NULL), 0);
	ck_assert_uint_eq(b.h.qmgr.commit.restarts, 1);
	remote_dropped(&worker);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	/* No name of it is left: the peer would be asked in vain. */
	ck_assert(!batch_bench_stored(&b, 0, &batch));
	bench_open_by(&b, &next, "2");
	remote_outcome(&next, batch_bench_take(&next, id, 1), IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	remote_close(&next);
	bench_fini(&b);
}
END_TEST

/* A member at fault is left out before anything is given: no worker ends for
 * somebody else's fault. */
START_TEST(culprit)
{
	struct remote worker;
	struct bench b;
	uint64_t id;

	begin(&b, &worker);
	/* The first put is that of the message. */
	ck_assert_int_eq(fault_arm("store.put:1:fail"), 0);
	id = bench_submit(&b, TO_ROME);
	ck_assert_int_eq(fault_arm(NULL), 0);
	ck_assert_uint_eq(b.h.qmgr.commit.restarts, 1);
	harness_steps(&b.h, 10);
	remote_outcome(
	    &worker, batch_bench_take(&worker, id, 2), IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* A message that comes while a batch of its association is being written has a
 * batch of its own: both names are noted. */
START_TEST(behind_a_batch)
{
	struct remote worker;
	struct store_batch batch;
	struct bench b;
	const struct commit_hooks *hooks;
	uint64_t waited, id;

	begin(&b, &worker);
	hooks = b.h.qmgr.commit.hooks;
	b.h.qmgr.commit.hooks = NULL;
	waited = bench_submit(&b, TO_ROME);
	ck_assert(commit_pending(&b.h.qmgr));
	b.h.qmgr.commit.hooks = hooks;
	id = bench_submit(&b, TO_ROME);
	batch_bench_take(&worker, waited, 2);
	batch_bench_take(&worker, id, 3);
	ck_assert(batch_bench_stored(&b, 0, &batch));
	ck_assert_uint_eq(batch.messages[0], waited);
	ck_assert(batch_bench_stored(&b, 1, &batch));
	ck_assert_uint_eq(batch.messages[0], id);
	ck_assert_uint_eq(batch.first_activity, 3);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* An outcome alone waits for company, which takes it along. */
START_TEST(company)
{
	struct remote worker;
	struct bench b;
	uint64_t before, id, job;

	begin(&b, &worker);
	/* Longer than any test. */
	b.h.qmgr.commit.company = 3600 * 1000;
	before = b.h.qmgr.commit.commits;
	id = bench_submit(&b, TO_ROME);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	job = batch_bench_take(&worker, id, 2);
	remote_outcome(&worker, job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	id = bench_submit(&b, TO_ROME);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 2);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	job = batch_bench_take(&worker, id, 3);
	remote_outcome(&worker, job, IPC_TRANSFERRED);
	/* A queue manager that ends does not wait. */
	b.h.qmgr.stopping = true;
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 3);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	b.h.qmgr.stopping = false;
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* On a slow disk a turn waits for those who may send, and for nobody else. */
START_TEST(waits_for_all)
{
	const struct ipc_submit_start start = {
	    .kind = MTS_MESSAGE, .origin = IPC_SUBMISSION};
	const char *to = TO_ROME;
	struct p1_envelope e;
	struct remote worker;
	struct bench b;
	uint64_t before, first, job, submit;

	begin(&b, &worker);
	before = b.h.qmgr.commit.commits;
	first = bench_submit(&b, TO_ROME);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	job = batch_bench_take(&worker, first, 2);
	b.h.qmgr.commit.company = 1;
	/* An eighth of it is longer than any test. */
	b.h.qmgr.commit.cost = (uint64_t)3600 * 1000 * 1000;
	harness_envelope(&b.h, &e, 1, &to);
	submit = remote_submit_begin(&b.tool, start, harness_octets(&b.h, &e));
	remote_submit_end(&b.tool, submit, 0, NULL);
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(b.h.qmgr.commit.commits, before + 1);
	remote_outcome(&worker, job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	ck_assert_uint_ge(b.h.qmgr.commit.commits, before + 2);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/early", TEST(one_commit), TEST(waits_for_all),
    TEST(behind_a_batch), TEST(company), TEST(undone), TEST(culprit))
