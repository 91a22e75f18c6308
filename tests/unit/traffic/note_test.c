/* SPDX-License-Identifier: ISC */
/*
 * note_test.c - the note of a transfer that another process goes on with
 */
#include "tests/unit/test.h"
#include "traffic/outgoing/note.h"

/* full - make a note whose values are the greatest */
static struct note
full(void)
{
	struct note note = {.time = INT64_MAX,
	    .from = {.activity = UINT32_MAX,
		.serial = UINT32_MAX,
		.offset = INT64_MAX},
	    .link = slice_of_string("a-link-of-thirty-one-characters")};

	memset(&note.references, 0, sizeof(note.references));
	note.references.calling_len = SESSION_CALLING_MAX;
	note.references.common_len = SESSION_COMMON_MAX;
	note.references.additional_len = SESSION_ADDITIONAL_MAX;
	return note;
}

/* The longest fits, octets of 0 and all, and says the same when read. */
START_TEST(there_and_back)
{
	const struct note was = full();
	struct note got;
	struct buffer octets;

	buffer_init(&octets, OUTGOING_NOTE_MAX);
	ck_assert_uint_le(was.link.len, CONF_NAME_MAX);
	ck_assert_int_eq(note_encode(&was, &octets), 0);
	ck_assert_int_eq(note_decode(buffer_slice(&octets), &got), 0);
	ck_assert_int_eq(got.time, was.time);
	ck_assert_uint_eq(got.from.activity, was.from.activity);
	ck_assert_uint_eq(got.from.serial, was.from.serial);
	ck_assert_uint_eq(got.from.offset, was.from.offset);
	ck_assert_ptr_null(got.from.references);
	ck_assert(session_references_equal(&got.references, &was.references));
	ck_assert(slice_equal(got.link, was.link));
	buffer_fini(&octets);
}
END_TEST

/* The text of earlier releases is no note, nor is a part of one, or more. */
START_TEST(others)
{
	const struct note was = full();
	struct note got = {.time = 7};
	struct buffer octets;
	struct slice all;

	ck_assert_int_eq(
	    note_decode(slice_of_string("1 1795996800000 2 8 245760 6 13 0 4 "
					"paris.261130000000Zpeer"),
		&got),
	    ERR_CORRUPT);
	ck_assert_int_eq(note_decode(slice_of(NULL, 0), &got), ERR_CORRUPT);
	buffer_init(&octets, OUTGOING_NOTE_MAX);
	ck_assert_int_eq(note_encode(&was, &octets), 0);
	all = buffer_slice(&octets);
	for (size_t len = 0; len < all.len; len++)
		ck_assert_int_eq(
		    note_decode(slice_of(all.data, len), &got), ERR_CORRUPT);
	ck_assert_int_eq(buffer_append(&octets, "", 1), 0);
	ck_assert_int_eq(note_decode(buffer_slice(&octets), &got), ERR_CORRUPT);
	ck_assert_int_eq(got.time, 7);
	buffer_fini(&octets);
}
END_TEST

TEST_MAIN("traffic/note", TEST(there_and_back), TEST(others))
