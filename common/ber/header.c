/* SPDX-License-Identifier: ISC */
/*
 * header.c - the identifier and length octets of an element (X.690 8.1.2-5)
 */
#include <stdio.h>

#include "ber/header.h"

/* ber_identifier_parse - read identifier octets */
int
ber_identifier_parse(struct slice octets, uint32_t *tag, bool *constructed)
{
	uint32_t class, number;
	size_t i;

	if (octets.len == 0)
		return 0;
	class = octets.data[0] >> 6;
	number = octets.data[0] & 0x1f;
	if (number < 0x1f) {
		*tag = BER_TAG(class, number);
		*constructed = (octets.data[0] & 0x20) != 0;
		return 1;
	}
	number = 0;
	for (i = 1; i < octets.len; i++) {
		number = number << 7 | (octets.data[i] & 0x7fU);
		if (number == 0) /* 8.1.2.4.2 c */
			return ERR_SYNTAX;
		if (number > BER_TAG_MAX)
			return ERR_LIMIT;
		if ((octets.data[i] & 0x80) == 0) {
			if (number < 0x1f) /* 8.1.2.2 */
				return ERR_SYNTAX;
			*tag = BER_TAG(class, number);
			*constructed = (octets.data[0] & 0x20) != 0;
			return (int)i + 1;
		}
	}
	return 0;
}

/* parse_length - read the length octets after at: 1, 0 for more, or an error */
static int
parse_length(
    struct slice octets, size_t at, struct ber_header *header, const char **why)
{
	uint64_t length = 0;
	size_t count, i;
	uint8_t first;

	if (at >= octets.len)
		return 0;
	first = octets.data[at++];
	if (first == 0x80) {
		header->len = (unsigned)at;
		header->length = BER_INDEFINITE;
		return 1;
	}
	if (first == 0xff) {
		*why = "reserved length octet";
		return ERR_SYNTAX;
	}
	count = first < 0x80 ? 0 : first & 0x7fU;
	if (count == 0)
		length = first;
	for (i = 0; i < count && at + i < octets.len; i++) {
		/* Half of what 64 bits hold: sums of two never overflow. */
		if (length >> 55 != 0) {
			*why = "length too large";
			return ERR_LIMIT;
		}
		length = length << 8 | octets.data[at + i];
	}
	if (i < count)
		return 0;
	header->len = (unsigned)(at + count);
	header->length = length;
	return 1;
}

/* ber_header_parse - read the header at the front of octets */
int
ber_header_parse(
    struct slice octets, struct ber_header *header, const char **why)
{
	struct ber_header got = {.tag = 0};
	int n;

	n = ber_identifier_parse(octets, &got.tag, &got.constructed);
	if (n <= 0) {
		*why =
		    n == ERR_LIMIT ? "tag number too large" : "malformed tag";
		return n;
	}
	n = parse_length(octets, (size_t)n, &got, why);
	if (n <= 0)
		return n;
	if (got.tag == 0 &&
	    (got.constructed || got.length != 0 || got.len != 2)) {
		*why = "malformed end-of-contents";
		return ERR_SYNTAX;
	}
	if (!got.constructed && got.length == BER_INDEFINITE) {
		*why = "primitive element of indefinite length";
		return ERR_SYNTAX;
	}
	*header = got;
	return 1;
}

/* ber_tag_format - write a tag as ASN.1 does, "[APPLICATION 3]" */
const char *
ber_tag_format(uint32_t tag, char text[BER_TAG_TEXT_MAX])
{
	static const char *const classes[] = {
	    "UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};

	(void)snprintf(text, BER_TAG_TEXT_MAX, "[%s%u]", classes[tag >> 24 & 3],
	    (unsigned)(tag & BER_TAG_MAX));
	return text;
}
