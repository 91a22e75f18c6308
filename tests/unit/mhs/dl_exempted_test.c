/* SPDX-License-Identifier: ISC */
/*
 * dl_exempted_test.c - names that a list must leave out, good and malformed
 */
#include <stdlib.h>

#include "mhs/dl_exempted.h"
#include "tests/unit/test.h"

#define VALUE_MAX (4 * DL_EXEMPTED_MAX)

/* put_name - write the name S=X<number> */
static size_t
put_name(struct ber_writer *writer, struct arena *arena, unsigned number)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct diag diag = {0};
	const char *text = arena_printf(arena, "C=FR;A=ATLAS;S=X%06u", number);

	ck_assert_int_eq(or_address_parse(slice_of_string(text), arena,
			     &name.address, &diag),
	    0);
	or_name_encode(writer, OR_NAME_TAG, &name);
	return name.address.encoded.len;
}

/* count_names - read a value to its end: how many names; the last is the one
 * of this number */
static size_t
count_names(struct slice value, unsigned last)
{
	struct extension item = {
	    .number = EXTENSION_DL_EXEMPTED_RECIPIENTS, .value = value};
	const struct extension_list list = {.items = &item, .count = 1};
	char surname[8] = "";
	struct ber_reader reader;
	struct or_name name;
	struct arena arena;
	size_t count = 0;
	int rc;

	if (!dl_exempted_begin(&list, &reader))
		return 0;
	arena_init(&arena, 4 * OR_ADDRESS_MAX);
	while ((rc = dl_exempted_next(&reader, &arena, &name)) > 0) {
		struct slice got = name.address.attribute[OR_SURNAME];

		ck_assert_uint_eq(got.len, 7);
		memcpy(surname, got.data, got.len);
		count++;
		arena_reset(&arena);
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(strtoul(surname + 1, NULL, 10), last);
	arena_fini(&arena);
	return count;
}

/* Names are read in turn; what is none costs itself alone. */
START_TEST(names)
{
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	struct slice value;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, VALUE_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	ber_put_integer(&writer, BER_UNI(BER_INTEGER), 7);
	(void)put_name(&writer, &arena, 1);
	ber_put_integer(&writer, OR_NAME_TAG, 7);
	(void)put_name(&writer, &arena, 2);
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	value = buffer_slice(&out);
	ck_assert_uint_eq(count_names(value, 2), 2);
	/* Cut anywhere it is no set any more, and counts as absent. */
	for (size_t len = 0; len < value.len; len++)
		ck_assert_uint_eq(count_names(slice_of(value.data, len), 0), 0);
	/* So does a SEQUENCE. */
	out.data[0] = 0x30;
	ck_assert_uint_eq(count_names(value, 0), 0);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

/* Of more names than DL_EXEMPTED_MAX octets hold, the first are read. */
START_TEST(too_many)
{
	struct ber_writer writer;
	struct buffer out;
	struct arena arena;
	size_t each = 0;
	unsigned put = 0;

	arena_init(&arena, 64 << 20);
	buffer_init(&out, VALUE_MAX);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_UNI(BER_SET));
	while ((size_t)put * each < DL_EXEMPTED_MAX + 100)
		/* The tag and the length of a name take two octets. */
		each = put_name(&writer, &arena, put++) + 2;
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	ck_assert_uint_lt(DL_EXEMPTED_MAX / each, put);
	ck_assert_uint_eq(count_names(buffer_slice(&out),
			      (unsigned)(DL_EXEMPTED_MAX / each) - 1),
	    DL_EXEMPTED_MAX / each);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/dl_exempted", TEST(names), TEST(too_many))
