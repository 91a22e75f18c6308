/* SPDX-License-Identifier: ISC */
/*
 * master_test.c - what master tells qmgr of workers
 */
#include "tests/unit/qmgr/harness.h"

#define TO_ROME "C=IT;A=GARR;S=Rossi"

/* master_open - the channel of master's notices */
static void
master_open(struct harness *h, struct remote *master)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*master = (struct remote){.h = h};
	ck_assert_int_eq(ipc_channel_init(&master->channel, pair[0]), 0);
	ck_assert_ptr_nonnull(peer_adopt(&h->qmgr, pair[1], PEER_MASTER));
}

/* What the qmgr before us gave its workers is given to nobody before they
 * have ended. */
START_TEST(workers_of_the_qmgr_before)
{
	struct harness h;
	struct remote tool, master, worker;
	struct ipc_record record = {.type = IPC_THROTTLED};
	int rome;

	harness_init(&h);
	rome = service_listen(&h, "x400out.rome");
	master_open(&h, &master);
	record.throttled.name = slice_of_string("x400out/rome");
	record.throttled.left = 2;
	remote_send(&master, &record);
	client_open(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)submit_to(&h, &tool, TO_ROME);
	record = (struct ipc_record){.type = IPC_WORKER_ENDED};
	for (int left = 2; left > 0; left--) {
		for (int i = 0; i < 10; i++)
			harness_turn(&h);
		ck_assert(!service_try(&h, rome, &worker));
		record.worker_ended.name = slice_of_string("x400out/rome#1");
		remote_send(&master, &record);
	}
	remote_open(&h, rome, "rome", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_close(&worker);
	remote_close(&tool);
	remote_close(&master);
	close(rome);
	harness_fini(&h);
}
END_TEST

/* crash - master says that a worker ended on a message */
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
	for (int i = 0; i < 5; i++)
		harness_turn(h);
}

/* The third end of a process on a message quarantines it; the next goes. */
START_TEST(third_crash_quarantines)
{
	struct harness h;
	struct remote tool, master, worker;
	struct ipc_record record;
	struct store_message message;
	uint64_t bad, good;
	int rome;

	harness_init(&h);
	rome = service_listen(&h, "x400out.rome");
	master_open(&h, &master);
	client_open(&h, &tool, IPC_ROLE_TOOL, "x4send");
	bad = submit_to(&h, &tool, TO_ROME);
	good = submit_to(&h, &tool, TO_ROME);
	crash(&h, &master, bad);
	crash(&h, &master, bad);
	ck_assert_int_eq(store_message_get(
			     h.qmgr.store, bad, STORE_HEAD, &h.arena, &message),
	    0);
	ck_assert_uint_eq(message.crashes, 2);
	ck_assert_int_eq(message.state, STORE_READY);
	crash(&h, &master, bad);
	ck_assert_int_eq(store_message_get(
			     h.qmgr.store, bad, STORE_HEAD, &h.arena, &message),
	    0);
	ck_assert_int_eq(message.state, STORE_QUARANTINED);
	ck_assert(harness_log_has(&h, "message quarantined"));
	remote_open(&h, rome, "rome", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, good);
	remote_quiet(&worker);
	remote_close(&worker);
	remote_close(&tool);
	ipc_channel_fini(&master.channel);
	close(rome);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/master", TEST(third_crash_quarantines),
    TEST(workers_of_the_qmgr_before))
