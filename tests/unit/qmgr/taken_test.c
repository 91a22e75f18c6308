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

/* A message that the peer had taken leaves the queue, and is not handed out any
 * more. */
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

/* A message that bears another name stays: the word is of long ago, or a
 * lie. */
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

/* A message that is at work again is asked for by its new worker, whose word
 * counts. */
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

/* A worker that reports what was taken may say nothing else. */
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

/* A peer that has called, with what proves its session to the next qmgr. */
struct called {
	struct remote worker;
	uint64_t session;
	uint8_t token[IPC_TOKEN_MAX];
	size_t token_len;
};

/* bind_two_way - let a peer call that takes messages on its association */
static void
bind_two_way(
    struct harness *h, struct called *c, const char *name, const char *password)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK,
	    .bind_check = {.address = slice_of_string("127.0.0.1:4711"),
		.references = references_of(name, "261127091831Z", ""),
		.two_way = true,
		.authenticated = true,
		.name = slice_of_string(name),
		.password = slice_of_string(password)}};

	remote_connect_as(h, &c->worker, IPC_ROLE_X400IN, "1");
	remote_send(&c->worker, &record);
	remote_expect(&c->worker, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	c->session = record.bind_answer.session;
	c->token_len = record.bind_answer.token.len;
	ck_assert_uint_gt(c->token_len, 0);
	memcpy(c->token, record.bind_answer.token.data, c->token_len);
	remote_send(&c->worker,
	    &(struct ipc_record){.type = IPC_LINK_EVENT,
		.link_event = {.state = IPC_LINK_BOUND,
		    .session = c->session,
		    .two_way = true,
		    .references = references_of(name, "261127091831Z", "")}});
}

/* report_as_called - connect as a worker of calls that reports, and tell of a
 * session, unless that is NULL */
static void
report_as_called(struct harness *h, struct remote *r, const struct called *c)
{
	const struct ipc_hello hello =
	    harness_hello(harness_announce(h, IPC_ROLE_X400IN, "", 0),
		IPC_ROLE_REPORTER, "", 0);
	struct ipc_record record;

	remote_connect(h, r, CLIENT_QMGR_SOCKET);
	ck_assert_int_eq(ipc_channel_introduce(&r->channel, &hello), 0);
	ck_assert_int_eq(ipc_channel_flush(&r->channel), 0);
	remote_expect(r, IPC_HELLO, &record);
	if (c != NULL)
		remote_send(r,
		    &(struct ipc_record){.type = IPC_SESSION_CLAIM,
			.session_claim = {.session = c->session,
			    .token = slice_of(c->token, c->token_len)}});
}

/* tell_paris - report what the peer of that link took */
static void
tell_paris(struct remote *r, uint64_t message)
{
	remote_send(r,
	    &(struct ipc_record){.type = IPC_TAKEN,
		.taken = {.message = message,
		    .name = {.activity = 1,
			.references =
			    references_of("MTA-PARIS", "261127091831Z", "")}}});
}

/* A worker that was called speaks for the link of its own session, and for no
 * other. */
START_TEST(only_for_its_own_link)
{
	struct called paris, rome, liar;
	struct remote tool, reporter;
	struct ipc_record record;
	struct harness h;
	uint64_t id;

	harness_init(&h);
	for (unsigned i = 0; i < 3; i++)
		h.qmgr.conf->links[i].dialogue =
		    CONF_DIALOGUE_TWO_WAY_ALTERNATE;
	bind_two_way(&h, &paris, "MTA-PARIS", "pw-paris");
	bind_two_way(&h, &rome, "MTA-ROME", "pw-rome");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "test");
	id = remote_submit_to(&h, &tool, TO_PARIS);
	remote_expect(&paris.worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ck_assert_uint_eq(record.job.activity, 1);
	harness_close(&h);
	remote_close(&tool);
	remote_close(&paris.worker);
	remote_close(&rome.worker);
	harness_open(&h);
	for (unsigned i = 0; i < 3; i++)
		h.qmgr.conf->links[i].dialogue =
		    CONF_DIALOGUE_TWO_WAY_ALTERNATE;
	liar = paris;
	liar.token[0]++;
	for (unsigned i = 0; i < 3; i++) {
		report_as_called(&h, &reporter,
		    i == 0	 ? NULL
			: i == 1 ? &liar
				 : &rome);
		tell_paris(&reporter, id);
		remote_dropped(&reporter);
		ck_assert_uint_eq(harness_queued(&h), 1);
	}
	report_as_called(&h, &reporter, &paris);
	tell_paris(&reporter, id);
	told(&reporter);
	ck_assert_uint_eq(harness_queued(&h), 0);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/taken", TEST(leaves), TEST(another_name), TEST(at_work),
    TEST(nothing_else), TEST(only_for_its_own_link))
