/* SPDX-License-Identifier: ISC */
/*
 * keyed_list.c - notes of applications in memory
 *
 * They hang together by application, the oldest first; submissions are found by
 * their MTS identifiers too.
 */
#include "store/state.h"

/* entry_of - find the link of a note, NULL if it is none */
static struct link_entry *
entry_of(struct store *store, const struct intake *in)
{
	/* The array begins with no link, and a repair may have lost some. */
	return in->file.postoffice > store->links.count
	    ? NULL
	    : &store->links.entry[in->file.postoffice];
}

/* keyed_list_enter - keep an application's note in memory where it is found */
void
keyed_list_enter(struct store *store, struct intake *in)
{
	struct link_entry *entry = entry_of(store, in);

	store->intakes.keyed++;
	if (in->by_mts_id.hash != 0)
		table_add(&store->intakes.mts_ids, &in->by_mts_id,
		    in->by_mts_id.hash);
	in->older = in->newer = NULL;
	if (entry == NULL)
		return;
	entry->keyed++;
	/* A note whose forgetting is undone is the oldest again. */
	if (entry->oldest != NULL && in->number < entry->oldest->number) {
		in->newer = entry->oldest;
		entry->oldest->older = in;
		entry->oldest = in;
		return;
	}
	in->older = entry->newest;
	if (entry->newest != NULL)
		entry->newest->newer = in;
	else
		entry->oldest = in;
	entry->newest = in;
}

/* keyed_list_leave - take an application's note in memory away */
void
keyed_list_leave(struct store *store, struct intake *in)
{
	struct link_entry *entry = entry_of(store, in);

	store->intakes.keyed--;
	if (in->by_mts_id.hash != 0)
		table_remove(&store->intakes.mts_ids, &in->by_mts_id);
	if (entry == NULL)
		return;
	entry->keyed--;
	if (in->older != NULL)
		in->older->newer = in->newer;
	else
		entry->oldest = in->newer;
	if (in->newer != NULL)
		in->newer->older = in->older;
	else
		entry->newest = in->older;
}
