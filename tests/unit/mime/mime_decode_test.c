/* SPDX-License-Identifier: ISC */
/*
 * mime_decode_test.c - transfer encodings give the same octets in pieces of any
 * size
 */
#include "mime/mime_decode.h"

#include <string.h>

#include "base/buffer.h"
#include "tests/unit/random.h"
#include "tests/unit/test.h"

#define TEXT_MAX 20000

/* gather - collect decoded octets */
static int
gather(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* decode - decode a text in pieces of a length */
static void
decode(enum mime_encoding encoding, struct slice text, size_t piece,
    struct buffer *out)
{
	struct mime_decoder decoder;

	buffer_reset(out);
	mime_decoder_init(&decoder, encoding);
	for (size_t at = 0; at < text.len; at += piece)
		ck_assert_int_eq(
		    mime_decoder_push(&decoder,
			slice_of(text.data + at,
			    text.len - at < piece ? text.len - at : piece),
			gather, out),
		    0);
	ck_assert_int_eq(mime_decoder_finish(&decoder, gather, out), 0);
}

/* check - check that a text is decoded alike in pieces of any length */
static void
check(enum mime_encoding encoding, struct slice text, uint64_t *random)
{
	struct buffer whole, other;

	buffer_init(&whole, 2 * TEXT_MAX);
	buffer_init(&other, 2 * TEXT_MAX);
	decode(encoding, text, 1, &whole);
	for (unsigned n = 0; n < 3; n++) {
		decode(encoding, text,
		    n == 0 ? TEXT_MAX : 1 + random_below(random, 3000), &other);
		ck_assert_uint_eq(buffer_length(&other), buffer_length(&whole));
		ck_assert(buffer_length(&whole) == 0 ||
		    memcmp(buffer_slice(&other).data, buffer_slice(&whole).data,
			buffer_length(&whole)) == 0);
	}
	buffer_fini(&whole);
	buffer_fini(&other);
}

START_TEST(pieces)
{
	static const char characters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char odd[] = "= \t\r\n!\xe4";
	static uint8_t text[TEXT_MAX];
	uint64_t random = 1;

	for (unsigned i = 0; i < 40; i++) {
		size_t len = 1 + random_below(&random, TEXT_MAX);
		size_t rare = 2 + random_below(&random, 200);

		for (size_t k = 0; k < len; k++)
			text[k] = (uint8_t)(random_below(&random, rare) == 0
				? odd[random_below(&random, sizeof(odd) - 1)]
				: characters[random_below(&random, 64)]);
		for (size_t k = 76; k + 1 < len; k += 78)
			memcpy(text + k, "\r\n", 2);
		check(MIME_BASE64, slice_of(text, len), &random);
		check(MIME_QUOTED_PRINTABLE, slice_of(text, len), &random);
	}
}
END_TEST

TEST_MAIN("mime/decode", TEST(pieces))
