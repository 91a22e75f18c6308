/* SPDX-License-Identifier: ISC */
/*
 * code_page_test.c - the character sets of message files
 */
#include "msmi/code_page.h"
#include "tests/unit/test.h"

static const enum conf_code_page pages[] = {
    CONF_CODE_PAGE_437, CONF_CODE_PAGE_850, CONF_CODE_PAGE_1252};

/* to_utf8 - convert octets of a page */
static void
to_utf8(enum conf_code_page page, const char *octets, const char *expected)
{
	struct buffer out;

	buffer_init(&out, 1024);
	ck_assert_int_eq(
	    code_page_to_utf8(page, slice_of_string(octets), &out), 0);
	ck_assert(slice_equal_string(buffer_slice(&out), expected));
	buffer_fini(&out);
}

/* from_utf8 - convert UTF-8, in pieces of some octets, to octets of a page */
static void
from_utf8(enum conf_code_page page, const char *utf8, size_t piece,
    const char *expected)
{
	struct code_page_rest rest = {.len = 0};
	struct buffer out;
	size_t len = strlen(utf8);

	buffer_init(&out, 1024);
	for (size_t i = 0; i < len; i += piece)
		ck_assert_int_eq(
		    code_page_from_utf8(page, &rest,
			slice_of(utf8 + i, len - i < piece ? len - i : piece),
			&out),
		    0);
	ck_assert_int_eq(code_page_finish(&rest, &out), 0);
	ck_assert(slice_equal_string(buffer_slice(&out), expected));
	buffer_fini(&out);
}

/* what the published tables say */
START_TEST(known_characters)
{
	ck_assert_int_eq(code_page_load(NULL), 0);
	to_utf8(CONF_CODE_PAGE_437, "a\x84\xe1\x9b\xb0",
	    "a\xc3\xa4\xc3\x9f"
	    "\xc2\xa2\xe2\x96\x91");
	to_utf8(CONF_CODE_PAGE_850, "\x84\x9b\xb8\xd5",
	    "\xc3\xa4\xc3\xb8"
	    "\xc2\xa9\xc4\xb1");
	to_utf8(CONF_CODE_PAGE_1252, "\xe4\x80\x9f",
	    "\xc3\xa4\xe2\x82\xac"
	    "\xc5\xb8");
	/* five octets are none */
	to_utf8(CONF_CODE_PAGE_1252, "\x81", "\xef\xbf\xbd");
	to_utf8(CONF_CODE_PAGE_UTF8, "\xc3\xa4\x84", "\xc3\xa4\x84");
	for (size_t piece = 1; piece < 5; piece++) {
		from_utf8(CONF_CODE_PAGE_437, "gr\xc3\xbcn", piece, "gr\x81n");
		from_utf8(CONF_CODE_PAGE_1252, "\xe2\x82\xac", piece, "\x80");
		/* no equivalent: a mark, one a character */
		from_utf8(CONF_CODE_PAGE_437, "a\xe2\x82\xac\xf0\x9f\x98\x80z",
		    piece, "a??z");
		/* broken off, or not UTF-8 at all */
		from_utf8(CONF_CODE_PAGE_850, "a\xe2\x82", piece, "a?");
		from_utf8(CONF_CODE_PAGE_850, "\xc3z\xa4", piece, "?z?");
		from_utf8(CONF_CODE_PAGE_UTF8, "a\xe2\x82", piece, "a\xe2\x82");
	}
}
END_TEST

/* each octet of each page comes back, but those that are no character */
START_TEST(there_and_back)
{
	ck_assert_int_eq(code_page_load(NULL), 0);
	for (size_t p = 0; p < sizeof(pages) / sizeof(pages[0]); p++) {
		for (unsigned octet = 0; octet < 256; octet++) {
			struct code_page_rest rest = {.len = 0};
			uint8_t one = (uint8_t)octet, back;
			struct buffer utf8, out;
			bool none = pages[p] == CONF_CODE_PAGE_1252 &&
			    (octet == 0x81 || octet == 0x8d || octet == 0x8f ||
				octet == 0x90 || octet == 0x9d);

			buffer_init(&utf8, 16);
			buffer_init(&out, 16);
			ck_assert_int_eq(code_page_to_utf8(pages[p],
					     slice_of(&one, 1), &utf8),
			    0);
			ck_assert_int_eq(code_page_from_utf8(pages[p], &rest,
					     buffer_slice(&utf8), &out),
			    0);
			ck_assert_uint_eq(buffer_length(&out), 1);
			back = buffer_slice(&out).data[0];
			ck_assert_uint_eq(back, none ? CODE_PAGE_MARK : octet);
			buffer_fini(&utf8);
			buffer_fini(&out);
		}
	}
}
END_TEST

START_TEST(has)
{
	ck_assert_int_eq(code_page_load(NULL), 0);
	ck_assert(code_page_has(CONF_CODE_PAGE_437, 0xe4));
	ck_assert(code_page_has(CONF_CODE_PAGE_437, '?'));
	ck_assert(!code_page_has(CONF_CODE_PAGE_437, 0x20ac));
	ck_assert(!code_page_has(CONF_CODE_PAGE_1252, 0xfffd));
	ck_assert(code_page_has(CONF_CODE_PAGE_UTF8, 0x1f600));
}
END_TEST

TEST_MAIN(
    "msmi/code_page", TEST(known_characters), TEST(there_and_back), TEST(has))
