/* SPDX-License-Identifier: ISC */
/*
 * x400in_test.c - what it takes and what it refuses
 */
#include "osi/cotp.h"
#include "osi/presentation.h"
#include "osi/session.h"
#include "tests/unit/x400in/serving.h"

/* Two transfers arrive whole, in order, confirmed after qmgr's answer. */
START_TEST(messages)
{
	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	serving_is_message(&taken, 1);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_take(&again);
	serving_is_message(&again, 2);
	ck_assert_uint_ne(taken.start.submit, again.start.submit);
	/* The same message: the same key. */
	ck_assert_int_eq(memcmp(taken.key, again.key, IPC_KEY_LEN), 0);
	serving_answer(&again, IPC_SUBMIT_DUPLICATE);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_int_eq(caller.results[1], 0);
	ck_assert_int_eq(caller.result, 0);
	ck_assert_str_eq(caller.name, "MTA-BERLIN");
	ck_assert_str_eq(caller.password, "secret");
	serving_end();
}
END_TEST

/* A refusal is no end: the next caller is served by the same worker. */
START_TEST(refused_then_bound)
{
	serving_begin();
	caller_start(&caller, caller_only_binds);
	serving_check();
	stage_send(&stage,
	    (struct ipc_record){.type = IPC_BIND_ANSWER,
		.bind_answer = {.accepted = false,
		    .bind_error = BIND_ERROR_AUTHENTICATION,
		    .reason = slice_of_string("unknown")}});
	caller_join(&caller);
	ck_assert_int_eq(caller.opened, ERR_REFUSED);
	serving_serve(caller_two_messages, "");
	serving_take(&taken);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_take(&taken);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	serving_end();
}
END_TEST

/* bind_with_context - bind with a security context, and note the refusal */
static void
bind_with_context(struct caller *c)
{
	c->security_context = true;
	(void)caller_open(c);
	c->results[0] = c->a.failure.bind_error;
	caller_close(c);
}

/* A security context is not agreed upon, and nobody is asked about it. */
START_TEST(refused_security_context)
{
	serving_begin();
	caller_start(&caller, bind_with_context);
	caller_join(&caller);
	ck_assert_int_eq(caller.opened, ERR_REFUSED);
	ck_assert_int_eq(caller.results[0], ASSOCIATION_BIND_SECURITY_CONTEXT);
	serving_end();
}
END_TEST

/* probe_and_report - send a probe and a report with the message's envelope */
static void
probe_and_report(struct caller *c)
{
	static const uint8_t content[] = {0x31, 0x03, 0x80, 0x01, 0x05};
	struct p1_envelope envelope = apdu.envelope;
	struct buffer octets, prefix;

	if (caller_open(c) != 0)
		return;
	buffer_init(&octets, P1_ENVELOPE_MAX);
	envelope.kind = MTS_PROBE;
	envelope.content_length = 4711;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	prefix = caller_prefix(MTS_PROBE, buffer_slice(&octets), 0);
	caller_send(c, buffer_slice(&prefix));
	buffer_fini(&prefix);
	buffer_reset(&octets);
	p1_init(&envelope, MTS_REPORT);
	envelope.identifier = apdu.envelope.identifier;
	envelope.originator = apdu.envelope.originator;
	envelope.trace = apdu.envelope.trace;
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	prefix =
	    caller_prefix(MTS_REPORT, buffer_slice(&octets), sizeof(content));
	ck_assert_int_eq(buffer_append(&prefix, content, sizeof(content)), 0);
	caller_send(c, buffer_slice(&prefix));
	buffer_fini(&prefix);
	buffer_fini(&octets);
	caller_release(c);
}

START_TEST(probe_report)
{
	serving_bound(probe_and_report, "");
	serving_take(&taken);
	ck_assert_int_eq(taken.start.kind, MTS_PROBE);
	ck_assert_uint_eq(taken.end.content_length, 0);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_take(&taken);
	ck_assert_int_eq(taken.start.kind, MTS_REPORT);
	ck_assert_uint_eq(taken.end.content_length, 5);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], 0);
	ck_assert_int_eq(caller.results[1], 0);
	serving_end();
}
END_TEST

/* About this message: an exception, and the next one goes. */
START_TEST(answered_no)
{
	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	serving_answer(&taken, IPC_SUBMIT_REFUSED);
	serving_second_is_taken(ERR_REFUSED);
	ck_assert_int_eq(caller.exception, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
	serving_end();
}
END_TEST

START_TEST(answered_not_now)
{
	serving_bound(caller_two_messages, "");
	serving_take(&taken);
	serving_answer(&taken, IPC_SUBMIT_UNAVAILABLE);
	serving_second_is_taken(ERR_REFUSED);
	ck_assert_int_eq(caller.exception, ASSOCIATION_EXCEPTION_JEOPARDIZED);
	serving_end();
}
END_TEST

static void
garbage_then_message(struct caller *c)
{
	static uint8_t garbage[50000];
	struct buffer octets = serving_apdu();

	if (caller_open(c) == 0) {
		memset(garbage, 0x42, sizeof(garbage));
		(void)caller_send(c, slice_of(garbage, sizeof(garbage)));
		/* cut off within its content, then with a bit too much */
		(void)caller_send(
		    c, slice_of(octets.data, buffer_length(&octets) - 7));
		ck_assert_int_eq(buffer_append(&octets, "x", 1), 0);
		(void)caller_send(c, buffer_slice(&octets));
		(void)caller_message(c);
	}
	buffer_fini(&octets);
	caller_end(c);
}

/* Octets that are no P1 are refused and forgotten; the association goes on. */
START_TEST(garbage_for_p1)
{
	serving_bound(garbage_then_message, "");
	/* Of those that had an envelope qmgr heard, and hears no more. */
	for (;;) {
		if (stage_next(&stage) == IPC_SUBMIT_START) {
			taken.start = stage.record.submit_start;
		} else if (stage.record.type == IPC_SUBMIT_CANCEL) {
			ck_assert_uint_eq(stage.record.submit_cancel.submit,
			    taken.start.submit);
			again.start.submit++;
		} else if (stage.record.type == IPC_SUBMIT_END) {
			break;
		} else
			ck_assert_int_eq(stage.record.type, IPC_SUBMIT_DATA);
	}
	ck_assert_uint_eq(again.start.submit, 2);
	ck_assert_uint_eq(stage.record.submit_end.submit, taken.start.submit);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_int_eq(caller.results[0], ERR_REFUSED);
	ck_assert_int_eq(caller.results[1], ERR_REFUSED);
	ck_assert_int_eq(caller.results[2], ERR_REFUSED);
	ck_assert_int_eq(caller.results[3], 0);
	serving_end();
}
END_TEST

static void
discard_then_message(struct caller *c)
{
	if (caller_open(c) != 0)
		return;
	if (caller_half_message(c))
		c->marks[0] = association_send_discard(&c->a) == 0;
	(void)caller_message(c);
	caller_release(c);
}

START_TEST(caller_discards)
{
	serving_begin();
	caller.checkpoint = 1;
	serving_serve(discard_then_message, "checkpoint-size = 1K");
	taken.start = stage_receive(&stage, IPC_SUBMIT_START)->submit_start;
	while (stage_next(&stage) == IPC_SUBMIT_DATA ||
	    serving_marked(&taken, true))
		continue;
	ck_assert_int_eq(stage.record.type, IPC_SUBMIT_CANCEL);
	ck_assert(!stage.record.submit_cancel.keep);
	serving_take(&taken);
	serving_is_message(&taken, 2);
	serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	serving_released();
	ck_assert_uint_eq(caller.marks[0], 1);
	ck_assert_int_eq(caller.results[0], 0);
	serving_end();
}
END_TEST

static void
many_messages(struct caller *c)
{
	uint8_t filler[2048];
	struct buffer octets;

	memset(filler, 'x', sizeof(filler));
	octets = caller_prefix(
	    MTS_MESSAGE, buffer_slice(&apdu.octets), sizeof(filler));
	ck_assert_int_eq(buffer_append(&octets, filler, sizeof(filler)), 0);
	if (caller_open(c) == 0)
		for (unsigned i = 0; i < stage_count(); i++)
			if (caller_send(c, buffer_slice(&octets)) != 0)
				break;
	buffer_fini(&octets);
	caller_release(c);
}

/* No assertion on time: a figure to look at. */
START_TEST(cpu)
{
	serving_bound(many_messages, "");
	for (unsigned i = 0; i < stage_count(); i++) {
		serving_take(&taken);
		serving_answer(&taken, IPC_SUBMIT_ACCEPTED);
	}
	serving_released();
	ck_assert_uint_eq(caller.transfers, stage_count());
	stage_figure("x400in", stage_count());
	serving_end();
}
END_TEST

/* A called selector that is no link's: its layer refuses, and qmgr hears
 * nothing; one of ours is told to qmgr in the bind. */
START_TEST(called_selectors)
{
	static const struct {
		const char *tsel, *ssel, *psel;
		enum association_layer layer;
		int reason;
	} wrong[] = {
	    {"TX", "S1", "P1", ASSOCIATION_LAYER_TRANSPORT,
		COTP_REASON_ADDRESS},
	    {NULL, "S1", "P1", ASSOCIATION_LAYER_TRANSPORT,
		COTP_REASON_ADDRESS},
	    {"T2", "S", "P1", ASSOCIATION_LAYER_SESSION,
		SESSION_REFUSED_SELECTOR},
	    {"T2", "S1", "P2", ASSOCIATION_LAYER_PRESENTATION,
		PRESENTATION_REFUSED_ADDRESS},
	};
	const struct ipc_bind_check *check;

	serving_selectors =
	    (struct ipc_settings){.transport = slice_of_string("\2T1\2T2"),
		.session = slice_of_string("\2S1"),
		.presentation = slice_of_string("\2P1")};
	serving_begin();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		caller.tsel = wrong[i].tsel;
		caller.ssel = wrong[i].ssel;
		caller.psel = wrong[i].psel;
		caller_start(&caller, caller_only_binds);
		caller_join(&caller);
		ck_assert_int_eq(caller.opened, ERR_REFUSED);
		ck_assert_int_eq(caller.failure.layer, wrong[i].layer);
		ck_assert_int_eq(caller.failure.reason, wrong[i].reason);
	}
	caller.tsel = "T2";
	caller.psel = "P1";
	caller_start(&caller, caller_only_binds);
	check = &stage_receive(&stage, IPC_BIND_CHECK)->bind_check;
	ck_assert(slice_equal_string(check->called_tsel, "T2"));
	ck_assert(slice_equal_string(check->called_ssel, "S1"));
	ck_assert(slice_equal_string(check->called_psel, "P1"));
	serving_let_in("");
	serving_event(IPC_LINK_BOUND);
	serving_released();
	serving_end();
	serving_selectors = (struct ipc_settings){.text = {0}};
}
END_TEST

TEST_MAIN("x400in", TEST(messages); TEST(called_selectors);
	  TEST(refused_then_bound); TEST(refused_security_context);
	  TEST(probe_report); TEST(answered_no); TEST(answered_not_now);
	  TEST(garbage_for_p1); TEST(caller_discards); TEST_LONG(cpu, 120))
