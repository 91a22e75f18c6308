/* SPDX-License-Identifier: ISC */
/*
 * drain_test.c - a queue that takes nothing new, and is emptied
 */
#include "mhs/bind.h"
#include "qmgr/drain.h"
#include "qmgr/links/link.h"
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

/* tick - let a second pass for the drain, with a walk */
static void
tick(struct bench *b)
{
	drain_tick(&b->h.qmgr);
	harness_steps(&b->h, 30);
}

/* queued - count what is queued for a link */
static uint64_t
queued(struct bench *b, const char *name)
{
	return store_link_total(
	    b->h.qmgr.store, harness_link(&b->h, name)->number)
	    .messages;
}

/* refused - check that a command is refused, with these words */
static void
refused(struct bench *b, const char *command, const char *argument,
    const char *words)
{
	struct slice arguments[] = {slice_of_string(argument)};
	struct ipc_record record = {.type = IPC_REQUEST,
	    .request = {.command = slice_of_string(command),
		.arguments = arguments,
		.argument_count = 1}};

	remote_send(&b->tool, &record);
	remote_expect(&b->tool, IPC_DONE, &record);
	ck_assert_int_ne(record.done.status, 0);
	ck_assert_msg(memmem(record.done.text.data, record.done.text.len, words,
			  strlen(words)) != NULL,
	    "%.*s", (int)record.done.text.len, record.done.text.data);
}

/* drain - drain to a link */
static void
drain(struct bench *b, const char *to)
{
	bench_ask(b, "drain", to);
	tick(b);
}

/* take_off - end the draining */
static void
take_off(struct bench *b)
{
	bench_ask(b, "drain-off", "");
	ck_assert(harness_log_has(&b->h, " 20345 "));
}

/* try_submit - submit, and tell how that was answered */
static enum ipc_submit_result
try_submit(struct bench *b, struct remote *client)
{
	static const char *const to[] = {TO_LYON};
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(&b->h, &e, 1, to);
	remote_submit(
	    client, harness_octets(&b->h, &e), slice_of("x", 1), &record);
	return record.submit_answer.result;
}

/* call - call as paris; the bind error, or -1 where it is accepted */
static int
call(struct bench *b, struct remote *caller)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};
	struct ipc_bind_check *check = &record.bind_check;

	remote_connect_as(&b->h, caller, IPC_ROLE_X400IN, "");
	check->name = slice_of_string("MTA-PARIS");
	check->password = slice_of_string("pw-paris");
	check->authenticated = true;
	check->address = slice_of_string("127.0.0.1:4711");
	check->references = references_of("1", "261130120000Z", "");
	remote_send(caller, &record);
	remote_expect(caller, IPC_BIND_ANSWER, &record);
	return record.bind_answer.accepted ? -1 : record.bind_answer.bind_error;
}

/* try_call - call likewise, and hang up */
static int
try_call(struct bench *b)
{
	struct remote caller;
	int error = call(b, &caller);

	remote_close(&caller);
	return error;
}

/* Nothing new enters, from whoever, until it is taken back; also after a
 * restart. */
START_TEST(takes_nothing_new)
{
	struct bench b;

	bench_init(&b, "paris");
	ck_assert_int_eq(try_submit(&b, &b.tool), IPC_SUBMIT_ACCEPTED);
	ck_assert_int_eq(try_call(&b), -1);
	bench_ask(&b, "drain", "rome");
	ck_assert_int_eq(try_submit(&b, &b.tool), IPC_SUBMIT_UNAVAILABLE);
	ck_assert_int_eq(try_call(&b), BIND_ERROR_BUSY);
	bench_reopen(&b);
	ck_assert_int_eq(try_submit(&b, &b.tool), IPC_SUBMIT_UNAVAILABLE);
	ck_assert_int_eq(try_call(&b), BIND_ERROR_BUSY);
	tick(&b);
	ck_assert(harness_log_has(&b.h, " 20343 "));
	ck_assert(harness_log_has(&b.h, " to=rome left="));
	take_off(&b);
	ck_assert_int_eq(try_submit(&b, &b.tool), IPC_SUBMIT_ACCEPTED);
	ck_assert_int_eq(try_call(&b), -1);
	bench_fini(&b);
}
END_TEST

/* What waits for peers goes to the link, but for what is held, at work, or for
 * a postoffice; then it is empty, and says so. */
START_TEST(hands_on_what_waits)
{
	struct bench b;
	struct remote worker;
	struct ipc_record at_work;
	uint64_t held;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &at_work);
	for (int i = 0; i < 50; i++)
		(void)bench_submit(&b, TO_LYON);
	held = bench_submit(&b, TO_LYON);
	bench_ask_id(&b, "hold", held);
	(void)bench_submit(&b, "C=DE;A=VIAT;P=ACME;O=PO1;S=Weber");
	drain(&b, "rome");
	/* A step lasts some ms, whatever it does in them. */
	for (int i = 0; i < 1000 && queued(&b, "rome") < 50; i++)
		harness_step(&b.h);
	ck_assert_uint_eq(queued(&b, "rome"), 50);
	ck_assert_uint_eq(queued(&b, "lyon"), 1);
	ck_assert_uint_eq(queued(&b, "paris"), 1);
	ck_assert_uint_eq(queued(&b, "msmail/po1"), 1);
	ck_assert_uint_eq(drain_state(&b.h.qmgr).left, 52);
	ck_assert_uint_eq(drain_state(&b.h.qmgr).held, 1);
	remote_outcome(&worker, at_work.job.job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(queued(&b, "paris"), 0);
	remote_quiet(&worker);
	take_off(&b);
	bench_ask_id(&b, "release", held);
	ck_assert_uint_eq(queued(&b, "lyon"), 1);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* An association that brings new mail ends, also one that was being opened. */
START_TEST(callers_are_ended)
{
	struct ipc_record record,
	    bound = {.type = IPC_LINK_EVENT,
		.link_event = {.state = IPC_LINK_BOUND}};
	struct remote first, second;
	struct bench b;

	bench_init(&b, "paris");
	ck_assert_int_eq(call(&b, &first), -1);
	ck_assert_int_eq(call(&b, &second), -1);
	remote_send(&first, &bound);
	harness_steps(&b.h, 5);
	bench_ask(&b, "drain", "rome");
	remote_expect(&first, IPC_RETIRE, &record);
	remote_quiet(&second);
	remote_send(&second, &bound);
	tick(&b);
	remote_expect(&second, IPC_RETIRE, &record);
	remote_close(&first);
	remote_close(&second);
	bench_fini(&b);
}
END_TEST

/* What waits for the time that its originator chose goes at once, and waits at
 * the sibling: the time goes along. */
START_TEST(deferred_delivery)
{
	static const char *const to[] = {TO_LYON};
	struct p1_envelope e, sent;
	struct ipc_record record;
	struct remote worker;
	struct bench b;
	int64_t time = clock_wall() / 1000 + 3600;

	bench_init(&b, "rome");
	harness_envelope(&b.h, &e, 1, to);
	e.deferred_time = time;
	remote_submit(
	    &b.tool, harness_octets(&b.h, &e), slice_of("x", 1), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	ck_assert_uint_eq(
	    store_link_state(b.h.qmgr.store, harness_link(&b.h, "lyon")->number,
		STORE_DEFERRED, STORE_NORMAL)
		.messages,
	    1);
	drain(&b, "rome");
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	harness_job_envelope(&b.h, &record.job, MTS_MESSAGE, &sent);
	ck_assert_int_eq(sent.deferred_time, time);
	remote_outcome(&worker, record.job.job, IPC_TRANSFERRED);
	harness_steps(&b.h, 10);
	ck_assert_uint_eq(drain_state(&b.h.qmgr).left, 0);
	tick(&b);
	ck_assert(harness_log_has(&b.h, " 20344 "));
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

/* A link that cannot have it is refused. */
START_TEST(bad_links)
{
	struct bench b;

	bench_init(&b, "paris");
	refused(&b, "drain", "nowhere", "no such link");
	refused(&b, "drain", "msmail/po1", "not a link to an MTA");
	bench_ask(&b, "disable", "rome");
	refused(&b, "drain", "rome", "does not work");
	refused(&b, "draining", "", "not drained");
	bench_fini(&b);
}
END_TEST

/* Where nothing is left that is told once, and again if more came. */
START_TEST(says_when_empty)
{
	struct bench b;

	bench_init(&b, "paris");
	bench_ask(&b, "drain", "rome");
	tick(&b);
	ck_assert(harness_log_has(&b.h, " 20344 "));
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/drain", TEST(takes_nothing_new); TEST(hands_on_what_waits);
	  TEST(bad_links); TEST(callers_are_ended); TEST(deferred_delivery);
	  TEST(says_when_empty))
