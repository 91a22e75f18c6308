/* SPDX-License-Identifier: ISC */
/*
 * opaque_out.h - a body part that only X.400 knows, as BER in MIME
 * (RFC 2157 3.2)
 *
 * application/x400-bp, whose octets are the whole body part.  Of an extended
 * one the decoder hands on the value alone; so what is around it is made again,
 * in indefinite lengths, since that of the value is not known before its end.
 */
#ifndef FOURPOST_MIXER_OPAQUE_OUT_H
#define FOURPOST_MIXER_OPAQUE_OUT_H

#include "mhs/ipm_decode.h"
#include "mime/mime_encode.h"

/* Octets of an aligned value in one segment of its OCTET STRING. */
#define OPAQUE_SEGMENT 1000

struct opaque_out {
	bool extended;
	bool aligned; /* its value is octets, not BER */
	uint8_t segment[OPAQUE_SEGMENT];
	size_t segment_len;
};

/* opaque_out_begin - write the MIME fields and what stands before the value */
void opaque_out_begin(struct opaque_out *opaque, const struct ipm_part *part,
    struct mime_encoder *encoder, struct mime_writer *writer);

/* opaque_out_push - write octets of the value, or of a whole body part */
void opaque_out_push(struct opaque_out *opaque, struct mime_encoder *encoder,
    struct mime_writer *writer, struct slice octets);

/* opaque_out_end - write what stands behind the value */
void opaque_out_end(struct opaque_out *opaque, struct mime_encoder *encoder,
    struct mime_writer *writer);

#endif
