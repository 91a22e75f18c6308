/* SPDX-License-Identifier: ISC */
/*
 * conf_scan.c - cut a configuration text into tokens
 */
#include "conf/conf_scan.h"

#include <string.h>

#define TOKEN_MAX (17u * 1024 * 1024) /* more than a file may have */

/* Characters after a backslash between double quotes, and what they stand
 * for. */
static const char escapes[] = "ntbrfaev", meanings[] = "\n\t\b\r\f\a\033\v";

/* conf_scan_init - begin with a text, which must stay where it is */
void
conf_scan_init(struct conf_scanner *scanner, struct slice text)
{
	*scanner = (struct conf_scanner){.rest = text, .line = 1};
	buffer_init(&scanner->text, TOKEN_MAX);
}

/* conf_scan_fini - give back the memory, wiped */
void
conf_scan_fini(struct conf_scanner *scanner)
{
	/* The token may have been a password. */
	if (scanner->text.data != NULL)
		explicit_bzero(scanner->text.data, scanner->text.capacity);
	buffer_fini(&scanner->text);
}

/* peek - return the octet n ahead, or NUL where the text has ended */
static char
peek(const struct conf_scanner *scanner, size_t n)
{
	return scanner->rest.len > n ? (char)scanner->rest.data[n] : '\0';
}

/* skip - pass over n octets, which are there */
static void
skip(struct conf_scanner *scanner, size_t n)
{
	scanner->rest = slice_of(scanner->rest.data + n, scanner->rest.len - n);
}

/* skip_line - pass over the rest of the line, but not its end */
static void
skip_line(struct conf_scanner *scanner)
{
	const uint8_t *end =
	    memchr(scanner->rest.data, '\n', scanner->rest.len);

	skip(scanner,
	    end == NULL ? scanner->rest.len
			: (size_t)(end - scanner->rest.data));
}

/* is_control - tell whether an octet stands for nothing that one can see */
static bool
is_control(char c)
{
	return ((unsigned char)c < ' ' && c != '\t' && c != '\n' &&
		   c != '\r') ||
	    c == 0x7f;
}

/* refuse - make a bad token with a reason */
static int
refuse(struct conf_token *token, const char *reason)
{
	token->kind = CONF_TOKEN_BAD;
	token->text = reason;
	return 0;
}

/* skip_block - pass over a comment between slash-star and star-slash; tell
 * whether it ends */
static bool
skip_block(struct conf_scanner *scanner)
{
	const uint8_t *from = scanner->rest.data + 2;
	const uint8_t *end = memmem(from, scanner->rest.len - 2, "*/", 2);

	if (end == NULL) {
		skip(scanner, scanner->rest.len);
		return false;
	}
	/* Lines within a comment count as well. */
	for (; from < end; from++)
		scanner->line += *from == '\n';
	skip(scanner, (size_t)(end + 2 - scanner->rest.data));
	return true;
}

/* skip_blanks - pass over blanks and comments; tell whether the last comment
 * ends, *line is where it begins */
static bool
skip_blanks(struct conf_scanner *scanner, unsigned *line)
{
	while (scanner->rest.len > 0) {
		char c = peek(scanner, 0);

		*line = scanner->line;
		if (c == '#' || (c == '/' && peek(scanner, 1) == '/')) {
			skip_line(scanner);
		} else if (c == '/' && peek(scanner, 1) == '*') {
			if (!skip_block(scanner))
				return false;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			scanner->line += c == '\n';
			skip(scanner, 1);
		} else {
			break;
		}
	}
	*line = scanner->line;
	return true;
}

/* hex_digit - return the value of a hexadecimal digit, -1 if it is none */
static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* take_octal - take the digits of \ooo, at most three: the reason why not */
static const char *
take_octal(struct conf_scanner *scanner, char *octet)
{
	unsigned value = 0, digits = 0;

	for (; peek(scanner, 0) >= '0' && peek(scanner, 0) <= '9';
	     skip(scanner, 1)) {
		if (++digits > 3 || peek(scanner, 0) > '7')
			return "bad octal escape";
		value = value * 8 + (unsigned)(peek(scanner, 0) - '0');
	}
	*octet = (char)value;
	return value > 255 ? "bad octal escape"
	    : value == 0   ? "NUL in a string"
			   : NULL;
}

/* take_escape - take what follows a backslash between double quotes: the
 * reason why not */
static const char *
take_escape(struct conf_scanner *scanner, char *octet)
{
	char c = peek(scanner, 0);
	const char *known;
	int high, low;

	if (c >= '0' && c <= '9')
		return take_octal(scanner, octet);
	/* A string that goes on over lines is nearly always one whose end was
	 * forgotten. */
	if (c == '\n')
		return "string does not end on its line";
	if (is_control(c))
		return "control character in a string";
	skip(scanner, 1);
	if (c == 'x' && (high = hex_digit(peek(scanner, 0))) >= 0) {
		skip(scanner, 1);
		low = hex_digit(peek(scanner, 0));
		if (low >= 0)
			skip(scanner, 1);
		*octet = (char)(low < 0 ? high : high * 16 + low);
		/* NUL would end the value for whoever reads it as a string. */
		return *octet == '\0' ? "NUL in a string" : NULL;
	}
	known = strchr(escapes, c);
	*octet = known == NULL ? c : meanings[known - escapes];
	return NULL;
}

/* take_octet - take one octet of a string: the reason why not */
static const char *
take_octet(struct conf_scanner *scanner, char quote, char *octet)
{
	char c = peek(scanner, 0), next = peek(scanner, 1);

	if (scanner->rest.len == 0)
		return "string does not end";
	if (c == '\n')
		return "string does not end on its line";
	if (is_control(c))
		return "control character in a string";
	/* Refused rather than taken as they stand: other programs replace
	 * them. */
	if (quote == '"' && c == '$' && next == '{')
		return "variables are not replaced; write $ as \\$";
	skip(scanner, 1);
	*octet = c;
	if (c != '\\')
		return NULL;
	if (quote == '"')
		return scanner->rest.len == 0 ? "string does not end"
					      : take_escape(scanner, octet);
	if (next == '\\' || next == '\'') {
		skip(scanner, 1);
		*octet = next;
	}
	return NULL;
}

/* take_string - take a string in single or double quotes, its first passed */
static int
take_string(struct conf_scanner *scanner, char quote, struct conf_token *token)
{
	const char *reason;
	char octet = '\0';

	token->kind = CONF_TOKEN_TEXT;
	while (peek(scanner, 0) != quote) {
		reason = take_octet(scanner, quote, &octet);
		if (reason != NULL) {
			/* Where the string would end is anybody's guess. */
			skip_line(scanner);
			return refuse(token, reason);
		}
		if (buffer_append(&scanner->text, &octet, 1) < 0)
			return ERR_NOMEM;
	}
	skip(scanner, 1);
	return 0;
}

/* take_word - take a text without quotes */
static int
take_word(struct conf_scanner *scanner, struct conf_token *token)
{
	static const char ends[] = " #\"'\t\n\r={}()+,*";
	size_t len = 0;

	while (len < scanner->rest.len && !is_control(peek(scanner, len)) &&
	    strchr(ends, peek(scanner, len)) == NULL)
		len++;
	token->kind = CONF_TOKEN_TEXT;
	if (buffer_append(&scanner->text, scanner->rest.data, len) < 0)
		return ERR_NOMEM;
	skip(scanner, len);
	return 0;
}

/* take_sign - take a character that stands for itself; tell whether it does */
static bool
take_sign(struct conf_scanner *scanner, struct conf_token *token)
{
	static const struct {
		const char *text;
		enum conf_token_kind kind;
	} signs[] = {{"{", CONF_TOKEN_OPEN}, {"}", CONF_TOKEN_CLOSE},
	    {"=", CONF_TOKEN_EQUALS}, {"+=", CONF_TOKEN_APPEND},
	    {",", CONF_TOKEN_COMMA}, {"(", CONF_TOKEN_STRAY},
	    {")", CONF_TOKEN_STRAY}};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		size_t len = strlen(signs[i].text);

		if (scanner->rest.len < len ||
		    memcmp(scanner->rest.data, signs[i].text, len) != 0)
			continue;
		token->kind = signs[i].kind;
		token->text = signs[i].text;
		skip(scanner, len);
		return true;
	}
	return false;
}

/* take_text - take a word or a string, ended by NUL */
static int
take_text(struct conf_scanner *scanner, struct conf_token *token)
{
	char c = peek(scanner, 0);
	int r;

	/* A password that was the token before is not left behind. */
	if (scanner->text.data != NULL)
		explicit_bzero(scanner->text.data, scanner->text.end);
	buffer_reset(&scanner->text);
	if (c == '"' || c == '\'') {
		skip(scanner, 1);
		r = take_string(scanner, c, token);
	} else {
		r = take_word(scanner, token);
	}
	if (r == 0 && buffer_append(&scanner->text, "", 1) < 0)
		r = ERR_NOMEM;
	if (r == 0 && token->kind == CONF_TOKEN_TEXT)
		token->text = (const char *)buffer_slice(&scanner->text).data;
	return r;
}

/* conf_scan_next - take the next token */
int
conf_scan_next(struct conf_scanner *scanner, struct conf_token *token)
{
	const char *reason = NULL;
	char c;

	token->text = "";
	if (!skip_blanks(scanner, &token->line))
		return refuse(token, "comment does not end");
	if (scanner->rest.len == 0) {
		token->kind = CONF_TOKEN_END;
		return 0;
	}
	if (take_sign(scanner, token))
		return 0;
	c = peek(scanner, 0);
	if (is_control(c))
		reason = "control character";
	else if (c == '*' || c == '+')
		reason = "stray character";
	else if (c == '$' && peek(scanner, 1) == '{')
		reason = "variables are not replaced";
	if (reason == NULL)
		return take_text(scanner, token);
	skip(scanner, 1);
	return refuse(token, reason);
}
