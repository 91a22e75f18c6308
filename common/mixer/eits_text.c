/* SPDX-License-Identifier: ISC */
/*
 * eits_text.c - encoded information types as a field (RFC 2156 4.5)
 *
 * Contract in eits_text.h.
 */
#include "mixer/eits_text.h"

#include <stdio.h>

#include "ber/reader.h"
#include "mixer/oid_text.h"

/* Types with an object identifier that are written. */
#define EXTERNALS_MAX 64

/* By their bits (X.411 8.3.1.1.1.32). */
static const char *const words[] = {"Undefined", "Telex", "IA5-Text", "G3-Fax",
    "TIF0", "Teletex", "Videotex", "Voice", "SFD", "TIF1"};

/* A list of types that is being written. */
struct list {
	struct mime_writer *writer;
	const char *field; /* that the first one begins, or NULL */
	bool any;
};

/* put_word - write a type */
static void
put_word(struct list *list, const char *word)
{
	char first[OID_TEXT_MAX + 1];

	if (list->any)
		mime_join(list->writer, ",");
	else if (list->field != NULL)
		mime_field(list->writer, list->field);
	else if (snprintf(first, sizeof(first), "(%s", word) > 0)
		word = first;
	list->any = true;
	mime_words(list->writer, word);
}

/* put_built_in - write the types of a BIT STRING */
static void
put_built_in(struct list *list, const struct ber_reader *reader,
    const struct ber_element *el)
{
	uint32_t bits;
	size_t count;

	if (ber_get_bits(reader, el, "built-in types", &bits, &count) != 0)
		return;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((bits & BER_BIT(i)) != 0)
			put_word(list, words[i]);
}

/* put_external - write the types of a SET OF OBJECT IDENTIFIER */
static void
put_external(struct list *list, const struct ber_reader *reader,
    const struct ber_element *el)
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
		put_word(list, text);
	}
}

/* put_list - write all types of an element */
static void
put_list(struct list *list, struct slice element)
{
	struct ber_reader reader, inner;
	struct ber_element el;

	ber_reader_init(&reader, element, NULL);
	if (element.len == 0 || ber_next(&reader, &el) <= 0 ||
	    !el.constructed || ber_enter(&reader, &el, &inner) < 0)
		return;
	while (ber_next(&inner, &el) > 0) {
		if (el.tag == BER_CTX(0))
			put_built_in(list, &inner, &el);
		else if (el.tag == BER_CTX(4))
			put_external(list, &inner, &el);
	}
}

/* eits_text_put - write a field of types */
void
eits_text_put(
    struct mime_writer *writer, const char *field, struct slice element)
{
	struct list list = {.writer = writer, .field = field};

	put_list(&list, element);
	if (list.any)
		mime_field_end(writer);
}

/* eits_text_list - write types in parentheses; false: there are none */
bool
eits_text_list(struct mime_writer *writer, struct slice element)
{
	struct list list = {.writer = writer};

	put_list(&list, element);
	if (list.any)
		mime_join(writer, ")");
	return list.any;
}
