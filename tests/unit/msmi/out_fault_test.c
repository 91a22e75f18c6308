/* SPDX-License-Identifier: ISC */
/*
 * out_fault_test.c - a delivery that fails or is killed at any point
 */
#include "tests/unit/msmi/delivery.h"

/* How many points a message passes on its way: more than these. */
#define POINTS_MIN 5

/* next_worker - start another worker after the last has ended, without
 * faults */
static void
next_worker(struct delivery *run)
{
	ck_assert_int_eq(waitpid(run->pid, NULL, 0), run->pid);
	ipc_channel_fini(&run->channel);
	run->fault[0] = '\0';
	delivery_start(run);
}

/* Recipients of a message whose envelope goes to the worker in many pieces. */
#define MANY 3000

/* compose - compose a message; large: with the envelope of MANY recipients */
static void
compose(struct delivery *run, bool large)
{
	static const struct part parts[] = {TEXT_OF("text")};
	static const char *to[MANY];

	for (size_t i = 0; i < MANY; i++)
		to[i] = ALICE;
	delivery_compose(run, to, large ? MANY : 1, parts, 1);
}

/* Fault n, 1, 2, 3 …: an outcome that says so, and no file that is half. */
START_TEST(every_write_fails)
{
	int n = 1, points = 0;

	for (bool failed = true; failed; n++) {
		struct ipc_outcome o;
		struct delivery run;
		char fault[32];

		snprintf(fault, sizeof(fault), "*:%d:fail", n);
		delivery_init_fault(&run, fault);
		compose(&run, _i == 1);
		delivery_job(&run, MTS_MESSAGE, 9, "");
		ck_assert(delivery_outcome(&run, &o));
		failed = o.result != IPC_DELIVERED;
		if (failed) {
			points++;
			/* a failing disk is not the message's fault */
			ck_assert_int_eq(o.result,
			    run.note[0] != '\0' &&
				    place_has(&run.place, "OUT/.00000009.TMP")
				? IPC_TRANSIENT
				: IPC_UNSTARTED);
			if (o.result == IPC_UNSTARTED)
				next_worker(&run);
			/* and the next try, with what was noted, succeeds */
			delivery_job(&run, MTS_MESSAGE, 9, run.note);
			ck_assert(delivery_outcome(&run, &o));
			ck_assert_int_eq(o.result, IPC_DELIVERED);
		}
		ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);
		ck_assert(!place_has(&run.place, "OUT/.00000009.TMP"));
		delivery_fini(&run);
	}
	ck_assert_int_ge(points, POINTS_MIN);
}
END_TEST

/* Killed at point n, 1, 2, 3 …: the next worker delivers it, once. */
START_TEST(killed_anywhere)
{
	int points = 0;

	for (int n = 1;; n++) {
		struct ipc_outcome o;
		struct delivery run;
		char fault[32];
		bool died;

		snprintf(fault, sizeof(fault), "*:%d:crash", n);
		delivery_init_fault(&run, fault);
		compose(&run, _i == 1);
		delivery_job(&run, MTS_MESSAGE, 9, "");
		died = !delivery_outcome(&run, &o);
		if (died) {
			points++;
			ck_assert(run.died);
			next_worker(&run);
			delivery_job(&run, MTS_MESSAGE, 9, run.note);
			ck_assert(delivery_outcome(&run, &o));
		}
		ck_assert_int_eq(o.result, IPC_DELIVERED);
		ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);
		ck_assert(!place_has(&run.place, "OUT/.00000009.TMP"));
		delivery_fini(&run);
		if (!died)
			break;
	}
	ck_assert_int_ge(points, POINTS_MIN);
}
END_TEST

/* A directory that cannot be flushed, however often, counts no try against a
 * message whose file has its name: else it is delivered and reported on. */
START_TEST(names_not_flushed)
{
	struct ipc_outcome o;
	struct delivery run;

	delivery_init_fault(&run, "out-named:1:fail");
	compose(&run, false);
	for (int i = 0; i < 5; i++) {
		delivery_job(&run, MTS_MESSAGE, 9, run.note);
		ck_assert(delivery_outcome(&run, &o));
		ck_assert_int_eq(o.result, IPC_UNSTARTED);
		ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);
		ck_assert(place_has(&run.place, "OUT/00000009.P1"));
		ck_assert_int_eq(waitpid(run.pid, NULL, 0), run.pid);
		ipc_channel_fini(&run.channel);
		if (i == 4)
			run.fault[0] = '\0';
		delivery_start(&run);
	}
	delivery_job(&run, MTS_MESSAGE, 9, run.note);
	ck_assert(delivery_outcome(&run, &o));
	ck_assert_int_eq(o.result, IPC_DELIVERED);
	ck_assert_uint_eq(run.notes, 1);
	ck_assert_uint_eq(place_count(&run.place, "OUT"), 1);
	delivery_fini(&run);
}
END_TEST

TEST_MAIN("msmi/out_fault", TEST(names_not_flushed),
    TEST_LOOP(every_write_fails, 2), TEST_LOOP(killed_anywhere, 2))
