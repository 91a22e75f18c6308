/* SPDX-License-Identifier: ISC */
/*
 * five_bodies.h - a message of 1988 with five kinds of body, and one that
 * cannot be said in 1984
 *
 * The five are IA5 text, general text, file transfer, a message that is
 * forwarded with a text and a bilaterally-defined body within, and a facsimile.
 */
#ifndef FOURPOST_TESTS_FIVE_BODIES_H
#define FOURPOST_TESTS_FIVE_BODIES_H

#include "mhs/ipm_encode.h"

/* A facsimile: parameters, a page of one octet. */
#define FIVE_BODIES_FACSIMILE "\xa3\x08\x31\x00\x30\x04\x03\x02\x00\x55"

/* A message whose one body is voice. */
#define FIVE_BODIES_VOICE                                              \
	"\xa0\x18\x31\x06\x6b\x04\x13\x02\x69\x64\x30\x0e\xaf\x0c\x28" \
	"\x0a\x06\x04\x56\x01\x04\x10\xa0\x02\x05\x00"

/* five_bodies_encode - append a P22 content with a subject and these bodies */
void five_bodies_encode(struct buffer *out, const struct ipm_outgoing *parts,
    const struct slice *contents, size_t count);

/* five_bodies_make - append the P22 content with the five */
void five_bodies_make(struct buffer *out);

#endif
