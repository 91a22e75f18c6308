/* SPDX-License-Identifier: ISC */
/*
 * mime_lex.c - the lexical tokens of structured fields (RFC 5322 3.2)
 *
 * Contract in mime_lex.h.
 */
#include "mime/mime_lex.h"

/* mime_lex_peek - get the next octet, or 0 at the end */
uint8_t
mime_lex_peek(const struct mime_lex *lex)
{
	return lex->pos < lex->text.len ? lex->text.data[lex->pos] : 0;
}

/* skip_comment - go past a comment, with those in it */
static struct slice
skip_comment(struct mime_lex *lex)
{
	size_t start = lex->pos + 1;
	unsigned depth = 0;

	for (; lex->pos < lex->text.len; lex->pos++) {
		uint8_t octet = lex->text.data[lex->pos];

		if (octet == '\\') {
			lex->pos++;
		} else if (octet == '(' && depth < MIME_COMMENT_DEPTH) {
			depth++;
		} else if (octet == ')' && --depth == 0) {
			lex->pos++;
			return slice_of(
			    lex->text.data + start, lex->pos - 1 - start);
		}
	}
	/* A comment without end takes all that follows. */
	lex->pos = lex->text.len;
	return slice_of(lex->text.data + start, lex->text.len - start);
}

/* mime_lex_comment - go past blanks and one comment; false: there was none */
bool
mime_lex_comment(struct mime_lex *lex, struct slice *comment)
{
	while (lex->pos < lex->text.len && mime_lex_peek(lex) <= ' ')
		lex->pos++;
	if (mime_lex_peek(lex) != '(')
		return false;
	*comment = skip_comment(lex);
	return true;
}

/* mime_lex_skip - go past blanks and comments */
void
mime_lex_skip(struct mime_lex *lex)
{
	struct slice comment;

	while (mime_lex_comment(lex, &comment))
		;
}

/* mime_lex_token - take octets up to a blank or one of the specials */
struct slice
mime_lex_token(struct mime_lex *lex, const char *specials)
{
	size_t start = lex->pos;

	while (lex->pos < lex->text.len && mime_lex_peek(lex) > ' ' &&
	    strchr(specials, mime_lex_peek(lex)) == NULL)
		lex->pos++;
	return slice_of(lex->text.data + start, lex->pos - start);
}

/* quoted_length - count the octets of the quoted string that comes */
static size_t
quoted_length(const struct mime_lex *lex)
{
	size_t pos = lex->pos + 1;

	while (pos < lex->text.len && lex->text.data[pos] != '"')
		pos += lex->text.data[pos] == '\\' ? 2 : 1;
	return pos - lex->pos;
}

/* mime_lex_quoted - take a quoted string */
int
mime_lex_quoted(struct mime_lex *lex, struct arena *arena, struct slice *text)
{
	uint8_t *out = arena_alloc(arena, quoted_length(lex) + 1);
	size_t len = 0;

	if (out == NULL)
		return arena_error(arena);
	for (lex->pos++; lex->pos < lex->text.len; lex->pos++) {
		uint8_t octet = lex->text.data[lex->pos];

		if (octet == '"') {
			lex->pos++;
			break;
		}
		if (octet == '\\' && lex->pos + 1 < lex->text.len)
			octet = lex->text.data[++lex->pos];
		out[len++] = octet;
	}
	*text = slice_of(out, len);
	return 0;
}
