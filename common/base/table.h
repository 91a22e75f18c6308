/* SPDX-License-Identifier: ISC */
/*
 * table.h - a hash table of entries that its user owns
 *
 * Each entry embeds a struct table_link.  The hash is the user's: a number
 * that is unique may be its own hash; where others choose what is hashed, the
 * user mixes a seed in.  Entries of equal hash are found one after another,
 * and the user compares them.
 *
 * The table grows and shrinks with what is in it, and adding never fails:
 * without memory the chains only become longer.  Where an order is wanted,
 * sys/tree.h serves instead.
 */
#ifndef FOURPOST_BASE_TABLE_H
#define FOURPOST_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_link {
	struct table_link *next;
	uint64_t hash;
};

struct table {
	struct table_link **bucket; /* owned; NULL: one chain, single */
	struct table_link *single;
	size_t size; /* of bucket: a power of two, or 0 */
	size_t count;
};

/* TABLE_ENTRY - get the entry that embeds a link as this member, or NULL */
#define TABLE_ENTRY(link, type, member) \
	((type *)table_entry((link), offsetof(type, member)))

/* table_init - begin with an empty table, without memory */
void table_init(struct table *table);

/* table_fini - give back the table's memory; the entries are the user's */
void table_fini(struct table *table);

/* table_add - add an entry, which is in no table */
void table_add(struct table *table, struct table_link *link, uint64_t hash);

/* table_remove - take an entry out that is in the table */
void table_remove(struct table *table, struct table_link *link);

/* table_find - find the entry of this hash that was added last, or NULL */
struct table_link *table_find(const struct table *table, uint64_t hash);

/* table_more - find the next entry with the hash of this one, or NULL */
struct table_link *table_more(const struct table_link *link);

/* table_any - find any entry, or NULL: to take a few out one by one; a table
 * that was large is looked through each time */
struct table_link *table_any(const struct table *table);

/* table_entry - get the entry of a link; NULL stays NULL */
static inline void *
table_entry(struct table_link *link, size_t offset)
{
	return link == NULL ? NULL : (char *)link - offset;
}

#endif
