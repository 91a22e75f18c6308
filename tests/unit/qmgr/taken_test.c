/* SPDX-License-Identifier: ISC */
/*
 * taken_test.c - what the workers of a qmgr that ended tell the next one
 */
#include <sys/socket.h>

#include "tests/references.h"
#include "tests/unit/qmgr/batch_bench.h"

/* die - end the queue manager before it has heard what its worker sent */
static void
die(struct bench *b, struct remote *worker)
{
	bench_reopen(b);
	remote_close(worker);
}

/* tell - report that the peer took this message by this name */
static void
tell(struct remote *r, uint64_t message, uint64_t activity, const char *name)
{
	remote_send(r,
	    &(struct ipc_record){.type = IPC_TAKEN,
		.taken = {.message = message,
		    .name = {.activity = activity,
			.references = references_of(
			    "MTA-TEST", "261127091831Z", name)}}});
}

/* told - wait until the queue manager has committed all and closes */
static void
told(struct remote *r)
{
	ck_assert_int_eq(shutdown(r->channel.fd, SHUT_WR), 0);
	remote_dropped(r);
}

/* It leaves the queue, and is not handed out any more. */
START_TEST(leaves)
{
	struct remote worker, reporter, next;
	struct bench b;
	uint64_t ids[3];

	batch_bench_begin(&b, &worker, ids, 3);
	for (unsigned i = 0; i < 3; i++)
		(void)batch_bench_take(&worker, ids[i], i + 1);
	die(&b, &worker);
	remote_connect_as(&b.h, &reporter, IPC_ROLE_REPORTER, "rome");
	tell(&reporter, ids[0], 1, "1");
	tell(&reporter, ids[1], 2, "1");
	told(&reporter);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	ck_assert(harness_log_has(&b.h, "message sent"));
	bench_open_by(&b, &next, "2");
	remote_outcome(&next, batch_bench_take_old(&next, ids[2], 1, "1", 3),
	    IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	remote_close(&next);
	bench_fini(&b);
}
END_TEST

/* What bears another name stays: a word of long ago, or a lie. */
START_TEST(another_name)
{
	struct remote worker, reporter, next;
	struct bench b;
	uint64_t id;

	batch_bench_begin(&b, &worker, &id, 1);
	(void)batch_bench_take(&worker, id, 1);
	die(&b, &worker);
	remote_connect_as(&b.h, &reporter, IPC_ROLE_REPORTER, "rome");
	tell(&reporter, id, 2, "1");
	tell(&reporter, id, 1, "2");
	tell(&reporter, id + 1, 1, "1");
	tell(&reporter, 0, 0, "");
	told(&reporter);
	bench_open_by(&b, &next, "2");
	(void)batch_bench_take_old(&next, id, 1, "1", 1);
	remote_close(&next);
	bench_fini(&b);
}
END_TEST

/* What is at work again is asked for, and told by who asked. */
START_TEST(at_work)
{
	struct remote worker, reporter, next;
	struct bench b;
	uint64_t id, job;

	batch_bench_begin(&b, &worker, &id, 1);
	(void)batch_bench_take(&worker, id, 1);
	die(&b, &worker);
	bench_open_by(&b, &next, "2");
	job = batch_bench_take_old(&next, id, 1, "1", 1);
	remote_connect_as(&b.h, &reporter, IPC_ROLE_REPORTER, "rome");
	tell(&reporter, id, 1, "1");
	told(&reporter);
	ck_assert_uint_eq(harness_queued(&b.h), 1);
	remote_outcome(&next, job, IPC_TRANSFERRED);
	batch_bench_none_left(&b);
	ck_assert_uint_eq(harness_queued(&b.h), 0);
	remote_close(&next);
	bench_fini(&b);
}
END_TEST

/* Who says so may say nothing else. */
START_TEST(nothing_else)
{
	struct remote reporter;
	struct bench b;

	bench_init(&b, "rome");
	remote_connect_as(&b.h, &reporter, IPC_ROLE_REPORTER, "rome");
	remote_send(&reporter,
	    &(struct ipc_record){.type = IPC_LINK_EVENT,
		.link_event = {.state = IPC_LINK_BOUND}});
	remote_dropped(&reporter);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/taken", TEST(leaves), TEST(another_name), TEST(at_work),
    TEST(nothing_else))
