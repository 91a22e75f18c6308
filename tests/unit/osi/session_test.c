/* SPDX-License-Identifier: ISC */
/*
 * session_test.c - SPDUs that the captures do not hold, and malformed ones
 *
 * The octets of ED, AI, AIA, AD, ADA, AR, PT and AB were composed by hand from
 * X.225 and accepted by an independent decoder.
 */
#include "osi/session.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

struct sample {
	const char *octets;
	enum session_kind kind;
	int reason;
	uint32_t serial;
	const char *activity, *old;
	size_t user;
};

static const struct sample samples[] = {
    {"01 00 2d 05 29 03 02 01 01", SESSION_ACTIVITY_START, 0, 0, "02 01 01", "",
	0},
    {"01 00 29 03 2a 01 31", SESSION_ACTIVITY_END, 0, 1, "", "", 0},
    {"02 00 2a 03 2a 01 31", SESSION_ACTIVITY_END_ACK, 0, 1, "", "", 0},
    {"01 00 31 03 2a 01 31", SESSION_MINOR, 0, 1, "", "", 0},
    {"01 00 31 04 2a 02 31 30", SESSION_MINOR, 0, 10, "", "", 0},
    {"01 00 31 08 2a 06 39 39 39 39 39 38", SESSION_MINOR, 0, 999998, "", "",
	0},
    {"02 00 32 03 2a 01 31", SESSION_MINOR_ACK, 0, 1, "", "", 0},
    {"02 00 30 03 32 01 05", SESSION_EXCEPTION_DATA, 5, 0, "", "", 0},
    {"01 00 19 03 32 01 05", SESSION_ACTIVITY_INTERRUPT, 5, 0, "", "", 0},
    {"02 00 1a 00", SESSION_INTERRUPT_ACK, 0, 0, "", "", 0},
    {"01 00 39 03 32 01 00", SESSION_ACTIVITY_DISCARD, 0, 0, "", "", 0},
    {"02 00 3a 00", SESSION_DISCARD_ACK, 0, 0, "", "", 0},
    {"01 00 1d 0f 21 08 29 03 02 01 03 2a 01 34 29 03 02 01 04",
	SESSION_ACTIVITY_RESUME, 0, 4, "02 01 04", "02 01 03", 0},
    {"01 00 1d 26 21 1f 0a 04 14 02 76 6d 0b 0f 17 0d 32 36 31 31 32 32 "
     "31 37 32 39 35 31 5a 29 03 02 01 03 2a 01 34 29 03 02 01 01",
	SESSION_ACTIVITY_RESUME, 0, 4, "02 01 01", "02 01 03", 0},
    {"02 11 10 01 01 c1 0c 61 0a 30 08 02 01 03 a0 03 02 01 05",
	SESSION_PLEASE_TOKENS, 0, 0, "", "", 12},
    {"15 00", SESSION_GIVE_CONFIRM, 0, 0, "", "", 0},
    {"16 00", SESSION_GIVE_ACK, 0, 0, "", "", 0},
    {"19 0d 11 01 03 c1 08 30 06 80 01 02 81 01 19", SESSION_ABORT, 0, 0, "",
	"", 8},
    {"19 03 11 01 05", SESSION_ABORT, 0, 0, "", "", 0},
    {"1a 00", SESSION_ABORT_ACCEPT, 0, 0, "", "", 0},
    {"09 13 11 01 01 c1 0e 61 0c 30 0a 02 01 01 a0 05 62 03 80 01 00",
	SESSION_FINISH, 0, 0, "", "", 14},
    {"0a 10 c1 0e 61 0c 30 0a 02 01 01 a0 05 63 03 80 01 00",
	SESSION_DISCONNECT, 0, 0, "", "", 14},
    {"0c 0a 11 01 01 14 02 02 49 32 01 81", SESSION_REFUSE, 129, 0, "", "", 0},
    {"01 00 01 00 61 62 63", SESSION_DATA, 0, 0, "", "", 3},
    {"01 00 01 03 19 01 00 61", SESSION_DATA, 0, 0, "", "", 1},
};

#define SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

/* Read, and written again as it was. */
START_TEST(sample)
{
	const struct sample *want = &samples[_i];
	struct hex hex, activity, old;
	struct slice octets = hex_parse(&hex, want->octets);
	struct session_pdu pdu;
	struct diag diag = {0};
	struct buffer out;

	ck_assert_int_eq(session_decode(octets, &pdu, &diag), 0);
	ck_assert_int_eq(pdu.kind, want->kind);
	ck_assert_int_eq(pdu.reason, want->reason);
	ck_assert_uint_eq(pdu.serial, want->serial);
	ck_assert(
	    slice_equal(pdu.activity, hex_parse(&activity, want->activity)));
	ck_assert(slice_equal(pdu.old_activity, hex_parse(&old, want->old)));
	ck_assert_uint_eq(pdu.user_data.len, want->user);
	buffer_init(&out, 1000);
	ck_assert_int_eq(session_encode(&pdu, &out), 0);
	ck_assert_uint_eq(buffer_length(&out), octets.len);
	ck_assert_mem_eq(buffer_slice(&out).data, octets.data, octets.len);
	buffer_fini(&out);
	/* Cut short anywhere it is none, but for the end of data. */
	for (size_t len = 0; len < octets.len - want->user; len++) {
		struct session_pdu cut;

		diag_clear(&diag);
		if (session_decode(slice_of(octets.data, len), &cut, &diag) ==
		    0)
			ck_assert_uint_eq(len, 2);
		else
			ck_assert_str_ne(diag_text(&diag), "");
	}
}
END_TEST

static const char *const bad[] = {
    "", "0d", "0d ff", "0d ff 00", "0d 05 01 04 0a", /* group over its SPDU */
    "0d 02 01 05",				     /* group over the TSDU */
    "01 00 31 00",				     /* MIP without serial */
    "01 00 31 03 2a 01 41",			     /* not digits */
    "01 00 31 09 2a 07 31 31 31 31 31 31 31",	     /* too long */
    "01 00 31 02 2a 00",			     /* no digits */
    "01 00 2d 00",				     /* AS without identifier */
    "01 00 2d 09 29 07 01 02 03 04 05 06 07",	     /* identifier too long */
    "01 00 1d 05 29 03 02 01 01",		     /* AR without linking */
    "02 00 30 04 32 02 05 05",			     /* reason of two octets */
    "01 03 10 01 01 01 00", /* tokens given with data */
    "01 00 0d 00",	    /* CN is alone */
    "19 00 00",		    /* octets after an AB */
    "07 00",		    /* PR */
    "21 00",		    /* TD */
    "0d 04 05 02 1a 00",    /* token setting without octet */
    "0d 03 14 01 02",	    /* requirements of one octet */
};

START_TEST(malformed)
{
	struct hex hex;
	struct session_pdu pdu = {.serial = 77};
	struct diag diag = {0};

	ck_assert_int_lt(
	    session_decode(hex_parse(&hex, bad[_i]), &pdu, &diag), 0);
	ck_assert_uint_eq(pdu.serial, 77);
	ck_assert_int_eq(strncmp(diag_text(&diag), "session: ", 9), 0);
}
END_TEST

/* Lengths of one octet and of three, and user data beyond 512. */
START_TEST(lengths)
{
	static const size_t sizes[] = {
	    1, 200, 248, 249, 250, 251, 254, 255, 256, 512, 513, 10240};
	static uint8_t user[10241];
	struct session_pdu pdu = {.kind = SESSION_ABORT,
	    .has = SESSION_HAS_TRANSPORT | SESSION_HAS_USER_DATA,
	    .transport = 3};
	struct session_pdu back;
	struct diag diag = {0};
	struct buffer out;

	buffer_init(&out, 20000);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct slice octets;

		buffer_reset(&out);
		pdu.user_data = slice_of(user, sizes[i]);
		ck_assert_int_eq(session_encode(&pdu, &out), 0);
		octets = buffer_slice(&out);
		ck_assert_int_eq(session_decode(octets, &back, &diag), 0);
		ck_assert_uint_eq(back.user_data.len, sizes[i]);
		/* FF only where the length needs it. */
		ck_assert_int_eq(octets.data[1] == 0xff,
		    octets.len - 2 >= 255 && octets.len - 4 >= 255);
		ck_assert_uint_eq(octets.data[octets.data[1] == 0xff ? 7 : 5],
		    sizes[i] > 512 ? 194 : 193);
	}
	pdu.user_data.len = 10241;
	ck_assert_int_eq(session_encode(&pdu, &out), ERR_LIMIT);
	buffer_fini(&out);
}
END_TEST

/* The beginning of a TSDU tells what it will be. */
START_TEST(begun)
{
	struct hex hex;
	struct slice octets = hex_parse(&hex, "01 00 01 03 19 01 02 61 80");
	struct diag diag = {0};
	size_t header = 0;
	uint8_t enclosure = 0;

	for (size_t len = 0; len < 7; len++)
		ck_assert_int_eq(session_data(slice_of(octets.data, len),
				     &header, &enclosure, &diag),
		    ERR_TRUNCATED);
	ck_assert_int_eq(session_data(octets, &header, &enclosure, &diag), 1);
	ck_assert_uint_eq(header, 7);
	ck_assert_uint_eq(enclosure, SESSION_ENCLOSURE_LAST);
	octets = hex_parse(&hex, "01 00 01 00 61");
	ck_assert_int_eq(session_data(octets, &header, &enclosure, &diag), 1);
	ck_assert_uint_eq(header, 4);
	ck_assert_uint_eq(enclosure, 3);
	octets = hex_parse(&hex, "01 00 2d 05 29");
	ck_assert_int_eq(session_data(octets, &header, &enclosure, &diag), 0);
	octets = hex_parse(&hex, "0d");
	ck_assert_int_eq(session_data(octets, &header, &enclosure, &diag), 0);
}
END_TEST

/* Parameters that are not known are passed over. */
START_TEST(unknown)
{
	struct hex hex;
	struct session_pdu pdu;
	struct diag diag = {0};

	ck_assert_int_eq(
	    session_decode(
		hex_parse(&hex, "01 00 31 06 7f 01 00 2a 01 35"), &pdu, &diag),
	    0);
	ck_assert_uint_eq(pdu.serial, 5);
	/* A length in three octets where one would do. */
	ck_assert_int_eq(
	    session_decode(hex_parse(&hex, "01 00 31 ff 00 05 2a ff 00 01 36"),
		&pdu, &diag),
	    0);
	ck_assert_uint_eq(pdu.serial, 6);
}
END_TEST

TEST_MAIN("osi/session", TEST_LOOP(sample, SAMPLES);
	  TEST_LOOP(malformed, sizeof(bad) / sizeof(bad[0])); TEST(lengths);
	  TEST(begun); TEST(unknown))
