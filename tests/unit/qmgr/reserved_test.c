/* SPDX-License-Identifier: ISC */
/*
 * reserved_test.c - the association that is reserved for urgent messages
 */
#include "tests/unit/qmgr/link_bench.h"

/* submit_urgent - submit an urgent message to the link */
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

/*
 * If the ordinary association is lost and the reserved one is left, what waits
 * gets another ordinary one.  The room of the reserved one was counted, and the
 * link stood still for association-lifetime.
 */
START_TEST(others_are_not_forgotten)
{
	struct remote ordinary, reserved, next;
	struct ipc_record record;
	struct bench b;
	uint64_t message;

	bench_init(&b, "paris");
	message = bench_submit(&b, TO_PARIS);
	bench_open(&b, &ordinary);
	remote_expect(&ordinary, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	submit_urgent(&b);
	bench_open(&b, &reserved);
	remote_expect(&reserved, IPC_JOB, &record);
	remote_outcome(&reserved, record.job.job, IPC_TRANSFERRED);
	remote_close(&ordinary);
	bench_open(&b, &next);
	remote_expect(&next, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, message);
	remote_outcome(&next, record.job.job, IPC_TRANSFERRED);
	bench_drain(&b);
	remote_close(&next);
	remote_close(&reserved);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/reserved", TEST(others_are_not_forgotten))
