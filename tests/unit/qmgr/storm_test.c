/* SPDX-License-Identifier: ISC */
/*
 * storm_test.c - a storm of reports takes few associations, and few jobs at a
 * time
 */
#include "qmgr/queue/storm.h"

#include "qmgr/links/assoc.h"
#include "tests/unit/qmgr/link_bench.h"

#define REPORTS	 400
#define FEW_JOBS ((unsigned)3 * ASSOC_JOBS_MAX) /* of the storm */
#define WORKERS	 16
#define NOBODY	 "C=XX;A=X;S=Nobody"

static struct bench b;
static struct remote workers[WORKERS];
static unsigned count;

/* fail_many - submit messages of one originator behind the link that nobody
 * serves: a report on each goes there */
static void
fail_many(unsigned messages)
{
	const char *to = NOBODY;
	struct ipc_record record;
	struct p1_envelope e;

	while (messages-- > 0) {
		arena_reset(&b.h.arena);
		harness_envelope(&b.h, &e, 1, &to);
		e.originator = harness_name(&b.h, TO_ROME);
		remote_submit(&b.tool, harness_octets(&b.h, &e),
		    slice_of_string("text"), &record);
		ck_assert_int_eq(
		    record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	}
}

/* open_all - open all associations that are wanted */
static void
open_all(void)
{
	bench_open(&b, &workers[count++]);
	for (int i = 0; i < 20; i++) {
		harness_step(&b.h);
		if (!remote_accept(&b.h, b.listener, &workers[count]))
			continue;
		ck_assert_uint_lt(count, WORKERS - 1);
		remote_greet(&workers[count], IPC_ROLE_X400OUT, "rome");
		remote_event(&workers[count], IPC_LINK_BOUND, "");
		count++;
		i = 0;
	}
}

/* send_all - have the workers transfer what they were given; whether there was
 * anything */
static bool
send_all(void)
{
	struct ipc_record record;
	bool any = false;

	for (unsigned i = 0; i < count; i++)
		while (remote_try(&workers[i], &record)) {
			if (record.type != IPC_JOB)
				continue;
			remote_outcome(
			    &workers[i], record.job.job, IPC_TRANSFERRED);
			any = true;
		}
	harness_step(&b.h);
	return any;
}

/* Some reports go first, by an association for that; of the others no more are
 * at work than three associations take, and all leave. */
START_TEST(few_at_a_time)
{
	bench_init(&b, "rome");
	fail_many(REPORTS);
	ck_assert_uint_eq(harness_queued(&b.h), REPORTS);
	ck_assert(b.link->flood);
	open_all();
	/* Ordinary messages as many would have eight and more. */
	ck_assert_uint_le(count, 4);
	ck_assert_uint_le(b.link->active, FEW_JOBS + ASSOC_JOBS_MAX);
	for (int i = 0; i < 2000 && harness_queued(&b.h) > 0; i++) {
		(void)send_all();
		ck_assert_uint_le(b.link->active, FEW_JOBS + ASSOC_JOBS_MAX);
	}
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	harness_steps(&b.h, 3);
	/* The next message finds that it is over. */
	(void)bench_submit(&b, TO_ROME);
	harness_steps(&b.h, 3);
	ck_assert(!b.link->flood);
	while (count > 0)
		remote_close(&workers[--count]);
	bench_fini(&b);
}
END_TEST

/* Associations that other mail has opened are not filled by a storm. */
START_TEST(few_jobs_of_many)
{
	bench_init(&b, "rome");
	for (unsigned i = 0; i < REPORTS; i++)
		(void)bench_submit(&b, TO_ROME);
	open_all();
	ck_assert_uint_ge(count, 5);
	for (int i = 0; i < 2000 && harness_queued(&b.h) > 0; i++)
		(void)send_all();
	fail_many(REPORTS);
	harness_steps(&b.h, 20);
	ck_assert_uint_ge(b.link->active, FEW_JOBS);
	ck_assert_uint_le(b.link->active, FEW_JOBS + ASSOC_JOBS_MAX);
	/* Other mail goes beside it. */
	for (unsigned i = 0; i < ASSOC_JOBS_MAX; i++)
		(void)bench_submit(&b, TO_ROME);
	harness_steps(&b.h, 3);
	ck_assert_uint_ge(b.link->active, FEW_JOBS + ASSOC_JOBS_MAX);
	while (count > 0)
		remote_close(&workers[--count]);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/storm", TEST(few_at_a_time); TEST(few_jobs_of_many))
