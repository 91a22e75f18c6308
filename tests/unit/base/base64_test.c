/* SPDX-License-Identifier: ISC */
/*
 * base64_test.c - octets as text and back (RFC 4648 10)
 */
#include "base/base64.h"

#include "tests/unit/test.h"

static const struct {
	const char *octets, *text;
} vectors[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"}};

/* The vectors of the RFC, both ways. */
START_TEST(known)
{
	struct slice octets = slice_of_string(vectors[_i].octets), back;
	char text[16] = "";
	struct arena arena;

	arena_init(&arena, 4096);
	ck_assert_uint_eq(base64_length(octets.len), strlen(vectors[_i].text));
	base64_encode(octets, text);
	ck_assert_str_eq(text, vectors[_i].text);
	ck_assert_int_eq(
	    base64_decode(slice_of_string(text), &arena, &back), 0);
	ck_assert(slice_equal(octets, back));
	arena_fini(&arena);
}
END_TEST

static const char *const malformed[] = {"Z", "Zg",
    "Zg=", "Zg===", "Zh==", "Zm9=", "=Zg=", "Zg==Zg==", "Zm 9", "Zm9\n", "Zm-_",
    "====", "Zm9vY===", "\xc3\xa9Zg"};

/* Anything that a decoder may read in two ways is refused. */
START_TEST(strict)
{
	struct slice back;
	struct arena arena;

	arena_init(&arena, 4096);
	ck_assert_int_eq(
	    base64_decode(slice_of_string(malformed[_i]), &arena, &back),
	    ERR_SYNTAX);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("base/base64", TEST_LOOP(known, sizeof(vectors) / sizeof(vectors[0])),
    TEST_LOOP(strict, sizeof(malformed) / sizeof(malformed[0])))
