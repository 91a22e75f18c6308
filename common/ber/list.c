/* SPDX-License-Identifier: ISC */
/*
 * list.c - the members of a SEQUENCE OF or SET OF, as an array
 */
#include "ber/list.h"

/* count_members - count the elements before reader, which stays as it is */
static int
count_members(
    struct ber_reader reader, const char *name, size_t most, size_t *count)
{
	struct ber_element member;
	int n;

	*count = 0;
	while ((n = ber_next(&reader, &member)) > 0)
		if (++*count > most)
			return ber_error(&reader, &member, ERR_LIMIT, name,
			    "more than %zu", most);
	return n;
}

/* ber_list_begin - make room for the items of a list */
int
ber_list_begin(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, const struct ber_list_kind *kind, struct arena *arena,
    struct ber_reader *members, void **items, size_t *count)
{
	void *array = NULL;
	struct ber_reader inner;
	size_t found;
	int n;

	if ((n = ber_enter(reader, el, &inner)) < 0 ||
	    (n = count_members(inner, name, kind->most, &found)) < 0)
		return n;
	if (found < kind->least)
		return ber_error(reader, el, ERR_SYNTAX, name, "fewer than %zu",
		    kind->least);
	if (found + kind->spare > 0) {
		array = arena_array(arena, found + kind->spare, kind->size);
		if (array == NULL)
			return ber_error(reader, el, arena_error(arena), name,
			    "%s", arena_reason(arena));
	}
	*members = inner;
	*items = array;
	*count = found;
	return 0;
}

/* ber_list_some - read some items */
int
ber_list_some(struct ber_reader *members, const char *name,
    const struct ber_list_kind *kind, struct arena *arena, void *items,
    size_t *next, size_t most)
{
	struct ber_element member;
	uint32_t tag;
	int n;

	for (; most > 0; most--) {
		if ((n = ber_next(members, &member)) <= 0)
			return n;
		n = kind->get(members, &member, name, arena,
		    (uint8_t *)items + (*next)++ * kind->size);
		if (n < 0 && kind->member != NULL)
			diag_prefix(
			    members->diag, "%s %zu", kind->member, *next);
		if (n < 0)
			return n;
	}
	return ber_peek(members, &tag);
}

/* ber_get_list - read the items of a list into the arena */
int
ber_get_list(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, const struct ber_list_kind *kind, struct arena *arena,
    void **items, size_t *count)
{
	struct ber_reader members;
	void *array;
	size_t found, next = 0;
	int n = ber_list_begin(
	    reader, el, name, kind, arena, &members, &array, &found);

	if (n == 0)
		n = ber_list_some(
		    &members, name, kind, arena, array, &next, SIZE_MAX);
	if (n < 0)
		return n;
	*items = array;
	*count = found;
	return 0;
}
