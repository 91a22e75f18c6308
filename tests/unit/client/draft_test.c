/* SPDX-License-Identifier: ISC */
/*
 * draft_test.c - envelopes and headings of submissions, read back
 */
#include "client/draft.h"

#include <string.h>

#include "tests/unit/test.h"

#define SET(n) 0x06, 0x07, 0x28, 0xce, 0x25, 0x07, 0x01, 0x00, n

static struct arena arena;
static struct conf *conf;
static struct draft draft;
static struct draft_recipient to[2];
static struct ipm_outgoing parts[4];
static struct p1_envelope envelope;

static void
address(const char *text, struct or_address *into)
{
	struct diag diag = {0};

	ck_assert_msg(
	    or_address_parse(slice_of_string(text), &arena, into, &diag) == 0,
	    "%s", diag_text(&diag));
}

static void
setup(void)
{
	struct diag diag = {0};

	arena_init(&arena, P1_ARENA_MAX);
	ck_assert_int_eq(
	    conf_parse_text(
		slice_of_string("mta { name = A domain = \"C=DE;A=VIAT;P=ACME\""
				" password = x }\n"),
		"test", CONF_HANDED, &conf, &diag),
	    0);
	memset(parts, 0, sizeof(parts));
	memset(to, 0, sizeof(to));
	for (size_t i = 0; i < 4; i++)
		parts[i] = (struct ipm_outgoing){.form = IPM_FORM_TEXT,
		    .length = 100,
		    .modified = IPM_NO_TIME};
	draft_init(&draft);
	address("S=Doe;P=ACME;A=VIAT;C=DE", &draft.from);
	address("S=Dupont;A=ATLAS;C=FR", &to[0].address);
	address("S=Durand;A=ATLAS;C=FR", &to[1].address);
	draft.to = to;
	draft.to_count = 2;
	draft.id = "id";
	draft.parts = parts;
	draft.part_count = 1;
	draft.subject = slice_of_string("A subject of some length");
}

/* encode - encode the draft, and decode its envelope */
static void
encode(void)
{
	struct ipm_encoder encoder;
	struct buffer octets;
	struct slice kept;
	struct diag diag = {0};
	int error;

	buffer_init(&octets, P1_ENVELOPE_MAX);
	error = draft_encode(&draft, conf, &arena, &octets, &encoder, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	ck_assert_int_eq(arena_slice(&arena, buffer_slice(&octets), &kept), 0);
	error = p1_decode(MTS_MESSAGE, kept, &arena, &envelope, &diag);
	ck_assert_msg(error == 0, "%s", diag_text(&diag));
	ipm_encoder_fini(&encoder);
	buffer_fini(&octets);
}

static void
teardown(void)
{
	conf_free(conf);
	arena_fini(&arena);
}

/* types_are - expect the encoded information types to be exactly these */
static void
types_are(const uint8_t *octets, size_t len)
{
	encode();
	ck_assert_uint_eq(envelope.original_eits.len, len);
	ck_assert_mem_eq(envelope.original_eits.data, octets, len);
}

/* General text lists the sets that its body part lists: 1, 6 and 100 or 196
 * (X.420 20, EUR Doc 047 CTSW016 and 019). */
START_TEST(encoded_types)
{
	static const uint8_t ia5[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0x20};
	static const uint8_t latin1[] = {
	    0x65, 0x20, 0x80, 0x01, 0x00, 0xa4, 0x1b, SET(1), SET(6), SET(100)};
	static const uint8_t all[] = {0x65, 0x28, 0x80, 0x02, 0x05, 0x20, 0xa4,
	    0x22, 0x06, 0x04, 0x56, 0x01, 0x0c, 0x00, SET(1), SET(6), 0x06,
	    0x08, 0x28, 0xce, 0x25, 0x07, 0x01, 0x00, 0x81, 0x44};

	setup();
	types_are(ia5, sizeof(ia5));
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P2);
	parts[0].repertoire = IPM_LATIN1;
	types_are(latin1, sizeof(latin1));
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P22);
	parts[0].repertoire = IPM_IA5;
	parts[1].repertoire = IPM_UTF8;
	parts[2].form = IPM_FORM_FILE;
	draft.part_count = 3;
	types_are(all, sizeof(all));
	teardown();
}
END_TEST

/* A report returns an identifier, and a content that is small. */
START_TEST(what_a_report_returns)
{
	setup();
	to[0].report = DRAFT_NON_DELIVERY;
	encode();
	ck_assert(slice_equal_string(
	    envelope.content_identifier, "A subject of som"));
	ck_assert_uint_eq(envelope.indicators,
	    P1_DISCLOSURE_OF_RECIPIENTS | P1_CONTENT_RETURN_REQUEST);
	ck_assert_uint_eq(envelope.recipients[0].indicators,
	    P1_RESPONSIBILITY | P1_MTA_NON_DELIVERY_REPORT |
		P1_ORIGINATOR_NON_DELIVERY_REPORT);
	ck_assert_uint_eq(envelope.recipients[1].indicators, P1_RESPONSIBILITY);
	parts[0].length = 1 << 20;
	draft.subject = slice_of_string("Gr\xc3\xbc\xc3\x9f"
					"e@");
	encode();
	ck_assert_uint_eq(envelope.indicators, P1_DISCLOSURE_OF_RECIPIENTS);
	ck_assert(slice_equal_string(envelope.content_identifier, "Gr??e?"));
	parts[0].length = 100;
	to[0].report = DRAFT_NO_REPORT;
	draft.subject = (struct slice){0};
	encode();
	ck_assert_uint_eq(envelope.indicators, P1_DISCLOSURE_OF_RECIPIENTS);
	ck_assert_uint_eq(envelope.content_identifier.len, 0);
	teardown();
}
END_TEST

/* Both reports, where a delivery is to be told. */
START_TEST(priority_and_reports)
{
	setup();
	draft.priority = P1_URGENT;
	to[1].report = DRAFT_DELIVERY;
	encode();
	ck_assert_int_eq(envelope.priority, P1_URGENT);
	ck_assert_uint_eq(envelope.recipients[1].indicators,
	    P1_RESPONSIBILITY | P1_MTA_REPORT | P1_ORIGINATOR_REPORT);
	teardown();
}
END_TEST

TEST_MAIN("client/draft", TEST(encoded_types), TEST(what_a_report_returns),
    TEST(priority_and_reports))
