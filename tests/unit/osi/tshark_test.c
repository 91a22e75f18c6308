/* SPDX-License-Identifier: ISC */
/*
 * tshark_test.c - what we send, read by an independent decoder
 */
#include "osi/association_recovery.h"
#include "osi/association_turn.h"
#include "tests/unit/osi/script_fixture.h"
#include "tests/unit/osi/tshark_fixture.h"

#define EXPERT "-e frame.number -e _ws.expert.message -e _ws.malformed"

/* clean - tell whether nothing is malformed; PP's message bears extensions that
 * tshark does not know, since it tags them explicitly */
static void
clean(const struct recorder *recorder)
{
	int wrong = recorder_count(recorder,
	    "_ws.malformed || (_ws.expert.severity >= 0x600000 && "
	    "!(_ws.expert.message == \"Unknown standard-extension\"))",
	    "-e frame.number -e _ws.expert.message");

	ck_assert_int_eq(wrong, 0);
}

static struct outcome outcome; /* large */

/* take_apdu - take the message of a capture, so that there is one to decode */
static struct slice
take_apdu(const char *name)
{
	struct script script;
	size_t len;
	uint8_t *octets = script_file(name, &len);

	script_init(&script, octets, len, len, SCRIPT_CLOSES);
	script_respond(&script, 1, 3, true, &outcome);
	ck_assert_uint_eq(outcome.transfers, 1);
	script_fini(&script);
	free(octets);
	return slice_of(outcome.apdu, outcome.apdu_len);
}

/* finish - close what both sides hold, when they are done */
static void
finish(struct pair *pair, struct recorder *recorder)
{
	shutdown(pair->fd[0], SHUT_WR);
	pair_join(pair);
	shutdown(pair->fd[1], SHUT_WR);
	recorder_join(recorder);
}

/* Every PDU of a good association, with checkpoints and in small TPDUs. */
START_TEST(good)
{
	struct pair pair;
	struct recorder recorder;

	pair_init(&pair);
	recorder_start(&recorder, &pair);
	pair.parameters.checkpoint_size = 1;
	pair.parameters.window = 3;
	pair.parameters.tpdu_size = 512;
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(
	    pair_send_octets(&pair, take_apdu("message-1recip.initiator.bin")),
	    0);
	ck_assert_int_eq(
	    pair_send_octets(
		&pair, take_apdu("message-24KB-checkpoints.initiator.bin")),
	    0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	finish(&pair, &recorder);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_uint_eq(pair.transfers, 2);
	clean(&recorder);
	ck_assert_int_eq(recorder_count(&recorder, "rtse.rtorq_apdu_element",
			     "-e rtse.checkpointSize"),
	    1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "rtse.rtoac_apdu_element", "-e ses.type"),
	    1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "p1.MTS_APDU", "-e p1.MTS_APDU"), 2);
	ck_assert_int_eq(
	    recorder_count(&recorder, "acse.rlrq_element", "-e ses.type"), 1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "acse.rlre_element", "-e ses.type"), 1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "cotp.type == 0x08", "-e cotp.type"), 1);
	unlink(recorder.path);
	pair_fini(&pair);
}
END_TEST

/* serve_refusing - refuse a bind */
static void
serve_refusing(struct pair *pair)
{
	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result = association_refuse(&pair->there,
		    ASSOCIATION_REFUSE_BIND, ASSOCIATION_BIND_AUTHENTICATION);
}

START_TEST(refused)
{
	struct pair pair;
	struct recorder recorder;

	pair_init(&pair);
	recorder_start(&recorder, &pair);
	pair_start(&pair, serve_refusing);
	ck_assert_int_eq(pair_open(&pair), ERR_REFUSED);
	finish(&pair, &recorder);
	ck_assert_int_eq(pair.result, 0);
	clean(&recorder);
	ck_assert_int_eq(
	    recorder_count(&recorder, "rtse.rtorj_apdu_element", "-e ses.type"),
	    1);
	ck_assert_int_eq(recorder_count(&recorder, "p1.MTABindError == 2",
			     "-e p1.MTABindError"),
	    1);
	unlink(recorder.path);
	pair_fini(&pair);
}
END_TEST

/* An abort with its reason, in the middle of a transfer. */
START_TEST(aborted)
{
	struct pair pair;
	struct recorder recorder;

	pair_init(&pair);
	recorder_start(&recorder, &pair);
	pair_start(&pair, pair_serve);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(
	    association_send_start(&pair.here, 100, CLOCK_NEVER), 0);
	association_abort(&pair.here, ASSOCIATION_ABORT_TEMPORARY);
	finish(&pair, &recorder);
	ck_assert_str_eq(pair.there.failure.text,
	    "reliable transfer: aborted by the peer: temporary problem");
	clean(&recorder);
	ck_assert_int_eq(recorder_count(&recorder,
			     "rtse.abortReason == 3 && acse.abrt_element",
			     "-e rtse.abortReason"),
	    1);
	unlink(recorder.path);
	pair_fini(&pair);
}
END_TEST

/* resume_here - break off after these octets, and go on at once */
static int
resume_here(struct association *a, struct slice apdu, size_t len)
{
	struct association_resumption resumption = {.serial = 0};
	int error;

	error = association_send_start(a, apdu.len, CLOCK_NEVER);
	if (error == 0)
		error = association_send_data(a, slice_of(apdu.data, len));
	if (error == 0)
		error = association_send_interrupt(a, &resumption.serial);
	if (error != 0)
		return error;
	resumption.activity = a->activity_sent;
	resumption.offset = a->confirmed_offset;
	error = association_send_resume(a, &resumption, apdu.len, CLOCK_NEVER);
	if (error == 0)
		error = association_send_data(a,
		    slice_of(apdu.data + resumption.offset,
			apdu.len - (size_t)resumption.offset));
	if (error == 0)
		error = association_send_end(a);
	return error != 0 ? error : association_send_finish(a);
}

/* serve_resuming - serve as a receiver that resumes */
static void
serve_resuming(struct pair *pair)
{
	struct association *a = &pair->there;
	struct association_receive_state state = {.len = 0};
	struct association_event event = {.activity = 0};

	pair->result = pair_listen(pair);
	if (pair->result == 0)
		pair->result =
		    association_accept(a, LITERAL(BIND_RESULT), 1, 3);
	while (
	    pair->result == 0 && event.kind != ASSOCIATION_EVENT_TRANSFER_END) {
		pair->result =
		    association_receive(a, &event, clock_after(60000));
		if (pair->result != 0)
			return;
		if (event.kind == ASSOCIATION_EVENT_CHECKPOINT) {
			pair->result = association_receive_state(a, &state);
			if (pair->result == 0)
				pair->result = association_confirm_checkpoint(
				    a, event.serial);
		} else if (event.kind == ASSOCIATION_EVENT_TRANSFER_RESUMED) {
			pair->result = association_resume_accept(a, &state);
		}
	}
	if (pair->result == 0)
		pair->result = association_confirm_transfer(a);
	if (pair->result == 0)
		pair_receive(pair);
}

/* A transfer that is interrupted and resumed, and one after it.  Nothing is
 * sent twice: tshark would take it for more of the message. */
START_TEST(resumed)
{
	struct pair pair;
	struct recorder recorder;

	pair_init(&pair);
	pair.parameters.window = 1;
	recorder_start(&recorder, &pair);
	pair_start(&pair, serve_resuming);
	ck_assert_int_eq(pair_open(&pair), 0);
	ck_assert_int_eq(
	    resume_here(&pair.here,
		take_apdu("message-24KB-checkpoints.initiator.bin"), 7000),
	    0);
	ck_assert_int_eq(
	    pair_send_octets(&pair, take_apdu("message-1recip.initiator.bin")),
	    0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	finish(&pair, &recorder);
	ck_assert_int_eq(pair.result, 0);
	clean(&recorder);
	ck_assert_int_eq(
	    recorder_count(&recorder, "ses.type == 29", "-e ses.type"), 1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "p1.MTS_APDU", "-e p1.MTS_APDU"), 2);
	unlink(recorder.path);
	pair_fini(&pair);
}
END_TEST

/* serve_two_way - ask for the turn, send with it, give it back */
static void
serve_two_way(struct pair *pair)
{
	struct association_parameters parameters = pair->parameters;
	struct association *a = &pair->there;
	struct association_event event = {.activity = 0};

	parameters.called_tsel = slice_of(NULL, 0);
	pair->result =
	    association_listen(a, pair->fd[1], &parameters, &pair->indication);
	if (pair->result == 0)
		pair->result =
		    association_accept(a, LITERAL(BIND_RESULT), 2, 3);
	if (pair->result == 0)
		pair->result = association_turn_please(a, 5);
	while (pair->result == 0 && event.kind != ASSOCIATION_EVENT_TURN_GIVEN)
		pair->result =
		    association_receive(a, &event, clock_after(60000));
	if (pair->result == 0)
		pair->result =
		    association_send_start(a, outcome.apdu_len, CLOCK_NEVER);
	if (pair->result == 0)
		pair->result = association_send_data(
		    a, slice_of(outcome.apdu, outcome.apdu_len));
	if (pair->result == 0)
		pair->result = association_send_end(a);
	if (pair->result == 0)
		pair->result = association_send_finish(a);
	if (pair->result == 0)
		pair->result = association_turn_give(a);
	if (pair->result == 0)
		pair_receive(pair);
}

/* Both sides send. */
START_TEST(two_way)
{
	struct association_event event = {.activity = 0};
	struct slice apdu = take_apdu("message-1recip.initiator.bin");
	struct pair pair;
	struct recorder recorder;

	pair_init(&pair);
	pair.parameters.dialogue = ASSOCIATION_TWO_WAY;
	recorder_start(&recorder, &pair);
	pair_start(&pair, serve_two_way);
	ck_assert_int_eq(pair_open(&pair), 0);
	while (event.kind != ASSOCIATION_EVENT_TURN_WANTED)
		ck_assert_int_eq(
		    association_receive(&pair.here, &event, clock_after(60000)),
		    0);
	ck_assert_int_eq(association_turn_give(&pair.here), 0);
	while (event.kind != ASSOCIATION_EVENT_TURN_GIVEN) {
		ck_assert_int_eq(
		    association_receive(&pair.here, &event, clock_after(60000)),
		    0);
		if (event.kind == ASSOCIATION_EVENT_TRANSFER_END)
			ck_assert_int_eq(
			    association_confirm_transfer(&pair.here), 0);
	}
	ck_assert_int_eq(pair_send_octets(&pair, apdu), 0);
	ck_assert_int_eq(association_release(&pair.here), 0);
	finish(&pair, &recorder);
	ck_assert_int_eq(pair.result, 0);
	ck_assert_uint_eq(pair.transfers, 1);
	clean(&recorder);
	ck_assert_int_eq(
	    recorder_count(&recorder, "rtse.dialogueMode == 1", "-e ses.type"),
	    1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "ses.type == 21", "-e ses.type"), 2);
	ck_assert_int_eq(
	    recorder_count(&recorder, "ses.type == 22", "-e ses.type"), 2);
	ck_assert_int_eq(recorder_count(&recorder, "rtse.rttp_apdu == 5",
			     "-e rtse.rttp_apdu"),
	    1);
	ck_assert_int_eq(
	    recorder_count(&recorder, "p1.MTS_APDU", "-e p1.MTS_APDU"), 2);
	unlink(recorder.path);
	pair_fini(&pair);
}
END_TEST

TEST_MAIN("osi/tshark", TEST(good); TEST(refused); TEST(aborted); TEST(resumed);
	  TEST(two_way))
