/* SPDX-License-Identifier: ISC */
/*
 * json_pointer.c - the place of a value in a JSON text (RFC 6901)
 *
 * Contract in json_pointer.h.
 */
#include <stdio.h>

#include "base/escape.h"
#include "json/json_pointer.h"

/* add_characters - add a few characters, whole or not at all */
static void
add_characters(struct json_pointer *pointer, const char *text, size_t len)
{
	if (len >= sizeof(pointer->text) - pointer->len)
		return;
	memcpy(pointer->text + pointer->len, text, len);
	pointer->len += len;
	pointer->text[pointer->len] = '\0';
}

/* json_pointer_enter - go down to a member */
size_t
json_pointer_enter(struct json_pointer *pointer, struct slice name)
{
	size_t before = pointer->len, n;

	add_characters(pointer, "/", 1);
	while (name.len > 0) {
		n = escape_character(name);
		if (n == 0)
			add_characters(pointer, "?", n = 1);
		else if (name.data[0] == '~')
			add_characters(pointer, "~0", 2);
		else if (name.data[0] == '/')
			add_characters(pointer, "~1", 2);
		else
			add_characters(pointer, (const char *)name.data, n);
		name = slice_of(name.data + n, name.len - n);
	}
	return before;
}

/* json_pointer_enter_item - go down to an item of an array */
size_t
json_pointer_enter_item(struct json_pointer *pointer, size_t index)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%zu", index);

	return json_pointer_enter(pointer, slice_of(text, (size_t)n));
}

/* json_pointer_leave - go up again */
void
json_pointer_leave(struct json_pointer *pointer, size_t length)
{
	pointer->len = length;
	pointer->text[length] = '\0';
}
