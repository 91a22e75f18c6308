/* SPDX-License-Identifier: ISC */
/*
 * json_shape.c - hold a JSON value against a table of members
 *
 * Contract in json_shape.h.
 */
#include "json/json_shape.h"

#include "json/json_pointer.h"
#include "mhs/charset.h"

struct shape_check {
	struct object_fault *fault;
	struct json_pointer at;
};

static int check_object(struct shape_check *c, const json_t *object,
    const struct json_shape *shapes);

/* refuse_shape - note what is expected at the place of the check */
static int
refuse_shape(struct shape_check *c, const char *expected)
{
	return object_fault_set(
	    c->fault, ERR_VALUE, c->at.text, "%s", expected);
}

/* type_name - name a type, as a fault says what is expected */
static const char *
type_name(enum json_shape_type type)
{
	switch (type) {
	case JSON_SHAPE_TEXT:
	case JSON_SHAPE_WORD:
		return "a string is expected";
	case JSON_SHAPE_OCTETS:
		return "a string of base64 with padding is expected";
	case JSON_SHAPE_INTEGER:
		return "an integer is expected";
	case JSON_SHAPE_TRUTH:
		return "true or false is expected";
	case JSON_SHAPE_OBJECT:
		break;
	}
	return "an object is expected";
}

/* has_type - tell whether a value has the type of a shape */
static bool
has_type(const json_t *value, enum json_shape_type type)
{
	switch (type) {
	case JSON_SHAPE_TEXT:
	case JSON_SHAPE_WORD:
	case JSON_SHAPE_OCTETS:
		return json_is_string(value);
	case JSON_SHAPE_INTEGER:
		return json_is_integer(value);
	case JSON_SHAPE_TRUTH:
		return json_is_boolean(value);
	case JSON_SHAPE_OBJECT:
		break;
	}
	return json_is_object(value);
}

/* check_word - check that a string is one of those that are allowed */
static int
check_word(
    struct shape_check *c, const char *word, const struct json_shape *shape)
{
	for (const char *const *w = shape->words; *w != NULL; w++)
		if (strcmp(*w, word) == 0)
			return 0;
	return object_fault_set(c->fault, ERR_VALUE, c->at.text,
	    "not one of the words that are allowed here: %s, ...",
	    shape->words[0]);
}

/* check_text - check the bounds of a string */
static int
check_text(
    struct shape_check *c, const json_t *value, const struct json_shape *shape)
{
	int64_t length = (int64_t)charset_length(
	    slice_of(json_string_value(value), json_string_length(value)));

	if (length >= shape->least && length <= shape->most)
		return 0;
	return object_fault_set(c->fault, ERR_VALUE, c->at.text,
	    "%lld characters, where %lld to %lld are allowed",
	    (long long)length, (long long)shape->least, (long long)shape->most);
}

/* check_integer - check the bounds of an integer */
static int
check_integer(
    struct shape_check *c, const json_t *value, const struct json_shape *shape)
{
	int64_t number = json_integer_value(value);

	if (number >= shape->least && number <= shape->most)
		return 0;
	return object_fault_set(c->fault, ERR_VALUE, c->at.text,
	    "%lld is not from %lld to %lld", (long long)number,
	    (long long)shape->least, (long long)shape->most);
}

/* check_value - check one value against its shape */
static int
check_value(
    struct shape_check *c, const json_t *value, const struct json_shape *shape)
{
	if (!has_type(value, shape->type))
		return refuse_shape(c, type_name(shape->type));
	switch (shape->type) {
	case JSON_SHAPE_TEXT:
		return check_text(c, value, shape);
	case JSON_SHAPE_WORD:
		return check_word(c, json_string_value(value), shape);
	case JSON_SHAPE_INTEGER:
		return check_integer(c, value, shape);
	case JSON_SHAPE_OBJECT:
		return check_object(c, value, shape->members);
	case JSON_SHAPE_OCTETS: /* read when they are taken */
	case JSON_SHAPE_TRUTH:
		break;
	}
	return 0;
}

/* check_list - check an array, each of whose items has the shape */
static int
check_list(
    struct shape_check *c, const json_t *value, const struct json_shape *shape)
{
	size_t count = json_array_size(value), before;
	int error = 0;

	if (!json_is_array(value))
		return refuse_shape(c, "an array is expected");
	if (shape->items != 0 && count > shape->items)
		return object_fault_set(c->fault, ERR_LIMIT, c->at.text,
		    "%zu items, at most %zu are allowed", count, shape->items);
	for (size_t i = 0; error == 0 && i < count; i++) {
		before = json_pointer_enter_item(&c->at, i);
		error = check_value(c, json_array_get(value, i), shape);
		json_pointer_leave(&c->at, before);
	}
	return error;
}

/* check_foreign - check a member whose name begins with "x-": anything but
 * null */
static int
check_foreign(struct shape_check *c, const json_t *value)
{
	const char *name;
	json_t *member;
	int error = 0;
	size_t i, before;

	if (json_is_null(value))
		return refuse_shape(c, "null is not allowed");
	json_array_foreach(value, i, member)
	{
		before = json_pointer_enter_item(&c->at, i);
		if (error == 0)
			error = check_foreign(c, member);
		json_pointer_leave(&c->at, before);
	}
	if (!json_is_object(value))
		return error;
	for (void *at = json_object_iter((json_t *)(uintptr_t)value);
	     error == 0 && at != NULL;
	     at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
		name = json_object_iter_key(at);
		before = json_pointer_enter(&c->at, slice_of_string(name));
		error = check_foreign(c, json_object_iter_value(at));
		json_pointer_leave(&c->at, before);
	}
	return error;
}

/* find_shape - find the shape of a member; NULL: no such member */
static const struct json_shape *
find_shape(const struct json_shape *shapes, const char *name)
{
	for (; shapes->name != NULL; shapes++)
		if (strcmp(shapes->name, name) == 0)
			return shapes;
	return NULL;
}

/* check_member - check one member of an object */
static int
check_member(struct shape_check *c, const char *name, const json_t *value,
    const struct json_shape *shapes)
{
	const struct json_shape *shape = find_shape(shapes, name);

	if (shape == NULL)
		return strncmp(name, "x-", 2) == 0
		    ? check_foreign(c, value)
		    : refuse_shape(c, "there is no such member");
	/* Null could mean absent or empty, which are not the same here. */
	if (json_is_null(value))
		return refuse_shape(c, "null is not allowed");
	return shape->count == JSON_SHAPE_LIST ? check_list(c, value, shape)
					       : check_value(c, value, shape);
}

/* check_required - check that the members are there that must be */
static int
check_required(struct shape_check *c, const json_t *object,
    const struct json_shape *shapes)
{
	for (; shapes->name != NULL; shapes++)
		if (shapes->need == JSON_SHAPE_REQUIRED &&
		    json_object_get(object, shapes->name) == NULL)
			return object_fault_set(c->fault, ERR_VALUE, c->at.text,
			    "\"%s\" is missing", shapes->name);
	return 0;
}

/* check_object - check the members of an object */
static int
check_object(struct shape_check *c, const json_t *object,
    const struct json_shape *shapes)
{
	json_t *members = (json_t *)(uintptr_t)object;
	const char *name;
	size_t before;
	int error = 0;

	for (void *at = json_object_iter(members); error == 0 && at != NULL;
	     at = json_object_iter_next(members, at)) {
		name = json_object_iter_key(at);
		before = json_pointer_enter(&c->at, slice_of_string(name));
		error =
		    check_member(c, name, json_object_iter_value(at), shapes);
		json_pointer_leave(&c->at, before);
	}
	return error != 0 ? error : check_required(c, object, shapes);
}

/* json_shape_check - hold an object against a table */
int
json_shape_check(const json_t *object, const struct json_shape *shapes,
    struct object_fault *fault)
{
	struct shape_check c = {.fault = fault};

	return check_object(&c, object, shapes);
}
