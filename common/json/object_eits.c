/* SPDX-License-Identifier: ISC */
/*
 * object_eits.c - the names of encoded information types
 *
 * Contract in object_eits.h.
 */
#include "json/object_eits.h"

#include "ber/oid.h"
#include "ber/reader.h"

/* The bits of BuiltInEncodedInformationTypes. */
static const char *const built_in[] = {"unknown", "telex", "ia5-text",
    "g3-facsimile", "g4-class-1", "teletex", "videotex", "voice", "sfd",
    "mixed-mode", NULL};

/* put_external - put the types that have object identifiers */
static void
put_external(struct json_put *put, json_t *list,
    const struct ber_reader *reader, const struct ber_element *el)
{
	char text[OID_TEXT_MAX];
	struct ber_reader inner;
	struct ber_element one;

	if (ber_enter(reader, el, &inner) != 0)
		return;
	while (ber_next(&inner, &one) > 0)
		if (oid_format(one.contents, text) >= 0)
			json_put_string(put, list, NULL, text);
}

/* object_eits_put - put the types of an element */
void
object_eits_put(struct json_put *put, json_t *object, const char *name,
    struct slice element)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	uint32_t bits;
	size_t count;
	json_t *list;

	ber_reader_init(&reader, element, NULL);
	if (ber_next(&reader, &el) <= 0 || ber_enter(&reader, &el, &inner) != 0)
		return;
	list = json_put_array(put, object, name);
	while (ber_next(&inner, &el) > 0) {
		if (el.tag == BER_CTX(4))
			put_external(put, list, &inner, &el);
		if (el.tag != BER_CTX(0) ||
		    ber_get_bits(&inner, &el, name, &bits, &count) != 0)
			continue;
		for (unsigned i = 0; built_in[i] != NULL; i++)
			if ((bits & BER_BIT(i)) != 0)
				json_put_string(put, list, NULL, built_in[i]);
	}
}
