/* SPDX-License-Identifier: ISC */
/*
 * header.h - the identifier and length octets of an element (X.690 8.1.2-5)
 *
 * What reader.c and stream.c have in common.  Refused, as the standard has it:
 * tag numbers below 31 in the long form or with leading zeros, universal tag
 * 0 but as end-of-contents, indefinite length of a primitive element, length
 * octet 0xff.  Leading zeros of a length are allowed.
 */
#ifndef FOURPOST_BER_HEADER_H
#define FOURPOST_BER_HEADER_H

#include "ber/reader.h"

/* Identifier of 5 octets, length of 1 + 126. */
#define BER_HEADER_MAX 132

#define BER_INDEFINITE UINT64_MAX

struct ber_header {
	uint32_t tag; /* 0: end-of-contents */
	bool constructed;
	unsigned len;	 /* of the header */
	uint64_t length; /* of the contents, or BER_INDEFINITE */
};

/* ber_identifier_parse - read identifier octets: how many, 0 if more are
 * needed, ERR_SYNTAX, ERR_LIMIT (number beyond BER_TAG_MAX) */
int ber_identifier_parse(
    struct slice octets, uint32_t *tag, bool *constructed) WARN_UNUSED;

/*
 * ber_header_parse - read the header at the front of octets
 *
 * 1, or 0 if more octets are needed, or ERR_SYNTAX, ERR_LIMIT; *why is then a
 * static text.
 */
int ber_header_parse(struct slice octets, struct ber_header *header,
    const char **why) WARN_UNUSED;

/* ber_tag_format - write a tag as ASN.1 does, "[APPLICATION 3]" */
#define BER_TAG_TEXT_MAX 32
const char *ber_tag_format(uint32_t tag, char text[BER_TAG_TEXT_MAX]);

#endif
