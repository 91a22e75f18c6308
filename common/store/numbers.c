/* SPDX-License-Identifier: ISC */
/*
 * numbers.c - the header: the numbers that were never given yet, ids of all
 * kinds, and the newest time
 *
 * One header record, written once a transaction that took any.  A number that
 * an aborted transaction took was never seen outside and is given again.
 */
#include "store/record.h"
#include "store/state.h"

#define HEADER_KEY "header"

/* A newer time is worth a record so much later (ms). */
#define NEWEST_STEP (UINT64_C(600) * 1000)

static const char *const names[NEXT_COUNT] = {
    [NEXT_MESSAGE] = "next-message",
    [NEXT_CONTENT] = "next-content",
    [NEXT_SESSION] = "next-session",
    [NEXT_BATCH] = "next-batch",
    [NEXT_NOTE] = "next-note",
};

/* decode_uuid - decode the name of the queue, if it has one */
static int
decode_uuid(struct ber_reader *header, uint8_t uuid[STORE_UUID_LEN])
{
	struct slice octets;
	int rc = record_optional_octets(
	    header, NEXT_COUNT + 8, "uuid", STORE_UUID_LEN, &octets);

	if (rc == 0 && octets.len == STORE_UUID_LEN)
		memcpy(uuid, octets.data, STORE_UUID_LEN);
	return rc;
}

/* numbers_decode - decode the header record */
int
numbers_decode(struct slice value, struct numbers *numbers, struct diag *diag)
{
	struct ber_reader inner;
	unsigned i;
	int rc = record_open_to(
	    value, "queue header", RECORD_VERSION_OBJECTS, &inner, diag);

	for (i = 0; i < NEXT_COUNT && rc == 0; i++)
		rc = record_number(
		    &inner, i, names[i], RECORD_NUMBER_MAX, &numbers->next[i]);
	if (rc == 0)
		/* Elements of later releases are optional, so that an older
		 * queue opens. */
		rc = record_optional_number(&inner, NEXT_COUNT, "newest",
		    RECORD_NUMBER_MAX, &numbers->newest);
	if (rc == 0)
		rc = record_optional_number(&inner, NEXT_COUNT + 1, "sources",
		    RECORD_NUMBER_MAX, &numbers->sources);
	if (rc == 0)
		rc = record_optional_number(&inner, NEXT_COUNT + 2, "page",
		    RECORD_NUMBER_MAX, &numbers->page);
	if (rc == 0)
		rc = record_optional_number(&inner, NEXT_COUNT + 3, "copied",
		    RECORD_NUMBER_MAX, &numbers->copied);
	if (rc == 0)
		rc = record_optional_number(&inner, NEXT_COUNT + 4, "restored",
		    RECORD_NUMBER_MAX, &numbers->restored);
	if (rc == 0)
		rc = record_optional_number(&inner, NEXT_COUNT + 5, "envelopes",
		    RECORD_NUMBER_MAX, &numbers->envelopes);
	if (rc == 0)
		rc = owner_decode(&inner, NEXT_COUNT + 6, &numbers->owner);
	if (rc == 0)
		rc = drain_decode(&inner, NEXT_COUNT + 7, &numbers->drain);
	if (rc == 0)
		rc = decode_uuid(&inner, numbers->uuid);
	return record_error(rc);
}

/* make_fresh - begin the numbers of a queue that is new */
static int
make_fresh(struct store *store, struct diag *diag)
{
	uint64_t count = 0;
	/* A new queue and one whose header was lost look alike; only the other
	 * databases tell them apart. */
	int i, rc;

	for (i = 0; i < DB_COUNT; i++) {
		rc = db_entries(&store->db, (enum db_name)i, &count);
		if (rc != 0)
			return rc;
		/* Only a process killed before the first commit leaves none. */
		if (count != 0)
			return diag_set(
			    diag, ERR_CORRUPT, "queue header: missing");
	}
	store->db.fresh = true;
	for (i = 0; i < NEXT_COUNT; i++)
		store->numbers.next[i] = 1;
	return 0;
}

/* numbers_load - load the header record, which only a new queue has not */
int
numbers_load(struct store *store, struct diag *diag)
{
	struct db_key key = key_name(HEADER_KEY);
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_HEADER, &key, &value);
	if (rc == 0) {
		rc = numbers_decode(value, &store->numbers, diag);
		if (rc != 0)
			diag_prefix(diag, "queue header");
	} else if (rc == ERR_NOTFOUND) {
		rc = make_fresh(store, diag);
	}
	/* Undoing a transaction sets the numbers back to these. */
	store->committed_numbers = store->numbers;
	db_leave(&store->db);
	return rc;
}

/* numbers_flush - write them if any was taken, or a newer time was noted */
int
numbers_flush(struct store *store)
{
	struct db_key key = key_name(HEADER_KEY);
	struct ber_writer w;
	unsigned i;
	int rc;

	/* Most transactions take no number, and then write no header. */
	if (!store->db.fresh && !store->numbers.derived &&
	    memcmp(store->numbers.next, store->committed_numbers.next,
		sizeof(store->numbers.next)) == 0 &&
	    store->numbers.newest == store->committed_numbers.newest &&
	    store->numbers.sources == store->committed_numbers.sources &&
	    store->numbers.page == store->committed_numbers.page &&
	    store->numbers.copied == store->committed_numbers.copied &&
	    store->numbers.restored == store->committed_numbers.restored &&
	    store->numbers.envelopes == store->committed_numbers.envelopes &&
	    memcmp(&store->numbers.owner, &store->committed_numbers.owner,
		sizeof(store->numbers.owner)) == 0 &&
	    store->numbers.drain.since ==
		store->committed_numbers.drain.since &&
	    store->numbers.drain.link == store->committed_numbers.drain.link &&
	    memcmp(store->numbers.uuid, store->committed_numbers.uuid,
		STORE_UUID_LEN) == 0)
		return 0;
	buffer_reset(&store->record);
	/* A release that knows no such envelopes would take them for empty: it
	 * refuses the queue as long as there are any. */
	record_begin_as(&w, &store->record,
	    store->numbers.envelopes != 0 ? RECORD_VERSION_OBJECTS
					  : RECORD_VERSION);
	for (i = 0; i < NEXT_COUNT; i++)
		record_put_number(&w, i, store->numbers.next[i]);
	/* Written only if it is set, so that an older release can still open a
	 * queue that never used it. */
	if (store->numbers.newest != 0)
		record_put_number(&w, NEXT_COUNT, store->numbers.newest);
	if (store->numbers.sources != 0)
		record_put_number(&w, NEXT_COUNT + 1, store->numbers.sources);
	if (store->numbers.page != 0)
		record_put_number(&w, NEXT_COUNT + 2, store->numbers.page);
	if (store->numbers.copied != 0)
		record_put_number(&w, NEXT_COUNT + 3, store->numbers.copied);
	if (store->numbers.restored != 0)
		record_put_number(&w, NEXT_COUNT + 4, store->numbers.restored);
	if (store->numbers.envelopes != 0)
		record_put_number(&w, NEXT_COUNT + 5, store->numbers.envelopes);
	owner_encode(&w, NEXT_COUNT + 6, &store->numbers.owner);
	drain_encode(&w, NEXT_COUNT + 7, &store->numbers.drain);
	if (store_uuid(store).len > 0)
		ber_put(&w, BER_CTX(NEXT_COUNT + 8), store_uuid(store));
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_HEADER, &key, buffer_slice(&store->record));
}

/* store_message_last - get the id that was given last */
uint64_t
store_message_last(const struct store *store)
{
	return store->numbers.next[NEXT_MESSAGE] - 1;
}

/* numbers_take - take the next number of a kind */
uint64_t
numbers_take(struct store *store, enum store_number kind)
{
	return store->numbers.next[kind]++;
}

/* store_newest - tell the newest time that was noted */
int64_t
store_newest(const struct store *store)
{
	return (int64_t)store->numbers.newest;
}

/* store_note_time - have the transaction note the time */
void
store_note_time(struct store *store, int64_t now)
{
	uint64_t was = store->numbers.newest,
		 time = now > 0 ? (uint64_t)now : 0;

	/* A step of ten minutes keeps the header from being written with every
	 * transaction. */
	if (time >= was + NEWEST_STEP || time + NEWEST_STEP <= was)
		store->numbers.newest = time;
}
