/* SPDX-License-Identifier: ISC */
/*
 * or_address_attribute.h - the table of attributes of an O/R address
 *
 * For the files of or_address alone: their names, labels, bounds and places in
 * BER (X.411 8.5.5, annex B for the upper bounds).
 */
#ifndef FOURPOST_MHS_OR_ADDRESS_ATTRIBUTE_H
#define FOURPOST_MHS_OR_ADDRESS_ATTRIBUTE_H

#include "mhs/or_address.h"

/* Types of extension attributes that stand for an attribute of the struct. */
enum or_extension_type {
	OR_EXT_COMMON_NAME = 1,
	OR_EXT_TELETEX_COMMON_NAME = 2,
	OR_EXT_TELETEX_ORGANIZATION = 3,
	OR_EXT_TELETEX_PERSONAL_NAME = 4,
	OR_EXT_TELETEX_UNITS = 5,
	OR_EXT_TELETEX_DDA = 6,
	OR_EXT_PDS_NAME = 7,
	OR_EXT_POSTAL_COUNTRY = 8,
	OR_EXT_POSTAL_CODE = 9,
	OR_EXT_PDS_FIRST = 10, /* to 15 and 17 to 21: PDSParameter */
	OR_EXT_UNFORMATTED = 16,
	OR_EXT_PDS_LAST = 21,
	OR_EXT_NETWORK_ADDRESS = 22,
	OR_EXT_TERMINAL_TYPE = 23,
	OR_EXT_UNIVERSAL_COMMON_NAME = 24,
	OR_EXT_UNIVERSAL_ORGANIZATION = 25,
	OR_EXT_UNIVERSAL_PERSONAL_NAME = 26,
	OR_EXT_UNIVERSAL_UNITS = 27,
	OR_EXT_UNIVERSAL_DDA = 28,
	OR_EXT_UNIVERSAL_PDS_FIRST = 29, /* of 10, to 34 of 15 */
	OR_EXT_UNIVERSAL_UNFORMATTED = 35,
	OR_EXT_UNIVERSAL_PDS_LAST = 40, /* of 21 */
	OR_EXT_LAST = 256
};

struct or_attribute_info {
	const char *name;    /* in errors */
	const char *label;   /* F.401 */
	const char *rfc2156; /* where it differs, else NULL */
	uint8_t max;	     /* characters, X.411 */
	uint8_t natural;     /* enum or_form that it has without need */
	bool teletex;	     /* has teletex and universal forms */
};

extern const struct or_attribute_info or_attribute_info[OR_ATTRIBUTES];

/* Characters of postal attributes, X.411: name and code, the others. */
#define OR_PDS_NAME_LEN 16
#define OR_PDS_LEN	30

#define OR_DDA_TYPE_LEN	 8
#define OR_DDA_VALUE_LEN 128
#define OR_DDA_PARSED	 4

/* or_postal_label - get the label "PD-S" of a postal extension attribute, or
 * NULL */
const char *or_postal_label(unsigned number);

/* or_extension_number - get the number of the printable form of a type */
unsigned or_extension_number(unsigned type);

/* or_postal_parse - read PD-… or EXT:number of text; 1 if label is neither */
int or_postal_parse(struct or_address *address, struct slice label,
    struct slice value, struct arena *arena, struct diag *diag) WARN_UNUSED;

/* or_address_insert - put an extension attribute at its place by number */
int or_address_insert(struct or_address *address, struct arena *arena,
    const struct or_extension *extension) WARN_UNUSED;

/* or_address_add_dda - add one, or NULL if there is no memory or no room */
struct or_dda *
or_address_add_dda(struct or_address *address, struct arena *arena) WARN_UNUSED;

/* or_is_blank - tell whether a text is of spaces alone */
bool or_is_blank(struct slice text);

/* or_dda_value - write the value of an RFC-822 DDA in the characters of
 * PrintableString (RFC 2156 3.4); that of any other stays.  ERR_NOMEM */
int or_dda_value(
    struct slice type, struct arena *arena, struct slice *value) WARN_UNUSED;

/* Words of T-TY, and back; NULL or -1 where there is none. */
const char *or_terminal_type_name(int64_t type);
int or_terminal_type(struct slice name);
struct slice or_terminal_type_number(struct slice name);

#endif
