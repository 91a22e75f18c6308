/* SPDX-License-Identifier: ISC */
/*
 * tally.c - counts that are kept in memory and on disk
 *
 * See tally.h.
 */
#include <stdlib.h>

#include "store/record.h"
#include "store/state.h"

/* compare_tallies - compare two counts in the order of the keys on disk */
static int
compare_tallies(const struct tally *a, const struct tally *b)
{
	const struct tally_key *x = &a->key, *y = &b->key;

	if (x->link != y->link)
		return x->link < y->link ? -1 : 1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* In the order of the keys on disk, so that the tree and the database
	 * are walked together. */
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return 0;
}

TREE_GENERATE(tally_tree, tally, tree, compare_tallies);

/* tally_init - prepare an empty table */
void
tally_init(struct tally_table *table, tally_sum sum)
{
	RB_INIT(&table->tree);
	SLIST_INIT(&table->changed);
	table->sum = sum;
}

/* drop_tally - take a count out of memory */
static void
drop_tally(struct tally_table *table, struct tally *tally)
{
	RB_REMOVE(tally_tree, &table->tree, tally);
	free(tally);
}

/* tally_fini - give back the memory of all counts */
void
tally_fini(struct tally_table *table)
{
	struct tally *tally;

	while ((tally = RB_ROOT(&table->tree)) != NULL)
		drop_tally(table, tally);
}

/* tally_decode - decode a record */
int
tally_decode(struct slice key, struct slice value, const char *name,
    struct tally_key *decoded, struct tally_value *count, struct diag *diag)
{
	struct tally_value v = {0};
	struct ber_reader inner;
	int rc;

	if (key.len != 10)
		return diag_set(diag, ERR_CORRUPT, "%s: bad key", name);
	rc = record_open(value, name, &inner, diag);
	if (rc == 0)
		rc = record_number(
		    &inner, 0, "messages", RECORD_NUMBER_MAX, &v.messages);
	if (rc == 0)
		rc = record_number(
		    &inner, 1, "octets", RECORD_NUMBER_MAX, &v.octets);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 2, "own", RECORD_NUMBER_MAX, &v.own);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 3, "recipients", RECORD_NUMBER_MAX, &v.recipients);
	if (rc == 0)
		rc = record_optional_number(
		    &inner, 4, "waiting", RECORD_NUMBER_MAX, &v.waiting);
	if (rc != 0)
		return record_error(rc);
	*decoded = (struct tally_key){.link = (uint32_t)key_number(key, 0, 4),
	    .priority = (uint8_t)key_number(key, 4, 1),
	    .state = (uint8_t)key_number(key, 5, 1),
	    .number = (uint32_t)key_number(key, 6, 4)};
	*count = v;
	return 0;
}

/* set_tally - give a count another value, and the sums with it */
static void
set_tally(struct store *store, struct tally_table *table, struct tally *tally,
    struct tally_value value)
{
	struct tally_value old = tally->now;

	tally->now = value;
	/* The sums are kept with each change: asking for a total must not add
	 * up a million places. */
	table->sum(store, &tally->key, old, value);
}

/* insert_tally - make a count of zero, or NULL */
static struct tally *
insert_tally(struct tally_table *table, const struct tally_key *key)
{
	struct tally *tally = calloc(1, sizeof(*tally));

	if (tally == NULL)
		return NULL;
	tally->key = *key;
	RB_INSERT(tally_tree, &table->tree, tally);
	return tally;
}

/* tally_load - take over a count as it is on disk */
int
tally_load(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value value)
{
	struct tally *tally = insert_tally(table, key);

	if (tally == NULL)
		return ERR_NOMEM;
	tally->committed = value;
	set_tally(store, table, tally, value);
	return 0;
}

/* mark_tally - note that a count changes in this transaction */
static void
mark_tally(struct tally_table *table, struct tally *tally)
{
	/* Once for each transaction, whatever happens to it later. */
	if (tally->changed)
		return;
	tally->changed = true;
	SLIST_INSERT_HEAD(&table->changed, tally, changed_next);
}

/* change_tally - find a count, or make it, and mark it as changed; NULL: out
 * of memory */
static struct tally *
change_tally(struct tally_table *table, const struct tally_key *key)
{
	struct tally find = {.key = *key}, *tally;

	tally = RB_FIND(tally_tree, &table->tree, &find);
	if (tally == NULL)
		tally = insert_tally(table, key);
	if (tally != NULL)
		mark_tally(table, tally);
	return tally;
}

/* tally_move - subtract from a value and add to it, but not below zero */
void
tally_move(uint64_t *value, uint64_t minus, uint64_t plus)
{
	*value += plus;
	/* Never below zero: counts that were wrong on disk would become
	 * enormous. */
	*value -= minus < *value ? minus : *value;
}

/* tally_add - add to a count */
int
tally_add(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value more)
{
	struct tally *tally = change_tally(table, key);
	struct tally_value value;

	if (tally == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	value = tally->now;
	value.messages += more.messages;
	value.octets += more.octets;
	value.own += more.own;
	value.recipients += more.recipients;
	value.waiting += more.waiting;
	set_tally(store, table, tally, value);
	return 0;
}

/* tally_take - take from a count */
int
tally_take(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value less)
{
	struct tally *tally = change_tally(table, key);
	struct tally_value value;

	if (tally == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	value = tally->now;
	tally_move(&value.messages, less.messages, 0);
	tally_move(&value.octets, less.octets, 0);
	tally_move(&value.own, less.own, 0);
	tally_move(&value.recipients, less.recipients, 0);
	tally_move(&value.waiting, less.waiting, 0);
	/* Octets of nothing come of damage: the record would stay for ever. */
	if (value.messages == 0)
		value = (struct tally_value){0};
	set_tally(store, table, tally, value);
	return 0;
}

/* tally_find - find a count, or NULL */
const struct tally *
tally_find(const struct tally_table *table, const struct tally_key *key)
{
	/* sys/tree.h takes no const tree: look up through a copied head. */
	struct tally_tree tree = table->tree;
	struct tally find = {.key = *key};

	return RB_FIND(tally_tree, &tree, &find);
}

/* tally_from - find the first count at or after a key, or NULL */
const struct tally *
tally_from(const struct tally_table *table, const struct tally_key *key)
{
	struct tally_tree tree = table->tree;
	struct tally find = {.key = *key};

	return RB_NFIND(tally_tree, &tree, &find);
}

/* tally_next - find the count after another, or NULL */
const struct tally *
tally_next(const struct tally *tally)
{
	struct tally *at = (struct tally *)(uintptr_t)tally;

	return RB_NEXT(tally_tree, NULL, at);
}

/* tally_after - find the first count after a key, or NULL */
const struct tally *
tally_after(const struct tally_table *table, const struct tally_key *key)
{
	const struct tally find = {.key = *key}, *at = tally_from(table, key);

	/* A key that is there is passed over, one that is not is where the next
	 * one begins. */
	return at != NULL && compare_tallies(at, &find) == 0 ? tally_next(at)
							     : at;
}

/* tally_is_zero - tell whether a value needs no record */
bool
tally_is_zero(const struct tally_value *value)
{
	return value->messages == 0 && value->octets == 0 && value->own == 0;
}

/* tally_forget - take one count out of memory, with its sums as they are */
void
tally_forget(struct tally_table *table, const struct tally_key *key)
{
	struct tally find = {.key = *key}, *tally;

	tally = RB_FIND(tally_tree, &table->tree, &find);
	if (tally != NULL)
		drop_tally(table, tally);
}

/* tally_zero - take nothing as counted, to count again in a transaction */
void
tally_zero(struct store *store, struct tally_table *table)
{
	struct tally *tally;

	RB_FOREACH(tally, tally_tree, &table->tree) {
		/* Marked, so that a count which stays zero loses its record. */
		mark_tally(table, tally);
		set_tally(store, table, tally, (struct tally_value){0});
	}
}

/* tally_reset - forget all, before counting again without a transaction */
void
tally_reset(struct store *store, struct tally_table *table)
{
	struct tally *tally;

	SLIST_INIT(&table->changed);
	while ((tally = RB_ROOT(&table->tree)) != NULL) {
		set_tally(store, table, tally, (struct tally_value){0});
		drop_tally(table, tally);
	}
}

/* write_tally - put a count's record, or remove it */
static int
write_tally(struct store *store, const struct tally *tally)
{
	const struct tally_key *k = &tally->key;
	struct db_key key =
	    key_count(k->link, k->priority, k->state, k->number);
	struct ber_writer w;
	int rc;

	/* A count of zero has no record; one that was written before has to
	 * go. */
	if (tally_is_zero(&tally->now)) {
		rc = db_delete(&store->db, DB_COUNTS, &key);
		return rc == ERR_NOTFOUND ? 0 : rc;
	}
	buffer_reset(&store->record);
	record_begin(&w, &store->record);
	record_put_number(&w, 0, tally->now.messages);
	record_put_number(&w, 1, tally->now.octets);
	/* Counts of places had two numbers before sources were counted. */
	if (k->priority == KEY_SOURCE)
		record_put_number(&w, 2, tally->now.own);
	if (tally->now.recipients != 0)
		record_put_number(&w, 3, tally->now.recipients);
	if (tally->now.waiting != 0)
		record_put_number(&w, 4, tally->now.waiting);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_COUNTS, &key, buffer_slice(&store->record));
}

/* tally_flush - write the counts that changed */
int
tally_flush(struct store *store, struct tally_table *table)
{
	struct tally *tally;
	int rc;

	SLIST_FOREACH(tally, &table->changed, changed_next)
	{
		if (memcmp(&tally->now, &tally->committed,
			sizeof(tally->now)) == 0)
			continue;
		rc = write_tally(store, tally);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* settle_tally - take the value of the first that changed as committed, and
 * drop the count if it is zero */
static void
settle_tally(struct tally_table *table, struct tally *tally)
{
	SLIST_REMOVE_HEAD(&table->changed, changed_next);
	/* From now on a failed transaction goes back to this value. */
	tally->changed = false;
	tally->committed = tally->now;
	if (tally_is_zero(&tally->now))
		drop_tally(table, tally);
}

/* tally_committed - take what this transaction changed as committed */
void
tally_committed(struct tally_table *table)
{
	struct tally *tally;

	while ((tally = SLIST_FIRST(&table->changed)) != NULL)
		settle_tally(table, tally);
}

/* tally_undo - put back what this transaction changed */
void
tally_undo(struct store *store, struct tally_table *table)
{
	struct tally *tally;

	while ((tally = SLIST_FIRST(&table->changed)) != NULL) {
		set_tally(store, table, tally, tally->committed);
		settle_tally(table, tally);
	}
}
