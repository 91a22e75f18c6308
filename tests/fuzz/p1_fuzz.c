/* SPDX-License-Identifier: ISC */
/*
 * p1_fuzz.c - an MTS-APDU from a stranger, cut into pieces
 *
 * The first octet tells the size of the pieces.  What is read as an envelope
 * must encode, decode to the same again, and encode to the same octets; a
 * report's content likewise.
 */
#include <stdlib.h>

#include "mhs/report.h"
#include "mhs/transfer.h"
#include "tests/identifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CONTENT_MAX (1 << 20)

/* on_envelope - encode again what was decoded */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct p1_envelope again;
	struct buffer one, two;
	struct arena arena;
	struct diag diag;
	char *text;
	size_t i;

	(void)arg;
	(void)octets;
	diag_clear(&diag);
	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&one, 4 * P1_ENVELOPE_MAX);
	buffer_init(&two, 4 * P1_ENVELOPE_MAX);
	if (p1_encode(envelope, EXTENSION_EXPLICIT, &one) == 0 &&
	    buffer_length(&one) <= P1_ENVELOPE_MAX) {
		if (p1_decode(envelope->kind, buffer_slice(&one), &arena,
			&again, &diag) != 0 ||
		    p1_encode(&again, EXTENSION_EXPLICIT, &two) != 0 ||
		    !slice_equal(buffer_slice(&one), buffer_slice(&two)) ||
		    again.recipient_count != envelope->recipient_count ||
		    !identifier_same(&again.identifier, &envelope->identifier))
			abort();
	}
	for (i = 0; i < envelope->recipient_count; i++) {
		text = or_address_format(&envelope->recipients[i].name.address,
		    OR_STYLE_F401, &arena);
		if (text == NULL)
			break;
	}
	(void)p1_latest_delivery_time(envelope);
	(void)extension_unsupported(&envelope->extensions);
	(void)p1_loops(envelope, P1_NOTES_KEPT, &envelope->identifier.domain,
	    slice_of("MTA", 3));
	buffer_fini(&one);
	buffer_fini(&two);
	arena_fini(&arena);
	return 0;
}

/* on_content - gather it */
static int
on_content(void *arg, struct slice piece)
{
	return buffer_append(arg, piece.data, piece.len);
}

/* try_report - decode a report's content */
static void
try_report(struct slice octets)
{
	struct report report;
	struct buffer out;
	struct arena arena;
	struct diag diag;

	diag_clear(&diag);
	arena_init(&arena, P1_ARENA_MAX);
	buffer_init(&out, 4 * P1_ENVELOPE_MAX);
	if (report_decode(octets, &arena, &report, &diag) == 0 &&
	    report_encode(&report, EXTENSION_IMPLICIT, &out) == 0 &&
	    report_decode(buffer_slice(&out), &arena, &report, &diag) != 0)
		abort();
	buffer_fini(&out);
	arena_fini(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer content;
	struct transfer_handler handler = {
	    on_envelope, on_content, &content, NULL, NULL};
	struct transfer_reader reader;
	struct diag diag;
	size_t piece, at, len;
	int error = 0;

	if (size < 1)
		return 0;
	piece = (size_t)data[0] + 1;
	buffer_init(&content, CONTENT_MAX);
	transfer_reader_init(&reader, &handler, CONTENT_MAX);
	for (at = 1; at < size && error == 0; at += len) {
		len = size - at < piece ? size - at : piece;
		diag_clear(&diag);
		error = transfer_push(&reader, slice_of(data + at, len), &diag);
	}
	if (error == 0 && transfer_finish(&reader, &diag) == 0 &&
	    reader.kind == MTS_REPORT)
		try_report(buffer_slice(&content));
	transfer_reader_fini(&reader);
	buffer_fini(&content);
	return 0;
}
