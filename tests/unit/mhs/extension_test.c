/* SPDX-License-Identifier: ISC */
/*
 * extension_test.c - extension fields in both taggings
 */
#include "mhs/extension.h"
#include "tests/unit/test.h"

#define OCTETS(...)                                \
	slice_of(((const uint8_t[]){__VA_ARGS__}), \
	    sizeof((const uint8_t[]){__VA_ARGS__}))

/* decode - decode a list; return the result of decoding */
static int
decode(struct slice octets, struct arena *arena, struct extension_list *list,
    struct diag *diag)
{
	struct ber_reader reader;
	struct ber_element el;

	diag_clear(diag);
	memset(list, 0, sizeof(*list));
	ber_reader_init(&reader, octets, diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	return extension_list_decode(&reader, &el, "extensions", arena, list);
}

/* Each tagging is read, and written as asked. */
START_TEST(tagging)
{
	/* latest-delivery-time as NULL, private 1.2.3 without value */
	const struct slice implicit = OCTETS(0xa3, 0x13, 0x30, 0x0b, 0x80, 0x01,
	    0x05, 0x81, 0x02, 0x05, 0x20, 0xa2, 0x02, 0x05, 0x00, 0x30, 0x04,
	    0x83, 0x02, 0x2a, 0x03);
	const struct slice explicit = OCTETS(0xa3, 0x17, 0x30, 0x0d, 0xa0, 0x03,
	    0x02, 0x01, 0x05, 0x81, 0x02, 0x05, 0x20, 0xa2, 0x02, 0x05, 0x00,
	    0x30, 0x06, 0xa3, 0x04, 0x06, 0x02, 0x2a, 0x03);
	struct extension_list list;
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	struct diag diag;
	unsigned from;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	for (from = 0; from < 2; from++) {
		ck_assert_msg(decode(from == 0 ? implicit : explicit, &arena,
				  &list, &diag) == 0,
		    "%s", diag.text);
		ck_assert_uint_eq(list.count, 2);
		ck_assert_int_eq(
		    list.items[0].number, EXTENSION_LATEST_DELIVERY_TIME);
		ck_assert_uint_eq(
		    list.items[0].criticality, CRITICAL_FOR_DELIVERY);
		ck_assert(slice_equal(list.items[0].value, OCTETS(5, 0)));
		ck_assert_int_eq(list.items[1].number, EXTENSION_PRIVATE);
		ck_assert(slice_equal(list.items[1].oid, OCTETS(0x2a, 3)));
		ck_assert_uint_eq(list.items[1].value.len, 0);
		buffer_reset(&out);
		ber_writer_init(&writer, &out);
		extension_list_encode(
		    &writer, BER_CTX(3), &list, EXTENSION_IMPLICIT);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ck_assert(slice_equal(buffer_slice(&out), implicit));
		buffer_reset(&out);
		ber_writer_init(&writer, &out);
		extension_list_encode(
		    &writer, BER_CTX(3), &list, EXTENSION_EXPLICIT);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ck_assert(slice_equal(buffer_slice(&out), explicit));
	}
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Set, replace, find, remove. */
START_TEST(editing)
{
	struct extension_list list = {.count = 0};
	const struct extension *found;
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	int number;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1024);
	/* An empty list is left out. */
	ber_writer_init(&writer, &out);
	extension_list_encode(&writer, BER_CTX(3), &list, EXTENSION_IMPLICIT);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_uint_eq(buffer_length(&out), 0);
	for (number = 0; number < EXTENSION_MAX; number++)
		ck_assert_int_eq(
		    extension_set(&list, &arena, number, 0, slice_of(NULL, 0)),
		    0);
	ck_assert_int_eq(
	    extension_set(&list, &arena, EXTENSION_MAX, 0, slice_of(NULL, 0)),
	    ERR_LIMIT);
	ck_assert_int_eq(extension_set(&list, &arena, 7, CRITICAL_FOR_TRANSFER,
			     OCTETS(5, 0)),
	    0);
	ck_assert_uint_eq(list.count, EXTENSION_MAX);
	found = extension_find(&list, 7);
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(found->criticality, CRITICAL_FOR_TRANSFER);
	/* 7 is one we know. */
	ck_assert_ptr_null(extension_unsupported(&list));
	ck_assert_int_eq(extension_set(&list, &arena, 99, CRITICAL_FOR_TRANSFER,
			     slice_of(NULL, 0)),
	    0);
	found = extension_unsupported(&list);
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(found->number, 99);
	extension_remove(&list, 99);
	extension_remove(&list, 99);
	ck_assert_ptr_null(extension_find(&list, 99));
	ck_assert_uint_eq(list.count, EXTENSION_MAX - 1);
	ck_assert_str_eq(extension_name(38), "internal-trace-information");
	ck_assert_ptr_null(extension_name(47));
	ck_assert_ptr_null(extension_name(EXTENSION_PRIVATE));
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Malformed extensions are named, and too many are refused. */
START_TEST(refused)
{
	static const struct {
		const char *octets;
		size_t len;
	} bad[] = {
	    {"\xa3\x02\x30\x00", 4},
	    {"\xa3\x04\x30\x02\x80\x00", 6},
	    {"\xa3\x04\x30\x02\xa0\x00", 6},
	    {"\xa3\x05\x30\x03\x84\x01\x00", 7},
	    {"\xa3\x05\x30\x03\x80\x01\xff", 7},
	    {"\xa3\x04\x30\x02\x83\x00", 6},
	    {"\xa3\x08\x30\x06\x80\x01\x05\xa4\x01\x00", 10},
	    {"\xa3\x0b\x30\x09\x80\x01\x05\xa2\x04\x05\x00\x05\x00", 13},
	    {"\xa3\x02\x04\x00", 4},
	};
	struct extension_list list;
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	struct diag diag;
	size_t i;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(decode(slice_of(bad[i].octets, bad[i].len),
				  &arena, &list, &diag) != 0,
		    "%zu", i);
		ck_assert_msg(
		    strstr(diag.text, "extensions") != NULL, "%s", diag.text);
	}
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(3));
	for (i = 0; i <= EXTENSION_MAX; i++)
		ber_put_raw(&writer, OCTETS(0x30, 0x03, 0x80, 0x01, 0x05));
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_int_eq(
	    decode(buffer_slice(&out), &arena, &list, &diag), ERR_LIMIT);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/extension", TEST(tagging); TEST(editing); TEST(refused))
