/* SPDX-License-Identifier: ISC */
/*
 * json_get.c - take values from a JSON object that was checked
 *
 * Contract in json_get.h.
 */
#include "json/json_get.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/base64.h"
#include "ber/reader.h"

/* json_get_refuse - note a fault at a member of the object at hand */
void
json_get_refuse(
    struct json_reading *r, int error, const char *name, const char *fmt, ...)
{
	size_t before = r->at.len;
	char text[sizeof(r->fault->text)];
	va_list args;

	if (r->error != 0)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (name != NULL)
		(void)json_pointer_enter(&r->at, slice_of_string(name));
	r->error = object_fault_set(r->fault, error, r->at.text, "%s", text);
	json_pointer_leave(&r->at, before);
}

/* json_get_failed - note an error that a function returned */
void
json_get_failed(struct json_reading *r, int error)
{
	if (error != 0)
		json_get_refuse(r, error, NULL, "%s", error_strerror(error));
}

/* json_get_text - get a string */
struct slice
json_get_text(struct json_reading *r, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	struct slice text = {.len = 0};

	if (r->error == 0 && json_string_length(value) > 0)
		json_get_failed(r,
		    arena_slice(r->arena,
			slice_of(json_string_value(value),
			    json_string_length(value)),
			&text));
	return text;
}

/* json_get_octets - get what the base64 of a string stands for */
struct slice
json_get_octets(struct json_reading *r, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	struct slice octets = {.len = 0};
	int error;

	if (r->error != 0 || value == NULL)
		return octets;
	error = base64_decode(
	    slice_of(json_string_value(value), json_string_length(value)),
	    r->arena, &octets);
	if (error == ERR_SYNTAX)
		json_get_refuse(
		    r, error, name, "not base64 with padding (RFC 4648)");
	else
		json_get_failed(r, error);
	return octets;
}

/* json_get_integer - get an integer */
int64_t
json_get_integer(const json_t *object, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL ? otherwise : json_integer_value(value);
}

/* word_place - find the place of a word in a list; -1: it is not there */
static int
word_place(const char *word, const char *const *words)
{
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* json_get_word - get the place of a word in a list */
int
json_get_word(const json_t *object, const char *name, const char *const *words,
    int otherwise)
{
	const json_t *value = json_object_get(object, name);

	return value == NULL ? otherwise
			     : word_place(json_string_value(value), words);
}

/* json_get_words - get the bits of the words that are in an array */
uint32_t
json_get_words(const json_t *object, const char *name, const char *const *words)
{
	const json_t *array = json_object_get(object, name), *value;
	uint32_t bits = 0;
	size_t i;

	json_array_foreach(array, i, value) bits |=
	    BER_BIT(word_place(json_string_value(value), words));
	return bits;
}

/* json_get_list - read each object of an array into a list */
void *
json_get_list(struct json_reading *r, const json_t *parent, const char *name,
    size_t size, size_t spare, json_get_item *get, const void *arg,
    size_t *count)
{
	const json_t *array = json_object_get(parent, name);
	size_t n = json_array_size(array), outer, before;
	uint8_t *list;

	*count = 0;
	if (r->error != 0 || n + spare == 0)
		return NULL;
	list = arena_array(r->arena, n + spare, size);
	if (list == NULL) {
		json_get_failed(r, arena_error(r->arena));
		return NULL;
	}
	outer = json_pointer_enter(&r->at, slice_of_string(name));
	for (size_t i = 0; r->error == 0 && i < n; i++) {
		before = json_pointer_enter_item(&r->at, i);
		get(r, json_array_get(array, i), i, list + i * size, arg);
		json_pointer_leave(&r->at, before);
	}
	json_pointer_leave(&r->at, outer);
	if (r->error != 0)
		return NULL;
	*count = n;
	return list;
}
