/* SPDX-License-Identifier: ISC */
/*
 * conf_space.c - address spaces: the beginnings of O/R addresses
 */
#include "conf/conf_space.h"

#include "conf/conf_address.h"
#include "conf/conf_append.h"
#include "conf/conf_lines.h"

/* conf_space_add - add one more */
int
conf_space_add(struct conf_addresses *to, const char *text, struct arena *arena,
    struct diag *diag)
{
	struct conf_address one;
	struct conf_address *items;
	int r = conf_address_parse(text, CONF_ADDRESS_SPACE, arena, &one, diag);

	if (r < 0)
		return r;
	items =
	    conf_append(arena, to->items, to->count, &one, sizeof(one), diag);
	if (items == NULL)
		return arena_error(arena);
	to->items = items;
	to->count++;
	return 0;
}

struct reading {
	struct conf_addresses *to;
	struct arena *arena;
};

/* take_line - add the address space of a line */
static int
take_line(void *context, char *line, struct diag *diag)
{
	struct reading *reading = context;
	int r;

	if (reading->to->count >= CONF_MEMBERS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d address spaces",
		    CONF_MEMBERS_MAX);
	r = conf_space_add(reading->to, line, reading->arena, diag);
	reading->to->from_file += r == 0;
	return r;
}

/* conf_space_read - add those of a file */
int
conf_space_read(struct conf_addresses *to, const char *path,
    struct arena *arena, struct diag *diag)
{
	struct reading reading = {.to = to, .arena = arena};

	return conf_lines_read(path, take_line, &reading, diag);
}
