/* SPDX-License-Identifier: ISC */
/*
 * json_place.h - where in a JSON text a value or an error stands
 *
 * jansson keeps no positions, so a text that was refused is walked again.  The
 * walk looks at brackets, strings and commas alone; it needs no memory, and
 * ends at once where the text is no JSON.
 */
#ifndef FOURPOST_JSON_JSON_PLACE_H
#define FOURPOST_JSON_JSON_PLACE_H

#include "base/error.h"
#include "json/json_pointer.h"

/*
 * json_place_check - check the bounds of a text before it is parsed
 *
 * ERR_LIMIT: more than depth objects and arrays within each other, or more
 * than `values` values; *offset tells where the first beyond it stands.
 */
int json_place_check(struct slice text, unsigned depth, size_t values,
    size_t *offset) WARN_UNUSED;

/* json_place_pointer - find the pointer of the value or the name at an
 * offset */
void json_place_pointer(
    struct slice text, size_t offset, struct json_pointer *pointer);

/* json_place_line - find the line, from 1, in which the value at a pointer
 * begins; of the last member of that name.  0: there is none */
unsigned json_place_line(struct slice text, const char *pointer);

/* json_place_line_of - count the line of an offset, from 1 */
unsigned json_place_line_of(struct slice text, size_t offset);

#endif
