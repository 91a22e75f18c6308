/* SPDX-License-Identifier: ISC */
/*
 * row_json.c - a row as a JSON object
 */
#include "ipc/row_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/escape.h"

#define DEPTH_MAX 8

/* text_value - make a string of text; what is not UTF-8 is escaped */
static json_t *
text_value(struct slice text)
{
	json_t *value;
	char *escaped;

	/* jansson takes an empty text without memory for an error. */
	if (text.len == 0)
		return json_string("");
	value = json_stringn((const char *)text.data, text.len);
	if (value != NULL)
		return value;
	escaped = malloc(4 * text.len + 1);
	if (escaped == NULL)
		return NULL;
	(void)escape_text(escaped, 4 * text.len + 1, text);
	value = json_string(escaped);
	free(escaped);
	return value;
}

/* octets_value - make a string of octets, in base64 */
static json_t *
octets_value(struct slice octets)
{
	size_t len = base64_length(octets.len);
	char *text = malloc(len + 1);
	json_t *value;

	if (text == NULL)
		return NULL;
	base64_encode(octets, text);
	value = json_stringn(text, len);
	free(text);
	return value;
}

static json_t *row_value(const struct ipc_row *row, unsigned depth);

/* rows_value - make an array of rows within a row */
static json_t *
rows_value(const struct ipc_field *field, unsigned depth)
{
	json_t *array = json_array();

	for (size_t i = 0; array != NULL && i < field->row_count; i++) {
		if (json_array_append_new(
			array, row_value(&field->rows[i], depth + 1)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* field_value - make a value of what a field holds, as its type says */
static json_t *
field_value(const struct ipc_field *field, unsigned depth)
{
	switch (field->type) {
	case IPC_FIELD_NUMBER:
		return json_integer((json_int_t)field->number);
	case IPC_FIELD_TEXT:
		return text_value(field->octets);
	case IPC_FIELD_TRUTH:
		return json_boolean(field->number != 0);
	case IPC_FIELD_TIME:
		return field->number == 0
		    ? json_null()
		    : json_integer((json_int_t)(field->number / 1000));
	case IPC_FIELD_ROWS:
		return depth < DEPTH_MAX ? rows_value(field, depth)
					 : json_null();
	case IPC_FIELD_OCTETS:
		return octets_value(field->octets);
	}
	return json_null();
}

/* row_value - make an object with every field, in their order */
static json_t *
row_value(const struct ipc_row *row, unsigned depth)
{
	json_t *object = json_object();

	for (size_t i = 0; object != NULL && i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];
		char name[128];

		escape_text(name, sizeof(name), field->name);
		if (json_object_set_new(
			object, name, field_value(field, depth)) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

/* append_octets - append what jansson writes */
static int
append_octets(const char *octets, size_t len, void *out)
{
	return buffer_append(out, octets, len) == 0 ? 0 : -1;
}

/* append_value - append a value, which is given back */
static int
append_value(json_t *value, struct buffer *out)
{
	int rc = value == NULL
	    ? -1
	    : json_dump_callback(value, append_octets, out,
		  JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);

	json_decref(value);
	return rc == 0 ? 0 : ERR_NOMEM;
}

/* row_json_append - append a row, without white space */
int
row_json_append(const struct ipc_row *row, struct buffer *out)
{
	return append_value(row_value(row, 0), out);
}

/* row_json_string - append a text as a JSON string */
int
row_json_string(struct slice text, struct buffer *out)
{
	return append_value(text_value(text), out);
}
