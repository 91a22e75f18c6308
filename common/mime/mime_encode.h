/* SPDX-License-Identifier: ISC */
/*
 * mime_encode.h - the transfer encodings of MIME, as octets arrive (RFC 2045 6)
 *
 * Quoted-printable is for text whose lines end in CR LF: such a line end stays
 * one, a CR or LF alone does not.
 */
#ifndef FOURPOST_MIME_MIME_ENCODE_H
#define FOURPOST_MIME_MIME_ENCODE_H

#include "mime/mime_decode.h"
#include "mime/mime_write.h"

struct mime_encoder {
	enum mime_encoding encoding;
	uint8_t held[3]; /* octets that make no whole group yet, or a blank or
			    CR at the end of a line */
	unsigned held_len;
	unsigned column;
};

/* mime_encoding_name - name an encoding: "base64" */
const char *mime_encoding_name(enum mime_encoding encoding);

/* mime_encoder_init - prepare for octets of one body */
void
mime_encoder_init(struct mime_encoder *encoder, enum mime_encoding encoding);

/* mime_encoder_push - write octets encoded; errors stick to the writer */
void mime_encoder_push(struct mime_encoder *encoder, struct mime_writer *writer,
    struct slice octets);

/* The text behind a body. */
enum mime_follows {
	MIME_BOUNDARY_FOLLOWS, /* with a line end that belongs to it */
	MIME_NOTHING_FOLLOWS
};

/*
 * mime_encoder_finish - write what was held back, and end the last line
 *
 * Where nothing follows, a text that is not encoded gets a line end that it did
 * not have, as SMTP wants it.
 */
void mime_encoder_finish(struct mime_encoder *encoder,
    struct mime_writer *writer, enum mime_follows follows);

#endif
