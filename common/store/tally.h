/* SPDX-License-Identifier: ISC */
/*
 * tally.h - private to store/: counts that are kept in memory and on disk
 *
 * counts.c counts messages by their place, source.c by who sent them; both
 * lie in one database and behave alike, and this is what they share: a tree
 * in the order of the keys, a list of what changed in this transaction, and
 * what becomes of it when the transaction is committed or undone.
 *
 * A count that reaches zero leaves disk and memory when the transaction is
 * committed.  What would go below zero, which only damage can do, stays at
 * zero: mail goes on, and x4check finds the difference.
 */
#ifndef FOURPOST_STORE_TALLY_H
#define FOURPOST_STORE_TALLY_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "base/error.h"
#include "base/slice.h"

struct store;

/* The key on disk; what the last three are depends on the table. */
struct tally_key {
	uint32_t link;
	uint8_t priority;
	uint8_t state;
	uint32_t number;
};

struct tally_value {
	uint64_t messages; /* or contents */
	uint64_t octets;   /* with the whole content of each */
	uint64_t own;	   /* of a source: without contents that are objects */
	uint64_t recipients; /* of a place */
	uint64_t waiting; /* likewise: messages whose originators chose when */
};

struct tally {
	RB_ENTRY(tally) tree;
	SLIST_ENTRY(tally) changed_next;
	struct tally_key key;
	struct tally_value now, committed;
	bool changed; /* in this transaction */
};
RB_HEAD(tally_tree, tally);
SLIST_HEAD(tally_list, tally);

/* Bring the sums that are kept beside a table from one value to another. */
typedef void (*tally_sum)(struct store *store, const struct tally_key *key,
    struct tally_value old, struct tally_value now);

struct tally_table {
	struct tally_tree tree;
	struct tally_list changed;
	tally_sum sum;
};

/* tally_init - prepare an empty table; tally_fini forgets it without its
 * sums */
void tally_init(struct tally_table *table, tally_sum sum);
void tally_fini(struct tally_table *table);

/* tally_decode - decode a record; name is what errors say.  ERR_CORRUPT */
int tally_decode(struct slice key, struct slice value, const char *name,
    struct tally_key *decoded, struct tally_value *count,
    struct diag *diag) WARN_UNUSED;

/* tally_load - take over a count as it is on disk.  ERR_NOMEM */
int tally_load(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value value) WARN_UNUSED;

/* tally_add, tally_take - change a count, in this transaction.  ERR_NOMEM */
int tally_add(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value more) WARN_UNUSED;
int tally_take(struct store *store, struct tally_table *table,
    const struct tally_key *key, struct tally_value less) WARN_UNUSED;

/* tally_move - subtract from a value and add to it, but not below zero */
void tally_move(uint64_t *value, uint64_t minus, uint64_t plus);

/* tally_find - find a count, or NULL; tally_from - the first at or after a
 * key; tally_after - the first after a key; tally_next - the one after
 * another */
const struct tally *
tally_find(const struct tally_table *table, const struct tally_key *key);
const struct tally *
tally_from(const struct tally_table *table, const struct tally_key *key);
const struct tally *
tally_after(const struct tally_table *table, const struct tally_key *key);
const struct tally *tally_next(const struct tally *tally);

/* tally_is_zero - tell whether a value needs no record */
bool tally_is_zero(const struct tally_value *value);

/* tally_forget - take one count out of memory, with its sums as they are */
void tally_forget(struct tally_table *table, const struct tally_key *key);

/* tally_zero - take nothing as counted, to count again in a transaction;
 * tally_reset - forget all, before counting again without one */
void tally_zero(struct store *store, struct tally_table *table);
void tally_reset(struct store *store, struct tally_table *table);

/* tally_flush - write the counts that changed; tally_committed, tally_undo -
 * how the transaction ended */
int tally_flush(struct store *store, struct tally_table *table) WARN_UNUSED;
void tally_committed(struct tally_table *table);
void tally_undo(struct store *store, struct tally_table *table);

#endif
