/* SPDX-License-Identifier: ISC */
/*
 * arguments.c - what a request to see the queue asks for
 */
#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "view/arguments.h"

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

/* view_argument - parse one argument */
bool
view_argument(const struct store *store, struct slice argument,
    struct view_arguments *out, struct view_done *done)
{
	struct slice value;
	bool good;

	if (get_named(argument, "cursor", &value))
		good = view_parse_id(value, &out->cursor) == 0;
	else if (get_named(argument, "link", &value))
		good = find_link(store, value, out);
	else if (get_named(argument, "state", &value))
		good = find_state(value, out);
	else if (get_named(argument, "from", &value))
		good = copy_text(value, out->from);
	else if (get_named(argument, "to", &value))
		good = copy_text(value, out->to);
	else {
		good = view_parse_id(argument, &out->id) == 0;
		out->has_id = good;
	}
	if (!good) {
		char text[128];

		escape_text(text, sizeof(text), argument);
		done->status = EXIT_STATUS_REFUSED;
		snprintf(
		    done->text, sizeof(done->text), "%s: no such thing", text);
	}
	return good;
}
