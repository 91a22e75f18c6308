/* SPDX-License-Identifier: ISC */
/*
 * shorten.c - addresses of a list without what they share
 */
#include "track/shorten.h"

#include <string.h>

/* shorten_shared - count the octets at the end that two texts share */
size_t
shorten_shared(struct slice before, struct slice text)
{
	size_t most = before.len < text.len ? before.len : text.len, n = 0;

	if (most > UINT8_MAX)
		most = UINT8_MAX;
	while (n < most &&
	    before.data[before.len - 1 - n] == text.data[text.len - 1 - n])
		n++;
	return n;
}

/* shorten - write a text as a short one */
struct slice
shorten(struct slice before, struct slice text, uint8_t room[SHORTEN_MAX])
{
	size_t shared = shorten_shared(before, text);
	size_t own = text.len - shared;

	room[0] = (uint8_t)shared;
	if (own > 0)
		memcpy(room + 1, text.data, own);
	return slice_of(room, own + 1);
}

/* shorten_undo - read a short text */
int
shorten_undo(struct slice before, struct slice short_text, size_t max,
    struct arena *arena, struct slice *text)
{
	size_t shared, own;
	uint8_t *room;

	if (short_text.len == 0 || short_text.data[0] > before.len)
		return ERR_VALUE;
	shared = short_text.data[0];
	own = short_text.len - 1;
	if (own + shared > max)
		return ERR_LIMIT;
	if (shared == 0) {
		*text = slice_of(short_text.data + 1, own);
		return 0;
	}
	room = arena_alloc(arena, own + shared);
	if (room == NULL)
		return ERR_NOMEM;
	memcpy(room, short_text.data + 1, own);
	memcpy(room + own, before.data + before.len - shared, shared);
	*text = slice_of(room, own + shared);
	return 0;
}
