/* SPDX-License-Identifier: ISC */
/*
 * capture_test.c - every PDU that a real peer sent, through the codecs
 *
 * Decoded, encoded again and compared, where our form is the peer's.
 */
#include "osi/acse.h"
#include "osi/cotp.h"
#include "osi/presentation.h"
#include "osi/rtse.h"
#include "osi/session.h"
#include "osi/tpkt.h"
#include "tests/unit/osi/script_fixture.h"

struct seen {
	unsigned tpdu, pdu[SESSION_EXCEPTION_REPORT + 1];
	unsigned acse, rtse;
};

static struct buffer out;
static struct arena arena;
static struct diag diag;

/* same - check that what was encoded is what came */
static void
same(struct slice came)
{
	struct slice sent = buffer_slice(&out);

	ck_assert_uint_eq(sent.len, came.len);
	ck_assert_mem_eq(sent.data, came.data, came.len);
	buffer_reset(&out);
}

/* rtse - compare what was read: PP sends defaults and we do not */
static void
rtse(struct slice octets, struct seen *seen)
{
	struct rtse_apdu apdu, again;
	struct slice value;

	ck_assert_int_eq(rtse_decode(octets, &arena, &apdu, &diag), 0);
	ck_assert_int_eq(rtse_encode(&apdu, &out), 0);
	ck_assert_int_eq(
	    rtse_decode(buffer_slice(&out), &arena, &again, &diag), 0);
	ck_assert_int_eq(apdu.kind, again.kind);
	ck_assert_uint_eq(apdu.checkpoint_size, again.checkpoint_size);
	ck_assert_uint_eq(apdu.window, again.window);
	ck_assert_uint_eq(apdu.dialogue, again.dialogue);
	ck_assert(slice_equal(apdu.user, again.user));
	buffer_reset(&out);
	seen->rtse++;
	if (apdu.kind == RTSE_RTORQ) {
		ck_assert_uint_eq(apdu.checkpoint_size, 63);
		ck_assert_uint_eq(apdu.window, 3);
		ck_assert_int_eq(rtse_bind_decode(apdu.user, RTSE_BIND_INVOKE,
				     &value, &diag),
		    0);
		ck_assert_int_eq(
		    rtse_bind_encode(RTSE_BIND_INVOKE, value, &out), 0);
		same(apdu.user);
	} else if (apdu.kind == RTSE_RTORJ) {
		/* PP leaves the bind-error's own tag out. */
		ck_assert_int_eq(
		    rtse_bind_decode(apdu.user, RTSE_BIND_ERROR, &value, &diag),
		    0);
		ck_assert(slice_equal(value, LITERAL("\x02\x01\x02")));
	}
}

/* acse - check an APDU and what is in it */
static void
acse(struct slice user_data, struct seen *seen)
{
	struct acse_apdu apdu;
	struct slice value;

	ck_assert_int_eq(presentation_find(user_data, 1, &value, &diag), 1);
	ck_assert_int_eq(acse_decode(value, 3, &apdu, &diag), 0);
	apdu.direct = true;
	ck_assert_int_eq(acse_encode(&apdu, &out), 0);
	same(value);
	seen->acse++;
	if (apdu.value.len > 0)
		rtse(apdu.value, seen);
}

/* user - check what the user data of a session PDU holds */
static void
user(const struct session_pdu *pdu, struct seen *seen)
{
	struct presentation_connect connect;
	struct slice value;
	int error;

	switch ((int)pdu->kind) {
	case SESSION_CONNECT:
		error = presentation_decode_connect(
		    pdu->user_data, &arena, &connect, &diag);
		break;
	case SESSION_ACCEPT:
		error = presentation_decode_accept(
		    pdu->user_data, &arena, &connect, &diag);
		break;
	case SESSION_REFUSE:
		error = presentation_decode_refuse(
		    pdu->user_data, &arena, &connect, &diag);
		break;
	case SESSION_FINISH:
	case SESSION_DISCONNECT:
		acse(pdu->user_data, seen);
		return;
	default:
		return;
	}
	ck_assert_int_eq(error, 0);
	ck_assert_uint_eq(connect.contexts, 3);
	ck_assert_int_eq(
	    presentation_find(connect.user_data, 1, &value, &diag), 1);
	if (pdu->kind == SESSION_CONNECT)
		error = presentation_encode_connect(&connect, 1, value, &out);
	else if (pdu->kind == SESSION_ACCEPT)
		error = presentation_encode_accept(&connect, 1, value, &out);
	else
		error = presentation_encode_refuse(&connect, 1, value, &out);
	ck_assert_int_eq(error, 0);
	same(pdu->user_data);
	acse(connect.user_data, seen);
}

/* tsdu - check a session PDU: without exception our form is the peer's */
static void
tsdu(struct slice octets, struct seen *seen)
{
	struct session_pdu pdu;
	size_t header;
	uint8_t enclosure;

	ck_assert_int_eq(session_decode(octets, &pdu, &diag), 0);
	ck_assert_int_eq(session_encode(&pdu, &out), 0);
	same(octets);
	seen->pdu[pdu.kind]++;
	ck_assert_int_eq(session_data(octets, &header, &enclosure, &diag),
	    pdu.kind == SESSION_DATA);
	if (pdu.kind == SESSION_DATA) {
		ck_assert_uint_eq(header, 4);
		ck_assert_int_eq(
		    presentation_find(pdu.user_data, 3, &octets, &diag), 1);
		ck_assert_uint_eq(octets.data[0] & 0xdfU, 0x04);
	}
	user(&pdu, seen);
}

/* stream - check one direction of a capture */
static struct seen
stream(const char *name)
{
	struct seen seen = {0};
	size_t len, used;
	uint8_t *octets = script_file(name, &len);
	struct slice rest = slice_of(octets, len), packet;
	struct cotp_tpdu tpdu;

	buffer_init(&out, 65536);
	arena_init(&arena, 65536);
	while (rest.len > 0) {
		ck_assert_int_eq(tpkt_decode(rest, &packet, &used, &diag), 1);
		ck_assert_int_eq(cotp_decode(packet, &tpdu, &diag), 0);
		rest = slice_of(rest.data + used, rest.len - used);
		seen.tpdu++;
		if (tpdu.code == COTP_DT) {
			ck_assert(tpdu.last);
			tsdu(tpdu.data, &seen);
			continue;
		}
		ck_assert_int_eq(cotp_encode(&tpdu, &out), 0);
		same(packet);
	}
	buffer_fini(&out);
	arena_fini(&arena);
	free(octets);
	return seen;
}

START_TEST(message_1recip)
{
	struct seen seen = stream("message-1recip.initiator.bin");

	ck_assert_uint_eq(seen.tpdu, 7);
	ck_assert_uint_eq(seen.pdu[SESSION_CONNECT], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_ACTIVITY_START], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_DATA], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_ACTIVITY_END], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_FINISH], 1);
	ck_assert_uint_eq(seen.acse, 2);
	ck_assert_uint_eq(seen.rtse, 1);
	seen = stream("message-1recip.responder.bin");
	ck_assert_uint_eq(seen.tpdu, 4);
	ck_assert_uint_eq(seen.pdu[SESSION_ACCEPT], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_ACTIVITY_END_ACK], 1);
	ck_assert_uint_eq(seen.pdu[SESSION_DISCONNECT], 1);
}
END_TEST

START_TEST(message_3recips)
{
	ck_assert_uint_eq(stream("message-3recips.initiator.bin").tpdu, 7);
	ck_assert_uint_eq(stream("message-3recips.responder.bin").tpdu, 4);
}
END_TEST

START_TEST(checkpoints)
{
	struct seen seen = stream("message-24KB-checkpoints.initiator.bin");

	ck_assert_uint_eq(seen.pdu[SESSION_DATA], 25);
	ck_assert_uint_eq(seen.pdu[SESSION_MINOR], 24);
	seen = stream("message-24KB-checkpoints.responder.bin");
	ck_assert_uint_eq(seen.pdu[SESSION_MINOR_ACK], 24);
	ck_assert_uint_eq(seen.pdu[SESSION_ACTIVITY_END_ACK], 1);
}
END_TEST

START_TEST(refused)
{
	struct seen seen = stream("assoc-refused-badpw.responder.bin");

	ck_assert_uint_eq(stream("assoc-refused-badpw.initiator.bin").tpdu, 3);
	ck_assert_uint_eq(seen.pdu[SESSION_REFUSE], 1);
	ck_assert_uint_eq(seen.acse, 1);
	ck_assert_uint_eq(seen.rtse, 1);
}
END_TEST

START_TEST(two_way)
{
	ck_assert_uint_eq(stream("bind-twa.initiator.bin").tpdu, 4);
	ck_assert_uint_eq(stream("bind-twa.responder.bin").tpdu, 3);
}
END_TEST

TEST_MAIN("osi/capture", TEST(message_1recip); TEST(message_3recips);
	  TEST(checkpoints); TEST(refused); TEST(two_way))
