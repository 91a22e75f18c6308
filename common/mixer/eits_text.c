/* SPDX-License-Identifier: ISC */
/*
 * eits_text.c - encoded information types as a field (RFC 2156 4.5)
 *
 * Contract in eits_text.h.
 */
#include "mixer/eits_text.h"

#include "ber/reader.h"
#include "mixer/oid_text.h"

/* Types with an object identifier that are written. */
#define EXTERNALS_MAX 64

/* By their bits (X.411 8.3.1.1.1.32). */
static const char *const words[] = {"Undefined", "Telex", "IA5-Text", "G3-Fax",
    "TIF0", "Teletex", "Videotex", "Voice", "SFD", "TIF1"};

/* put_word - write a type, the first one behind the name of the field */
static void
put_word(struct mime_writer *writer, const char *word, bool *any)
{
	if (!*any)
		mime_field(writer, "Original-Encoded-Information-Types");
	else
		mime_join(writer, ",");
	*any = true;
	mime_words(writer, word);
}

/* put_built_in - write the types of a BIT STRING */
static void
put_built_in(struct mime_writer *writer, const struct ber_reader *reader,
    const struct ber_element *el, bool *any)
{
	uint32_t bits;
	size_t count;

	if (ber_get_bits(reader, el, "built-in types", &bits, &count) != 0)
		return;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((bits & BER_BIT(i)) != 0)
			put_word(writer, words[i], any);
}

/* put_external - write the types of a SET OF OBJECT IDENTIFIER */
static void
put_external(struct mime_writer *writer, const struct ber_reader *reader,
    const struct ber_element *el, bool *any)
{
	struct ber_reader inner;
	struct ber_element one;
	char text[OID_TEXT_MAX];

	if (!el->constructed || ber_enter(reader, el, &inner) < 0)
		return;
	for (unsigned i = 0; i < EXTERNALS_MAX && ber_next(&inner, &one) > 0;
	     i++) {
		if (one.constructed || one.tag != BER_UNI(BER_OID))
			continue;
		oid_text(one.contents, text);
		put_word(writer, text, any);
	}
}

/* eits_text_put - write Original-Encoded-Information-Types */
void
eits_text_put(struct mime_writer *writer, struct slice element)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	bool any = false;

	ber_reader_init(&reader, element, NULL);
	if (element.len == 0 || ber_next(&reader, &el) <= 0 ||
	    !el.constructed || ber_enter(&reader, &el, &inner) < 0)
		return;
	while (ber_next(&inner, &el) > 0) {
		if (el.tag == BER_CTX(0))
			put_built_in(writer, &inner, &el, &any);
		else if (el.tag == BER_CTX(4))
			put_external(writer, &inner, &el, &any);
	}
	if (any)
		mime_field_end(writer);
}
