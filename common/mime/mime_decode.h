/* SPDX-License-Identifier: ISC */
/*
 * mime_decode.h - the transfer encodings of MIME, back to octets (RFC 2045 6)
 *
 * As a stream.  Of uuencode, which MIME does not know and old mail has, what is
 * between the lines "begin" and "end" is decoded, anything else handed on as it
 * is but for empty lines.  What the encoding does not allow is read as RFC 2045
 * advises: characters outside the alphabet of base64 are ignored, an "=" that
 * begins no escape of quoted-printable stands for itself, blanks at the end of
 * a line of it are dropped.
 */
#ifndef FOURPOST_MIME_MIME_DECODE_H
#define FOURPOST_MIME_MIME_DECODE_H

#include "mime/mime_charset.h"

/* Blanks before a line end that are held back; more of them are taken to be
 * text. */
#define MIME_BLANKS_MAX 256

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary */
	MIME_QUOTED_PRINTABLE,
	MIME_BASE64,
	MIME_UUENCODE,	      /* x-uuencode, read alone */
	MIME_ENCODING_UNKNOWN /* handed on as it is */
};

struct mime_decoder {
	enum mime_encoding encoding;
	uint32_t bits; /* base64: sextets that are no octet yet */
	unsigned sextets;
	bool begun, ended;	       /* uuencode: by those lines */
	uint8_t held[MIME_BLANKS_MAX]; /* quoted-printable: blanks, or "=" and
					  what follows it; uuencode: a line */
	unsigned held_len;
};

/* mime_encoding_find - find an encoding by its name, in any case */
enum mime_encoding mime_encoding_find(struct slice name);

/* mime_decoder_init - prepare for octets in this encoding */
void
mime_decoder_init(struct mime_decoder *decoder, enum mime_encoding encoding);

/* mime_decoder_push - hand on octets decoded; what the sink returned */
int mime_decoder_push(struct mime_decoder *decoder, struct slice octets,
    mime_sink sink, void *arg) WARN_UNUSED;

/* mime_decoder_finish - hand on what was held back */
int mime_decoder_finish(
    struct mime_decoder *decoder, mime_sink sink, void *arg) WARN_UNUSED;

#endif
