/* SPDX-License-Identifier: ISC */
/*
 * or_address_format.c - an O/R address as text
 *
 * F.401 annex B and RFC 1685; RFC 2156 4.1; Exchange's.
 */
#include <stdio.h>

#include "mhs/or_address_attribute.h"

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

/* What is being written. */
struct text {
	struct buffer buffer;
	enum or_style style;
	int error;
};

/* add - octets as they are */
static void
add(struct text *text, const char *octets, size_t len)
{
	if (text->error == 0)
		text->error = buffer_append(&text->buffer, octets, len);
}

/* add_string - a string as it is */
static void
add_string(struct text *text, const char *string)
{
	add(text, string, strlen(string));
}

/* add_label - a label, in small letters for Exchange */
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
		add(text, &small, 1);
	}
}

/* add_value - a value with what must be quoted */
static void
add_value(struct text *text, struct slice value)
{
	bool slash = text->style == OR_STYLE_RFC2156;
	size_t i;

	for (i = 0; i < value.len; i++) {
		char c = (char)value.data[i];

		if (c == '$' || (slash ? c == '/' || c == '=' : c == ';') ||
		    (c == '=' && i == 0))
			add_string(text, "$");
		add(text, &c, 1);
	}
}

/* begin - what stands before an attribute */
static void
begin(struct text *text)
{
	if (text->style == OR_STYLE_RFC2156)
		add_string(text, "/");
	else if (buffer_length(&text->buffer) != 0 &&
	    text->style == OR_STYLE_F401)
		add_string(text, ";");
}

/* end - what stands after an attribute */
static void
end(struct text *text)
{
	if (text->style == OR_STYLE_EXCHANGE)
		add_string(text, ";");
}

/* add_attribute - a label, its value */
static void
add_attribute(struct text *text, const char *label, struct slice value)
{
	begin(text);
	add_label(text, label);
	add_string(text, "=");
	add_value(text, value);
	end(text);
}

/* add_type - the type of a DDA: "=" doubled, or quoted in RFC 2156 */
static void
add_type(struct text *text, struct slice type)
{
	size_t i;

	for (i = 0; i < type.len; i++) {
		char c = (char)type.data[i];

		if (c == '=' && text->style != OR_STYLE_RFC2156)
			add_string(text, "=");
		else if (c == '=' || c == '$' || c == ';' || c == '/')
			add_string(text, "$");
		add(text, &c, 1);
	}
}

/* add_dda - a domain defined attribute */
static void
add_dda(struct text *text, const struct or_dda *dda)
{
	begin(text);
	add_label(text, text->style == OR_STYLE_RFC2156 ? "DD." : "DDA:");
	add_type(text, dda->type);
	add_string(text, "=");
	add_value(text, dda->value);
	end(text);
}

/* add_extension - a postal attribute, or any other as hexadecimal */
static void
add_extension(struct text *text, const struct or_extension *extension)
{
	const char *label = or_postal_label(extension->number);
	char number[32];
	size_t i;

	if (label != NULL && extension->text.len != 0) {
		add_attribute(text, label, extension->text);
		return;
	}
	begin(text);
	(void)snprintf(number, sizeof(number), "EXT:%u=", extension->number);
	add_label(text, number);
	for (i = 0; i < extension->value.len; i++) {
		(void)snprintf(
		    number, sizeof(number), "%02X", extension->value.data[i]);
		add_string(text, number);
	}
	end(text);
}

/* add_standard - the attributes that the struct has */
static void
add_standard(struct text *text, const struct or_address *address)
{
	const enum or_attribute *next =
	    text->style == OR_STYLE_EXCHANGE ? exchange_order : order;
	const char *label;
	unsigned i;

	for (i = 0; i < OR_ATTRIBUTES; i++) {
		/* Without it, no A would be read as A of one space. */
		bool none = next[i] == OR_ADMD &&
		    address->attribute[OR_COUNTRY].len != 0;

		if (address->attribute[next[i]].len == 0 && !none)
			continue;
		label = or_attribute_info[next[i]].label;
		if (text->style == OR_STYLE_RFC2156 &&
		    or_attribute_info[next[i]].rfc2156 != NULL)
			label = or_attribute_info[next[i]].rfc2156;
		add_attribute(text, label, address->attribute[next[i]]);
	}
}

/* or_address_format - as text, in the arena */
char *
or_address_format(
    const struct or_address *address, enum or_style style, struct arena *arena)
{
	struct text text = {.style = style};
	char *string = NULL;
	unsigned i;

	/* Quoting doubles, hexadecimal doubles, labels are short. */
	buffer_init(&text.buffer, 8 * OR_ADDRESS_MAX);
	add_standard(&text, address);
	for (i = 0; i < address->extension_count; i++)
		add_extension(&text, &address->extension[i]);
	for (i = 0; i < address->dda_count; i++)
		add_dda(&text, &address->dda[i]);
	if (style == OR_STYLE_RFC2156)
		add_string(&text, "/");
	if (text.error == 0)
		string = arena_string(arena, buffer_slice(&text.buffer));
	buffer_fini(&text.buffer);
	return string;
}
