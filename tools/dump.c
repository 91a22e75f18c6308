/* SPDX-License-Identifier: ISC */
/*
 * dump.c - any BER as a tree of rows with offsets; see dump.h
 */
#include "tools/dump.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "ber/oid.h"
#include "ber/reader.h"

#define VALUE_MAX 72 /* octets of a value that are shown */

static const char *const universal[] = {[BER_BOOLEAN] = "BOOLEAN",
    [BER_INTEGER] = "INTEGER",
    [BER_BIT_STRING] = "BIT STRING",
    [BER_OCTET_STRING] = "OCTET STRING",
    [BER_NULL] = "NULL",
    [BER_OID] = "OBJECT IDENTIFIER",
    [BER_EXTERNAL] = "EXTERNAL",
    [BER_ENUMERATED] = "ENUMERATED",
    [BER_UTF8_STRING] = "UTF8String",
    [BER_SEQUENCE] = "SEQUENCE",
    [BER_SET] = "SET",
    [BER_NUMERIC_STRING] = "NumericString",
    [BER_PRINTABLE_STRING] = "PrintableString",
    [BER_T61_STRING] = "TeletexString",
    [BER_IA5_STRING] = "IA5String",
    [BER_UTC_TIME] = "UTCTime",
    [BER_GENERALIZED_TIME] = "GeneralizedTime",
    [BER_GRAPHIC_STRING] = "GraphicString",
    [BER_VISIBLE_STRING] = "VisibleString",
    [BER_GENERAL_STRING] = "GeneralString",
    [BER_UNIVERSAL_STRING] = "UniversalString",
    [BER_BMP_STRING] = "BMPString"};

/* tag_name - name a tag: "[3]", "[APPLICATION 9]", "SET" */
static void
tag_name(uint32_t tag, char *text, size_t size)
{
	static const char *const classes[] = {
	    "UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
	uint32_t number = tag & BER_TAG_MAX;
	uint32_t class = tag >> 24;

	if (class == BER_UNIVERSAL &&
	    number < sizeof(universal) / sizeof(universal[0]) &&
	    universal[number] != NULL)
		(void)snprintf(text, size, "%s", universal[number]);
	else
		(void)snprintf(
		    text, size, "[%s%" PRIu32 "]", classes[class & 3], number);
}

/* looks_like_text - tell whether octets may be shown as they are */
static bool
looks_like_text(struct slice octets)
{
	for (size_t i = 0; i < octets.len; i++)
		if (!isprint(octets.data[i]) && octets.data[i] != '\n' &&
		    octets.data[i] != '\r' && octets.data[i] != '\t')
			return false;
	return octets.len > 0;
}

/* value_text - format the value of a primitive element */
static void
value_text(const struct ber_reader *reader, const struct ber_element *el,
    char *text, size_t size)
{
	struct slice shown = el->contents;
	char oid[OID_TEXT_MAX];
	int64_t number;
	size_t used = 0;

	/* Long values are cut: the tree is for reading. */
	if (shown.len > VALUE_MAX)
		shown.len = VALUE_MAX;
	text[0] = '\0';
	if ((el->tag == BER_UNI(BER_INTEGER) ||
		el->tag == BER_UNI(BER_ENUMERATED)) &&
	    ber_get_integer(reader, el, "", INT64_MIN, INT64_MAX, &number) == 0)
		(void)snprintf(text, size, "%" PRId64, number);
	else if (el->tag == BER_UNI(BER_OID) &&
	    oid_format(el->contents, oid) == 0)
		(void)snprintf(text, size, "%s", oid);
	else if (looks_like_text(shown))
		(void)snprintf(text, size, "\"%.*s\"%s", (int)shown.len,
		    (const char *)shown.data,
		    shown.len < el->contents.len ? " ..." : "");
	else
		for (size_t i = 0; i < shown.len && used + 8 < size; i++)
			used += (size_t)snprintf(
			    text + used, size - used, "%02x", shown.data[i]);
}

/* emit_row - make the row of one element */
static void
emit_row(struct output *out, const struct ber_reader *reader,
    const struct ber_element *el)
{
	char tag[64], name[64 + 2 * BER_DEPTH_MAX], value[4 * VALUE_MAX];
	struct ipc_field fields[5];
	struct ipc_row made = {fields, 5};

	tag_name(el->tag, tag, sizeof(tag));
	(void)snprintf(
	    name, sizeof(name), "%*s%s", (int)(2 * el->depth), "", tag);
	value[0] = '\0';
	if (!el->constructed)
		value_text(reader, el, value, sizeof(value));
	fields[0] = OUTPUT_FIELD_NUMBER("offset", el->offset);
	fields[1] = OUTPUT_FIELD_NUMBER("depth", el->depth);
	fields[2] = OUTPUT_FIELD_NUMBER("length", el->contents.len);
	fields[3] = OUTPUT_FIELD_TEXT("tag", name);
	fields[4] = OUTPUT_FIELD_TEXT("value", value);
	output_row(out, &made);
}

/* walk_elements - walk through the elements of a reader; BER_DEPTH_MAX bounds
 * recursion */
static int
walk_elements(struct output *out, struct ber_reader *reader)
{
	struct ber_element el;
	struct ber_reader inner;
	int result;

	while ((result = ber_next(reader, &el)) == 1) {
		emit_row(out, reader, &el);
		/* A constructed element is shown by what is in it. */
		if (!el.constructed)
			continue;
		if ((result = ber_enter(reader, &el, &inner)) != 0 ||
		    (result = walk_elements(out, &inner)) != 0)
			return result;
	}
	return result;
}

/* dump_tree - make a row for each element */
int
dump_tree(struct output *out, struct slice octets, struct diag *diag)
{
	static const struct output_column columns[] = {
	    {"offset", "OFFSET", OUTPUT_PLAIN},
	    {"length", "LENGTH", OUTPUT_PLAIN},
	    {"tag", "ELEMENT", OUTPUT_PLAIN},
	    {"value", "VALUE", OUTPUT_PLAIN},
	};
	struct ber_reader reader;

	output_table(out, columns, sizeof(columns) / sizeof(columns[0]));
	ber_reader_init(&reader, octets, diag);
	return walk_elements(out, &reader);
}
