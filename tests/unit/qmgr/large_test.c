/* SPDX-License-Identifier: ISC */
/*
 * large_test.c - an envelope of as many recipients as there may be, and writes
 * to the store that fail
 */
#include "base/clock.h"
#include "base/fault.h"
#include "tests/unit/qmgr/remote.h"

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

/* The largest list is one commit: how long that keeps all others waiting. */
START_TEST(as_many_as_allowed)
{
	uint64_t begun;

	begin(P1_RECIPIENTS_MAX);
	begun = clock_monotonic();
	submit();
	printf("figure: %.1f MB of envelope into the queue in %llu ms\n",
	    (double)octets.len / 1e6,
	    (unsigned long long)(clock_monotonic() - begun));
	ck_assert_uint_eq(harness_queued(&h), COPIES);
	end();
}
END_TEST

TEST_MAIN(
    "qmgr/large", TEST_LONG(writes_fail, 60), TEST_LONG(as_many_as_allowed, 60))
