/* SPDX-License-Identifier: ISC */
/*
 * ipm_encode.c - make an interpersonal message (X.420 7, 7.4.12 and annex B)
 *
 * Contract in ipm_encode.h.  What stands before the contents of a part is a
 * nest of headers each of whose lengths depends on those within; so they are
 * computed from the inside out.
 *
 * File names and dates travel in the file-attributes of FTBP.  A name beyond
 * ASCII is announced as UTF-8 by its ISO 2022 sequence, ESC % G.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "ber/time.h"
#include "mhs/ipm_encode.h"
#include "mhs/ipm_oid.h"

#define CTX BER_CTX
#define UNI BER_UNI

/* Prefixes of all parts are together not more than the heading and this. */
#define PREFIX_MAX 1024

/* wrapped - get the length of an element with contents of this length */
static uint64_t
wrapped(uint32_t tag, uint64_t length)
{
	return ber_header_length(tag, length) + length;
}

/* oid_length - get the length of an OID as an element */
static uint64_t
oid_length(struct slice oid)
{
	return wrapped(UNI(BER_OID), oid.len);
}

/* put_parameters - write the [0] of an extended body: an EXTERNAL around
 * value */
static void
put_parameters(struct ber_writer *writer, struct slice oid, struct slice value)
{
	ber_begin(writer, CTX(0));
	ber_put(writer, UNI(BER_OID), oid);
	ber_begin(writer, CTX(0));
	ber_put_raw(writer, value);
	ber_end_element(writer);
	ber_end_element(writer);
}

/*
 * put_extended - write an extended body part up to the value of its data
 *
 * value_length is the length of that value as an element; encoding is the tag
 * of the data in its EXTERNAL: [0] of BER, [1] of octets.
 */
static void
put_extended(struct ber_writer *writer, struct slice parameters,
    struct slice oid, uint32_t encoding, uint64_t value_length)
{
	/* Lengths from the inside out: BER wants each before the contents,
	 * which may be a file of any size. */
	uint64_t inner = wrapped(encoding, value_length);
	uint64_t external = oid_length(oid) + inner;

	ber_put_header(writer, CTX(15), BER_CONSTRUCTED,
	    parameters.len + wrapped(UNI(BER_EXTERNAL), external));
	ber_put_raw(writer, parameters);
	ber_put_header(writer, UNI(BER_EXTERNAL), BER_CONSTRUCTED, external);
	ber_put(writer, UNI(BER_OID), oid);
	ber_put_header(writer, encoding,
	    encoding == CTX(0) ? BER_CONSTRUCTED : BER_PRIMITIVE, value_length);
}

/* put_ia5 - write an ia5-text body up to its text */
static void
put_ia5(struct ber_writer *writer, uint64_t length)
{
	/* The parameters are a SET whose only element has its default. */
	ber_put_header(writer, CTX(0), BER_CONSTRUCTED,
	    wrapped(UNI(BER_SET), 0) + wrapped(UNI(BER_IA5_STRING), length));
	ber_put_header(writer, UNI(BER_SET), BER_CONSTRUCTED, 0);
	ber_put_header(writer, UNI(BER_IA5_STRING), BER_PRIMITIVE, length);
}

/* general_text_parameters - write the sets of a general-text body */
static int
general_text_parameters(enum ipm_repertoire repertoire, struct buffer *out)
{
	struct buffer value;
	struct ber_writer writer;
	int error;

	buffer_init(&value, 256);
	ber_writer_init(&writer, &value);
	/* General text names the sets that it uses (X.420, general-text body
	 * part). */
	ber_begin(&writer, UNI(BER_SET));
	/* C0 controls, ASCII, and the right half */
	ber_put_integer(&writer, UNI(BER_INTEGER), 1);
	ber_put_integer(&writer, UNI(BER_INTEGER), IPM_SET_ASCII);
	ber_put_integer(&writer, UNI(BER_INTEGER),
	    repertoire == IPM_UTF8 ? IPM_SET_UTF8 : IPM_SET_LATIN1);
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0) {
		ber_writer_init(&writer, out);
		put_parameters(
		    &writer, IPM_OID_EP_GENERAL_TEXT, buffer_slice(&value));
		error = ber_finish(&writer);
	}
	buffer_fini(&value);
	return error;
}

/* put_time - write an attribute of a file that is a time */
static void
put_time(struct ber_writer *writer, uint32_t tag, int64_t seconds)
{
	char text[64];
	struct calendar when;

	calendar_from_seconds(seconds, &when);
	snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02dZ", when.year,
	    when.month, when.day, when.hour, when.minute, when.second);
	ber_begin(writer, tag);
	ber_put_string(writer, CTX(1), text);
	ber_end_element(writer);
}

/* put_attributes - write the file-attributes [4] of FTBP */
static void
put_attributes(struct ber_writer *writer, const struct ipm_outgoing *part)
{
	struct slice name = part->filename;

	ber_begin(writer, CTX(4));
	/* X.420: the name is incomplete, since no path of ours means anything
	 * elsewhere. */
	if (name.len > 0) {
		uint8_t graphic[IPM_FILENAME_MAX + 3];
		size_t len = ipm_text_graphic(name, graphic);

		ber_begin(writer, CTX(0)); /* incomplete-pathname */
		ber_put(
		    writer, UNI(BER_GRAPHIC_STRING), slice_of(graphic, len));
		ber_end_element(writer);
	}
	if (part->created != 0)
		put_time(writer, CTX(4), part->created);
	if (part->modified != IPM_NO_TIME)
		put_time(writer, CTX(5), part->modified);
	if (part->read != 0)
		put_time(writer, CTX(6), part->read);
	ber_begin(writer, CTX(13)); /* object-size */
	ber_put_integer(writer, CTX(1), (int64_t)part->length);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* given_length - count the octets of the parameters that are given as BER */
static size_t
given_length(const struct ipm_outgoing *part)
{
	return part->related.len + part->environment.len + part->extensions.len;
}

/* file_parameters - write FileTransferParameters in their EXTERNAL */
static int
file_parameters(const struct ipm_outgoing *part, struct buffer *out)
{
	struct buffer value;
	struct ber_writer writer;
	int error;

	buffer_init(&value, PREFIX_MAX + given_length(part));
	ber_writer_init(&writer, &value);
	ber_begin(&writer, UNI(BER_SEQUENCE));
	ber_put_raw(&writer, part->related);
	ber_put_raw(&writer, part->environment);
	put_attributes(&writer, part);
	ber_put_raw(&writer, part->extensions);
	ber_end_element(&writer);
	if ((error = ber_finish(&writer)) == 0) {
		ber_writer_init(&writer, out);
		put_parameters(&writer, IPM_OID_EP_FILE, buffer_slice(&value));
		error = ber_finish(&writer);
	}
	buffer_fini(&value);
	return error;
}

/* put_general_text - write a general-text body up to its text */
static int
put_general_text(struct ber_writer *writer, const struct ipm_outgoing *part)
{
	struct buffer parameters;
	int error;

	buffer_init(&parameters, PREFIX_MAX);
	error = general_text_parameters(part->repertoire, &parameters);
	if (error == 0) {
		put_extended(writer, buffer_slice(&parameters),
		    IPM_OID_ET_GENERAL_TEXT, CTX(0),
		    wrapped(UNI(BER_GENERAL_STRING), part->length));
		ber_put_header(writer, UNI(BER_GENERAL_STRING), BER_PRIMITIVE,
		    part->length);
	}
	buffer_fini(&parameters);
	return error;
}

/* put_file - write a file-transfer body up to the octets of the file */
static int
put_file(struct ber_writer *writer, const struct ipm_outgoing *part)
{
	struct slice syntax = IPM_OID_UNSTRUCTURED_BINARY;
	uint64_t external = oid_length(syntax) + wrapped(CTX(1), part->length);
	uint64_t sequence = wrapped(UNI(BER_EXTERNAL), external);
	struct buffer parameters;
	int error;

	buffer_init(&parameters, PREFIX_MAX + given_length(part));
	if ((error = file_parameters(part, &parameters)) == 0) {
		put_extended(writer, buffer_slice(&parameters), IPM_OID_ET_FILE,
		    CTX(0), wrapped(UNI(BER_SEQUENCE), sequence));
		ber_put_header(
		    writer, UNI(BER_SEQUENCE), BER_CONSTRUCTED, sequence);
		ber_put_header(
		    writer, UNI(BER_EXTERNAL), BER_CONSTRUCTED, external);
		ber_put(writer, UNI(BER_OID), syntax);
		ber_put_header(writer, CTX(1), BER_PRIMITIVE, part->length);
	}
	buffer_fini(&parameters);
	return error;
}

/* put_part - write what stands before the contents of a part */
static int
put_part(struct buffer *out, const struct ipm_outgoing *part)
{
	struct ber_writer writer;
	int error = 0;

	ber_writer_init(&writer, out);
	switch (part->form) {
	case IPM_FORM_TEXT:
		if (part->repertoire == IPM_IA5)
			put_ia5(&writer, part->length);
		else
			error = put_general_text(&writer, part);
		break;
	case IPM_FORM_FILE:
		error = put_file(&writer, part);
		break;
	case IPM_FORM_BILATERALLY:
		ber_put_header(&writer, CTX(14), BER_PRIMITIVE, part->length);
		break;
	case IPM_FORM_RAW:
		break;
	case IPM_FORM_EXTENDED:
		put_extended(&writer, part->parameters, part->oid,
		    part->aligned ? CTX(1) : CTX(0), part->length);
		break;
	}
	return error < 0 ? error : ber_finish(&writer);
}

/* is_88 - tell whether P2 has no such body */
static bool
is_88(const struct ipm_outgoing *part)
{
	return part->form == IPM_FORM_FILE || part->form == IPM_FORM_EXTENDED ||
	    (part->form == IPM_FORM_TEXT && part->repertoire != IPM_IA5);
}

/* ipm_type - choose IPM_P2 if that can say it, else IPM_P22 */
int
ipm_type(const struct ipm_heading *heading, const struct ipm_outgoing *parts,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* A body or heading that 1984 has not makes the whole message
		 * P22. */
		if (is_88(&parts[i]))
			return IPM_P22;
	}
	return ipm_heading_is_88(heading) ? IPM_P22 : IPM_P2;
}

/* check_parts - check that what is to be encoded is in bounds */
static int
check_parts(
    const struct ipm_outgoing *parts, size_t count, int type, struct diag *diag)
{
	uint64_t total = 0;

	if (count > IPM_PARTS_MAX)
		return diag_set(diag, ERR_LIMIT, "%zu body parts, at most %d",
		    count, IPM_PARTS_MAX);
	for (size_t i = 0; i < count; i++) {
		/* Compared before it is added, so that no sum overflows. */
		if (parts[i].length > IPM_CONTENT_MAX - total)
			return diag_set(diag, ERR_LIMIT, "body part %zu: %s",
			    i + 1, "too large");
		total += parts[i].length;
		if (parts[i].filename.len > IPM_FILENAME_MAX)
			return diag_set(diag, ERR_LIMIT,
			    "body part %zu: file name of %zu octets", i + 1,
			    parts[i].filename.len);
		if (type == IPM_P2 && is_88(&parts[i]))
			return diag_set(diag, ERR_UNSUPPORTED,
			    "body part %zu: P2 has no such body", i + 1);
	}
	return 0;
}

/* put_beginning - write the message up to its first body part */
static int
put_beginning(struct ipm_encoder *e, struct slice heading, uint64_t body)
{
	uint64_t ipm = heading.len + wrapped(UNI(BER_SEQUENCE), body);
	struct ber_writer writer;

	ber_writer_init(&writer, &e->prefixes);
	if (e->frame == IPM_FRAME_FORWARDED) {
		/* Parameters, of which the time may be known, and the
		 * message. */
		bool timed = e->heading->delivery != IPM_NO_TIME;
		uint64_t set = timed ? wrapped(CTX(0), UTC_TIME_LEN) : 0;
		uint64_t data = wrapped(UNI(BER_SET), set) +
		    wrapped(UNI(BER_SEQUENCE), ipm);
		char time[UTC_TIME_LEN + 1];

		e->length = wrapped(CTX(9), data);
		ber_put_header(&writer, CTX(9), BER_CONSTRUCTED, data);
		ber_put_header(&writer, UNI(BER_SET), BER_CONSTRUCTED, set);
		if (timed) {
			utc_time_format(e->heading->delivery, time);
			ber_put_string(&writer, CTX(0), time);
		}
		ber_put_header(
		    &writer, UNI(BER_SEQUENCE), BER_CONSTRUCTED, ipm);
	} else {
		e->length = wrapped(CTX(0), ipm);
		ber_put_header(&writer, CTX(0), BER_CONSTRUCTED, ipm);
	}
	ber_put_raw(&writer, heading);
	ber_put_header(&writer, UNI(BER_SEQUENCE), BER_CONSTRUCTED, body);
	return ber_finish(&writer);
}

/* put_message - write the prefixes of all parts, the beginning with the
 * first */
static int
put_message(struct ipm_encoder *e, struct slice heading, struct buffer *all)
{
	uint64_t body = 0;
	size_t start = 0, shift;
	int error;

	/* Parts first: the beginning holds their length. */
	for (size_t i = 0; i < e->count; i++) {
		if ((error = put_part(all, &e->parts[i])) < 0)
			return error;
		e->ends[i] = buffer_length(all);
		body += e->ends[i] - start + e->parts[i].length;
		start = e->ends[i];
	}
	if ((error = put_beginning(e, heading, body)) < 0)
		return error;
	shift = buffer_length(&e->prefixes);
	for (size_t i = 0; i < e->count; i++)
		e->ends[i] += shift;
	/* A message without parts still has a beginning. */
	if (e->count == 0)
		e->ends[0] = shift;
	return buffer_append(
	    &e->prefixes, buffer_slice(all).data, buffer_length(all));
}

/* ipm_encoder_init - take the message apart and compute the lengths */
int
ipm_encoder_init(struct ipm_encoder *encoder, const struct ipm_heading *heading,
    const struct ipm_outgoing *parts, size_t count, int type, struct diag *diag)
{
	return ipm_encoder_init_framed(
	    encoder, IPM_FRAME_CONTENT, heading, parts, count, type, diag);
}

/* prefix_bound - bound the octets of all prefixes but the heading */
static size_t
prefix_bound(const struct ipm_outgoing *parts, size_t count)
{
	size_t bound = (count + 1) * PREFIX_MAX;

	for (size_t i = 0; i < count; i++)
		bound +=
		    2 * (given_length(&parts[i]) + parts[i].parameters.len);
	return bound;
}

/* ipm_encoder_init_framed - likewise, for a content or for a body part */
int
ipm_encoder_init_framed(struct ipm_encoder *encoder, enum ipm_frame frame,
    const struct ipm_heading *heading, const struct ipm_outgoing *parts,
    size_t count, int type, struct diag *diag)
{
	struct ipm_encoder e = {.heading = heading,
	    .parts = parts,
	    .count = count,
	    .type = type,
	    .frame = frame};
	struct buffer head, all;
	struct ber_writer writer;
	int error;

	if (type == IPM_P2 && ipm_heading_is_88(heading))
		return diag_set(diag, ERR_UNSUPPORTED,
		    "heading: P2 cannot express the subject or an extension");
	if ((error = check_parts(parts, count, type, diag)) < 0)
		return error;
	buffer_init(&head, IPM_HEADING_MAX);
	buffer_init(&all, prefix_bound(parts, count));
	buffer_init(&e.prefixes, IPM_HEADING_MAX + prefix_bound(parts, count));
	error = ERR_NOMEM;
	if ((e.ends = calloc(count + 1, sizeof(*e.ends))) == NULL)
		goto out;
	ber_writer_init(&writer, &head);
	ipm_heading_encode(&writer, heading, type);
	if ((error = ber_finish(&writer)) < 0)
		goto out;
	error = put_message(&e, buffer_slice(&head), &all);
out:
	buffer_fini(&head);
	buffer_fini(&all);
	if (error < 0) {
		ipm_encoder_fini(&e);
		return diag_set(
		    diag, error, "heading: %s", error_strerror(error));
	}
	*encoder = e;
	return 0;
}

/* ipm_encoder_fini - give back its memory */
void
ipm_encoder_fini(struct ipm_encoder *encoder)
{
	buffer_fini(&encoder->prefixes);
	free(encoder->ends);
	encoder->ends = NULL;
}

/* ipm_encoder_length - count the octets of the whole content */
uint64_t
ipm_encoder_length(const struct ipm_encoder *encoder)
{
	return encoder->length;
}

/* ipm_encoder_prefix - get what stands before the contents of a part */
struct slice
ipm_encoder_prefix(const struct ipm_encoder *encoder, size_t part)
{
	size_t start = part == 0 ? 0 : encoder->ends[part - 1];

	return slice_of(buffer_slice(&encoder->prefixes).data + start,
	    encoder->ends[part] - start);
}
