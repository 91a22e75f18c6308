/* SPDX-License-Identifier: ISC */
/*
 * master_test.c - what master tells qmgr of workers
 */
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

/* master_open - open the channel of master's notices */
static void
master_open(struct harness *h, struct remote *master)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*master = (struct remote){.h = h};
	ck_assert_int_eq(ipc_channel_init(&master->channel, pair[0]), 0);
	ck_assert_ptr_nonnull(client_adopt(&h->qmgr, pair[1], CLIENT_MASTER));
}

/* Jobs that the qmgr before us gave its workers are given to nobody before
 * these have ended. */
START_TEST(workers_of_the_qmgr_before)
{
	struct bench b;
	struct remote master, worker;
	struct ipc_record record = {.type = IPC_WORKERS_LEFT};

	bench_init(&b, "rome");
	master_open(&b.h, &master);
	record.workers_left.name = slice_of_string("x400out/rome");
	record.workers_left.count = 2;
	remote_send(&master, &record);
	harness_step(&b.h);
	(void)bench_submit(&b, TO_ROME);
	record = (struct ipc_record){.type = IPC_WORKER_ENDED};
	for (int left = 2; left > 0; left--) {
		harness_steps(&b.h, 10);
		ck_assert(!remote_accept(&b.h, b.listener, &worker));
		record.worker_ended.name = slice_of_string("x400out/rome#1");
		remote_send(&master, &record);
	}
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_close(&worker);
	remote_close(&master);
	bench_fini(&b);
}
END_TEST

/* The end of a worker that was started since, to ping, is none of those that
 * are waited for. */
START_TEST(a_ping_beside_them)
{
	struct bench b;
	struct remote master, worker;
	struct ipc_record record = {.type = IPC_WORKERS_LEFT};

	bench_init(&b, "rome");
	master_open(&b.h, &master);
	record.workers_left.name = slice_of_string("x400out/rome");
	record.workers_left.count = 1;
	remote_send(&master, &record);
	harness_step(&b.h);
	record = (struct ipc_record){.type = IPC_WORKER_ENDED};
	record.worker_ended.name = slice_of_string("x400out/rome#2");
	record.worker_ended.pid =
	    harness_announce(&b.h, IPC_ROLE_X400OUT, "rome", 2);
	remote_send(&master, &record);
	(void)bench_submit(&b, TO_ROME);
	harness_steps(&b.h, 10);
	ck_assert(!remote_accept(&b.h, b.listener, &worker));
	record.worker_ended.name = slice_of_string("x400out/rome#1");
	record.worker_ended.pid = 1;
	remote_send(&master, &record);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_close(&worker);
	remote_close(&master);
	bench_fini(&b);
}
END_TEST

/* call - bind as the peer of Rome, which takes turns */
static void
call(struct harness *h, struct remote *in)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	remote_connect_as(h, in, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("MTA-ROME");
	record.bind_check.password = slice_of_string("pw-rome");
	record.bind_check.address = slice_of_string("127.0.0.1:4711");
	record.bind_check.references = references_of("ROME", "1", "");
	record.bind_check.two_way = true;
	remote_send(in, &record);
	remote_expect(in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	remote_send(in,
	    &(struct ipc_record){.type = IPC_LINK_EVENT,
		.link_event = {.state = IPC_LINK_BOUND,
		    .session = record.bind_answer.session,
		    .references = references_of("ROME", "1", ""),
		    .two_way = true}});
}

/* An association that the peer opens meanwhile, to take turns, gets no job
 * either. */
START_TEST(a_turn_beside_them)
{
	struct bench b;
	struct remote master, in;
	struct ipc_record record = {.type = IPC_WORKERS_LEFT};

	bench_init(&b, "rome");
	b.h.qmgr.conf->links[2].dialogue = CONF_DIALOGUE_TWO_WAY_ALTERNATE;
	ck_assert_str_eq(b.h.qmgr.conf->links[2].name, "rome");
	master_open(&b.h, &master);
	record.workers_left.name = slice_of_string("x400out/rome");
	record.workers_left.count = 1;
	remote_send(&master, &record);
	harness_step(&b.h);
	(void)bench_submit(&b, TO_ROME);
	call(&b.h, &in);
	remote_quiet(&in);
	record = (struct ipc_record){.type = IPC_WORKER_ENDED};
	record.worker_ended.name = slice_of_string("x400out/rome#1");
	remote_send(&master, &record);
	remote_expect(&in, IPC_JOB, &record);
	remote_close(&in);
	remote_close(&master);
	bench_fini(&b);
}
END_TEST

/* crash - say as master that a worker ended on a message */
static void
crash(struct harness *h, struct remote *master, uint64_t id)
{
	struct ipc_record record = {.type = IPC_WORKER_ENDED};

	record.worker_ended.name = slice_of_string("x400out/rome#1");
	record.worker_ended.status = -11;
	record.worker_ended.item = id;
	record.worker_ended.counted = true;
	record.worker_ended.text = slice_of_string("SIGSEGV");
	remote_send(master, &record);
	harness_steps(h, 5);
}

/* The third end of a process on a message quarantines it; the next goes. */
START_TEST(third_crash_quarantines)
{
	struct bench b;
	struct remote master, worker;
	struct ipc_record record;
	struct store_message message;
	uint64_t bad, good;

	bench_init(&b, "rome");
	master_open(&b.h, &master);
	bad = bench_submit(&b, TO_ROME);
	good = bench_submit(&b, TO_ROME);
	crash(&b.h, &master, bad);
	crash(&b.h, &master, bad);
	ck_assert_int_eq(store_message_get(b.h.qmgr.store, bad, STORE_HEAD,
			     &b.h.arena, &message),
	    0);
	ck_assert_uint_eq(message.crashes, 2);
	ck_assert_int_eq(message.state, STORE_READY);
	crash(&b.h, &master, bad);
	ck_assert_int_eq(store_message_get(b.h.qmgr.store, bad, STORE_HEAD,
			     &b.h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_QUARANTINED);
	ck_assert(harness_log_has(&b.h, "message quarantined"));
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, good);
	remote_quiet(&worker);
	remote_close(&worker);
	ipc_channel_fini(&master.channel);
	bench_fini(&b);
}
END_TEST

/* A service that crashes at its start is left alone for as long as master does
 * that, however far the clock was set between. */
START_TEST(throttled)
{
	static const struct {
		int64_t ahead; /* ms */
		uint64_t least, most;
	} rows[] = {
	    {20000, 10000, 20000}, {3600000, 50000, 60000}, {-3600000, 0, 0}};
	struct ipc_record record = {.type = IPC_THROTTLED};
	struct remote master;
	struct bench b;

	bench_init(&b, "rome");
	master_open(&b.h, &master);
	record.throttled.name = slice_of_string("x400out.rome");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t now = clock_monotonic(), until;

		record.throttled.until = clock_wall() + rows[i].ahead;
		remote_send(&master, &record);
		harness_steps(&b.h, 3);
		until = b.link->throttled_until;
		if (rows[i].most == 0) {
			ck_assert_uint_eq(until, 0);
			continue;
		}
		ck_assert_uint_ge(until, now + rows[i].least);
		ck_assert_uint_le(until, clock_monotonic() + rows[i].most);
	}
	remote_close(&master);
	bench_fini(&b);
}
END_TEST

/* tell_throttled - tell until when the link's service is not started */
static void
tell_throttled(struct bench *b, struct remote *master, int64_t ahead)
{
	struct ipc_record record = {.type = IPC_THROTTLED};

	record.throttled.name = slice_of_string("x400out.rome");
	record.throttled.until = ahead == 0 ? 0 : clock_wall() + ahead;
	remote_send(master, &record);
	harness_steps(&b->h, 3);
}

/* A link that waits for its service waits for as long as master says last, and
 * no longer. */
START_TEST(throttled_while_waiting)
{
	struct ipc_record record;
	struct remote master, worker;
	struct bench b;
	int64_t first;

	bench_init(&b, "rome");
	master_open(&b.h, &master);
	tell_throttled(&b, &master, 10000);
	(void)bench_submit(&b, TO_ROME);
	harness_steps(&b.h, 10);
	ck_assert_int_eq(b.link->state, LINK_WAITING);
	first = b.link->next_open;
	tell_throttled(&b, &master, 40000);
	ck_assert_int_eq(b.link->state, LINK_WAITING);
	ck_assert_int_gt(b.link->next_open, first);
	tell_throttled(&b, &master, 0);
	ck_assert_int_eq(b.link->state, LINK_CONNECTING);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	bench_drain(&b);
	remote_close(&worker);
	remote_close(&master);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/master", TEST(throttled), TEST(throttled_while_waiting),
    TEST(third_crash_quarantines), TEST(workers_of_the_qmgr_before),
    TEST(a_ping_beside_them), TEST(a_turn_beside_them))
