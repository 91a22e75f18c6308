/* SPDX-License-Identifier: ISC */
/*
 * tracking.c - pages of tracking, until the tracker has them
 *
 * See tracking.h.
 */
#include "store/state.h"

/* Numbers that a ms of the wall clock stands for: more pages than are ever
 * made in one. */
#define NUMBERS_PER_MS 65536
/* Times beyond that would make numbers that leave no room. */
#define TIME_MAX (INT64_MAX / NUMBERS_PER_MS / 2)

/* last_number - find the highest number of a page; 0: there is none */
static int
last_number(struct store *store, uint64_t *number)
{
	struct db_key end = key_id(UINT64_MAX);
	struct MDB_cursor *cursor;
	struct slice key;
	int rc = db_enter(&store->db);

	*number = 0;
	if (rc != 0)
		return rc;
	rc = db_cursor(&store->db, DB_TRACKING, &cursor);
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

/* tracking_recover - go on with numbers that were not given before */
int
tracking_recover(struct store *store, int64_t now)
{
	uint64_t last, time = now < 0 ? 0 : (uint64_t)now;
	int rc = last_number(store, &last);

	/* Mail goes on beside a page of tracking that cannot be read. */
	if (rc != 0 && !store_is_damage(rc))
		return rc;
	/* A clock far in the future must not use up the numbers. */
	if (time > TIME_MAX)
		time = TIME_MAX;
	/* Pages that tracker has deleted leave no trace here, so the time keeps
	 * their numbers from being given again. */
	store_tracking_skip(store, last);
	store_tracking_skip(store, time * NUMBERS_PER_MS);
	return 0;
}

/* store_tracking_skip - give no number up to this one */
void
store_tracking_skip(struct store *store, uint64_t number)
{
	/* A number beyond the middle is damage, and would leave none to
	 * give. */
	if (number >= store->numbers.page && number < INT64_MAX / 2)
		store->numbers.page = number + 1;
}

/* store_tracking_append - append a page */
int
store_tracking_append(struct store *store, struct slice page, uint64_t *number)
{
	struct db_key key = key_id(store->numbers.page);
	uint64_t used, size;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	store_usage(store, &used, &size);
	/* Tracking gives way before mail does: the page is refused while there
	 * is still room for outcomes. */
	if (used > size + STORE_RESERVE / 2)
		return store_error(store, ERR_LIMIT, "tracking: queue is full");
	rc = db_append(&store->db, DB_TRACKING, &key, page);
	if (rc == 0)
		*number = store->numbers.page++;
	return rc;
}

/* store_tracking_delete - delete a page */
int
store_tracking_delete(struct store *store, uint64_t number)
{
	struct db_key key = key_id(number);

	return db_delete(&store->db, DB_TRACKING, &key);
}

/* store_tracking_next - find the first page after a number */
int
store_tracking_next(struct store *store, uint64_t after, uint64_t *number)
{
	struct db_key at = key_id(after + 1), found;
	int rc = db_find(&store->db, DB_TRACKING, &at, &found);

	if (rc == 0 && found.len != 8)
		rc = store_error(store, ERR_CORRUPT, "tracking: bad key");
	if (rc == 0)
		*number = key_number(slice_of(found.octets, found.len), 0, 8);
	return rc;
}

/* store_tracking_read - append a page to out */
int
store_tracking_read(struct store *store, uint64_t number, struct buffer *out)
{
	struct db_key key = key_id(number);
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_TRACKING, &key, &value);
	if (rc == 0)
		rc = buffer_append(out, value.data, value.len);
	db_leave(&store->db);
	return rc;
}

/* store_tracking_octets - count the octets of all pages, on disk */
int
store_tracking_octets(struct store *store, uint64_t *octets)
{
	return db_table_octets(&store->db, DB_TRACKING, octets);
}
