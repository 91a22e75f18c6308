/* SPDX-License-Identifier: ISC */
/*
 * stream_test.c - ber/stream: the same as the reader, in whatever pieces
 */
#include <stdio.h>

#include "ber/stream.h"
#include "ber/writer.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/ber/trace.h"
#include "tests/unit/test.h"

/* Well-formed, one or more elements each. */
static const char *const good[] = {
    "05 00",
    "02 01 05 02 02 01 00",
    "30 00",
    "30 80 00 00",
    "30 80 30 80 30 80 00 00 00 00 00 00 04 00",
    "30 06 30 80 05 00 00 00",
    "a0 80 24 80 04 03 61 62 63 04 00 24 05 04 03 64 65 66 00 00 00 00",
    "bf 87 ff ff 7f 86 00 00 00 00 00 0b 5f 81 00 84 00 00 00 03 01 02 03",
    "30 04 04 02 00 00",
    "30 80 04 02 00 00 02 03 00 00 00 00 00",
    "04 8a 00 00 00 00 00 00 00 00 00 03 61 62 63 05 00",
};

/* Malformed, never complete however they go on. */
static const char *const bad[] = {
    "00 00",
    "30 02 00 00",
    "30 80 00 00 00 00",
    "20 00",
    "1f 00 00",
    "bf 80 1f 00",
    "bf 88 80 80 00 00",
    "04 80",
    "04 ff",
    "00 01",
    "00 81 00",
    "30 03 04 02 61 62",
    "30 02 30 80 00 00",
    "30 03 30 80 00 00",
    "30 01 04 00",
    "30 02 04 81 00",
    "30 01 bf 1f 00",
    "30 80 30 02 30 80 00 00 00 00",
    "04 88 ff ff ff ff ff ff ff ff",
    "30 80 30 04 24 80 00 00 00 00 24 02 30 80",
};

/* How octets are cut: pieces of size, or of changing sizes if it is 0. */
static int
push_in_pieces(
    struct ber_stream *stream, struct slice octets, size_t size, unsigned seed)
{
	size_t at = 0, n;
	uint8_t *copy;
	int error = 0;

	while (at < octets.len && error == 0) {
		n = size;
		if (n == 0) {
			seed = seed * 1103515245 + 12345;
			n = 1 + (seed >> 16) % 7;
		}
		if (n > octets.len - at)
			n = octets.len - at;
		/* Each piece in memory of its own, gone after the push. */
		copy = malloc(n);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, octets.data + at, n);
		error = ber_stream_push(stream, slice_of(copy, n), NULL);
		free(copy);
		at += n;
	}
	return error;
}

/* compare - check that the stream finds what the reader does, cut in any way */
static void
compare(struct slice octets, size_t size, unsigned seed)
{
	struct trace whole, pieces;
	struct ber_reader reader;
	struct ber_stream stream;

	trace_init(&whole, octets, true);
	trace_init(&pieces, octets, true);
	ber_reader_init(&reader, octets, NULL);
	ck_assert_int_eq(trace_reader(&whole, &reader), 0);
	ber_stream_init(&stream, UINT64_MAX, trace_event, &pieces);
	ck_assert(!ber_stream_complete(&stream));
	ck_assert_int_eq(push_in_pieces(&stream, octets, size, seed), 0);
	ck_assert(ber_stream_complete(&stream));
	ck_assert(!pieces.wrong);
	ck_assert_uint_eq(pieces.seen, octets.len);
	ck_assert(trace_equal(&whole, &pieces));
	trace_fini(&whole);
	trace_fini(&pieces);
}

START_TEST(as_the_reader)
{
	struct slice octets;
	unsigned seed;
	size_t i, size;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		octets = HEX(good[i]);
		for (size = 1; size <= octets.len; size++)
			compare(octets, size, 0);
		for (seed = 0; seed < 50; seed++)
			compare(octets, 0, seed);
	}
}
END_TEST

START_TEST(large_and_mixed)
{
	static uint8_t data[70000];
	struct ber_writer writer;
	struct buffer out;
	size_t i;

	buffer_init(&out, 1 << 20);
	ber_writer_init(&writer, &out);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i >> 4);
	ber_begin(&writer, BER_UNI(BER_SEQUENCE));
	for (i = 0; i < 300; i++) {
		ber_begin(&writer, BER_CTX(i));
		ber_put(&writer, BER_APP(i), slice_of(data, i));
		ber_put_raw(&writer, HEX("30 80 04 01 00 00 00"));
		ber_end_element(&writer);
	}
	ber_put(&writer, BER_UNI(4), slice_of(data, sizeof(data)));
	ber_end_element(&writer);
	ck_assert_int_eq(ber_finish(&writer), 0);
	compare(buffer_slice(&out), 1, 0);
	compare(buffer_slice(&out), 4096, 0);
	for (i = 1; i < 6; i++)
		compare(buffer_slice(&out), 0, (unsigned)i);
	buffer_fini(&out);
}
END_TEST

START_TEST(malformed)
{
	struct ber_reader reader;
	struct ber_stream stream;
	struct trace one, other;
	struct slice octets;
	struct diag diag;
	size_t i, size;
	int error;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		octets = HEX(bad[i]);
		trace_init(&one, octets, true);
		ber_reader_init(&reader, octets, NULL);
		ck_assert_int_lt(trace_reader(&one, &reader), 0);
		for (size = 1; size <= octets.len; size++) {
			trace_init(&other, octets, true);
			diag = (struct diag){.code = 0};
			ber_stream_init(
			    &stream, UINT64_MAX, trace_event, &other);
			error = push_in_pieces(&stream, octets, size, 0);
			ck_assert_msg(error == ERR_SYNTAX || error == ERR_LIMIT,
			    "%s: %d", bad[i], error);
			ck_assert(!ber_stream_complete(&stream));
			ck_assert(!other.wrong);
			/* The error stays. */
			ck_assert_int_eq(
			    ber_stream_push(&stream, HEX("05 00"), &diag),
			    error);
			ck_assert_int_eq(diag.code, error);
			trace_fini(&other);
		}
		trace_fini(&one);
	}
}
END_TEST

START_TEST(incomplete)
{
	struct ber_stream stream;
	struct slice octets;
	struct trace trace;
	size_t i, len;

	/* Cut anywhere it is neither wrong nor complete, unless at an end. */
	for (i = 2; i < 8; i++) {
		octets = HEX(good[i]);
		for (len = 0; len < octets.len; len++) {
			struct slice some = slice_of(octets.data, len);
			struct ber_reader reader;

			trace_init(&trace, octets, true);
			ber_stream_init(
			    &stream, UINT64_MAX, trace_event, &trace);
			ck_assert_int_eq(
			    ber_stream_push(&stream, some, NULL), 0);
			ber_reader_init(&reader, some, NULL);
			trace.list.start = trace.list.end = 0;
			ck_assert_int_eq(ber_stream_complete(&stream),
			    len != 0 && trace_reader(&trace, &reader) == 0);
			trace_fini(&trace);
		}
	}
}
END_TEST

START_TEST(depth_limit)
{
	struct ber_stream stream;
	struct trace trace;
	uint8_t octets[2 * BER_DEPTH_MAX + 2];
	size_t i;

	for (i = 0; i < sizeof(octets); i += 2) {
		octets[i] = 0x30;
		octets[i + 1] = 0x80;
	}
	trace_init(&trace, slice_of(octets, sizeof(octets)), true);
	ber_stream_init(&stream, UINT64_MAX, trace_event, &trace);
	ck_assert_int_eq(
	    ber_stream_push(&stream, slice_of(octets, 2 * BER_DEPTH_MAX), NULL),
	    0);
	ck_assert_int_eq(
	    ber_stream_push(&stream, slice_of(octets, 2), NULL), ERR_LIMIT);
	trace_fini(&trace);
}
END_TEST

START_TEST(total_limit)
{
	struct ber_stream stream;
	struct slice octets = HEX("04 03 61 62 63");
	struct trace trace;
	struct diag diag = {.code = 0};

	trace_init(&trace, octets, true);
	ber_stream_init(&stream, 5, trace_event, &trace);
	ck_assert_int_eq(ber_stream_push(&stream, octets, NULL), 0);
	ck_assert(ber_stream_complete(&stream));
	ck_assert_int_eq(
	    ber_stream_push(&stream, slice_of(octets.data, 1), NULL),
	    ERR_LIMIT);
	trace_fini(&trace);
	/* A length beyond it is refused before anything of it came. */
	trace_init(&trace, octets, true);
	ber_stream_init(&stream, 4, trace_event, &trace);
	ck_assert_int_eq(
	    ber_stream_push(&stream, slice_of(octets.data, 2), &diag),
	    ERR_LIMIT);
	ck_assert_str_eq(diag_text(&diag), "at offset 2: too large");
	ck_assert_uint_eq(buffer_length(&trace.list), 0);
	trace_fini(&trace);
	/* Of indefinite length it is counted. */
	octets = HEX("24 80 04 01 61 04 01 62");
	trace_init(&trace, octets, true);
	ber_stream_init(&stream, 7, trace_event, &trace);
	ck_assert_int_eq(push_in_pieces(&stream, octets, 1, 0), ERR_LIMIT);
	trace_fini(&trace);
}
END_TEST

/* refuse - fail as a callback at its countdown */
static int
refuse(void *arg, const struct ber_stream_event *event)
{
	int *left = arg;

	(void)event;
	return --*left == 0 ? ERR_FULL : 0;
}

START_TEST(callback_refuses)
{
	struct slice octets = HEX("30 80 04 01 61 00 00");
	struct ber_stream stream;
	int at, left;

	/* begin, begin, data, end, end */
	for (at = 1; at <= 6; at++) {
		left = at;
		ber_stream_init(&stream, 100, refuse, &left);
		ck_assert_int_eq(ber_stream_push(&stream, octets, NULL),
		    at <= 5 ? ERR_FULL : 0);
		ck_assert_int_eq(ber_stream_complete(&stream), at > 5);
		if (at <= 5)
			ck_assert_int_eq(
			    ber_stream_push(&stream, octets, NULL), ERR_FULL);
		ck_assert_int_eq(left, at <= 5 ? 0 : 1);
	}
}
END_TEST

START_TEST(huge_lengths)
{
	struct ber_stream stream;
	struct slice octets =
	    HEX("30 88 7f ff ff ff ff ff ff 00 04 88 7f ff ff ff ff ff ff 00");
	struct trace trace;

	trace_init(&trace, octets, true);
	ber_stream_init(&stream, UINT64_MAX, trace_event, &trace);
	/* The inner one reaches ten octets beyond the outer one. */
	ck_assert_int_eq(ber_stream_push(&stream, octets, NULL), ERR_SYNTAX);
	trace_fini(&trace);
}
END_TEST

TEST_MAIN("ber/stream", TEST(as_the_reader), TEST(large_and_mixed),
    TEST(malformed), TEST(incomplete), TEST(depth_limit), TEST(total_limit),
    TEST(callback_refuses), TEST(huge_lengths))
