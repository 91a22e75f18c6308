/* SPDX-License-Identifier: ISC */
/*
 * asked.c - what a request of a tool asks for
 */
#include "tracker/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* is_named - get the value of "name=value", if the argument is that */
static bool
is_named(struct slice argument, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (argument.len <= len || memcmp(argument.data, name, len) != 0 ||
	    argument.data[len] != '=')
		return false;
	*value = slice_of(argument.data + len + 1, argument.len - len - 1);
	return true;
}

/* get_number - parse a number */
static bool
get_number(struct slice text, int64_t *number)
{
	char copy[24], *end;

	if (text.len == 0 || text.len >= sizeof(copy))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*number = strtoll(copy, &end, 10);
	return *end == '\0';
}

/* get_pattern - parse an address that is searched for */
static bool
get_pattern(struct slice text, struct address_pattern *pattern, bool *has)
{
	*has = true;
	return text.len > 0 && address_pattern_parse(text, pattern) == 0;
}

/* get_by - parse what figures are wanted by */
static bool
get_by(struct slice text, enum stats_by *by)
{
	static const char *const names[] = {[STATS_BY_DAY] = "day",
	    [STATS_BY_LINK] = "link",
	    [STATS_BY_SENDER] = "sender",
	    [STATS_BY_RECIPIENT] = "recipient"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_equal_string(text, names[i])) {
			*by = (enum stats_by)i;
			return true;
		}
	return false;
}

/* get_argument - parse one argument: whether it is any good */
static bool
get_argument(struct asked *asked, struct slice argument)
{
	struct search *search = &asked->search;
	struct stats *stats = &asked->stats;
	struct slice value;

	if (is_named(argument, "id", &value))
		search->id = value;
	else if (is_named(argument, "content-id", &value))
		search->content_id = value;
	else if (is_named(argument, "machine", &value))
		asked->machine = value;
	else if (is_named(argument, "others", &value))
		asked->others = value;
	else if (is_named(argument, "link", &value))
		search->link = value;
	else if (is_named(argument, "from", &value))
		return get_pattern(value, &search->from, &search->has_from);
	else if (is_named(argument, "to", &value))
		return get_pattern(value, &search->to, &search->has_to);
	else if (is_named(argument, "since", &value))
		return get_number(value, &search->since) &&
		    get_number(value, &stats->since);
	else if (is_named(argument, "until", &value))
		return get_number(value, &search->until) &&
		    get_number(value, &stats->until);
	else if (is_named(argument, "cursor", &value))
		return get_number(value, &search->below);
	else if (is_named(argument, "after", &value))
		return get_number(value, &asked->after);
	else if (is_named(argument, "zone", &value))
		return get_number(value, &stats->zone);
	else if (is_named(argument, "by", &value))
		return get_by(value, &stats->by);
	else if (is_named(argument, "state", &value)) {
		search->has_state = true;
		return party_state_find(value, &search->state);
	} else
		return false;
	return value.len > 0;
}

/* has_nul - tell whether a text has a NUL, which ends the texts of PostgreSQL
 * and of this language */
static bool
has_nul(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0')
			return true;
	return false;
}

/* asked_parse - parse the arguments of a request */
bool
asked_parse(struct asked *asked, const struct ipc_request *request)
{
	*asked = (struct asked){.after = 0};
	for (size_t i = 0; i < request->argument_count; i++) {
		char text[96];

		if (!has_nul(request->arguments[i]) &&
		    get_argument(asked, request->arguments[i]))
			continue;
		escape_text(text, sizeof(text), request->arguments[i]);
		(void)snprintf(asked->problem, sizeof(asked->problem),
		    "%s: cannot be searched for", text);
		return false;
	}
	return true;
}
