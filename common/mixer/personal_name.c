/* SPDX-License-Identifier: ISC */
/*
 * personal_name.c - a personal name as one word (RFC 2156 4.1.2)
 *
 * Contract in personal_name.h.
 */
#include "mixer/personal_name.h"

#include <ctype.h>

#include "mhs/charset.h"

/* first_part - find how long the part before the first dot is; 0: no dot */
static size_t
first_part(struct slice text)
{
	const uint8_t *dot =
	    text.len == 0 ? NULL : memchr(text.data, '.', text.len);

	return dot == NULL ? 0 : (size_t)(dot - text.data);
}

/* behind - get what stands behind the first part and its dot */
static struct slice
behind(struct slice text, size_t part)
{
	return slice_of(text.data + part + 1, text.len - part - 1);
}

/* is_surname - tell whether a text cannot be taken for initials */
static bool
is_surname(struct slice text)
{
	return text.len > 0 && text.data[0] != '.' &&
	    (text.len == 1 || text.data[1] != '.');
}

/* personal_name_parse - set the attributes that a word stands for */
int
personal_name_parse(struct slice word, struct arena *arena,
    struct or_address *address, struct diag *diag)
{
	struct slice rest, given = {0};
	uint8_t *initials = arena_alloc(arena, word.len + 1);
	size_t count = 0, part;
	int error = charset_ascii_to_printable(word, arena, &rest);

	if (initials == NULL)
		error = arena_error(arena);
	if (error != 0)
		return diag_set(diag, error, "personal name: %s",
		    error == ERR_VALUE ? "not ASCII" : arena_reason(arena));
	part = first_part(rest);
	if (part > 1) {
		given = slice_of(rest.data, part);
		rest = behind(rest, part);
	}
	while (first_part(rest) == 1 && isalpha(rest.data[0])) {
		initials[count++] = rest.data[0];
		rest = behind(rest, 1);
	}
	if (!is_surname(rest))
		return diag_set(diag, ERR_SYNTAX,
		    "personal name: \"%.*s\" is not given name, initials and "
		    "surname",
		    (int)word.len, (const char *)word.data);
	address->attribute[OR_GIVEN] = given;
	address->attribute[OR_INITIALS] = slice_of(initials, count);
	address->attribute[OR_SURNAME] = rest;
	return 0;
}

/* personal_name_format - write the personal name of an address as a word */
int
personal_name_format(
    const struct or_address *address, struct arena *arena, struct slice *word)
{
	struct slice given = address->attribute[OR_GIVEN];
	struct slice initials = address->attribute[OR_INITIALS];
	struct slice surname = address->attribute[OR_SURNAME];
	uint8_t *out =
	    arena_alloc(arena, given.len + 2 * initials.len + surname.len + 1);
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	if (given.len == 1 || !is_surname(surname) ||
	    !charset_is_printable(given) || !charset_is_printable(initials) ||
	    !charset_is_printable(surname))
		return ERR_VALUE;
	if (given.len > 0) {
		if (memchr(given.data, '.', given.len) != NULL)
			return ERR_VALUE;
		memcpy(out, given.data, given.len);
		len = given.len;
		out[len++] = '.';
	}
	for (size_t i = 0; i < initials.len; i++) {
		if (!isalpha(initials.data[i]))
			return ERR_VALUE;
		out[len++] = initials.data[i];
		out[len++] = '.';
	}
	memcpy(out + len, surname.data, surname.len);
	return charset_printable_to_ascii(
	    slice_of(out, len + surname.len), arena, word);
}
