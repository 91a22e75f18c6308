/* SPDX-License-Identifier: ISC */
/*
 * mime_lex.h - the lexical tokens of structured fields (RFC 5322 3.2,
 * RFC 2045 5.1)
 *
 * Private to mime_*.c.  Comments and blanks stand between tokens.
 */
#ifndef FOURPOST_MIME_MIME_LEX_H
#define FOURPOST_MIME_MIME_LEX_H

#include "base/arena.h"

#define MIME_COMMENT_DEPTH 32 /* of comments within comments */

struct mime_lex {
	struct slice text;
	size_t pos;
};

/* mime_lex_comment - go past blanks and one comment; false: there was none.
 * The comment is told without its parentheses */
bool mime_lex_comment(struct mime_lex *lex, struct slice *comment);

/* mime_lex_skip - go past blanks and comments */
void mime_lex_skip(struct mime_lex *lex);

/* mime_lex_peek - get the next octet, or 0 at the end */
uint8_t mime_lex_peek(const struct mime_lex *lex);

/* mime_lex_token - take octets up to a blank or one of the specials */
struct slice mime_lex_token(struct mime_lex *lex, const char *specials);

/* mime_lex_quoted - take a quoted string, copied without quotes to the arena.
 * ERR_NOMEM, ERR_LIMIT */
int mime_lex_quoted(
    struct mime_lex *lex, struct arena *arena, struct slice *text) WARN_UNUSED;

#endif
