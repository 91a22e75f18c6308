/* SPDX-License-Identifier: ISC */
/*
 * mime_word.c - words of headers in other character sets (RFC 2047)
 *
 * Contract in mime_word.h.  A character may be cut between two words of one
 * set, though RFC 2047 5 forbids it; so octets of words that follow each other
 * in one set are joined before they are converted.
 */
#include "mime/mime_word.h"

#include "mhs/charset.h"
#include "mime/mime_decode.h"
#include "mime/mime_header.h"

/* An encoded word: =?charset?B?octets?= */
struct word {
	struct slice charset; /* without its language */
	bool base64;
	struct slice octets; /* encoded */
	size_t length;	     /* of the whole word */
};

/* Decoded text, and words of one set that were not converted yet. */
struct decoding {
	struct mime_charsets *charsets;
	struct arena *arena;
	struct buffer out;
	struct buffer octets;
	struct slice charset;
};

/* token - take what stands before a "?"; false if there is none */
static bool
token(struct slice *rest, struct slice *out)
{
	const uint8_t *end =
	    rest->len > 0 ? memchr(rest->data, '?', rest->len) : NULL;
	size_t len;

	if (end == NULL)
		return false;
	len = (size_t)(end - rest->data);
	*out = slice_of(rest->data, len);
	*rest = slice_of(rest->data + len + 1, rest->len - len - 1);
	return len > 0;
}

/* find_word - read the encoded word that text begins with; false: none */
static bool
find_word(struct slice text, struct word *word)
{
	struct slice rest, encoding;
	const uint8_t *star;
	size_t len = 0;

	if (text.len < 2 || text.data[0] != '=' || text.data[1] != '?')
		return false;
	rest = slice_of(text.data + 2, text.len - 2);
	if (!token(&rest, &word->charset) || !token(&rest, &encoding) ||
	    encoding.len != 1)
		return false;
	star = memchr(word->charset.data, '*', word->charset.len);
	if (star != NULL)
		word->charset.len = (size_t)(star - word->charset.data);
	if (strchr("BbQq", encoding.data[0]) == NULL)
		return false;
	word->base64 = (encoding.data[0] & 0xdf) == 'B';
	/* A blank or a tab within a word is an error that is common. */
	while (len + 1 < rest.len &&
	    !(rest.data[len] == '?' && rest.data[len + 1] == '='))
		len++;
	if (len + 1 >= rest.len)
		return false;
	word->octets = slice_of(rest.data, len);
	word->length = (size_t)(rest.data - text.data) + len + 2;
	return true;
}

/* gather - collect octets */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* decode_octets - append the octets that a word stands for */
static int
decode_octets(const struct word *word, struct buffer *out)
{
	struct mime_decoder decoder;
	int error = 0;

	mime_decoder_init(
	    &decoder, word->base64 ? MIME_BASE64 : MIME_QUOTED_PRINTABLE);
	/* "Q" is quoted-printable but for "_", which is a blank. */
	for (size_t i = 0; error == 0 && i < word->octets.len; i++) {
		uint8_t octet = word->octets.data[i];

		if (!word->base64 && (octet == '_' || octet == ' '))
			error = buffer_append(out, " ", 1);
		else
			error = mime_decoder_push(
			    &decoder, slice_of(&octet, 1), gather, out);
	}
	return error == 0 ? mime_decoder_finish(&decoder, gather, out) : error;
}

/* convert_words - convert the words that were joined */
static int
convert_words(struct decoding *d)
{
	struct slice utf8;
	int error;

	if (buffer_length(&d->octets) == 0)
		return 0;
	error = mime_charset_text(
	    d->charsets, d->charset, buffer_slice(&d->octets), d->arena, &utf8);
	buffer_reset(&d->octets);
	return error == 0 ? buffer_append(&d->out, utf8.data, utf8.len) : error;
}

/* take_word - take an encoded word */
static int
take_word(struct decoding *d, const struct word *word)
{
	int error = 0;

	if (buffer_length(&d->octets) > 0 &&
	    !slice_equal(d->charset, word->charset))
		error = convert_words(d);
	d->charset = word->charset;
	return error == 0 ? decode_octets(word, &d->octets) : error;
}

/* blanks - count the blanks that text begins with */
static size_t
blanks(struct slice text)
{
	size_t len = 0;

	while (
	    len < text.len && (text.data[len] == ' ' || text.data[len] == '\t'))
		len++;
	return len;
}

/* decode_all - decode a text that has encoded words */
static int
decode_all(struct decoding *d, struct slice text)
{
	struct word word;
	int error = 0;

	while (text.len > 0 && error == 0) {
		size_t skip = blanks(text), len;
		bool after = buffer_length(&d->octets) > 0;

		if (find_word(
			slice_of(text.data + skip, text.len - skip), &word)) {
			/* Blanks between two words were put there to fold. */
			if (skip > 0 && !after)
				error = buffer_append(&d->out, text.data, skip);
			if (error == 0)
				error = take_word(d, &word);
			len = skip + word.length;
		} else {
			len = skip > 0 ? skip : 1;
			while (skip == 0 && len < text.len &&
			    text.data[len] != ' ' && text.data[len] != '\t' &&
			    text.data[len] != '=')
				len++;
			error = convert_words(d);
			if (error == 0)
				error = buffer_append(&d->out, text.data, len);
		}
		text = slice_of(text.data + len, text.len - len);
	}
	return error == 0 ? convert_words(d) : error;
}

/* mime_word_decode - decode all encoded words of a text */
int
mime_word_decode(struct mime_charsets *charsets, struct slice text,
    struct arena *arena, struct slice *utf8)
{
	struct decoding d = {.charsets = charsets, .arena = arena};
	struct slice copy;
	int error;

	/* No set has a character that grows more than fourfold. */
	buffer_init(&d.out, 4 * text.len + 64);
	buffer_init(&d.octets, text.len + 64);
	error = decode_all(&d, text);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&d.out), &copy);
	if (error == 0)
		error = charset_no_controls(copy, arena, utf8);
	buffer_fini(&d.out);
	buffer_fini(&d.octets);
	return error;
}
