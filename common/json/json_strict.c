/* SPDX-License-Identifier: ISC */
/*
 * json_strict.c - parse a JSON text, and refuse what may be taken in two ways
 *
 * Contract in json_strict.h.
 */
#include "json/json_strict.h"

#include "json/json_place.h"

/* fault_at - note a fault at an offset of the text */
static int
fault_at(struct slice text, size_t offset, int error, const char *why,
    struct object_fault *fault)
{
	struct json_pointer pointer;

	json_place_pointer(text, offset, &pointer);
	error = object_fault_set(fault, error, pointer.text, "%s", why);
	fault->line = json_place_line_of(text, offset);
	return error;
}

/* check_bounds - check what would cost too much to parse */
static int
check_bounds(struct slice text, struct object_fault *fault)
{
	size_t offset;

	if (text.len > OBJECT_TEXT_MAX)
		return object_fault_set(fault, ERR_LIMIT, "",
		    "more than %d octets", OBJECT_TEXT_MAX);
	if (json_place_check(
		text, OBJECT_DEPTH_MAX, OBJECT_VALUES_MAX, &offset) == 0)
		return 0;
	return fault_at(text, offset, ERR_LIMIT,
	    "more than 16 levels, or more than a million values", fault);
}

/* parser_fault - note why jansson refused a text */
static int
parser_fault(
    struct slice text, const json_error_t *why, struct object_fault *fault)
{
	size_t offset = why->position > 0 ? (size_t)why->position : 0;

	if (json_error_code(why) == json_error_out_of_memory)
		return object_fault_set(fault, ERR_NOMEM, "", "no memory");
	/* jansson's position is behind the token that it did not expect, which
	 * for a name that comes twice is the name. */
	return fault_at(
	    text, offset > 0 ? offset - 1 : 0, ERR_SYNTAX, why->text, fault);
}

/* json_strict_parse - parse the one object of a text */
int
json_strict_parse(struct slice text, json_t **root, struct object_fault *fault)
{
	json_error_t why;
	json_t *value;
	int error = check_bounds(text, fault);

	if (error != 0)
		return error;
	value = json_loadb(text.len > 0 ? (const char *)text.data : "",
	    text.len, JSON_REJECT_DUPLICATES, &why);
	if (value == NULL)
		return parser_fault(text, &why, fault);
	if (!json_is_object(value)) {
		json_decref(value);
		return fault_at(
		    text, 0, ERR_SYNTAX, "an object is expected", fault);
	}
	*root = value;
	return 0;
}
