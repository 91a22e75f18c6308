/* SPDX-License-Identifier: ISC */
/*
 * index.c - the one index entry of each record, and the cursors over them
 *
 * See message.h.  An entry that should be there and is not, or the other way
 * round, is ERR_CORRUPT before anything was changed.
 */
#include "store/state.h"

/* index_key - the database and key of the entry that a record has */
enum db_name
index_key(const struct store_message *message, struct db_key *key)
{
	switch (message->state) {
	case STORE_READY:
		*key = key_ready(message->link, message->priority, message->id);
		return DB_READY;
	case STORE_DEFERRED:
		*key = key_deferred(message->next_try, message->id);
		return DB_DEFERRED;
	case STORE_HELD:
	case STORE_QUARANTINED:
		break;
	}
	*key = key_held(message->state, message->id);
	return DB_HELD;
}

/* index_add - the entry of a record */
int
index_add(struct store *store, const struct store_message *message)
{
	struct db_key key;
	enum db_name name = index_key(message, &key);

	return db_put(&store->db, name, &key, slice_of(NULL, 0));
}

/* index_remove - it must be there */
int
index_remove(struct store *store, const struct store_message *message)
{
	struct db_key key;
	enum db_name name = index_key(message, &key);
	int rc = db_delete(&store->db, name, &key);

	if (rc == ERR_NOTFOUND)
		return store_error(store, ERR_CORRUPT,
		    "message %llu: not in index %s",
		    (unsigned long long)message->id, db_name(name));
	return rc;
}

/* store_message_next - in order of id */
int
store_message_next(struct store *store, uint64_t after, uint64_t *id)
{
	struct db_key at, found;
	int rc;

	if (after == UINT64_MAX)
		return ERR_NOTFOUND;
	at = key_message(after + 1, 0);
	rc = db_find(&store->db, DB_MESSAGES, &at, &found);
	if (rc != 0)
		return rc;
	if (found.len != 10)
		return store_error(store, ERR_CORRUPT, "messages: bad key");
	*id = key_number(slice_of(found.octets, found.len), 0, 8);
	return 0;
}

/* store_ready_next - of one link's and priority's ready ones */
int
store_ready_next(struct store *store, uint32_t link,
    enum store_priority priority, uint64_t after, uint64_t *id)
{
	struct db_key at, found;
	int rc;

	if (after == UINT64_MAX)
		return ERR_NOTFOUND;
	at = key_ready(link, priority, after + 1);
	rc = db_find(&store->db, DB_READY, &at, &found);
	if (rc != 0)
		return rc;
	if (found.len != 13)
		return store_error(store, ERR_CORRUPT, "ready: bad key");
	if (memcmp(found.octets, at.octets, 5) != 0)
		return ERR_NOTFOUND;
	*id = key_number(slice_of(found.octets, found.len), 5, 8);
	return 0;
}

/* store_deferred_next - of the deferred ones, the earliest first */
int
store_deferred_next(struct store *store, int64_t *time, uint64_t *id)
{
	struct db_key at, found;
	struct slice key;
	int rc;

	at = *time < 0 ? key_deferred(0, 0) : key_deferred(*time, *id + 1);
	rc = db_find(&store->db, DB_DEFERRED, &at, &found);
	if (rc != 0)
		return rc;
	key = slice_of(found.octets, found.len);
	if (key.len != 16 || key_number(key, 0, 8) > INT64_MAX)
		return store_error(store, ERR_CORRUPT, "deferred: bad key");
	*time = (int64_t)key_number(key, 0, 8);
	*id = key_number(key, 8, 8);
	return 0;
}

/* store_held_next - of those held, or quarantined */
int
store_held_next(
    struct store *store, enum store_state state, uint64_t after, uint64_t *id)
{
	struct db_key at, found;
	int rc;

	if (after == UINT64_MAX)
		return ERR_NOTFOUND;
	at = key_held(state, after + 1);
	rc = db_find(&store->db, DB_HELD, &at, &found);
	if (rc != 0)
		return rc;
	if (found.len != 9)
		return store_error(store, ERR_CORRUPT, "held: bad key");
	if (found.octets[0] != at.octets[0])
		return ERR_NOTFOUND;
	*id = key_number(slice_of(found.octets, found.len), 1, 8);
	return 0;
}

/* store_state_name - "ready" and so on */
const char *
store_state_name(enum store_state state)
{
	switch (state) {
	case STORE_READY:
		return "ready";
	case STORE_DEFERRED:
		return "deferred";
	case STORE_HELD:
		return "held";
	case STORE_QUARANTINED:
		return "quarantined";
	}
	return "unknown";
}
