/* SPDX-License-Identifier: ISC */
/*
 * or_address_check.c - whether the values of an address are what X.411 allows
 *
 * PrintableString is taken with a grain of salt where an attribute has no
 * other form: "_" and the like are in daily use in domain names.
 */
#include "mhs/charset.h"
#include "mhs/or_address_check.h"

/* check_text - check what holds for any value */
static int
check_text(const char *name, struct slice text, size_t max, struct diag *diag)
{
	if (!charset_is_utf8(text))
		return diag_set(diag, ERR_VALUE, "%s: not UTF-8", name);
	if (charset_has_control(text))
		return diag_set(diag, ERR_VALUE, "%s: control character", name);
	/* U+FFFD stands where a control was decoded: nobody is named so. */
	if (text.len >= 3 &&
	    memmem(text.data, text.len, "\xef\xbf\xbd", 3) != NULL)
		return diag_set(diag, ERR_VALUE,
		    "%s: a mark in place of a character that was unreadable",
		    name);
	/* X.411 counts characters in its upper bounds, not octets. */
	if (charset_length(text) > max)
		return diag_set(diag, ERR_LIMIT,
		    "%s: longer than %zu characters", name, max);
	return 0;
}

/* is_alphabetic - tell whether there are letters of ASCII alone */
static bool
is_alphabetic(struct slice text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if ((text.data[i] | 0x20) < 'a' || (text.data[i] | 0x20) > 'z')
			return false;
	return true;
}

/* check_attribute - check one attribute that is there */
static int
check_attribute(const struct or_address *address, unsigned attribute,
    enum or_check what, struct diag *diag)
{
	const struct or_attribute_info *info = &or_attribute_info[attribute];
	struct slice text = address->attribute[attribute];
	int error;

	error = check_text(info->name, text, info->max, diag);
	if (error != 0)
		return error;
	/* X.411: a single blank says that there is no ADMD; elsewhere blanks
	 * name nobody. */
	if (or_is_blank(text) && attribute != OR_ADMD && attribute != OR_PRMD)
		return diag_set(
		    diag, ERR_VALUE, "%s: blanks alone", info->name);
	/* X.121 countries have three digits, ISO 3166 two letters. */
	if (attribute == OR_COUNTRY &&
	    !(text.len == 2 && is_alphabetic(text)) &&
	    !(text.len == 3 && charset_is_numeric(text) &&
		memchr(text.data, ' ', 3) == NULL))
		return diag_set(diag, ERR_VALUE,
		    "country: neither two letters nor three digits");
	if (info->natural == OR_NUMERIC && !charset_is_numeric(text))
		return diag_set(diag, ERR_VALUE, "%s: not numeric", info->name);
	if (attribute == OR_TERMINAL_TYPE && or_terminal_type(text) < 0)
		return diag_set(diag, ERR_VALUE, "terminal type: unknown word");
	/* "*" is any domain, which an address space alone may name. */
	if (what == OR_CHECK_ADDRESS &&
	    (attribute == OR_ADMD || attribute == OR_PRMD) &&
	    or_text_compare(text, slice_of_string("*")) == 0)
		return diag_set(
		    diag, ERR_VALUE, "%s: \"*\" is no domain", info->name);
	/* Attributes without a teletex form have PrintableString alone. */
	if (!info->teletex && !charset_is_ascii(text))
		return diag_set(diag, ERR_VALUE,
		    "%s: a character that PrintableString lacks", info->name);
	return 0;
}

/* check_ddas - check types and values */
static int
check_ddas(
    const struct or_address *address, enum or_check what, struct diag *diag)
{
	unsigned i;
	int error;

	if (address->dda_count > OR_DDA_PARSED)
		return diag_set(
		    diag, ERR_LIMIT, "DDA: more than %d", OR_DDA_PARSED);
	for (i = 0; i < address->dda_count; i++) {
		if (or_is_blank(address->dda[i].type))
			return diag_set(diag, ERR_VALUE, "DDA: no type");
		/* An address space may name the type of an attribute without
		 * its value. */
		if (or_is_blank(address->dda[i].value) &&
		    what == OR_CHECK_ADDRESS)
			return diag_set(diag, ERR_VALUE, "DDA: no value");
		error = check_text(
		    "DDA type", address->dda[i].type, OR_DDA_TYPE_LEN, diag);
		if (error == 0)
			error = check_text("DDA value", address->dda[i].value,
			    OR_DDA_VALUE_LEN, diag);
		if (error != 0)
			return error;
	}
	return 0;
}

/* check_postal - check the extension attributes that are text */
static int
check_postal(const struct or_address *address, struct diag *diag)
{
	const struct or_extension *extension;
	const char *label;
	unsigned i;
	int error = 0;

	for (i = 0; error == 0 && i < address->extension_count; i++) {
		extension = &address->extension[i];
		label = or_postal_label(extension->number);
		/* Attributes without a label are kept as octets, and not
		 * checked. */
		if (label == NULL || extension->text.len == 0)
			continue;
		if (or_is_blank(extension->text))
			return diag_set(
			    diag, ERR_VALUE, "%s: blanks alone", label);
		error = check_text(label, extension->text,
		    extension->number <= OR_EXT_POSTAL_CODE ? OR_PDS_NAME_LEN
							    : OR_PDS_LEN,
		    diag);
		if (error == 0 && extension->number <= OR_EXT_POSTAL_CODE &&
		    !charset_is_ascii(extension->text))
			error = diag_set(diag, ERR_VALUE,
			    "%s: a character that PrintableString lacks",
			    label);
	}
	return error;
}

/* check_structure - check what one attribute asks of others */
static int
check_structure(const struct or_address *address, struct diag *diag)
{
	const struct slice *attribute = address->attribute;
	unsigned i;

	if (attribute[OR_COUNTRY].len == 0)
		return diag_set(diag, ERR_VALUE, "country: missing");
	/* X.411: a personal name has a surname. */
	for (i = OR_GIVEN; i <= OR_GENERATION; i++)
		if (attribute[i].len != 0 && attribute[OR_SURNAME].len == 0)
			return diag_set(diag, ERR_VALUE,
			    "surname: missing where there is a %s",
			    or_attribute_info[i].name);
	/* Units go from the largest to the smallest, without a gap. */
	for (i = OR_OU2; i <= OR_OU4; i++)
		if (attribute[i].len != 0 && attribute[i - 1].len == 0)
			return diag_set(diag, ERR_VALUE,
			    "%s: missing where there is %s",
			    or_attribute_info[i - 1].name,
			    or_attribute_info[i].label);
	return 0;
}

/* or_address_check - check that the values are what X.411 allows */
int
or_address_check(
    const struct or_address *address, enum or_check what, struct diag *diag)
{
	struct slice text;
	unsigned i;
	int error;

	for (i = 0; i < OR_ATTRIBUTES; i++) {
		text = address->attribute[i];
		/* In an address space "*" is any value. */
		if (text.len == 0 ||
		    (what == OR_CHECK_PREFIX && slice_equal_string(text, "*")))
			continue;
		error = check_attribute(address, i, what, diag);
		if (error != 0)
			return error;
	}
	error = check_ddas(address, what, diag);
	if (error == 0)
		error = check_postal(address, diag);
	if (error == 0 && what == OR_CHECK_ADDRESS)
		error = check_structure(address, diag);
	return error;
}
