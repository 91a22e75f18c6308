/* SPDX-License-Identifier: ISC */
/*
 * message_out_fuzz.c - contents of X.400 from strangers as messages of the
 * Internet
 *
 * The first octet says in pieces of which size the rest arrives.  What becomes
 * a message has the lines of one, and becomes a content again.  A report is
 * one, too, and an envelope becomes fields of a header.
 */
#include "mixer/envelope_out.h"
#include "tests/fuzz/mixer_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* try_report - take the content of a report to the Internet */
static void
try_report(struct slice octets)
{
	struct report report;
	struct arena arena;
	struct buffer message;

	arena_init(&arena, TRIP_MAX);
	buffer_init(&message, TRIP_MAX);
	if (report_decode(octets, &arena, &report, NULL) == 0) {
		if (report_to_internet(trip_mapping(), NULL, &report, NULL,
			trip_gather, &message) != 0)
			abort();
		trip_check_lines(buffer_slice(&message));
	}
	buffer_fini(&message);
	arena_fini(&arena);
}

/* try_envelope - write the fields of an envelope */
static void
try_envelope(struct slice octets)
{
	struct p1_envelope envelope;
	struct mime_writer writer;
	struct mime_header header;
	struct arena arena;
	struct buffer fields;

	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&fields, TRIP_MAX);
	if (p1_decode(MTS_MESSAGE, octets, &arena, &envelope, NULL) == 0) {
		mime_writer_init(&writer, trip_gather, &fields);
		envelope_to_internet(trip_mapping(), &envelope, &writer);
		if (writer.error != 0)
			abort();
		trip_check_lines(buffer_slice(&fields));
		if (mime_header_parse(buffer_slice(&fields), &arena, &header) ==
		    ERR_SYNTAX)
			abort();
	}
	buffer_fini(&fields);
	arena_fini(&arena);
}

/* LLVMFuzzerTestOneInput - take a content to the Internet and back */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer message, content;

	if (size < 2)
		return 0;
	try_report(slice_of(data + 1, size - 1));
	try_envelope(slice_of(data + 1, size - 1));
	buffer_init(&message, TRIP_MAX);
	buffer_init(&content, TRIP_MAX);
	if (trip_to_internet(slice_of(data + 1, size - 1), (size_t)data[0] + 1,
		&message) == 0) {
		trip_check_lines(buffer_slice(&message));
		if (trip_to_x400(buffer_slice(&message), 4096, &content) != 0)
			abort();
	}
	buffer_fini(&message);
	buffer_fini(&content);
	return 0;
}
