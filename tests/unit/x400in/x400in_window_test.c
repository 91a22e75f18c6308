/* SPDX-License-Identifier: ISC */
/*
 * x400in_window_test.c - senders whose real window is smaller than the agreed
 *
 * Exchange before 5.5 SP2 used a window of 3 whatever had been agreed.  Such a
 * sender stops behind its last checkpoint, or within the piece after it, until
 * one is confirmed.
 */
#include "tests/unit/x400in/serving.h"

/* The window that the caller keeps to. */
static unsigned real_window;

/* narrow_large - send a large content with a smaller window than agreed */
static void
narrow_large(struct caller *c)
{
	if (caller_open(c) == 0) {
		ck_assert_uint_eq(c->a.window, 5);
		c->a.window = real_window;
		(void)caller_large_message(c);
	}
	caller_end(c);
}

/* take_narrow - have one transferred to its end by such a caller */
static void
take_narrow(unsigned window, unsigned checkpoint)
{
	serving_begin();
	real_window = window;
	caller.checkpoint = checkpoint;
	caller.large = (uint64_t)checkpoint * 1024 * 9;
	serving_serve(narrow_large, "checkpoint-size = 30K");
	serving_take(&taken);
	ck_assert_uint_eq(taken.end.content_length, caller.large);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	/* The window had to be opened for all but the last of them. */
	ck_assert_uint_ge(caller.marks[0], 9 - window);
	serving_end();
}

START_TEST(smaller_window)
{
	take_narrow((unsigned)_i + 1, 1);
}
END_TEST

START_TEST(smaller_window_of_large)
{
	take_narrow((unsigned)_i + 1, 30);
}
END_TEST

/* sends_half - stop behind two checkpoints, and hear of the first */
static void
sends_half(struct caller *c)
{
	static uint8_t octets[40000];
	struct buffer prefix = caller_prefix(
	    MTS_MESSAGE, buffer_slice(&apdu.octets), 2 * sizeof(octets));

	if (caller_open(c) == 0) {
		c->a.window = 1;
		if (association_send_start(&c->a,
			buffer_length(&prefix) + 2 * sizeof(octets),
			clock_after(60000)) == 0 &&
		    association_send_data(&c->a, buffer_slice(&prefix)) == 0)
			(void)!association_send_data(
			    &c->a, slice_of(octets, sizeof(octets)));
		c->marks[0] = c->a.serial_confirmed;
		c->marks[1] = c->a.confirmed_offset;
	}
	buffer_fini(&prefix);
	caller_close(c);
}

/* A checkpoint that is confirmed when octets behind it are here already can be
 * resumed from: its mark is the checkpoint's. */
START_TEST(mark_is_the_checkpoints)
{
	uint64_t first = 0, data = 0;

	serving_begin();
	caller.checkpoint = 15;
	serving_serve(sends_half, "checkpoint-size = 15K");
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	while (stage_next(&stage) == IPC_SUBMIT_DATA ||
	    stage.record.type == IPC_SUBMIT_MARK) {
		if (stage.record.type == IPC_SUBMIT_DATA)
			data += stage.record.submit_data.data.len;
		else if (first == 0) {
			first = stage.record.submit_mark.offset;
			ck_assert_uint_le(first, 15 * 1024);
			ck_assert_uint_gt(data, first);
		}
		(void)serving_marked(&taken, true);
	}
	ck_assert_int_eq(stage.record.type, IPC_SUBMIT_CANCEL);
	ck_assert(stage.record.submit_cancel.keep);
	serving_lost();
	ck_assert_uint_gt(first, 0);
	ck_assert_uint_ge(caller.marks[0], 1);
	serving_end();
}
END_TEST

TEST_MAIN("x400in/window", TEST_LOOP(smaller_window, 3);
	  TEST_LOOP(smaller_window_of_large, 3); TEST(mark_is_the_checkpoints))
