/* SPDX-License-Identifier: ISC */
/*
 * reader_test.c - ber/reader: headers, nesting, ends and limits
 */
#include <stdio.h>

#include "ber/reader.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

/* walk - read everything inside: how many elements, or the error */
static int
walk(struct ber_reader *reader)
{
	struct ber_reader inner;
	struct ber_element el;
	int n, count = 0;

	while ((n = ber_next(reader, &el)) > 0) {
		count++;
		if (!el.constructed)
			continue;
		n = ber_enter(reader, &el, &inner);
		if (n == 0)
			n = walk(&inner);
		if (n < 0)
			return n;
		count += n;
	}
	return n < 0 ? n : count;
}

/* all - read everything in octets: how many elements, or the error */
static int
all(struct slice octets)
{
	struct diag diag = {.code = 0};
	struct ber_reader reader;
	int n;

	ber_reader_init(&reader, octets, &diag);
	n = walk(&reader);
	if (n < 0) {
		ck_assert_int_eq(diag.code, n);
		ck_assert_ptr_nonnull(strstr(diag_text(&diag), "at offset "));
	} else {
		ck_assert_int_eq(diag.code, 0);
	}
	return n;
}

/* first - read one element */
static int
first(struct slice octets, struct ber_element *el)
{
	struct ber_reader reader;

	ber_reader_init(&reader, octets, NULL);
	return ber_next(&reader, el);
}

START_TEST(nothing)
{
	struct ber_reader reader;
	struct ber_element el;
	uint32_t tag = 7;

	ber_reader_init(&reader, slice_of(NULL, 0), NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 0);
	ck_assert_int_eq(ber_peek(&reader, &tag), 0);
	ck_assert_int_eq(ber_optional(&reader, 1, &el), 0);
	ck_assert_int_eq(ber_expect(&reader, 1, "x", &el), ERR_TRUNCATED);
	ck_assert_int_eq(ber_end(&reader, "x"), 0);
	ck_assert_uint_eq(tag, 7);
}
END_TEST

START_TEST(tags)
{
	static const struct {
		const char *octets;
		uint32_t tag;
		bool constructed;
		int result;
	} cases[] = {
	    {"02 00", BER_UNI(2), false, 1},
	    {"30 00", BER_UNI(16), true, 1},
	    {"61 00", BER_APP(1), true, 1},
	    {"9e 00", BER_CTX(30), false, 1},
	    {"9f1f 00", BER_CTX(31), false, 1},
	    {"df7f 00", BER_TAG(BER_PRIVATE, 127), false, 1},
	    {"bf8100 00", BER_CTX(128), true, 1},
	    {"bfffff7f 00", BER_CTX(0x1fffff), true, 1},
	    {"bf87ffff7f 00", BER_CTX(BER_TAG_MAX), true, 1},
	    {"bf88808000 00", 0, false, ERR_LIMIT},
	    {"bf8fffffffff7f 00", 0, false, ERR_LIMIT},
	    {"bf1e 00", 0, false, ERR_SYNTAX}, /* has a short form */
	    {"bf00 00", 0, false, ERR_SYNTAX},
	    {"bf801f 00", 0, false, ERR_SYNTAX}, /* leading zero */
	    {"00 00", 0, false, ERR_SYNTAX},	 /* nothing to end */
	    {"00 01 00", 0, false, ERR_SYNTAX},
	    {"00 8100", 0, false, ERR_SYNTAX},
	    {"20 00", 0, false, ERR_SYNTAX},
	    {"1f00 00", 0, false, ERR_SYNTAX},
	    {"40 00", BER_APP(0), false, 1},
	    {"80 00", BER_CTX(0), false, 1},
	    {"bf", 0, false, ERR_TRUNCATED},
	    {"bf81", 0, false, ERR_TRUNCATED},
	    {"bf8101", 0, false, ERR_TRUNCATED},
	    {"30", 0, false, ERR_TRUNCATED},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ber_element el = {.tag = 99};

		ck_assert_msg(
		    first(HEX(cases[i].octets), &el) == cases[i].result, "%s",
		    cases[i].octets);
		if (cases[i].result != 1) {
			ck_assert_uint_eq(el.tag, 99);
			continue;
		}
		ck_assert_uint_eq(el.tag, cases[i].tag);
		ck_assert_int_eq(el.constructed, cases[i].constructed);
		ck_assert_uint_eq(el.contents.len, 0);
		ck_assert_uint_eq(el.depth, 0);
	}
}
END_TEST

START_TEST(lengths)
{
	static const size_t edges[] = {0, 1, 126, 127, 128, 129, 255, 256, 257,
	    65535, 65536, 65537, 16777215, 16777216};
	static uint8_t octets[16777216 + 200];
	size_t i, k, zeros, at, len;
	struct ber_element el;

	/* Each length in each form that can hold it, with leading zeros. */
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		len = edges[i];
		for (zeros = 0; zeros <= 122; zeros += 61) {
			octets[0] = 0x04;
			octets[1] = (uint8_t)(0x84 + zeros);
			memset(octets + 2, 0, zeros);
			at = 2 + zeros;
			for (k = 0; k < 4; k++)
				octets[at++] = (uint8_t)(len >> (24 - 8 * k));
			ck_assert_int_eq(
			    first(slice_of(octets, at + len), &el), 1);
			ck_assert_uint_eq(el.contents.len, len);
			ck_assert_ptr_eq(el.contents.data, octets + at);
			ck_assert_uint_eq(el.whole.len, at + len);
			if (len != 0)
				ck_assert_int_eq(
				    first(slice_of(octets, at + len - 1), &el),
				    ERR_TRUNCATED);
		}
	}
	ck_assert_int_eq(first(HEX("04 7f"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("04 8103 aabbcc"), &el), 1);
	ck_assert_int_eq(first(HEX("04 ff"), &el), ERR_SYNTAX);
	ck_assert_int_eq(
	    first(HEX("04 88 00ffffffffffffff"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(
	    first(HEX("04 88 7fffffffffffffff"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("04 88 ffffffffffffffff"), &el), ERR_LIMIT);
	ck_assert_int_eq(
	    first(HEX("04 89 010000000000000000"), &el), ERR_LIMIT);
	ck_assert_int_eq(first(HEX("04 fe"), &el), ERR_TRUNCATED);
}
END_TEST

START_TEST(indefinite)
{
	struct slice octets = HEX("30 80 a0 80 04 01 00 30 80 00 00 00 00"
				  " 30 04 04 02 00 00 00 00 02 01 05");
	struct ber_reader reader, one, two;
	struct ber_element el;

	ber_reader_init(&reader, octets, NULL);
	ck_assert_int_eq(
	    ber_expect(&reader, BER_UNI(BER_SEQUENCE), "s", &el), 0);
	ck_assert_uint_eq(el.contents.len, 17);
	ck_assert_uint_eq(el.whole.len, 21);
	ck_assert_int_eq(ber_enter(&reader, &el, &one), 0);
	ck_assert_int_eq(ber_expect(&one, BER_CTX(0), "zero", &el), 0);
	ck_assert_uint_eq(el.depth, 1);
	ck_assert_uint_eq(el.offset, 2);
	ck_assert_uint_eq(el.contents.len, 7);
	ck_assert_int_eq(ber_enter(&one, &el, &two), 0);
	ck_assert_int_eq(ber_expect(&two, BER_UNI(4), "four", &el), 0);
	ck_assert_uint_eq(el.contents.len, 1);
	ck_assert_uint_eq(el.offset, 4);
	ck_assert_int_eq(ber_expect(&two, BER_UNI(16), "empty", &el), 0);
	ck_assert_uint_eq(el.contents.len, 0);
	ck_assert_uint_eq(el.whole.len, 4);
	ck_assert_int_eq(ber_end(&two, "zero"), 0);
	/* Zeros within a definite length end nothing. */
	ck_assert_int_eq(ber_expect(&one, BER_UNI(16), "definite", &el), 0);
	ck_assert_uint_eq(el.offset, 13);
	ck_assert_int_eq(ber_end(&one, "s"), 0);
	ck_assert_int_eq(ber_expect(&reader, BER_UNI(2), "i", &el), 0);
	ck_assert_uint_eq(el.offset, 21);
	ck_assert_int_eq(ber_next(&reader, &el), 0);
	ck_assert_int_eq(all(octets), 7);
}
END_TEST

START_TEST(malformed_ends)
{
	struct ber_element el;

	ck_assert_int_eq(first(HEX("30 80"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("30 80 00"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("30 80 05 00 00"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("30 80 00 01 00 00 00"), &el), ERR_SYNTAX);
	ck_assert_int_eq(first(HEX("30 80 04 05 00 00"), &el), ERR_TRUNCATED);
	ck_assert_int_eq(first(HEX("04 80 00 00"), &el), ERR_SYNTAX);
	ck_assert_int_eq(first(HEX("30 80 00 00"), &el), 1);
	/* end-of-contents in a definite length; an end too many */
	ck_assert_int_eq(all(HEX("30 02 00 00")), ERR_SYNTAX);
	ck_assert_int_eq(all(HEX("30 80 00 00 00 00")), ERR_SYNTAX);
	/* an element that reaches beyond the definite one around it */
	ck_assert_int_eq(all(HEX("30 03 04 02 aa bb")), ERR_SYNTAX);
	ck_assert_int_eq(all(HEX("30 02 30 80 00 00")), ERR_SYNTAX);
	ck_assert_int_eq(all(HEX("30 03 30 80 00 00")), ERR_SYNTAX);
	ck_assert_int_eq(all(HEX("30 01 04 00")), ERR_SYNTAX);
	ck_assert_int_eq(all(HEX("30 80 30 02 30 80 00 00 00 00")), ERR_SYNTAX);
}
END_TEST

START_TEST(truncated_everywhere)
{
	struct slice octets =
	    HEX("30 81 26 02 02 01 00 bf 81 48 80 04 03 61 62"
		" 63 24 80 04 01 64 00 00 00 00 a3 84 00 00 00"
		" 0a 30 80 30 80 05 00 00 00 00 00");
	uint8_t *copy;
	size_t len;

	ck_assert_int_eq(all(octets), 10);
	for (len = 0; len < octets.len; len++) {
		/* In memory of just that size, for the sanitizer to see. */
		copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, octets.data, len);
		copy = realloc(copy, len == 0 ? 1 : len);
		ck_assert_int_eq(
		    all(slice_of(copy, len)), len == 0 ? 0 : ERR_TRUNCATED);
		/* The outermost length is right, what is inside is short,
		 * but where an element ends. */
		if (len >= 3) {
			copy[2] = (uint8_t)(len - 3);
			ck_assert_msg(all(slice_of(copy, len)) == ERR_SYNTAX ||
				len == 3 || len == 7 || len == 25,
			    "cut at %zu", len);
		}
		free(copy);
	}
}
END_TEST

/* nest - put depth sequences in each other, of indefinite or definite length */
static size_t
nest(uint8_t *out, size_t depth, bool open_ended)
{
	size_t i, len = 0;

	if (open_ended) {
		for (i = 0; i < depth; i++) {
			out[len++] = 0x30;
			out[len++] = 0x80;
		}
		memset(out + len, 0, 2 * depth);
		return len + 2 * depth;
	}
	for (i = 0; i < depth; i++) {
		out[len++] = 0x30;
		out[len++] = (uint8_t)(2 * (depth - i - 1));
	}
	return len;
}

START_TEST(depth_limit)
{
	uint8_t octets[1000];
	size_t len;
	int form;

	for (form = 0; form < 2; form++) {
		len = nest(octets, BER_DEPTH_MAX, form == 1);
		ck_assert_int_eq(all(slice_of(octets, len)), BER_DEPTH_MAX);
		len = nest(octets, BER_DEPTH_MAX + 1, form == 1);
		ck_assert_int_eq(all(slice_of(octets, len)), ERR_LIMIT);
	}
}
END_TEST

START_TEST(depth_bomb)
{
	static uint8_t octets[8 << 20];
	struct ber_element el;
	size_t i;

	/* Four million beginnings: refused at once, without recursion. */
	for (i = 0; i < sizeof(octets); i += 2) {
		octets[i] = 0x30;
		octets[i + 1] = 0x80;
	}
	ck_assert_int_eq(
	    first(slice_of(octets, sizeof(octets)), &el), ERR_LIMIT);
	ck_assert_int_eq(all(slice_of(octets, sizeof(octets))), ERR_LIMIT);
}
END_TEST

START_TEST(wide_and_deep_is_not_quadratic)
{
	static uint8_t octets[4 << 20];
	size_t len = 0, i;

	/* 40 levels of indefinite length around a million empty strings. */
	for (i = 0; i < 40; i++) {
		octets[len++] = 0x30;
		octets[len++] = 0x80;
	}
	for (i = 0; i < 1000000; i++) {
		octets[len++] = 0x04;
		octets[len++] = 0x00;
	}
	memset(octets + len, 0, 80);
	len += 80;
	ck_assert_int_eq(all(slice_of(octets, len)), 1000040);
}
END_TEST

START_TEST(expectations)
{
	struct slice octets = HEX("30 09 02 01 05 80 01 41 a1 00 99");
	struct diag diag = {.code = 0};
	struct ber_reader reader, in, at;
	struct ber_element el, none = {.tag = 99};
	uint32_t tag;

	ber_reader_init(&reader, octets, &diag);
	ck_assert_int_eq(ber_expect(&reader, BER_UNI(16), "m", &el), 0);
	ck_assert_int_eq(ber_enter(&reader, &el, &in), 0);
	ck_assert_int_eq(ber_optional(&in, BER_CTX(0), &none), 0);
	ck_assert_uint_eq(none.tag, 99);
	ck_assert_int_eq(ber_optional(&in, BER_UNI(2), &el), 1);
	ck_assert_int_eq(ber_peek(&in, &tag), 1);
	ck_assert_uint_eq(tag, BER_CTX(0));
	at = in;
	ck_assert_int_eq(
	    ber_expect(&in, BER_APP(7), "m.surname", &none), ERR_SYNTAX);
	ck_assert_str_eq(diag_text(&diag),
	    "m.surname at offset 5: expected [APPLICATION 7], found [0]");
	diag_clear(&diag);
	ck_assert_int_eq(ber_end(&at, "m"), ERR_SYNTAX);
	ck_assert_str_eq(diag_text(&diag), "m at offset 5: 6 octets too many");
	diag_clear(&diag);
	ck_assert_int_eq(ber_expect(&at, BER_CTX(0), "zero", &el), 0);
	ck_assert_int_eq(ber_enter(&at, &el, &in), ERR_SYNTAX);
	diag_clear(&diag);
	ck_assert_int_eq(ber_expect(&at, BER_CTX(1), "one", &el), 0);
	ck_assert_int_eq(ber_enter(&at, &el, &in), 0);
	ck_assert_int_eq(ber_expect(&in, BER_UNI(2), "two", &el), ERR_SYNTAX);
	ck_assert_str_eq(diag_text(&diag), "two at offset 10: missing");
}
END_TEST

TEST_MAIN("ber/reader", TEST(nothing), TEST(tags), TEST(lengths),
    TEST(indefinite), TEST(malformed_ends), TEST(truncated_everywhere),
    TEST(depth_limit), TEST(depth_bomb), TEST(wide_and_deep_is_not_quadratic),
    TEST(expectations))
