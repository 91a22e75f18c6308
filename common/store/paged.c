/* SPDX-License-Identifier: ISC */
/*
 * paged.c - pages that wait in the queue until another process has them
 *
 * See paged.h.
 */
#include "store/state.h"

/* Numbers that a ms of the wall clock stands for: more pages than are ever
 * made in one. */
#define NUMBERS_PER_MS 65536
/* Times beyond that would make numbers that leave no room. */
#define TIME_MAX (INT64_MAX / NUMBERS_PER_MS / 2)

static const enum db_name tables[] = {
    [STORE_PAGED_TRACKING] = DB_TRACKING, [STORE_PAGED_MEMORY] = DB_MEMORY};

/* find_last - find the highest number of a page; 0: there is none */
static int
find_last(struct store *store, enum db_name table, uint64_t *number)
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

/* paged_recover - go on with numbers that were not given before */
int
paged_recover(struct store *store, int64_t now)
{
	uint64_t last[] = {0, 0}, time = now < 0 ? 0 : (uint64_t)now;
	int rc = find_last(store, DB_TRACKING, &last[0]);

	if (rc == 0)
		rc = find_last(store, DB_MEMORY, &last[1]);
	/* Mail goes on beside a page that cannot be read. */
	if (rc != 0 && !store_is_damage(rc))
		return rc;
	/* A clock far in the future must not use up the numbers. */
	if (time > TIME_MAX)
		time = TIME_MAX;
	/* Pages that were deleted leave no trace here, so the time keeps their
	 * numbers from being given again. */
	store_paged_skip(store, last[0]);
	store_paged_skip(store, last[1]);
	store_paged_skip(store, time * NUMBERS_PER_MS);
	return 0;
}

/* store_paged_skip - give no number up to this one */
void
store_paged_skip(struct store *store, uint64_t number)
{
	/* A number beyond the middle is damage, and would leave none to
	 * give. */
	if (number >= store->numbers.page && number < INT64_MAX / 2)
		store->numbers.page = number + 1;
}

/* store_paged_append - append a page */
int
store_paged_append(struct store *store, enum store_paged whose,
    struct slice page, uint64_t *number)
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
		return store_error(store, ERR_LIMIT, "%s: queue is full",
		    db_name(tables[whose]));
	rc = db_append(&store->db, tables[whose], &key, page);
	if (rc == 0)
		*number = store->numbers.page++;
	return rc;
}

/* store_paged_next - find the first page after a number */
int
store_paged_next(struct store *store, enum store_paged whose, uint64_t after,
    uint64_t *number)
{
	struct db_key at = key_id(after + 1), found;
	int rc = db_find(&store->db, tables[whose], &at, &found);

	if (rc == 0 && found.len != 8)
		rc = store_error(
		    store, ERR_CORRUPT, "%s: bad key", db_name(tables[whose]));
	if (rc == 0)
		*number = key_number(slice_of(found.octets, found.len), 0, 8);
	return rc;
}

/* store_paged_read - append a page to out */
int
store_paged_read(struct store *store, enum store_paged whose, uint64_t number,
    struct buffer *out)
{
	struct db_key key = key_id(number);
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, tables[whose], &key, &value);
	if (rc == 0)
		rc = buffer_append(out, value.data, value.len);
	db_leave(&store->db);
	return rc;
}

/* store_paged_delete - delete a page */
int
store_paged_delete(struct store *store, enum store_paged whose, uint64_t number)
{
	struct db_key key = key_id(number);

	return db_delete(&store->db, tables[whose], &key);
}

/* store_paged_octets - count the octets of all pages, on disk */
int
store_paged_octets(
    struct store *store, enum store_paged whose, uint64_t *octets)
{
	return db_table_octets(&store->db, tables[whose], octets);
}
