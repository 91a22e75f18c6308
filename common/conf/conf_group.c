/* SPDX-License-Identifier: ISC */
/*
 * conf_group.c - a group of the system, as a setting names it
 */
#include "conf/conf_group.h"

#include <grp.h>
#include <stdlib.h>
#include <string.h>

/* look_up - find the number of a group by its name */
static int
look_up(const char *name, uint32_t *id, struct diag *diag)
{
	const struct group *group = getgrnam(name);

	if (group == NULL)
		return diag_set(
		    diag, ERR_VALUE, "there is no group \"%s\"", name);
	*id = group->gr_gid;
	return 0;
}

/* conf_group_set - set the group of a name */
int
conf_group_set(const char *text, struct arena *arena, struct conf_group *to,
    struct diag *diag)
{
	const char *colon = strchr(text, ':'), *error = NULL;
	size_t len = colon == NULL ? strlen(text) : (size_t)(colon - text);
	char *name = arena_string(arena, slice_of(text, len));
	uint32_t id = 0;
	int r = 0;

	if (name == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	if (len > CONF_NAME_MAX)
		return diag_set(
		    diag, ERR_VALUE, "longer than %d octets", CONF_NAME_MAX);
	if (colon != NULL)
		id = (uint32_t)strtonum(colon + 1, 0, UINT32_MAX - 1, &error);
	else if (len > 0)
		r = look_up(name, &id, diag);
	if (error != NULL)
		return diag_set(
		    diag, ERR_VALUE, "\"%s\": the number is %s", text, error);
	if (r == 0)
		*to = (struct conf_group){.name = name, .id = id};
	return r;
}
