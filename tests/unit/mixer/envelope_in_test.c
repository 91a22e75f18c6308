/* SPDX-License-Identifier: ISC */
/*
 * envelope_in_test.c - what the header of a message says for its envelope
 */
#include "mixer/envelope_in.h"

#include "tests/unit/test.h"

static struct arena arena;
static struct p1_envelope envelope;

/* read - read a header, and what follows it */
static void
read_header(const char *header)
{
	char message[4096];

	arena_fini(&arena);
	arena_init(&arena, 1 << 20);
	p1_init(&envelope, MTS_MESSAGE);
	(void)snprintf(message, sizeof(message),
	    "%s\r\nPriority: urgent\r\nDeferred-Delivery: none\r\n", header);
	ck_assert_int_eq(
	    envelope_from_internet(slice_of_string(message), &arena, &envelope),
	    0);
}

START_TEST(priorities)
{
	static const struct {
		const char *header;
		enum p1_priority priority;
	} cases[] = {
	    {"Subject: x\r\n", P1_NORMAL},
	    {"Priority: URGENT\r\n", P1_URGENT},
	    {"Priority: non-urgent\r\n", P1_NON_URGENT},
	    {"Priority: normal\r\nMT-Priority: 4\r\n", P1_NORMAL},
	    {"Priority: what\r\nMT-Priority: 4\r\n", P1_URGENT},
	    {"MT-Priority: -4 (as asked)\r\n", P1_NON_URGENT},
	    {"MT-Priority: 0\r\nX-Priority: 1\r\n", P1_NORMAL},
	    {"X-Priority: 1 (Highest)\r\n", P1_URGENT},
	    {"X-Priority: 3\r\n", P1_NORMAL},
	    {"X-Priority: 5\r\n", P1_NON_URGENT},
	    {"X-Priority: 99999999999\r\n", P1_NORMAL},
	    {"Importance: high\r\n", P1_NORMAL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_header(cases[i].header);
		ck_assert_int_eq(envelope.priority, cases[i].priority);
	}
}
END_TEST

START_TEST(times)
{
	read_header("Deferred-Delivery: Mon, 30 Nov 2026 12:05:10 +0000\r\n"
		    "Latest-Delivery-Time: Tue,\r\n 1 Dec 2026 12:05:10 "
		    "+0100\r\n");
	ck_assert_int_eq(envelope.deferred_time, 1796040310);
	ck_assert_int_eq(
	    p1_latest_delivery_time(&envelope), 1796040310 + 23 * 3600);
	/* no time of X.400 says nothing */
	read_header("Deferred-Delivery: Mon, 30 Nov 2099 12:05:10 +0000\r\n"
		    "Latest-Delivery-Time: soon\r\n");
	ck_assert_int_eq(envelope.deferred_time, P1_NO_TIME);
	ck_assert_int_eq(p1_latest_delivery_time(&envelope), P1_NO_TIME);
}
END_TEST

START_TEST(conversion)
{
	read_header("Conversion: prohibited\r\nConversion-With-Loss: "
		    "Prohibited\r\nAlternate-Recipient: Allowed\r\n");
	ck_assert_uint_eq(envelope.indicators,
	    P1_IMPLICIT_CONVERSION_PROHIBITED | P1_ALTERNATE_RECIPIENT_ALLOWED);
	ck_assert(extension_number_is(&envelope.extensions,
	    EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 1));
	read_header("Conversion: allowed\r\nConversion-With-Loss: no\r\n");
	ck_assert_uint_eq(envelope.indicators, P1_ALTERNATE_RECIPIENT_ALLOWED);
	read_header("Alternate-Recipient: Prohibited\r\n");
	ck_assert_uint_eq(envelope.indicators, 0);
	ck_assert_uint_eq(envelope.extensions.count, 0);
}
END_TEST

START_TEST(identifiers)
{
	static const struct {
		const char *header, *identifier;
	} cases[] = {
	    {"To: a@b.c\r\n", ""},
	    {"Subject: sixteen letters\r\n", "sixteen letters"},
	    {"Subject: more than sixteen letters\r\n", "more than six..."},
	    {"Subject: \xc3\xa9t\xc3\xa9 & co\r\n", "??t?? ? co"},
	    {"X400-Content-Identifier: X453C5DAB00000M\r\nSubject: s\r\n",
		"X453C5DAB00000M"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		read_header(cases[i].header);
		ck_assert(slice_equal_string(
		    envelope.content_identifier, cases[i].identifier));
	}
}
END_TEST

START_TEST(traced)
{
	read_header("X400-Received: by /PRMD=MIX/ADMD=TEST/C=XX/; Relayed;\r\n"
		    "\tMon, 30 Nov 2026 12:05:10 +0000\r\n");
	ck_assert_uint_eq(envelope.trace.count, 1);
	/* no header at all */
	read_header("");
	ck_assert_uint_eq(envelope.trace.count, 0);
	ck_assert_int_eq(envelope.priority, P1_NORMAL);
}
END_TEST

TEST_MAIN("mixer/envelope_in", TEST(priorities); TEST(times); TEST(conversion);
	  TEST(identifiers); TEST(traced))
