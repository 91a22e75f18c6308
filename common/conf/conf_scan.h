/* SPDX-License-Identifier: ISC */
/*
 * conf_scan.h - cut a configuration text into tokens
 *
 * Comments begin with # or // and end with the line, or stand between
 * slash-star and star-slash.  A text is a word, or a string that ends on its
 * line: in double quotes with the escapes \n \t \b \r \f \a \e \v \ooo \xhh
 * (a backslash before any other character stands for that one), or in single
 * quotes with \' and \\.  ${...} is refused, for a reader may expect that it is
 * replaced: a password is no place for variables.  NUL and control characters
 * are refused, too.
 */
#ifndef FOURPOST_CONF_CONF_SCAN_H
#define FOURPOST_CONF_CONF_SCAN_H

#include "base/buffer.h"
#include "base/error.h"

enum conf_token_kind {
	CONF_TOKEN_TEXT,
	CONF_TOKEN_OPEN,   /* { */
	CONF_TOKEN_CLOSE,  /* } */
	CONF_TOKEN_EQUALS, /* = */
	CONF_TOKEN_APPEND, /* += */
	CONF_TOKEN_COMMA,
	CONF_TOKEN_STRAY, /* a character that no rule needs */
	CONF_TOKEN_BAD,	  /* what is no token: text is the reason */
	CONF_TOKEN_END
};

struct conf_token {
	enum conf_token_kind kind;
	unsigned line;
	const char *text; /* valid until the next token is taken */
};

struct conf_scanner {
	struct slice rest;
	unsigned line;
	struct buffer text; /* of the token taken last */
};

/* conf_scan_init - begin with a text, which must stay where it is */
void conf_scan_init(struct conf_scanner *scanner, struct slice text);

/* conf_scan_fini - give back the memory, wiped */
void conf_scan_fini(struct conf_scanner *scanner);

/*
 * conf_scan_next - take the next token
 *
 * After CONF_TOKEN_BAD the scanner goes on behind what was wrong: a string or
 * comment that does not end takes the rest of its line, or of the text.
 * ERR_NOMEM.
 */
int conf_scan_next(
    struct conf_scanner *scanner, struct conf_token *token) WARN_UNUSED;

#endif
