/* SPDX-License-Identifier: ISC */
/*
 * session_table.c - sessions in memory, by id and by peer and references
 *
 * See session_state.h.  Transfers have a table of their own, transfers.c.
 */
#include <stdlib.h>

#include "store/session_state.h"

/* compare_slices - compare two slices in any total order */
static int
compare_slices(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

/* compare_ids - order by id */
static int
compare_ids(const struct session *a, const struct session *b)
{
	return a->id < b->id ? -1 : a->id > b->id;
}

/* compare_session_links - order by link, then by id */
static int
compare_session_links(const struct session *a, const struct session *b)
{
	if (a->link != b->link)
		return a->link < b->link ? -1 : 1;
	return compare_ids(a, b);
}

/* compare_names - order by peer, references and link, which are unique: two
 * links may share the name of a peer */
static int
compare_names(const struct session *a, const struct session *b)
/* The peer's name first, since most peers have sessions of their own only. */
{
	/* Peer first: two peers may choose the same references, and are not the
	 * same for that. */
	int order = compare_slices(a->peer, b->peer);

	if (order == 0)
		order =
		    session_references_compare(&a->references, &b->references);
	if (order == 0 && a->link != b->link)
		order = a->link < b->link ? -1 : 1;
	return order;
}

/* compare_references - order by references, of which two peers may have the
 * same, then by id */
static int
compare_references(const struct session *a, const struct session *b)
{
	int order = session_references_compare(&a->references, &b->references);

	return order != 0 ? order : compare_ids(a, b);
}

TREE_GENERATE(session_ids, session, id_tree, compare_ids);
TREE_GENERATE(session_names, session, name_tree, compare_names);
TREE_GENERATE(session_links, session, link_tree, compare_session_links);
TREE_GENERATE(session_claims, session, references_tree, compare_references);

/* sys/tree.h takes no const tree: look up through a copied head. */

/* session_by_id - find the session with an id, or NULL */
struct session *
session_by_id(const struct store *store, uint64_t id)
{
	struct session_ids ids = store->sessions.ids;
	struct session find;

	find.id = id;
	return RB_FIND(session_ids, &ids, &find);
}

/* session_by_name - find the session of a peer on a link with these references,
 * or NULL */
struct session *
session_by_name(const struct store *store, struct slice peer, uint32_t link,
    const struct session_references *references)
{
	struct session_names names = store->sessions.names;
	struct session find;

	find.peer = peer;
	find.link = link;
	find.references = *references;
	return RB_FIND(session_names, &names, &find);
}

/* session_by_references - find the first session with these references, or
 * NULL */
struct session *
session_by_references(
    const struct store *store, const struct session_references *references)
{
	struct session_claims claims = store->sessions.claims;
	struct session find, *s;

	find.id = 0;
	find.references = *references;
	s = RB_NFIND(session_claims, &claims, &find);
	return s != NULL && session_references_equal(&s->references, references)
	    ? s
	    : NULL;
}

/* session_same_references - find the next session with the same references, or
 * NULL */
struct session *
session_same_references(struct session *s)
{
	struct session *next = RB_NEXT(session_claims, NULL, s);

	return next != NULL &&
		session_references_equal(&next->references, &s->references)
	    ? next
	    : NULL;
}

/* session_new - allocate a session in no tree, or return NULL */
struct session *
session_new(uint64_t id, const struct session_record *record)
{
	/* The peer's name lies behind the session, in one allocation. */
	struct session *s = calloc(1, sizeof(*s) + record->peer.len);

	if (s == NULL)
		return NULL;
	s->id = id;
	s->link = record->link;
	s->ended = record->ended;
	s->binding = record->binding;
	s->references = record->references;
	if (record->peer.len != 0)
		memcpy(s->octets, record->peer.data, record->peer.len);
	s->peer = slice_of(s->octets, record->peer.len);
	return s;
}

/* session_free - free a session and its transfers, which are in no tree or
 * table */
void
session_free(struct session *s)
{
	unsigned i;

	for (i = 0; i < STORE_SESSION_TRANSFERS; i++)
		free(s->slot[i]);
	free(s);
}

/* count_session - count a session for its link, or no more */
static void
count_session(struct store *store, const struct session *s, int by)
{
	struct link_entry *link;

	/* A session of a link that was deleted still exists, and is counted
	 * nowhere. */
	if (s->link > store->links.count)
		return;
	link = &store->links.entry[s->link];
	link->sessions += (unsigned)by;
	if (s->ended != 0)
		link->ended += (unsigned)by;
}

/* session_set_ended - say when a session ended */
void
session_set_ended(struct store *store, struct session *s, int64_t ended)
{
	/* Taken out of the counts before the change, which decides what it is
	 * counted as. */
	count_session(store, s, -1);
	s->ended = ended;
	count_session(store, s, 1);
}

/* session_enlist - put a session and its transfers where they are found */
void
session_enlist(struct store *store, struct session *s)
{
	unsigned i;

	RB_INSERT(session_ids, &store->sessions.ids, s);
	RB_INSERT(session_names, &store->sessions.names, s);
	RB_INSERT(session_links, &store->sessions.links, s);
	RB_INSERT(session_claims, &store->sessions.claims, s);
	store->sessions.count++;
	count_session(store, s, 1);
	/* Transfers are found by their key as long as their session is known,
	 * and no longer. */
	for (i = 0; i < STORE_SESSION_TRANSFERS; i++)
		if (s->slot[i] != NULL)
			transfers_link(&store->sessions, s->slot[i]);
}

/* session_delist - take a session and its transfers out of the trees and the
 * table */
void
session_delist(struct store *store, struct session *s)
{
	unsigned i;

	RB_REMOVE(session_ids, &store->sessions.ids, s);
	RB_REMOVE(session_names, &store->sessions.names, s);
	RB_REMOVE(session_links, &store->sessions.links, s);
	RB_REMOVE(session_claims, &store->sessions.claims, s);
	store->sessions.count--;
	count_session(store, s, -1);
	for (i = 0; i < STORE_SESSION_TRANSFERS; i++)
		if (s->slot[i] != NULL)
			transfers_unlink(&store->sessions, s->slot[i]);
}

/* session_after - find the session with the least id above one, or NULL */
struct session *
session_after(const struct store *store, uint64_t id)
{
	struct session_ids ids = store->sessions.ids;
	struct session find;

	find.id = id + 1;
	return RB_NFIND(session_ids, &ids, &find);
}

/* session_of_link - find that of a link with the least id above one */
struct session *
session_of_link(const struct store *store, uint32_t link, uint64_t id)
{
	struct session_links links = store->sessions.links;
	struct session find, *s;

	find.id = id + 1;
	find.link = link;
	s = RB_NFIND(session_links, &links, &find);
	return s != NULL && s->link == link ? s : NULL;
}

/* sessions_fini - give back the memory */
void
sessions_fini(struct store *store)
{
	struct session *s;

	while ((s = RB_ROOT(&store->sessions.ids)) != NULL) {
		session_delist(store, s);
		session_free(s);
	}
	table_fini(&store->sessions.transfers);
}
