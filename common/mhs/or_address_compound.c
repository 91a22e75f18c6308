/* SPDX-License-Identifier: ISC */
/*
 * or_address_compound.c - attributes made of several labels or of parts
 *
 * Contract in or_address_compound.h.
 */
#include "mhs/charset.h"
#include "mhs/or_address_compound.h"

#define ELEMENT_MAX 512 /* octets; six lines of 30 and more */

/* given_twice - report a label whose attribute has a value already */
static int
given_twice(struct slice label, struct diag *diag)
{
	return diag_set(diag, ERR_SYNTAX, "%.*s: given twice", (int)label.len,
	    (const char *)label.data);
}

/* parse_initials - read "T.M" as initials "TM" */
static int
parse_initials(const struct or_compound *compound, struct slice text,
    struct slice *initials, struct diag *diag)
{
	uint8_t *out = arena_alloc(compound->arena, text.len / 2 + 1);

	if (out == NULL)
		return diag_set(diag, arena_error(compound->arena), "PN: %s",
		    arena_reason(compound->arena));
	/* Initials alternate with dots, and end in a letter. */
	for (size_t i = 0; i < text.len; i++) {
		if ((i % 2 == 1) != (text.data[i] == '.') ||
		    (text.data[i] == '.' && i + 1 == text.len))
			return diag_set(diag, ERR_SYNTAX,
			    "PN: not given name, initials and surname");
		out[i / 2] = i % 2 == 0 ? text.data[i] : out[i / 2];
	}
	*initials = slice_of(out, (text.len + 1) / 2);
	return 0;
}

/* parse_name - read RFC 2156's PN, "Marshall.T.Rose" */
static int
parse_name(struct or_compound *compound, struct or_address *address,
    struct slice value, struct diag *diag)
{
	struct slice *attribute = address->attribute;
	const uint8_t *dot = NULL;
	struct slice front = value;
	size_t given = 0;

	/* The parts of a name may be given once, in either way. */
	if (compound->has_pn || attribute[OR_SURNAME].len != 0 ||
	    attribute[OR_GIVEN].len != 0 || attribute[OR_INITIALS].len != 0)
		return diag_set(
		    diag, ERR_SYNTAX, "PN: given beside another name");
	compound->has_pn = true;
	if (value.len != 0)
		dot = memrchr(value.data, '.', value.len);
	front.len = dot == NULL ? 0 : (size_t)(dot - value.data);
	attribute[OR_SURNAME] =
	    dot == NULL ? value : slice_of(dot + 1, value.len - front.len - 1);
	if (attribute[OR_SURNAME].len == 0 || dot == value.data)
		return diag_set(
		    diag, ERR_SYNTAX, "PN: an empty name or initial");
	while (given < front.len && front.data[given] != '.')
		given++;
	/* A given name has two letters or more; one letter is an initial. */
	if (given > 1 && given + 1 != front.len) {
		attribute[OR_GIVEN] = slice_of(front.data, given);
		given += given < front.len;
		front = slice_of(front.data + given, front.len - given);
	}
	if (front.len == 0)
		return 0;
	return parse_initials(compound, front, &attribute[OR_INITIALS], diag);
}

/* parse_lines - read RFC 2156's PD-ADDRESS, lines divided by "|" */
static int
parse_lines(struct or_compound *compound, struct slice label,
    struct slice value, struct diag *diag)
{
	for (unsigned i = 0; value.len != 0; i++) {
		const uint8_t *bar = memchr(value.data, '|', value.len);
		size_t len =
		    bar == NULL ? value.len : (size_t)(bar - value.data);

		if (i == OR_UNFORMATTED_LINES)
			return diag_set(diag, ERR_LIMIT,
			    "%.*s: more than %d lines", (int)label.len,
			    (const char *)label.data, OR_UNFORMATTED_LINES);
		if (len == 0)
			return diag_set(diag, ERR_SYNTAX, "%.*s: empty line",
			    (int)label.len, (const char *)label.data);
		if (compound->lines[i].len != 0)
			return given_twice(label, diag);
		compound->lines[i] = slice_of(value.data, len);
		len = bar == NULL ? len : len + 1;
		value = slice_of(value.data + len, value.len - len);
	}
	return 0;
}

/* set_once - note a value that may be given once */
static int
set_once(struct slice *place, struct slice label, struct slice value,
    struct diag *diag)
{
	if (place->len != 0)
		return given_twice(label, diag);
	*place = value;
	return 0;
}

/* or_compound_parse - note what a label gives to a compound attribute */
int
or_compound_parse(struct or_compound *compound, struct or_address *address,
    struct slice label, struct slice value, struct diag *diag)
{
	if (label.len == 5 && memcmp(label.data, "PD-A", 4) == 0 &&
	    label.data[4] >= '1' && label.data[4] < '1' + OR_UNFORMATTED_LINES)
		return set_once(
		    &compound->lines[label.data[4] - '1'], label, value, diag);
	if (slice_equal_string(label, "PD-ADDRESS") ||
	    slice_equal_string(label, "PD-A"))
		return parse_lines(compound, label, value, diag);
	if (slice_equal_string(label, "PN"))
		return parse_name(compound, address, value, diag);
	if (slice_equal_string(label, "ISDN") ||
	    slice_equal_string(label, "NET-NUM") ||
	    slice_equal_string(label, "E.163") ||
	    slice_equal_string(label, "E.164"))
		return set_once(&compound->number, label, value, diag);
	if (slice_equal_string(label, "NET-SUB"))
		return set_once(&compound->sub_address, label, value, diag);
	if (slice_equal_string(label, "PSAP") ||
	    slice_equal_string(label, "NET-PSAP"))
		return diag_set(diag, ERR_SYNTAX,
		    "%.*s: a presentation address is read as EXT:22 alone",
		    (int)label.len, (const char *)label.data);
	return 1;
}

/* check_lines - tell whether an unformatted address can be written */
static int
check_lines(const struct or_compound *compound, struct diag *diag)
{
	for (unsigned i = 0; i < OR_UNFORMATTED_LINES; i++) {
		struct slice line = compound->lines[i];

		if (line.len == 0)
			continue;
		/* Lines without a gap, since their number is their place. */
		if (i > 0 && compound->lines[i - 1].len == 0)
			return diag_set(diag, ERR_VALUE,
			    "PD-A%u: missing where there is PD-A%u", i, i + 1);
		if (!charset_is_printable(line))
			return diag_set(diag, ERR_VALUE,
			    "PD-A%u: a character that PrintableString lacks",
			    i + 1);
		if (line.len > OR_PDS_LEN)
			return diag_set(diag, ERR_LIMIT,
			    "PD-A%u: longer than %d characters", i + 1,
			    OR_PDS_LEN);
	}
	return 0;
}

/* check_number - tell whether an E.164 address can be written */
static int
check_number(const struct or_compound *compound, struct diag *diag)
{
	if (compound->number.len == 0 && compound->sub_address.len != 0)
		return diag_set(
		    diag, ERR_VALUE, "ISDN: missing where there is NET-SUB");
	if (!charset_is_numeric(compound->number))
		return diag_set(diag, ERR_VALUE, "ISDN: not numeric");
	if (!charset_is_numeric(compound->sub_address))
		return diag_set(diag, ERR_VALUE, "NET-SUB: not numeric");
	if (compound->number.len > OR_E164_LEN)
		return diag_set(diag, ERR_LIMIT,
		    "ISDN: longer than %d characters", OR_E164_LEN);
	if (compound->sub_address.len > OR_SUB_ADDRESS_LEN)
		return diag_set(diag, ERR_LIMIT,
		    "NET-SUB: longer than %d characters", OR_SUB_ADDRESS_LEN);
	return 0;
}

/* put_lines - write an unformatted postal address (X.411 8.5.5.4) */
static void
put_lines(struct ber_writer *writer, const struct or_compound *compound)
{
	ber_begin(writer, BER_UNI(BER_SET));
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	for (unsigned i = 0; i < OR_UNFORMATTED_LINES; i++)
		if (compound->lines[i].len != 0)
			ber_put(writer, BER_UNI(BER_PRINTABLE_STRING),
			    compound->lines[i]);
	ber_end_element(writer);
	ber_end_element(writer);
}

/* put_number - write an extended network address of the E.164 sort */
static void
put_number(struct ber_writer *writer, const struct or_compound *compound)
{
	ber_begin(writer, BER_UNI(BER_SEQUENCE));
	ber_put(writer, BER_CTX(0), compound->number);
	if (compound->sub_address.len != 0)
		ber_put(writer, BER_CTX(1), compound->sub_address);
	ber_end_element(writer);
}

/* encode_type - make the value of extension attribute 16 or 22 */
static int
encode_type(const struct or_compound *compound, unsigned type,
    struct arena *arena, struct slice *value)
{
	struct ber_writer writer;
	struct buffer buffer;
	int error;

	buffer_init(&buffer, ELEMENT_MAX);
	ber_writer_init(&writer, &buffer);
	if (type == OR_EXT_UNFORMATTED)
		put_lines(&writer, compound);
	else
		put_number(&writer, compound);
	error = ber_finish(&writer);
	if (error == 0)
		error = arena_slice(arena, buffer_slice(&buffer), value);
	buffer_fini(&buffer);
	return error;
}

/* add_type - add extension attribute 16 or 22 to an address */
static int
add_type(const struct or_compound *compound, unsigned type,
    struct or_address *address, struct diag *diag)
{
	struct arena *arena = compound->arena;
	struct or_extension extension = {.number = type, .type = type};
	const char *name = type == OR_EXT_UNFORMATTED ? "PD-A1" : "ISDN";
	int error;

	for (unsigned i = 0; i < address->extension_count; i++)
		if (address->extension[i].number == type)
			return given_twice(slice_of_string(name), diag);
	error = encode_type(compound, type, arena, &extension.value);
	if (error == 0)
		error = or_address_insert(address, arena, &extension);
	return error == 0
	    ? 0
	    : diag_set(diag, error, "%s: %s", name, error_strerror(error));
}

/* or_compound_finish - add what the labels made to the address */
int
or_compound_finish(const struct or_compound *compound,
    struct or_address *address, struct diag *diag)
{
	bool lines = false;
	int error = check_lines(compound, diag);

	for (unsigned i = 0; i < OR_UNFORMATTED_LINES; i++)
		lines |= compound->lines[i].len != 0;
	if (error == 0)
		error = check_number(compound, diag);
	if (error == 0 && lines)
		error = add_type(compound, OR_EXT_UNFORMATTED, address, diag);
	if (error == 0 && compound->number.len != 0)
		error =
		    add_type(compound, OR_EXT_NETWORK_ADDRESS, address, diag);
	return error;
}

/* read_element - find the strings two levels below an element, or one below
 * for an E.164 address */
static unsigned
read_element(const struct or_extension *extension, struct slice *lines)
{
	struct ber_reader reader, inner;
	struct ber_element el;
	unsigned count = 0;

	ber_reader_init(&reader, extension->value, NULL);
	if (ber_next(&reader, &el) <= 0 || !el.constructed ||
	    ber_enter(&reader, &el, &inner) != 0)
		return 0;
	if (extension->type == OR_EXT_UNFORMATTED) {
		reader = inner;
		if (ber_next(&reader, &el) <= 0 || !el.constructed ||
		    ber_enter(&reader, &el, &inner) != 0)
			return 0;
	}
	while (count < OR_UNFORMATTED_LINES && ber_next(&inner, &el) > 0)
		lines[count++] = el.contents;
	return count;
}

/* or_compound_read - get the text of an extension attribute 16 or 22 */
unsigned
or_compound_read(const struct or_extension *extension, struct arena *arena,
    struct slice lines[OR_UNFORMATTED_LINES])
{
	struct or_compound again = {.has_pn = false};
	struct slice value;
	unsigned count;

	if (extension->type != OR_EXT_UNFORMATTED &&
	    extension->type != OR_EXT_NETWORK_ADDRESS)
		return 0;
	count = read_element(extension, lines);
	if (count == 0)
		return 0;
	if (extension->type == OR_EXT_UNFORMATTED)
		memcpy(again.lines, lines, count * sizeof(lines[0]));
	else
		again.number = lines[0];
	for (unsigned i = 0; i < count; i++)
		/* Blanks at an end would not survive the text. */
		if (lines[i].len == 0 || lines[i].data[0] == ' ' ||
		    lines[i].data[lines[i].len - 1] == ' ')
			return 0;
	if (check_lines(&again, NULL) != 0 || check_number(&again, NULL) != 0 ||
	    encode_type(&again, extension->type, arena, &value) != 0)
		return 0;
	return slice_equal(value, extension->value) ? count : 0;
}
