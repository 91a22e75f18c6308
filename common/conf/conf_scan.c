/* SPDX-License-Identifier: ISC */
/*
 * conf_scan.c - what must be seen to before libconfuse reads a text
 *
 * Follows the lexical rules of libconfuse 3.3, lexer.l.
 */
#include "conf/conf_scan.h"

#include <string.h>

#define DEPTH_KEPT 4 /* sections have lists, and nothing is deeper */

struct scan {
	char *at;
	char *end;
	unsigned line;
	struct diag *diag;
	size_t depth;		   /* of braces */
	unsigned open[DEPTH_KEPT]; /* the lines of those open */
};

/* refuse - the reason, at the line reached */
static int
refuse(struct scan *scan, const char *reason)
{
	return diag_set(scan->diag, ERR_SYNTAX, "%s", reason);
}

/* peek - the octet n ahead, or NUL where the text has ended */
static char
peek(const struct scan *scan, size_t n)
{
	return (size_t)(scan->end - scan->at) > n ? scan->at[n] : '\0';
}

/* is_control - whether an octet stands for nothing that one can see */
static int
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n' &&
		   c != '\r') ||
	    c == 0x7f;
}

/* blank_line - a comment that ends with its line */
static void
blank_line(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at != '\n')
		*scan->at++ = ' ';
}

/* blank_block - a comment between slash-star and star-slash */
static int
blank_block(struct scan *scan)
{
	char *end =
	    memmem(scan->at + 2, (size_t)(scan->end - scan->at - 2), "*/", 2);

	if (end == NULL)
		return refuse(scan, "comment does not end");
	for (end += 2; scan->at < end; scan->at++) {
		if (*scan->at == '\n')
			scan->line++;
		else
			*scan->at = ' ';
	}
	return 0;
}

/* hex_digit - the value of a hexadecimal digit, -1 if it is none */
static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* scan_octal - the digits of \ooo, at most three, a value of one octet */
static int
scan_octal(struct scan *scan)
{
	unsigned value = 0, digits = 0;

	for (; peek(scan, 0) >= '0' && peek(scan, 0) <= '9'; scan->at++) {
		if (++digits > 3 || *scan->at > '7')
			return refuse(scan, "bad octal escape");
		value = value * 8 + (unsigned)(*scan->at - '0');
	}
	if (value > 255)
		return refuse(scan, "bad octal escape");
	return value == 0 ? refuse(scan, "NUL in a string") : 0;
}

/* scan_escape - what follows a backslash between double quotes */
static int
scan_escape(struct scan *scan)
{
	char c = peek(scan, 0);
	int high, low;

	if (c >= '0' && c <= '9')
		return scan_octal(scan);
	if (c == '\n')
		return refuse(scan, "string does not end on its line");
	if (scan->at < scan->end && is_control(c))
		return refuse(scan, "control character in a string");
	if (c == 'x' && (high = hex_digit(peek(scan, 1))) >= 0) {
		low = hex_digit(peek(scan, 2));
		if (high == 0 && low <= 0)
			return refuse(scan, "NUL in a string");
	}
	if (scan->at < scan->end)
		scan->at++;
	return 0;
}

/* scan_string - a string in single or double quotes, its first one passed */
static int
scan_string(struct scan *scan, char quote)
{
	int r;

	while (scan->at < scan->end) {
		char c = *scan->at++;

		if (c == quote)
			return 0;
		if (c == '\n')
			return refuse(scan, "string does not end on its line");
		if (is_control(c))
			return refuse(scan, "control character in a string");
		if (quote == '"' && c == '$' && peek(scan, 0) == '{') {
			return refuse(scan,
			    "variables are not replaced; "
			    "write $ as \\$");
		}
		if (c == '\\' && quote == '"') {
			r = scan_escape(scan);
			if (r < 0)
				return r;
		} else if (c == '\\' &&
		    (peek(scan, 0) == '\\' || peek(scan, 0) == '\'')) {
			scan->at++;
		}
	}
	return refuse(scan, "string does not end");
}

/* scan_word - an unquoted word, or a single character that is none */
static int
scan_word(struct scan *scan)
{
	static const char ends[] = " #\"'\t\n\r={}()+,*";
	char c = *scan->at;

	if (is_control(c))
		return refuse(scan, "control character");
	if (c == '*' || (c == '+' && peek(scan, 1) != '='))
		return refuse(scan, "stray character");
	if (c == '$' && peek(scan, 1) == '{')
		return refuse(scan, "variables are not replaced");
	do {
		scan->at++;
	} while (scan->at < scan->end && !is_control(*scan->at) &&
	    strchr(ends, *scan->at) == NULL && strchr(ends, c) == NULL);
	return 0;
}

/* scan_brace - keep the lines of braces that are open; one too many closed is
 * libconfuse's to find */
static void
scan_brace(struct scan *scan)
{
	if (*scan->at == '}') {
		scan->depth -= scan->depth > 0;
	} else {
		if (scan->depth < DEPTH_KEPT)
			scan->open[scan->depth] = scan->line;
		scan->depth++;
	}
	scan->at++;
}

/* scan_one - the next thing in the text */
static int
scan_one(struct scan *scan)
{
	char c = *scan->at;

	switch (c) {
	case '\n':
		scan->line++;
		scan->at++;
		return 0;
	case ' ':
	case '\t':
	case '\r':
		scan->at++;
		return 0;
	case '"':
	case '\'':
		scan->at++;
		return scan_string(scan, c);
	case '{':
	case '}':
		scan_brace(scan);
		return 0;
	case '#':
		blank_line(scan);
		return 0;
	case '/':
		if (peek(scan, 1) == '*')
			return blank_block(scan);
		if (peek(scan, 1) == '/') {
			blank_line(scan);
			return 0;
		}
		break;
	default:
		break;
	}
	return scan_word(scan);
}

/* conf_scan - blank the comments of text, in place, lines kept */
int
conf_scan(char *text, size_t len, unsigned *line, struct diag *diag)
{
	struct scan scan = {
	    .at = text, .end = text + len, .line = 1, .diag = diag};
	int r = 0;

	while (r == 0 && scan.at < scan.end)
		r = scan_one(&scan);
	if (r == 0 && scan.depth > 0 && scan.depth <= DEPTH_KEPT) {
		scan.line = scan.open[scan.depth - 1];
		r = refuse(&scan, "{ is not closed");
	} else if (r == 0 && scan.depth > 0) {
		r = refuse(&scan, "{ is not closed");
	}
	if (r < 0)
		*line = scan.line;
	return r;
}
