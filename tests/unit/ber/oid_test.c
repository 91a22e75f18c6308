/* SPDX-License-Identifier: ISC */
/*
 * oid_test.c - ber/oid: octets and text of object identifiers
 */
#include "ber/oid.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

START_TEST(both_ways)
{
	static const struct {
		const char *text;
		const char *octets;
	} cases[] = {{"2.6.0.2.12", "56 00 02 0c"}, {"0.0", "00"},
	    {"0.39", "27"}, {"1.0", "28"}, {"1.39", "4f"}, {"2.0", "50"},
	    {"2.47", "7f"}, {"2.48", "81 00"}, {"2.999.3", "88 37 03"},
	    {"1.2.840.113549.1", "2a 86 48 86 f7 0d 01"},
	    {"2.1.127.128.16383.16384", "51 7f 81 00 ff 7f 81 80 00"},
	    {"1.3.9223372036854775807", "2b ff ff ff ff ff ff ff ff 7f"}};
	char text[OID_TEXT_MAX];
	struct slice octets;
	struct arena arena;
	size_t i;

	arena_init(&arena, 10000);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(oid_format(HEX(cases[i].octets), text), 0);
		ck_assert_str_eq(text, cases[i].text);
		ck_assert_int_eq(oid_parse(cases[i].text, &arena, &octets), 0);
		ck_assert(slice_equal(octets, HEX(cases[i].octets)));
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(malformed_octets)
{
	static const char *const bad[] = {
	    "", "80", "80 01", "56 80", "56 81", "56 80 01", "56 81 80", "ff"};
	char text[OID_TEXT_MAX] = "untouched";
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(oid_check(HEX(bad[i])), ERR_SYNTAX);
		ck_assert_int_eq(oid_format(HEX(bad[i]), text), ERR_SYNTAX);
	}
	ck_assert_str_eq(text, "untouched");
	ck_assert_int_eq(oid_check(HEX("56 81 00")), 0);
}
END_TEST

START_TEST(limits)
{
	char text[OID_TEXT_MAX] = "untouched", long_text[OID_TEXT_MAX] = "1.3";
	struct slice got = slice_of("x", 1);
	uint8_t many[200];
	struct arena arena;
	int i;

	/* An arc beyond 64 bits is an OID, but we do not print it. */
	ck_assert_int_eq(
	    oid_check(HEX("56 ff ff ff ff ff ff ff ff ff ff 7f")), 0);
	ck_assert_int_eq(
	    oid_format(HEX("56 ff ff ff ff ff ff ff ff ff ff 7f"), text),
	    ERR_LIMIT);
	memset(many, 0x7f, sizeof(many));
	ck_assert_int_eq(
	    oid_format(slice_of(many, sizeof(many)), text), ERR_LIMIT);
	ck_assert_str_eq(text, "untouched");
	arena_init(&arena, 1000);
	for (i = 0; i < OID_OCTETS_MAX - 1; i++)
		strlcat(long_text, ".1", sizeof(long_text));
	ck_assert_int_eq(oid_parse(long_text, &arena, &got), 0);
	ck_assert_uint_eq(got.len, OID_OCTETS_MAX);
	got = slice_of("x", 1);
	strlcat(long_text, ".1", sizeof(long_text));
	ck_assert_int_eq(oid_parse(long_text, &arena, &got), ERR_SYNTAX);
	arena_fini(&arena);
	arena_init(&arena, 0);
	ck_assert_int_eq(oid_parse("2.6", &arena, &got), ERR_LIMIT);
	ck_assert_uint_eq(got.len, 1);
	arena_fini(&arena);
}
END_TEST

START_TEST(malformed_text)
{
	static const char *const bad[] = {"", "2", "2.", ".2", "2..6", "2.6.",
	    "3.1", "0.40", "1.40", "2.06", "2.6 ", " 2.6", "2.-6", "2.x",
	    "+2.6", "2.6.18446744073709551616", "2,6", "00.1"};
	struct slice got = slice_of("x", 1);
	struct arena arena;
	size_t i;

	arena_init(&arena, 1000);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(oid_parse(bad[i], &arena, &got) == ERR_SYNTAX,
		    "%s", bad[i]);
	ck_assert_uint_eq(got.len, 1);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("ber/oid", TEST(both_ways), TEST(malformed_octets), TEST(limits),
    TEST(malformed_text))
