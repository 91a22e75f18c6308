/* SPDX-License-Identifier: ISC */
/*
 * suspect_test.c - messages in whose transfer an association ended
 */
#include "qmgr/sending/suspect.h"
#include "tests/unit/qmgr/link_bench.h"

#define COUNT 4

struct row {
	struct bench b;
	struct remote r;
	uint64_t id[COUNT];
};

/* row_init - queue messages that wait for one link */
static void
row_init(struct row *row, unsigned count)
{
	bench_init(&row->b, "paris");
	for (unsigned i = 0; i < count; i++)
		row->id[i] = bench_submit(&row->b, TO_PARIS);
	bench_open(&row->b, &row->r);
}

/* next - take the message that the worker is given */
static uint64_t
next(struct row *row, uint64_t *message)
{
	struct ipc_record record;

	remote_expect(&row->r, IPC_JOB, &record);
	*message = record.job.message;
	return record.job.job;
}

/* lose - end the association in the transfer of a job, of which the peer has
 * confirmed so much; another one is opened */
static void
lose(struct row *row, uint64_t job, uint64_t octets)
{
	struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = job,
		.result = IPC_INTERRUPTED,
		.doubtful = true,
		.diagnostic = -1,
		.octets = octets,
		.text = slice_of_string("lost")}};

	remote_send(&row->r, &record);
	remote_event(&row->r, IPC_LINK_LOST, "lost");
	harness_steps(&row->b.h, 5);
	remote_close(&row->r);
	bench_open(&row->b, &row->r);
}

/* record_of - read a message's record as it is now */
static struct store_message
record_of(struct row *row, uint64_t id)
{
	struct store_message message;

	ck_assert_int_eq(store_message_get(row->b.h.qmgr.store, id, STORE_HEAD,
			     &row->b.h.arena, &message),
	    0);
	return message;
}

/* row_fini - let the rest leave */
static void
row_fini(struct row *row)
{
	remote_close(&row->r);
	bench_fini(&row->b);
}

/* All that waited when it was lost goes before it, and then it goes itself. */
START_TEST(steps_back)
{
	struct row row;
	uint64_t job, message;

	row_init(&row, COUNT);
	job = next(&row, &message);
	ck_assert_uint_eq(message, row.id[0]);
	lose(&row, job, 0);
	ck_assert_uint_eq(record_of(&row, row.id[0]).attempts, 1);
	for (unsigned i = 1; i < COUNT; i++) {
		job = next(&row, &message);
		ck_assert_uint_eq(message, row.id[i]);
		remote_outcome(&row.r, job, IPC_TRANSFERRED);
	}
	job = next(&row, &message);
	ck_assert_uint_eq(message, row.id[0]);
	/* others have passed: the first loss was its own */
	lose(&row, job, 0);
	ck_assert_uint_eq(record_of(&row, row.id[0]).transfer_attempts, 1);
	ck_assert_uint_eq(record_of(&row, row.id[0]).attempts, 1);
	row_fini(&row);
}
END_TEST

/* Where nothing else waits it goes again at once. */
START_TEST(alone)
{
	struct row row;
	uint64_t job, message;

	row_init(&row, 1);
	job = next(&row, &message);
	lose(&row, job, 0);
	job = next(&row, &message);
	ck_assert_uint_eq(message, row.id[0]);
	lose(&row, job, 0);
	ck_assert_uint_eq(record_of(&row, message).attempts, 2);
	ck_assert_uint_eq(record_of(&row, message).transfer_attempts, 0);
	row_fini(&row);
}
END_TEST

/* Three that are lost in a row are lost by the line. */
START_TEST(line_is_to_blame)
{
	struct row row;
	uint64_t job, message;

	row_init(&row, COUNT);
	for (unsigned i = 0; i < 2; i++) {
		job = next(&row, &message);
		ck_assert_uint_eq(message, row.id[i]);
		lose(&row, job, 0);
		ck_assert(suspect_find(row.b.link, row.id[i])->pending);
	}
	job = next(&row, &message);
	ck_assert_uint_eq(message, row.id[2]);
	remote_outcome(&row.r, job, IPC_INTERRUPTED);
	harness_steps(&row.b.h, 5);
	for (unsigned i = 0; i < 3; i++)
		ck_assert(!suspect_find(row.b.link, row.id[i])->pending);
	row_fini(&row);
}
END_TEST

/* A try that got further than any before counts against nobody. */
START_TEST(one_that_gets_further)
{
	struct row row;
	uint64_t job, message;

	row_init(&row, 1);
	job = next(&row, &message);
	lose(&row, job, 1000);
	ck_assert_uint_eq(record_of(&row, row.id[0]).attempts, 0);
	job = next(&row, &message);
	lose(&row, job, 2000);
	ck_assert_uint_eq(record_of(&row, row.id[0]).attempts, 0);
	/* the same octets again: it got no further */
	job = next(&row, &message);
	remote_outcome(&row.r, job, IPC_INTERRUPTED);
	harness_steps(&row.b.h, 5);
	ck_assert_uint_eq(record_of(&row, row.id[0]).attempts, 1);
	row_fini(&row);
}
END_TEST

/* A suspect is known from its record: it steps back after a restart too. */
START_TEST(after_a_restart)
{
	struct row row;
	uint64_t job, message;

	row_init(&row, 2);
	job = next(&row, &message);
	lose(&row, job, 0);
	bench_reopen(&row.b);
	ipc_channel_fini(&row.r.channel);
	bench_open(&row.b, &row.r);
	job = next(&row, &message);
	ck_assert_uint_eq(message, row.id[1]);
	remote_outcome(&row.r, job, IPC_TRANSFERRED);
	next(&row, &message);
	ck_assert_uint_eq(message, row.id[0]);
	row_fini(&row);
}
END_TEST

/* More than are remembered: the oldest is like any other again. */
START_TEST(too_many)
{
	struct bench b;

	bench_init(&b, "paris");
	for (uint64_t id = 1; id <= SUSPECTS_MAX + 1; id++)
		ck_assert_ptr_nonnull(
		    suspect_note(b.link, id, STORE_NORMAL, 0, SUSPECT_COUNTED));
	ck_assert_ptr_null(suspect_find(b.link, 1));
	ck_assert_ptr_nonnull(suspect_find(b.link, 2));
	suspect_forget(b.link, 2);
	ck_assert_ptr_null(suspect_find(b.link, 2));
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/suspect", TEST(steps_back), TEST(alone), TEST(line_is_to_blame),
    TEST(one_that_gets_further), TEST(after_a_restart), TEST(too_many))
