/* SPDX-License-Identifier: ISC */
/*
 * memory.c - pages for mixer-memory, until it has them
 *
 * See memory.h.
 */
#include "store/state.h"

/* store_memory_append - append a page */
int
store_memory_append(struct store *store, struct slice page, uint64_t *number)
{
	return paged_append(store, DB_MEMORY, page, number);
}

/* store_memory_delete - delete a page */
int
store_memory_delete(struct store *store, uint64_t number)
{
	return paged_delete(store, DB_MEMORY, number);
}

/* store_memory_next - find the first page after a number */
int
store_memory_next(struct store *store, uint64_t after, uint64_t *number)
{
	return paged_next(store, DB_MEMORY, after, number);
}

/* store_memory_read - append a page to out */
int
store_memory_read(struct store *store, uint64_t number, struct buffer *out)
{
	return paged_read(store, DB_MEMORY, number, out);
}

/* store_memory_octets - count the octets of all pages, on disk */
int
store_memory_octets(struct store *store, uint64_t *octets)
{
	return db_table_octets(&store->db, DB_MEMORY, octets);
}
