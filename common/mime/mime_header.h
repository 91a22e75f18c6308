/* SPDX-License-Identifier: ISC */
/*
 * mime_header.h - the fields of a header (RFC 5322 2.2)
 *
 * A header is read whole, when mime_reader.h has found its end.  Each field is
 * unfolded, a TAB becomes a blank, and blanks around its value are taken away.
 * Octets beyond ASCII, which RFC 5322 does not allow, are read as UTF-8 if they
 * are that, else as ISO 8859-1, so that every value is UTF-8.
 *
 * Slices live in the arena.
 */
#ifndef FOURPOST_MIME_MIME_HEADER_H
#define FOURPOST_MIME_MIME_HEADER_H

#include "base/arena.h"

#define MIME_FIELDS_MAX 1000 /* in one header */
#define MIME_NAME_MAX	126  /* octets of the name of a field */

struct mime_field {
	struct slice name;  /* as it was written */
	struct slice value; /* UTF-8, unfolded */
};

struct mime_header {
	struct mime_field *fields; /* in their order */
	size_t count;
};

/*
 * mime_header_parse - read the fields in octets: lines, each with its end
 *
 * ERR_LIMIT: more than MIME_FIELDS_MAX; ERR_SYNTAX: a line that is no field;
 * ERR_NOMEM.
 */
int mime_header_parse(struct slice octets, struct arena *arena,
    struct mime_header *header) WARN_UNUSED;

/* mime_header_cut - find the fields that a message begins with */
struct slice mime_header_cut(struct slice message);

/* mime_header_is_field - tell whether a line begins a field: a name and ":" */
bool mime_header_is_field(struct slice line);

/* mime_header_find - find the first field of this name in any case, or NULL */
const struct mime_field *
mime_header_find(const struct mime_header *header, const char *name);

/* mime_name_is - compare a name with a string, in any case of ASCII */
bool mime_name_is(struct slice name, const char *string);

/* mime_name_begins - tell whether a name begins with a string, in any case */
bool mime_name_begins(struct slice name, const char *string);

/* mime_trim - take blanks and line ends from both ends */
struct slice mime_trim(struct slice text);

#endif
