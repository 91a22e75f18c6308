/* SPDX-License-Identifier: ISC */
/*
 * session_references_test.c - references of a session as a value, and as BER
 */
#include "ber/writer.h"
#include "osi/session_identifier.h"
#include "tests/references.h"
#include "tests/unit/test.h"

static const char long_text[] =
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmno";

START_TEST(parts_have_caps)
{
	static const size_t max[] = {
	    SESSION_CALLING_MAX, SESSION_COMMON_MAX, SESSION_ADDITIONAL_MAX};
	struct session_references r = {.calling_len = 0};

	for (unsigned i = 0; i < 3; i++) {
		enum session_reference which = (enum session_reference)i;
		struct slice all = slice_of(long_text, max[i]);

		ck_assert_int_eq(session_references_set(&r, which, all), 0);
		ck_assert(slice_equal(session_references_get(&r, which), all));
		ck_assert_int_eq(session_references_set(&r, which,
				     slice_of(long_text, max[i] + 1)),
		    ERR_LIMIT);
		ck_assert(slice_equal(session_references_get(&r, which), all));
	}
}
END_TEST

START_TEST(each_part_tells_connections_apart)
{
	const struct session_references one = references_of("a", "b", "c");
	const struct session_references other[] = {references_of("x", "b", "c"),
	    references_of("a", "x", "c"), references_of("a", "b", "x"),
	    references_of("ab", "", "c")};
	struct session_references copy = one;

	/* Octets beyond a length mean nothing. */
	copy.additional[3] = 'z';
	ck_assert(session_references_equal(&one, &copy));
	ck_assert(!session_references_is_empty(&one));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		int sign = session_references_compare(&one, &other[i]);

		ck_assert_int_ne(sign, 0);
		ck_assert_int_eq(
		    session_references_compare(&other[i], &one) < 0, sign > 0);
	}
	copy = (struct session_references){.calling_len = 0};
	ck_assert(session_references_is_empty(&copy));
}
END_TEST

START_TEST(the_activity_is_part_of_the_name)
{
	struct transfer_name a = {
	    .references = references_of("a", "b", "c"), .activity = 7};
	struct transfer_name b = a;

	ck_assert(transfer_name_equal(&a, &b));
	b.activity = 8;
	ck_assert(!transfer_name_equal(&a, &b));
	b.activity = 7;
	b.references.common_len = 0;
	ck_assert(!transfer_name_equal(&a, &b));
}
END_TEST

/* decode - read the references of an element with this tag */
static int
decode(struct slice octets, struct session_references *r)
{
	struct ber_reader reader;

	ber_reader_init(&reader, octets, NULL);
	return session_references_decode(&reader, BER_CTX(2), r);
}

START_TEST(ber_round_trip)
{
	const struct session_references from =
	    references_of("us", "261129091831Z", "");
	struct session_references to = references_of("x", "y", "z");
	struct ber_writer writer;
	struct buffer out;
	uint8_t octets[64];
	struct slice whole;

	buffer_init(&out, sizeof(octets));
	ber_writer_init(&writer, &out);
	session_references_encode(&writer, BER_CTX(2), &from);
	ck_assert_int_eq(ber_finish(&writer), 0);
	whole = buffer_slice(&out);
	ck_assert_int_eq(decode(whole, &to), 0);
	ck_assert(session_references_equal(&from, &to));
	/* Nothing is taken of what is cut, or longer than its cap. */
	for (size_t len = 0; len < whole.len; len++)
		ck_assert_int_lt(decode(slice_of(whole.data, len), &to), 0);
	ck_assert(session_references_equal(&from, &to));
	buffer_fini(&out);
}
END_TEST

START_TEST(ber_over_a_cap)
{
	static const uint8_t octets[] = {
	    0xa2, 11, 0x80, 0, 0x81, 0, 0x82, 5, 'a', 'b', 'c', 'd', 'e'};
	struct session_references r = references_of("x", "y", "z");

	ck_assert_int_eq(
	    decode(slice_of(octets, sizeof(octets)), &r), ERR_VALUE);
	ck_assert(reference_is(&r, SESSION_ADDITIONAL, "z"));
}
END_TEST

START_TEST(parameters_of_an_spdu)
{
	const struct session_references from =
	    references_of("us", "261129091831Z", "A1");
	struct session_references to;
	uint8_t room[SESSION_IDENTIFIER_MAX];
	struct session_identifier id =
	    session_identifier_put(&from, SESSION_IDENTIFIER_NORMAL, room);

	ck_assert(slice_equal_string(id.calling, "\x04\x02us"));
	ck_assert(!session_identifier_is_empty(&id));
	ck_assert_int_eq(session_identifier_get(&id, &to), 0);
	ck_assert(session_references_equal(&from, &to));
	/* The acceptor has them with the caller as the called user. */
	id.called = slice_of_string("\x14\x02us");
	id.calling = slice_of(NULL, 0);
	ck_assert_int_eq(session_identifier_get(&id, &to), 0);
	ck_assert(session_references_equal(&from, &to));
	/* Bare octets, and too many of them. */
	id.called = slice_of_string("us");
	ck_assert_int_eq(session_identifier_get(&id, &to), 0);
	ck_assert(session_references_equal(&from, &to));
	id.called = slice_of_string(long_text);
	ck_assert_int_eq(session_identifier_get(&id, &to), ERR_LIMIT);
}
END_TEST

TEST_MAIN("osi/session_references", TEST(parts_have_caps),
    TEST(each_part_tells_connections_apart),
    TEST(the_activity_is_part_of_the_name), TEST(ber_round_trip),
    TEST(ber_over_a_cap), TEST(parameters_of_an_spdu))
