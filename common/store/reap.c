/* SPDX-License-Identifier: ISC */
/*
 * reap.c - free what nobody uses any more, piece by piece
 *
 * See content.h.  A gigabyte freed by one transaction would make a list of
 * free pages that spans pages itself, and hold up the loop; so the list "reap"
 * is worked off from its first object's first slice, some slices a
 * transaction.
 */
#include "store/record.h"
#include "store/state.h"

/* undo_finish - undo taking an object off the list */
static void
undo_finish(struct store *store, void *object, uint64_t number)
{
	(void)object;
	store->reap_pending += number;
}

/*
 * seek_slice - find an object's first slice, from a key on, that can be read
 *
 * A slice on a damaged page is left to a repair: to free it would free as many
 * pages as junk says.  ERR_NOTFOUND: there is none, or not even its key can be
 * read.
 */
static int
seek_slice(struct store *store, struct MDB_cursor *cursor, uint64_t id,
    struct db_key *at, struct slice *value)
{
	uint64_t slice;
	int rc;

	do {
		struct slice key = {NULL, 0};

		rc = db_seek(&store->db, cursor, at, &key, value);
		if (rc != 0 && rc != ERR_CORRUPT)
			return rc;
		/* Another object's slice, or none: nothing is left of this
		 * one. */
		if (key.len != 12 || key_number(key, 0, 8) != id)
			return ERR_NOTFOUND;
		slice = key_number(key, 8, 4);
		/* Skipped, because freeing by a damaged header would free pages
		 * of other messages. */
		if (rc != 0)
			*at = key_slice(id, (uint32_t)slice + 1);
	} while (rc != 0 && slice < UINT32_MAX);
	return rc == 0 ? 0 : ERR_NOTFOUND;
}

/*
 * free_slices - free an object's slices, up to *max octets, which is lessened
 *
 * 1: there are more; 0: it has none left that can be freed.
 */
static int
free_slices(struct store *store, uint64_t id, size_t *max)
{
	struct db_key at = key_slice(id, 0);
	struct MDB_cursor *cursor;
	struct slice value;
	int rc = db_cursor(&store->db, DB_SLICES, &cursor);

	if (rc != 0)
		return rc;
	rc = seek_slice(store, cursor, id, &at, &value);
	/* at least one, else a small max would never end */
	while (rc == 0 && *max > 0) {
		*max -= value.len < *max ? value.len : *max;
		/* Freed octets count as staged as well: each transaction is
		 * bounded by the pages it changes. */
		store->db.staged += value.len;
		rc = db_cursor_delete(&store->db, cursor);
		if (rc == 0)
			rc = seek_slice(store, cursor, id, &at, &value);
	}
	db_cursor_close(cursor);
	if (rc == 0)
		return 1;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* give_back - count an object for its source no more */
static int
give_back(struct store *store, const struct db_key *key)
{
	struct diag diag = {.code = 0};
	struct slice value;
	uint32_t source;
	uint64_t octets;
	int rc = db_get(&store->db, DB_REAP, key, &value);

	/* A damaged entry still has to leave; x4check tells. */
	if (rc != 0 || reap_decode(value, &source, &octets, &diag) != 0)
		return rc;
	return source_content(store, source, SOURCE_REMOVE, 1, octets);
}

/* finish_object - take an object that has no slices left off the list */
static int
finish_object(struct store *store, uint64_t id)
{
	struct db_key key = key_id(id);
	int rc = give_back(store, &key);

	/* Charged until the last slice is freed, or a source could fill the
	 * disk faster than it is emptied. */
	if (rc != 0)
		return rc;
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	rc = db_delete(&store->db, DB_REAP, &key);
	if (rc != 0)
		return rc;
	/* Counted down here and not when the first slice goes: a crash finds
	 * the object on the list. */
	store->reap_pending--;
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_finish, .number = 1});
	return 0;
}

/* first_object - find the first object on the list.  ERR_NOTFOUND */
static int
first_object(struct store *store, uint64_t *id)
{
	struct db_key at = {.len = 1}, found;
	int rc;

	/* A key that names no content stands before work that is to be done. */
	while ((rc = db_find(&store->db, DB_REAP, &at, &found)) == 0 &&
	    found.len != 8) {
		db_trouble(&store->db, STORE_RECORD_DAMAGED, "reap: bad key");
		rc = db_delete(&store->db, DB_REAP, &found);
		if (rc != 0)
			return rc;
	}
	if (rc == 0)
		*id = key_number(slice_of(found.octets, found.len), 0, 8);
	return rc;
}

/* store_reap_step - free up to max octets of what nobody uses any more */
int
store_reap_step(struct store *store, size_t max)
{
	uint64_t id;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	while (max > 0) {
		rc = first_object(store, &id);
		if (rc == 0)
			rc = free_slices(store, id, &max);
		if (rc == 0)
			rc = finish_object(store, id);
		if (rc != 0)
			break;
		/* an empty object costs something, too */
		max -= max < 128 ? max : 128;
	}
	db_leave(&store->db);
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc < 0)
		return rc;
	return store->reap_pending > 0 ? 1 : 0;
}

/* store_reap_pending - count the objects that wait to be reaped */
uint64_t
store_reap_pending(const struct store *store)
{
	return store->reap_pending;
}

/* store_reap_owed - sum up the octets of a source that are reaped soon */
uint64_t
store_reap_owed(struct store *store, uint32_t source)
{
	struct db_key at = {.len = 1};
	struct slice key, value;
	uint64_t octets, sum = 0;
	uint32_t owner;
	struct MDB_cursor *cursor;
	int rc;

	/* Asked only when a source is refused, so a look at some entries is
	 * enough. */
	if (store->reap_pending == 0 || db_enter(&store->db) != 0)
		return 0;
	rc = db_cursor(&store->db, DB_REAP, &cursor);
	if (rc != 0)
		goto out;
	rc = db_seek(&store->db, cursor, &at, &key, &value);
	/* A bound, since the answer only says whether waiting is of use. */
	for (unsigned i = 0; rc == 0 && i < STORE_REAP_LOOK; i++) {
		struct diag diag = {.code = 0};

		if (reap_decode(value, &owner, &octets, &diag) == 0 &&
		    owner == source)
			sum += octets;
		rc = db_step(&store->db, cursor, &key, &value);
	}
	db_cursor_close(cursor);
out:
	db_leave(&store->db);
	return sum;
}

/* contents_load - count the objects that wait to be reaped */
int
contents_load(struct store *store, struct diag *diag)
{
	/* Only the number of entries is needed at the start; which objects they
	 * are is seen when they are reaped. */
	int rc = db_entries(&store->db, DB_REAP, &store->reap_pending);

	if (rc != 0)
		diag_set(diag, rc, "%s", store_reason(store));
	return rc;
}

/* is_marked - test whether a partial content has a mark; an unreadable one has
 * none */
static bool
is_marked(struct store *store, const struct db_key *key)
{
	struct store_partial partial = {.content = 0};
	struct diag diag = {.code = 0};
	struct slice value;

	/* A damaged record is no mark: the transfer begins again. */
	return db_get(&store->db, DB_PARTIAL, key, &value) == 0 &&
	    partial_decode(value, &partial, &diag) == 1;
}

/* contents_recover - give up what is partial and bears no mark: nobody took
 * responsibility for it */
int
contents_recover(struct store *store)
{
	struct db_key at = {.len = 1}, found;
	uint64_t id;
	int rc;

	while ((rc = db_find(&store->db, DB_PARTIAL, &at, &found)) == 0) {
		if (found.len != 8) {
			db_trouble(&store->db, STORE_RECORD_DAMAGED,
			    "partial: bad key");
			rc = db_delete(&store->db, DB_PARTIAL, &found);
			if (rc != 0)
				return rc;
			continue;
		}
		id = key_number(slice_of(found.octets, found.len), 0, 8);
		/* The key of the next object, taken before this one is
		 * deleted. */
		at = key_id(id + 1);
		if (is_marked(store, &found))
			continue;
		rc = store_content_discard(store, id);
		if (store_is_damage(rc)) {
			db_trouble(&store->db, STORE_RECORD_DAMAGED, "%s",
			    store_reason(store));
			continue;
		}
		if (rc != 0)
			return rc;
		store->recovery.partial++;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}
