/* SPDX-License-Identifier: ISC */
/*
 * charset_test.c - the character sets of X.400 to and from UTF-8
 */
#include "mhs/charset.h"
#include "tests/unit/test.h"

#define ARENA_MAX (1 << 20)

#define OCTETS(...)                                \
	slice_of(((const uint8_t[]){__VA_ARGS__}), \
	    sizeof((const uint8_t[]){__VA_ARGS__}))

/* T.61 with diacritics, both ways. */
START_TEST(t61)
{
	static const struct {
		const char *t61, *utf8;
	} pairs[] = {
	    {"plain", "plain"},
	    {"M\xc8uller", "M\xc3\xbcller"},
	    {"Stra\xfb"
	     "e",
		"Stra\xc3\x9f"
		"e"},
	    {"\xcb\x63\xc1\x61", "\xc3\xa7\xc3\xa0"},
	    {"\xcf\x53kod\xca\x61", "\xc5\xa0kod\xc3\xa5"},
	    {"\xe9\xf9\xf1\xe1", "\xc3\x98\xc3\xb8\xc3\xa6\xc3\x86"},
	    {"\xa3\xb0", "\xc2\xa3\xc2\xb0"},
	    {"\xcd\x6f", "\xc5\x91"},
	    /* acute on q: no letter of Unicode */
	    {"\xc2q", "q\xcc\x81"},
	    {"\xc2 ", "\xc2\xb4"},
	};
	struct arena arena;
	struct slice got;
	size_t i;

	arena_init(&arena, ARENA_MAX);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ck_assert_int_eq(
		    charset_t61_to_utf8(
			slice_of_string(pairs[i].t61), &arena, &got),
		    0);
		ck_assert_msg(slice_equal_string(got, pairs[i].utf8), "%s",
		    pairs[i].utf8);
		ck_assert_int_eq(
		    charset_utf8_to_t61(
			slice_of_string(pairs[i].utf8), &arena, &got),
		    0);
		ck_assert_msg(
		    slice_equal_string(got, pairs[i].t61), "%s", pairs[i].utf8);
	}
	/* Umlaut of 1984 reads as diaeresis. */
	ck_assert_int_eq(
	    charset_t61_to_utf8(slice_of_string("\xc9u"), &arena, &got), 0);
	ck_assert(slice_equal_string(got, "\xc3\xbc"));
	arena_fini(&arena);
}
END_TEST

/* Any octets give valid UTF-8, and what can go back goes back. */
START_TEST(t61_any)
{
	struct arena arena;
	struct slice utf8, back, once_more;
	uint8_t octets[2];
	unsigned i;

	arena_init(&arena, 16 * ARENA_MAX);
	for (i = 0; i < 65536; i++) {
		octets[0] = (uint8_t)(i >> 8);
		octets[1] = (uint8_t)i;
		ck_assert_int_eq(
		    charset_t61_to_utf8(slice_of(octets, 2), &arena, &utf8), 0);
		ck_assert_msg(charset_is_utf8(utf8), "%04x", i);
		if (charset_utf8_to_t61(utf8, &arena, &back) == 0) {
			ck_assert_int_eq(
			    charset_t61_to_utf8(back, &arena, &once_more), 0);
			ck_assert_msg(slice_equal(utf8, once_more), "%04x", i);
		}
		if (i % 1024 == 0)
			arena_reset(&arena);
	}
	arena_fini(&arena);
}
END_TEST

/* BMP and universal strings, within the BMP and beyond. */
START_TEST(wide)
{
	struct slice text = slice_of_string("a\xc3\xbc\xe2\x82\xac");
	struct slice beyond = slice_of_string("\xf0\x9f\x93\xa7");
	struct arena arena;
	struct slice got;

	arena_init(&arena, ARENA_MAX);
	ck_assert_int_eq(charset_utf8_to_bmp(text, &arena, &got), 0);
	ck_assert(slice_equal(got, OCTETS(0, 'a', 0, 0xfc, 0x20, 0xac)));
	ck_assert_int_eq(charset_bmp_to_utf8(got, &arena, &got), 0);
	ck_assert(slice_equal(got, text));
	ck_assert_int_eq(charset_utf8_to_universal(text, &arena, &got), 0);
	ck_assert(slice_equal(
	    got, OCTETS(0, 0, 0, 'a', 0, 0, 0, 0xfc, 0, 0, 0x20, 0xac)));
	ck_assert_int_eq(charset_universal_to_utf8(got, &arena, &got), 0);
	ck_assert(slice_equal(got, text));
	ck_assert_int_eq(charset_utf8_to_bmp(beyond, &arena, &got), 0);
	ck_assert(slice_equal(got, OCTETS(0xd8, 0x3d, 0xdc, 0xe7)));
	ck_assert_int_eq(charset_bmp_to_utf8(got, &arena, &got), 0);
	ck_assert(slice_equal(got, beyond));
	/* Half a character, half a pair. */
	ck_assert_int_eq(
	    charset_bmp_to_utf8(OCTETS(0, 'a', 0), &arena, &got), 0);
	ck_assert(slice_equal_string(got, "a\xef\xbf\xbd"));
	ck_assert_int_eq(
	    charset_bmp_to_utf8(OCTETS(0xd8, 0x3d, 0, 'a'), &arena, &got), 0);
	ck_assert(slice_equal_string(got,
	    "\xef\xbf\xbd"
	    "a"));
	ck_assert_int_eq(
	    charset_universal_to_utf8(OCTETS(1, 0, 0, 0), &arena, &got), 0);
	ck_assert(slice_equal_string(got, "\xef\xbf\xbd"));
	arena_fini(&arena);
}
END_TEST

/* UTF-8 is told from what is not. */
START_TEST(utf8)
{
	static const char *const bad[] = {"\xc0\x80", "\xe0\x80\x80",
	    "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\x80", "\xc3",
	    "\xe2\x82", "\xf0\x9f\x93"};
	struct slice got;
	struct arena arena;
	size_t i;

	arena_init(&arena, ARENA_MAX);
	ck_assert(charset_is_utf8(slice_of_string("\xef\xbf\xbd")));
	ck_assert(charset_is_utf8(slice_of_string("\xf4\x8f\xbf\xbf")));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert(!charset_is_utf8(slice_of_string(bad[i])));
		ck_assert_int_eq(
		    charset_utf8_to_bmp(slice_of_string(bad[i]), &arena, &got),
		    ERR_SYNTAX);
	}
	ck_assert_int_eq(charset_no_controls(
			     slice_of_string("a\x1b[2J\xc2\x9b"), &arena, &got),
	    0);
	ck_assert(slice_equal_string(got, "a\xef\xbf\xbd[2J\xef\xbf\xbd"));
	ck_assert_int_eq(
	    charset_latin1_to_utf8(slice_of_string("\xfc"), &arena, &got), 0);
	ck_assert(slice_equal_string(got, "\xc3\xbc"));
	ck_assert_uint_eq(charset_length(slice_of_string("a\xc3\xbc")), 2);
	arena_fini(&arena);
}
END_TEST

/* RFC 2156 3.4. */
START_TEST(printable)
{
	static const struct {
		const char *ascii, *printable;
	} pairs[] = {
	    {"jo@x.org", "jo(a)x.org"},
	    {"a%b!c\"d_e", "a(p)b(b)c(q)d(u)e"},
	    {"(x)", "(l)x(r)"},
	    {"a*b\\", "a(042)b(092)"},
	};
	struct arena arena;
	struct slice got;
	size_t i;

	arena_init(&arena, ARENA_MAX);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ck_assert_int_eq(
		    charset_ascii_to_printable(
			slice_of_string(pairs[i].ascii), &arena, &got),
		    0);
		ck_assert(slice_equal_string(got, pairs[i].printable));
		ck_assert(charset_is_printable(got));
	}
	ck_assert(charset_is_printable(slice_of_string("AZaz09 '()+,-./:=?")));
	ck_assert(!charset_is_printable(slice_of_string("_")));
	ck_assert(!charset_is_printable(slice_of_string("@")));
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/charset", TEST(t61); TEST(t61_any); TEST(wide); TEST(utf8);
	  TEST(printable))
