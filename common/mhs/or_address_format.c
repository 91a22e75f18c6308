/* SPDX-License-Identifier: ISC */
/*
 * or_address_format.c - an O/R address as text
 *
 * F.401 annex B and RFC 1685; RFC 2156 4.1; Exchange's.
 */
#include <stdio.h>

#include "mhs/charset.h"
#include "mhs/or_address_compound.h"

/* The order of F.401. */
static const enum or_attribute order[OR_ATTRIBUTES] = {OR_GIVEN, OR_INITIALS,
    OR_SURNAME, OR_GENERATION, OR_COMMON_NAME, OR_ORGANIZATION, OR_OU1, OR_OU2,
    OR_OU3, OR_OU4, OR_PRMD, OR_ADMD, OR_COUNTRY, OR_X121, OR_NUMERIC_USER_ID,
    OR_TERMINAL_ID, OR_TERMINAL_TYPE};

/* The order of Exchange. */
static const enum or_attribute exchange_order[OR_ATTRIBUTES] = {OR_COUNTRY,
    OR_ADMD, OR_PRMD, OR_ORGANIZATION, OR_OU1, OR_OU2, OR_OU3, OR_OU4,
    OR_COMMON_NAME, OR_SURNAME, OR_GIVEN, OR_INITIALS, OR_GENERATION, OR_X121,
    OR_NUMERIC_USER_ID, OR_TERMINAL_ID, OR_TERMINAL_TYPE};

/* A text being written. */
struct text {
	struct buffer buffer;
	enum or_style style;
	struct arena *arena;
	int error;
};

/* or_address_format_add_octets - append octets as they are */
static void
or_address_format_add_octets(struct text *text, const char *octets, size_t len)
{
	/* The first error is kept; the end tells of it. */
	if (text->error == 0)
		text->error = buffer_append(&text->buffer, octets, len);
}

/* add_string - append a string as it is */
static void
add_string(struct text *text, const char *string)
{
	or_address_format_add_octets(text, string, strlen(string));
}

/* add_label - append a label, in small letters for Exchange */
static void
add_label(struct text *text, const char *label)
{
	char small;

	if (text->style != OR_STYLE_EXCHANGE) {
		add_string(text, label);
		return;
	}
	for (; *label != '\0'; label++) {
		small = *label >= 'A' && *label <= 'Z' ? (char)(*label + 32)
						       : *label;
		or_address_format_add_octets(text, &small, 1);
	}
}

/* add_character - append a character, quoted as the style has it */
static void
add_character(struct text *text, char c)
{
	if (text->style != OR_STYLE_RFC2156) {
		/* RFC 1685 F.3.2.1 */
		add_string(text, c == ';' ? ";" : "");
	} else if (c == '$' || c == '/' || c == '=' || c == ';' || c == '*') {
		add_string(text, "$");
	}
	or_address_format_add_octets(text, &c, 1);
}

/* add_teletex - append octets of T.61 as a teletex-string (RFC 2156 3.5) */
static void
add_teletex(struct text *text, struct slice octets)
{
	char digits[8];
	bool within = false;

	for (size_t i = 0; i < octets.len; i++) {
		uint8_t c = octets.data[i];
		bool plain = c >= 0x20 && c < 0x7f && c != '{' && c != '}';

		/* Braces mark a run of octets, not each one. */
		if (plain == within)
			add_string(text, plain ? "}" : "{");
		within = !plain;
		if (plain) {
			add_character(text, (char)c);
		} else {
			(void)snprintf(digits, sizeof(digits), "%03u", c);
			add_string(text, digits);
		}
	}
	add_string(text, within ? "}" : "");
}

/* add_doubled - append a value with each ";" doubled (RFC 1685 F.3.2.1), a run
 * at a time: addresses are written for every recipient of a message */
static void
add_doubled(struct text *text, struct slice value)
{
	while (value.len > 0) {
		const uint8_t *end = memchr(value.data, ';', value.len);
		size_t len =
		    end == NULL ? value.len : (size_t)(end - value.data) + 1;

		or_address_format_add_octets(
		    text, (const char *)value.data, len);
		if (end != NULL)
			add_string(text, ";");
		value = slice_of(value.data + len, value.len - len);
	}
}

/* or_address_format_add_value - append a value, quoted; in RFC 2156 one that
 * PrintableString cannot write is teletex */
static void
or_address_format_add_value(struct text *text, struct slice value)
{
	struct slice octets;

	if (text->style == OR_STYLE_RFC2156 && !charset_is_printable(value) &&
	    charset_utf8_to_t61(value, text->arena, &octets) == 0) {
		add_string(text, "*");
		add_teletex(text, octets);
		return;
	}
	if (text->style != OR_STYLE_RFC2156) {
		add_doubled(text, value);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		add_character(text, (char)value.data[i]);
}

/* begin_attribute - append what stands before an attribute */
static void
begin_attribute(struct text *text)
{
	if (text->style == OR_STYLE_RFC2156)
		add_string(text, "/");
	/* F.401 has separators between attributes, Exchange after each, RFC
	 * 2156 before each. */
	else if (buffer_length(&text->buffer) != 0 &&
	    text->style == OR_STYLE_F401)
		add_string(text, ";");
}

/* end_attribute - append what stands after an attribute */
static void
end_attribute(struct text *text)
{
	if (text->style == OR_STYLE_EXCHANGE)
		add_string(text, ";");
}

/* add_attribute - append a label and its value */
static void
add_attribute(struct text *text, const char *label, struct slice value)
{
	begin_attribute(text);
	add_label(text, label);
	add_string(text, "=");
	or_address_format_add_value(text, value);
	end_attribute(text);
}

/* add_dda - append a domain defined attribute */
static void
add_dda(struct text *text, const struct or_dda *dda)
{
	bool doubled = text->style != OR_STYLE_RFC2156;

	begin_attribute(text);
	add_label(text, doubled ? "DDA:" : "DD.");
	for (size_t i = 0; i < dda->type.len; i++) {
		if (doubled && dda->type.data[i] == '=')
			add_string(text, "=");
		add_character(text, (char)dda->type.data[i]);
	}
	add_string(text, "=");
	/* "==" would belong to the type; blanks before a value are ignored. */
	if (doubled && dda->value.len != 0 && dda->value.data[0] == '=')
		add_string(text, " ");
	or_address_format_add_value(text, dda->value);
	end_attribute(text);
}

/* add_ddas - append them, for RFC 2156 from right to left */
static void
add_ddas(struct text *text, const struct or_address *address)
{
	unsigned count = address->dda_count;

	for (unsigned i = 0; i < count; i++)
		add_dda(text,
		    &address
			 ->dda[text->style == OR_STYLE_RFC2156 ? count - 1 - i
							       : i]);
}

/* add_compound - append an extension attribute of lines; false if it is none */
static bool
add_compound(struct text *text, const struct or_extension *extension,
    struct arena *arena)
{
	struct slice lines[OR_UNFORMATTED_LINES];
	unsigned count = or_compound_read(extension, arena, lines);
	char label[sizeof("PD-A4294967295")];

	if (extension->type == OR_EXT_NETWORK_ADDRESS && count != 0)
		add_attribute(text,
		    text->style == OR_STYLE_RFC2156 ? "NET-NUM" : "ISDN",
		    lines[0]);
	for (unsigned i = 0; extension->type == OR_EXT_UNFORMATTED && i < count;
	     i++) {
		(void)snprintf(label, sizeof(label), "PD-A%u", i + 1);
		add_attribute(text, label, lines[i]);
	}
	return count != 0;
}

/* add_extension - append a postal attribute, or any other as hexadecimal */
static void
add_extension(struct text *text, const struct or_extension *extension,
    struct arena *arena)
{
	const char *label = or_postal_label(extension->number);
	char number[32];
	size_t i;

	/* Attributes without a label of their own are shown in hexadecimal, so
	 * that none is lost. */
	if (label != NULL && extension->text.len != 0) {
		add_attribute(text, label, extension->text);
		return;
	}
	if (add_compound(text, extension, arena))
		return;
	begin_attribute(text);
	(void)snprintf(number, sizeof(number), "EXT:%u=", extension->number);
	add_label(text, number);
	for (i = 0; i < extension->value.len; i++) {
		(void)snprintf(
		    number, sizeof(number), "%02X", extension->value.data[i]);
		add_string(text, number);
	}
	end_attribute(text);
}

/* units_from_right - tell whether OUs can be written without numbers */
static bool
units_from_right(const struct text *text, const struct or_address *address)
{
	if (text->style != OR_STYLE_RFC2156)
		return false;
	/* Without numbers a gap between units could not be seen. */
	for (unsigned i = OR_OU2; i <= OR_OU4; i++)
		if (address->attribute[i].len != 0 &&
		    address->attribute[i - 1].len == 0)
			return false;
	return true;
}

/* is_written - tell whether an attribute is in the text */
static bool
is_written(const struct or_address *address, enum or_attribute attribute)
{
	/* Without "A=", no ADMD would be read as one space. */
	return address->attribute[attribute].len != 0 ||
	    (attribute == OR_ADMD && address->attribute[OR_COUNTRY].len != 0);
}

/* add_terminal_type - append a terminal type, "T-TY=g3fax(5)": only the number
 * counts for who reads it (RFC 2156 3.3.6) */
static void
add_terminal_type(struct text *text, struct slice type)
{
	int number = or_terminal_type(type);
	const char *name = or_terminal_type_name(number);
	char value[32];

	begin_attribute(text);
	(void)snprintf(value, sizeof(value), "T-TY=%s(%d)",
	    name != NULL ? name : "", number);
	add_string(text, value);
	end_attribute(text);
}

/* add_standard - append one of the attributes that the struct has */
static void
add_standard(struct text *text, const struct or_address *address,
    enum or_attribute attribute)
{
	const struct or_attribute_info *info = &or_attribute_info[attribute];
	const char *label = info->label;

	if (!is_written(address, attribute))
		return;
	if (attribute == OR_TERMINAL_TYPE && text->style == OR_STYLE_RFC2156) {
		add_terminal_type(text, address->attribute[attribute]);
		return;
	}
	if (text->style == OR_STYLE_RFC2156 && info->rfc2156 != NULL)
		label = info->rfc2156;
	add_attribute(text, label, address->attribute[attribute]);
}

/* add_all_standard - append the attributes that the struct has, in order */
static void
add_all_standard(struct text *text, const struct or_address *address)
{
	const enum or_attribute *next =
	    text->style == OR_STYLE_EXCHANGE ? exchange_order : order;
	bool from_right = units_from_right(text, address);
	unsigned i, k;

	for (i = 0; i < OR_ATTRIBUTES; i++) {
		/* The most significant on the right (RFC 2156 4.3.3). */
		for (k = OR_OU4;
		     from_right && next[i] == OR_ORGANIZATION && k >= OR_OU1;
		     k--)
			if (address->attribute[k].len != 0)
				add_attribute(
				    text, "OU", address->attribute[k]);
		if (!from_right || next[i] < OR_OU1 || next[i] > OR_OU4)
			add_standard(text, address, next[i]);
	}
}

/* plain_length - compute the length of an address of standard attributes that
 * need no quoting, in the style of F.401, with its NUL; 0: it is not of that
 * kind */
static size_t
plain_length(const struct or_address *address)
{
	size_t length = 0;
	unsigned count = 0;

	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		const struct slice *value = &address->attribute[order[i]];

		if (!is_written(address, order[i]))
			continue;
		if (value->len != 0 &&
		    memchr(value->data, ';', value->len) != NULL)
			return 0;
		length += strlen(or_attribute_info[order[i]].label) + 1 +
		    value->len + 1;
		count++;
	}
	/* A single one may need a ";" behind it. */
	return count < 2 || address->extension_count + address->dda_count != 0
	    ? 0
	    : length;
}

/* format_plain - write an address that has a plain length */
static char *
format_plain(
    const struct or_address *address, size_t length, struct arena *arena)
{
	char *string = arena_alloc(arena, length), *to = string;

	if (string == NULL)
		return NULL;
	for (unsigned i = 0; i < OR_ATTRIBUTES; i++) {
		const struct slice *value = &address->attribute[order[i]];
		const char *label = or_attribute_info[order[i]].label;

		if (!is_written(address, order[i]))
			continue;
		if (to != string)
			*to++ = ';';
		while (*label != '\0')
			*to++ = *label++;
		*to++ = '=';
		if (value->len != 0)
			memcpy(to, value->data, value->len);
		to += value->len;
	}
	*to = '\0';
	return string;
}

/* or_address_format - write an address as text, in the arena */
char *
or_address_format(
    const struct or_address *address, enum or_style style, struct arena *arena)
{
	struct text text = {.style = style, .arena = arena};
	size_t plain = style == OR_STYLE_F401 ? plain_length(address) : 0;
	char *string = NULL;
	unsigned i;

	/* Nearly all are of this kind, and addresses are written for every
	 * recipient of a message. */
	if (plain != 0)
		return format_plain(address, plain, arena);
	/* Quoting doubles, hexadecimal doubles, labels are short. */
	buffer_init(&text.buffer, 8 * OR_ADDRESS_MAX);
	add_all_standard(&text, address);
	for (i = 0; i < address->extension_count; i++)
		add_extension(&text, &address->extension[i], arena);
	add_ddas(&text, address);
	if (style == OR_STYLE_RFC2156)
		add_string(&text, "/");
	/* Text without any ";" might be read as divided by "/". */
	if (style == OR_STYLE_F401 && text.error == 0 &&
	    buffer_length(&text.buffer) != 0 &&
	    memchr(buffer_slice(&text.buffer).data, ';',
		buffer_length(&text.buffer)) == NULL &&
	    memchr(buffer_slice(&text.buffer).data, '/',
		buffer_length(&text.buffer)) != NULL)
		add_string(&text, ";");
	if (text.error == 0)
		string = arena_string(arena, buffer_slice(&text.buffer));
	buffer_fini(&text.buffer);
	return string;
}
