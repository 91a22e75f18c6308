/* SPDX-License-Identifier: ISC */
/*
 * opaque_out.c - a body part that only X.400 knows, as BER in MIME
 * (RFC 2157 3.2)
 *
 * Contract in opaque_out.h.
 */
#include "mixer/opaque_out.h"

#include <stdio.h>

#include "mixer/oid_text.h"

/* The tag of a constructed element and an indefinite length (X.690 8.1.3.6). */
#define OPEN(tag) (const uint8_t[]){tag, 0x80}, 2

/* put - write octets of the body part */
static void
put(struct mime_encoder *encoder, struct mime_writer *writer,
    const void *octets, size_t len)
{
	mime_encoder_push(encoder, writer, slice_of(octets, len));
}

/* put_type - write the MIME fields */
static void
put_type(const struct ipm_part *part, struct mime_writer *w)
{
	char type[OID_TEXT_MAX];

	/* The number of its tag, or its object identifier. */
	if (part->oid.len > 0)
		oid_text(part->oid, type);
	else
		snprintf(type, sizeof(type), "%u", part->tag);
	mime_field(w, "Content-Type");
	mime_words(w, "application/x400-bp");
	mime_parameter(w, "bp-type", slice_of_string(type));
	mime_field_end(w);
	mime_puts(w, "Content-Transfer-Encoding: base64\r\n\r\n");
}

/* put_header - write tag and length of a primitive element */
static void
put_header(struct mime_encoder *encoder, struct mime_writer *writer,
    uint32_t tag, size_t len)
{
	struct ber_writer ber;
	struct buffer out;

	buffer_init(&out, BER_HEADER_MAX);
	ber_writer_init(&ber, &out);
	ber_put_header(&ber, tag, BER_PRIMITIVE, len);
	if (ber_finish(&ber) == 0)
		mime_encoder_push(encoder, writer, buffer_slice(&out));
	else if (writer->error == 0)
		writer->error = ERR_NOMEM;
	buffer_fini(&out);
}

/* opaque_out_begin - write the MIME fields and what stands before the value */
void
opaque_out_begin(struct opaque_out *opaque, const struct ipm_part *part,
    struct mime_encoder *encoder, struct mime_writer *writer)
{
	opaque->extended = part->oid.len > 0;
	opaque->aligned = part->aligned;
	opaque->segment_len = 0;
	put_type(part, writer);
	mime_encoder_init(encoder, MIME_BASE64);
	if (!opaque->extended)
		return;
	/* [15] { parameters, EXTERNAL { type, [0] value or [1] octets } } */
	put(encoder, writer, OPEN(0xaf));
	mime_encoder_push(encoder, writer, part->parameters);
	put(encoder, writer, OPEN(0x28));
	put_header(encoder, writer, BER_UNI(BER_OID), part->oid.len);
	mime_encoder_push(encoder, writer, part->oid);
	if (opaque->aligned)
		put(encoder, writer, OPEN(0xa1));
	else
		put(encoder, writer, OPEN(0xa0));
}

/* put_segment - write a segment of an aligned value */
static void
put_segment(struct opaque_out *opaque, struct mime_encoder *encoder,
    struct mime_writer *writer)
{
	size_t len = opaque->segment_len;

	opaque->segment_len = 0;
	if (len == 0)
		return;
	put_header(encoder, writer, BER_UNI(BER_OCTET_STRING), len);
	put(encoder, writer, opaque->segment, len);
}

/* opaque_out_push - write octets of the value, or of a whole body part */
void
opaque_out_push(struct opaque_out *opaque, struct mime_encoder *encoder,
    struct mime_writer *writer, struct slice octets)
{
	if (!opaque->extended || !opaque->aligned) {
		mime_encoder_push(encoder, writer, octets);
		return;
	}
	/* Segments do not depend on the pieces in which the value comes. */
	while (octets.len > 0) {
		size_t room = OPAQUE_SEGMENT - opaque->segment_len;
		size_t take = octets.len < room ? octets.len : room;

		memcpy(
		    opaque->segment + opaque->segment_len, octets.data, take);
		opaque->segment_len += take;
		octets = slice_of(octets.data + take, octets.len - take);
		if (opaque->segment_len == OPAQUE_SEGMENT)
			put_segment(opaque, encoder, writer);
	}
}

/* opaque_out_end - write what stands behind the value */
void
opaque_out_end(struct opaque_out *opaque, struct mime_encoder *encoder,
    struct mime_writer *writer)
{
	static const uint8_t ends[6];

	put_segment(opaque, encoder, writer);
	if (opaque->extended)
		put(encoder, writer, ends, sizeof(ends));
	mime_encoder_finish(encoder, writer, MIME_BOUNDARY_FOLLOWS);
}
