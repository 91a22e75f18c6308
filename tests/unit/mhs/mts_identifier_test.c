/* SPDX-License-Identifier: ISC */
/*
 * mts_identifier_test.c - domains and MTS identifiers, in BER and as text
 */
#include "mhs/mts_identifier.h"
#include "tests/identifier.h"
#include "tests/unit/test.h"

#define ARENA_MAX (1 << 20)

#define TEXT(s)                                     \
	{                                           \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

/* Each identifier has its text, and comes back through BER. */
START_TEST(round_trip)
{
	static const struct {
		struct mts_identifier identifier;
		const char *text;
	} rows[] = {
	    {{{TEXT("DE"), TEXT("VIAT"), TEXT("ACME"), false, false, false},
		 TEXT("local")},
		"[C=DE;A=VIAT;P=ACME;local]"},
	    {{{TEXT("GB"), TEXT(" "), TEXT("TESTA"), false, false, false},
		 TEXT("a.test.211:22.10.26.17.29.51")},
		"[C=GB;A= ;P=TESTA;a.test.211:22.10.26.17.29.51]"},
	    {{{TEXT("DE"), TEXT("VIAT"), TEXT(""), false, false, false},
		 TEXT("x")},
		"[C=DE;A=VIAT;x]"},
	    {{{TEXT("276"), TEXT("VIAT"), TEXT(""), true, false, false},
		 TEXT("x")},
		"[C=276;A=VIAT;x]"},
	    {{{TEXT("DE"), TEXT(""), TEXT("a b"), false, false, false},
		 TEXT("x")},
		"[C=DE;A=;P=a b;x]"},
	    {{{TEXT("DE"), TEXT("VIAT"), TEXT("ACME"), false, false, false},
		 TEXT("a;b]c=[")},
		"[C=DE;A=VIAT;P=ACME;a;b]c=[]"},
	    {{{TEXT("DE"), TEXT("VIAT"), TEXT("ACME"), false, false, false},
		 TEXT("12345678901234567890123456789012")},
		"[C=DE;A=VIAT;P=ACME;12345678901234567890123456789012]"},
	};
	struct mts_identifier back;
	char text[MTS_IDENTIFIER_TEXT];
	struct ber_writer writer;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer buffer;
	struct arena arena;
	struct diag diag;
	size_t i;

	arena_init(&arena, ARENA_MAX);
	buffer_init(&buffer, ARENA_MAX);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		diag_clear(&diag);
		buffer_reset(&buffer);
		mts_identifier_format(&rows[i].identifier, text);
		ck_assert_str_eq(text, rows[i].text);
		ber_writer_init(&writer, &buffer);
		mts_identifier_encode(
		    &writer, MTS_IDENTIFIER_TAG, &rows[i].identifier);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ber_reader_init(&reader, buffer_slice(&buffer), &diag);
		ck_assert_int_eq(
		    ber_expect(&reader, MTS_IDENTIFIER_TAG, "id", &el), 0);
		ck_assert_msg(mts_identifier_decode(
				  &reader, &el, "id", &arena, &back) == 0,
		    "%s: %s", rows[i].text, diag.text);
		ck_assert(identifier_same(&rows[i].identifier, &back));
		mts_identifier_format(&back, text);
		ck_assert_str_eq(text, rows[i].text);
		ck_assert_msg(mts_identifier_parse(slice_of_string(text),
				  &arena, &back, &diag) == 0,
		    "%s: %s", rows[i].text, diag.text);
		ck_assert(identifier_same(&rows[i].identifier, &back));
	}
	buffer_fini(&buffer);
	arena_fini(&arena);
}
END_TEST

/* Domains as text, and what is none. */
START_TEST(domains)
{
	static const struct {
		const char *text, *canonical;
	} good[] = {
	    {"C=DE;A=VIAT;P=ACME", "C=DE;A=VIAT;P=ACME"},
	    {" p=ACME ; a= ; c=de;", "C=de;A= ;P=ACME"},
	    {"C=DE;P=ACME", "C=DE;A= ;P=ACME"},
	    {"C=DE;A=VIAT", "C=DE;A=VIAT"},
	};
	static const struct {
		const char *text, *names;
	} bad[] = {
	    {"", "country"},
	    {"C=DE", "ADMD"},
	    {"A=x", "country"},
	    {"C=DEU;A=x", "country"},
	    {"C=DE;A=12345678901234567", "ADMD"},
	    {"C=DE;A=x;O=y", "domain"},
	    {"C=DE;A=x;A=y", "ADMD"},
	    {"C=DE;A=x;P=\xc3\xbc", "PRMD"},
	    {"x", "domain"},
	};
	struct global_domain domain;
	char text[GLOBAL_DOMAIN_TEXT];
	struct arena arena;
	struct diag diag;
	size_t i;

	arena_init(&arena, ARENA_MAX);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		diag_clear(&diag);
		ck_assert_msg(global_domain_parse(slice_of_string(good[i].text),
				  &arena, &domain, &diag) == 0,
		    "%s: %s", good[i].text, diag.text);
		global_domain_format(&domain, text);
		ck_assert_str_eq(text, good[i].canonical);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		diag_clear(&diag);
		ck_assert_msg(global_domain_parse(slice_of_string(bad[i].text),
				  &arena, &domain, &diag) != 0,
		    "%s", bad[i].text);
		ck_assert_msg(strstr(diag.text, bad[i].names) != NULL, "%s: %s",
		    bad[i].text, diag.text);
	}
	arena_fini(&arena);
}
END_TEST

/* Octets that are no ASCII are sent as they came, and shown harmless. */
START_TEST(octets_kept)
{
	static const uint8_t octets[] = {0x64, 0x13, 0x63, 0x0c, 0x61, 0x04,
	    0x13, 0x02, 'D', 'E', 0x62, 0x04, 0x13, 0x02, 0xfc, 'x', 0x16, 0x03,
	    'a', 0xc8, 0x1b};
	struct mts_identifier identifier;
	char text[MTS_IDENTIFIER_TEXT];
	struct ber_writer writer;
	struct ber_reader reader;
	struct ber_element el;
	struct buffer buffer;
	struct arena arena;

	arena_init(&arena, ARENA_MAX);
	buffer_init(&buffer, ARENA_MAX);
	ber_reader_init(&reader, slice_of(octets, sizeof(octets)), NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(
	    mts_identifier_decode(&reader, &el, "id", &arena, &identifier), 0);
	ber_writer_init(&writer, &buffer);
	mts_identifier_encode(&writer, MTS_IDENTIFIER_TAG, &identifier);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert(slice_equal(
	    buffer_slice(&buffer), slice_of(octets, sizeof(octets))));
	mts_identifier_format(&identifier, text);
	ck_assert_str_eq(text, "[C=DE;A=?x;a??]");
	buffer_fini(&buffer);
	arena_fini(&arena);
}
END_TEST

/* A text that is no identifier is refused; a local part may look like a
 * PRMD. */
START_TEST(parsed)
{
	static const char *const bad[] = {"", "[", "[]", "[C=DE;A=VIAT]",
	    "[C=DE;A=VIAT;]", "[A=VIAT;C=DE;x]", "C=DE;A=VIAT;x",
	    "[C=DEU;A=VIAT;x]", "[x]", "[C=DE;P=ACME;\xc3\xa4]",
	    "[C=DE;A=VIAT;P=ACME;"
	    "12345678901234567890123456789012123456789012345678901234567890123"
	    "]"};
	struct mts_identifier id;
	char text[MTS_IDENTIFIER_TEXT];
	struct arena arena;

	arena_init(&arena, ARENA_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(mts_identifier_parse(slice_of_string(bad[i]),
				  &arena, &id, NULL) < 0,
		    "%s", bad[i]);
	ck_assert_int_eq(
	    mts_identifier_parse(
		slice_of_string("[C=DE;A=VIAT;P=;P=x]"), &arena, &id, NULL),
	    0);
	ck_assert_uint_eq(id.domain.prmd.len, 0);
	ck_assert(slice_equal_string(id.local, "P=x"));
	mts_identifier_format(&id, text);
	ck_assert_str_eq(text, "[C=DE;A=VIAT;P=;P=x]");
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/mts_identifier", TEST(round_trip); TEST(parsed);
	  TEST(octets_kept); TEST(domains))
