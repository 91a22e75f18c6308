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

/* conf_append - return an array with a copy of one more item behind count */
void *
conf_append(struct arena *arena, void *items, size_t count, const void *one,
    size_t size, struct diag *diag)
{
	uint8_t *longer = grow(arena, items, count, size);

	if (longer == NULL) {
		(void)diag_set(
		    diag, arena_error(arena), "%s", arena_reason(arena));
		return NULL;
	}
	memcpy(longer + count * size, one, size);
	return longer;
}
