/* SPDX-License-Identifier: ISC */
/*
 * heading_ids.c - identifiers of messages in a field of a heading
 *
 * Contract in heading_ids.h.
 */
#include "mixer/heading_ids.h"

#include <stdio.h>

#include "mixer/message_id.h"

/* An identifier in a field: its blank, and its brackets. */
#define FRAME strlen(" <>")

/* put_id - write an identifier in brackets */
static void
put_id(struct mime_writer *writer, struct slice text)
{
	char bracketed[MESSAGE_ID_MAX + 16];

	snprintf(bracketed, sizeof(bracketed), "<%.*s>", (int)text.len,
	    (const char *)text.data);
	mime_words(writer, bracketed);
}

/* find_text - find the text of an identifier: that which it was cut from, else
 * what can be made of it */
static int
find_text(const struct mapping *mapping, const struct true_ids *ids,
    const struct ipm_identifier *id, struct arena *arena, struct slice *text)
{
	arena_reset(arena);
	return true_ids_find(ids, id, text)
	    ? 0
	    : message_id_to_internet(mapping, id, arena, text);
}

/* find_newest - find from which place on identifiers have room, behind the
 * first: a thread is found by its beginning and by what was said last */
static size_t
find_newest(const struct mapping *mapping, const struct true_ids *ids,
    const struct ipm_identifier *list, size_t count, struct arena *arena)
{
	size_t from = count, octets = 0;
	struct slice text;

	while (from > 1) {
		if (find_text(mapping, ids, &list[from - 1], arena, &text) == 0)
			octets += text.len + FRAME;
		if (octets > HEADING_IDS_MAX)
			break;
		from--;
	}
	return from;
}

/* heading_ids_put - write the value of a field of identifiers */
void
heading_ids_put(struct mime_writer *writer, const struct mapping *mapping,
    const struct true_ids *ids, const struct ipm_identifier *list, size_t count,
    struct arena *arena)
{
	size_t newest = find_newest(mapping, ids, list, count, arena);
	struct slice text;

	for (size_t i = 0; i < count; i = i == 0 ? newest : i + 1) {
		int error = find_text(mapping, ids, &list[i], arena, &text);

		if (error == 0)
			put_id(writer, text);
		else if (writer->error == 0 && error == ERR_NOMEM)
			writer->error = error;
	}
	arena_reset(arena);
}
