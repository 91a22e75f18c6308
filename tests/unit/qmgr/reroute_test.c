/* SPDX-License-Identifier: ISC */
/*
 * reroute_test.c - a message that takes another route keeps its number
 */
#include "qmgr/links/link.h"
#include "tests/unit/qmgr/link_bench.h"

static const char content[8000];

/* ask - ask for a change, and let it be done */
static void
ask(struct bench *b, const char *command, const char *what)
{
	bench_ask(b, command, what);
	harness_steps(&b->h, 10);
}

/* link_of - tell for which link a message is queued; NULL: it is not */
static const char *
link_of(struct bench *b, uint64_t id)
{
	struct store_message message;
	const struct link *link;

	arena_reset(&b->h.arena);
	if (store_message_get(
		b->h.qmgr.store, id, STORE_HEAD, &b->h.arena, &message) != 0)
		return NULL;
	link = link_get(&b->h.qmgr.links, message.link);
	return link->name;
}

/* submit - submit a message with a content that is apart; its queue id */
static uint64_t
submit(struct bench *b, size_t count, const char *const *to)
{
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(&b->h, &e, count, to);
	remote_submit(&b->tool, harness_octets(&b->h, &e),
	    slice_of(content, sizeof(content)), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* take - take a job for a message, have it transferred */
static void
take(struct bench *b, struct remote *worker, uint64_t id)
{
	struct ipc_record record;

	remote_expect(worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ck_assert_uint_eq(record.job.content_length, sizeof(content));
	remote_outcome(worker, record.job.job, IPC_TRANSFERRED);
	harness_steps(&b->h, 10);
}

/* A number that the new link is past by far is found again, also while the
 * number behind it is under way. */
START_TEST(a_number_is_kept)
{
	static const char *const lyon[] = {TO_LYON},
				 *const paris[] = {TO_PARIS};
	struct bench b;
	struct remote worker;
	struct ipc_record record;
	uint64_t moved, behind;

	bench_init(&b, "paris");
	moved = submit(&b, 1, lyon);
	behind = submit(&b, 1, paris);
	ck_assert_str_eq(link_of(&b, moved), "lyon");
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, behind);
	ask(&b, "disable", "lyon");
	ck_assert_str_eq(link_of(&b, moved), "paris");
	take(&b, &worker, moved);
	ck_assert_ptr_null(link_of(&b, moved));
	remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	bench_drain(&b);
	/* The next message has a number of its own. */
	ck_assert_uint_eq(submit(&b, 1, paris), behind + 1);
	take(&b, &worker, behind + 1);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* Of the copies of a message whose recipients part one keeps the number, and
 * they have their content beyond it. */
START_TEST(copies_that_part)
{
	static const char *const to[] = {TO_PARIS, TO_LYON, TO_PARIS};
	struct bench b;
	struct remote worker;
	uint64_t id, other;

	bench_init(&b, "paris");
	ask(&b, "disable", "lyon");
	id = submit(&b, 3, to);
	other = submit(&b, 1, to);
	ck_assert_str_eq(link_of(&b, id), "paris");
	ask(&b, "enable", "lyon");
	bench_ask_id(&b, "reroute", id);
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(harness_queued(&b.h), 3);
	ck_assert_str_eq(link_of(&b, id), "paris");
	ck_assert_str_eq(link_of(&b, other), "paris");
	ck_assert_str_eq(link_of(&b, other + 1), "lyon");
	/* The first goes first still. */
	bench_open(&b, &worker);
	take(&b, &worker, id);
	take(&b, &worker, other);
	ask(&b, "disable", "lyon");
	take(&b, &worker, other + 1);
	bench_drain(&b);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/reroute", TEST(a_number_is_kept); TEST(copies_that_part))
