/* SPDX-License-Identifier: ISC */
/*
 * ber_stream_fuzz.c - the stream agrees with the reader however it is cut
 *
 * The first octet says how the others are cut.  Whole or in pieces the stream
 * must tell the same and fail alike; it is complete exactly if the reader is
 * content.
 */
#include <stdlib.h>

#include "tests/unit/ber/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* push - push octets in pieces whose sizes seed gives, each in its own
 * memory */
static int
push(struct ber_stream *stream, struct slice octets, unsigned seed)
{
	size_t at = 0, n;
	uint8_t *piece;
	int error = 0;

	while (at < octets.len && error == 0) {
		seed = seed * 1103515245 + 12345;
		n = 1 + (seed >> 16) % (seed % 3 == 0 ? 200 : 5);
		if (n > octets.len - at)
			n = octets.len - at;
		piece = malloc(n);
		if (piece == NULL)
			abort();
		memcpy(piece, octets.data + at, n);
		error = ber_stream_push(stream, slice_of(piece, n), NULL);
		free(piece);
		at += n;
	}
	return error;
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ber_stream stream;
	struct ber_reader reader;
	struct trace read, whole, pieces;
	struct slice octets;
	int reader_error, error;
	bool complete;

	if (size < 2)
		return 0;
	octets = slice_of(data + 1, size - 1);
	trace_init(&read, octets, true);
	trace_init(&whole, octets, true);
	trace_init(&pieces, octets, true);
	ber_reader_init(&reader, octets, NULL);
	reader_error = trace_reader(&read, &reader);

	ber_stream_init(&stream, UINT64_MAX, trace_event, &whole);
	error = ber_stream_push(&stream, octets, NULL);
	complete = ber_stream_complete(&stream);
	if (complete != (reader_error == 0) || whole.wrong)
		abort();
	if (complete &&
	    (!trace_equal(&read, &whole) || error != 0 ||
		whole.seen != octets.len))
		abort();

	ber_stream_init(&stream, UINT64_MAX, trace_event, &pieces);
	if (push(&stream, octets, data[0]) != error ||
	    ber_stream_complete(&stream) != complete || pieces.wrong ||
	    !trace_equal(&whole, &pieces))
		abort();
	trace_fini(&read);
	trace_fini(&whole);
	trace_fini(&pieces);
	return 0;
}
