/* SPDX-License-Identifier: ISC */
/*
 * table.c - a hash table of entries that its user owns
 *
 * See table.h.  Chained, with about one entry a bucket.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/table.h"

#define SIZE_LEAST 64

/* bucket_of - find where the chain of a hash begins; numbers that are their
 * own hash are dense, so multiply and take high bits */
static struct table_link **
bucket_of(const struct table *table, uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0x9e3779b97f4a7c15);
	return &table->bucket[(hash >> 20) & (table->size - 1)];
}

/* chain_of - find the chain of a hash, in buckets or not */
static struct table_link **
chain_of(struct table *table, uint64_t hash)
{
	return table->bucket == NULL ? &table->single : bucket_of(table, hash);
}

/* push - put an entry at the head of its chain */
static void
push(struct table *table, struct table_link *link)
{
	struct table_link **chain = chain_of(table, link->hash);

	link->next = *chain;
	*chain = link;
}

/* move_chain - move the entries of a chain, the last first: entries of equal
 * hash keep their order */
static void
move_chain(struct table *table, struct table_link *chain)
{
	struct table_link *reversed = NULL, *next;

	for (; chain != NULL; chain = next) {
		next = chain->next;
		chain->next = reversed;
		reversed = chain;
	}
	for (; reversed != NULL; reversed = next) {
		next = reversed->next;
		push(table, reversed);
	}
}

/* resize - move everything into another number of buckets, if there is
 * memory */
static void
resize(struct table *table, size_t size)
{
	struct table old = *table;
	struct table_link **bucket = calloc(size, sizeof(*bucket));

	if (bucket == NULL)
		return;
	table->bucket = bucket;
	table->size = size;
	table->single = NULL;
	move_chain(table, old.single);
	for (size_t i = 0; i < old.size; i++)
		move_chain(table, old.bucket[i]);
	free(old.bucket);
}

/* table_init - begin with an empty table, without memory */
void
table_init(struct table *table)
{
	*table = (struct table){0};
}

/* table_fini - give back the table's memory */
void
table_fini(struct table *table)
{
	free(table->bucket);
	table_init(table);
}

/* table_add - add an entry */
void
table_add(struct table *table, struct table_link *link, uint64_t hash)
{
	if (table->count >= table->size)
		resize(table, table->size == 0 ? SIZE_LEAST : table->size * 2);
	link->hash = hash;
	push(table, link);
	table->count++;
}

/* table_remove - take an entry out */
void
table_remove(struct table *table, struct table_link *link)
{
	struct table_link **at = chain_of(table, link->hash);

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	link->next = NULL;
	table->count--;
	/* The buckets of a burst go back. */
	if (table->size > SIZE_LEAST && table->count * 8 < table->size)
		resize(table, table->size / 2);
}

/* first_of - find the first entry of a hash in a chain, or NULL */
static struct table_link *
first_of(struct table_link *chain, uint64_t hash)
{
	while (chain != NULL && chain->hash != hash)
		chain = chain->next;
	return chain;
}

/* table_find - find the entry of this hash that was added last, or NULL */
struct table_link *
table_find(const struct table *table, uint64_t hash)
{
	return first_of(
	    table->bucket == NULL ? table->single : *bucket_of(table, hash),
	    hash);
}

/* table_more - find the next entry with the hash of this one, or NULL */
struct table_link *
table_more(const struct table_link *link)
{
	return first_of(link->next, link->hash);
}

/* table_any - find any entry, or NULL */
struct table_link *
table_any(const struct table *table)
{
	for (size_t i = 0; i < table->size; i++)
		if (table->bucket[i] != NULL)
			return table->bucket[i];
	return table->single;
}
