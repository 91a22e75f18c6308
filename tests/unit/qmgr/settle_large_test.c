/* SPDX-License-Identifier: ISC */
/*
 * settle_large_test.c - what an outcome leaves of a message with a large
 * envelope is made in steps
 */
#include "base/fault.h"
#include "qmgr/sending/settle_large.h"
#include "tests/unit/qmgr/settle_box.h"

#define FEWER	       3000 /* recipients of an envelope that is large still */
#define REPORTS(count) (((count) + 999) / 1000)

#define ALTERNATES 10

static bool with_alternates;

/* name_alternate - have the originator name an alternate for a recipient */
static void
name_alternate(struct box *x, struct p1_recipient *recipient)
{
	const struct or_name name = harness_name(&x->b.h, TO_PARIS);
	struct arena *arena = &x->b.h.arena;
	size_t len = name.address.encoded.len;
	uint8_t *value = arena_alloc(arena, 2 + len);

	/* ORName ::= [APPLICATION 0]; the name is short. */
	ck_assert_ptr_nonnull(value);
	ck_assert_uint_lt(len, 128);
	value[0] = 0x60;
	value[1] = (uint8_t)len;
	memcpy(value + 2, name.address.encoded.data, len);
	ck_assert_int_eq(extension_set(&recipient->extensions, arena,
			     EXTENSION_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT,
			     0, slice_of(value, 2 + len)),
	    0);
}

/* open_large - submit a message with so many recipients, and become the worker
 * that has its job */
static void
open_large(struct box *x, size_t count)
{
	const char **to = calloc(count, sizeof(*to));
	struct p1_envelope e;

	ck_assert_ptr_nonnull(to);
	box_init(x);
	x->b.h.arena.max = P1_ARENA_MAX;
	for (size_t i = 0; i < count; i++)
		to[i] = BOX("a");
	harness_envelope(&x->b.h, &e, count, to);
	free(to);
	e.originator = harness_name(&x->b.h, TO_ROME);
	for (size_t i = 0; i < count; i++)
		e.recipients[i].indicators |= P1_ORIGINATOR_REPORT;
	for (size_t i = 0; i < ALTERNATES && with_alternates; i++)
		name_alternate(x, &e.recipients[i]);
	box_submit(x, &e);
}

/* say_large - say what became of all of them, without waiting */
static void
say_large(struct box *x, enum ipc_result result)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = x->job.job.job,
		.result = result,
		.reason = 1,
		.diagnostic = 4,
		.text = slice_of_string("no"),
		.confirm = true}};

	ck_assert_int_eq(ipc_channel_send(&x->worker.channel, &record), 0);
	ck_assert_int_eq(ipc_channel_flush(&x->worker.channel), 0);
}

/* step_longest - step until it is told that the outcome is committed; the
 * longest step, in ms of CPU */
static double
step_longest(struct box *x)
{
	struct ipc_record record;
	double longest = 0;

	while (!remote_try(&x->worker, &record) || record.type != IPC_OUTCOME) {
		clock_t begun = clock();
		double ms;

		harness_step(&x->b.h);
		ms = (double)(clock() - begun) * 1000 / CLOCKS_PER_SEC;
		longest = ms > longest ? ms : longest;
	}
	return longest;
}

/* step_until_settling - step until what the outcome leaves is being made */
static void
step_until_settling(struct box *x)
{
	uint64_t until = clock_after(HARNESS_TIME);

	while (TAILQ_EMPTY(&x->b.h.qmgr.settling)) {
		ck_assert_uint_lt(clock_monotonic(), until);
		harness_step(&x->b.h);
	}
}

/* As many recipients as there may be are reported on in steps, between which
 * others are served, whatever became of them. */
START_TEST(large_in_steps)
{
	enum ipc_result result = _i == 0 ? IPC_REFUSED : IPC_DELIVERED;
	struct report report;
	struct box x;

	open_large(&x, P1_RECIPIENTS_MAX);
	say_large(&x, result);
	step_until_settling(&x);
	(void)remote_submit_to(&x.b.h, &x.b.tool, TO_PARIS);
	ck_assert(!TAILQ_EMPTY(&x.b.h.qmgr.settling));
	ck_assert_uint_eq(harness_queued(&x.b.h), 2);
	printf("figure: %s: longest step %.1f ms of CPU\n",
	    result == IPC_REFUSED ? "refused" : "delivered", step_longest(&x));
	ck_assert_uint_eq(
	    harness_queued(&x.b.h), 1 + REPORTS(P1_RECIPIENTS_MAX));
	ck_assert(box_report(&x, x.id, &report));
	ck_assert_uint_eq(report.recipient_count, 1000);
	ck_assert(
	    report.recipients[999].delivered == (result == IPC_DELIVERED));
	box_close(&x);
}
END_TEST

/* Whoever names an alternate for some of them has it get the message, and a
 * report on the others. */
START_TEST(large_with_alternates)
{
	struct box x;

	with_alternates = true;
	open_large(&x, FEWER);
	say_large(&x, IPC_REFUSED);
	(void)step_longest(&x);
	ck_assert_uint_eq(
	    harness_queued(&x.b.h), 1 + REPORTS(FEWER - ALTERNATES));
	ck_assert(harness_log_has(&x.b.h, ": 20214 "));
	box_close(&x);
}
END_TEST

/* A write that fails undoes all of it, and it is made again. */
START_TEST(large_writes_fail)
{
	static const char *const faults[] = {"store.begin:1:fail",
	    "store.commit:1:fail", "store.commit:2:fail", "store.commit:3:fail",
	    "store.put:1:fail", "store.put:20:fail", "store.put:50:fail"};
	struct box x;

	open_large(&x, FEWER);
	ck_assert_int_eq(fault_arm(faults[_i]), 0);
	say_large(&x, IPC_REFUSED);
	(void)step_longest(&x);
	ck_assert_msg(fault_state == FAULT_OFF, "%s: never", faults[_i]);
	ck_assert_int_eq(fault_arm(NULL), 0);
	ck_assert_uint_eq(harness_queued(&x.b.h), REPORTS(FEWER));
	box_close(&x);
}
END_TEST

/* The queue manager stops meanwhile: what the worker said is committed. */
START_TEST(large_at_the_end)
{
	struct box x;

	open_large(&x, FEWER);
	say_large(&x, IPC_REFUSED);
	step_until_settling(&x);
	if (_i > 0)
		harness_steps(&x.b.h, 30 * _i);
	ipc_channel_fini(&x.worker.channel);
	ipc_channel_fini(&x.b.tool.channel);
	harness_close(&x.b.h);
	harness_open(&x.b.h);
	ck_assert_uint_eq(harness_queued(&x.b.h), REPORTS(FEWER));
	close(x.listener);
	harness_fini(&x.b.h);
}
END_TEST

TEST_MAIN("qmgr/settle_large", TEST_LOOP(large_in_steps, 2);
	  TEST(large_with_alternates); TEST_LOOP_LONG(large_writes_fail, 7, 60);
	  TEST_LOOP(large_at_the_end, 2))
