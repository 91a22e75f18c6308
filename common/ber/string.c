/* SPDX-License-Identifier: ISC */
/*
 * string.c - strings, primitive or in segments (X.690 8.6, 8.7, 8.23)
 *
 * The segments of a constructed octet or character string are OCTET STRINGs
 * (8.23.3).  Some encoders give them the tag of the character string instead;
 * that is understood too.  Segments may themselves be constructed.
 */
#include "ber/reader.h"

/* segment_allowed - tell whether a string's segment may bear this tag */
static bool
segment_allowed(uint32_t tag)
{
	switch (tag) {
	case BER_UNI(BER_OCTET_STRING):
	case BER_UNI(BER_UTF8_STRING):
	case BER_UNI(BER_NUMERIC_STRING):
	case BER_UNI(BER_PRINTABLE_STRING):
	case BER_UNI(BER_T61_STRING):
	case BER_UNI(BER_IA5_STRING):
	case BER_UNI(BER_GRAPHIC_STRING):
	case BER_UNI(BER_VISIBLE_STRING):
	case BER_UNI(BER_GENERAL_STRING):
	case BER_UNI(BER_UNIVERSAL_STRING):
	case BER_UNI(BER_BMP_STRING):
		return true;
	default:
		return false;
	}
}

/* A constructed string being joined. */
struct join {
	const char *name;
	size_t max;
	size_t total;
	size_t count;	   /* of segments that are not empty */
	struct slice last; /* of these; borrowed from the reader's octets */
	uint8_t *to;	   /* where the next goes; NULL: measure only */
};

/* join_segment - take one primitive segment */
static int
join_segment(const struct ber_reader *reader, const struct ber_element *el,
    struct join *join)
{
	if (el->contents.len == 0)
		return 0;
	if (join->to != NULL) {
		memcpy(join->to, el->contents.data, el->contents.len);
		join->to += el->contents.len;
		return 0;
	}
	if (el->contents.len > join->max - join->total)
		return ber_error(reader, el, ERR_LIMIT, join->name,
		    "longer than %zu octets", join->max);
	join->total += el->contents.len;
	join->count++;
	join->last = el->contents;
	return 0;
}

/* join_all - take all segments of a constructed string, nested ones too */
static int
join_all(const struct ber_reader *reader, const struct ber_element *string,
    struct join *join)
{
	struct ber_reader inner;
	struct ber_element el;
	int n;

	n = ber_enter(reader, string, &inner);
	if (n != 0)
		return n;
	while ((n = ber_next(&inner, &el)) > 0) {
		if (!segment_allowed(el.tag))
			return ber_error(reader, &el, ERR_SYNTAX, join->name,
			    "not a segment of a string");
		n = el.constructed ? join_all(&inner, &el, join)
				   : join_segment(&inner, &el, join);
		if (n != 0)
			return n;
	}
	return n;
}

/* ber_get_octets - read the octets of a string, primitive or constructed */
int
ber_get_octets(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, size_t max, struct arena *arena, struct slice *value)
{
	struct join join = {.name = name, .max = max};
	uint8_t *octets;
	int error;

	if (!el->constructed) {
		if (el->contents.len > max)
			return ber_error(reader, el, ERR_LIMIT, name,
			    "longer than %zu octets", max);
		*value = el->contents;
		return 0;
	}
	error = join_all(reader, el, &join);
	if (error != 0)
		return error;
	if (join.count <= 1) {
		*value = join.last;
		return 0;
	}
	octets = arena_alloc(arena, join.total);
	if (octets == NULL)
		return ber_error(reader, el, arena_error(arena), name, "%s",
		    arena_reason(arena));
	join.to = octets;
	error = join_all(reader, el, &join);
	if (error != 0)
		return error;
	*value = slice_of(octets, join.total);
	return 0;
}

/* A BIT STRING being read. */
struct bits {
	uint32_t value;
	size_t count;
	bool ended; /* a segment with unused bits was the last */
};

/* bits_segment - take the bits of one primitive element (8.6.2) */
static int
bits_segment(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct bits *bits)
{
	const uint8_t *p = el->contents.data;
	size_t i, len = el->contents.len;
	unsigned unused;

	if (len == 0 || p[0] > 7 || (p[0] != 0 && len == 1) || bits->ended)
		return ber_error(
		    reader, el, ERR_SYNTAX, name, "malformed bit string");
	unused = p[0];
	for (i = 1; i < len && bits->count + (i - 1) * 8 < 32; i++) {
		uint32_t octet = p[i];

		if (i == len - 1)
			octet &= 0xffU << unused;
		/* Segments but the last hold whole octets: count is 8 n. */
		bits->value |= (octet & 0xff)
		    << (24 - (bits->count + (i - 1) * 8));
	}
	bits->count += (len - 1) * 8 - unused;
	bits->ended = unused != 0;
	return 0;
}

/* bits_all - take all segments of a constructed BIT STRING */
static int
bits_all(const struct ber_reader *reader, const struct ber_element *string,
    const char *name, struct bits *bits)
{
	struct ber_reader inner;
	struct ber_element el;
	int n;

	n = ber_enter(reader, string, &inner);
	if (n != 0)
		return n;
	while ((n = ber_next(&inner, &el)) > 0) {
		if (el.tag != BER_UNI(BER_BIT_STRING))
			return ber_error(reader, &el, ERR_SYNTAX, name,
			    "not a segment of a bit string");
		n = el.constructed ? bits_all(&inner, &el, name, bits)
				   : bits_segment(&inner, &el, name, bits);
		if (n != 0)
			return n;
	}
	return n;
}

/* ber_get_bits - read the first 32 bits of a BIT STRING */
int
ber_get_bits(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, uint32_t *value, size_t *count)
{
	struct bits bits = {.count = 0};
	int error;

	if (el->constructed)
		error = bits_all(reader, el, name, &bits);
	else
		error = bits_segment(reader, el, name, &bits);
	if (error != 0)
		return error;
	*value = bits.value;
	*count = bits.count;
	return 0;
}
