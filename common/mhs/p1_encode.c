/* SPDX-License-Identifier: ISC */
/*
 * p1_encode.c - write an envelope of P1 (X.411 12.2)
 */
#include "ber/time.h"
#include "mhs/p1.h"

/* The recipients that a copy is responsible for. */
struct selection {
	const uint32_t *index; /* ascending; NULL: as the struct says */
	size_t count;
};

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

/* p1_put_recipient - write the per-recipient fields */
static void
p1_put_recipient(struct ber_writer *writer,
    const struct p1_recipient *recipient, uint32_t indicators,
    enum extension_tagging tagging)
{
	ber_begin(writer, BER_UNI(BER_SET));
	or_name_encode(writer, OR_NAME_TAG, &recipient->name);
	ber_put_integer(writer, BER_CTX(0), recipient->number);
	/* PerRecipientIndicators has SIZE (8); peers refuse a ninth bit. */
	put_named_bits(
	    writer, BER_CTX(1), indicators & P1_RECIPIENT_INDICATORS, 8);
	if (recipient->explicit_conversion >= 0)
		ber_put_integer(
		    writer, BER_CTX(2), recipient->explicit_conversion);
	extension_list_encode(
	    writer, BER_CTX(3), &recipient->extensions, tagging);
	ber_end_element(writer);
}

/* put_recipients - write all of them, responsible as selected */
static void
put_recipients(struct ber_writer *writer, const struct p1_envelope *envelope,
    const struct selection *selection, enum extension_tagging tagging)
{
	const struct p1_recipient *recipient;
	uint32_t indicators;
	size_t i, next = 0;

	ber_begin(writer, BER_CTX(2));
	for (i = 0; i < envelope->recipient_count; i++) {
		recipient = &envelope->recipients[i];
		indicators = recipient->indicators;
		/* Recipients of other copies are named without responsibility,
		 * so that only one MTA delivers to each. */
		if (selection->index != NULL) {
			indicators &= ~P1_RESPONSIBILITY;
			if (next < selection->count &&
			    selection->index[next] == i) {
				indicators |= P1_RESPONSIBILITY;
				next++;
			}
		}
		p1_put_recipient(writer, recipient, indicators, tagging);
	}
	ber_end_element(writer);
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

/* put_described - write a message or a probe */
static void
put_described(struct ber_writer *writer, const struct p1_envelope *envelope,
    const struct selection *selection, enum extension_tagging tagging)
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
	put_recipients(writer, envelope, selection, tagging);
	p1_put_extensions(writer, BER_CTX(3), envelope, tagging);
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

/* encode - append it */
static int
encode(const struct p1_envelope *envelope, const struct selection *selection,
    enum extension_tagging tagging, struct buffer *out)
{
	struct ber_writer writer;

	/* X.411: identifier and trace are mandatory, and a peer would refuse
	 * the message without them. */
	if (envelope->identifier.local.len == 0 || envelope->trace.count == 0)
		return ERR_VALUE;
	if (envelope->kind != MTS_REPORT && envelope->recipient_count == 0)
		return ERR_VALUE;
	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	if (envelope->kind == MTS_REPORT)
		put_report(&writer, envelope, tagging);
	else
		put_described(&writer, envelope, selection, tagging);
	ber_end_element(&writer);
	return ber_finish(&writer);
}

/* p1_encode - append the envelope as a SET */
int
p1_encode(const struct p1_envelope *envelope, enum extension_tagging tagging,
    struct buffer *out)
{
	struct selection all = {.index = NULL};

	return encode(envelope, &all, tagging, out);
}

/* p1_copy_for - copy an envelope, with responsibility for some recipients
 * alone */
int
p1_copy_for(const struct p1_envelope *envelope, const uint32_t *responsible,
    size_t count, enum extension_tagging tagging, struct buffer *out)
{
	static const uint32_t nobody;
	/* NULL means all: an empty selection needs an address of its own. */
	struct selection some = {
	    .index = count == 0 ? &nobody : responsible, .count = count};

	return encode(envelope, &some, tagging, out);
}
