/* SPDX-License-Identifier: ISC */
/*
 * languages.c - the languages of a message
 *
 * Contract in languages.h.
 */
#include "mixer/languages.h"

#include "ber/reader.h"
#include "mhs/charset.h"
#include "mime/mime_header.h"

#define LANGUAGES_MAX 20

/* is_language - tell whether X.420 can say a language */
static bool
is_language(struct slice one)
{
	return (one.len == 2 || one.len == 5) && charset_is_printable(one) &&
	    memchr(one.data, ' ', one.len) == NULL &&
	    memchr(one.data, '(', one.len) == NULL;
}

/* languages_are_long - tell whether a field has one that X.420 cannot say */
bool
languages_are_long(struct slice value)
{
	while (value.len > 0) {
		const uint8_t *comma = memchr(value.data, ',', value.len);
		size_t len =
		    comma != NULL ? (size_t)(comma - value.data) : value.len;

		if (!is_language(mime_trim(slice_of(value.data, len))))
			return true;
		len += comma != NULL;
		value = slice_of(value.data + len, value.len - len);
	}
	return false;
}

/* put_all - write each language that X.420 can say; how many */
static size_t
put_all(struct ber_writer *writer, struct slice value)
{
	size_t count = 0;

	while (value.len > 0 && count < LANGUAGES_MAX) {
		const uint8_t *comma = memchr(value.data, ',', value.len);
		size_t len =
		    comma != NULL ? (size_t)(comma - value.data) : value.len;
		struct slice one = mime_trim(slice_of(value.data, len));

		/* RFC 2156 5.1.3: of a longer one its language. */
		if (!is_language(one) && one.len > 2)
			one.len = 2;
		if (is_language(one)) {
			ber_put(writer, BER_UNI(BER_PRINTABLE_STRING), one);
			count++;
		}
		if (comma == NULL)
			break;
		value = slice_of(comma + 1, value.len - len - 1);
	}
	return count;
}

/* languages_encode - write the value of the extension; how many there are */
size_t
languages_encode(struct ber_writer *writer, struct slice value)
{
	size_t count;

	ber_begin(writer, BER_UNI(BER_SET));
	count = put_all(writer, value);
	ber_end_element(writer);
	return count;
}

/* languages_put - write Content-Language of the value of the extension */
void
languages_put(struct mime_writer *writer, struct slice value)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	size_t count = 0;

	ber_reader_init(&reader, value, NULL);
	if (ber_next(&reader, &el) <= 0 || !el.constructed ||
	    ber_enter(&reader, &el, &inner) < 0)
		return;
	while (count < LANGUAGES_MAX && ber_next(&inner, &el) > 0) {
		if (el.constructed || el.contents.len < 2 ||
		    el.contents.len > 5)
			continue;
		if (count++ == 0)
			mime_field(writer, "Content-Language");
		else
			mime_join(writer, ",");
		mime_word(writer, el.contents);
	}
	if (count > 0)
		mime_field_end(writer);
}
