/* SPDX-License-Identifier: ISC */
/*
 * object_extension.c - extension fields in the one form
 *
 * Contract in object_extension.h.
 */
#include "json/object_extension.h"

#include <stdio.h>
#include <stdlib.h>

#include "ber/oid.h"
#include "json/object_element.h"
#include "json/object_shape.h"

#define LAST_NAMED 64

/* find_number - find the number of a standard extension by its name, or read
 * it; -1: neither */
static int
find_number(const char *text)
{
	char *end;
	unsigned long number;

	for (int n = 0; n <= LAST_NAMED; n++)
		if (extension_name(n) != NULL &&
		    strcmp(extension_name(n), text) == 0)
			return n;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 9)
		return -1;
	number = strtoul(text, &end, 10);
	return *end == '\0' ? (int)number : -1;
}

/* get_type - get the type of an extension: a name, a number or an OID */
static void
get_type(
    struct json_reading *r, const json_t *object, struct extension *extension)
{
	const char *text = json_string_value(json_object_get(object, "type"));

	extension->number = find_number(text);
	if (extension->number >= 0)
		return;
	extension->number = EXTENSION_PRIVATE;
	if (oid_parse(text, r->arena, &extension->oid) != 0)
		json_get_refuse(r, ERR_VALUE, "type",
		    "neither an extension of X.411, nor a number, nor an OID");
}

/* is_of_mta - tell whether MTAs alone write an extension: what happened to a
 * message is told by members that are only given out */
static bool
is_of_mta(int number)
{
	return number == EXTENSION_REDIRECTION_HISTORY ||
	    number == EXTENSION_DL_EXPANSION_HISTORY ||
	    number == EXTENSION_TRACE_INFORMATION ||
	    number == EXTENSION_INTERNAL_TRACE;
}

/* append_given - append extensions to a list, each instead of what a member
 * stood for; several of one type stay several, as they came */
static int
append_given(struct extension_list *list, struct arena *arena,
    const struct extension *given, size_t count)
{
	struct extension *items;

	for (size_t i = 0; i < count; i++)
		if (given[i].number != EXTENSION_PRIVATE)
			extension_remove(list, given[i].number);
	items = arena_array(arena, list->count + count, sizeof(*items));
	if (items == NULL)
		return arena_error(arena);
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof(*items));
	memcpy(items + list->count, given, count * sizeof(*items));
	list->items = items;
	list->count += count;
	list->capacity = list->count;
	return 0;
}

/* get_extension - read the extension that an object is */
static void
get_extension(struct json_reading *r, const json_t *object, size_t index,
    void *item, const void *arg)
{
	struct extension *extension = item;

	(void)index;
	(void)arg;
	get_type(r, object, extension);
	extension->criticality =
	    json_get_words(object, "criticality", object_criticality);
	extension->value =
	    object_element_get(r, object, "value", OBJECT_ANY_TAG);
	if (is_of_mta(extension->number))
		json_get_refuse(
		    r, ERR_VALUE, "type", "this extension is the MTA's");
}

/* object_extension_get - set the extensions of the list that an object has */
void
object_extension_get(
    struct json_reading *r, const json_t *object, struct extension_list *list)
{
	size_t count;
	const struct extension *given = json_get_list(r, object, "extensions",
	    sizeof(*given), 0, get_extension, NULL, &count);

	if (count > 0)
		json_get_failed(r, append_given(list, r->arena, given, count));
}

/* object_extension_set_number - set an extension whose value is a number */
int
object_extension_set_number(struct extension_list *list, struct arena *arena,
    int number, uint32_t criticality, int value)
{
	const uint8_t octets[] = {BER_ENUMERATED, 1, (uint8_t)value};
	struct slice copy;
	int error = arena_slice(arena, slice_of(octets, sizeof(octets)), &copy);

	return error != 0
	    ? error
	    : extension_set(list, arena, number, criticality, copy);
}

/* is_told - tell whether a member says all of an extension */
static bool
is_told(const struct extension *extension, const struct extension_list *told)
{
	const struct extension *same = extension->number == EXTENSION_PRIVATE
	    ? NULL
	    : extension_find(told, extension->number);

	return same != NULL && same->criticality == extension->criticality &&
	    slice_equal(same->value, extension->value);
}

/* put_type - put the type of an extension */
static void
put_type(
    struct json_put *put, json_t *object, const struct extension *extension)
{
	char text[OID_TEXT_MAX];

	if (extension->number == EXTENSION_PRIVATE) {
		if (oid_format(extension->oid, text) < 0)
			text[0] = '\0';
	} else if (extension_name(extension->number) == NULL) {
		(void)snprintf(text, sizeof(text), "%d", extension->number);
	} else {
		json_put_string(
		    put, object, "type", extension_name(extension->number));
		return;
	}
	json_put_string(put, object, "type", text);
}

/* object_extension_put - put the list of those that no member tells */
void
object_extension_put(struct json_put *put, json_t *object,
    const struct extension_list *list, const struct extension_list *told)
{
	json_t *array = NULL, *one;

	for (size_t i = 0; i < list->count; i++) {
		const struct extension *extension = &list->items[i];

		if (is_of_mta(extension->number) || is_told(extension, told))
			continue;
		if (array == NULL)
			array = json_put_array(put, object, "extensions");
		one = json_put_object(put, array, NULL);
		put_type(put, one, extension);
		json_put_words(put, one, "criticality", extension->criticality,
		    object_criticality);
		if (extension->value.len > 0)
			json_put_octets(put, one, "value", extension->value);
	}
}
