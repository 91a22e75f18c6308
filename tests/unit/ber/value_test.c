/* SPDX-License-Identifier: ISC */
/*
 * value_test.c - ber/value and ber/string: the values of elements
 */
#include <stdio.h>

#include "ber/reader.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

static struct diag diag;
static struct ber_reader reader;

/* element - read the first element of octets */
static struct ber_element
element(struct slice octets)
{
	struct ber_element el;

	diag_clear(&diag);
	ber_reader_init(&reader, octets, &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	return el;
}

/* integer - read the value of octets, which must be whole, or the error */
static int
integer(const char *octets, int64_t min, int64_t max, int64_t *value)
{
	struct hex hex;
	struct ber_element el = element(hex_parse(&hex, octets));

	return ber_get_integer(&reader, &el, "field", min, max, value);
}

START_TEST(integers)
{
	static const struct {
		const char *octets;
		int64_t value;
	} good[] = {{"02 01 00", 0}, {"02 01 7f", 127}, {"02 01 80", -128},
	    {"02 01 ff", -1}, {"02 02 0080", 128}, {"02 02 00ff", 255},
	    {"02 02 0100", 256}, {"02 02 ff7f", -129}, {"02 02 8000", -32768},
	    {"02 04 7fffffff", INT32_MAX}, {"02 05 0080000000", 2147483648},
	    {"02 08 7fffffffffffffff", INT64_MAX},
	    {"02 08 8000000000000000", INT64_MIN}, {"82 01 05", 5}};
	static const char *const malformed[] = {"02 00", "02 02 0000",
	    "02 02 007f", "02 02 ffff", "02 02 ff80", "22 03 020101",
	    "02 09 000000000000000001", "02 09 ffffffffffffffffff"};
	int64_t value;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		value = 4711;
		ck_assert_int_eq(
		    integer(good[i].octets, INT64_MIN, INT64_MAX, &value), 0);
		ck_assert_int_eq(value, good[i].value);
		value = 4711;
		if (good[i].value != INT64_MAX)
			ck_assert_int_eq(
			    integer(good[i].octets, good[i].value + 1,
				INT64_MAX, &value),
			    ERR_VALUE);
		if (good[i].value != INT64_MIN)
			ck_assert_int_eq(integer(good[i].octets, INT64_MIN,
					     good[i].value - 1, &value),
			    ERR_VALUE);
		ck_assert_int_eq(value, 4711);
	}
	for (i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
		ck_assert_msg(integer(malformed[i], INT64_MIN, INT64_MAX,
				  &value) == ERR_SYNTAX,
		    "%s", malformed[i]);
	ck_assert_int_eq(
	    integer("02 09 008000000000000000", INT64_MIN, INT64_MAX, &value),
	    ERR_VALUE);
	ck_assert_int_eq(integer("02 02 0100", 1, 16, &value), ERR_VALUE);
	ck_assert_str_eq(
	    diag_text(&diag), "field at offset 0: 256 is not from 1 to 16");
}
END_TEST

START_TEST(booleans_and_nulls)
{
	struct ber_element el;
	bool value = false;

	el = element(HEX("01 01 01"));
	ck_assert_int_eq(ber_get_boolean(&reader, &el, "b", &value), 0);
	ck_assert(value);
	el = element(HEX("01 01 00"));
	ck_assert_int_eq(ber_get_boolean(&reader, &el, "b", &value), 0);
	ck_assert(!value);
	el = element(HEX("01 00"));
	ck_assert_int_eq(
	    ber_get_boolean(&reader, &el, "b", &value), ERR_SYNTAX);
	el = element(HEX("01 02 0000"));
	ck_assert_int_eq(
	    ber_get_boolean(&reader, &el, "b", &value), ERR_SYNTAX);
	el = element(HEX("21 03 010100"));
	ck_assert_int_eq(
	    ber_get_boolean(&reader, &el, "b", &value), ERR_SYNTAX);
	el = element(HEX("05 00"));
	ck_assert_int_eq(ber_get_null(&reader, &el, "n"), 0);
	el = element(HEX("05 01 00"));
	ck_assert_int_eq(ber_get_null(&reader, &el, "n"), ERR_SYNTAX);
	el = element(HEX("25 00"));
	ck_assert_int_eq(ber_get_null(&reader, &el, "n"), ERR_SYNTAX);
}
END_TEST

/* octets - read the string in octets of at most max, "!" and the error else */
static const char *
octets(const char *hex, size_t max)
{
	static struct hex kept;
	static char text[100];
	struct ber_element el = element(hex_parse(&kept, hex));
	struct slice value = slice_of("untouched", 9);
	struct arena arena;
	int error;

	arena_init(&arena, 1000);
	error = ber_get_octets(&reader, &el, "s", max, &arena, &value);
	if (error != 0) {
		ck_assert(slice_equal_string(value, "untouched"));
		ck_assert_int_eq(diag.code, error);
		(void)snprintf(text, sizeof(text), "!%d", error);
	} else {
		(void)snprintf(text, sizeof(text), "%.*s", (int)value.len,
		    (const char *)value.data);
	}
	arena_fini(&arena);
	return text;
}

START_TEST(strings)
{
	ck_assert_str_eq(octets("04 03 616263", 3), "abc");
	ck_assert_str_eq(octets("04 00", 0), "");
	ck_assert_str_eq(octets("04 03 616263", 2), "!-4");
	/* in segments, nested, of either length, some of them empty */
	ck_assert_str_eq(octets("24 00", 9), "");
	ck_assert_str_eq(octets("24 80 0000", 9), "");
	ck_assert_str_eq(octets("24 05 0403616263", 9), "abc");
	ck_assert_str_eq(octets("24 80 040161 0400 04026263 0000", 3), "abc");
	ck_assert_str_eq(
	    octets("a2 80 2480 040161 2404 04026263 0000 040164 0000", 4),
	    "abcd");
	ck_assert_str_eq(
	    octets("a2 80 2480 040161 2404 04026263 0000 040164 0000", 3),
	    "!-4");
	/* segments that bear the tag of the string */
	ck_assert_str_eq(octets("36 06 160161 160162", 9), "ab");
	ck_assert_str_eq(octets("80 02 6162", 9), "ab");
	/* an element that is no segment */
	ck_assert_str_eq(octets("24 03 020161", 9), "!-2");
	ck_assert_str_eq(octets("24 03 800161", 9), "!-2");
	ck_assert_str_eq(octets("24 03 040261", 9), "!-2");
	ck_assert_str_eq(octets("24 04 3002 0400", 9), "!-2");
}
END_TEST

START_TEST(borrowed_where_possible)
{
	struct slice in = HEX("24 80 0400 0403616263 0400 0000"), value;
	struct ber_element el = element(in);
	struct arena arena;

	arena_init(&arena, 0);
	ck_assert_int_eq(
	    ber_get_octets(&reader, &el, "s", 9, &arena, &value), 0);
	ck_assert_ptr_eq(value.data, in.data + 6);
	el = element(HEX("24 06 040161 040162"));
	ck_assert_int_eq(
	    ber_get_octets(&reader, &el, "s", 9, &arena, &value), ERR_LIMIT);
	arena_fini(&arena);
}
END_TEST

START_TEST(bits)
{
	static const struct {
		const char *octets;
		int result;
		uint32_t value;
		size_t count;
	} cases[] = {
	    {"03 01 00", 0, 0, 0},
	    {"03 02 0780", 0, 0x80000000, 1},
	    {"03 02 07ff", 0, 0x80000000, 1}, /* unused bits are nothing */
	    {"03 02 05a0", 0, 0xa0000000, 3},
	    {"03 03 0412f0", 0, 0x12f00000, 12},
	    {"03 05 0012345678", 0, 0x12345678, 32},
	    {"03 06 001234567899", 0, 0x12345678, 40},
	    {"03 06 0412345678f0", 0, 0x12345678, 36},
	    {"23 80 03020012 03020434 0000", 0, 0x12300000, 12},
	    {"23 0a 2304 03020012 03020134", 0, 0x12340000, 15},
	    {"23 80 0000", 0, 0, 0},
	    {"03 00", ERR_SYNTAX, 0, 0},
	    {"03 01 01", ERR_SYNTAX, 0, 0},
	    {"03 02 0880", ERR_SYNTAX, 0, 0},
	    {"23 80 03020412 03020034 0000", ERR_SYNTAX, 0, 0},
	    {"23 04 04020012", ERR_SYNTAX, 0, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ber_element el = element(HEX(cases[i].octets));
		uint32_t value = 1;
		size_t count = 99;

		ck_assert_msg(ber_get_bits(&reader, &el, "b", &value, &count) ==
			cases[i].result,
		    "%s", cases[i].octets);
		if (cases[i].result != 0) {
			ck_assert_uint_eq(count, 99);
			continue;
		}
		ck_assert_uint_eq(value, cases[i].value);
		ck_assert_uint_eq(count, cases[i].count);
	}
	ck_assert_uint_eq(BER_BIT(0), 0x80000000);
	ck_assert_uint_eq(BER_BIT(31), 1);
}
END_TEST

START_TEST(oids)
{
	struct slice in = HEX("06 03 56 00 02"), value;
	struct ber_element el = element(in);

	ck_assert_int_eq(ber_get_oid(&reader, &el, "o", &value), 0);
	ck_assert_ptr_eq(value.data, in.data + 2);
	el = element(HEX("06 00"));
	ck_assert_int_eq(ber_get_oid(&reader, &el, "o", &value), ERR_SYNTAX);
	el = element(HEX("26 03 060156"));
	ck_assert_int_eq(ber_get_oid(&reader, &el, "o", &value), ERR_SYNTAX);
	el = element(HEX("06 02 5680"));
	ck_assert_int_eq(ber_get_oid(&reader, &el, "o", &value), ERR_SYNTAX);
	ck_assert_str_eq(
	    diag_text(&diag), "o at offset 0: malformed object identifier");
}
END_TEST

TEST_MAIN("ber/value", TEST(integers), TEST(booleans_and_nulls), TEST(strings),
    TEST(borrowed_where_possible), TEST(bits), TEST(oids))
