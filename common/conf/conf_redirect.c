/* SPDX-License-Identifier: ISC */
/*
 * conf_redirect.c - who gets the messages of somebody else
 */
#include "conf/conf_redirect.h"

#include <string.h>

#include "conf/conf_append.h"
#include "conf/conf_lines.h"
#include "mhs/or_address.h"

#define ARROW "->"

/* parse_side - read the address on one side of the arrow */
static int
parse_side(struct slice text, struct arena *arena,
    const struct or_address **address, struct diag *diag)
{
	struct or_address *parsed = arena_alloc(arena, sizeof(*parsed));
	int r;

	if (parsed == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	r = or_address_parse(text, arena, parsed, diag);
	if (r < 0)
		diag_prefix(
		    diag, "\"%.*s\"", (int)text.len, (const char *)text.data);
	*address = parsed;
	return r;
}

/* parse_redirect - read both sides of a text */
static int
parse_redirect(const char *text, struct arena *arena,
    struct conf_redirect *redirect, struct diag *diag)
{
	const char *arrow = strstr(text, ARROW);
	const char *copy = arena_string(arena, slice_of_string(text));
	int r;

	if (copy == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (arrow == NULL)
		return diag_set(diag, ERR_SYNTAX,
		    "\"%s\" is not ADDRESS " ARROW " ADDRESS", text);
	*redirect = (struct conf_redirect){.text = copy};
	r = parse_side(slice_of(text, (size_t)(arrow - text)), arena,
	    &redirect->from, diag);
	if (r == 0)
		r = parse_side(slice_of_string(arrow + strlen(ARROW)), arena,
		    &redirect->to, diag);
	if (r == 0 && or_address_compare(redirect->from, redirect->to) == 0)
		return diag_set(
		    diag, ERR_VALUE, "\"%s\": both are the same", text);
	return r;
}

/* conf_redirect_add - add one more */
int
conf_redirect_add(struct conf_redirects *to, const char *text,
    struct arena *arena, struct diag *diag)
{
	struct conf_redirect one;
	int r = parse_redirect(text, arena, &one, diag);

	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}

struct reading {
	struct conf_redirects *to;
	struct arena *arena;
};

/* take_line - add the redirection of a line of a map, if it is one */
static int
take_line(void *context, char *line, struct diag *diag)
{
	struct reading *reading = context;
	size_t len = strlen(CONF_REDIRECT_WORD);
	int r;

	if (strncmp(line, CONF_REDIRECT_WORD, len) != 0 ||
	    (line[len] != ' ' && line[len] != '\t'))
		return 0;
	r = conf_redirect_add(
	    reading->to, line + len + 1, reading->arena, diag);
	reading->to->from_file += r == 0;
	return r;
}

/* conf_redirect_read - add those of a map */
int
conf_redirect_read(struct conf_redirects *to, const char *path,
    struct arena *arena, struct diag *diag)
{
	struct reading reading = {.to = to, .arena = arena};

	return conf_lines_read(path, take_line, &reading, diag);
}
