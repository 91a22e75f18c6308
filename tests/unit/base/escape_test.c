/* SPDX-License-Identifier: ISC */
/*
 * escape_test.c - base/escape: nothing but printable characters comes out
 */
#include "base/escape.h"
#include "tests/unit/test.h"

/* check - escape_text of len octets is want */
static void
check(const char *octets, size_t len, const char *want)
{
	char text[256];
	size_t n;

	n = escape_text(text, sizeof(text), slice_of(octets, len));
	ck_assert_str_eq(text, want);
	ck_assert_uint_eq(n, strlen(want));
}

#define CHECK(octets, want) check(octets, sizeof(octets) - 1, want)

START_TEST(text)
{
	CHECK("", "");
	CHECK("plain text, \"quoted\" ~", "plain text, \"quoted\" ~");
	CHECK("a\\b", "a\\\\b");
	CHECK("a\nb\r\t", "a\\x0ab\\x0d\\x09");
	CHECK("\0\x1b[2J\x7f", "\\x00\\x1b[2J\\x7f");
	CHECK("Grüße, 東京", "Grüße, 東京");
	CHECK("\xf0\x9f\x93\xac", "\xf0\x9f\x93\xac");
}
END_TEST

START_TEST(malformed_utf8)
{
	CHECK("\x80", "\\x80");
	CHECK("\xc3", "\\xc3");
	CHECK("\xc3(", "\\xc3(");
	CHECK("\xe2\x82", "\\xe2\\x82");
	CHECK("\xf0\x9f\x93", "\\xf0\\x9f\\x93");
	CHECK("\xff\xfe", "\\xff\\xfe");
	/* overlong, surrogate, beyond U+10FFFF */
	CHECK("\xc0\xaf", "\\xc0\\xaf");
	CHECK("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	CHECK("\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf");
	CHECK("\xed\xa0\x80", "\\xed\\xa0\\x80");
	CHECK("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	CHECK("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
	/* the last that are allowed */
	CHECK("\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80");
}
END_TEST

START_TEST(deceiving)
{
	CHECK("\xc2\x9b", "\\xc2\\x9b");	  /* C1: CSI */
	CHECK("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	CHECK("\xe2\x80\x8b", "\\xe2\\x80\\x8b"); /* zero width space */
	CHECK("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* isolate */
	CHECK("\xef\xbb\xbf", "\\xef\\xbb\\xbf"); /* byte order mark */
	CHECK("\xef\xbf\xbf", "\\xef\\xbf\\xbf"); /* no character */
	CHECK("\xc2\xa0", "\xc2\xa0");
}
END_TEST

START_TEST(flavours)
{
	struct slice from = slice_of_string("say \"a\\b\"\n");
	char out[64];

	escape_quoted(out, sizeof(out), from);
	ck_assert_str_eq(out, "say \\\"a\\\\b\\\"\\x0a");
	escape_printable(out, sizeof(out), from);
	ck_assert_str_eq(out, "say \"a\\b\"\\x0a");
}
END_TEST

START_TEST(every_size)
{
	static const char from[] = "ab\n\xc3\xbc\\\xff\xe6\x9d\xb1"
				   "cd";
	static const char whole[] = "ab\\x0a\xc3\xbc\\\\\\xff\xe6\x9d\xb1"
				    "cd";
	char out[64];
	size_t size, len, head;

	ck_assert_uint_eq(escape_text(out, 0, slice_of_string(from)), 0);
	for (size = 1; size < sizeof(out); size++) {
		memset(out, '#', sizeof(out));
		len = escape_text(out, size, slice_of_string(from));
		ck_assert_uint_lt(len, size);
		ck_assert_uint_eq(strlen(out), len);
		if (size < sizeof(out))
			ck_assert_int_eq(out[size], '#');
		if (size >= sizeof(whole)) {
			ck_assert_str_eq(out, whole);
			continue;
		}
		head = len;
		if (size > 3) {
			ck_assert_uint_ge(len, 3);
			ck_assert_str_eq(out + len - 3, "...");
			head -= 3;
		}
		ck_assert(memcmp(out, whole, head) == 0);
		/* Cut between characters and escapes only. */
		ck_assert_int_ne(whole[head] & 0xc0, 0x80);
		ck_assert(head == 0 || head <= 2 || head == 6 || head >= 8);
		ck_assert(head != 9 && head != 11 && head != 12 && head != 13);
	}
}
END_TEST

START_TEST(every_pair)
{
	char from[2], out[16];
	int a, b;
	size_t i;

	for (a = 0; a < 256; a++) {
		for (b = 0; b < 256; b++) {
			from[0] = (char)a;
			from[1] = (char)b;
			escape_text(out, sizeof(out), slice_of(from, 2));
			for (i = 0; out[i] != '\0'; i++)
				ck_assert(
				    (uint8_t)out[i] >= ' ' && out[i] != 0x7f);
		}
	}
}
END_TEST

TEST_MAIN("base/escape", TEST(text), TEST(malformed_utf8), TEST(deceiving),
    TEST(flavours), TEST(every_size), TEST(every_pair))
