/* SPDX-License-Identifier: ISC */
/*
 * mime_type.h - values with parameters: Content-Type and Content-Disposition
 * (RFC 2045 5.1, RFC 2183, RFC 2231)
 *
 * Parameters in several pieces are joined, those in other character sets and
 * the encoded words that many write instead are converted.  A parameter that
 * is not readable is left out.
 */
#ifndef FOURPOST_MIME_MIME_TYPE_H
#define FOURPOST_MIME_MIME_TYPE_H

#include "mime/mime_charset.h"

#define MIME_PARAMETERS_MAX 64

struct mime_parameter {
	struct slice name;  /* as it was written, without "*" */
	struct slice value; /* UTF-8 without controls */
};

struct mime_type {
	struct slice type;    /* "text"; of a disposition "attachment" */
	struct slice subtype; /* "plain"; empty for a disposition */
	struct mime_parameter *parameters;
	size_t count;
};

/* mime_type_parse - read a value.  ERR_SYNTAX: it has no type; ERR_LIMIT,
 * ERR_NOMEM */
int mime_type_parse(struct mime_charsets *charsets, struct slice value,
    struct arena *arena, struct mime_type *type) WARN_UNUSED;

/* mime_type_is - compare type and subtype; "*" is any subtype */
bool mime_type_is(
    const struct mime_type *type, const char *main, const char *subtype);

/* mime_type_parameter - find a parameter, or get an empty slice */
struct slice
mime_type_parameter(const struct mime_type *type, const char *name);

#endif
