/* SPDX-License-Identifier: ISC */
/*
 * conf_content.c - the content types that an application takes
 */
#include "conf/conf_content.h"

#include <string.h>

#include "conf/conf_append.h"
#include "mhs/p1.h"

#define IPM "ipm"

/* append_content - add one type under its text */
static int
append_content(struct conf_contents *to, const char *text,
    const struct p1_content_type *type, struct arena *arena, struct diag *diag)
{
	struct conf_content one = {.built_in = type->built_in,
	    .oid = type->oid,
	    .text = arena_string(arena, slice_of_string(text))};

	if (one.text == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	return conf_append(
	    arena, &to->items, &to->count, &one, sizeof(one), diag);
}

/* conf_content_add - add one more */
int
conf_content_add(struct conf_contents *to, const char *text,
    struct arena *arena, struct diag *diag)
{
	struct p1_content_type type = {.built_in = P1_CONTENT_P22};
	int r = 0;

	if (strcmp(text, IPM) != 0)
		r = p1_content_type_parse(text, arena, &type);
	if (r == ERR_SYNTAX)
		return diag_set(diag, r,
		    "\"%s\" is not ipm, edi, a number or an object identifier",
		    text);
	return r < 0 ? diag_set(diag, r, "%s", error_strerror(r))
		     : append_content(to, text, &type, arena, diag);
}

/* is_of - tell whether a type is the one of an item */
static bool
is_of(const struct conf_content *item, const struct p1_content_type *type)
{
	if (strcmp(item->text, IPM) == 0)
		return type->built_in == P1_CONTENT_P2 ||
		    type->built_in == P1_CONTENT_P22;
	return item->built_in == type->built_in &&
	    (type->built_in != P1_CONTENT_OID ||
		slice_equal(item->oid, type->oid));
}

/* conf_content_accepts - tell whether a type is one of these */
bool
conf_content_accepts(
    const struct conf_contents *contents, const struct p1_content_type *type)
{
	for (size_t i = 0; i < contents->count; i++)
		if (is_of(&contents->items[i], type))
			return true;
	return contents->count == 0;
}
