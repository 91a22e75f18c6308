/* SPDX-License-Identifier: ISC */
/*
 * mime_encode.c - the transfer encodings of MIME, as octets arrive (RFC 2045 6)
 *
 * Contract in mime_encode.h.
 */
#include "mime/mime_encode.h"

#define PIECE 4096

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex[] = "0123456789ABCDEF";

/* Encoded octets that are not written yet. */
struct encoded {
	struct mime_writer *writer;
	char octets[PIECE];
	size_t len;
};

/* mime_encoding_name - name an encoding */
const char *
mime_encoding_name(enum mime_encoding encoding)
{
	switch (encoding) {
	case MIME_QUOTED_PRINTABLE:
		return "quoted-printable";
	case MIME_BASE64:
		return "base64";
	case MIME_IDENTITY:
	case MIME_UUENCODE:
	case MIME_ENCODING_UNKNOWN:
		break;
	}
	return "7bit";
}

/* mime_encoder_init - prepare for octets of one body */
void
mime_encoder_init(struct mime_encoder *encoder, enum mime_encoding encoding)
{
	*encoder = (struct mime_encoder){.encoding = encoding};
}

/* flush - write what was encoded */
static void
flush(struct encoded *out)
{
	mime_put(out->writer, slice_of(out->octets, out->len));
	out->len = 0;
}

/* put - take encoded octets of one line */
static void
put(struct mime_encoder *e, struct encoded *out, const char *octets, size_t len)
{
	if (out->len + len > sizeof(out->octets))
		flush(out);
	memcpy(out->octets + out->len, octets, len);
	out->len += len;
	e->column += (unsigned)len;
}

/* end_line - end a line */
static void
end_line(struct mime_encoder *e, struct encoded *out)
{
	put(e, out, "\r\n", 2);
	e->column = 0;
}

/* put_group - write up to three octets as four characters of base64 */
static void
put_group(struct mime_encoder *e, struct encoded *out)
{
	uint32_t bits = 0;
	char group[4];

	for (unsigned i = 0; i < 3; i++)
		bits = bits << 8 | (i < e->held_len ? e->held[i] : 0U);
	for (unsigned i = 0; i < 4; i++)
		group[i] =
		    i <= e->held_len ? digits[bits >> (18 - 6 * i) & 63] : '=';
	put(e, out, group, 4);
	e->held_len = 0;
	if (e->column >= MIME_COLUMNS)
		end_line(e, out);
}

/* put_groups - write whole groups of base64, as far as they fit into the line:
 * how many octets */
static size_t
put_groups(struct mime_encoder *e, struct encoded *out, struct slice octets)
{
	char line[MIME_COLUMNS];
	size_t len = 0, taken = 0;

	if (e->held_len > 0)
		return 0;
	while (octets.len - taken >= 3 && e->column + len < MIME_COLUMNS) {
		const uint8_t *o = octets.data + taken;
		uint32_t bits =
		    (uint32_t)o[0] << 16 | (uint32_t)o[1] << 8 | o[2];

		line[len++] = digits[bits >> 18];
		line[len++] = digits[bits >> 12 & 63];
		line[len++] = digits[bits >> 6 & 63];
		line[len++] = digits[bits & 63];
		taken += 3;
	}
	put(e, out, line, len);
	if (e->column >= MIME_COLUMNS)
		end_line(e, out);
	return taken;
}

/* put_quoted - write a character of a line, folded where it must be */
static void
put_quoted(
    struct mime_encoder *e, struct encoded *out, uint8_t octet, bool escaped)
{
	char code[3] = {'=', hex[octet >> 4], hex[octet & 15]};

	/* The last column is for the "=" of a soft line end. */
	if (e->column + (escaped ? 3 : 1) > MIME_COLUMNS - 1) {
		put(e, out, "=\r\n", 3);
		e->column = 0;
	}
	if (escaped)
		put(e, out, code, 3);
	else
		put(e, out, (const char *)&octet, 1);
}

/* release - write a blank or CR that was held back; at_end: of a line */
static void
release(struct mime_encoder *e, struct encoded *out, bool at_end)
{
	uint8_t octet = e->held[0];

	if (e->held_len == 0)
		return;
	e->held_len = 0;
	/* Blanks at the end of a line are lost in transport (RFC 2045 6.7). */
	put_quoted(e, out, octet, octet == '\r' || at_end);
}

/* quote_octet - take an octet for quoted-printable */
static void
quote_octet(struct mime_encoder *e, struct encoded *out, uint8_t octet)
{
	if (octet == '\n' && e->held_len > 0 && e->held[0] == '\r') {
		e->held_len = 0;
		end_line(e, out);
		return;
	}
	/* A blank before CR is known to end a line only at the LF; escaping it
	 * there in any case does no harm. */
	release(e, out, octet == '\r');
	if (octet == ' ' || octet == '\t' || octet == '\r') {
		e->held[0] = octet;
		e->held_len = 1;
		return;
	}
	/* "From " at the beginning of a line is changed by some. */
	put_quoted(e, out, octet,
	    octet < ' ' || octet > '~' || octet == '=' ||
		(octet == 'F' && e->column == 0) ||
		(octet == '.' && e->column == 0));
}

/* quote_run - write the ordinary characters that stand first, as far as they
 * fit into the line that was begun: how many */
static size_t
quote_run(struct mime_encoder *e, struct encoded *out, struct slice octets)
{
	size_t len = 0;

	/* The first of a line is looked at by itself. */
	if (e->held_len > 0 || e->column == 0)
		return 0;
	while (len < octets.len && e->column + len < MIME_COLUMNS - 1 &&
	    octets.data[len] > ' ' && octets.data[len] <= '~' &&
	    octets.data[len] != '=')
		len++;
	put(e, out, (const char *)octets.data, len);
	return len;
}

/* quote - write octets as quoted-printable */
static void
quote(struct mime_encoder *e, struct encoded *out, struct slice octets)
{
	for (size_t i = 0; i < octets.len;) {
		size_t len = quote_run(
		    e, out, slice_of(octets.data + i, octets.len - i));

		if (len == 0)
			quote_octet(e, out, octets.data[i]);
		i += len > 0 ? len : 1;
	}
}

/* mime_encoder_push - write octets encoded */
void
mime_encoder_push(struct mime_encoder *encoder, struct mime_writer *writer,
    struct slice octets)
{
	struct encoded out;

	if (encoder->encoding != MIME_BASE64 &&
	    encoder->encoding != MIME_QUOTED_PRINTABLE) {
		if (octets.len > 0)
			encoder->column =
			    octets.data[octets.len - 1] == '\n' ? 0 : 1;
		mime_put(writer, octets);
		return;
	}
	out.writer = writer;
	out.len = 0;
	if (encoder->encoding == MIME_QUOTED_PRINTABLE) {
		quote(encoder, &out, octets);
		octets.len = 0;
	}
	for (size_t i = 0; i < octets.len;) {
		size_t len = put_groups(
		    encoder, &out, slice_of(octets.data + i, octets.len - i));

		i += len;
		if (len > 0)
			continue;
		encoder->held[encoder->held_len++] = octets.data[i++];
		if (encoder->held_len == 3)
			put_group(encoder, &out);
	}
	flush(&out);
}

/* mime_encoder_finish - write what was held back, and end the last line */
void
mime_encoder_finish(struct mime_encoder *encoder, struct mime_writer *writer,
    enum mime_follows follows)
{
	struct encoded out;

	out.writer = writer;
	out.len = 0;
	if (encoder->encoding == MIME_BASE64 && encoder->held_len > 0)
		put_group(encoder, &out);
	if (encoder->encoding == MIME_QUOTED_PRINTABLE)
		release(encoder, &out, true);
	if (encoder->column > 0 && follows == MIME_NOTHING_FOLLOWS) {
		/* A soft line end says that the text has none. */
		if (encoder->encoding == MIME_QUOTED_PRINTABLE)
			put(encoder, &out, "=", 1);
		end_line(encoder, &out);
	}
	flush(&out);
}
