/* SPDX-License-Identifier: ISC */
/*
 * counts.c - how much is queued, by link, priority, state and hour
 *
 * See counts.h.  A count that reaches zero leaves disk and memory when the
 * transaction is committed.  What would go below zero, which only damage can
 * do, stays at zero: mail goes on, and x4check finds the difference.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

/* compare_counts - compare two counts in the order of the keys on disk */
static int
compare_counts(const struct count *a, const struct count *b)
{
	const struct store_count *x = &a->count, *y = &b->count;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->hour != y->hour)
		return x->hour < y->hour ? -1 : 1;
	return 0;
}

TREE_GENERATE(count_tree, count, tree, compare_counts);

/* count_decode - decode the record of a count */
int
count_decode(struct slice key, struct slice value, struct store_count *count,
    struct diag *diag)
{
	struct store_count c;
	struct ber_reader inner;
	uint64_t priority, state;
	int rc;

	if (key.len != 10)
		return diag_set(diag, ERR_CORRUPT, "count: bad key");
	c.link = (uint32_t)key_number(key, 0, 4);
	priority = key_number(key, 4, 1);
	state = key_number(key, 5, 1);
	c.hour = (uint32_t)key_number(key, 6, 4);
	if (priority >= STORE_PRIORITIES || state >= STORE_STATES)
		return diag_set(diag, ERR_CORRUPT, "count: bad key");
	c.priority = (enum store_priority)priority;
	c.state = (enum store_state)state;
	rc = record_open(value, "count", &inner, diag);
	if (rc == 0)
		rc = record_number(&inner, 0, "messages", RECORD_NUMBER_MAX,
		    &c.total.messages);
	if (rc == 0)
		rc = record_number(
		    &inner, 1, "octets", RECORD_NUMBER_MAX, &c.total.octets);
	if (rc == 0)
		*count = c;
	return record_error(rc);
}

/* total_move - take from a total and add to it; never below zero */
static void
total_move(struct store_total *total, struct store_total minus,
    struct store_total plus)
{
	total->messages += plus.messages;
	total->octets += plus.octets;
	total->messages -=
	    minus.messages > total->messages ? total->messages : minus.messages;
	total->octets -=
	    minus.octets > total->octets ? total->octets : minus.octets;
}

/* set_count - give a count another total, and the sums with it */
static void
set_count(struct store *store, struct count *count, struct store_total total)
{
	struct link_entry *link = &store->links.entry[count->count.link];
	struct store_total old = count->count.total;

	total_move(&store->counts.total, old, total);
	total_move(&link->total, old, total);
	total_move(
	    &link->by[count->count.state][count->count.priority], old, total);
	count->count.total = total;
}

/* count_load - load the record of a count */
static int
count_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_count loaded;
	struct count *count;
	int rc;

	if (key.len == 10 && key_number(key, 4, 1) == KEY_SOURCE)
		return source_load_row(store, key, value, diag);
	rc = count_decode(key, value, &loaded, diag);
	if (rc != 0)
		return rc;
	if (loaded.link > store->links.count)
		return diag_set(diag, ERR_CORRUPT, "count: there is no link %u",
		    loaded.link);
	count = calloc(1, sizeof(*count));
	if (count == NULL)
		return ERR_NOMEM;
	count->committed = loaded.total;
	count->count = loaded;
	count->count.total = (struct store_total){0, 0};
	RB_INSERT(count_tree, &store->counts.tree, count);
	set_count(store, count, loaded.total);
	return 0;
}

/* counts_load - load all counts; the links are there */
int
counts_load(struct store *store, struct diag *diag)
{
	return store_load(store, DB_COUNTS, count_load, diag);
}

/* drop_count - take a count out of memory */
static void
drop_count(struct store *store, struct count *count)
{
	RB_REMOVE(count_tree, &store->counts.tree, count);
	free(count);
}

/* counts_fini - give back the memory */
void
counts_fini(struct store *store)
{
	struct count *count;

	while ((count = RB_ROOT(&store->counts.tree)) != NULL)
		drop_count(store, count);
}

/* mark_count - note that a count changes in this transaction */
static void
mark_count(struct store *store, struct count *count)
{
	if (count->changed)
		return;
	count->changed = true;
	SLIST_INSERT_HEAD(&store->counts.changed, count, changed_next);
}

/* change_count - find the count of a message's place, or make it, and mark
 * it as changed; NULL: out of memory */
static struct count *
change_count(struct store *store, const struct store_message *m)
{
	struct count find, *count;

	find.count = (struct store_count){.link = m->link,
	    .priority = m->priority,
	    .state = m->state,
	    .hour = (uint32_t)(m->arrival / STORE_HOUR_MS)};
	count = RB_FIND(count_tree, &store->counts.tree, &find);
	if (count == NULL) {
		count = calloc(1, sizeof(*count));
		if (count == NULL)
			return NULL;
		count->count = find.count;
		RB_INSERT(count_tree, &store->counts.tree, count);
	}
	mark_count(store, count);
	return count;
}

/* counts_add - count a message that came to its place */
int
counts_add(struct store *store, const struct store_message *message)
{
	struct count *count = change_count(store, message);
	struct store_total total;

	if (count == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	total = count->count.total;
	total.messages++;
	total.octets += message->content_length;
	set_count(store, count, total);
	return 0;
}

/* counts_remove - count a message that left its place */
int
counts_remove(struct store *store, const struct store_message *message)
{
	struct count *count = change_count(store, message);
	struct store_total total,
	    minus = {.messages = 1, .octets = message->content_length};

	if (count == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	total = count->count.total;
	total_move(&total, minus, (struct store_total){0, 0});
	set_count(store, count, total);
	return 0;
}

/* counts_reset - forget all counts, before counting again */
void
counts_reset(struct store *store)
{
	struct count *count;

	while ((count = RB_ROOT(&store->counts.tree)) != NULL) {
		set_count(store, count, (struct store_total){0, 0});
		drop_count(store, count);
	}
	SLIST_INIT(&store->counts.changed);
}

/* counts_zero - set all counts to zero, to count again in a transaction */
void
counts_zero(struct store *store)
{
	struct count *count;

	for (count = RB_MIN(count_tree, &store->counts.tree); count != NULL;
	     count = RB_NEXT(count_tree, &store->counts.tree, count)) {
		mark_count(store, count);
		set_count(store, count, (struct store_total){0, 0});
	}
}

/* counts_renew - clear those on disk, so that all are written */
int
counts_renew(struct store *store)
{
	struct db_key at = {.len = 1}, found;
	int rc;

	while ((rc = db_find(&store->db, DB_COUNTS, &at, &found)) == 0) {
		rc = db_delete(&store->db, DB_COUNTS, &found);
		if (rc != 0)
			return rc;
	}
	store->counts.derived = false;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* count_write - put a count's record, or remove it */
static int
count_write(struct store *store, const struct store_count *count)
{
	struct db_key key =
	    key_count(count->link, count->priority, count->state, count->hour);
	struct ber_writer w;
	int rc;

	if (count->total.messages == 0) {
		rc = db_delete(&store->db, DB_COUNTS, &key);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	buffer_reset(&store->record);
	record_begin(&w, &store->record);
	record_put_number(&w, 0, count->total.messages);
	record_put_number(&w, 1, count->total.octets);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_COUNTS, &key, buffer_slice(&store->record));
}

/* counts_flush - write those that changed */
int
counts_flush(struct store *store)
{
	struct count *count;
	int rc;

	for (count = SLIST_FIRST(&store->counts.changed); count != NULL;
	     count = SLIST_NEXT(count, changed_next)) {
		if (count->count.total.messages == count->committed.messages &&
		    count->count.total.octets == count->committed.octets)
			continue;
		rc = count_write(store, &count->count);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* settle_count - take the total of a count as committed, and drop it if it
 * is zero */
static void
settle_count(struct store *store, struct count *count)
{
	count->changed = false;
	count->committed = count->count.total;
	if (count->count.total.messages == 0)
		drop_count(store, count);
}

/* counts_committed - take what this transaction changed as committed */
void
counts_committed(struct store *store)
{
	struct count *count;

	while ((count = SLIST_FIRST(&store->counts.changed)) != NULL) {
		SLIST_REMOVE_HEAD(&store->counts.changed, changed_next);
		settle_count(store, count);
	}
}

/* counts_undo - put back what this transaction changed */
void
counts_undo(struct store *store)
{
	struct count *count;

	while ((count = SLIST_FIRST(&store->counts.changed)) != NULL) {
		SLIST_REMOVE_HEAD(&store->counts.changed, changed_next);
		set_count(store, count, count->committed);
		settle_count(store, count);
	}
}

/* store_count_next - get the next count that is not zero */
int
store_count_next(
    const struct store *store, bool *started, struct store_count *count)
{
	/* sys/tree.h takes no const tree: look up through a copied head. */
	struct count_tree tree = store->counts.tree;
	struct count find = {.count = *count}, *at;

	at = *started ? RB_NFIND(count_tree, &tree, &find)
		      : RB_MIN(count_tree, &tree);
	if (at != NULL && *started && compare_counts(at, &find) == 0)
		at = RB_NEXT(count_tree, &tree, at);
	while (at != NULL && at->count.total.messages == 0)
		at = RB_NEXT(count_tree, &tree, at);
	if (at == NULL)
		return 0;
	*started = true;
	*count = at->count;
	return 1;
}

/* counts_find - find the total of a place: whether there is one */
bool
counts_find(const struct store *store, struct store_count *count)
{
	struct count_tree tree = store->counts.tree;
	struct count find = {.count = *count}, *at;

	at = RB_FIND(count_tree, &tree, &find);
	if (at != NULL)
		count->total = at->count.total;
	return at != NULL;
}

/* store_total - get how much is in the queue */
struct store_total
store_total(const struct store *store)
{
	return store->counts.total;
}

/* store_link_total - get how much is queued for a link */
struct store_total
store_link_total(const struct store *store, uint32_t link)
{
	if (link > store->links.count)
		return (struct store_total){0, 0};
	return store->links.entry[link].total;
}

/* store_link_state - get how much is queued for a link in this state and
 * priority */
struct store_total
store_link_state(const struct store *store, uint32_t link,
    enum store_state state, enum store_priority priority)
{
	if (link > store->links.count || (unsigned)state >= STORE_STATES ||
	    (unsigned)priority >= STORE_PRIORITIES)
		return (struct store_total){0, 0};
	return store->links.entry[link].by[state][priority];
}
