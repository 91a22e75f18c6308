/* SPDX-License-Identifier: ISC */
/*
 * transfer_prefix.c - what stands before the content of an MTS-APDU
 */
#include "mhs/transfer.h"

#define SINGLE_ASN1 BER_CTX(0)

/* The lengths of what stands around the content, from the inside out. */
struct layout {
	uint64_t apdu;	   /* contents of [0], [1], [2] */
	uint64_t single;   /* contents of single-ASN1-type */
	uint64_t external; /* contents of EXTERNAL */
};

/* context_length - count the octets of the indirect-reference */
static uint64_t
context_length(int64_t context)
{
	uint64_t octets = 1;

	while (context > 127) {
		context >>= 8;
		octets++;
	}
	return 2 + octets;
}

/* lay_out - compute the lengths, from that of the envelope as it is sent.
 * ERR_VALUE if they cannot be */
static int
lay_out(enum mts_kind kind, uint64_t envelope_length, uint64_t content_length,
    int64_t context, struct layout *layout)
{
	/* Checked once here, so that the lengths below cannot overflow. */
	if (content_length > INT64_MAX / 2 || context > INT32_MAX)
		return ERR_VALUE;
	layout->apdu = envelope_length;
	if (kind == MTS_MESSAGE)
		layout->apdu += ber_header_length(
		    BER_UNI(BER_OCTET_STRING), content_length);
	if (kind != MTS_PROBE)
		layout->apdu += content_length;
	if (context == TRANSFER_NO_EXTERNAL)
		return 0;
	layout->single =
	    ber_header_length(p1_tag(kind), layout->apdu) + layout->apdu;
	layout->external = context_length(context) +
	    ber_header_length(SINGLE_ASN1, layout->single) + layout->single;
	return 0;
}

/* put_before - write what stands before the envelope */
static void
put_before(struct ber_writer *writer, enum mts_kind kind, int64_t context,
    const struct layout *layout)
{
	if (context != TRANSFER_NO_EXTERNAL) {
		ber_put_header(writer, BER_UNI(BER_EXTERNAL), BER_CONSTRUCTED,
		    layout->external);
		ber_put_integer(writer, BER_UNI(BER_INTEGER), context);
		ber_put_header(
		    writer, SINGLE_ASN1, BER_CONSTRUCTED, layout->single);
	}
	ber_put_header(writer, p1_tag(kind), BER_CONSTRUCTED, layout->apdu);
}

/* put_between - write what stands between the envelope and the content */
static void
put_between(
    struct ber_writer *writer, enum mts_kind kind, uint64_t content_length)
{
	if (kind == MTS_MESSAGE)
		ber_put_header(writer, BER_UNI(BER_OCTET_STRING), BER_PRIMITIVE,
		    content_length);
}

/* transfer_prefix - append all that stands before the content */
int
transfer_prefix(enum mts_kind kind, struct slice envelope,
    uint64_t content_length, int64_t context, struct buffer *out)
{
	struct layout layout;
	struct ber_reader reader;
	struct ber_element set;
	struct ber_writer writer;
	int error;

	ber_reader_init(&reader, envelope, NULL);
	if (ber_next(&reader, &set) <= 0 || set.tag != BER_UNI(BER_SET) ||
	    reader.rest.len != 0)
		return ERR_VALUE;
	/* X.411: the tag of a probe replaces that of the SET. */
	if (kind == MTS_PROBE)
		envelope = set.contents;
	error = lay_out(kind, envelope.len, content_length, context, &layout);
	if (error != 0)
		return error;
	ber_writer_init(&writer, out);
	put_before(&writer, kind, context, &layout);
	ber_put_raw(&writer, envelope);
	put_between(&writer, kind, content_length);
	return ber_finish(&writer);
}

/* transfer_frame - append what stands before an envelope, and behind it */
int
transfer_frame(enum mts_kind kind, struct slice begin, uint64_t envelope_length,
    uint64_t content_length, struct buffer *out, size_t *before, size_t *skip)
{
	size_t was = buffer_length(out);
	struct layout layout;
	struct ber_header set;
	struct ber_writer writer;
	const char *why;
	int error;

	if (ber_header_parse(begin, &set, &why) != 1 ||
	    set.tag != BER_UNI(BER_SET) || envelope_length < set.len ||
	    set.length != envelope_length - set.len)
		return ERR_VALUE;
	*skip = kind == MTS_PROBE ? set.len : 0;
	error = lay_out(kind, envelope_length - *skip, content_length,
	    TRANSFER_NO_EXTERNAL, &layout);
	if (error != 0)
		return error;
	ber_writer_init(&writer, out);
	put_before(&writer, kind, TRANSFER_NO_EXTERNAL, &layout);
	error = ber_finish(&writer);
	*before = buffer_length(out) - was;
	ber_writer_init(&writer, out);
	put_between(&writer, kind, content_length);
	return error != 0 ? error : ber_finish(&writer);
}
