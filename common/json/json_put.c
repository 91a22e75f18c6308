/* SPDX-License-Identifier: ISC */
/*
 * json_put.c - build a JSON value
 *
 * Contract in json_put.h.
 */
#include "json/json_put.h"

#include "base/base64.h"
#include "ber/reader.h"
#include "mhs/charset.h"

/* put_value - put a value, which is taken, into an object or array */
static json_t *
put_value(struct json_put *put, json_t *parent, const char *name, json_t *value)
{
	int failed;

	if (put->error != 0) {
		json_decref(value);
		return NULL;
	}
	failed = name != NULL ? json_object_set_new(parent, name, value)
			      : json_array_append_new(parent, value);
	if (failed != 0) {
		put->error = ERR_NOMEM;
		return NULL;
	}
	return value;
}

/* json_put_object - put an empty object */
json_t *
json_put_object(struct json_put *put, json_t *parent, const char *name)
{
	return put_value(put, parent, name, json_object());
}

/* json_put_array - put an empty array */
json_t *
json_put_array(struct json_put *put, json_t *parent, const char *name)
{
	return put_value(put, parent, name, json_array());
}

/* clean_text - replace what no JSON string may hold */
static struct slice
clean_text(struct json_put *put, struct slice text)
{
	uint8_t *out = arena_alloc(put->arena, text.len + 1);

	if (out == NULL) {
		put->error = arena_error(put->arena);
		return (struct slice){.len = 0};
	}
	for (size_t i = 0; i < text.len; i++)
		out[i] = text.data[i] == 0 || text.data[i] >= 0x80
		    ? (uint8_t)'?'
		    : text.data[i];
	return slice_of(out, text.len);
}

/* json_put_text - put a text */
void
json_put_text(
    struct json_put *put, json_t *parent, const char *name, struct slice text)
{
	if (put->error != 0)
		return;
	if (text.len > 0 &&
	    (!charset_is_utf8(text) || memchr(text.data, 0, text.len) != NULL))
		text = clean_text(put, text);
	(void)put_value(put, parent, name,
	    json_stringn_nocheck(
		text.len > 0 ? (const char *)text.data : "", text.len));
}

/* json_put_string - put a text that ends in NUL */
void
json_put_string(
    struct json_put *put, json_t *parent, const char *name, const char *text)
{
	json_put_text(put, parent, name, slice_of_string(text));
}

/* json_put_octets - put octets in base64 */
void
json_put_octets(
    struct json_put *put, json_t *parent, const char *name, struct slice octets)
{
	size_t len = base64_length(octets.len);
	char *text;

	if (put->error != 0)
		return;
	if ((text = arena_alloc(put->arena, len + 1)) == NULL) {
		put->error = arena_error(put->arena);
		return;
	}
	base64_encode(octets, text);
	(void)put_value(put, parent, name, json_stringn_nocheck(text, len));
}

/* json_put_integer - put a number */
void
json_put_integer(
    struct json_put *put, json_t *parent, const char *name, int64_t value)
{
	(void)put_value(put, parent, name, json_integer(value));
}

/* json_put_true - put the value true */
void
json_put_true(struct json_put *put, json_t *parent, const char *name)
{
	(void)put_value(put, parent, name, json_true());
}

/* json_put_false - put the value false */
void
json_put_false(struct json_put *put, json_t *parent, const char *name)
{
	(void)put_value(put, parent, name, json_false());
}

/* json_put_words - put an array of the words whose bits are set */
void
json_put_words(struct json_put *put, json_t *parent, const char *name,
    uint32_t bits, const char *const *words)
{
	json_t *array = NULL;

	for (unsigned i = 0; words[i] != NULL; i++) {
		if ((bits & BER_BIT(i)) == 0)
			continue;
		if (array == NULL)
			array = json_put_array(put, parent, name);
		json_put_string(put, array, NULL, words[i]);
	}
}
