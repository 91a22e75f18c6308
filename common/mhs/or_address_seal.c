/* SPDX-License-Identifier: ISC */
/*
 * or_address_seal.c - write an O/R address in BER (X.411 8.5.5)
 *
 * Each name is written in one form: the simplest that has its characters and
 * that is not simpler than the one asked for.  The parts of a personal name,
 * the organizational units and the DDAs go together.
 */
#include "mhs/charset.h"
#include "mhs/or_address_check.h"

/* An address being written. */
struct seal {
	struct ber_writer writer;
	struct or_address *address;
	struct arena *arena;
	int error; /* of a conversion */
	uint8_t organization, personal, units, common, ddas; /* forms */
};

/* form_of - choose the simplest form for a text, not simpler than wanted */
static uint8_t
form_of(struct slice text, uint8_t wanted, struct arena *arena)
{
	struct slice t61;

	if (text.len == 0)
		return 0;
	/* PrintableString is what every system can read. */
	if (charset_is_printable(text) &&
	    (wanted == 0 || (wanted & (OR_PRINTABLE | OR_NUMERIC)) != 0))
		return OR_PRINTABLE;
	if (wanted == 0 || (wanted & ~(unsigned)OR_UNIVERSAL) != 0)
		if (charset_utf8_to_t61(text, arena, &t61) == 0)
			return OR_TELETEX;
	return OR_UNIVERSAL;
}

/* form_of_range - choose one form for attributes that go together; 0 if none
 * is */
static uint8_t
form_of_range(
    const struct seal *seal, enum or_attribute first, enum or_attribute last)
{
	const struct or_address *address = seal->address;
	uint8_t form = 0, one;
	unsigned i;

	for (i = first; i <= (unsigned)last; i++) {
		one = form_of(
		    address->attribute[i], address->forms[i], seal->arena);
		if (one > form)
			form = one;
	}
	for (i = first; i <= (unsigned)last; i++)
		if (address->attribute[i].len != 0)
			seal->address->forms[i] = form;
	return form;
}

/* form_of_ddas - choose one form for all of them */
static uint8_t
form_of_ddas(const struct seal *seal)
{
	struct or_address *address = seal->address;
	uint8_t form = 0, one;
	unsigned i;

	for (i = 0; i < address->dda_count; i++) {
		struct or_dda *dda = &address->dda[i];

		one = form_of(dda->type, dda->forms, seal->arena);
		if (one > form)
			form = one;
		one = form_of(dda->value, dda->forms, seal->arena);
		if (one > form)
			form = one;
	}
	for (i = 0; i < address->dda_count; i++)
		address->dda[i].forms = form;
	return form;
}

/* put_universal - write a UniversalOrBMPString under this tag */
static void
put_universal(struct seal *seal, uint32_t tag, struct slice text)
{
	uint32_t string = BER_UNI(BER_BMP_STRING);
	struct slice octets = text;
	size_t pos = 0;

	while (pos < text.len)
		if (charset_next(text, &pos) > 0xffff)
			string = BER_UNI(BER_UNIVERSAL_STRING);
	if (string == BER_UNI(BER_BMP_STRING))
		seal->error = charset_utf8_to_bmp(text, seal->arena, &octets);
	else
		seal->error =
		    charset_utf8_to_universal(text, seal->arena, &octets);
	ber_begin(&seal->writer, tag);
	ber_put(&seal->writer, string, octets);
	ber_end_element(&seal->writer);
}

/* put_string - write a text in a form; tag is 0 for the form's own */
static void
put_string(struct seal *seal, uint32_t tag, uint8_t form, struct slice text)
{
	struct slice octets = text;

	if (seal->error != 0 || text.len == 0)
		return;
	if (form == OR_UNIVERSAL) {
		put_universal(seal, tag == 0 ? BER_UNI(BER_SET) : tag, text);
		return;
	}
	if (form == OR_TELETEX)
		seal->error = charset_utf8_to_t61(text, seal->arena, &octets);
	if (tag == 0)
		tag = form == OR_TELETEX ? BER_UNI(BER_T61_STRING)
		    : form == OR_NUMERIC ? BER_UNI(BER_NUMERIC_STRING)
					 : BER_UNI(BER_PRINTABLE_STRING);
	ber_put(&seal->writer, tag, octets);
}

/* put_choice - write a numeric or printable string with a tag around it */
static void
put_choice(struct seal *seal, uint32_t tag, enum or_attribute attribute)
{
	struct or_address *address = seal->address;
	struct slice text = address->attribute[attribute];
	uint8_t form = OR_PRINTABLE;

	if (text.len == 0)
		return;
	/* X.411: a country of digits is numeric, whatever was asked for. */
	if (charset_is_numeric(text) &&
	    (address->forms[attribute] == OR_NUMERIC ||
		attribute == OR_COUNTRY))
		form = OR_NUMERIC;
	address->forms[attribute] = form;
	ber_begin(&seal->writer, tag);
	put_string(seal, 0, form, text);
	ber_end_element(&seal->writer);
}

/* put_personal_name - write a SET under this tag */
static void
put_personal_name(struct seal *seal, uint32_t tag)
{
	uint32_t i;

	ber_begin(&seal->writer, tag);
	for (i = 0; i < 4; i++)
		put_string(seal, BER_CTX(i), seal->personal,
		    seal->address->attribute[OR_SURNAME + i]);
	ber_end_element(&seal->writer);
}

/* put_units - write a SEQUENCE under this tag */
static void
put_units(struct seal *seal, uint32_t tag)
{
	unsigned i;

	ber_begin(&seal->writer, tag);
	for (i = OR_OU1; i <= OR_OU4; i++)
		put_string(seal, 0, seal->units, seal->address->attribute[i]);
	ber_end_element(&seal->writer);
}

/* put_ddas - write a SEQUENCE of them */
static void
put_ddas(struct seal *seal)
{
	unsigned i;

	ber_begin(&seal->writer, BER_UNI(BER_SEQUENCE));
	for (i = 0; i < seal->address->dda_count; i++) {
		ber_begin(&seal->writer, BER_UNI(BER_SEQUENCE));
		put_string(seal, 0, seal->ddas, seal->address->dda[i].type);
		put_string(seal, 0, seal->ddas, seal->address->dda[i].value);
		ber_end_element(&seal->writer);
	}
	ber_end_element(&seal->writer);
}

/* put_plain - write a string attribute with an implicit tag */
static void
put_plain(struct seal *seal, uint32_t tag, enum or_attribute attribute)
{
	struct or_address *address = seal->address;

	if (address->attribute[attribute].len == 0)
		return;
	address->forms[attribute] = or_attribute_info[attribute].natural;
	put_string(seal, tag, OR_PRINTABLE, address->attribute[attribute]);
}

/* put_standard - write the built-in standard attributes */
static void
put_standard(struct seal *seal)
{
	ber_begin(&seal->writer, BER_UNI(BER_SEQUENCE));
	put_choice(seal, BER_APP(1), OR_COUNTRY);
	put_choice(seal, BER_APP(2), OR_ADMD);
	put_plain(seal, BER_CTX(0), OR_X121);
	put_plain(seal, BER_CTX(1), OR_TERMINAL_ID);
	put_choice(seal, BER_CTX(2), OR_PRMD);
	if (seal->organization == OR_PRINTABLE)
		put_string(seal, BER_CTX(3), OR_PRINTABLE,
		    seal->address->attribute[OR_ORGANIZATION]);
	put_plain(seal, BER_CTX(4), OR_NUMERIC_USER_ID);
	if (seal->personal == OR_PRINTABLE)
		put_personal_name(seal, BER_CTX(5));
	if (seal->units == OR_PRINTABLE)
		put_units(seal, BER_CTX(6));
	ber_end_element(&seal->writer);
}

/* begin_extension - write the type of an extension attribute; its value
 * follows */
static void
begin_extension(struct seal *seal, int type)
{
	ber_begin(&seal->writer, BER_UNI(BER_SEQUENCE));
	ber_put_integer(&seal->writer, BER_CTX(0), type);
	ber_begin(&seal->writer, BER_CTX(1));
}

/* end_extension - end an extension attribute */
static void
end_extension(struct seal *seal)
{
	ber_end_element(&seal->writer);
	ber_end_element(&seal->writer);
}

/* put_named - write the names that are not printable, and the common name */
static void
put_named(struct seal *seal)
{
	const struct slice *attribute = seal->address->attribute;

	if (seal->common != 0) {
		begin_extension(seal,
		    seal->common == OR_PRINTABLE ? OR_EXT_COMMON_NAME
			: seal->common == OR_TELETEX
			? OR_EXT_TELETEX_COMMON_NAME
			: OR_EXT_UNIVERSAL_COMMON_NAME);
		put_string(seal, 0, seal->common, attribute[OR_COMMON_NAME]);
		end_extension(seal);
	}
	if (seal->organization > OR_PRINTABLE) {
		begin_extension(seal,
		    seal->organization == OR_TELETEX
			? OR_EXT_TELETEX_ORGANIZATION
			: OR_EXT_UNIVERSAL_ORGANIZATION);
		put_string(
		    seal, 0, seal->organization, attribute[OR_ORGANIZATION]);
		end_extension(seal);
	}
	if (seal->personal > OR_PRINTABLE) {
		begin_extension(seal,
		    seal->personal == OR_TELETEX
			? OR_EXT_TELETEX_PERSONAL_NAME
			: OR_EXT_UNIVERSAL_PERSONAL_NAME);
		put_personal_name(seal, BER_UNI(BER_SET));
		end_extension(seal);
	}
	if (seal->units > OR_PRINTABLE) {
		begin_extension(seal,
		    seal->units == OR_TELETEX ? OR_EXT_TELETEX_UNITS
					      : OR_EXT_UNIVERSAL_UNITS);
		put_units(seal, BER_UNI(BER_SEQUENCE));
		end_extension(seal);
	}
	if (seal->ddas > OR_PRINTABLE) {
		begin_extension(seal,
		    seal->ddas == OR_TELETEX ? OR_EXT_TELETEX_DDA
					     : OR_EXT_UNIVERSAL_DDA);
		put_ddas(seal);
		end_extension(seal);
	}
}

/* put_postal - write a postal attribute from its text, or the element it has */
static void
put_postal(struct seal *seal, const struct or_extension *extension)
{
	unsigned type =
	    extension->type != 0 ? extension->type : extension->number;
	bool simple = type <= OR_EXT_POSTAL_CODE;
	uint8_t form = simple ? (uint8_t)OR_PRINTABLE
			      : form_of(extension->text, 0, seal->arena);

	if (extension->value.len != 0) {
		begin_extension(seal, (int)type);
		ber_put_raw(&seal->writer, extension->value);
	} else if (form == OR_UNIVERSAL) {
		begin_extension(seal,
		    (int)type + OR_EXT_UNIVERSAL_PDS_FIRST - OR_EXT_PDS_FIRST);
		put_string(seal, 0, form, extension->text);
	} else {
		begin_extension(seal, (int)type);
		if (!simple)
			ber_begin(&seal->writer, BER_UNI(BER_SET));
		put_string(seal, 0, form, extension->text);
		if (!simple)
			ber_end_element(&seal->writer);
	}
	end_extension(seal);
}

/* or_address_seal_put_extensions - write the SET of extension attributes, if
 * there is any */
static void
or_address_seal_put_extensions(struct seal *seal)
{
	const struct or_address *address = seal->address;
	unsigned i;

	if (seal->common == 0 && seal->organization <= OR_PRINTABLE &&
	    seal->personal <= OR_PRINTABLE && seal->units <= OR_PRINTABLE &&
	    seal->ddas <= OR_PRINTABLE && address->extension_count == 0 &&
	    address->attribute[OR_TERMINAL_TYPE].len == 0)
		return;
	ber_begin(&seal->writer, BER_UNI(BER_SET));
	put_named(seal);
	for (i = 0; i < address->extension_count; i++)
		put_postal(seal, &address->extension[i]);
	if (address->attribute[OR_TERMINAL_TYPE].len != 0) {
		begin_extension(seal, OR_EXT_TERMINAL_TYPE);
		ber_put_integer(&seal->writer, BER_UNI(BER_INTEGER),
		    or_terminal_type(address->attribute[OR_TERMINAL_TYPE]));
		end_extension(seal);
	}
	ber_end_element(&seal->writer);
}

/* name_terminal_type - use its word where it has one, "tlx" and not "3", and a
 * number as it is when decoded, "2" and not "02" */
static void
name_terminal_type(struct or_address *address)
{
	struct slice *type = &address->attribute[OR_TERMINAL_TYPE];
	const char *name;

	name = or_terminal_type_name(or_terminal_type(*type));
	if (type->len != 0 && name != NULL)
		*type = slice_of_string(name);
	*type = or_terminal_type_number(*type);
	while (type->len > 1 && type->data[0] == '0')
		*type = slice_of(type->data + 1, type->len - 1);
}

/* or_address_seal - make `encoded` out of the attributes */
int
or_address_seal(
    struct or_address *address, struct arena *arena, struct diag *diag)
{
	struct seal seal = {.address = address, .arena = arena};
	struct buffer buffer;
	struct slice encoded;
	int error;

	for (unsigned i = 0; i < address->dda_count; i++)
		if (or_dda_value(address->dda[i].type, arena,
			&address->dda[i].value) != 0)
			return diag_set(diag, arena_error(arena), "DDA: %s",
			    arena_reason(arena));
	error = or_address_check(address, OR_CHECK_ADDRESS, diag);
	if (error != 0)
		return error;
	name_terminal_type(address);
	buffer_init(&buffer, OR_ADDRESS_MAX);
	ber_writer_init(&seal.writer, &buffer);
	seal.organization =
	    form_of_range(&seal, OR_ORGANIZATION, OR_ORGANIZATION);
	seal.personal = form_of_range(&seal, OR_SURNAME, OR_GENERATION);
	seal.units = form_of_range(&seal, OR_OU1, OR_OU4);
	seal.common = form_of_range(&seal, OR_COMMON_NAME, OR_COMMON_NAME);
	seal.ddas = form_of_ddas(&seal);
	put_standard(&seal);
	if (seal.ddas == OR_PRINTABLE)
		put_ddas(&seal);
	or_address_seal_put_extensions(&seal);
	error = ber_finish(&seal.writer);
	if (error == 0)
		error = seal.error;
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&buffer), &encoded);
	buffer_fini(&buffer);
	if (error != 0)
		return diag_set(
		    diag, error, "O/R address: %s", error_strerror(error));
	address->encoded = encoded;
	return 0;
}

/* or_address_set - set one attribute from a string, copied */
int
or_address_set(struct or_address *address, enum or_attribute attribute,
    const char *text, struct arena *arena)
{
	struct slice copy;

	if (attribute >= OR_ATTRIBUTES)
		return ERR_VALUE;
	if (arena_slice(arena, slice_of_string(text), &copy) != 0)
		return arena_error(arena);
	address->attribute[attribute] = copy;
	address->forms[attribute] = 0;
	return 0;
}

/* or_address_set_dda - add a domain defined attribute */
int
or_address_set_dda(struct or_address *address, const char *type,
    const char *value, struct arena *arena)
{
	struct or_dda copy = {.forms = 0}, *dda;

	if (arena_slice(arena, slice_of_string(type), &copy.type) != 0 ||
	    arena_slice(arena, slice_of_string(value), &copy.value) != 0)
		return arena_error(arena);
	if (address->dda_count == OR_DDA_PARSED)
		return ERR_LIMIT;
	dda = or_address_add_dda(address, arena);
	if (dda == NULL)
		return arena_error(arena);
	*dda = copy;
	return 0;
}
