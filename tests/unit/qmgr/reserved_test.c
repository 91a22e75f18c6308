/* SPDX-License-Identifier: ISC */
/*
 * reserved_test.c - the association that is reserved for urgent messages
 */
#include "tests/unit/qmgr/link_bench.h"

/* submit_urgent - submit an urgent message for paris */
static void
submit_urgent(struct bench *b)
{
	const char *to = TO_PARIS;
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(&b->h, &e, 1, &to);
	e.priority = P1_URGENT;
	remote_submit(&b->tool, harness_octets(&b->h, &e),
	    slice_of_string("content"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
}

/* Where the association for urgent messages is the only one that is left it
 * takes all: an ordinary message would wait beside it, until it is lost. */
START_TEST(reserved_is_left)
{
	struct bench b;
	struct remote first, urgent;
	struct ipc_record record;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &first);
	remote_expect(&first, IPC_JOB, &record);
	submit_urgent(&b);
	bench_open(&b, &urgent);
	remote_expect(&urgent, IPC_JOB, &record);
	remote_outcome(&urgent, record.job.job, IPC_TRANSFERRED);
	harness_steps(&b.h, 5);
	ck_assert(TAILQ_LAST(&b.link->assocs, assoc_list)->urgent);
	remote_close(&first);
	/* The messages that the other had been given, and those that come. */
	remote_expect(&urgent, IPC_JOB, &record);
	(void)bench_submit(&b, TO_PARIS);
	remote_expect(&urgent, IPC_JOB, &record);
	remote_close(&urgent);
	bench_fini(&b);
}
END_TEST

/* The room of that association opens no further one the later. */
START_TEST(reserved_has_no_room)
{
	struct bench b;
	struct remote first, urgent, third;
	struct ipc_record record;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &first);
	submit_urgent(&b);
	bench_open(&b, &urgent);
	remote_expect(&urgent, IPC_JOB, &record);
	/* threshold 2: with so many more than a batch a second one is due */
	for (int i = 0; i < ASSOC_JOBS_MAX + 1; i++)
		(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &third);
	remote_close(&third);
	remote_close(&urgent);
	remote_close(&first);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/reserved", TEST(reserved_is_left), TEST(reserved_has_no_room))
