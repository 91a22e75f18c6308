/* SPDX-License-Identifier: ISC */
/*
 * record_test.c - records as BER: octet for octet, and malformed ones
 */
#include "store/record.h"
#include "tests/unit/store/queue.h"

/* encode - encode a record with its body inside */
static void
encode(const struct store_message *m, struct buffer *out)
{
	struct record_body body = {
	    .envelope = m->envelope.len, .content = m->content.len};

	QUEUE_OK(record_encode_message(m, &body, out));
}

START_TEST(a_small_record_is_these_octets)
{
	static const uint8_t expected[] = {0x30, 0x22, 0x02, 0x01, 0x01, 0x80,
	    0x01, 0x00, 0x81, 0x01, 0x00, 0x82, 0x01, 0x01, 0x83, 0x01, 0x07,
	    0x85, 0x02, 0x03, 0xe8, 0x8d, 0x01, 0x03, 0xbd, 0x0a, 0x80, 0x03,
	    'e', 'n', 'v', 0x81, 0x03, 'c', 'o', 'n'};
	struct store_message m = {.priority = STORE_NORMAL,
	    .link = 7,
	    .arrival = 1000,
	    .content_length = 3,
	    .envelope = slice_of_string("env"),
	    .content = slice_of_string("con")};
	struct store_message got = {.id = 5};
	struct record_body body;
	struct buffer out;

	buffer_init(&out, 4096);
	encode(&m, &out);
	QUEUE_SLICE_EQ(
	    buffer_slice(&out), slice_of(expected, sizeof(expected)));
	QUEUE_OK(record_decode_message(buffer_slice(&out), &got, &body, NULL));
	ck_assert_uint_eq(got.id, 5);
	ck_assert_uint_eq(got.link, 7);
	ck_assert_int_eq(got.arrival, 1000);
	ck_assert(!body.outside);
	ck_assert_uint_eq(body.envelope, 3);
	QUEUE_SLICE_EQ(got.content, m.content);
	buffer_fini(&out);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	struct store_message m = queue_message(1), got = {.id = 0};
	struct record_body body;
	struct diag diag = {.code = 0};
	struct buffer out;
	struct slice whole;
	size_t len;

	m.reason = slice_of_string("why");
	buffer_init(&out, 4096);
	encode(&m, &out);
	whole = buffer_slice(&out);
	for (len = 0; len < whole.len; len++) {
		diag_clear(&diag);
		ck_assert_int_eq(
		    record_decode_message(
			slice_of(whole.data, len), &got, &body, &diag),
		    ERR_CORRUPT);
		ck_assert_uint_ne(strlen(diag.text), 0);
		ck_assert_int_eq(got.arrival, 0);
	}
	buffer_fini(&out);
}
END_TEST

START_TEST(an_octet_too_many_is_refused)
{
	struct store_message m = queue_message(1), got = {.id = 0};
	struct record_body body;
	struct buffer out;

	buffer_init(&out, 4096);
	encode(&m, &out);
	QUEUE_OK(buffer_append(&out, "", 1));
	ck_assert_int_eq(
	    record_decode_message(buffer_slice(&out), &got, &body, NULL),
	    ERR_CORRUPT);
	buffer_fini(&out);
}
END_TEST

START_TEST(fields_out_of_range_are_refused)
{
	static const uint8_t long_text[STORE_REASON_MAX + 1];
	struct store_message m, got = {.id = 0};
	struct record_body body;
	struct buffer out;

	buffer_init(&out, 65536);
#define REFUSED(change)                                                   \
	m = queue_message(1);                                             \
	change;                                                           \
	buffer_reset(&out);                                               \
	encode(&m, &out);                                                 \
	ck_assert_int_eq(                                                 \
	    record_decode_message(buffer_slice(&out), &got, &body, NULL), \
	    ERR_CORRUPT)
	REFUSED(m.state = (enum store_state)4);
	REFUSED(m.kind = (enum mts_kind)3);
	REFUSED(m.priority = (enum store_priority)3);
	REFUSED(m.arrival = -1);
	REFUSED(m.content_length = 8);
	REFUSED(m.content_id = 8);
	REFUSED(m.reason = slice_of(long_text, sizeof(long_text)));
#undef REFUSED
	buffer_fini(&out);
}
END_TEST

TEST_MAIN("store/record", TEST(a_small_record_is_these_octets);
	  TEST(every_truncation_is_refused); TEST(an_octet_too_many_is_refused);
	  TEST(fields_out_of_range_are_refused))
