/* SPDX-License-Identifier: ISC */
/*
 * transfer_state_test.c - a reader that goes on where another one stood
 */
#include "tests/unit/mhs/apdu.h"

static const char *const files[] = {"p1-88-x410-mode-message", "p1-84-message"};

/* fini - free a reader that has no file of its own */
static void
fini(struct apdu *apdu)
{
	transfer_reader_fini(&apdu->reader);
	buffer_fini(&apdu->octets);
	buffer_fini(&apdu->content);
}

/* go_on - continue at an octet of the file in another reader, if that is
 * possible */
static bool
go_on(const struct apdu *whole, size_t at)
{
	struct slice file = buffer_slice(&whole->file);
	struct apdu first, second;
	struct diag diag = {0};
	struct buffer state;
	int error;

	apdu_init(&first, UINT64_MAX);
	apdu_init(&second, UINT64_MAX);
	buffer_init(&state, 4096);
	ck_assert_int_eq(
	    transfer_push(&first.reader, slice_of(file.data, at), &diag), 0);
	error = transfer_save(&first.reader, &state);
	if (error == 0) {
		/* Marks on disk have the number of the APDU's tag. */
		ck_assert_uint_eq(
		    buffer_slice(&state).data[0], file.data[0] & 0x1fU);
		ck_assert_int_eq(
		    transfer_restore(&second.reader, buffer_slice(&state)), 0);
		ck_assert_int_eq(
		    transfer_push(&second.reader,
			slice_of(file.data + at, file.len - at), &diag),
		    0);
		ck_assert_int_eq(transfer_finish(&second.reader, &diag), 0);
		ck_assert_uint_eq(second.reader.content_length,
		    buffer_length(&whole->content));
		ck_assert_int_eq(buffer_append(&first.content,
				     buffer_slice(&second.content).data,
				     buffer_length(&second.content)),
		    0);
		ck_assert(slice_equal(buffer_slice(&first.content),
		    buffer_slice(&whole->content)));
	} else
		ck_assert_int_eq(error, ERR_STATE);
	fini(&first);
	fini(&second);
	buffer_fini(&state);
	return error == 0;
}

/* After any octet of the content, and not before it. */
START_TEST(at_any_octet)
{
	struct apdu whole;
	bool before = false;
	size_t could = 0;

	apdu_read(&whole, files[_i]);
	for (size_t at = 1; at <= buffer_length(&whole.file); at++) {
		bool now = go_on(&whole, at);

		ck_assert(now || !before);
		before = now;
		could += now;
	}
	ck_assert_uint_ge(could, buffer_length(&whole.content));
	apdu_fini(&whole);
}
END_TEST

/* Damaged states are refused, or read without harm. */
START_TEST(damaged)
{
	struct apdu whole, other;
	struct diag diag = {0};
	struct buffer state;
	struct slice octets;

	apdu_read(&whole, files[0]);
	apdu_init(&other, UINT64_MAX);
	buffer_init(&state, 4096);
	octets = buffer_slice(&whole.file);
	ck_assert_int_eq(transfer_push(&other.reader,
			     slice_of(octets.data, octets.len - 10), &diag),
	    0);
	ck_assert_int_eq(transfer_save(&other.reader, &state), 0);
	octets = buffer_slice(&state);
	for (size_t i = 0; i < octets.len; i++) {
		transfer_reader_reset(&other.reader);
		ck_assert_int_eq(
		    transfer_restore(&other.reader, slice_of(octets.data, i)),
		    ERR_CORRUPT);
	}
	for (size_t i = 0; i < 8 * octets.len; i++) {
		uint8_t copy[4096];

		memcpy(copy, octets.data, octets.len);
		copy[i / 8] ^= (uint8_t)(1U << i % 8);
		transfer_reader_reset(&other.reader);
		if (transfer_restore(
			&other.reader, slice_of(copy, octets.len)) == 0)
			(void)!transfer_push(
			    &other.reader, buffer_slice(&whole.file), &diag);
	}
	fini(&other);
	buffer_fini(&state);
	apdu_fini(&whole);
}
END_TEST

/* add_files - add a test for each file */
static void
add_files(Suite *suite)
{
	TCase *tcase = tcase_create("at_any_octet");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, at_any_octet, 0, 2);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("mhs/transfer_state", add_files(suite); TEST(damaged))
