/* SPDX-License-Identifier: ISC */
/*
 * delivery.c - files that are being made for a postoffice, one a message
 *
 * See intake.h.  On disk alone: a note is asked for when its message is
 * delivered, and leaves with it.
 */
#include "store/record.h"
#include "store/state.h"

/* delivery_decode - decode the note of a delivery; its name borrows from
 * value */
int
delivery_decode(
    struct slice value, struct store_delivery *delivery, struct diag *diag)
{
	struct store_delivery d = {.message = delivery->message};
	struct ber_reader in;
	uint64_t state;
	int rc = record_open(value, "delivery note", &in, diag);

	if (rc == 0)
		rc =
		    record_number(&in, 0, "state", STORE_DELIVERY_DONE, &state);
	if (rc == 0)
		rc = record_octets(
		    &in, 1, "name", 1, STORE_FILE_NAME_MAX, &d.name);
	if (rc != 0)
		return record_error(rc);
	d.state = (enum store_delivery_state)state;
	*delivery = d;
	return 0;
}

/* has_message - check that there is such a message: 0 or ERR_NOTFOUND */
static int
has_message(struct store *store, uint64_t id)
{
	struct db_key key = key_message(id, 0);
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_MESSAGES, &key, &value);
	db_leave(&store->db);
	return rc;
}

/* store_delivery_note - note the delivery of a message */
int
store_delivery_note(struct store *store, const struct store_delivery *delivery)
{
	struct db_key key = key_id(delivery->message);
	struct ber_writer w;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* A note without a name could not be followed, and one that is too long
	 * would not be read again. */
	if (delivery->name.len == 0 || delivery->name.len > STORE_FILE_NAME_MAX)
		return store_error(store, ERR_LIMIT, "delivery note: its name");
	/* A note without its message would stay for ever: nothing deletes
	 * it. */
	rc = has_message(store, delivery->message);
	if (rc != 0)
		return rc;
	buffer_reset(&store->record);
	record_begin(&w, &store->record);
	record_put_number(&w, 0, delivery->state);
	ber_put(&w, BER_CTX(1), delivery->name);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_DELIVERY, &key, buffer_slice(&store->record));
}

/* store_delivery_get - get the note of a delivery */
int
store_delivery_get(struct store *store, uint64_t message, struct arena *arena,
    struct store_delivery *delivery)
{
	struct store_delivery d = {.message = message};
	struct db_key key = key_id(message);
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_DELIVERY, &key, &value);
	/* Decoded where it lies, then copied: the map moves with the next
	 * transaction. */
	if (rc == 0) {
		rc = delivery_decode(value, &d, &diag);
		if (rc != 0)
			rc = store_error(store, rc, "message %llu: %s",
			    (unsigned long long)message, diag_text(&diag));
	}
	if (rc == 0)
		rc = arena_slice(arena, d.name, &d.name);
	if (rc == 0)
		*delivery = d;
	db_leave(&store->db);
	return rc;
}

/* store_delivery_forget - delete the note of a delivery */
int
store_delivery_forget(struct store *store, uint64_t message)
{
	struct db_key key = key_id(message);

	return db_delete(&store->db, DB_DELIVERY, &key);
}
