/* SPDX-License-Identifier: ISC */
/*
 * aside.c - messages whose records, entries or contents are damaged
 *
 * See message.h.
 */
#include "store/record.h"
#include "store/state.h"

/* quarantine_undecoded - leave the octets, and one entry */
static int
quarantine_undecoded(struct store *store, uint64_t id)
{
	struct db_key entry = key_held(STORE_QUARANTINED, id);
	unsigned removed = 0;
	int rc = index_remove_all(store, id, &removed);

	/* Every entry must go, whichever the record had: a single one left
	 * would offer the message to a worker again. */
	if (rc == 0)
		rc = db_put(&store->db, DB_HELD, &entry, slice_of(NULL, 0));
	/* The record's place in the counts cannot be read, so they are made
	 * anew from the records that can. */
	return rc == 0 ? counts_recount(store) : rc;
}

/* drop_entries - delete the entries of a record that is not there */
static int
drop_entries(struct store *store, uint64_t id)
{
	unsigned removed = 0;
	int rc = index_remove_all(store, id, &removed);

	if (rc == 0 && removed == 0)
		return ERR_NOTFOUND;
	if (rc == 0)
		db_trouble(&store->db, STORE_RECORD_DAMAGED,
		    "message %llu: an index entry without its record",
		    (unsigned long long)id);
	return rc;
}

/* quarantine_head - give a record that can be decoded another state */
static int
quarantine_head(
    struct store *store, const struct store_message *head, const char *reason)
{
	/* The message leaves the way of others and keeps its octets, so that an
	 * administrator can repair and resume it. */
	struct store_message m = *head;

	m.state = STORE_QUARANTINED;
	/* The reason may quote the file, and is cut rather than refused. */
	m.reason = slice_of_string(reason);
	if (m.reason.len > STORE_REASON_MAX)
		m.reason.len = STORE_REASON_MAX;
	return store_message_update(store, &m);
}

/* store_message_aside - take a damaged message out of the way */
int
store_message_aside(struct store *store, uint64_t id, const char *reason)
{
	struct store_message m;
	struct arena arena;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* The head alone is decoded: a damaged body must not keep the message
	 * from being set aside. */
	arena_init(&arena, 4 * STORE_SLICE);
	rc = store_message_get(store, id, STORE_HEAD, &arena, &m);
	if (rc == 0)
		rc = quarantine_head(store, &m, reason);
	else if (rc == ERR_NOTFOUND)
		rc = drop_entries(store, id);
	else if (store_is_damage(rc))
		rc = quarantine_undecoded(store, id);
	arena_fini(&arena);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return db_fail(&store->db, rc);
	return rc;
}

/* is_aside - test whether a record is among the quarantined */
static bool
is_aside(struct store *store, uint64_t id)
{
	struct db_key entry = key_held(STORE_QUARANTINED, id);
	struct slice value;

	return db_get(&store->db, DB_HELD, &entry, &value) == 0;
}

/* check_sound - check that what a record asks for is there */
static int
check_sound(struct store *store, const struct store_message *m)
{
	struct db_key entry;
	enum db_name name = index_key(m, &entry);
	struct slice value;
	int rc;

	/* Held and quarantined messages wait for an administrator, so a missing
	 * entry harms nobody. */
	if (m->state == STORE_HELD || m->state == STORE_QUARANTINED)
		return 0;
	if (m->link > store->links.count)
		return store_error(store, ERR_CORRUPT,
		    "message %llu: there is no link %u",
		    (unsigned long long)m->id, m->link);
	rc = db_get(&store->db, name, &entry, &value);
	if (rc == ERR_NOTFOUND)
		return store_error(store, ERR_CORRUPT,
		    "message %llu: is %s, and not in its index",
		    (unsigned long long)m->id, store_state_name(m->state));
	if (rc == 0 && m->content_id != 0)
		rc = content_exists(store, m->content_id);
	if (rc == 0 && m->envelope_id != 0)
		rc = content_exists(store, m->envelope_id);
	return rc;
}

/* store_message_sound - check that a message can be sent */
int
store_message_sound(struct store *store, uint64_t id)
{
	struct db_key key = key_message(id, 0);
	struct store_message m;
	struct record_body body;
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_MESSAGES, &key, &value);
	if (rc == 0)
		rc = message_decode(store, id, value, &m, &body);
	if (rc == 0)
		rc = check_sound(store, &m);
	/* Quarantined for damage already: reporting it once is enough. */
	else if (rc != ERR_NOTFOUND && is_aside(store, id))
		rc = 0;
	db_leave(&store->db);
	return rc;
}
