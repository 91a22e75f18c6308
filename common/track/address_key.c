/* SPDX-License-Identifier: ISC */
/*
 * address_key.c - O/R addresses as keys to search by
 */
#include <string.h>

#include "base/arena.h"
#include "mhs/or_address.h"
#include "track/address_key.h"

#define PARSE_MAX ((size_t)256 * 1024)

/* A key that is being written. */
struct key {
	char *text; /* ADDRESS_KEY_MAX */
	size_t len;
	bool full;
};

/* put_octet - append an octet, if there is room */
static void
put_octet(struct key *key, uint8_t octet)
{
	if (key->len == ADDRESS_KEY_MAX)
		key->full = true;
	else
		key->text[key->len++] = (char)octet;
}

/* put_folded - append a value in capitals, runs of space as one, none at
 * either end */
static void
put_folded(struct key *key, struct slice value)
{
	size_t start = key->len;
	bool space = false;
	uint8_t c, before = 0;

	for (size_t i = 0; i < value.len; i++, before = c) {
		c = value.data[i];
		if (c == ' ' || c == '\t') {
			space = key->len > start;
			continue;
		}
		if (space)
			put_octet(key, ' ');
		space = false;
		if (c >= 'a' && c <= 'z')
			put_octet(key, (uint8_t)(c - 0x20));
		/* The second octet of a small letter of Latin-1 in UTF-8. */
		else if (before == 0xc3 && c >= 0xa0 && c <= 0xbe && c != 0xb7)
			put_octet(key, (uint8_t)(c - 0x20));
		else
			put_octet(key, c == ';' ? ',' : c);
	}
}

/* put_part - append an attribute with its label */
static void
put_part(struct key *key, struct slice label, struct slice value)
{
	put_octet(key, ';');
	put_folded(key, label);
	put_octet(key, '=');
	put_folded(key, value);
}

/* put_dda - append a domain defined attribute */
static void
put_dda(struct key *key, const struct or_dda *dda)
{
	put_octet(key, ';');
	for (const char *p = "DDA:"; *p != '\0'; p++)
		put_octet(key, (uint8_t)*p);
	put_folded(key, dda->type);
	put_octet(key, '=');
	put_folded(key, dda->value);
}

/* address_key - write the key of an address */
size_t
address_key(struct slice address, char key[ADDRESS_KEY_MAX])
{
	struct key out = {.text = key};
	struct or_address parsed = {0};
	struct arena arena;

	arena_init(&arena, PARSE_MAX);
	if (or_address_parse(address, &arena, &parsed, NULL) != 0) {
		put_octet(&out, ';');
		put_folded(&out, address);
	} else {
		for (int i = 0; i < OR_ATTRIBUTES; i++)
			if (parsed.attribute[i].len > 0)
				put_part(&out,
				    slice_of_string(or_attribute_label(
					(enum or_attribute)i)),
				    parsed.attribute[i]);
		for (unsigned i = 0; i < parsed.dda_count; i++)
			put_dda(&out, &parsed.dda[i]);
	}
	put_octet(&out, ';');
	arena_fini(&arena);
	return out.len;
}

/* add_part - note what was written since start as a part */
static void
add_part(struct address_pattern *pattern, const struct key *key, size_t start)
{
	if (pattern->part_count < ADDRESS_KEY_PARTS)
		pattern->parts[pattern->part_count++] =
		    slice_of(pattern->text + start, key->len - start);
}

/* parse_attributes - take the attributes of an address apart; up to the first
 * of the hierarchy that is missing they are the beginning of keys */
static void
parse_attributes(struct address_pattern *pattern, struct key *key,
    const struct or_address *parsed)
{
	bool leading = true;
	size_t start;

	for (int i = 0; i < OR_ATTRIBUTES; i++) {
		if (parsed->attribute[i].len == 0) {
			/* An address without PRMD has none in its key. */
			leading = false;
			continue;
		}
		start = key->len;
		put_part(key,
		    slice_of_string(or_attribute_label((enum or_attribute)i)),
		    parsed->attribute[i]);
		if (leading)
			pattern->prefix = slice_of(pattern->text, key->len);
		else
			add_part(pattern, key, start);
	}
	for (unsigned i = 0; i < parsed->dda_count; i++) {
		start = key->len;
		put_dda(key, &parsed->dda[i]);
		add_part(pattern, key, start);
	}
}

/* address_pattern_parse - parse what is searched for */
int
address_pattern_parse(struct slice text, struct address_pattern *pattern)
{
	struct key key = {.text = pattern->text};
	struct or_address parsed = {0};
	struct arena arena;
	bool address;

	*pattern = (struct address_pattern){0};
	arena_init(&arena, PARSE_MAX);
	address = or_address_parse_prefix(text, &arena, &parsed, NULL) == 0;
	if (address)
		parse_attributes(pattern, &key, &parsed);
	if (key.len == 0) {
		put_folded(&key, text);
		add_part(pattern, &key, 0);
	}
	pattern->text_len = key.len;
	arena_fini(&arena);
	return key.full ? ERR_LIMIT : 0;
}

/* address_pattern_matches - tell whether a key is one searched for */
bool
address_pattern_matches(const struct address_pattern *pattern, struct slice key)
{
	const struct slice *prefix = &pattern->prefix;

	if (key.len < prefix->len ||
	    (prefix->len > 0 && memcmp(key.data, prefix->data, prefix->len)))
		return false;
	for (size_t i = 0; i < pattern->part_count; i++)
		if (pattern->parts[i].len > 0 &&
		    (key.len == 0 ||
			memmem(key.data, key.len, pattern->parts[i].data,
			    pattern->parts[i].len) == NULL))
			return false;
	return true;
}
