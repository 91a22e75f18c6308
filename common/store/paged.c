/* SPDX-License-Identifier: ISC */
/*
 * paged.c - pages that wait in the queue for another process
 *
 * Private to store/ (state.h): tracking.c and memory.c have a table each, and
 * both take their numbers from one sequence.
 */
#include "store/state.h"

/* paged_last - find the highest number of a page; 0: there is none */
int
paged_last(struct store *store, enum db_name table, uint64_t *number)
{
	struct db_key end = key_id(UINT64_MAX);
	struct MDB_cursor *cursor;
	struct slice key;
	int rc = db_enter(&store->db);

	*number = 0;
	if (rc != 0)
		return rc;
	rc = db_cursor(&store->db, table, &cursor);
	if (rc == 0) {
		/* The highest key is the last one before the end of all. */
		rc = db_before(&store->db, cursor, &end, &key, NULL);
		if (rc == 0 && key.len == 8)
			*number = key_number(key, 0, 8);
		db_cursor_close(cursor);
	}
	db_leave(&store->db);
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* paged_append - append a page */
int
paged_append(struct store *store, enum db_name table, struct slice page,
    uint64_t *number)
{
	struct db_key key = key_id(store->numbers.page);
	uint64_t used, size;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	store_usage(store, &used, &size);
	/* Such a page gives way before mail does: it is refused while there is
	 * still room for outcomes. */
	if (used > size + STORE_RESERVE / 2)
		return store_error(
		    store, ERR_LIMIT, "%s: queue is full", db_name(table));
	rc = db_append(&store->db, table, &key, page);
	if (rc == 0)
		*number = store->numbers.page++;
	return rc;
}

/* paged_next - find the first page after a number */
int
paged_next(
    struct store *store, enum db_name table, uint64_t after, uint64_t *number)
{
	struct db_key at = key_id(after + 1), found;
	int rc = db_find(&store->db, table, &at, &found);

	if (rc == 0 && found.len != 8)
		rc = store_error(
		    store, ERR_CORRUPT, "%s: bad key", db_name(table));
	if (rc == 0)
		*number = key_number(slice_of(found.octets, found.len), 0, 8);
	return rc;
}

/* paged_read - append a page to out */
int
paged_read(struct store *store, enum db_name table, uint64_t number,
    struct buffer *out)
{
	struct db_key key = key_id(number);
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, table, &key, &value);
	if (rc == 0)
		rc = buffer_append(out, value.data, value.len);
	db_leave(&store->db);
	return rc;
}

/* paged_delete - delete a page */
int
paged_delete(struct store *store, enum db_name table, uint64_t number)
{
	struct db_key key = key_id(number);

	return db_delete(&store->db, table, &key);
}
