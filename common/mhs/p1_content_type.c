/* SPDX-License-Identifier: ISC */
/*
 * p1_content_type.c - content types (X.411 8.2.1.1.1.34)
 *
 * An extended one is an OBJECT IDENTIFIER; the text of 1999 prints it as
 * RELATIVE-OID, which nobody sends, but is read as well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ber/oid.h"
#include "mhs/p1.h"

#define RELATIVE_OID 13

static const struct {
	int built_in;
	const char *name;
} names[] = {{P1_CONTENT_P2, "p2"}, {P1_CONTENT_P22, "p22"},
    {P1_CONTENT_UNIDENTIFIED, "unidentified"},
    {P1_CONTENT_EXTERNAL, "external"}, {P1_CONTENT_EDI, "edi"},
    {P1_CONTENT_VOICE, "voice"}};

#define NAMES (sizeof(names) / sizeof(names[0]))

/* p1_content_type_decode - read [APPLICATION 6] INTEGER, or an OID */
int
p1_content_type_decode(const struct ber_reader *reader,
    const struct ber_element *el, struct p1_content_type *type)
{
	struct p1_content_type got = {.built_in = P1_CONTENT_OID};
	int64_t number;
	int error;

	if (el->tag == BER_APP(6)) {
		error = ber_get_integer(
		    reader, el, "content-type", 0, 32767, &number);
		got.built_in = (int)number;
	} else if (el->tag == BER_UNI(BER_OID) ||
	    el->tag == BER_UNI(RELATIVE_OID)) {
		error = ber_get_oid(reader, el, "content-type", &got.oid);
	} else {
		error = ber_error(
		    reader, el, ERR_SYNTAX, "content-type", "unknown tag");
	}
	if (error == 0)
		*type = got;
	return error;
}

/* p1_content_type_encode - write a content type */
void
p1_content_type_encode(
    struct ber_writer *writer, const struct p1_content_type *type)
{
	if (type->built_in == P1_CONTENT_OID)
		ber_put(writer, BER_UNI(BER_OID), type->oid);
	else
		ber_put_integer(writer, BER_APP(6), type->built_in);
}

/* p1_content_type_format - write a type as a name, a number, an OID */
void
p1_content_type_format(
    const struct p1_content_type *type, char text[P1_CONTENT_TYPE_TEXT])
{
	size_t i;

	_Static_assert(P1_CONTENT_TYPE_TEXT >= OID_TEXT_MAX, "room for an OID");
	if (type->built_in == P1_CONTENT_OID) {
		if (oid_format(type->oid, text) != 0)
			strlcpy(text, "unknown", P1_CONTENT_TYPE_TEXT);
		return;
	}
	for (i = 0; i < NAMES; i++)
		if (names[i].built_in == type->built_in) {
			strlcpy(text, names[i].name, P1_CONTENT_TYPE_TEXT);
			return;
		}
	(void)snprintf(text, P1_CONTENT_TYPE_TEXT, "%d", type->built_in);
}

/* p1_content_type_parse - read a type from its text */
int
p1_content_type_parse(
    const char *text, struct arena *arena, struct p1_content_type *type)
{
	struct p1_content_type got = {.built_in = P1_CONTENT_OID};
	const char *failed;
	size_t i;
	int error;

	for (i = 0; i < NAMES; i++)
		if (strcasecmp(names[i].name, text) == 0) {
			got.built_in = names[i].built_in;
			*type = got;
			return 0;
		}
	if (strchr(text, '.') == NULL) {
		got.built_in = (int)strtonum(text, 0, 32767, &failed);
		if (failed != NULL)
			return ERR_SYNTAX;
	} else {
		error = oid_parse(text, arena, &got.oid);
		if (error != 0)
			return error;
	}
	*type = got;
	return 0;
}
