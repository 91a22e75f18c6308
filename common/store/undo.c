/* SPDX-License-Identifier: ISC */
/*
 * undo.c - changes in memory that follow a transaction
 *
 * See undo.h.
 */
#include <stdlib.h>

#include "base/log.h"
#include "store/undo.h"

/* Kept between transactions; more is given back. */
#define KEEP 4096

/* undo_reserve - reserve room for count entries, so that undo_note cannot
 * fail */
int
undo_reserve(struct undo *undo, size_t count)
{
	struct undo_entry *entry;
	size_t capacity = undo->capacity == 0 ? 64 : undo->capacity;

	/* Doubled, so that a transaction of many changes reallocates seldom. */
	while (capacity - undo->count < count)
		capacity *= 2;
	if (capacity == undo->capacity)
		return 0;
	entry = reallocarray(undo->entry, capacity, sizeof(*entry));
	if (entry == NULL)
		return ERR_NOMEM;
	undo->entry = entry;
	undo->capacity = capacity;
	return 0;
}

/* undo_note - note a change that was made */
void
undo_note(struct undo *undo, struct undo_entry entry)
{
	if (undo->count == undo->capacity)
		panic("store: no room for undo");
	undo->entry[undo->count++] = entry;
}

/* shrink - forget all, and much memory */
static void
shrink(struct undo *undo)
{
	undo->count = 0;
	if (undo->capacity > KEEP)
		undo_fini(undo);
}

/* undo_aborted - put back all, the newest first */
void
undo_aborted(struct undo *undo, struct store *store)
{
	size_t i;

	/* Newest first: a session opened and then changed must be changed back
	 * before it is freed. */
	for (i = undo->count; i-- > 0;)
		if (undo->entry[i].undo != NULL)
			undo->entry[i].undo(store, undo->entry[i].object,
			    undo->entry[i].number);
	shrink(undo);
}

/* undo_committed - drop what was kept for undo, the oldest first */
void
undo_committed(struct undo *undo, struct store *store)
{
	size_t i;

	/* Oldest first, as the changes were made. */
	for (i = 0; i < undo->count; i++)
		if (undo->entry[i].done != NULL)
			undo->entry[i].done(store, undo->entry[i].object,
			    undo->entry[i].number);
	shrink(undo);
}

/* undo_fini - give back the memory */
void
undo_fini(struct undo *undo)
{
	free(undo->entry);
	*undo = (struct undo){0};
}
