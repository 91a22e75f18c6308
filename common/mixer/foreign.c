/* SPDX-License-Identifier: ISC */
/*
 * foreign.c - an address of the Internet in domain defined attributes (RFC 2156
 * 4.3.4)
 *
 * Contract in foreign.h.
 */
#include "mixer/foreign.h"

#include <strings.h>

#include "mhs/charset.h"

#define PIECE_MAX  128 /* X.411 ub-domain-defined-attribute-value-length */
#define ESCAPE_MAX 5   /* "(nnn)" */

static const char *const types[] = {
    "RFC-822", "RFC822C1", "RFC822C2", "RFC822C3"};

#define TYPES (sizeof(types) / sizeof(types[0]))

/* type_of - find which of the types a DDA has, or TYPES */
static size_t
type_of(const struct or_dda *dda)
{
	size_t i = 0;

	while (i < TYPES &&
	    (dda->type.len != strlen(types[i]) ||
		strncasecmp((const char *)dda->type.data, types[i],
		    dda->type.len) != 0))
		i++;
	return i;
}

/* piece_length - choose how much of a text goes into one DDA */
static size_t
piece_length(struct slice text)
{
	size_t len = PIECE_MAX;

	if (text.len <= PIECE_MAX)
		return text.len;
	/* An escape stays whole; and a blank at either end would be lost. */
	for (size_t i = 1; i < ESCAPE_MAX; i++)
		if (text.data[PIECE_MAX - i] == '(')
			len = PIECE_MAX - i;
	while (len > 1 && (text.data[len] == ' ' || text.data[len - 1] == ' '))
		len--;
	return len;
}

/* foreign_encode - make the O/R address of a text beneath a gateway's */
int
foreign_encode(const struct or_address *gateway, struct slice text,
    struct arena *arena, struct or_address *to, struct diag *diag)
{
	struct or_address made = *gateway;
	struct slice rest;
	int error = charset_ascii_to_printable(text, arena, &rest);

	if (error != 0)
		return diag_set(diag, error, "RFC-822: %s",
		    error == ERR_VALUE ? "not ASCII" : arena_reason(arena));
	/* The octets are those of the gateway alone. */
	made.encoded = (struct slice){0};
	for (size_t i = 0; i < TYPES && rest.len > 0; i++) {
		size_t len = piece_length(rest);
		char *value = arena_string(arena, slice_of(rest.data, len));

		if (value == NULL)
			return diag_set(diag, arena_error(arena), "RFC-822: %s",
			    arena_reason(arena));
		error = or_address_set_dda(&made, types[i], value, arena);
		if (error != 0)
			return diag_set(
			    diag, error, "RFC-822: %s", error_strerror(error));
		rest = slice_of(rest.data + len, rest.len - len);
	}
	if (rest.len > 0)
		return diag_set(diag, ERR_LIMIT,
		    "RFC-822: longer than %zu characters", TYPES * PIECE_MAX);
	error = or_address_seal(&made, arena, diag);
	if (error == 0)
		*to = made;
	return error;
}

/* foreign_count - count the DDAs of type RFC-822 */
unsigned
foreign_count(const struct or_address *address)
{
	unsigned count = 0;

	for (unsigned i = 0; i < address->dda_count; i++)
		count += type_of(&address->dda[i]) == 0;
	return count;
}

/* foreign_decode - get the text of an address that has just one such DDA */
int
foreign_decode(
    const struct or_address *from, struct arena *arena, struct slice *text)
{
	struct slice piece[TYPES] = {{0}};
	uint8_t *all;
	size_t len = 0;

	if (foreign_count(from) != 1)
		return ERR_NOTFOUND;
	for (unsigned i = 0; i < from->dda_count; i++) {
		size_t type = type_of(&from->dda[i]);

		if (type < TYPES && piece[type].len == 0)
			piece[type] = from->dda[i].value;
	}
	for (size_t i = 0; i < TYPES; i++)
		len += piece[i].len;
	if ((all = arena_alloc(arena, len + 1)) == NULL)
		return arena_error(arena);
	len = 0;
	for (size_t i = 0; i < TYPES && (i == 0 || piece[i - 1].len > 0); i++) {
		if (piece[i].len > 0)
			memcpy(all + len, piece[i].data, piece[i].len);
		len += piece[i].len;
	}
	return charset_printable_to_ascii(slice_of(all, len), arena, text);
}
