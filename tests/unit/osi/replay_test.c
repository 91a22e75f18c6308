/* SPDX-License-Identifier: ISC */
/*
 * replay_test.c - the association against what a real peer said
 */
#include <netinet/in.h>

#include "osi/cotp.h"
#include "osi/session.h"
#include "osi/tpkt.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/osi/script_fixture.h"

static struct outcome outcome; /* large */

/* respond - let our responder hear the initiator of a capture */
static void
respond(const char *name, size_t step)
{
	struct script script;
	size_t len;
	uint8_t *octets = script_file(name, &len);

	script_init(&script, octets, len, step, SCRIPT_CLOSES);
	script_respond(&script, 1, 3, true, &outcome);
	ck_assert_int_eq(outcome.result, 0);
	ck_assert(outcome.released);
	ck_assert_uint_eq(script.at, len);
	ck_assert_uint_eq(script.association.octets_in, len);
	ck_assert_uint_eq(script.association.octets_out, script.said_len);
	script_fini(&script);
	free(octets);
}

START_TEST(respond_1recip)
{
	static const size_t steps[] = {1, 3, 100, 65536};

	for (size_t i = 0; i < 4; i++) {
		respond("message-1recip.initiator.bin", steps[i]);
		ck_assert_uint_eq(outcome.transfers, 1);
		ck_assert_uint_eq(outcome.checkpoints, 0);
		/* 612 octets less 28 80 02 01 05 a0 80 and its end. */
		ck_assert_uint_eq(outcome.apdu_len, 612 - 7 - 4);
		ck_assert_mem_eq(outcome.apdu, "\xa0\x80\x31\x80", 4);
		ck_assert_mem_eq(outcome.apdu + 601 - 6, "\0\0\0\0\0\0", 6);
		ck_assert_uint_eq(outcome.indication.checkpoint_size, 63);
		ck_assert_uint_eq(outcome.indication.window, 3);
	}
}
END_TEST

START_TEST(respond_3recips)
{
	respond("message-3recips.initiator.bin", 17);
	ck_assert_uint_eq(outcome.transfers, 1);
}
END_TEST

START_TEST(respond_checkpoints)
{
	respond("message-24KB-checkpoints.initiator.bin", 1);
	ck_assert_uint_eq(outcome.checkpoints, 24);
	respond("message-24KB-checkpoints.initiator.bin", 65536);
	ck_assert_uint_eq(outcome.transfers, 1);
	ck_assert_uint_eq(outcome.checkpoints, 24);
	/* 24 pieces of 1,024 and one of 144 + 42 + ... octets. */
	ck_assert_uint_gt(outcome.apdu_len, 24 * 1024);
	ck_assert_mem_eq(outcome.apdu, "\xa0\x80", 2);
}
END_TEST

/* The indication is complete while it may be looked at. */
START_TEST(indication)
{
	struct association_parameters parameters = script_parameters();
	struct association_indication got;
	struct script script;
	size_t len;
	uint8_t *octets = script_file("message-1recip.initiator.bin", &len);

	script_init(&script, octets, len, 7, SCRIPT_CLOSES);
	ck_assert_int_eq(association_listen(&script.association, script.fd[0],
			     &parameters, &got),
	    0);
	ck_assert_int_eq(script.association.phase, ASSOCIATION_INDICATED);
	ck_assert(slice_equal(got.calling_tsel, LITERAL("a88")));
	ck_assert(slice_equal(got.called_tsel, LITERAL("x400in88")));
	ck_assert_uint_eq(got.calling_ssel.len, 0);
	ck_assert_uint_eq(got.calling_psel.len, 0);
	ck_assert(
	    slice_equal(got.application_context, LITERAL("\x56\x00\x01\x06")));
	ck_assert_mem_eq(got.references.calling, "vm", 2);
	ck_assert_uint_eq(got.references.calling_len, 2);
	ck_assert_mem_eq(got.references.common, "261122172951Z", 13);
	ck_assert_int_eq(got.dialogue, ASSOCIATION_MONOLOGUE);
	ck_assert(!got.recover);
	ck_assert(slice_equal(got.bind_argument,
	    LITERAL("\xa1\x13\x80\x05mta-a\xa1\x0a\x04\x08secret-a")));
	/* Not before it was accepted. */
	ck_assert_int_eq(
	    association_confirm_transfer(&script.association), ERR_STATE);
	ck_assert_int_eq(association_release(&script.association), ERR_STATE);
	script_fini(&script);
	free(octets);
}
END_TEST

/* initiate - let our initiator hear the responder of a capture */
static int
initiate(struct script *script, const char *name, struct slice *result)
{
	struct association_parameters parameters = script_parameters();
	size_t len;
	uint8_t *octets = script_file(name, &len);

	script_init(script, octets, len, 5, SCRIPT_CLOSES);
	script->owned = octets;
	return association_open(&script->association, script->fd[0],
	    &parameters,
	    LITERAL("\xa1\x13\x80\x05mta-a\xa1\x0a\x04\x08secret-a"), result);
}

/* said - find the n-th session PDU that we sent; count the TPDUs */
static enum session_kind
said(const struct script *script, unsigned n)
{
	struct slice rest = slice_of(script->said, script->said_len), packet;
	struct session_pdu pdu;
	struct cotp_tpdu tpdu;
	struct diag diag = {0};
	size_t used;

	for (unsigned i = 0; rest.len > 0;) {
		ck_assert_int_eq(tpkt_decode(rest, &packet, &used, &diag), 1);
		ck_assert_int_eq(cotp_decode(packet, &tpdu, &diag), 0);
		rest = slice_of(rest.data + used, rest.len - used);
		if (tpdu.code != COTP_DT)
			continue;
		ck_assert_int_eq(session_decode(tpdu.data, &pdu, &diag), 0);
		if (i++ == n)
			return pdu.kind;
	}
	ck_abort_msg("no PDU %u was sent", n);
	return SESSION_CONNECT;
}

START_TEST(initiate_1recip)
{
	struct script script;
	struct association *a = &script.association;
	struct slice result;

	ck_assert_int_eq(
	    initiate(&script, "message-1recip.responder.bin", &result), 0);
	ck_assert(slice_equal(
	    result, LITERAL("\xa1\x13\x80\x05mta-b\xa1\x0a\x04\x08secret-b")));
	ck_assert_uint_eq(a->checkpoint_size, 1);
	ck_assert_uint_eq(a->window, 3);
	ck_assert_int_eq(association_send_start(a, 200, CLOCK_NEVER), 0);
	ck_assert_int_eq(
	    association_send_data(a, slice_of(script.octets, 200)), 0);
	ck_assert_int_eq(association_send_end(a), 0);
	ck_assert_int_eq(association_send_finish(a), 0);
	ck_assert_int_eq(association_release(a), 0);
	script_hear(&script);
	ck_assert_int_eq(said(&script, 0), SESSION_CONNECT);
	ck_assert_int_eq(said(&script, 1), SESSION_ACTIVITY_START);
	ck_assert_int_eq(said(&script, 2), SESSION_DATA);
	ck_assert_int_eq(said(&script, 3), SESSION_ACTIVITY_END);
	ck_assert_int_eq(said(&script, 4), SESSION_FINISH);
	script_fini(&script);
}
END_TEST

START_TEST(initiate_refused)
{
	struct script script;
	struct association *a = &script.association;
	struct slice result;

	ck_assert_int_eq(
	    initiate(&script, "assoc-refused-badpw.responder.bin", &result),
	    ERR_REFUSED);
	ck_assert_int_eq(a->phase, ASSOCIATION_OVER);
	ck_assert_int_eq(a->failure.end, ASSOCIATION_REFUSED_BY_PEER);
	ck_assert_int_eq(a->failure.layer, ASSOCIATION_LAYER_BIND);
	ck_assert_int_eq(
	    a->failure.bind_error, ASSOCIATION_BIND_AUTHENTICATION);
	ck_assert(!a->failure.transient);
	ck_assert_str_eq(
	    a->failure.text, "bind: refused: authentication error");
	/* The transport connection was ended: a DR is the last. */
	script_hear(&script);
	ck_assert_uint_eq(script.said[script.said_len - 6], COTP_DR);
	ck_assert_uint_eq(script.said[script.said_len - 1], 0x80);
	script_fini(&script);
}
END_TEST

/* A responder of X.410 mode that was called in normal mode is told so, in
 * words. */
START_TEST(initiate_other_mode)
{
	struct script script;
	struct slice result;

	ck_assert_int_eq(
	    initiate(&script, "x410mode-message.responder.bin", &result),
	    ERR_PROTOCOL);
	ck_assert_int_eq(
	    script.association.failure.layer, ASSOCIATION_LAYER_PRESENTATION);
	ck_assert_str_eq(
	    script.association.failure.text, "presentation: of another mode");
	script_fini(&script);
}
END_TEST

/* Octets that PP sent in the modes of 1984, and the bind that its protocol asks
 * of us. */
static const struct old_mode {
	const char *initiator, *responder;
	enum association_mode mode;
	struct slice argument, result;
	struct slice protocol; /* in our CP */
	size_t apdu;	       /* octets of the message */
} old_modes[] = {
    {"x410mode-message.initiator.bin", "x410mode-message.responder.bin",
	ASSOCIATION_X410,
	{(const uint8_t *)"\xa1\x13\x80\x05mta-a\xa1\x0a\x04\x08secret-a", 21},
	{(const uint8_t *)"\xa1\x13\x80\x05mta-b\xa1\x0a\x04\x08secret-b", 21},
	{(const uint8_t *)"\x84\x01\x0c", 3}, 604},
    {"1984-message.initiator.bin", "1984-message.responder.bin",
	ASSOCIATION_1984,
	{(const uint8_t *)"\xa1\x13\x80\x05mta-a\xa1\x0a\x16\x08secret-a", 21},
	{(const uint8_t *)"\xa1\x13\x80\x05mta-b\xa1\x0a\x16\x08secret-b", 21},
	{(const uint8_t *)"\x84\x01\x01", 3}, 440},
};

START_TEST(initiate_old_mode)
{
	const struct old_mode *old = &old_modes[_i];
	struct association_parameters parameters = script_parameters();
	struct script script;
	struct association *a = &script.association;
	struct slice result;
	size_t len;
	uint8_t *octets = script_file(old->responder, &len);

	parameters.mode = old->mode;
	script_init(&script, octets, len, 5, SCRIPT_CLOSES);
	script.owned = octets;
	ck_assert_int_eq(association_open(a, script.fd[0], &parameters,
			     old->argument, &result),
	    0);
	ck_assert(slice_equal(result, old->result));
	ck_assert_uint_eq(a->checkpoint_size, 1);
	ck_assert_uint_eq(a->window, 3);
	ck_assert_int_eq(association_send_start(a, 200, CLOCK_NEVER), 0);
	ck_assert_int_eq(
	    association_send_data(a, slice_of(script.octets, 200)), 0);
	ck_assert_int_eq(association_send_end(a), 0);
	ck_assert_int_eq(association_send_finish(a), 0);
	ck_assert_int_eq(association_release(a), 0);
	script_hear(&script);
	/* P-DATA is bare, and so are FN and the bind in the CP. */
	ck_assert_ptr_nonnull(memmem(script.said, script.said_len,
	    old->protocol.data, old->protocol.len));
	ck_assert_ptr_nonnull(memmem(
	    script.said, script.said_len, "\xa3\x17\xa0\x15\xa1\x13", 6));
	ck_assert_ptr_nonnull(
	    memmem(script.said, script.said_len, "\x09\x03\x11\x01\x01", 5));
	ck_assert_int_eq(said(&script, 2), SESSION_DATA);
	ck_assert_int_eq(said(&script, 3), SESSION_ACTIVITY_END);
	ck_assert_int_eq(said(&script, 4), SESSION_FINISH);
	script_fini(&script);
}
END_TEST

START_TEST(respond_old_mode)
{
	static const size_t steps[] = {1, 3, 100, 65536};
	const struct old_mode *old = &old_modes[_i];

	for (size_t i = 0; i < 4; i++) {
		respond(old->initiator, steps[i]);
		ck_assert_int_eq(outcome.mode, old->mode);
		ck_assert_uint_eq(outcome.transfers, 1);
		ck_assert_uint_eq(outcome.apdu_len, old->apdu);
		ck_assert_mem_eq(outcome.apdu, "\xa0\x80\x31\x80", 4);
	}
}
END_TEST

/* refuse - replay a capture that the responder must refuse */
static void
refuse(const char *name)
{
	struct script script;
	size_t len;
	uint8_t *octets = script_file(name, &len);

	script_init(&script, octets, len, 65536, SCRIPT_CLOSES);
	script_respond(&script, 1, 3, true, &outcome);
	ck_assert_int_eq(outcome.result, ERR_REFUSED);
	ck_assert_int_eq(outcome.failure.end, ASSOCIATION_REFUSED_BY_US);
	ck_assert_int_eq(said(&script, 0), SESSION_REFUSE);
	free(octets);
	octets =
	    memmem(script.said, script.said_len, "\xb2\x03\x02\x01\x03", 5);
	ck_assert_int_eq(octets != NULL, outcome.failure.bind_error == 3);
	script_fini(&script);
}

START_TEST(respond_two_way)
{
	refuse("bind-twa.initiator.bin");
	ck_assert_int_eq(outcome.failure.bind_error, ASSOCIATION_BIND_DIALOGUE);
	ck_assert_str_eq(outcome.failure.text,
	    "bind: refused by us: unacceptable dialogue mode");
}
END_TEST

/* PP's bind for two-way alternate, and what we answer if we may. */
START_TEST(respond_two_way_taken)
{
	struct script script;
	struct association *a = &script.association;
	struct association_parameters parameters = script_parameters();
	struct association_indication got;
	struct association_event event;
	size_t len;
	uint8_t *octets = script_file("bind-twa.initiator.bin", &len);

	script_init(&script, octets, len, 65536, SCRIPT_CLOSES);
	parameters.dialogue = ASSOCIATION_TWO_WAY;
	parameters.called_tsel = slice_of(NULL, 0);
	ck_assert_int_eq(
	    association_listen(a, script.fd[0], &parameters, &got), 0);
	ck_assert_int_eq(got.dialogue, ASSOCIATION_TWO_WAY);
	ck_assert(!got.turn);
	ck_assert_uint_eq(got.checkpoint_size, 63);
	ck_assert_int_eq(association_accept(a, LITERAL("\x05\x00"), 1, 3), 0);
	ck_assert_int_eq(a->dialogue, ASSOCIATION_TWO_WAY);
	ck_assert_int_eq(association_receive(a, &event, clock_after(60000)), 0);
	ck_assert_int_eq(event.kind, ASSOCIATION_EVENT_RELEASE);
	ck_assert_int_eq(association_confirm_release(a), 0);
	script_hear(&script);
	ck_assert_int_eq(said(&script, 0), SESSION_ACCEPT);
	ck_assert_int_eq(said(&script, 1), SESSION_DISCONNECT);
	free(octets);
	script_fini(&script);
}
END_TEST

/* The window is 1: one more may be outstanding, two more not. */
START_TEST(window)
{
	struct script script;
	size_t len;
	uint8_t *octets =
	    script_file("message-24KB-checkpoints.initiator.bin", &len);

	script_init(&script, octets, len, 65536, SCRIPT_CLOSES);
	script_respond(&script, 1, 1, false, &outcome);
	ck_assert(outcome.aborted);
	ck_assert_uint_eq(outcome.checkpoints, 2);
	ck_assert_int_eq(outcome.failure.end, ASSOCIATION_ABORTED_BY_US);
	ck_assert_int_eq(outcome.failure.layer, ASSOCIATION_LAYER_RTSE);
	ck_assert_int_eq(said(&script, 1), SESSION_ABORT);
	script_fini(&script);
	free(octets);
}
END_TEST

/* Cut at each octet: never a transfer that is not whole, never a hang. */
START_TEST(truncated)
{
	struct script script;
	size_t len;
	uint8_t *octets = script_file("message-1recip.initiator.bin", &len);
	size_t whole = len - 11 - 28; /* the DR, the FN */

	for (size_t cut = 0; cut < len - 11; cut++) {
		script_init(&script, octets, cut, 65536, SCRIPT_CLOSES);
		script_respond(&script, 1, 3, true, &outcome);
		ck_assert(outcome.aborted || outcome.result == ERR_CLOSED);
		ck_assert_int_eq(outcome.failure.end, ASSOCIATION_LOST);
		ck_assert_uint_eq(outcome.transfers, cut >= whole);
		ck_assert_str_ne(outcome.failure.text, "");
		script_fini(&script);
	}
	free(octets);
}
END_TEST

/* Each octet changed: some end, and a reason for it, come what may. */
START_TEST(corrupted)
{
	static const uint8_t flips[] = {0x01, 0x20, 0x80, 0xff};
	struct script script;
	size_t len;
	uint8_t *octets = script_file("message-1recip.initiator.bin", &len);

	for (size_t at = 0; at < len; at++) {
		for (size_t i = 0; i < sizeof(flips); i++) {
			octets[at] ^= flips[i];
			script_init(&script, octets, len, 65536, SCRIPT_CLOSES);
			script_respond(&script, 1, 3, true, &outcome);
			ck_assert_int_ne(
			    outcome.failure.end, ASSOCIATION_NOT_ENDED);
			ck_assert_int_eq(
			    script.association.phase, ASSOCIATION_OVER);
			if (!outcome.released)
				ck_assert_str_ne(outcome.failure.text, "");
			script_fini(&script);
			octets[at] ^= flips[i];
		}
	}
	free(octets);
}
END_TEST

/* The same for what an initiator hears. */
START_TEST(corrupted_answer)
{
	struct association_parameters parameters = script_parameters();
	struct script script;
	struct association *a = &script.association;
	struct slice result;
	size_t len;
	uint8_t *octets = script_file("message-1recip.responder.bin", &len);

	for (size_t at = 0; at < len; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			int error;

			octets[at] ^= (uint8_t)(1U << bit);
			script_init(&script, octets, len, 65536, SCRIPT_CLOSES);
			error = association_open(a, script.fd[0], &parameters,
			    LITERAL("\x05\x00"), &result);
			if (error == 0)
				error =
				    association_send_start(a, 3, CLOCK_NEVER);
			if (error == 0)
				error =
				    association_send_data(a, LITERAL("abc"));
			if (error == 0)
				error = association_send_end(a);
			if (error == 0)
				error = association_send_finish(a);
			if (error == 0)
				error = association_release(a);
			ck_assert_int_eq(a->phase, ASSOCIATION_OVER);
			if (error != 0)
				ck_assert_str_ne(a->failure.text, "");
			script_fini(&script);
			octets[at] ^= (uint8_t)(1U << bit);
		}
	}
	free(octets);
}
END_TEST

/* Cut at each octet what an initiator hears. */
START_TEST(truncated_answer)
{
	struct association_parameters parameters = script_parameters();
	struct script script;
	struct slice result;
	size_t len;
	uint8_t *octets = script_file("message-1recip.responder.bin", &len);

	/* CC, AC: the answer to the bind is whole with these. */
	for (size_t cut = 0; cut < len; cut++) {
		int error;

		script_init(&script, octets, cut, 65536, SCRIPT_SILENT);
		error = association_open(&script.association, script.fd[0],
		    &parameters, LITERAL("\x05\x00"), &result);
		ck_assert_int_eq(error, cut < 14 + 170 ? ERR_TIMEOUT : 0);
		if (error < 0)
			ck_assert_str_eq(script.association.failure.text,
			    cut < 14 ? "transport: timed out waiting for the "
				       "answer to the CR"
				     : "session: timed out waiting for the "
				       "answer to the CN");
		script_fini(&script);
	}
	free(octets);
}
END_TEST

struct breach {
	const char *octets;
	enum association_layer layer;
	const char *answer;
};

#define AS "03 00 00 10 02 f0 80 01 00 2d 05 29 03 02 01 01 "

/* Octets that a peer may not send after the bind, and the abort that answers
 * them. */
static const struct breach breaches[] = {
    /* not a packet, not a TPDU of class 0: an ER */
    {"04 00 00 07 02 f0 80", ASSOCIATION_LAYER_TRANSPORT, "04 70"},
    {"03 00 00 07 02 60 80", ASSOCIATION_LAYER_TRANSPORT, "04 70"},
    /* an SPDU of no use, one out of place: the session entity's AB */
    {"03 00 00 09 02 f0 80 07 00", ASSOCIATION_LAYER_SESSION, "19 03 11 01 05"},
    {"03 00 00 0e 02 f0 80 01 00 31 03 2a 01 31", ASSOCIATION_LAYER_SESSION,
	"19 03 11 01 05"},
    {"03 00 00 09 02 f0 80 16 00", ASSOCIATION_LAYER_SESSION, "19 03 11 01 05"},
    {"03 00 00 0c 02 f0 80 01 00 01 00 61", ASSOCIATION_LAYER_SESSION,
	"19 03 11 01 05"},
    /* not complete, another context: an ARP */
    {AS "03 00 00 0d 02 f0 80 01 00 01 00 61 00",
	ASSOCIATION_LAYER_PRESENTATION, "19 0a 11 01 03 c1 05 30 03 80 01 00"},
    {AS "03 00 00 17 02 f0 80 01 00 01 00 61 0a 30 08 02 01 05 a0 03 04 01 "
	"28",
	ASSOCIATION_LAYER_PRESENTATION, "19 0a 11 01 03 c1 05 30 03 80 01 00"},
    /* no RTTR, no EXTERNAL: RTAB, ABRT, ARU, AB */
    {AS "03 00 00 17 02 f0 80 01 00 01 00 61 0a 30 08 02 01 03 a0 03 02 01 "
	"28",
	ASSOCIATION_LAYER_RTSE,
	"19 37 11 01 03 c1 32 a0 30 a0 12 30 07 02 01 01 06 02 51 01 30 07 "
	"02 01 03 06 02 51 01 61 1a 30 18 02 01 01 a0 13 64 11 80 01 00 be "
	"0c 28 0a 02 01 03 a0 05 b6 03 80 01 04"},
    {AS "03 00 00 18 02 f0 80 01 00 01 00 61 0b 30 09 02 01 03 a0 04 04 02 "
	"30 00",
	ASSOCIATION_LAYER_RTSE, "b6 03 80 01 04"},
    /* an end before there was anything */
    {AS "03 00 00 0e 02 f0 80 01 00 29 03 2a 01 31", ASSOCIATION_LAYER_RTSE,
	"b6 03 80 01 04"},
    /* an activity to go on with that nobody knows: RTAB 2 */
    {"03 00 00 1a 02 f0 80 01 00 1d 0f 21 08 29 03 02 01 03 2a 01 34 29 03 "
     "02 01 04",
	ASSOCIATION_LAYER_RTSE, "b6 03 80 01 02"},
};

START_TEST(breach)
{
	const struct breach *want = &breaches[_i];
	struct script script;
	struct hex hex, answer;
	size_t len, bound = 29 + 186;
	uint8_t *octets = script_file("message-1recip.initiator.bin", &len);

	hex_parse(&hex, want->octets);
	hex_parse(&answer, want->answer);
	memcpy(octets + bound, hex.data, hex.len);
	script_init(&script, octets, bound + hex.len, 65536, SCRIPT_CLOSES);
	script_respond(&script, 1, 3, true, &outcome);
	ck_assert(outcome.aborted);
	ck_assert_int_eq(outcome.failure.end, ASSOCIATION_ABORTED_BY_US);
	ck_assert_int_eq(outcome.failure.layer, want->layer);
	ck_assert_str_ne(outcome.failure.text, "");
	ck_assert_ptr_nonnull(
	    memmem(script.said, script.said_len, answer.data, answer.len));
	script_fini(&script);
	free(octets);
}
END_TEST

/* A connection that is reset, over TCP. */
START_TEST(reset)
{
	const struct association_io io = {association_poll, NULL};
	struct association_parameters parameters = script_parameters();
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger linger = {.l_onoff = 1};
	socklen_t size = sizeof(address);
	struct association a;
	struct slice result;
	int listener = socket(AF_INET, SOCK_STREAM, 0), here, there;

	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(
	    getsockname(listener, (struct sockaddr *)&address, &size), 0);
	here = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(here, (struct sockaddr *)&address, size), 0);
	there = accept(listener, NULL, NULL);
	setsockopt(there, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(there);
	ck_assert_int_eq(association_init(&a, io), 0);
	ck_assert_int_eq(association_open(&a, here, &parameters,
			     LITERAL("\x05\x00"), &result),
	    ERR_CLOSED);
	ck_assert_int_eq(a.failure.end, ASSOCIATION_LOST);
	ck_assert_int_eq(a.failure.layer, ASSOCIATION_LAYER_NETWORK);
	ck_assert_int_eq(strncmp(a.failure.text, "network: ", 9), 0);
	association_fini(&a);
	close(here);
	close(listener);
}
END_TEST

TEST_MAIN("osi/replay", TEST(respond_1recip); TEST(respond_3recips);
	  TEST(respond_checkpoints); TEST(indication); TEST(initiate_1recip);
	  TEST(initiate_refused); TEST(initiate_other_mode);
	  TEST_LOOP(initiate_old_mode, 2); TEST_LOOP(respond_old_mode, 2);
	  TEST(respond_two_way); TEST(respond_two_way_taken); TEST(window);
	  TEST(truncated); TEST(corrupted); TEST(corrupted_answer);
	  TEST(truncated_answer);
	  TEST_LOOP(breach, sizeof(breaches) / sizeof(breaches[0]));
	  TEST(reset))
