/* SPDX-License-Identifier: ISC */
/*
 * conf_addresses.c - lists of O/R addresses, and of beginnings of such
 */
#include "conf/conf_addresses.h"

#include "conf/conf_append.h"
#include "conf/conf_lines.h"

/* conf_addresses_add - add one more */
int
conf_addresses_add(struct conf_addresses *to, enum conf_address_kind kind,
    const char *text, struct arena *arena, struct diag *diag)
{
	struct conf_address one;
	int r;

	/* Where an address stands alone, none means that it is not set. */
	if (kind == CONF_ADDRESS_WHOLE && *text == '\0')
		return diag_set(diag, ERR_VALUE, "must not be empty");
	r = conf_address_parse(text, kind, arena, &one, diag);
	if (r < 0)
		return r;
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}

struct reading {
	struct conf_addresses *to;
	enum conf_address_kind kind;
	struct arena *arena;
};

/* take_line - add the address of a line */
static int
take_line(void *context, char *line, struct diag *diag)
{
	struct reading *reading = context;
	int r;

	if (reading->to->count >= CONF_MEMBERS_MAX)
		return diag_set(diag, ERR_LIMIT, "more than %d %s",
		    CONF_MEMBERS_MAX,
		    reading->kind == CONF_ADDRESS_WHOLE ? "members"
							: "address spaces");
	r = conf_addresses_add(
	    reading->to, reading->kind, line, reading->arena, diag);
	reading->to->from_file += r == 0;
	return r;
}

/* conf_addresses_read - add those of a file */
int
conf_addresses_read(struct conf_addresses *to, enum conf_address_kind kind,
    const char *path, struct arena *arena, struct diag *diag)
{
	struct reading reading = {.to = to, .kind = kind, .arena = arena};

	return conf_lines_read(path, take_line, &reading, diag);
}
