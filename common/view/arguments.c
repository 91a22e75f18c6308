/* SPDX-License-Identifier: ISC */
/*
 * arguments.c - what a request to see the queue asks for
 */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "view/arguments.h"

#define ARENA_MAX 262144 /* octets of parsed addresses */

/* view_parse_id - parse a queue id */
int
view_parse_id(struct slice text, uint64_t *id)
{
	uint64_t value = 0;

	if (text.len == 0 || text.len > 19)
		return ERR_VALUE;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return ERR_VALUE;
		value = value * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (value == 0)
		return ERR_VALUE;
	*id = value;
	return 0;
}

/* get_named - get the value of "name=value", if the argument is that */
static bool
get_named(struct slice argument, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (argument.len <= len || memcmp(argument.data, name, len) != 0 ||
	    argument.data[len] != '=')
		return false;
	*value = slice_of(argument.data + len + 1, argument.len - len - 1);
	return true;
}

/* copy_text - copy a value as a string; one that is too long cannot match
 * anything */
static bool
copy_text(struct slice value, char text[VIEW_FILTER_TEXT])
{
	if (value.len >= VIEW_FILTER_TEXT ||
	    (value.len > 0 && memchr(value.data, 0, value.len) != NULL))
		return false;
	if (value.len > 0)
		memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	return true;
}

/* find_state - find a state by name; "active" is ready on disk */
static bool
find_state(struct slice name, struct view_arguments *out)
{
	out->has_state = true;
	out->active = slice_equal_string(name, "active");
	out->state = STORE_READY;
	if (out->active)
		return true;
	for (int i = 0; i < STORE_STATES; i++) {
		out->state = (enum store_state)i;
		if (slice_equal_string(name, store_state_name(out->state)))
			return true;
	}
	return false;
}

/* find_link - find a link by name */
static bool
find_link(
    const struct store *store, struct slice name, struct view_arguments *out)
{
	char text[VIEW_FILTER_TEXT];
	struct store_link link;

	if (!copy_text(name, text) || store_link_find(store, text, &link) < 0)
		return false;
	out->has_link = true;
	out->link = link.number;
	return true;
}

/* parse_number - parse a number that may be 0 */
static int
parse_number(struct slice text, uint64_t *number)
{
	if (text.len == 1 && text.data[0] == '0') {
		*number = 0;
		return 0;
	}
	return view_parse_id(text, number);
}

/* take_address - take a filter on addresses, and what the text is as an
 * address */
static bool
take_address(struct slice value, struct view_arguments *out,
    struct view_address_filter *filter)
{
	struct or_address *address = arena_alloc(&out->arena, sizeof(*address));

	if (!copy_text(value, filter->text) || address == NULL)
		return false;
	if (value.len > 0 &&
	    or_address_parse_prefix(value, &out->arena, address, NULL) == 0)
		filter->address = address;
	return true;
}

/* take_named - take the value of one filter: 1, 0 if it is wrong, -1 if the
 * argument is none */
static int
take_named(const struct store *store, struct slice argument,
    struct view_arguments *out)
{
	struct slice value;

	if (get_named(argument, "cursor", &value))
		return view_parse_id(value, &out->cursor) == 0;
	if (get_named(argument, "link", &value))
		return find_link(store, value, out);
	if (get_named(argument, "state", &value))
		return find_state(value, out);
	if (get_named(argument, "from", &value))
		return take_address(value, out, &out->from);
	if (get_named(argument, "to", &value))
		return take_address(value, out, &out->to);
	if (get_named(argument, "older", &value))
		return view_parse_id(value, &out->older) == 0;
	if (get_named(argument, "brief", &value)) {
		out->brief = true;
		return slice_equal_string(value, "yes");
	}
	if (get_named(argument, "mts", &value))
		return value.len > 0 && copy_text(value, out->mts_id);
	if (!get_named(argument, "larger", &value))
		return -1;
	out->has_larger = true;
	return parse_number(value, &out->larger) == 0;
}

/* view_arguments_init - begin with no filter */
void
view_arguments_init(struct view_arguments *arguments)
{
	*arguments = (struct view_arguments){0};
	arena_init(&arguments->arena, ARENA_MAX);
}

/* view_arguments_fini - give back the memory */
void
view_arguments_fini(struct view_arguments *arguments)
{
	arena_fini(&arguments->arena);
}

/* view_argument - parse one argument */
void
view_argument(const struct store *store, struct slice argument,
    struct view_arguments *out, struct view_done *done)
{
	int good = take_named(store, argument, out);
	char text[128];

	if (good < 0) {
		good = view_parse_id(argument, &out->id) == 0;
		out->has_id = good;
	}
	if (good)
		return;
	escape_text(text, sizeof(text), argument);
	done->status = EXIT_STATUS_REFUSED;
	snprintf(done->text, sizeof(done->text), "%s: no such thing", text);
}
