/* SPDX-License-Identifier: ISC */
/*
 * mime_decode.c - the transfer encodings of MIME, back to octets (RFC 2045 6)
 *
 * Contract in mime_decode.h.
 */
#include "mime/mime_decode.h"

#include "mime/mime_header.h"

#define PIECE 8192

/* mime_encoding_find - find an encoding by its name, in any case */
enum mime_encoding
mime_encoding_find(struct slice name)
{
	if (name.len == 0 || mime_name_is(name, "7bit") ||
	    mime_name_is(name, "8bit") || mime_name_is(name, "binary"))
		return MIME_IDENTITY;
	if (mime_name_is(name, "quoted-printable"))
		return MIME_QUOTED_PRINTABLE;
	if (mime_name_is(name, "x-uuencode") || mime_name_is(name, "x-uue") ||
	    mime_name_is(name, "uuencode"))
		return MIME_UUENCODE;
	return mime_name_is(name, "base64") ? MIME_BASE64
					    : MIME_ENCODING_UNKNOWN;
}

/* mime_decoder_init - prepare for octets in this encoding */
void
mime_decoder_init(struct mime_decoder *decoder, enum mime_encoding encoding)
{
	decoder->encoding = encoding;
	decoder->bits = 0;
	decoder->sextets = 0;
	decoder->held_len = 0;
	decoder->begun = decoder->ended = false;
}

#define NO_SEXTET 64

/* The values of the characters of base64, by their octets. */
static const uint8_t sextets[256] = {64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63, 52,
    53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64, 64, 0, 1, 2, 3,
    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 25, 64, 64, 64, 64, 64, 64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
    37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64};

/* decode_groups - decode whole groups of four characters of base64: how many
 * octets are made, of *taken characters */
static size_t
decode_groups(struct slice in, uint8_t *out, size_t room, size_t *taken)
{
	size_t made = 0, at = 0;

	while (in.len - at >= 4 && room - made >= 3) {
		unsigned a = sextets[in.data[at]];
		unsigned b = sextets[in.data[at + 1]];
		unsigned c = sextets[in.data[at + 2]];
		unsigned d = sextets[in.data[at + 3]];
		uint32_t bits;

		if (((a | b | c | d) & NO_SEXTET) != 0)
			break;
		bits = a << 18 | b << 12 | c << 6 | d;
		out[made++] = (uint8_t)(bits >> 16);
		out[made++] = (uint8_t)(bits >> 8);
		out[made++] = (uint8_t)bits;
		at += 4;
	}
	*taken = at;
	return made;
}

/* push_base64 - decode octets of base64 */
static int
push_base64(
    struct mime_decoder *d, struct slice octets, mime_sink sink, void *arg)
{
	uint8_t out[PIECE];
	size_t len = 0, taken;
	int error;

	for (size_t i = 0; i < octets.len;) {
		unsigned value;

		if (sizeof(out) - len < 3) {
			if ((error = sink(arg, slice_of(out, len))) < 0)
				return error;
			len = 0;
		}
		if (d->sextets == 0) {
			len += decode_groups(
			    slice_of(octets.data + i, octets.len - i),
			    out + len, sizeof(out) - len, &taken);
			i += taken;
			if (taken > 0)
				continue;
		}
		value = sextets[octets.data[i]];
		/* After padding another base64 text may follow. */
		if (octets.data[i++] == '=')
			d->bits = d->sextets = 0;
		if (value == NO_SEXTET)
			continue;
		d->bits = d->bits << 6 | value;
		d->sextets++;
		/* The first octet is there with the second sextet. */
		if (d->sextets > 1)
			out[len++] =
			    (uint8_t)(d->bits >> (2 * (4 - d->sextets)));
		if (d->sextets == 4)
			d->sextets = 0;
	}
	return len > 0 ? sink(arg, slice_of(out, len)) : 0;
}

/* hex - get the value of a hexadecimal digit; 16: none */
static unsigned
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	if (c >= 'A' && c <= 'F')
		return c - (unsigned)'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - (unsigned)'a' + 10;
	return 16;
}

/* Octets decoded that have not been handed on. */
struct quoted_out {
	uint8_t octets[PIECE];
	size_t len;
	mime_sink sink;
	void *arg;
};

/* quoted_put - take decoded octets */
static int
quoted_put(struct quoted_out *out, const uint8_t *octets, size_t len)
{
	while (len > 0) {
		size_t room = sizeof(out->octets) - out->len;
		size_t part = len < room ? len : room;
		int error;

		memcpy(out->octets + out->len, octets, part);
		out->len += part;
		octets += part;
		len -= part;
		if (out->len < sizeof(out->octets))
			continue;
		error = out->sink(out->arg, slice_of(out->octets, out->len));
		if (error < 0)
			return error;
		out->len = 0;
	}
	return 0;
}

/* quoted_run - count the octets at the front that stand for themselves */
static size_t
quoted_run(struct slice octets)
{
	size_t len = 0;

	while (len < octets.len && octets.data[len] > ' ' &&
	    octets.data[len] != '=')
		len++;
	return len;
}

/* quoted_flush - take what was held back for text */
static int
quoted_flush(struct mime_decoder *d, struct quoted_out *out)
{
	unsigned len = d->held_len;

	d->held_len = 0;
	return quoted_put(out, d->held, len);
}

/* quoted_escape - take an octet that follows "="; *again: look at it again */
static int
quoted_escape(
    struct mime_decoder *d, uint8_t octet, struct quoted_out *out, bool *again)
{
	uint8_t last = d->held[d->held_len - 1], value;

	*again = false;
	/* "=" at the end of a line joins it with the next; blanks may stand
	 * between. */
	if (octet == '\n') {
		bool soft =
		    last == '=' || last == ' ' || last == '\t' || last == '\r';

		if (soft) {
			d->held_len = 0;
			return 0;
		}
	} else if (d->held_len == 1 || last == ' ' || last == '\t') {
		if (octet == ' ' || octet == '\t' || octet == '\r' ||
		    (d->held_len == 1 && hex(octet) < 16)) {
			if (d->held_len < MIME_BLANKS_MAX) {
				d->held[d->held_len++] = octet;
				return 0;
			}
		}
	} else if (d->held_len == 2 && hex(last) < 16 && hex(octet) < 16) {
		value = (uint8_t)(hex(last) << 4 | hex(octet));
		d->held_len = 0;
		return quoted_put(out, &value, 1);
	}
	/* An "=" that begins no escape stands for itself. */
	*again = true;
	return quoted_flush(d, out);
}

/* quoted_octet - take an octet of quoted-printable */
static int
quoted_octet(struct mime_decoder *d, uint8_t octet, struct quoted_out *out)
{
	int error;
	bool again;

	if (d->held_len > 0 && d->held[0] == '=') {
		error = quoted_escape(d, octet, out, &again);
		if (error < 0 || !again)
			return error;
	}
	/* Blanks at the end of a line came in transport. */
	if (octet == ' ' || octet == '\t') {
		if (d->held_len == MIME_BLANKS_MAX &&
		    (error = quoted_flush(d, out)) < 0)
			return error;
		d->held[d->held_len++] = octet;
		return 0;
	}
	if (octet == '\r' || octet == '\n')
		d->held_len = 0;
	else if ((error = quoted_flush(d, out)) < 0)
		return error;
	if (octet == '=') {
		d->held[d->held_len++] = octet;
		return 0;
	}
	return quoted_put(out, &octet, 1);
}

/* push_quoted - decode octets of quoted-printable */
static int
push_quoted(
    struct mime_decoder *d, struct slice octets, mime_sink sink, void *arg)
{
	struct quoted_out out;
	int error;

	out.len = 0;
	out.sink = sink;
	out.arg = arg;
	for (size_t i = 0; i < octets.len;) {
		size_t run = d->held_len > 0
		    ? 0
		    : quoted_run(slice_of(octets.data + i, octets.len - i));

		error = run > 0 ? quoted_put(&out, octets.data + i, run)
				: quoted_octet(d, octets.data[i], &out);
		if (error < 0)
			return error;
		i += run > 0 ? run : 1;
	}
	return out.len > 0 ? sink(arg, slice_of(out.octets, out.len)) : 0;
}

/* uu_data - decode a line of data, whose first character says how many octets
 * it has */
static int
uu_data(struct mime_decoder *d, unsigned len, mime_sink sink, void *arg)
{
	uint8_t out[MIME_BLANKS_MAX];
	size_t wanted = ((unsigned)d->held[0] - ' ') & 63, made = 0;

	for (unsigned i = 1; i < len && made < wanted; i += 4) {
		uint32_t bits = 0;

		/* Blanks at the end of a line may have been cut off. */
		for (unsigned n = 0; n < 4; n++)
			bits = bits << 6 |
			    (i + n < len ? ((unsigned)d->held[i + n] - ' ') & 63
					 : 0);
		for (unsigned n = 0; n < 3 && made < wanted; n++)
			out[made++] = (uint8_t)(bits >> (16 - 8 * n));
	}
	return made > 0 ? sink(arg, slice_of(out, made)) : 0;
}

/* uu_line - take a line of uuencode */
static int
uu_line(struct mime_decoder *d, mime_sink sink, void *arg)
{
	unsigned len = d->held_len;
	struct slice line = slice_of(d->held, len);

	d->held_len = 0;
	while (
	    len > 0 && (d->held[len - 1] == '\n' || d->held[len - 1] == '\r'))
		len--;
	if (len == 0)
		return 0;
	if (d->ended || (!d->begun && !mime_name_begins(line, "begin ")))
		return sink(arg, line);
	if (!d->begun) {
		d->begun = true;
		return 0;
	}
	d->ended = len == 3 && memcmp(d->held, "end", 3) == 0;
	return d->ended ? 0 : uu_data(d, len, sink, arg);
}

/* push_uuencode - decode octets of uuencode, a line at a time */
static int
push_uuencode(
    struct mime_decoder *d, struct slice octets, mime_sink sink, void *arg)
{
	int error = 0;

	for (size_t i = 0; i < octets.len && error == 0; i++) {
		d->held[d->held_len++] = octets.data[i];
		/* No line of it is so long: what is, is none. */
		if (octets.data[i] == '\n' || d->held_len == sizeof(d->held))
			error = uu_line(d, sink, arg);
	}
	return error;
}

/* mime_decoder_push - hand on octets decoded */
int
mime_decoder_push(struct mime_decoder *decoder, struct slice octets,
    mime_sink sink, void *arg)
{
	if (octets.len == 0)
		return 0;
	switch (decoder->encoding) {
	case MIME_BASE64:
		return push_base64(decoder, octets, sink, arg);
	case MIME_QUOTED_PRINTABLE:
		return push_quoted(decoder, octets, sink, arg);
	case MIME_UUENCODE:
		return push_uuencode(decoder, octets, sink, arg);
	case MIME_IDENTITY:
	case MIME_ENCODING_UNKNOWN:
		break;
	}
	return sink(arg, octets);
}

/* mime_decoder_finish - hand on what was held back */
int
mime_decoder_finish(struct mime_decoder *decoder, mime_sink sink, void *arg)
{
	unsigned len = decoder->held_len;
	bool escape = len > 0 && decoder->held[0] == '=';

	if (decoder->encoding == MIME_UUENCODE)
		return uu_line(decoder, sink, arg);
	decoder->held_len = 0;
	decoder->sextets = 0;
	/* Blanks end a line; "=" alone joins it with nothing. */
	if (len == 0 || !escape || len == 1)
		return 0;
	return sink(arg, slice_of(decoder->held, len));
}
