/* SPDX-License-Identifier: ISC */
/*
 * or_address_extension.c - read extension attributes (X.411 8.5.5.4)
 */
#include "mhs/or_address_decode.h"

/* find_universal - find the string within a UniversalOrBMPString */
static int
find_universal(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct ber_element *string)
{
	struct ber_reader inner;
	struct ber_element part;
	bool found = false;
	int n;

	n = ber_enter(reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		n = 0;
		/* X.411: a UniversalOrBMPString has either, with a language
		 * beside it that nobody needs. */
		if (part.tag == BER_UNI(BER_BMP_STRING) ||
		    part.tag == BER_UNI(BER_UNIVERSAL_STRING)) {
			*string = part;
			found = true;
		}
	}
	if (n == 0 && !found)
		n = ber_error(reader, el, ERR_SYNTAX, name, "no string");
	return n;
}

/* or_decode_universal - note the universal form of an attribute */
int
or_decode_universal(struct or_decoder *decoder, const struct ber_element *el,
    enum or_attribute attribute)
{
	struct ber_element string;
	int error;

	error = find_universal(
	    &decoder->reader, el, or_attribute_info[attribute].name, &string);
	return error != 0
	    ? error
	    : or_decode_attribute(decoder, &string, attribute, OR_UNIVERSAL);
}

/* or_decode_string - read the next string of reader; a universal one is a
 * SET */
int
or_decode_string(const struct or_decoder *decoder, struct ber_reader *reader,
    const char *name, enum or_form form, struct slice *text)
{
	struct ber_element el, string;
	uint32_t tag = form == OR_UNIVERSAL ? BER_UNI(BER_SET)
	    : form == OR_TELETEX	    ? BER_UNI(BER_T61_STRING)
					    : BER_UNI(BER_PRINTABLE_STRING);
	int n;

	n = ber_expect(reader, tag, name, &el);
	if (n == 0 && form == OR_UNIVERSAL)
		n = find_universal(reader, &el, name, &string);
	else
		string = el;
	return n != 0 ? n : or_decode_text(decoder, &string, name, form, text);
}

/* decode_pds - read the text of a PDSParameter: printable, else teletex */
static int
decode_pds(struct or_decoder *decoder, const struct ber_element *el,
    struct slice *text)
{
	struct ber_reader inner;
	struct ber_element part;
	bool printable = false;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		n = 0;
		/* X.411: PDSParameter may have both; the printable one is
		 * readable by all. */
		if (part.tag == BER_UNI(BER_PRINTABLE_STRING)) {
			n = or_decode_text(decoder, &part, "postal attribute",
			    OR_PRINTABLE, text);
			printable = true;
		} else if (part.tag == BER_UNI(BER_T61_STRING) && !printable) {
			n = or_decode_text(decoder, &part, "postal attribute",
			    OR_TELETEX, text);
		}
	}
	return n;
}

/* decode_text - read the text of a postal attribute, if it is one */
static int
decode_text(struct or_decoder *decoder, unsigned number,
    const struct ber_element *el, struct slice *text)
{
	struct ber_element string;
	int error;

	if (number >= OR_EXT_PDS_NAME && number <= OR_EXT_POSTAL_CODE) {
		if (el->tag != BER_UNI(BER_PRINTABLE_STRING) &&
		    el->tag != BER_UNI(BER_NUMERIC_STRING))
			return 0;
		return or_decode_text(
		    decoder, el, "postal attribute", OR_PRINTABLE, text);
	}
	if (number >= OR_EXT_PDS_FIRST && number <= OR_EXT_PDS_LAST &&
	    number != OR_EXT_UNFORMATTED && el->tag == BER_UNI(BER_SET))
		return decode_pds(decoder, el, text);
	if (number >= OR_EXT_UNIVERSAL_PDS_FIRST &&
	    number <= OR_EXT_UNIVERSAL_PDS_LAST &&
	    number != OR_EXT_UNIVERSAL_UNFORMATTED) {
		error = find_universal(
		    &decoder->reader, el, "postal attribute", &string);
		return error != 0 ? error
				  : or_decode_text(decoder, &string,
					"postal attribute", OR_UNIVERSAL, text);
	}
	return 0;
}

/* or_decode_extension_text - read the text of a postal attribute, if it is
 * one */
int
or_decode_extension_text(struct or_decoder *decoder, unsigned number,
    const struct ber_element *el, struct slice *text)
{
	int error;

	*text = slice_of(NULL, 0);
	error = decode_text(decoder, number, el, text);
	/* X.411: a single blank stands for an absent attribute. */
	if (or_is_blank(*text))
		text->len = 0;
	return error;
}

/* or_address_extension_keep - keep an extension attribute that the struct has
 * no place for */
static int
or_address_extension_keep(
    struct or_decoder *decoder, unsigned type, const struct ber_element *el)
{
	struct or_address *address = decoder->address;
	struct or_extension extension = {
	    .number = type, .type = type, .value = el->whole};
	unsigned i;
	int error;

	error = or_decode_extension_text(decoder, type, el, &extension.text);
	if (error != 0)
		return error;
	if (extension.text.len != 0)
		extension.number = or_extension_number(type);
	/* Of several forms of one, the printable gives the text. */
	for (i = 0; i < address->extension_count; i++) {
		struct or_extension *other = &address->extension[i];

		if (other->number != extension.number ||
		    extension.text.len == 0 || other->text.len == 0)
			continue;
		if (type < other->type)
			*other = extension;
		return 0;
	}
	if (or_address_insert(address, decoder->arena, &extension) != 0)
		return ber_error(&decoder->reader, el,
		    arena_error(decoder->arena), "extension attribute", "%s",
		    arena_reason(decoder->arena));
	return 0;
}

/* decode_terminal_type - read an INTEGER, kept as its word */
static int
decode_terminal_type(struct or_decoder *decoder, const struct ber_element *el)
{
	struct or_address *address = decoder->address;
	const char *name;
	int64_t type;
	int error;

	error = ber_get_integer(
	    &decoder->reader, el, "terminal type", 0, OR_EXT_LAST, &type);
	if (error != 0)
		return error;
	name = or_terminal_type_name(type);
	if (name == NULL)
		name = arena_printf(decoder->arena, "%d", (int)type);
	if (name == NULL)
		return ber_error(&decoder->reader, el,
		    arena_error(decoder->arena), "terminal type", "%s",
		    arena_reason(decoder->arena));
	address->attribute[OR_TERMINAL_TYPE] = slice_of_string(name);
	address->forms[OR_TERMINAL_TYPE] = OR_PRINTABLE;
	return 0;
}

/* decode_value - read the value of one extension attribute */
static int
decode_value(
    struct or_decoder *decoder, unsigned number, const struct ber_element *el)
{
	switch (number) {
	case OR_EXT_COMMON_NAME:
		return or_decode_attribute(
		    decoder, el, OR_COMMON_NAME, OR_PRINTABLE);
	case OR_EXT_TELETEX_COMMON_NAME:
		return or_decode_attribute(
		    decoder, el, OR_COMMON_NAME, OR_TELETEX);
	case OR_EXT_UNIVERSAL_COMMON_NAME:
		return or_decode_universal(decoder, el, OR_COMMON_NAME);
	case OR_EXT_TELETEX_ORGANIZATION:
		return or_decode_attribute(
		    decoder, el, OR_ORGANIZATION, OR_TELETEX);
	case OR_EXT_UNIVERSAL_ORGANIZATION:
		return or_decode_universal(decoder, el, OR_ORGANIZATION);
	case OR_EXT_TELETEX_PERSONAL_NAME:
		return or_decode_personal_name(decoder, el, OR_TELETEX);
	case OR_EXT_UNIVERSAL_PERSONAL_NAME:
		return or_decode_personal_name(decoder, el, OR_UNIVERSAL);
	case OR_EXT_TELETEX_UNITS:
		return or_decode_units(decoder, el, OR_TELETEX);
	case OR_EXT_UNIVERSAL_UNITS:
		return or_decode_units(decoder, el, OR_UNIVERSAL);
	case OR_EXT_TELETEX_DDA:
		return or_decode_ddas(decoder, el, OR_TELETEX);
	case OR_EXT_UNIVERSAL_DDA:
		return or_decode_ddas(decoder, el, OR_UNIVERSAL);
	case OR_EXT_TERMINAL_TYPE:
		return decode_terminal_type(decoder, el);
	default:
		return or_address_extension_keep(decoder, number, el);
	}
}

/* decode_extension - read type and value of one extension attribute */
static int
decode_extension(struct or_decoder *decoder, const struct ber_reader *reader,
    const struct ber_element *el)
{
	struct ber_reader inner, explicit;
	struct ber_element part;
	int64_t number;
	int n;

	n = ber_enter(reader, el, &inner);
	if (n == 0)
		n = ber_expect(
		    &inner, BER_CTX(0), "extension attribute type", &part);
	if (n == 0)
		n = ber_get_integer(&inner, &part, "extension attribute type",
		    0, INT32_MAX, &number);
	if (n == 0)
		n = ber_expect(
		    &inner, BER_CTX(1), "extension attribute value", &part);
	if (n == 0)
		n = ber_enter(&inner, &part, &explicit);
	if (n == 0)
		n = ber_next(&explicit, &part);
	if (n > 0) {
		n = decode_value(decoder, (unsigned)number, &part);
		if (n == 0)
			n = ber_end(&explicit, "extension attribute value");
		return n != 0 ? n : ber_end(&inner, "extension attribute");
	}
	return n < 0 ? n
		     : ber_error(reader, el, ERR_SYNTAX, "extension attribute",
			   "without value");
}

/* or_decode_extensions - read the SET of extension attributes */
int
or_decode_extensions(struct or_decoder *decoder, const struct ber_element *el)
{
	struct ber_reader inner;
	struct ber_element part;
	unsigned count = 0;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		/* Bounded by how many X.411 defines, as every one takes
		 * memory. */
		if (++count > OR_EXT_LAST)
			return ber_error(&inner, &part, ERR_LIMIT,
			    "extension attributes", "more than %d",
			    OR_EXT_LAST);
		n = decode_extension(decoder, &inner, &part);
	}
	return n;
}
