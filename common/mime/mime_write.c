/* SPDX-License-Identifier: ISC */
/*
 * mime_write.c - write the header of an Internet message (RFC 5322, RFC 2047,
 * RFC 2231)
 *
 * Contract in mime_write.h.
 */
#include "mime/mime_write.h"

#include <stdio.h>

#include "mhs/charset.h"

/* Octets of text in one encoded word: with its frame it has at most 75. */
#define ENCODED_MAX 42

/* Octets of a value in one piece of a parameter. */
#define PIECE_MAX 20

static const char hex[] = "0123456789ABCDEF";

/* mime_writer_init - write to a sink */
void
mime_writer_init(struct mime_writer *writer, mime_sink sink, void *arg)
{
	*writer = (struct mime_writer){.sink = sink, .arg = arg};
}

/* mime_gather - collect what is written, without line ends */
int
mime_gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	/* A fold is a line end before a blank, which stays. */
	if (octets.len == 2 && memcmp(octets.data, "\r\n", 2) == 0)
		return 0;
	return buffer_append(out, octets.data, octets.len);
}

/* mime_put - write octets as they are */
void
mime_put(struct mime_writer *writer, struct slice octets)
{
	if (writer->error == 0 && octets.len > 0)
		writer->error = writer->sink(writer->arg, octets);
}

/* mime_puts - write a string as it is */
void
mime_puts(struct mime_writer *writer, const char *string)
{
	mime_put(writer, slice_of_string(string));
}

/* put_clean - write octets of a header; a mark for what none may have */
static void
put_clean(struct mime_writer *writer, struct slice octets)
{
	uint8_t out[256];
	size_t len = 0;

	for (size_t i = 0; i < octets.len; i++) {
		uint8_t octet = octets.data[i];

		out[len++] = octet < ' ' || octet > '~' ? (uint8_t)'?' : octet;
		if (len == sizeof(out)) {
			mime_put(writer, slice_of(out, len));
			len = 0;
		}
	}
	mime_put(writer, slice_of(out, len));
	writer->column += (unsigned)octets.len;
	writer->field += octets.len;
	writer->header += octets.len;
}

/* fold - begin a new line of the field */
static void
fold(struct mime_writer *writer)
{
	mime_puts(writer, "\r\n");
	writer->header += 2;
	writer->column = 0;
}

/* mime_field - begin a field */
void
mime_field(struct mime_writer *writer, const char *name)
{
	writer->column = 0;
	writer->field = 0;
	put_clean(writer, slice_of_string(name));
	put_clean(writer, slice_of_string(":"));
}

/* mime_field_end - end it */
void
mime_field_end(struct mime_writer *writer)
{
	fold(writer);
}

/* put_token - write a token; *blank: behind a blank, at which it folds */
static void
put_token(struct mime_writer *writer, struct slice token, const char *blank)
{
	/* A line has its name at least before it is folded. */
	if (*blank != '\0' && writer->column > 1 &&
	    writer->column + 1 + token.len > MIME_COLUMNS)
		fold(writer);
	put_clean(writer, slice_of_string(blank));
	/* No line may be longer, whatever that does to the token. */
	while (writer->column + token.len > MIME_LINE_MAX) {
		size_t len = MIME_LINE_MAX > writer->column
		    ? MIME_LINE_MAX - writer->column
		    : 0;

		put_clean(writer, slice_of(token.data, len));
		token = slice_of(token.data + len, token.len - len);
		fold(writer);
		put_clean(writer, slice_of_string(" "));
	}
	put_clean(writer, token);
}

/* mime_word - write a token behind a blank */
void
mime_word(struct mime_writer *writer, struct slice token)
{
	put_token(writer, token, " ");
}

/* mime_words - write a string as a token */
void
mime_words(struct mime_writer *writer, const char *token)
{
	put_token(writer, slice_of_string(token), " ");
}

/* mime_join - write a token right behind what stands there */
void
mime_join(struct mime_writer *writer, const char *token)
{
	put_token(writer, slice_of_string(token), "");
}

/* is_plain - tell whether text can stand in a header as it is */
static bool
is_plain(struct slice utf8)
{
	size_t word = 0;

	for (size_t i = 0; i < utf8.len; i++) {
		uint8_t octet = utf8.data[i];

		if (octet < ' ' || octet > '~')
			return false;
		/* A reader would decode what looks like an encoded word. */
		if (octet == '=' && i + 1 < utf8.len && utf8.data[i + 1] == '?')
			return false;
		word = octet == ' ' ? 0 : word + 1;
		if (word > MIME_LINE_MAX / 2)
			return false;
	}
	/* Blanks at the ends would be lost. */
	return utf8.len == 0 ||
	    (utf8.data[0] != ' ' && utf8.data[utf8.len - 1] != ' ');
}

/* word_length - count the octets of whole characters that fit in one encoded
 * word */
static size_t
word_length(struct slice utf8)
{
	size_t pos = 0, len = 0;

	while (pos < utf8.len) {
		(void)charset_next(utf8, &pos);
		if (pos > ENCODED_MAX)
			break;
		len = pos;
	}
	return len > 0 ? len : pos;
}

/* count_encoded - count the octets that "Q" would write with three */
static size_t
count_encoded(struct slice utf8)
{
	size_t count = 0;

	for (size_t i = 0; i < utf8.len; i++)
		if (utf8.data[i] < ' ' || utf8.data[i] > '~' ||
		    strchr("\"#$%&'(),.:;<=>?@[\\]^_`{|}~", utf8.data[i]) !=
			NULL)
			count++;
	return count;
}

/* put_encoded_q - write an encoded word, "Q" */
static void
put_encoded_q(struct mime_writer *writer, struct slice utf8, const char *blank)
{
	char out[3 * ENCODED_MAX + 32];
	size_t len = (size_t)snprintf(out, sizeof(out), "=?utf-8?Q?");

	for (size_t i = 0; i < utf8.len; i++) {
		uint8_t octet = utf8.data[i];

		if (octet == ' ') {
			out[len++] = '_';
		} else if (count_encoded(slice_of(&octet, 1)) == 0) {
			out[len++] = (char)octet;
		} else {
			out[len++] = '=';
			out[len++] = hex[octet >> 4];
			out[len++] = hex[octet & 15];
		}
	}
	out[len++] = '?';
	out[len++] = '=';
	put_token(writer, slice_of(out, len), blank);
}

/* put_encoded_b - write an encoded word, "B" */
static void
put_encoded_b(struct mime_writer *writer, struct slice utf8, const char *blank)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
				     "klmnopqrstuvwxyz0123456789+/";
	char out[2 * ENCODED_MAX + 32];
	size_t len = (size_t)snprintf(out, sizeof(out), "=?utf-8?B?");

	for (size_t i = 0; i < utf8.len; i += 3) {
		size_t left = utf8.len - i;
		uint32_t bits = (uint32_t)utf8.data[i] << 16;

		if (left > 1)
			bits |= (uint32_t)utf8.data[i + 1] << 8;
		if (left > 2)
			bits |= utf8.data[i + 2];
		out[len++] = digits[bits >> 18];
		out[len++] = digits[bits >> 12 & 63];
		out[len++] = left > 1 ? digits[bits >> 6 & 63] : '=';
		out[len++] = left > 2 ? digits[bits & 63] : '=';
	}
	out[len++] = '?';
	out[len++] = '=';
	put_token(writer, slice_of(out, len), blank);
}

/* put_encoded_behind - write text as encoded words, the first one behind blank
 */
static void
put_encoded_behind(
    struct mime_writer *writer, struct slice utf8, const char *blank)
{
	while (utf8.len > 0) {
		struct slice part = slice_of(utf8.data, word_length(utf8));

		/* Whichever is shorter; a word of "Q" has room for some. */
		if (3 * count_encoded(part) > part.len ||
		    2 * count_encoded(part) + part.len + 12 > 75)
			put_encoded_b(writer, part, blank);
		else
			put_encoded_q(writer, part, blank);
		utf8 = slice_of(utf8.data + part.len, utf8.len - part.len);
		blank = " ";
	}
}

/* put_encoded - write text as encoded words */
static void
put_encoded(struct mime_writer *writer, struct slice utf8)
{
	put_encoded_behind(writer, utf8, " ");
}

/* put_plain - write plain text, folded at its blanks */
static void
put_plain(struct mime_writer *writer, struct slice text)
{
	const char *blank = " ";

	while (text.len > 0) {
		size_t len = 0;

		/* Several blanks in a row stay on one line. */
		while (len < text.len && (text.data[len] != ' ' || len == 0))
			len++;
		if (text.data[0] == ' ') {
			put_token(
			    writer, slice_of(text.data + 1, len - 1), " ");
		} else {
			put_token(writer, slice_of(text.data, len), blank);
		}
		blank = "";
		text = slice_of(text.data + len, text.len - len);
	}
}

/* mime_text - write text that is no token */
void
mime_text(struct mime_writer *writer, struct slice utf8)
{
	if (is_plain(utf8))
		put_plain(writer, utf8);
	else
		put_encoded(writer, utf8);
}

/* mime_value - write the value of a field as it was read */
void
mime_value(struct mime_writer *writer, struct slice value)
{
	if (charset_is_ascii(value))
		put_plain(writer, value);
	else
		put_encoded(writer, value);
}

/* is_atoms - tell whether text is a phrase without quotes */
static bool
is_atoms(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("()<>[]:;@\\,.\"", text.data[i]) != NULL ||
		    (text.data[i] == ' ' && i > 0 && text.data[i - 1] == ' '))
			return false;
	return true;
}

/* mime_phrase - write a display name */
void
mime_phrase(struct mime_writer *writer, struct slice utf8)
{
	char out[2 * MIME_COLUMNS + 2];
	size_t len = 0;

	if (!is_plain(utf8) || utf8.len == 0) {
		put_encoded(writer, utf8);
		return;
	}
	if (is_atoms(utf8)) {
		put_plain(writer, utf8);
		return;
	}
	/* A name that is too long for one quoted string is encoded. */
	if (utf8.len > MIME_COLUMNS - 10) {
		put_encoded(writer, utf8);
		return;
	}
	out[len++] = '"';
	for (size_t i = 0; i < utf8.len; i++) {
		if (utf8.data[i] == '"' || utf8.data[i] == '\\')
			out[len++] = '\\';
		out[len++] = (char)utf8.data[i];
	}
	out[len++] = '"';
	put_token(writer, slice_of(out, len), " ");
}

/* mime_comment - write text in parentheses */
void
mime_comment(struct mime_writer *writer, struct slice utf8)
{
	char out[MIME_COLUMNS];
	size_t len = 0;
	bool plain = is_plain(utf8) && utf8.len < sizeof(out) - 2;

	for (size_t i = 0; i < utf8.len && plain; i++)
		if (strchr("()\\", utf8.data[i]) != NULL)
			plain = false;
	if (plain) {
		out[len++] = '(';
		memcpy(out + len, utf8.data, utf8.len);
		len += utf8.len;
		out[len++] = ')';
		put_token(writer, slice_of(out, len), " ");
		return;
	}
	/* RFC 2047 5 (2): encoded words may stand in a comment. */
	put_token(writer, slice_of_string("("), " ");
	put_encoded(writer, utf8);
	put_token(writer, slice_of_string(")"), " ");
}

/* is_token - tell whether a value needs no quotes */
static bool
is_token(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] <= ' ' || value.data[i] > '~' ||
		    strchr("()<>@,;:\\\"/[]?=*'%", value.data[i]) != NULL)
			return false;
	return value.len > 0;
}

/* put_quoted_value - write a value in quotes */
static void
put_quoted_value(
    struct mime_writer *writer, const char *name, struct slice value)
{
	char out[3 * MIME_COLUMNS];
	size_t len = (size_t)snprintf(out, sizeof(out), "%s=\"", name);

	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			out[len++] = '\\';
		out[len++] = (char)value.data[i];
	}
	out[len++] = '"';
	put_token(writer, slice_of(out, len), " ");
}

/* put_pieces - write a value in pieces, as RFC 2231 3 and 4 have it */
static void
put_pieces(struct mime_writer *writer, const char *name, struct slice value)
{
	char out[3 * PIECE_MAX + 64];
	unsigned piece = 0;

	for (size_t i = 0; i < value.len || piece == 0; piece++) {
		size_t end =
		    i + PIECE_MAX < value.len ? i + PIECE_MAX : value.len;
		size_t len = value.len <= PIECE_MAX
		    ? (size_t)snprintf(out, sizeof(out), "%.40s*=utf-8''", name)
		    : (size_t)snprintf(out, sizeof(out), "%.40s*%u*=%s", name,
			  piece, piece == 0 ? "utf-8''" : "");

		for (; i < end; i++) {
			uint8_t octet = value.data[i];

			if (is_token(slice_of(&octet, 1))) {
				out[len++] = (char)octet;
				continue;
			}
			out[len++] = '%';
			out[len++] = hex[octet >> 4];
			out[len++] = hex[octet & 15];
		}
		if (piece > 0)
			mime_join(writer, ";");
		put_token(writer, slice_of(out, len), " ");
	}
}

/* mime_parameter - write "; name=value" */
void
mime_parameter(struct mime_writer *writer, const char *name, struct slice utf8)
{
	char out[MIME_COLUMNS + 8];
	int len;

	mime_join(writer, ";");
	if (utf8.len + strlen(name) > MIME_COLUMNS - 4 || !is_plain(utf8)) {
		put_pieces(writer, name, utf8);
	} else if (is_token(utf8)) {
		len = snprintf(out, sizeof(out), "%s=%.*s", name, (int)utf8.len,
		    (const char *)utf8.data);
		put_token(writer, slice_of(out, (size_t)len), " ");
	} else {
		put_quoted_value(writer, name, utf8);
	}
}

/* mime_parameter_word - write "; name=value" for readers without RFC 2231 */
void
mime_parameter_word(
    struct mime_writer *writer, const char *name, struct slice utf8)
{
	char out[MIME_COLUMNS];

	if (utf8.len + strlen(name) <= MIME_COLUMNS - 4 && is_plain(utf8)) {
		mime_parameter(writer, name, utf8);
		return;
	}
	mime_join(writer, ";");
	(void)snprintf(out, sizeof(out), "%.40s=\"", name);
	/* The first word stands on the same line. */
	if (writer->column > 1)
		fold(writer);
	put_token(writer, slice_of_string(out), " ");
	put_encoded_behind(writer, utf8, "");
	mime_join(writer, "\"");
}
