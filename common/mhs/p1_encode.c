/* SPDX-License-Identifier: ISC */
/*
 * p1_encode.c - write an envelope of P1 (X.411 12.2)
 */
#include <string.h>

#include "ber/header.h"
#include "ber/time.h"
#include "mhs/p1_recipient.h"

/* put_named_bits - write a BIT STRING without its trailing zeros */
static void
put_named_bits(
    struct ber_writer *writer, uint32_t tag, uint32_t bits, size_t least)
{
	size_t count = least, i;

	for (i = least; i < 32; i++)
		if ((bits & BER_BIT(i)) != 0)
			count = i + 1;
	ber_put_bits(writer, tag, bits, count);
}

/* p1_put_extensions - write those of the envelope, internal trace among
 * them */
static void
p1_put_extensions(struct ber_writer *writer, uint32_t tag,
    const struct p1_envelope *envelope, enum extension_tagging tagging)
{
	struct extension internal = {
	    .number = EXTENSION_INTERNAL_TRACE,
	    .criticality = envelope->internal_trace_criticality,
	};
	size_t i;

	/* Internal trace was set apart when it was read, and goes back among
	 * the extensions as one. */
	if (envelope->internal_trace.count == 0) {
		extension_list_encode(
		    writer, tag, &envelope->extensions, tagging);
		return;
	}
	ber_begin(writer, tag);
	for (i = 0; i < envelope->extensions.count; i++)
		extension_encode(
		    writer, &envelope->extensions.items[i], tagging);
	extension_encode_begin(writer, &internal, tagging);
	ber_begin(writer, BER_CTX(2));
	trace_encode(writer, BER_UNI(BER_SEQUENCE), &envelope->internal_trace);
	ber_end_element(writer);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* indicators_of - tell the indicators of a recipient in this copy */
static uint32_t
indicators_of(struct p1_encoding *encoding, size_t index)
{
	uint32_t indicators = encoding->envelope->recipients[index].indicators;

	if (encoding->responsible == NULL)
		return indicators;
	/* Recipients of other copies are named without responsibility, so that
	 * only one MTA delivers to each. */
	if (encoding->chosen == encoding->count ||
	    encoding->responsible[encoding->chosen] != index)
		return indicators & ~P1_RESPONSIBILITY;
	encoding->chosen++;
	return indicators | P1_RESPONSIBILITY;
}

/* put_recipients - write the next of them: whether there are more */
static bool
put_recipients(
    struct ber_writer *writer, struct p1_encoding *encoding, size_t most)
{
	const struct p1_envelope *envelope = encoding->envelope;

	for (; most > 0 && encoding->encoded < envelope->recipient_count;
	     most--) {
		size_t i = encoding->encoded++;

		p1_recipient_put(writer, &envelope->recipients[i],
		    indicators_of(encoding, i), encoding->tagging);
	}
	return encoding->encoded < envelope->recipient_count;
}

/* put_zero - write [0]: a message's deferred time, a probe's content length */
static void
put_zero(struct ber_writer *writer, const struct p1_envelope *envelope)
{
	char text[UTC_TIME_LEN + 1];

	if (envelope->kind == MTS_PROBE && envelope->content_length >= 0)
		ber_put_integer(writer, BER_CTX(0), envelope->content_length);
	if (envelope->kind == MTS_MESSAGE &&
	    envelope->deferred_time != P1_NO_TIME) {
		utc_time_format(envelope->deferred_time, text);
		ber_put_string(writer, BER_CTX(0), text);
	}
}

/* put_before - write what stands before the recipients in a message or a
 * probe */
static void
put_before(struct ber_writer *writer, const struct p1_envelope *envelope)
{
	/* DER orders a SET by tag, and an OID is of the universal class. */
	if (envelope->content_type.built_in == P1_CONTENT_OID)
		p1_content_type_encode(writer, &envelope->content_type);
	or_name_encode(writer, OR_NAME_TAG, &envelope->originator);
	mts_identifier_encode(
	    writer, MTS_IDENTIFIER_TAG, &envelope->identifier);
	ber_put_raw(writer, envelope->original_eits);
	if (envelope->content_type.built_in != P1_CONTENT_OID)
		p1_content_type_encode(writer, &envelope->content_type);
	/* X.411: DEFAULT normal is not written. */
	if (envelope->kind == MTS_MESSAGE && envelope->priority != P1_NORMAL)
		ber_put_integer(writer, BER_APP(7), envelope->priority);
	if (envelope->indicators != 0)
		put_named_bits(writer, BER_APP(8), envelope->indicators, 0);
	trace_encode(writer, TRACE_TAG, &envelope->trace);
	if (envelope->content_identifier.len != 0)
		ber_put(writer, BER_APP(10), envelope->content_identifier);
	put_zero(writer, envelope);
	if (envelope->bilateral.len != 0) {
		ber_begin(writer, BER_CTX(1));
		ber_put_raw(writer, envelope->bilateral);
		ber_end_element(writer);
	}
}

/* put_report - write a report */
static void
put_report(struct ber_writer *writer, const struct p1_envelope *envelope,
    enum extension_tagging tagging)
{
	or_name_encode(writer, OR_NAME_TAG, &envelope->originator);
	mts_identifier_encode(
	    writer, MTS_IDENTIFIER_TAG, &envelope->identifier);
	trace_encode(writer, TRACE_TAG, &envelope->trace);
	p1_put_extensions(writer, BER_CTX(1), envelope, tagging);
}

/* check_complete - check that an envelope has what its kind must have */
static int
check_complete(const struct p1_envelope *envelope)
{
	/* X.411: identifier and trace are mandatory, and a peer would refuse
	 * the message without them. */
	if (envelope->identifier.local.len == 0 || envelope->trace.count == 0)
		return ERR_VALUE;
	if (envelope->kind != MTS_REPORT && envelope->recipient_count == 0)
		return ERR_VALUE;
	return 0;
}

/* put_envelope - append an envelope in one step */
static int
put_envelope(struct p1_encoding *encoding, struct buffer *out)
{
	const struct p1_envelope *envelope = encoding->envelope;
	struct ber_writer writer;
	int error = check_complete(envelope);

	if (error != 0)
		return error;
	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	if (envelope->kind == MTS_REPORT) {
		put_report(&writer, envelope, encoding->tagging);
	} else {
		put_before(&writer, envelope);
		ber_begin(&writer, BER_CTX(2));
		(void)put_recipients(&writer, encoding, SIZE_MAX);
		ber_end_element(&writer);
		p1_put_extensions(
		    &writer, BER_CTX(3), envelope, encoding->tagging);
	}
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* p1_encode - append the envelope as a SET */
int
p1_encode(const struct p1_envelope *envelope, enum extension_tagging tagging,
    struct buffer *out)
{
	struct p1_encoding all = {.envelope = envelope, .tagging = tagging};

	return put_envelope(&all, out);
}

/* p1_copy_for - copy an envelope, with responsibility for some recipients
 * alone */
int
p1_copy_for(const struct p1_envelope *envelope, const uint32_t *responsible,
    size_t count, enum extension_tagging tagging, struct buffer *out)
{
	static const uint32_t nobody;
	/* NULL means all: an empty selection needs an address of its own. */
	struct p1_encoding some = {.envelope = envelope,
	    .tagging = tagging,
	    .responsible = count == 0 ? &nobody : responsible,
	    .count = count};

	return put_envelope(&some, out);
}

/* p1_encode_rest - append a message's or probe's envelope without recipients */
int
p1_encode_rest(const struct p1_envelope *envelope,
    enum extension_tagging tagging, struct buffer *out)
{
	struct ber_writer writer;

	if (envelope->kind == MTS_REPORT ||
	    envelope->identifier.local.len == 0 || envelope->trace.count == 0)
		return ERR_VALUE;
	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	put_before(&writer, envelope);
	p1_put_extensions(&writer, BER_CTX(3), envelope, tagging);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* p1_encode_begin - begin an envelope that is encoded in steps */
int
p1_encode_begin(struct p1_encoding *encoding, struct buffer *out)
{
	struct ber_writer writer;
	struct buffer before;
	uint8_t *room;
	size_t len = 0;
	int error = check_complete(encoding->envelope);

	encoding->encoded = encoding->chosen = 0;
	if (error != 0 || encoding->envelope->kind == MTS_REPORT)
		return ERR_VALUE;
	/* Lengths of what comes are not known yet: so much room is left that
	 * what stands before the recipients, and the headers, fit. */
	buffer_init(&before, P1_ENVELOPE_MAX);
	ber_writer_init(&writer, &before);
	put_before(&writer, encoding->envelope);
	error = ber_finish(&writer);
	encoding->before = buffer_length(&before);
	if (error == 0) {
		len = encoding->before + 2 * BER_HEADER_MAX;
		error = buffer_reserve(out, len, &room);
	}
	if (error == 0) {
		memset(room, 0, len);
		buffer_commit(out, len);
		encoding->list = buffer_length(out);
	}
	buffer_fini(&before);
	return error;
}

/* p1_encode_some - append the next recipients */
int
p1_encode_some(struct p1_encoding *encoding, size_t most, struct buffer *out)
{
	struct ber_writer writer;
	bool more;
	int error;

	ber_writer_init(&writer, out);
	more = put_recipients(&writer, encoding, most);
	error = ber_finish(&writer);
	return error != 0 ? error : more;
}

/* put_front - write what stands before the recipients into the room that was
 * left for it */
static int
put_front(const struct p1_encoding *encoding, size_t recipients,
    struct buffer *out, size_t *begin)
{
	size_t header = ber_header_length(BER_CTX(2), recipients);
	size_t behind = buffer_length(out) - encoding->list - recipients;
	struct ber_writer writer;
	struct buffer front;
	int error;

	buffer_init(&front, P1_ENVELOPE_MAX);
	ber_writer_init(&writer, &front);
	ber_put_header(&writer, BER_UNI(BER_SET), BER_CONSTRUCTED,
	    encoding->before + header + recipients + behind);
	put_before(&writer, encoding->envelope);
	ber_put_header(&writer, BER_CTX(2), BER_CONSTRUCTED, recipients);
	error = ber_finish(&writer);
	if (error == 0) {
		*begin = encoding->list - buffer_length(&front);
		memcpy(out->data + out->start + *begin,
		    buffer_slice(&front).data, buffer_length(&front));
	}
	buffer_fini(&front);
	return error;
}

/* p1_encode_end - end an envelope that is encoded in steps */
int
p1_encode_end(struct p1_encoding *encoding, struct buffer *out, size_t *begin)
{
	size_t recipients = buffer_length(out) - encoding->list;
	struct ber_writer writer;
	int error;

	ber_writer_init(&writer, out);
	p1_put_extensions(
	    &writer, BER_CTX(3), encoding->envelope, encoding->tagging);
	error = ber_finish(&writer);
	return error != 0 ? error : put_front(encoding, recipients, out, begin);
}
