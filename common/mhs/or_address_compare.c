/* SPDX-License-Identifier: ISC */
/*
 * or_address_compare.c - compare O/R addresses (X.402 18.4)
 *
 * Texts are compared character by character without their case, with runs of
 * white space as one and none at either end.  A text of nothing but spaces is
 * one space: such an ADMD is a value.
 */
#include "mhs/charset.h"
#include "mhs/or_address_attribute.h"

#define TEXT_END UINT32_MAX

/* A text being read in its normal form. */
struct normal {
	struct slice text;
	size_t pos;
	bool started;
};

/* next - take the next character in normal form, or TEXT_END */
static uint32_t
next(struct normal *normal)
{
	bool space = false;
	uint32_t c;

	while (normal->pos < normal->text.len) {
		c = normal->text.data[normal->pos];
		if (c < 0x80)
			normal->pos++;
		else
			c = charset_next(normal->text, &normal->pos);
		/* X.411 compares values without regard to case, and blanks in a
		 * row as a single one. */
		if (c == ' ' || c == 0xa0) {
			space = true;
			continue;
		}
		if (space && normal->started) {
			/* Read it again after its space. */
			do
				normal->pos--;
			while ((normal->text.data[normal->pos] & 0xc0) == 0x80);
			return ' ';
		}
		normal->started = true;
		return charset_fold(c);
	}
	/* A value of blanks alone is one blank: an ADMD may be that. */
	if (space && !normal->started) {
		normal->started = true;
		return ' ';
	}
	return TEXT_END;
}

/* or_text_compare - compare two values */
int
or_text_compare(struct slice a, struct slice b)
{
	struct normal one = {.text = a}, other = {.text = b};
	uint32_t c, d;

	/* Most values are written alike. */
	if (slice_equal(a, b))
		return 0;
	/* An empty text comes first; TEXT_END is larger than any. */
	if (a.len == 0 || b.len == 0)
		return a.len == 0 ? -1 : 1;
	do {
		c = next(&one);
		d = next(&other);
		if (c != d) {
			if (c == TEXT_END)
				return -1;
			if (d == TEXT_END)
				return 1;
			return c < d ? -1 : 1;
		}
	} while (c != TEXT_END);
	return 0;
}

/* mix - go on with a hash */
static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
	return hash ^ hash >> 29;
}

/* or_text_hash - hash, equally for texts that compare equal */
uint64_t
or_text_hash(struct slice text, uint64_t seed)
{
	struct normal normal = {.text = text};
	uint32_t c;

	if (text.len == 0)
		return mix(seed, 1);
	do {
		c = next(&normal);
		seed = mix(seed, c);
	} while (c != TEXT_END);
	return seed;
}

/* or_address_hash - hash, equally for addresses that compare equal */
uint64_t
or_address_hash(const struct or_address *address)
{
	uint64_t hash = 0;
	unsigned i;

	for (i = 0; i < OR_ATTRIBUTES; i++)
		hash = or_text_hash(address->attribute[i], hash);
	for (i = 0; i < address->dda_count; i++) {
		hash = or_text_hash(address->dda[i].type, hash);
		hash = or_text_hash(address->dda[i].value, hash);
	}
	/* The number alone: two values that compare equal may differ in their
	 * octets. */
	for (i = 0; i < address->extension_count; i++)
		hash = mix(hash, address->extension[i].number);
	return hash;
}

/* compare_count - compare two counts */
static int
compare_count(unsigned a, unsigned b)
{
	return a < b ? -1 : a > b;
}

/* compare_extension - compare two extension attributes: text if both are,
 * else BER */
static int
compare_extension(const struct or_extension *a, const struct or_extension *b)
{
	size_t least;
	int n;

	n = compare_count(a->number, b->number);
	if (n != 0)
		return n;
	/* Text has several forms of the same; octets have one. */
	if (a->text.len != 0 || b->text.len != 0)
		return or_text_compare(a->text, b->text);
	least = a->value.len < b->value.len ? a->value.len : b->value.len;
	n = least == 0 ? 0 : memcmp(a->value.data, b->value.data, least);
	if (n != 0 || a->value.len == b->value.len)
		return n;
	return a->value.len < b->value.len ? -1 : 1;
}

/* or_address_compare - compare in a total order; 0 where both are the same
 * address */
int
or_address_compare(const struct or_address *a, const struct or_address *b)
{
	unsigned i;
	int n;

	for (i = 0; i < OR_ATTRIBUTES; i++) {
		n = or_text_compare(a->attribute[i], b->attribute[i]);
		if (n != 0)
			return n;
	}
	/* X.411: the order of domain defined attributes counts. */
	n = compare_count(a->dda_count, b->dda_count);
	for (i = 0; n == 0 && i < a->dda_count; i++) {
		n = or_text_compare(a->dda[i].type, b->dda[i].type);
		if (n == 0)
			n = or_text_compare(a->dda[i].value, b->dda[i].value);
	}
	if (n == 0)
		n = compare_count(a->extension_count, b->extension_count);
	for (i = 0; n == 0 && i < a->extension_count; i++)
		n = compare_extension(&a->extension[i], &b->extension[i]);
	return n;
}

/* The weight of a match of each sort; 8 of the hierarchy, 9 others, 16 DDAs
 * of 3, extensions: a lower sort never outweighs one of a higher. */
enum {
	WEIGHT_HIERARCHY = 1 << 20,
	WEIGHT_DDA_TYPE = 1 << 14,
	WEIGHT_DDA_VALUE = 1 << 9,
	WEIGHT_OTHER = 2
};

/* match - weigh a value of a prefix against one of an address, or -1 */
static int
match(struct slice prefix, struct slice value, int weight)
{
	if (prefix.len == 0)
		return 0;
	if (value.len == 0)
		return -1;
	/* Any value is a match, but a weaker one than the value itself. */
	if (prefix.len == 1 && prefix.data[0] == '*')
		return weight / 2;
	return or_text_compare(prefix, value) == 0 ? weight : -1;
}

/* match_dda - weigh one DDA of a prefix, or -1 */
static int
match_dda(const struct or_dda *dda, const struct or_address *address)
{
	/* An address may have an attribute of one type several times. */
	unsigned i;
	int best = -1, n;

	for (i = 0; i < address->dda_count; i++) {
		if (or_text_compare(dda->type, address->dda[i].type) != 0)
			continue;
		n = match(dda->value, address->dda[i].value, WEIGHT_DDA_VALUE);
		if (n >= 0 && n + WEIGHT_DDA_TYPE > best)
			best = n + WEIGHT_DDA_TYPE;
	}
	return best;
}

/* match_extension - weigh one extension attribute of a prefix, or -1 */
static int
match_extension(
    const struct or_extension *extension, const struct or_address *address)
{
	unsigned i;

	for (i = 0; i < address->extension_count; i++)
		if (compare_extension(extension, &address->extension[i]) == 0)
			return WEIGHT_OTHER;
	return -1;
}

/* or_address_matches - tell whether prefix covers address: -1, or how
 * closely */
int
or_address_matches(
    const struct or_address *prefix, const struct or_address *address)
{
	int total = 0, n;
	unsigned i;

	for (i = 0; i < OR_ATTRIBUTES; i++) {
		n = match(prefix->attribute[i], address->attribute[i],
		    i <= OR_OU4 ? WEIGHT_HIERARCHY : WEIGHT_OTHER);
		if (n < 0)
			return -1;
		total += n;
	}
	for (i = 0; i < prefix->dda_count; i++) {
		n = match_dda(&prefix->dda[i], address);
		if (n < 0)
			return -1;
		total += n;
	}
	for (i = 0; i < prefix->extension_count; i++) {
		n = match_extension(&prefix->extension[i], address);
		if (n < 0)
			return -1;
		total += n;
	}
	return total;
}
