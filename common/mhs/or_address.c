/* SPDX-License-Identifier: ISC */
/*
 * or_address.c - read an O/R address from BER (X.411 8.5.5)
 *
 * Extension attributes are in or_address_extension.c, writing in
 * or_address_seal.c, text in or_address_parse.c and or_address_format.c,
 * comparing in or_address_compare.c.
 */
#include "ber/header.h"
#include "mhs/or_address_decode.h"
#include "mhs/p1_definite.h"

/* or_decode_text - read octets of a form as UTF-8 without controls */
int
or_decode_text(const struct or_decoder *decoder, const struct ber_element *el,
    const char *name, enum or_form form, struct slice *text)
{
	struct slice raw, utf8;
	int error;

	error = ber_get_octets(
	    &decoder->reader, el, name, OR_TEXT_MAX, decoder->arena, &raw);
	if (error != 0)
		return error;
	/* The usual case: printable text is UTF-8 as it is. */
	if (form != OR_UNIVERSAL && charset_is_printable(raw)) {
		*text = raw;
		return 0;
	}
	if (form == OR_TELETEX)
		error = charset_t61_to_utf8(raw, decoder->arena, &utf8);
	else if (form != OR_UNIVERSAL)
		error = charset_latin1_to_utf8(raw, decoder->arena, &utf8);
	else if (el->tag == BER_UNI(BER_UNIVERSAL_STRING))
		error = charset_universal_to_utf8(raw, decoder->arena, &utf8);
	else
		error = charset_bmp_to_utf8(raw, decoder->arena, &utf8);
	if (error == 0)
		error = charset_no_controls(utf8, decoder->arena, &utf8);
	if (error != 0)
		return ber_error(
		    &decoder->reader, el, error, name, "out of memory");
	*text = utf8;
	return 0;
}

/* or_decode_attribute - note one form of an attribute; the simplest form that
 * came gives the text */
int
or_decode_attribute(struct or_decoder *decoder, const struct ber_element *el,
    enum or_attribute attribute, enum or_form form)
{
	struct or_address *address = decoder->address;
	struct slice text;
	int error;

	error = or_decode_text(
	    decoder, el, or_attribute_info[attribute].name, form, &text);
	if (error != 0)
		return error;
	/* Spaces alone say nothing but in a domain name (X.411 8.5.5.1). */
	if (attribute != OR_ADMD && attribute != OR_PRMD && or_is_blank(text))
		text.len = 0;
	/* Of several forms of an attribute the simplest gives the text; all are
	 * remembered for encoding. */
	if (address->attribute[attribute].len == 0 ||
	    address->forms[attribute] > (uint8_t)form)
		address->attribute[attribute] = text;
	address->forms[attribute] |= (uint8_t)form;
	return 0;
}

/* decode_choice - read a NumericString or a PrintableString */
static int
decode_choice(struct or_decoder *decoder, const struct ber_element *el,
    enum or_attribute attribute)
{
	enum or_form form = OR_PRINTABLE;

	if (el->tag == BER_UNI(BER_NUMERIC_STRING))
		form = OR_NUMERIC;
	else if (el->tag != BER_UNI(BER_PRINTABLE_STRING))
		return ber_error(&decoder->reader, el, ERR_SYNTAX,
		    or_attribute_info[attribute].name,
		    "neither numeric nor printable");
	return or_decode_attribute(decoder, el, attribute, form);
}

/* or_address_decode_tagged - read a choice with a tag of its own around it */
static int
or_address_decode_tagged(struct or_decoder *decoder,
    const struct ber_element *el, enum or_attribute attribute)
{
	const char *name = or_attribute_info[attribute].name;
	struct ber_reader inner;
	struct ber_element choice;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	if (n != 0)
		return n;
	n = ber_next(&inner, &choice);
	if (n <= 0)
		return n < 0 ? n
			     : ber_error(&decoder->reader, el, ERR_SYNTAX, name,
				   "empty");
	n = decode_choice(decoder, &choice, attribute);
	return n != 0 ? n : ber_end(&inner, name);
}

/* or_decode_personal_name - read a SET of surname [0] to generation [3] */
int
or_decode_personal_name(
    struct or_decoder *decoder, const struct ber_element *el, enum or_form form)
{
	struct ber_reader inner;
	struct ber_element part;
	uint32_t number;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		/* X.411: surname [0], given name [1], initials [2] and
		 * generation [3]. */
		number = part.tag - BER_CTX(0);
		if (number > 3)
			return ber_error(&inner, &part, ERR_SYNTAX,
			    "personal name", "unknown tag");
		if (form == OR_UNIVERSAL)
			n = or_decode_universal(decoder, &part,
			    (enum or_attribute)(OR_SURNAME + number));
		else
			n = or_decode_attribute(decoder, &part,
			    (enum or_attribute)(OR_SURNAME + number), form);
	}
	return n;
}

/* or_decode_units - read a SEQUENCE of names of organizational units */
int
or_decode_units(
    struct or_decoder *decoder, const struct ber_element *el, enum or_form form)
{
	struct ber_reader inner;
	struct ber_element part;
	unsigned unit = OR_OU1;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	while (n == 0 && (n = ber_next(&inner, &part)) > 0) {
		/* X.411 has four units. */
		if (unit > OR_OU4)
			return ber_error(&inner, &part, ERR_LIMIT,
			    "organizational unit", "more than 4");
		if (form == OR_UNIVERSAL)
			n = or_decode_universal(
			    decoder, &part, (enum or_attribute)unit++);
		else
			n = or_decode_attribute(
			    decoder, &part, (enum or_attribute)unit++, form);
	}
	return n;
}

/* or_decode_ddas - read a SEQUENCE of types and values in one form */
int
or_decode_ddas(
    struct or_decoder *decoder, const struct ber_element *el, enum or_form form)
{
	struct or_address *address = decoder->address;
	struct ber_reader inner, pair;
	struct ber_element part;
	struct slice type, value;
	struct or_dda *dda;
	unsigned i;
	int n;

	n = ber_enter(&decoder->reader, el, &inner);
	for (i = 0; n == 0 && (n = ber_next(&inner, &part)) > 0; i++) {
		n = ber_enter(&inner, &part, &pair);
		if (n == 0)
			n = or_decode_string(
			    decoder, &pair, "DDA type", form, &type);
		if (n == 0)
			n = or_decode_string(
			    decoder, &pair, "DDA value", form, &value);
		if (n == 0)
			n = ber_end(&pair, "DDA");
		if (n != 0)
			return n;
		/* The nth of one form is the nth of another. */
		dda = i < address->dda_count
		    ? &address->dda[i]
		    : or_address_add_dda(address, decoder->arena);
		if (dda == NULL)
			return ber_error(&inner, &part, ERR_LIMIT, "DDA",
			    "more than %d", OR_DDA_MAX);
		if (or_dda_value(type, decoder->arena, &value) != 0)
			return ber_error(&inner, &part,
			    arena_error(decoder->arena), "DDA", "%s",
			    arena_reason(decoder->arena));
		/* Forms are numbered from the simplest on. */
		if (dda->forms == 0 || dda->forms > (uint8_t)form) {
			dda->type = type;
			dda->value = value;
		}
		dda->forms |= (uint8_t)form;
	}
	return n;
}

/* decode_standard - read one of the built-in standard attributes */
static int
decode_standard(struct or_decoder *decoder, const struct ber_element *el)
{
	struct ber_reader inner;
	struct ber_element choice;
	char tag[BER_TAG_TEXT_MAX];
	int n;

	switch (el->tag) {
	case BER_APP(1):
		return or_address_decode_tagged(decoder, el, OR_COUNTRY);
	case BER_APP(2):
		return or_address_decode_tagged(decoder, el, OR_ADMD);
	case BER_CTX(0):
		return or_decode_attribute(decoder, el, OR_X121, OR_NUMERIC);
	case BER_CTX(1):
		return or_decode_attribute(
		    decoder, el, OR_TERMINAL_ID, OR_PRINTABLE);
	case BER_CTX(2):
		n = ber_enter(&decoder->reader, el, &inner);
		if (n == 0)
			n = ber_next(&inner, &choice);
		if (n == 0)
			n = ber_error(
			    &decoder->reader, el, ERR_SYNTAX, "PRMD", "empty");
		return n < 0 ? n : decode_choice(decoder, &choice, OR_PRMD);
	case BER_CTX(3):
		return or_decode_attribute(
		    decoder, el, OR_ORGANIZATION, OR_PRINTABLE);
	case BER_CTX(4):
		return or_decode_attribute(
		    decoder, el, OR_NUMERIC_USER_ID, OR_NUMERIC);
	case BER_CTX(5):
		return or_decode_personal_name(decoder, el, OR_PRINTABLE);
	case BER_CTX(6):
		return or_decode_units(decoder, el, OR_PRINTABLE);
	default:
		return ber_error(&decoder->reader, el, ERR_SYNTAX,
		    "standard attributes", "element %s has no place here",
		    ber_tag_format(el->tag, tag));
	}
}

/* decode_parts - read standard, domain defined and extension attributes */
static int
decode_parts(struct or_decoder *decoder, struct ber_reader *parts)
{
	struct ber_reader inner;
	struct ber_element el, part;
	int n;

	n = ber_expect(
	    parts, BER_UNI(BER_SEQUENCE), "standard attributes", &el);
	if (n == 0)
		n = ber_enter(parts, &el, &inner);
	if (n != 0)
		return n;
	decoder->reader = inner;
	while (n == 0 && (n = ber_next(&inner, &part)) > 0)
		n = decode_standard(decoder, &part);
	if (n == 0)
		n = ber_optional(parts, BER_UNI(BER_SEQUENCE), &el);
	if (n > 0)
		n = or_decode_ddas(decoder, &el, OR_PRINTABLE);
	if (n == 0)
		n = ber_optional(parts, BER_UNI(BER_SET), &el);
	if (n > 0)
		n = or_decode_extensions(decoder, &el);
	return n;
}

/* decode - read an O/R name, or an address where directory is NULL */
static int
decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct or_address *address,
    struct slice *directory)
{
	struct or_decoder decoder = {.arena = arena, .address = address};
	struct ber_element definite, name;
	struct ber_reader parts;
	int n;

	memset(address, 0, sizeof(*address));
	/* Checked first: everything below takes memory in proportion. */
	if (el->whole.len > OR_ADDRESS_MAX)
		return ber_error(reader, el, ERR_LIMIT, field,
		    "longer than %d octets", OR_ADDRESS_MAX);
	n = p1_definite(reader, el, arena, &definite);
	if (n == 0)
		n = ber_enter(reader, &definite, &parts);
	/* A name without any address: the SEQUENCE may be wholly empty. */
	if (n == 0 && definite.contents.len != 0)
		n = decode_parts(&decoder, &parts);
	if (n != 0)
		goto out;
	address->encoded = slice_of(
	    definite.contents.data, definite.contents.len - parts.rest.len);
	/* X.411: the directory name stands behind the address, and is not part
	 * of it. */
	if (directory != NULL) {
		n = ber_optional(&parts, BER_CTX(0), &name);
		if (n > 0) {
			*directory = name.whole;
			n = 0;
		}
	}
	if (n == 0)
		n = ber_end(&parts, field);
out:
	if (n != 0)
		diag_prefix(reader->diag, "%s", field);
	return n;
}

/* or_name_decode - read an O/R name from el, whatever its tag */
int
or_name_decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct or_name *name)
{
	struct or_address address;
	struct slice directory = {.len = 0};
	int error;

	error = decode(reader, el, field, arena, &address, &directory);
	if (error != 0)
		return error;
	name->address = address;
	name->directory_name = directory;
	return 0;
}

/* or_address_decode - read an O/R address from el, whatever its tag */
int
or_address_decode(const struct ber_reader *reader, const struct ber_element *el,
    const char *field, struct arena *arena, struct or_address *address)
{
	struct or_address got;
	int error;

	error = decode(reader, el, field, arena, &got, NULL);
	if (error == 0)
		*address = got;
	return error;
}

/* or_name_encode - write a name under this tag */
void
or_name_encode(
    struct ber_writer *writer, uint32_t tag, const struct or_name *name)
{
	ber_begin(writer, tag);
	if (name->address.encoded.len != 0) {
		ber_put_raw(writer, name->address.encoded);
	} else {
		/* Standard attributes are not optional. */
		ber_begin(writer, BER_UNI(BER_SEQUENCE));
		ber_end_element(writer);
	}
	ber_put_raw(writer, name->directory_name);
	ber_end_element(writer);
}
