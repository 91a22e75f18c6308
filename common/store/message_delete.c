/* SPDX-License-Identifier: ISC */
/*
 * message_delete.c - take messages out of the queue with all that is theirs, or
 * put others in their place
 *
 * See message.h.
 */
#include "store/record.h"
#include "store/state.h"

/* delete_parts - delete those from a part on, holes or not; what is on a
 * damaged page is left to a repair */
static int
delete_parts(struct store *store, uint64_t id, unsigned part)
{
	struct db_key at = key_message(id, part), found;
	struct slice value;
	int rc;

	while ((rc = db_find(&store->db, DB_MESSAGES, &at, &found)) == 0) {
		/* Keys of the next message begin here: this one's parts are at
		 * an end. */
		if (found.len != 10 || memcmp(found.octets, at.octets, 8) != 0)
			return 0;
		at = key_message(id,
		    1U +
			(unsigned)key_number(
			    slice_of(found.octets, found.len), 8, 2));
		rc = db_get(&store->db, DB_MESSAGES, &found, &value);
		/* The page is left to the repair: deleting the value would free
		 * pages as its damaged header says. */
		if (rc == ERR_CORRUPT)
			continue;
		rc = db_delete(&store->db, DB_MESSAGES, &found);
		if (rc != 0)
			return rc;
		store->db.staged += STORE_SLICE;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* delete_damaged - delete a record that cannot be decoded */
static int
delete_damaged(struct store *store, uint64_t id)
{
	unsigned removed = 0;
	/* The record says nothing of its own entry, so every index is
	 * searched. */
	int rc = index_remove_all(store, id, &removed);

	if (rc == 0)
		rc = delete_parts(store, id, 0);
	if (rc == 0)
		rc = store_delivery_forget(store, id);
	if (rc == 0 || rc == ERR_NOTFOUND)
		rc = counts_recount(store);
	return rc;
}

/* delete_record - delete the values of a record */
static int
delete_record(struct store *store, uint64_t id, const struct record_body *body)
{
	struct db_key key = key_message(id, 0);
	int rc = db_delete(&store->db, DB_MESSAGES, &key);

	/* Deleting writes too: the pages that become free are listed in the
	 * transaction. */
	store->db.staged +=
	    body->outside ? STORE_SLICE : body->envelope + body->content;
	if (rc == 0 && body->outside)
		rc = delete_parts(store, id, 1);
	return rc;
}

/* store_message_delete - take a message out of the queue */
int
store_message_delete(struct store *store, uint64_t id)
{
	struct store_message m;
	struct record_body body;
	bool damaged;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	rc = message_load(store, id, &m, &body);
	damaged = store_is_damage(rc);
	/* A record that cannot be read must not stay for ever; what it held is
	 * left to x4check. */
	if (damaged) {
		rc = delete_damaged(store, id);
		if (rc != 0)
			db_fail(&store->db, rc);
	}
	if (rc != 0 || damaged)
		goto out;
	/* The entry first: without it nobody can be given the message while the
	 * rest is deleted. */
	rc = index_remove(store, &m);
	if (rc != 0)
		goto out;
	rc = delete_record(store, id, &body);
	if (rc == 0)
		rc = counts_remove(store, &m);
	if (rc == 0)
		rc = source_record(store, &m, &body, SOURCE_REMOVE);
	/* An object goes with its last user, and only as an entry of the reap
	 * list. */
	if (rc == 0 && m.content_id != 0)
		rc = content_release(store, m.content_id);
	if (rc == 0 && m.envelope_id != 0) {
		rc = content_release(store, m.envelope_id);
		/* The first release that had any did not count them. */
		store->numbers.envelopes -= store->numbers.envelopes > 0;
	}
	if (rc == 0)
		rc = store_delivery_forget(store, id);
	/* Most messages have no delivery note. */
	if (rc == ERR_NOTFOUND)
		rc = 0;
	if (rc != 0)
		db_fail(&store->db, rc);
out:
	db_leave(&store->db);
	return rc;
}

/* store_message_replace - put a message in the place of another */
int
store_message_replace(struct store *store, const struct store_message *message)
{
	struct store_message m = *message;
	/* The new record uses their content before the old one leaves it, or a
	 * content that both have would be reaped. */
	int rc = message_prepare(store, &m);

	if (rc == 0)
		rc = store_message_delete(store, m.id);
	return rc == 0 ? message_insert(store, &m, MESSAGE_OVER) : rc;
}
