/* SPDX-License-Identifier: ISC */
/*
 * transfer_test.c - MTS-APDUs in pieces of any size, and the octets before a
 * content
 */
#include "tests/unit/mhs/apdu.h"

static const char *const files[] = {"p1-88-message-1recip",
    "p1-88-message-3recips", "p1-88-message-24KB-checkpoints",
    "p1-88-x410-mode-message", "p1-84-message"};

#define FILES (sizeof(files) / sizeof(files[0]))

/* push - push octets cut into pieces; return the result of transfer_finish */
static int
push(struct apdu *apdu, struct slice octets, size_t piece, struct diag *diag)
{
	size_t at, len;
	int error;

	for (at = 0; at < octets.len; at += len) {
		len = octets.len - at < piece ? octets.len - at : piece;
		error = transfer_push(
		    &apdu->reader, slice_of(octets.data + at, len), diag);
		if (error != 0)
			return error;
	}
	return transfer_finish(&apdu->reader, diag);
}

/* rewind_apdu - forget what was read */
static void
rewind_apdu(struct apdu *apdu)
{
	transfer_reader_reset(&apdu->reader);
	buffer_reset(&apdu->octets);
	buffer_reset(&apdu->content);
}

/* However it is cut, envelope and content are the same. */
START_TEST(pieces)
{
	static const size_t sizes[] = {1, 2, 3, 7, 1024, 65536};
	struct apdu whole, cut;
	struct diag diag;
	size_t i;

	apdu_read(&whole, files[_i]);
	apdu_init(&cut, UINT64_MAX);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rewind_apdu(&cut);
		diag_clear(&diag);
		ck_assert_msg(
		    push(&cut, buffer_slice(&whole.file), sizes[i], &diag) == 0,
		    "%s", diag.text);
		ck_assert(slice_equal(
		    buffer_slice(&cut.octets), buffer_slice(&whole.octets)));
		ck_assert(slice_equal(
		    buffer_slice(&cut.content), buffer_slice(&whole.content)));
		ck_assert_uint_eq(
		    cut.reader.content_length, buffer_length(&whole.content));
		ck_assert(cut.announced == 0 ||
		    cut.announced == buffer_length(&whole.content));
		ck_assert_int_eq(cut.reader.external, _i < 3);
		if (cut.reader.external)
			ck_assert_int_eq(cut.reader.context, 5);
	}
	transfer_reader_fini(&cut.reader);
	buffer_fini(&cut.octets);
	buffer_fini(&cut.content);
	apdu_fini(&whole);
}
END_TEST

/* A cut after any octet is told, and more than the whole is refused. */
START_TEST(truncated)
{
	struct apdu whole, cut;
	struct diag diag;
	size_t len, step;

	apdu_read(&whole, files[_i]);
	step = buffer_length(&whole.file) > 4096 ? 97 : 1;
	apdu_init(&cut, UINT64_MAX);
	for (len = 0; len < buffer_length(&whole.file); len += step) {
		rewind_apdu(&cut);
		diag_clear(&diag);
		ck_assert_int_eq(
		    push(&cut, slice_of(whole.file.data, len), 4096, &diag),
		    ERR_TRUNCATED);
		ck_assert_ptr_nonnull(strstr(diag.text, "offset"));
	}
	rewind_apdu(&cut);
	ck_assert_int_eq(push(&cut, buffer_slice(&whole.file), 1000, &diag), 0);
	diag_clear(&diag);
	ck_assert_int_eq(
	    transfer_push(&cut.reader, slice_of("\xa0", 1), &diag), 0);
	diag_clear(&diag);
	ck_assert_int_eq(
	    transfer_push(&cut.reader, slice_of("\x00\x30", 2), &diag),
	    ERR_SYNTAX);
	/* The error stays. */
	ck_assert_int_eq(
	    transfer_push(&cut.reader, slice_of("\xa0", 1), NULL), ERR_SYNTAX);
	transfer_reader_fini(&cut.reader);
	buffer_fini(&cut.octets);
	buffer_fini(&cut.content);
	apdu_fini(&whole);
}
END_TEST

/* compose - compose prefix and content */
static void
compose(struct buffer *out, enum mts_kind kind, const struct p1_envelope *from,
    struct slice content, int64_t context)
{
	struct p1_envelope envelope = *from;
	struct buffer octets;

	envelope.kind = kind;
	buffer_init(&octets, P1_ENVELOPE_MAX);
	buffer_reset(out);
	ck_assert_int_eq(p1_encode(&envelope, EXTENSION_IMPLICIT, &octets), 0);
	ck_assert_int_eq(transfer_prefix(kind, buffer_slice(&octets),
			     content.len, context, out),
	    0);
	ck_assert_int_eq(buffer_append(out, content.data, content.len), 0);
	buffer_fini(&octets);
}

/* is_definite - tell whether there is no indefinite length in the first
 * level */
static void
check_definite(struct slice octets)
{
	struct ber_reader reader;
	struct ber_element el;

	ber_reader_init(&reader, octets, NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_uint_eq(reader.rest.len, 0);
	ck_assert_uint_ne(octets.data[1], 0x80);
}

/* Every kind of transfer is read again after it was written, wrapped or
 * bare. */
START_TEST(sent)
{
	static const int64_t contexts[] = {
	    TRANSFER_NO_EXTERNAL, 1, 5, 127, 128, 32767};
	static const uint8_t report[] = {0x31, 0x80, 0x04, 0x01, 'x', 0, 0};
	struct apdu whole, got;
	struct buffer out;
	struct diag diag;
	size_t i;

	apdu_read(&whole, files[1]);
	apdu_init(&got, UINT64_MAX);
	buffer_init(&out, 1 << 22);
	for (i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		diag_clear(&diag);
		rewind_apdu(&got);
		compose(&out, MTS_MESSAGE, &whole.envelope,
		    buffer_slice(&whole.content), contexts[i]);
		check_definite(buffer_slice(&out));
		ck_assert_msg(push(&got, buffer_slice(&out), 100, &diag) == 0,
		    "%s", diag.text);
		ck_assert(slice_equal(
		    buffer_slice(&got.content), buffer_slice(&whole.content)));
		ck_assert_int_eq(got.reader.has_context, contexts[i] >= 0);
		if (contexts[i] >= 0)
			ck_assert_int_eq(got.reader.context, contexts[i]);
		rewind_apdu(&got);
		compose(&out, MTS_PROBE, &whole.envelope, slice_of(NULL, 0),
		    contexts[i]);
		check_definite(buffer_slice(&out));
		ck_assert_msg(push(&got, buffer_slice(&out), 100, &diag) == 0,
		    "%s", diag.text);
		ck_assert_int_eq(got.envelope.kind, MTS_PROBE);
		ck_assert_uint_eq(got.envelope.recipient_count, 3);
		rewind_apdu(&got);
		compose(&out, MTS_REPORT, &whole.envelope,
		    slice_of(report, sizeof(report)), contexts[i]);
		ck_assert_msg(push(&got, buffer_slice(&out), 100, &diag) == 0,
		    "%s", diag.text);
		ck_assert_int_eq(got.envelope.kind, MTS_REPORT);
		ck_assert(slice_equal(buffer_slice(&got.content),
		    slice_of(report, sizeof(report))));
	}
	buffer_fini(&out);
	transfer_reader_fini(&got.reader);
	buffer_fini(&got.octets);
	buffer_fini(&got.content);
	apdu_fini(&whole);
}
END_TEST

/* An empty content, and one of octets in octets in octets. */
START_TEST(contents)
{
	static const uint8_t nested[] = {0x24, 0x80, 0x24, 0x08, 0x04, 0x02,
	    'a', 'b', 0x04, 0x00, 0x24, 0x00, 0x04, 0x83, 0x00, 0x00, 0x01, 'c',
	    0x00, 0x00};
	struct apdu whole, got;
	struct buffer out, octets;
	struct ber_writer writer;
	struct diag diag;

	diag_clear(&diag);
	apdu_read(&whole, files[0]);
	apdu_init(&got, 3);
	buffer_init(&out, 1 << 20);
	buffer_init(&octets, 1 << 20);
	compose(&out, MTS_MESSAGE, &whole.envelope, slice_of(NULL, 0), 3);
	ck_assert_int_eq(push(&got, buffer_slice(&out), 9, &diag), 0);
	ck_assert_uint_eq(buffer_length(&got.content), 0);
	buffer_reset(&out);
	ck_assert_int_eq(
	    p1_encode(&whole.envelope, EXTENSION_IMPLICIT, &octets), 0);
	ber_writer_init(&writer, &out);
	ber_begin(&writer, BER_CTX(0));
	ber_put_raw(&writer, buffer_slice(&octets));
	ber_put_raw(&writer, slice_of(nested, sizeof(nested)));
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	rewind_apdu(&got);
	ck_assert_msg(
	    push(&got, buffer_slice(&out), 9, &diag) == 0, "%s", diag.text);
	ck_assert(slice_equal_string(buffer_slice(&got.content), "abc"));
	/* Give one octet more than is wanted. */
	compose(&out, MTS_MESSAGE, &whole.envelope, slice_of_string("abcd"), 3);
	rewind_apdu(&got);
	diag_clear(&diag);
	ck_assert_int_eq(push(&got, buffer_slice(&out), 9, &diag), ERR_LIMIT);
	buffer_fini(&out);
	buffer_fini(&octets);
	transfer_reader_fini(&got.reader);
	buffer_fini(&got.octets);
	buffer_fini(&got.content);
	apdu_fini(&whole);
}
END_TEST

/* An EXTERNAL that holds the APDU as octets. */
START_TEST(octet_aligned)
{
	struct apdu whole, got;
	struct buffer out, bare;
	struct ber_writer writer;
	struct diag diag;
	unsigned constructed;
	size_t half;

	apdu_read(&whole, files[1]);
	apdu_init(&got, UINT64_MAX);
	buffer_init(&out, 1 << 20);
	buffer_init(&bare, 1 << 20);
	compose(&bare, MTS_MESSAGE, &whole.envelope,
	    buffer_slice(&whole.content), TRANSFER_NO_EXTERNAL);
	half = buffer_length(&bare) / 2;
	for (constructed = 0; constructed < 2; constructed++) {
		diag_clear(&diag);
		buffer_reset(&out);
		rewind_apdu(&got);
		ber_writer_init(&writer, &out);
		ber_begin(&writer, BER_UNI(BER_EXTERNAL));
		ber_put_integer(&writer, BER_UNI(BER_INTEGER), 5);
		if (constructed == 1) {
			ber_begin(&writer, BER_CTX(1));
			ber_put(&writer, BER_UNI(BER_OCTET_STRING),
			    slice_of(bare.data, half));
			ber_put(&writer, BER_UNI(BER_OCTET_STRING),
			    slice_of(
				bare.data + half, buffer_length(&bare) - half));
			ber_end_element(&writer);
		} else {
			ber_put(&writer, BER_CTX(1), buffer_slice(&bare));
		}
		ber_end_element(&writer);
		ck_assert_int_eq(ber_finish(&writer), 0);
		ck_assert_msg(push(&got, buffer_slice(&out), 11, &diag) == 0,
		    "%s", diag.text);
		ck_assert_uint_eq(got.envelope.recipient_count, 3);
		ck_assert(slice_equal(
		    buffer_slice(&got.content), buffer_slice(&whole.content)));
		ck_assert_int_eq(got.reader.context, 5);
	}
	buffer_fini(&out);
	buffer_fini(&bare);
	transfer_reader_fini(&got.reader);
	buffer_fini(&got.octets);
	buffer_fini(&got.content);
	apdu_fini(&whole);
}
END_TEST

/* Octets that are no APDU are refused, and so is a handler's error passed
 * on. */
START_TEST(refused)
{
	static const struct {
		const char *octets;
		size_t len;
		int error;
	} bad[] = {
	    {"\xa3\x00", 2, ERR_SYNTAX},
	    {"\x30\x00", 2, ERR_SYNTAX},
	    {"\x80\x01\x00", 3, ERR_SYNTAX},
	    {"\xa0\x00", 2, ERR_SYNTAX},
	    {"\xa0\x02\x30\x00", 4, ERR_SYNTAX},
	    {"\xa0\x02\x31\x00", 4, ERR_SYNTAX},
	    {"\xa2\x00", 2, ERR_SYNTAX},
	    {"\xa0\x84\x7f\xff\xff\xff\x31\x84\x7f\xff\xff\x00", 12,
		ERR_TRUNCATED},
	    {"\xa0\x80\x31\x80\x60\x84\x7f\x00\x00\x00", 10, ERR_LIMIT},
	    {"\x28\x00", 2, ERR_TRUNCATED},
	    {"\x28\x02\x82\x00", 4, ERR_UNSUPPORTED},
	    {"\x28\x80\xa0\x80\xa0\x80\x04\x01", 8, ERR_SYNTAX},
	};
	struct apdu got;
	struct diag diag;
	size_t i;

	apdu_init(&got, UINT64_MAX);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		diag_clear(&diag);
		rewind_apdu(&got);
		ck_assert_msg(push(&got, slice_of(bad[i].octets, bad[i].len),
				  100, &diag) == bad[i].error,
		    "%zu: %d %s", i, diag.code, diag.text);
		ck_assert_uint_ne(strlen(diag.text), 0);
	}
	transfer_reader_fini(&got.reader);
	buffer_fini(&got.octets);
	buffer_fini(&got.content);
}
END_TEST

static uint64_t total;

/* count_octets - count octets and keep none */
static int
count_octets(void *arg, struct slice piece)
{
	(void)arg;
	total += piece.len;
	return 0;
}

/* any_envelope - accept any envelope */
static int
any_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	(void)arg;
	(void)envelope;
	(void)octets;
	return 0;
}

static uint64_t announced;

static int
note_announced(void *arg, uint64_t length)
{
	(void)arg;
	announced = length;
	return 0;
}

/* A content of 5 GB passes through in a few KB. */
START_TEST(larger_than_memory)
{
	struct transfer_handler handler = {
	    any_envelope, count_octets, NULL, note_announced, NULL};
	static const uint8_t zeros[1 << 20];
	const uint64_t length = 5ULL << 30;
	struct transfer_reader reader;
	struct buffer octets, prefix;
	struct apdu whole;
	uint64_t left;
	size_t len;

	apdu_read(&whole, files[0]);
	buffer_init(&octets, 1 << 20);
	buffer_init(&prefix, 1 << 20);
	ck_assert_int_eq(
	    p1_encode(&whole.envelope, EXTENSION_IMPLICIT, &octets), 0);
	ck_assert_int_eq(transfer_prefix(MTS_MESSAGE, buffer_slice(&octets),
			     length, 3, &prefix),
	    0);
	transfer_reader_init(&reader, &handler, UINT64_MAX);
	ck_assert_int_eq(
	    transfer_push(&reader, buffer_slice(&prefix), NULL), 0);
	ck_assert_uint_eq(announced, length);
	for (left = length; left != 0; left -= len) {
		len = left < sizeof(zeros) ? (size_t)left : sizeof(zeros);
		ck_assert_int_eq(
		    transfer_push(&reader, slice_of(zeros, len), NULL), 0);
	}
	ck_assert_int_eq(transfer_finish(&reader, NULL), 0);
	ck_assert_uint_eq(total, length);
	ck_assert_uint_lt(reader.gathered.capacity, 1 << 20);
	transfer_reader_fini(&reader);
	buffer_fini(&octets);
	buffer_fini(&prefix);
	apdu_fini(&whole);
}
END_TEST

/* add_files - add a test for each of the vectors */
static void
add_files(Suite *suite, const char *name, const TTest *test)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, test, 0, (int)FILES);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("mhs/transfer", add_files(suite, "pieces", pieces);
	  add_files(suite, "truncated", truncated); TEST(sent); TEST(contents);
	  TEST(octet_aligned); TEST(refused); TEST(larger_than_memory))
