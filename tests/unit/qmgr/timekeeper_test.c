/* SPDX-License-Identifier: ISC */
/*
 * timekeeper_test.c - which clock is believed, and what waits while none is
 */
#include "qmgr/engine/doubt.h"
#include "qmgr/sending/batches.h"
#include "qmgr/sweep.h"
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define NOW  INT64_C(1800000000000)
#define MONO UINT64_C(5000000)

/* The clock at a start, against the newest time of the queue. */
static const struct {
	int64_t newest, wall;
	bool believed;
} starts[] = {
    {0, NOW, true},
    {NOW, NOW, true},
    {NOW, NOW + DAY - 1, true},
    {NOW, NOW + DAY + 1, false},
    {NOW, NOW + 10 * DAY, false},
    {NOW, NOW - HOUR + 1, true},
    {NOW, NOW - HOUR - 1, false},
    {NOW, NOW - 10 * DAY, false},
    {NOW, 0, false},
};

START_TEST(at_a_start)
{
	struct timekeeper time;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		ck_assert_msg(timekeeper_start(&time, starts[i].newest,
				  starts[i].wall, MONO) == starts[i].believed,
		    "start %zu", i);
}
END_TEST

/* A clock that is set to what was expected ends the doubt by itself, as when
 * a machine without a battery learns the time from its network. */
START_TEST(set_right)
{
	struct timekeeper time;

	ck_assert(!timekeeper_start(&time, NOW, 0, MONO));
	for (unsigned i = 1; i < 5000; i++)
		ck_assert_int_eq(timekeeper_tick(&time, i * 1000,
				     MONO + i * 1000, CLOCK_FREE),
		    TIMEKEEPER_SAME);
	ck_assert_int_eq(
	    timekeeper_tick(&time, NOW + 2 * HOUR, MONO + 5000000, CLOCK_FREE),
	    TIMEKEEPER_EXPECTED);
	ck_assert(!timekeeper_doubts(&time));
}
END_TEST

/* After a long weekend nobody is needed, if the system vouches for its clock
 * for ten minutes without a break. */
START_TEST(vouched_for)
{
	struct timekeeper time;
	uint64_t at = 0;

	ck_assert(!timekeeper_start(&time, NOW, NOW + 4 * DAY, MONO));
	for (; at < 599; at++)
		ck_assert_int_eq(
		    timekeeper_tick(&time, NOW + 4 * DAY + (int64_t)at * 1000,
			MONO + at * 1000, CLOCK_SYNCHRONIZED),
		    TIMEKEEPER_SAME);
	ck_assert_int_eq(
	    timekeeper_tick(&time, NOW + 4 * DAY, MONO + at * 1000, CLOCK_FREE),
	    TIMEKEEPER_SAME);
	for (unsigned i = 0; i < 600; i++, at++)
		ck_assert_int_eq(
		    timekeeper_tick(&time, NOW + 4 * DAY + (int64_t)at * 1000,
			MONO + at * 1000, CLOCK_SYNCHRONIZED),
		    TIMEKEEPER_SAME);
	ck_assert_int_eq(timekeeper_tick(&time, NOW + 4 * DAY, MONO + at * 1000,
			     CLOCK_SYNCHRONIZED),
	    TIMEKEEPER_SYNCHRONIZED);
	ck_assert(!timekeeper_doubts(&time));
}
END_TEST

/* While we run an hour is a jump, either way; small steps are none. */
START_TEST(jumps)
{
	struct timekeeper time;

	ck_assert(timekeeper_start(&time, NOW, NOW, MONO));
	ck_assert_int_eq(timekeeper_tick(&time, NOW + HOUR / 2, MONO + 1000,
			     CLOCK_SYNCHRONIZED),
	    TIMEKEEPER_SAME);
	ck_assert_int_eq(timekeeper_tick(&time, NOW + 2 * HOUR, MONO + 2000,
			     CLOCK_SYNCHRONIZED),
	    TIMEKEEPER_JUMPED);
	ck_assert_int_eq(
	    timekeeper_off(&time, NOW + 2 * HOUR, MONO + 1000), HOUR * 3 / 2);
	ck_assert_int_eq(
	    timekeeper_tick(&time, NOW + HOUR, MONO + 3000, CLOCK_FREE),
	    TIMEKEEPER_EXPECTED);
	ck_assert_int_eq(
	    timekeeper_tick(&time, NOW - HOUR, MONO + 4000, CLOCK_FREE),
	    TIMEKEEPER_JUMPED);
	timekeeper_confirm(&time, NOW - HOUR, MONO + 5000);
	ck_assert(!timekeeper_doubts(&time));
	ck_assert_int_eq(
	    timekeeper_tick(&time, NOW - HOUR, MONO + 6000, CLOCK_FREE),
	    TIMEKEEPER_SAME);
}
END_TEST

/* --- a queue that is opened at another time --- */

/* The queue holds a message for a link that does not open, one that its sender
 * has put off for five days, and a session that was lost. */
struct kept {
	struct harness h;
	struct remote in;
	uint64_t session, plain, later;
};

/* send_one - submit one to Rome, not to be delivered before a time (ms; 0: at
 * once) */
static uint64_t
send_one(struct kept *k, struct remote *tool, int64_t deferred)
{
	const char *to = TO_ROME;
	struct ipc_record record;
	struct p1_envelope e;

	harness_envelope(&k->h, &e, 1, &to);
	if (deferred != 0)
		e.deferred_time = deferred / 1000;
	remote_submit(
	    tool, harness_octets(&k->h, &e), slice_of_string("x"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	return record.submit_answer.message;
}

/* bind_in - bind as a peer */
static void
bind_in(struct kept *k)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	remote_connect_as(&k->h, &k->in, IPC_ROLE_X400IN, "1");
	record.bind_check.name = slice_of_string("MTA-PARIS");
	record.bind_check.password = slice_of_string("pw-paris");
	record.bind_check.authenticated = true;
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references =
	    references_of("caller", "261122200000Z", "");
	remote_send(&k->in, &record);
	remote_expect(&k->in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	k->session = record.bind_answer.session;
}

/* transfer - send a message as the peer, always the same; return the answer */
static int
transfer(struct kept *k)
{
	struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_TRANSFER,
	    .session = k->session,
	    .activity = 1};
	const char *to = TO_LYON;
	struct ipc_record record;
	struct p1_envelope e;
	uint64_t submit;

	harness_envelope(&k->h, &e, 1, &to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	submit = remote_submit_begin(&k->in, start, harness_octets(&k->h, &e));
	remote_data(&k->in, submit, slice_of_string("12345"));
	remote_submit_end(&k->in, submit, 5, "0123456789abcdef");
	remote_expect(&k->in, IPC_SUBMIT_ANSWER, &record);
	return (int)record.submit_answer.result;
}

/* ticks - let so many seconds pass for the background, at once */
static void
ticks(struct kept *k, unsigned count)
{
	while (count-- > 0) {
		doubt_tick(&k->h.qmgr);
		batches_tick(&k->h.qmgr);
		sweep_tick(&k->h.qmgr);
		harness_step(&k->h);
	}
}

/* open_after - fill a queue, and open it when the clock shows so many days more
 */
static void
open_after(struct kept *k, int64_t days)
{
	struct remote tool;

	*k = (struct kept){.plain = 0};
	harness_init(&k->h);
	remote_connect_as(&k->h, &tool, IPC_ROLE_TOOL, "x4send");
	k->plain = send_one(k, &tool, 0);
	k->later = send_one(k, &tool, clock_wall() + 5 * DAY);
	bind_in(k);
	ck_assert_int_eq(transfer(k), IPC_SUBMIT_ACCEPTED);
	remote_close(&k->in);
	remote_close(&tool);
	harness_steps(&k->h, 5);
	harness_close(&k->h);
	clock_shift(days * DAY);
	harness_open(&k->h);
}

/* state_of - read a message's state; -1 if it is gone */
static int
state_of(struct kept *k, uint64_t id)
{
	struct store_message message;

	arena_reset(&k->h.qmgr.arena);
	return store_message_get(k->h.qmgr.store, id, STORE_HEAD,
		   &k->h.qmgr.arena, &message) == 0
	    ? (int)message.state
	    : -1;
}

/* unharmed - check that all that was kept is as it was, after two minutes */
static void
unharmed(struct kept *k)
{
	ticks(k, 130);
	ck_assert_int_eq(state_of(k, k->plain), STORE_READY);
	ck_assert_int_eq(state_of(k, k->later), STORE_DEFERRED);
	ck_assert_uint_eq(harness_queued(&k->h), 3);
	bind_in(k);
	ck_assert_int_eq(transfer(k), IPC_SUBMIT_DUPLICATE);
	remote_close(&k->in);
}

/* open_again - close the queue, and open it once more */
static void
open_again(struct kept *k)
{
	harness_close(&k->h);
	harness_open(&k->h);
}

/* is_problem - tell whether the clock is among the problems */
static bool
is_problem(struct remote *tool)
{
	struct ipc_record record = {.type = IPC_REQUEST};
	bool found = false;

	record.request.command = slice_of_string("problems");
	remote_send(tool, &record);
	for (remote_next(tool, &record); record.type == IPC_ROW;
	     remote_next(tool, &record))
		found = found ||
		    slice_equal_string(record.row.fields[1].octets, "clock");
	ck_assert_int_eq(record.type, IPC_DONE);
	return found;
}

/* confirm - say as an administrator that the clock is right */
static void
confirm(struct kept *k)
{
	struct ipc_record record = {.type = IPC_REQUEST};
	struct remote tool;

	remote_connect_as(&k->h, &tool, IPC_ROLE_TOOL, "x4ctl");
	ck_assert(is_problem(&tool));
	record.request.command = slice_of_string("clock-ok");
	remote_send(&tool, &record);
	remote_expect(&tool, IPC_DONE, &record);
	ck_assert_int_eq(record.done.status, 0);
	ck_assert(!is_problem(&tool));
	remote_close(&tool);
}

/* Ten days later by the clock: nothing expires, leaves or is forgotten, nor
 * after another restart, until somebody says that the clock is right. */
START_TEST(ten_days_ahead)
{
	struct kept k;

	open_after(&k, 10);
	ck_assert(harness_log_has(&k.h, "clock at start is doubted"));
	unharmed(&k);
	open_again(&k);
	unharmed(&k);
	confirm(&k);
	ck_assert(harness_log_has(&k.h, "clock is believed again"));
	ticks(&k, 130);
	ck_assert_int_eq(state_of(&k, k.plain), -1);
	ck_assert_int_ne(state_of(&k, k.later), STORE_DEFERRED);
	/* The time is noted: the next start believes it. */
	open_again(&k);
	ck_assert(!timekeeper_doubts(&k.h.qmgr.time));
	harness_fini(&k.h);
}
END_TEST

/* Ten days earlier: what comes meanwhile does not expire when the clock is set
 * right, and the lost session is remembered. */
START_TEST(ten_days_behind)
{
	struct remote tool;
	struct kept k;
	uint64_t fresh;

	open_after(&k, -10);
	ck_assert(harness_log_has(&k.h, "clock at start is doubted"));
	unharmed(&k);
	remote_connect_as(&k.h, &tool, IPC_ROLE_TOOL, "x4send");
	fresh = send_one(&k, &tool, 0);
	remote_close(&tool);
	open_again(&k);
	clock_shift(0);
	ticks(&k, 130);
	ck_assert(harness_log_has(&k.h, "it shows what is expected"));
	ck_assert_int_eq(state_of(&k, fresh), STORE_READY);
	ck_assert_int_eq(state_of(&k, k.plain), STORE_READY);
	ck_assert_int_eq(state_of(&k, k.later), STORE_DEFERRED);
	bind_in(&k);
	ck_assert_int_eq(transfer(&k), IPC_SUBMIT_DUPLICATE);
	remote_close(&k.in);
	harness_fini(&k.h);
}
END_TEST

/* A message that a peer failed is tried again after its interval, whatever the
 * clock shows; a message that its sender put off waits for both clocks. */
START_TEST(retries_go_on)
{
	struct ipc_record record;
	struct remote worker;
	struct kept k;
	int listener;

	open_after(&k, -10);
	listener = remote_listen(&k.h, "x400out.paris");
	remote_connect_as(&k.h, &worker, IPC_ROLE_TOOL, "x4send");
	{
		const char *to = TO_PARIS;
		struct p1_envelope e;

		harness_envelope(&k.h, &e, 1, &to);
		remote_submit(&worker, harness_octets(&k.h, &e),
		    slice_of_string("x"), &record);
	}
	remote_close(&worker);
	remote_open(&k.h, listener, "paris", &worker);
	remote_expect(&worker, IPC_JOB, &record);
	remote_outcome(&worker, record.job.job, IPC_TRANSIENT);
	remote_expect(&worker, IPC_JOB, &record);
	remote_close(&worker);
	close(listener);
	harness_fini(&k.h);
}
END_TEST

/* Within the second after a jump, before the next tick, nothing expires: the
 * clock is doubted before anything is decided by it. */
START_TEST(before_the_tick)
{
	struct ipc_record record;
	struct remote worker;
	struct bench b;
	uint64_t id;

	bench_init(&b, "paris");
	id = bench_submit(&b, TO_PARIS);
	/* No tick comes. */
	evtimer_del(b.h.qmgr.tick);
	clock_shift(30 * DAY);
	bench_open(&b, &worker);
	remote_expect(&worker, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, id);
	ck_assert(timekeeper_doubts(&b.h.qmgr.time));
	clock_shift(0);
	remote_close(&worker);
	bench_fini(&b);
}
END_TEST

TEST_MAIN("qmgr/timekeeper", TEST(at_a_start); TEST(set_right);
	  TEST(vouched_for); TEST(jumps); TEST(ten_days_ahead);
	  TEST(ten_days_behind); TEST(retries_go_on); TEST(before_the_tick))
