/* SPDX-License-Identifier: ISC */
/*
 * large_test.c - an envelope of as many recipients as there may be: writes to
 * the store that fail, and what happens between the steps in which it is
 * decided on
 */
#include "base/clock.h"
#include "base/fault.h"
#include "qmgr/queue/placing_stage.h"
#include "tests/unit/qmgr/remote.h"
#include "track/track.h"

#define NOWHERE "C=QQ;A=NONE;S=Nobody"
#define COPIES	3 /* for Paris, for Rome, and the report on nobody */

static struct harness h;
static struct remote tool;
static struct slice octets;

/* begin - make the envelope, and a tool to submit it */
static void
begin(size_t recipients)
{
	const char **to = calloc(recipients, sizeof(*to));
	struct p1_envelope e;

	ck_assert_ptr_nonnull(to);
	harness_init(&h);
	h.arena.max = P1_ARENA_MAX;
	for (size_t i = 0; i < recipients; i++)
		to[i] = i == 7 ? NOWHERE : i % 2 == 0 ? TO_PARIS : TO_ROME;
	harness_envelope(&h, &e, recipients, to);
	octets = harness_octets(&h, &e);
	free(to);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
}

/* end - stop, and give all back */
static void
end(void)
{
	remote_close(&tool);
	harness_fini(&h);
}

/* submit - submit it once, which must succeed */
static void
submit(void)
{
	struct ipc_record record;

	remote_submit(&tool, octets, slice_of_string("x"), &record);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
}

/* The points that fail: of the store, at first and in the middle of the parts
 * of the envelopes. */
static const char *const faults[] = {"store.begin:1:fail",
    "store.commit:1:fail", "store.put:1:fail", "store.put:2:fail",
    "store.put:10:fail", "store.put:40:fail", "store.put:60:fail",
    "store.put:70:fail"};

/* A write that fails undoes all of it: what is tried again is there once. */
START_TEST(writes_fail)
{
	begin(3000);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		ck_assert_int_eq(fault_arm(faults[i]), 0);
		submit();
		ck_assert_msg(fault_state == FAULT_OFF, "%s: never", faults[i]);
		ck_assert_int_eq(fault_arm(NULL), 0);
		ck_assert_uint_eq(harness_queued(&h), COPIES * (i + 1));
	}
	end();
}
END_TEST

/* submit_slowly - submit it, and return while it is decided on */
static uint64_t
submit_slowly(void)
{
	const struct ipc_submit_start start = {
	    .kind = MTS_MESSAGE, .origin = IPC_SUBMISSION};
	uint64_t submit = remote_submit_begin(&tool, start, octets);

	remote_data(&tool, submit, slice_of_string("x"));
	remote_submit_end(&tool, submit, 1, NULL);
	while (h.qmgr.admitting_now == NULL)
		harness_step(&h);
	return submit;
}

/* take_answer - take the answer to it; false: there is none yet */
static bool
take_answer(uint64_t submit)
{
	struct ipc_record record;

	while (remote_try(&tool, &record)) {
		if (record.type != IPC_SUBMIT_ANSWER)
			continue;
		ck_assert_uint_eq(record.submit_answer.submit, submit);
		ck_assert_int_eq(
		    record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
		return true;
	}
	return false;
}

/* finish - step until it is answered */
static void
finish(uint64_t submit)
{
	uint64_t until = clock_after(HARNESS_TIME);

	while (!take_answer(submit)) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_step(&h);
	}
}

/* A message of somebody else's enters the queue meanwhile. */
START_TEST(others_between)
{
	struct remote other;
	uint64_t slow;

	begin(P1_RECIPIENTS_MAX);
	remote_connect_as(&h, &other, IPC_ROLE_TOOL, "x4send");
	slow = submit_slowly();
	remote_submit_to(&h, &other, TO_PARIS);
	ck_assert(!take_answer(slow));
	ck_assert_uint_eq(harness_queued(&h), 1);
	finish(slow);
	ck_assert_uint_eq(harness_queued(&h), COPIES + 1);
	/* Memory for the largest is not kept. */
	ck_assert_ptr_null(h.qmgr.admitting_now);
	remote_close(&other);
	end();
}
END_TEST

/* It borrows from the configuration, which is another one then. */
START_TEST(reload_between)
{
	struct diag diag = {0};
	struct conf *conf;
	uint64_t slow;

	begin(P1_RECIPIENTS_MAX);
	slow = submit_slowly();
	harness_steps(&h, 5);
	ck_assert_int_eq(conf_parse_text(slice_of_string(harness_conf), "again",
			     CONF_HANDED, &conf, &diag),
	    0);
	ck_assert_int_eq(loop_reload(&h.qmgr, conf, &diag), 0);
	finish(slow);
	ck_assert_uint_eq(harness_queued(&h), COPIES);
	end();
}
END_TEST

/* queued_for - count what is queued for a link */
static uint64_t
queued_for(const char *link)
{
	return store_link_total(h.qmgr.store, harness_link(&h, link)->number)
	    .messages;
}

/* A link that is disabled meanwhile gets nothing of it: what is queued there
 * was routed again before it came. */
START_TEST(disabled_between)
{
	uint64_t slow;

	begin(P1_RECIPIENTS_MAX);
	slow = submit_slowly();
	harness_steps(&h, 5);
	ck_assert(schedule_event(
	    &h.qmgr, harness_link(&h, "paris"), LINK_EV_DISABLE));
	finish(slow);
	ck_assert_uint_eq(harness_queued(&h), COPIES);
	ck_assert_uint_eq(queued_for("paris"), 0);
	ck_assert_uint_eq(queued_for("lyon"), 1);
	end();
}
END_TEST

/* Whoever sent it has gone: it enters the queue all the same. */
START_TEST(gone_between)
{
	uint64_t until = clock_after(HARNESS_TIME);

	begin(P1_RECIPIENTS_MAX);
	(void)submit_slowly();
	remote_close(&tool);
	while (harness_queued(&h) < COPIES) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_step(&h);
	}
	ck_assert_uint_eq(harness_queued(&h), COPIES);
	harness_fini(&h);
}
END_TEST

/* contents - count the octets of objects that tools have in the queue */
static uint64_t
contents(void)
{
	return store_source_total(h.qmgr.store, STORE_LINK_NONE).octets;
}

/* step_until_staged - step until a piece of what it becomes is in the store */
static void
step_until_staged(void)
{
	uint64_t until = clock_after(HARNESS_TIME);

	while (contents() == 0) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_step(&h);
	}
}

/* reap - step until nothing is left to reap */
static void
reap(void)
{
	uint64_t until = clock_after(HARNESS_TIME);

	while (store_reap_pending(h.qmgr.store) > 0) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_step(&h);
	}
}

/* The queue manager stops: nothing of it is in the queue, and what was staged
 * is given back by the next. */
START_TEST(stop_between)
{
	begin(P1_RECIPIENTS_MAX);
	(void)submit_slowly();
	if (_i == 0)
		harness_steps(&h, 5);
	else
		step_until_staged();
	ipc_channel_fini(&tool.channel);
	harness_close(&h);
	harness_open(&h);
	ck_assert_uint_eq(harness_queued(&h), 0);
	reap();
	ck_assert_uint_eq(contents(), 0);
	harness_fini(&h);
}
END_TEST

/* A link that is disabled while its copy is staged gets nothing of it, and what
 * was staged for it is given back. */
START_TEST(disabled_while_staged)
{
	uint64_t slow;

	begin(P1_RECIPIENTS_MAX);
	slow = submit_slowly();
	step_until_staged();
	ck_assert_uint_eq(harness_queued(&h), 0);
	ck_assert(schedule_event(
	    &h.qmgr, harness_link(&h, "paris"), LINK_EV_DISABLE));
	finish(slow);
	reap();
	ck_assert_uint_eq(harness_queued(&h), COPIES);
	ck_assert_uint_eq(queued_for("paris"), 0);
	ck_assert_uint_eq(queued_for("lyon"), 1);
	/* Of each copy its envelope, once. */
	ck_assert_uint_lt(contents(), 3 * octets.len);
	end();
}
END_TEST

/* Between the pieces that are staged others are answered, so that no commit is
 * as large as its copies. */
START_TEST(others_while_staged)
{
	struct remote other;
	uint64_t slow;
	unsigned answered = 0;

	begin(P1_RECIPIENTS_MAX);
	remote_connect_as(&h, &other, IPC_ROLE_TOOL, "x4send");
	slow = submit_slowly();
	step_until_staged();
	while (!take_answer(slow)) {
		remote_submit_to(&h, &other, TO_PARIS);
		answered++;
	}
	/* As many as the pieces of both copies, or nearly. */
	ck_assert_uint_ge(answered, octets.len / PLACING_PIECE);
	ck_assert_uint_eq(harness_queued(&h), COPIES + answered);
	remote_close(&other);
	end();
}
END_TEST

/* The events on a hundred recipients stand for all: the reports name them. */
START_TEST(many_unknown)
{
	const char *to[150];
	struct p1_envelope e;

	harness_init(&h);
	for (size_t i = 0; i < 150; i++)
		to[i] = NOWHERE;
	harness_envelope(&h, &e, 150, to);
	octets = harness_octets(&h, &e);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	submit();
	ck_assert(harness_log_has(&h, ": 20252 "));
	ck_assert(harness_log_has(&h, "recipients=50"));
	end();
}
END_TEST

/* count_told - count the recipients in records of an event */
static size_t
count_told(enum track_event event)
{
	struct track_reader reader;
	struct track_record record;
	uint64_t number = 0;
	size_t count = 0;
	struct buffer page;
	struct arena arena;

	arena_init(&arena, (size_t)1 << 24);
	buffer_init(&page, TRACK_PAGE_MAX);
	while (store_paged_next(
		   h.qmgr.store, STORE_PAGED_TRACKING, number, &number) == 0) {
		arena_reset(&arena);
		buffer_reset(&page);
		ck_assert_int_eq(store_paged_read(h.qmgr.store,
				     STORE_PAGED_TRACKING, number, &page),
		    0);
		ck_assert_int_eq(
		    track_open(&reader, buffer_slice(&page), &arena, NULL), 0);
		while (track_next(&reader, &record, NULL) == 0)
			count +=
			    record.event == event ? record.recipient_count : 0;
	}
	buffer_fini(&page);
	arena_fini(&arena);
	return count;
}

/* All recipients are told to tracking, though not in one commit. */
START_TEST(all_told)
{
	uint64_t until = clock_after(HARNESS_TIME);

	begin(P1_RECIPIENTS_MAX);
	submit();
	while (count_told(TRACK_ARRIVAL) < P1_RECIPIENTS_MAX) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_steps(&h, 5);
	}
	ck_assert_uint_eq(count_told(TRACK_ARRIVAL), P1_RECIPIENTS_MAX);
	ck_assert_uint_eq(count_told(TRACK_COPY), P1_RECIPIENTS_MAX - 1);
	end();
}
END_TEST

/* lengthen - make an address of some 600 octets of another */
static const char *
lengthen(const char *address)
{
	char *to = malloc(1024);

	ck_assert_ptr_nonnull(to);
	snprintf(to, 1024, "%s", address);
	for (char c = 'a'; c <= 'd'; c++)
		snprintf(
		    to + strlen(to), 1024 - strlen(to), ";DDA:%c=%0126d", c, 0);
	return to;
}

/* measure - step until it is answered; the longest step, in ms of CPU */
static double
measure(uint64_t submit)
{
	double longest = 0;

	while (!take_answer(submit)) {
		clock_t begun = clock();
		double ms;

		harness_step(&h);
		ms = (double)(clock() - begun) * 1000 / CLOCKS_PER_SEC;
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

/* How long the largest lists keep all others waiting. */
START_TEST(as_many_as_allowed)
{
	static const struct {
		const char *name, *to[2];
		bool lengthens;
	} rows[] = {
	    {"one link", {TO_PARIS, TO_PARIS}, false},
	    {"two links", {TO_PARIS, TO_ROME}, false},
	    {"nobody", {NOWHERE, NOWHERE}, false},
	    {"one link, long addresses", {TO_PARIS, TO_PARIS}, true},
	    {"nobody, long addresses", {NOWHERE, NOWHERE}, true},
	};
	const char **to = calloc(P1_RECIPIENTS_MAX, sizeof(*to));
	const char *some[2];
	const struct ipc_submit_start start = {
	    .kind = MTS_MESSAGE, .origin = IPC_SUBMISSION};
	struct p1_envelope e;
	uint64_t id;

	/* The long ones take seconds. */
	if (rows[_i].lengthens && getenv("FOURPOST_TEST_LONG") == NULL) {
		free(to);
		return;
	}
	ck_assert_ptr_nonnull(to);
	harness_init(&h);
	h.arena.max = (size_t)1 << 30;
	for (int i = 0; i < 2; i++) {
		some[i] = rows[_i].to[i];
		if (rows[_i].lengthens)
			some[i] = lengthen(some[i]);
	}
	for (size_t i = 0; i < P1_RECIPIENTS_MAX; i++)
		to[i] = some[i % 2];
	harness_envelope(&h, &e, P1_RECIPIENTS_MAX, to);
	octets = harness_octets(&h, &e);
	free(to);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	id = remote_submit_begin(&tool, start, octets);
	remote_data(&tool, id, slice_of_string("x"));
	remote_submit_end(&tool, id, 1, NULL);
	printf("figure: %s: %.1f MB, longest step %.1f ms of CPU\n",
	    rows[_i].name, (double)octets.len / 1e6, measure(id));
	end();
}
END_TEST

TEST_MAIN("qmgr/large", TEST_LONG(writes_fail, 60), TEST(others_between),
    TEST(reload_between), TEST(disabled_between), TEST(gone_between),
    TEST_LOOP(stop_between, 2), TEST(disabled_while_staged),
    TEST(others_while_staged), TEST(all_told), TEST(many_unknown),
    TEST_LOOP_LONG(as_many_as_allowed, 5, 60))
