/* SPDX-License-Identifier: ISC */
/*
 * json_pointer.h - the place of a value in a JSON text (RFC 6901)
 *
 * Grows and shrinks as a reader goes down and up.  Controls in names become
 * "?", so that a pointer can be printed; what does not fit is left out.
 */
#ifndef FOURPOST_JSON_JSON_POINTER_H
#define FOURPOST_JSON_JSON_POINTER_H

#include "base/slice.h"

#define JSON_POINTER_TEXT 256

struct json_pointer {
	char text[JSON_POINTER_TEXT]; /* always ends in NUL */
	size_t len;
};

/* json_pointer_enter - go down to a member, or to an item of an array; what is
 * returned goes to json_pointer_leave */
size_t json_pointer_enter(struct json_pointer *pointer, struct slice name);
size_t json_pointer_enter_item(struct json_pointer *pointer, size_t index);

/* json_pointer_leave - go up again */
void json_pointer_leave(struct json_pointer *pointer, size_t length);

#endif
