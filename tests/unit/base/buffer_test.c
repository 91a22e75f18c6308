/* SPDX-License-Identifier: ISC */
/*
 * buffer_test.c - base/buffer: order, the maximum, cost of small pieces
 */
#include "base/buffer.h"
#include "tests/unit/test.h"

/* fill - append count octets, value counting up from first */
static int
fill(struct buffer *buffer, unsigned first, size_t count)
{
	uint8_t octet;
	int error = 0;
	size_t i;

	for (i = 0; i < count && error == 0; i++) {
		octet = (uint8_t)(first + i);
		error = buffer_append(buffer, &octet, 1);
	}
	return error;
}

START_TEST(empty)
{
	struct buffer buffer;

	buffer_init(&buffer, 10);
	ck_assert_uint_eq(buffer_length(&buffer), 0);
	ck_assert_ptr_null(buffer_slice(&buffer).data);
	ck_assert_int_eq(buffer_append(&buffer, NULL, 0), 0);
	buffer_consume(&buffer, 5);
	ck_assert_uint_eq(buffer_length(&buffer), 0);
	buffer_fini(&buffer);
}
END_TEST

START_TEST(keeps_order)
{
	struct buffer buffer;
	struct slice slice;
	unsigned in = 0, out = 0;
	size_t i, n, wrong = 0;
	int round;

	/* Pieces of changing sizes through a small buffer, each octet known. */
	buffer_init(&buffer, 1000);
	for (round = 0; round < 5000; round++) {
		n = (size_t)(round * 7 % 301);
		if (n <= 1000 - buffer_length(&buffer)) {
			ck_assert_int_eq(fill(&buffer, in, n), 0);
			in += (unsigned)n;
		}
		n = (size_t)(round * 13 % 287);
		slice = buffer_slice(&buffer);
		if (n > slice.len)
			n = slice.len;
		for (i = 0; i < n; i++)
			wrong += slice.data[i] != (uint8_t)(out + i);
		out += (unsigned)n;
		buffer_consume(&buffer, n);
		ck_assert_uint_eq(buffer_length(&buffer), in - out);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(in, 100000);
	ck_assert_uint_le(buffer.capacity, 2000);
	buffer_fini(&buffer);
}
END_TEST

START_TEST(maximum)
{
	struct buffer buffer;
	uint8_t data[101] = {0}, *room = data;

	buffer_init(&buffer, 100);
	ck_assert_int_eq(buffer_append(&buffer, data, 101), ERR_LIMIT);
	ck_assert_uint_eq(buffer_length(&buffer), 0);
	ck_assert_int_eq(fill(&buffer, 0, 100), 0);
	ck_assert_int_eq(buffer_append(&buffer, data, 1), ERR_LIMIT);
	ck_assert_int_eq(buffer_reserve(&buffer, 1, &room), ERR_LIMIT);
	ck_assert_ptr_eq(room, data);
	ck_assert_int_eq(buffer_reserve(&buffer, SIZE_MAX, &room), ERR_LIMIT);
	ck_assert_uint_eq(buffer_length(&buffer), 100);
	ck_assert_uint_eq(buffer_slice(&buffer).data[99], 99);
	/* Octets that were consumed are room again. */
	buffer_consume(&buffer, 1);
	ck_assert_int_eq(fill(&buffer, 100, 1), 0);
	ck_assert_int_eq(fill(&buffer, 101, 1), ERR_LIMIT);
	ck_assert_uint_eq(buffer_slice(&buffer).data[0], 1);
	ck_assert_uint_eq(buffer_slice(&buffer).data[99], 100);
	buffer_fini(&buffer);
}
END_TEST

START_TEST(reserve_and_commit)
{
	struct buffer buffer;
	uint8_t *room;

	buffer_init(&buffer, 5000);
	ck_assert_int_eq(fill(&buffer, 0, 3), 0);
	ck_assert_int_eq(buffer_reserve(&buffer, 4000, &room), 0);
	memset(room, 'x', 4000);
	ck_assert_uint_eq(buffer_length(&buffer), 3);
	buffer_commit(&buffer, 10);
	ck_assert_uint_eq(buffer_length(&buffer), 13);
	ck_assert_uint_eq(buffer_slice(&buffer).data[2], 2);
	ck_assert_uint_eq(buffer_slice(&buffer).data[3], 'x');
	/* A room of nothing is a place, not NULL. */
	ck_assert_int_eq(buffer_reserve(&buffer, 0, &room), 0);
	ck_assert_ptr_nonnull(room);
	buffer_reset(&buffer);
	ck_assert_uint_eq(buffer_length(&buffer), 0);
	buffer_fini(&buffer);
}
END_TEST

START_TEST(commit_beyond_room_is_our_bug)
{
	struct buffer buffer;
	uint8_t *room;

	buffer_init(&buffer, 100);
	if (buffer_reserve(&buffer, 10, &room) == 0)
		buffer_commit(&buffer, 101);
}
END_TEST

START_TEST(small_pieces_are_not_quadratic)
{
	static uint8_t data[1 << 20];
	struct buffer buffer;
	int i;

	/*
	 * A million single octets through an almost full megabyte.  Moved at
	 * each this would be 10^12 octets and the test's time would be up.
	 */
	buffer_init(&buffer, sizeof(data));
	ck_assert_int_eq(buffer_append(&buffer, data, sizeof(data) - 1), 0);
	for (i = 0; i < 1000000; i++) {
		if (buffer_append(&buffer, "a", 1) != 0)
			break;
		buffer_consume(&buffer, 1);
	}
	ck_assert_int_eq(i, 1000000);
	ck_assert_uint_eq(buffer_length(&buffer), sizeof(data) - 1);
	ck_assert_uint_eq(buffer.capacity, 2 * sizeof(data));
	buffer_fini(&buffer);
}
END_TEST

/* add_abort - add a test that must end by SIGABRT */
static void
add_abort(Suite *suite, const char *name, const TTest *test)
{
	TCase *tcase = tcase_create(name);

	tcase_add_test_raise_signal(tcase, test, 6);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("base/buffer", TEST(empty), TEST(keeps_order), TEST(maximum),
    TEST(reserve_and_commit),
    add_abort(suite, "commit", commit_beyond_room_is_our_bug),
    TEST(small_pieces_are_not_quadratic))
