/* SPDX-License-Identifier: ISC */
/*
 * x400in_end_test.c - qmgr goes, the caller goes, strangers, a stop
 */
#include "tests/unit/x400in/serving.h"

/* An end that qmgr died of, unanswered: the next qmgr gets it all again. */
START_TEST(qmgr_gone_at_the_end)
{
	struct slice first, second;

	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	serving_qmgr_again();
	serving_take(&again);
	ck_assert_uint_eq(again.start.activity, taken.start.activity);
	ck_assert_uint_eq(again.start.session, taken.start.session);
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	first = buffer_slice(&taken.body);
	second = buffer_slice(&again.body);
	ck_assert(slice_equal(first, second));
	serving_answer(&again, IPC_SUBMIT_DUPLICATE);
	serving_second_is_taken(0);
	serving_end();
}
END_TEST

/* envelope_length - compute the length of the vectors' envelope, encoded
 * canonically */
static size_t
envelope_length(void)
{
	struct buffer out;
	size_t length;

	buffer_init(&out, P1_ENVELOPE_MAX);
	ck_assert_int_eq(
	    p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, &out), 0);
	length = buffer_length(&out);
	buffer_fini(&out);
	return length;
}

/* The largest that is kept does not fit a channel at once. */
START_TEST(qmgr_gone_with_much_kept)
{
	serving_begin();
	caller.large = 256 * 1024 - envelope_length();
	serving_serve(caller_one_large, "");
	serving_take(&taken);
	serving_qmgr_again();
	serving_take(&again);
	ck_assert(
	    slice_equal(buffer_slice(&taken.body), buffer_slice(&again.body)));
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	serving_answer(&again, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	serving_end();
}
END_TEST

/* A message that qmgr dies of again and again is not tried for ever. */
START_TEST(qmgr_dies_of_it)
{
	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	for (int i = 0; i < 3; i++) {
		serving_qmgr_again();
		serving_take(&again);
	}
	serving_qmgr_again();
	serving_lost();
	ck_assert_int_eq(caller.result, ERR_CLOSED);
	serving_end();
}
END_TEST

/* qmgr is gone between the question and the answer: the next one is asked. */
START_TEST(qmgr_gone_at_bind)
{
	serving_begin();
	caller_start(&caller, caller_only_binds);
	serving_check();
	serving_qmgr_goes();
	serving_qmgr_comes();
	serving_check();
	serving_let_in("");
	serving_event(IPC_LINK_BOUND);
	serving_released();
	ck_assert_int_eq(caller.opened, 0);
	serving_end();
}
END_TEST

static void
half_then_vanish(struct caller *c)
{
	if (caller_open(c) == 0)
		c->marks[0] = caller_half_message(c);
	caller_close(c);
}

static void
open_and_vanish(struct caller *c)
{
	(void)!caller_open(c);
	caller_close(c);
}

START_TEST(caller_vanishes)
{
	bool cancelled = false;

	serving_bound(open_and_vanish, "");
	serving_lost();
	serving_end();

	serving_begin();
	caller.checkpoint = 1;
	serving_serve(half_then_vanish, "checkpoint-size = 1K");
	do {
		if (stage_next(&stage) == IPC_SUBMIT_START)
			taken.start = stage.record.submit_start;
		/* The last one may have nobody to be confirmed to. */
		if (serving_marked(&taken, false))
			(void)!worker_send(&stage.self, &stage.qmgr,
			    &(struct ipc_record){.type = IPC_SUBMIT_PROGRESS,
				.submit_progress = {taken.start.submit,
				    stage.record.submit_mark.offset,
				    stage.record.submit_mark.offset}},
			    clock_after(STAGE_LIMIT));
		if (stage.record.type == IPC_SUBMIT_CANCEL)
			cancelled = stage.record.submit_cancel.keep;
		ck_assert_int_ne(stage.record.type, IPC_SUBMIT_END);
	} while (stage.record.type != IPC_LINK_EVENT);
	ck_assert(cancelled);
	caller_join(&caller);
	ck_assert_uint_eq(caller.marks[0], 1);
	ck_assert_int_eq(stage.record.link_event.state, IPC_LINK_LOST);
	stage_exit(&stage, STAGE_LIMIT);
	serving_end();
}
END_TEST

/* Nothing that strangers send at any layer ends the worker. */
static const struct {
	const char *octets;
	size_t length;
} nonsense[] = {
#define NONSENSE(text)                 \
	{                              \
		text, sizeof(text) - 1 \
	}
    NONSENSE("GET / HTTP/1.0\r\n\r\n"),
    NONSENSE(""),
    NONSENSE("\x03\x00\x00\x03"),
    NONSENSE("\x03\x00\xff\xff\x02\xf0\x80"),
    NONSENSE("\x03\x00\x00\x07\x02\xf0\x80"),
    /* a CR, then no session */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x0b\x02\xf0\x80\xff\xff\xff\xff"),
    /* a CR, then a CN with a length beyond it */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x0b\x02\xf0\x80\x0d\x7f\xc1\x05"),
    /* a CR, then a CN whose user data is no presentation */
    NONSENSE("\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x01\x00"
	     "\x03\x00\x00\x1f\x02\xf0\x80\x0d\x16\x05\x06\x13\x01\x00"
	     "\x16\x01\x02\x14\x02\x02\x49\xc1\x06\x31\x80\xff\xff\xff\xff"),
};

START_TEST(nonsense_at_each_layer)
{
	serving_begin();
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		int fd = stage_call(caller.port);
		char sink[256];
		ssize_t n;

		ck_assert_int_eq(
		    write(fd, nonsense[i].octets, nonsense[i].length),
		    (ssize_t)nonsense[i].length);
		shutdown(fd, SHUT_WR);
		do
			n = read(fd, sink, sizeof(sink));
		while (n > 0);
		close(fd);
		ck_assert_int_eq(waitpid(stage.pid, NULL, WNOHANG), 0);
	}
	serving_serve(caller_only_binds, "");
	serving_released();
	ck_assert_int_eq(caller.opened, 0);
	serving_end();
}
END_TEST

/* qmgr's settings for the link are of no use: the caller is not kept. */
START_TEST(unusable_settings)
{
	serving_begin();
	caller_start(&caller, caller_only_binds);
	serving_check();
	serving_let_in("nonsense");
	serving_lost();
	ck_assert_int_ne(caller.opened, 0);
	serving_end();
}
END_TEST

START_TEST(stopped_waiting)
{
	serving_begin();
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	serving_end();
}
END_TEST

static void
silent(struct caller *c)
{
	struct pollfd pfd;

	c->fd = stage_call(c->port);
	pfd = (struct pollfd){.fd = c->fd, .events = POLLIN};
	(void)poll(&pfd, 1, STAGE_LIMIT);
	close(c->fd);
}

/* Told to stop while a caller says nothing: it is not waited for. */
START_TEST(stopped_with_a_silent_caller)
{
	serving_begin();
	caller_start(&caller, silent);
	while (strchr(stage.letters, WORKER_STATUS_BUSY) == NULL) {
		struct pollfd pfd = {.fd = stage.status, .events = POLLIN};

		ck_assert_int_eq(poll(&pfd, 1, STAGE_LIMIT), 1);
		stage_letters(&stage);
	}
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	stage_exit(&stage, 5000);
	serving_end();
}
END_TEST

/* Told to stop within a transfer: it comes to its end, then an abort. */
START_TEST(stopped_in_a_transfer)
{
	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	ck_assert_int_eq(kill(stage.pid, SIGTERM), 0);
	ck_assert_int_eq(worker_sleep(&stage.self, 200), 0);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_event(IPC_LINK_LOST);
	stage_exit(&stage, 5000);
	caller_join(&caller);
	ck_assert_int_eq(caller.results[0], 0);
	serving_end();
}
END_TEST

/* An idle worker goes after 100 s; only in the long run of the tests. */
START_TEST(idle)
{
	if (getenv("FOURPOST_TEST_LONG") == NULL)
		return;
	serving_begin();
	stage_exit(&stage, 110000);
	serving_end();
}
END_TEST

TEST_MAIN("x400in/end", TEST(qmgr_gone_at_the_end);
	  TEST(qmgr_gone_with_much_kept); TEST(qmgr_dies_of_it);
	  TEST(qmgr_gone_at_bind); TEST(caller_vanishes);
	  TEST(nonsense_at_each_layer); TEST(unusable_settings);
	  TEST(stopped_waiting); TEST(stopped_with_a_silent_caller);
	  TEST(stopped_in_a_transfer); TEST_LONG(idle, 130))
