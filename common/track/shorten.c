/* SPDX-License-Identifier: ISC */
/*
 * shorten.c - addresses of a list without what they share
 */
#include "track/shorten.h"

#include <string.h>

#define RUN_MAX UINT8_MAX
#define RUN_MIN 3 /* fewer octets are not worth two that say so */

/* count_ending - count the octets at the end that two texts share */
static size_t
count_ending(struct slice before, struct slice text)
{
	size_t most = before.len < text.len ? before.len : text.len, n = 0;

	if (most > RUN_MAX)
		most = RUN_MAX;
	while (n < most &&
	    before.data[before.len - 1 - n] == text.data[text.len - 1 - n])
		n++;
	return n;
}

/* count_same - count the octets from a place on, but for what is before end,
 * that two texts share; so many at most */
static size_t
count_same(
    struct slice before, struct slice text, size_t at, size_t end, size_t most)
{
	size_t n = 0;

	if (end > before.len)
		end = before.len;
	while (n < most && at + n < end &&
	    before.data[at + n] == text.data[at + n])
		n++;
	return n;
}

/* shorten - write a text as a short one */
struct slice
shorten(struct slice before, struct slice text, uint8_t room[SHORTEN_MAX])
{
	size_t ending = count_ending(before, text), end = text.len - ending;
	size_t len = 0, at = 0, same, others;

	room[len++] = (uint8_t)ending;
	while (at < end) {
		same = count_same(before, text, at, end, RUN_MAX);
		if (same < RUN_MIN)
			same = 0;
		at += same;
		for (others = 0; at + others < end && others < RUN_MAX;
		     others++)
			if (count_same(before, text, at + others, end,
				RUN_MIN) == RUN_MIN)
				break;
		room[len++] = (uint8_t)same;
		room[len++] = (uint8_t)others;
		if (others > 0)
			memcpy(room + len, text.data + at, others);
		len += others;
		at += others;
	}
	return slice_of(room, len);
}

/* measure - compute the length of the text in front of its ending, or tell
 * that it is none */
static int
measure(struct slice before, struct slice short_text, size_t *length)
{
	const uint8_t *octets = short_text.data;
	size_t at = 1, len = 0;

	while (at < short_text.len) {
		if (short_text.len - at < 2 ||
		    octets[at + 1] > short_text.len - at - 2)
			return ERR_VALUE;
		if (octets[at] > 0 && len + octets[at] > before.len)
			return ERR_VALUE;
		len += (size_t)octets[at] + octets[at + 1];
		if (len > SHORTEN_TEXT_MAX)
			return ERR_LIMIT;
		at += 2 + (size_t)octets[at + 1];
	}
	*length = len;
	return 0;
}

/* fill - write the text in front of its ending, which was measured */
static void
fill(struct slice before, struct slice short_text, uint8_t *room)
{
	const uint8_t *octets = short_text.data;
	size_t at = 1, len = 0;

	while (at < short_text.len) {
		if (octets[at] > 0)
			memcpy(room + len, before.data + len, octets[at]);
		len += octets[at];
		memcpy(room + len, octets + at + 2, octets[at + 1]);
		len += octets[at + 1];
		at += 2 + (size_t)octets[at + 1];
	}
}

/* shorten_undo - read a short text */
int
shorten_undo(struct slice before, struct slice short_text, struct arena *arena,
    struct slice *text)
{
	size_t ending, front = 0;
	uint8_t *room;
	int rc;

	if (short_text.len == 0 || short_text.data[0] > before.len)
		return ERR_VALUE;
	ending = short_text.data[0];
	rc = measure(before, short_text, &front);
	if (rc == 0 && front + ending > SHORTEN_TEXT_MAX)
		rc = ERR_LIMIT;
	if (rc != 0)
		return rc;
	room = arena_alloc(arena, front + ending + 1);
	if (room == NULL)
		return ERR_NOMEM;
	fill(before, short_text, room);
	if (ending > 0)
		memcpy(room + front, before.data + before.len - ending, ending);
	*text = slice_of(room, front + ending);
	return 0;
}
