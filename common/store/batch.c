/* SPDX-License-Identifier: ISC */
/*
 * batch.c - what was, or is being, sent on our own associations
 *
 * See session.h.  On disk alone: batches are read when qmgr starts.
 */
#include "store/record.h"
#include "store/session_state.h"

/* store_batch_add - write a batch before anything of it is sent */
int
store_batch_add(struct store *store, struct store_batch *batch)
{
	struct db_key key;
	/* The number is only looked at here, and taken when the record is
	 * written: a failure leaves it for the next batch. */
	uint64_t count, id = store->numbers.next[NEXT_BATCH];
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (batch->count == 0 || batch->count > STORE_BATCH_MAX ||
	    batch->first_activity > INT64_MAX || batch->time < 0)
		return store_error(
		    store, ERR_LIMIT, "batch: its size or a number");
	/* A bound, because every batch is in memory too and a peer that breaks
	 * associations makes one with each. */
	rc = db_entries(&store->db, DB_BATCHES, &count);
	if (rc == 0 && count >= STORE_BATCHES_MAX)
		rc = store_error(store, ERR_LIMIT, "batches: too many");
	if (rc != 0)
		return rc;
	buffer_reset(&store->record);
	rc = batch_encode(batch, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	key = key_id(id);
	rc = db_put(&store->db, DB_BATCHES, &key, buffer_slice(&store->record));
	if (rc == 0)
		batch->id = numbers_take(store, NEXT_BATCH);
	return rc;
}

/* store_batch_remove - remove a batch */
int
store_batch_remove(struct store *store, uint64_t id)
{
	struct db_key key = key_id(id);

	return db_delete(&store->db, DB_BATCHES, &key);
}

/* batch_load - read and decode the record of a batch into the arena */
static int
batch_load(struct store *store, uint64_t id, struct arena *arena,
    struct store_batch *batch)
{
	struct store_batch b = {.id = id};
	struct db_key key = key_id(id);
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_BATCHES, &key, &value);
	if (rc == 0)
		rc = arena_slice(arena, value, &value);
	db_leave(&store->db);
	if (rc != 0)
		return rc;
	rc = batch_decode(value, &b, &diag);
	if (rc != 0)
		return store_error(store, rc, "batch %llu: %s",
		    (unsigned long long)id, diag_text(&diag));
	*batch = b;
	return 0;
}

/* Numbers of batches increase, so their order on disk is the order in which
 * names were given. */
/* store_batch_next - get the next batch in order of id */
int
store_batch_next(struct store *store, uint64_t after, struct arena *arena,
    struct store_batch *batch)
{
	struct db_key at, found;
	int rc;

	if (after == UINT64_MAX)
		return ERR_NOTFOUND;
	at = key_id(after + 1);
	while ((rc = db_find(&store->db, DB_BATCHES, &at, &found)) == 0) {
		rc = found.len != 8
		    ? store_error(store, ERR_CORRUPT, "batches: bad key")
		    : batch_load(store,
			  key_number(slice_of(found.octets, 8), 0, 8), arena,
			  batch);
		if (!store_is_damage(rc))
			return rc;
		/* A batch that cannot be read costs its names: its messages are
		 * sent again as if for the first time, and mail goes on. */
		db_trouble(&store->db, STORE_RECORD_DAMAGED, "%s",
		    store_reason(store));
		at = found;
		/* The longest key there is has no successor that could be
		 * written. */
		if (at.len == KEY_MAX)
			return ERR_NOTFOUND;
		at.octets[at.len++] = 0;
	}
	return rc;
}
