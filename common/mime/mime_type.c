/* SPDX-License-Identifier: ISC */
/*
 * mime_type.c - values with parameters (RFC 2045 5.1, RFC 2183, RFC 2231)
 *
 * Contract in mime_type.h.
 */
#include "mime/mime_type.h"

#include <strings.h>

#include "mhs/charset.h"
#include "mime/mime_header.h"
#include "mime/mime_lex.h"
#include "mime/mime_word.h"

#define SPECIALS "()<>@,;:\\\"/[]?="

/* A parameter as it stands in the value: a piece of one perhaps. */
struct piece {
	struct slice name;
	struct slice value;
	unsigned number; /* of a parameter in pieces */
	bool numbered;
	bool extended; /* with a set and %XX */
};

struct pieces {
	struct piece list[MIME_PARAMETERS_MAX];
	size_t count;
};

/* split_name - take "*", a number and another "*" from a name (RFC 2231 3) */
static void
split_name(struct slice name, struct piece *piece)
{
	size_t star;

	if (name.len > 1 && name.data[name.len - 1] == '*') {
		piece->extended = true;
		name.len--;
	}
	for (star = 1; star < name.len && name.data[star] != '*'; star++)
		;
	piece->name = slice_of(name.data, star < name.len ? star : name.len);
	for (size_t i = star + 1; i < name.len; i++) {
		if (name.data[i] < '0' || name.data[i] > '9' ||
		    piece->number > MIME_PARAMETERS_MAX)
			break;
		piece->number =
		    10 * piece->number + (unsigned)(name.data[i] - '0');
		piece->numbered = true;
	}
}

/* read_piece - read "name=value"; ERR_SYNTAX: there is none */
static int
read_piece(struct mime_lex *lex, struct arena *arena, struct piece *piece)
{
	struct slice name;

	*piece = (struct piece){.number = 0};
	mime_lex_skip(lex);
	name = mime_lex_token(lex, SPECIALS);
	mime_lex_skip(lex);
	if (name.len == 0 || mime_lex_peek(lex) != '=')
		return ERR_SYNTAX;
	lex->pos++;
	split_name(name, piece);
	mime_lex_skip(lex);
	if (mime_lex_peek(lex) == '"')
		return mime_lex_quoted(lex, arena, &piece->value);
	/* Values with "/" or "=" and no quotes occur. */
	piece->value = mime_lex_token(lex, ";\"");
	return 0;
}

/* read_pieces - read all parameters */
static int
read_pieces(struct mime_lex *lex, struct arena *arena, struct pieces *pieces)
{
	int error;

	pieces->count = 0;
	for (;;) {
		mime_lex_skip(lex);
		/* Text that is not readable is left out up to the next ";". */
		while (mime_lex_peek(lex) != ';') {
			if (lex->pos >= lex->text.len)
				return 0;
			lex->pos++;
		}
		lex->pos++;
		if (pieces->count == MIME_PARAMETERS_MAX)
			return ERR_LIMIT;
		error = read_piece(lex, arena, &pieces->list[pieces->count]);
		if (error == 0)
			pieces->count++;
		else if (error != ERR_SYNTAX)
			return error;
	}
}

/* hex - get the value of a hexadecimal digit; -1: none */
static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c &= 0xdf;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* append_piece - append the octets of a piece, %XX decoded where it is so
 * written */
static int
append_piece(const struct piece *piece, struct slice value, struct buffer *out)
{
	int error = 0;

	for (size_t i = 0; i < value.len && error == 0; i++) {
		uint8_t octet = value.data[i];

		if (piece->extended && octet == '%' && i + 2 < value.len &&
		    hex(value.data[i + 1]) >= 0 &&
		    hex(value.data[i + 2]) >= 0) {
			octet = (uint8_t)(hex(value.data[i + 1]) << 4 |
			    hex(value.data[i + 2]));
			i += 2;
		}
		error = buffer_append(out, &octet, 1);
	}
	return error;
}

/* take_charset - take "set'language'" from the front of an extended value */
static struct slice
take_charset(struct slice *value)
{
	const uint8_t *one =
	    value->len > 0 ? memchr(value->data, '\'', value->len) : NULL;
	const uint8_t *two;
	struct slice set = {.len = 0};
	size_t len;

	if (one == NULL)
		return set;
	len = (size_t)(one - value->data) + 1;
	two = memchr(one + 1, '\'', value->len - len);
	if (two == NULL)
		return set;
	set = slice_of(value->data, len - 1);
	len = (size_t)(two - value->data) + 1;
	*value = slice_of(value->data + len, value->len - len);
	return set;
}

/* find_piece - find piece number n of a parameter, or NULL */
static const struct piece *
find_piece(const struct pieces *pieces, struct slice name, unsigned n)
{
	for (size_t i = 0; i < pieces->count; i++) {
		const struct piece *p = &pieces->list[i];

		if (p->numbered && p->number == n && p->name.len == name.len &&
		    strncasecmp((const char *)p->name.data,
			(const char *)name.data, name.len) == 0)
			return p;
	}
	return NULL;
}

/* join - get the value of a parameter that begins with this piece */
static int
join(struct mime_charsets *charsets, const struct pieces *pieces,
    const struct piece *first, struct arena *arena, struct slice *utf8)
{
	struct slice value = first->value, set = {.len = 0}, text;
	const struct piece *piece = first;
	struct buffer out;
	int error;

	buffer_init(&out, (size_t)1024 * 1024);
	if (first->extended)
		set = take_charset(&value);
	error = append_piece(first, value, &out);
	for (unsigned n = 1;
	     error == 0 && first->numbered && n < MIME_PARAMETERS_MAX; n++) {
		piece = find_piece(pieces, first->name, n);
		if (piece == NULL)
			break;
		error = append_piece(piece, piece->value, &out);
	}
	/* Many write encoded words, which RFC 2047 5 forbids here. */
	if (error == 0)
		error = first->extended ? mime_charset_text(charsets, set,
					      buffer_slice(&out), arena, &text)
					: mime_word_decode(charsets,
					      buffer_slice(&out), arena, &text);
	if (error == 0)
		error = charset_no_controls(text, arena, utf8);
	buffer_fini(&out);
	return error;
}

/* is_taken - tell whether a parameter of this name was taken already, or has
 * a name that is too long */
static bool
is_taken(const struct mime_type *type, const struct piece *piece)
{
	char name[MIME_NAME_MAX + 1];

	if (piece->name.len > MIME_NAME_MAX)
		return true;
	memcpy(name, piece->name.data, piece->name.len);
	name[piece->name.len] = '\0';
	for (size_t i = 0; i < type->count; i++)
		if (mime_name_is(type->parameters[i].name, name))
			return true;
	return false;
}

/* mime_type_parse - read a value */
int
mime_type_parse(struct mime_charsets *charsets, struct slice value,
    struct arena *arena, struct mime_type *type)
{
	struct mime_lex lex = {value, 0};
	struct mime_type t = {.count = 0};
	struct pieces pieces;
	int error;

	mime_lex_skip(&lex);
	t.type = mime_lex_token(&lex, SPECIALS);
	if (t.type.len == 0)
		return ERR_SYNTAX;
	mime_lex_skip(&lex);
	if (mime_lex_peek(&lex) == '/') {
		lex.pos++;
		mime_lex_skip(&lex);
		t.subtype = mime_lex_token(&lex, SPECIALS);
	}
	if ((error = read_pieces(&lex, arena, &pieces)) < 0)
		return error;
	t.parameters =
	    arena_array(arena, pieces.count + 1, sizeof(*t.parameters));
	if (t.parameters == NULL)
		return arena_error(arena);
	/* Extended forms first: the plain one beside them is for old readers
	 * (RFC 6266 4.3 says so of HTTP). */
	for (int extended = 1; extended >= 0; extended--) {
		for (size_t i = 0; i < pieces.count; i++) {
			const struct piece *piece = &pieces.list[i];
			struct mime_parameter *p = &t.parameters[t.count];

			if ((piece->extended || piece->numbered) !=
				(extended == 1) ||
			    piece->number > 0 || is_taken(&t, piece))
				continue;
			p->name = piece->name;
			error =
			    join(charsets, &pieces, piece, arena, &p->value);
			if (error < 0)
				return error;
			t.count++;
		}
	}
	*type = t;
	return 0;
}

/* mime_type_is - compare type and subtype; "*" is any subtype */
bool
mime_type_is(
    const struct mime_type *type, const char *main, const char *subtype)
{
	return mime_name_is(type->type, main) &&
	    (strcmp(subtype, "*") == 0 || mime_name_is(type->subtype, subtype));
}

/* mime_type_parameter - find a parameter, or get an empty slice */
struct slice
mime_type_parameter(const struct mime_type *type, const char *name)
{
	for (size_t i = 0; i < type->count; i++)
		if (mime_name_is(type->parameters[i].name, name))
			return type->parameters[i].value;
	return (struct slice){.len = 0};
}
