/* SPDX-License-Identifier: ISC */
/*
 * conf_append.c - arrays in an arena, longer by one item at a time
 */
#include "conf/conf_append.h"

#include <string.h>

/* grow - return an array with room for one more item, or NULL */
static void *
grow(struct arena *arena, void *items, size_t count, size_t size)
{
	void *new;

	/* Capacities are powers of two, so the number of items tells when the
	 * array is full. */
	if (count != 0 && (count & (count - 1)) != 0)
		return items;
	new = arena_array(arena, count == 0 ? 1 : 2 * count, size);
	if (new != NULL && count != 0)
		memcpy(new, items, count * size);
	return new;
}

/* conf_append - put a copy of one more item behind the others */
int
conf_append(struct arena *arena, void *items, size_t *count, const void *one,
    size_t size, struct diag *diag)
{
	void *old;
	uint8_t *longer;

	/* All pointers to objects are of one form, and copying one by memcpy
	 * is what serves lists of every type. */
	memcpy(&old, items, sizeof(old));
	longer = grow(arena, old, *count, size);
	if (longer == NULL)
		return diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
	memcpy(longer + *count * size, one, size);
	memcpy(items, &longer, sizeof(longer));
	++*count;
	return 0;
}
