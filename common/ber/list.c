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

/* ber_get_list - read the items of a list into the arena */
int
ber_get_list(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, const struct ber_list_kind *kind, struct arena *arena,
    void **items, size_t *count)
{
	uint8_t *array = NULL;
	struct ber_reader inner;
	struct ber_element member;
	size_t members, i = 0;
	int n;

	if ((n = ber_enter(reader, el, &inner)) < 0 ||
	    (n = count_members(inner, name, kind->most, &members)) < 0)
		return n;
	if (members < kind->least)
		return ber_error(reader, el, ERR_SYNTAX, name, "fewer than %zu",
		    kind->least);
	if (members + kind->spare > 0) {
		array = arena_array(arena, members + kind->spare, kind->size);
		if (array == NULL)
			return ber_error(reader, el, arena_error(arena), name,
			    "%s", arena_reason(arena));
	}
	while ((n = ber_next(&inner, &member)) > 0) {
		n = kind->get(
		    &inner, &member, name, arena, array + i++ * kind->size);
		if (n < 0 && kind->member != NULL)
			diag_prefix(reader->diag, "%s %zu", kind->member, i);
		if (n < 0)
			return n;
	}
	if (n < 0)
		return n;
	*items = array;
	*count = members;
	return 0;
}
