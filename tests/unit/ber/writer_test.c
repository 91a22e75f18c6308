/* SPDX-License-Identifier: ISC */
/*
 * writer_test.c - ber/writer: octet for octet, and back through the reader
 */
#include "ber/writer.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

static struct buffer out;
static struct ber_writer writer;

/* begin - prepare an empty buffer to write to */
static void
begin(void)
{
	buffer_fini(&out);
	buffer_init(&out, 40 << 20);
	ber_writer_init(&writer, &out);
}

/* is - tell whether all was written, and is these octets */
static bool
is(const char *hex)
{
	struct hex want;

	return ber_finish(&writer) == 0 &&
	    slice_equal(buffer_slice(&out), hex_parse(&want, hex));
}

START_TEST(primitives)
{
	begin();
	ber_put_integer(&writer, BER_UNI(2), 0);
	ber_put_integer(&writer, BER_CTX(1), 127);
	ber_put_integer(&writer, BER_UNI(2), 128);
	ber_put_integer(&writer, BER_UNI(2), -128);
	ber_put_integer(&writer, BER_UNI(2), -129);
	ber_put_integer(&writer, BER_UNI(2), INT64_MAX);
	ber_put_integer(&writer, BER_UNI(2), INT64_MIN);
	ck_assert(is("020100 81017f 02020080 020180 0202ff7f"
		     "02087fffffffffffffff 02088000000000000000"));
	begin();
	ber_put_boolean(&writer, BER_UNI(1), true);
	ber_put_boolean(&writer, BER_UNI(1), false);
	ber_put_null(&writer, BER_UNI(5));
	ber_put_string(&writer, BER_APP(31), "abc");
	ber_put(&writer, BER_TAG(BER_PRIVATE, 128), slice_of(NULL, 0));
	ber_put(&writer, BER_CTX(BER_TAG_MAX), slice_of("x", 1));
	ck_assert(is("0101ff 010100 0500 5f1f03616263 df810000"
		     "9f87ffff7f0178"));
	begin();
	ber_put_bits(&writer, BER_UNI(3), 0xffffffff, 0);
	ber_put_bits(&writer, BER_UNI(3), 0xffffffff, 1);
	ber_put_bits(&writer, BER_UNI(3), 0xa5000000, 8);
	ber_put_bits(&writer, BER_UNI(3), 0xa5ffffff, 9);
	ber_put_bits(&writer, BER_UNI(3), 0x12345678, 32);
	ck_assert(is("030100 03020780 030200a5 030307a580 03050012345678"));
	ber_put_bits(&writer, BER_UNI(3), 0, 33);
	ck_assert_int_eq(ber_finish(&writer), ERR_VALUE);
}
END_TEST

START_TEST(integers_come_back)
{
	struct ber_reader reader;
	struct ber_element el;
	int64_t value, back;
	int bit, d;

	for (bit = 0; bit < 64; bit++) {
		for (d = -2; d <= 2; d++) {
			value = (int64_t)(((uint64_t)1 << bit) + (uint64_t)d);
			begin();
			ber_put_integer(&writer, BER_UNI(2), value);
			ck_assert_int_eq(ber_finish(&writer), 0);
			ber_reader_init(&reader, buffer_slice(&out), NULL);
			ck_assert_int_eq(ber_next(&reader, &el), 1);
			ck_assert_int_eq(ber_get_integer(&reader, &el, "i",
					     INT64_MIN, INT64_MAX, &back),
			    0);
			ck_assert_int_eq(back, value);
		}
	}
}
END_TEST

START_TEST(constructed)
{
	begin();
	ber_begin(&writer, BER_UNI(16));
	ber_end_element(&writer);
	ck_assert(is("3000"));
	begin();
	ber_put_null(&writer, BER_UNI(5));
	ber_begin(&writer, BER_APP(1000));
	ber_put_boolean(&writer, BER_UNI(1), true);
	ber_begin(&writer, BER_CTX(0));
	ber_put_raw(&writer, HEX("040161"));
	ber_end_element(&writer);
	ber_end_element(&writer);
	ber_put_null(&writer, BER_UNI(5));
	ck_assert(is("0500 7f876808 0101ff a003040161 0500"));
}
END_TEST

START_TEST(lengths)
{
	static const size_t edges[] = {0, 1, 126, 127, 128, 129, 254, 255, 256,
	    257, 65534, 65535, 65536, 65537, 16777215, 16777216};
	static uint8_t data[16777216];
	size_t i, k;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 >> 3);
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		struct slice contents = slice_of(data, edges[i]);
		struct ber_reader reader;
		struct ber_element el;

		/* Three around it, each of which moves what is inside. */
		begin();
		for (k = 0; k < 3; k++)
			ber_begin(&writer, BER_CTX(k));
		ber_put(&writer, BER_UNI(4), contents);
		for (k = 0; k < 3; k++)
			ber_end_element(&writer);
		ber_put_null(&writer, BER_UNI(5));
		ck_assert_int_eq(ber_finish(&writer), 0);
		ber_reader_init(&reader, buffer_slice(&out), NULL);
		for (k = 0; k < 3; k++) {
			ck_assert_int_eq(
			    ber_expect(&reader, BER_CTX(k), "c", &el), 0);
			/* minimal */
			ck_assert_uint_eq(
			    (size_t)(el.contents.data - el.whole.data),
			    ber_header_length(BER_CTX(k), el.contents.len));
			ck_assert_int_eq(ber_enter(&reader, &el, &reader), 0);
		}
		ck_assert_int_eq(ber_expect(&reader, BER_UNI(4), "s", &el), 0);
		ck_assert(slice_equal(el.contents, contents));
		ck_assert_int_eq(ber_end(&reader, "c"), 0);
	}
}
END_TEST

START_TEST(headers)
{
	static const struct {
		uint32_t tag;
		uint64_t length;
		const char *want;
	} cases[] = {{BER_UNI(4), 0, "04 00"}, {BER_CTX(30), 127, "9e 7f"},
	    {BER_CTX(31), 128, "9f1f 8180"}, {BER_UNI(4), 256, "04 820100"},
	    {BER_UNI(4), 0x123456, "04 83123456"},
	    {BER_APP(16384), 0xffffffff, "5f818000 84ffffffff"},
	    {BER_UNI(4), 0x100000000, "04 850100000000"},
	    {BER_UNI(4), 0x7fffffffffffffff, "04 887fffffffffffffff"}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		ber_put_header(
		    &writer, cases[i].tag, BER_PRIMITIVE, cases[i].length);
		ck_assert(is(cases[i].want));
		ck_assert_uint_eq(buffer_length(&out),
		    ber_header_length(cases[i].tag, cases[i].length));
	}
	begin();
	ber_put_header(&writer, BER_UNI(4), BER_CONSTRUCTED, 5);
	ck_assert(is("24 05"));
}
END_TEST

/* reencode - write the first element of octets again */
static void
reencode(struct slice octets)
{
	struct ber_reader reader;
	struct ber_element el;

	begin();
	ber_reader_init(&reader, octets, NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ber_put_element(&writer, &el);
}

START_TEST(elements)
{
	reencode(HEX("30 80 02820001 05 a0 80 24 80 04 01 61 00 00 00 00 bf 1f"
		     " 84 00 00 00 02 05 00 00 00"));
	ck_assert(is("30 0f 020105 a005 2403 040161 bf1f02 0500"));
	/* Not minimal, yet a primitive's contents are not ours to change. */
	reencode(HEX("02 02 00 01"));
	ck_assert(is("02 02 00 01"));
	reencode(HEX("30 03 04 05 61"));
	ck_assert_int_eq(ber_finish(&writer), ERR_SYNTAX);
}
END_TEST

START_TEST(errors_stick)
{
	struct buffer small;
	int i;

	begin();
	ber_begin(&writer, BER_UNI(16));
	ck_assert_int_eq(ber_finish(&writer), ERR_STATE);
	begin();
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), ERR_STATE);
	begin();
	for (i = 0; i < BER_DEPTH_MAX; i++)
		ber_begin(&writer, BER_UNI(16));
	for (i = 0; i < BER_DEPTH_MAX; i++)
		ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	begin();
	for (i = 0; i <= BER_DEPTH_MAX; i++)
		ber_begin(&writer, BER_UNI(16));
	for (i = 0; i <= BER_DEPTH_MAX; i++)
		ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), ERR_LIMIT);
	buffer_init(&small, 10);
	ber_writer_init(&writer, &small);
	ber_put_string(&writer, BER_UNI(4), "123456789");
	ber_put_null(&writer, BER_UNI(5));
	ck_assert_int_eq(ber_finish(&writer), ERR_LIMIT);
	ck_assert_uint_le(buffer_length(&small), 10);
	/* No room for the longer length of what is already there. */
	buffer_fini(&small);
	buffer_init(&small, 132);
	ber_writer_init(&writer, &small);
	ber_begin(&writer, BER_UNI(16));
	ber_put(&writer, BER_UNI(4), slice_of(small.data, 0));
	for (i = 0; i < 63; i++)
		ber_put_null(&writer, BER_UNI(5));
	ber_put_integer(&writer, BER_UNI(2), 1);
	ck_assert_int_eq(ber_finish(&writer), ERR_LIMIT);
	buffer_fini(&small);
}
END_TEST

START_TEST(after_other_octets)
{
	begin();
	ck_assert_int_eq(buffer_append(&out, "xyz", 3), 0);
	buffer_consume(&out, 2);
	ber_begin(&writer, BER_UNI(16));
	ber_put_null(&writer, BER_UNI(5));
	ber_end_element(&writer);
	ck_assert(is("7a 3002 0500"));
}
END_TEST

TEST_MAIN("ber/writer", TEST(primitives), TEST(integers_come_back),
    TEST(constructed), TEST(lengths), TEST(headers), TEST(elements),
    TEST(errors_stick), TEST(after_other_octets))
