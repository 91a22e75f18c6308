/* SPDX-License-Identifier: ISC */
/*
 * oid.c - object identifiers as their contents octets, and as text
 *         (X.690 8.19)
 */
#include <inttypes.h>
#include <stdio.h>

#include "ber/oid.h"

/* oid_check - check that octets are the contents of an OID */
int
oid_check(struct slice octets)
{
	bool first = true; /* of a subidentifier */
	size_t i;

	if (octets.len == 0)
		return ERR_SYNTAX;
	for (i = 0; i < octets.len; i++) {
		if (first && octets.data[i] == 0x80) /* 8.19.2 */
			return ERR_SYNTAX;
		first = octets.data[i] < 0x80;
	}
	return first ? 0 : ERR_SYNTAX;
}

/* oid_format - write an OID as text, "2.6.0.2.12" */
int
oid_format(struct slice octets, char text[OID_TEXT_MAX])
{
	char out[OID_TEXT_MAX];
	uint64_t arc = 0;
	size_t i, len = 0;
	int n;

	if (oid_check(octets) != 0)
		return ERR_SYNTAX;
	for (i = 0; i < octets.len; i++) {
		if (arc >> 57 != 0)
			return ERR_LIMIT;
		arc = arc << 7 | (octets.data[i] & 0x7fU);
		if (octets.data[i] >= 0x80)
			continue;
		if (len == 0) {
			uint64_t root = arc < 80 ? arc / 40 : 2;

			n = snprintf(out, sizeof(out), "%" PRIu64 ".%" PRIu64,
			    root, arc - root * 40);
		} else {
			n = snprintf(
			    out + len, sizeof(out) - len, ".%" PRIu64, arc);
		}
		if (n < 0 || (size_t)n >= sizeof(out) - len)
			return ERR_LIMIT;
		len += (size_t)n;
		arc = 0;
	}
	memcpy(text, out, len + 1);
	return 0;
}

/* parse_arc - read a decimal number at *text, and the "." or end after it */
static int
parse_arc(const char **text, uint64_t *arc, bool *last)
{
	const char *p = *text;
	uint64_t value = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return ERR_SYNTAX;
	for (; *p >= '0' && *p <= '9'; p++) {
		/* 80 more must fit, for the first two arcs become one. */
		if (value > (UINT64_MAX - 100) / 10)
			return ERR_SYNTAX;
		value = value * 10 + (uint64_t)(*p - '0');
	}
	if (*p != '.' && *p != '\0')
		return ERR_SYNTAX;
	*last = *p == '\0';
	*text = *last ? p : p + 1;
	*arc = value;
	return 0;
}

/* put_arc - append a subidentifier to out.  ERR_SYNTAX: no room */
static int
put_arc(uint64_t arc, uint8_t out[OID_OCTETS_MAX], size_t *len)
{
	unsigned shift = 0;

	while (shift <= 56 && arc >> (shift + 7) != 0)
		shift += 7;
	if (shift / 7 + 1 > OID_OCTETS_MAX - *len)
		return ERR_SYNTAX;
	for (; shift > 0; shift -= 7)
		out[(*len)++] = (uint8_t)(0x80 | (arc >> shift & 0x7f));
	out[(*len)++] = arc & 0x7f;
	return 0;
}

/* oid_parse - read "2.6.0.2.12" into contents octets in the arena */
int
oid_parse(const char *text, struct arena *arena, struct slice *octets)
{
	uint8_t out[OID_OCTETS_MAX];
	uint64_t root, arc;
	size_t len = 0;
	bool last;

	if (parse_arc(&text, &root, &last) != 0 || last || root > 2 ||
	    parse_arc(&text, &arc, &last) != 0 || (root < 2 && arc > 39))
		return ERR_SYNTAX;
	if (put_arc(root * 40 + arc, out, &len) != 0)
		return ERR_SYNTAX;
	while (!last) {
		if (parse_arc(&text, &arc, &last) != 0 ||
		    put_arc(arc, out, &len) != 0)
			return ERR_SYNTAX;
	}
	return arena_slice(arena, slice_of(out, len), octets);
}
