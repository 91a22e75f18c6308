/* SPDX-License-Identifier: ISC */
/*
 * derive.c - the next numbers, and what sources hold, from all that is in the
 * queue
 *
 * No number may be given twice: messages that have left the queue are known by
 * theirs to peers and to logs.  So the numbers go on far beyond the highest
 * that is found, and not right behind it.
 */
#include "store/record.h"
#include "store/session_state.h"

/* note_number - note that a number of a kind was found in use */
static void
note_number(struct store *store, enum store_number kind, uint64_t number)
{
	uint64_t *next = &store->numbers.next[kind];

	/* A number near the end is taken for damage: believing it would leave
	 * no numbers to give. */
	if (number >= *next && number < RECORD_NUMBER_MAX - 2 * NUMBERS_GAP)
		*next = number + 1;
}

/* message_row, content_row, session_row, note_batch_numbers, note_row - note
 * the numbers that are the key of a record, or stand in it */
static int
message_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_message message = {.id = 0};
	struct record_body body;

	/* A key of any other length is no message's and says nothing. */
	if (key.len != 10)
		return 0;
	note_number(store, NEXT_MESSAGE, key_number(key, 0, 8));
	if (key_number(key, 8, 2) == 0 &&
	    record_decode_message(value, &message, &body, diag) == 0)
		store->numbers.envelopes += message.envelope_id != 0;
	diag_clear(diag);
	return 0;
}

static int
content_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	if (key.len >= 8)
		note_number(store, NEXT_CONTENT, key_number(key, 0, 8));
	return 0;
}

static int
session_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct transfer_record transfer;

	if (key.len != 9)
		return 0;
	note_number(store, NEXT_SESSION, key_number(key, 0, 8));
	if (key_number(key, 8, 1) != 0 &&
	    transfer_decode(value, &transfer, diag) == 0)
		/* A message that has left is still named by the transfers that
		 * brought it. */
		note_number(store, NEXT_MESSAGE, transfer.message);
	diag_clear(diag);
	return 0;
}

static int
note_batch_numbers(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_batch batch = {.count = 0};
	unsigned i;

	if (key.len != 8)
		return 0;
	note_number(store, NEXT_BATCH, key_number(key, 0, 8));
	/* Batches name messages whose fate with a peer is open; giving their
	 * numbers again would mix them up. */
	if (batch_decode(value, &batch, diag) == 0)
		for (i = 0; i < batch.count; i++)
			note_number(store, NEXT_MESSAGE, batch.messages[i]);
	diag_clear(diag);
	return 0;
}

static int
note_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_file file;
	uint64_t message;

	if (key.len != 8)
		return 0;
	note_number(store, NEXT_NOTE, key_number(key, 0, 8));
	if (intake_decode(value, &file, &message, diag) == 0)
		note_number(store, NEXT_MESSAGE, message);
	diag_clear(diag);
	return 0;
}

/* derive_numbers - derive the next numbers from all that is in the queue */
int
derive_numbers(struct store *store, struct diag *diag)
{
	static const struct {
		enum db_name name;
		store_load_row row;
	} pass[] = {
	    {DB_MESSAGES, message_row},
	    {DB_OBJECTS, content_row},
	    {DB_SLICES, content_row},
	    {DB_PARTIAL, content_row},
	    {DB_REAP, content_row},
	    {DB_SESSIONS, session_row},
	    {DB_BATCHES, note_batch_numbers},
	    {DB_INTAKE, note_row},
	};
	unsigned i;
	int rc = 0;

	for (i = 0; i < NEXT_COUNT; i++)
		store->numbers.next[i] = 1;
	store->numbers.envelopes = 0;
	for (i = 0; i < sizeof(pass) / sizeof(pass[0]) && rc == 0; i++)
		rc = store_load(store, pass[i].name, pass[i].row, diag);
	/* A gap, because the newest messages may have left the queue without a
	 * trace and are known to logs and peers. */
	for (i = 0; i < NEXT_COUNT; i++)
		store->numbers.next[i] += NUMBERS_GAP;
	store->numbers.derived = rc == 0;
	return rc;
}

/* held_message - count one record for its source; what cannot be read is told
 * where somebody needs it */
static int
held_message(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_message message = {.id = 0};
	struct record_body body;

	if (key.len == 10 && key_number(key, 8, 2) == 0 &&
	    record_decode_message(value, &message, &body, diag) == 0)
		return source_record(store, &message, &body, SOURCE_ADD);
	diag_clear(diag);
	return 0;
}

/* held_object - count a sealed content for its source */
static int
held_object(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct object_record object;

	if (key.len == 8 && object_decode(value, &object, diag) == 0)
		return source_content(
		    store, object.source, SOURCE_ADD, 1, object.length);
	diag_clear(diag);
	return 0;
}

/* held_partial - count a content that is not sealed for its source */
static int
held_partial(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_partial partial = {.source = STORE_SOURCE_NOBODY};
	struct db_key at;
	struct slice object;
	uint64_t length = 0;

	if (key.len != 8 || partial_decode(value, &partial, diag) < 0) {
		diag_clear(diag);
		return 0;
	}
	at = key_id(key_number(key, 0, 8));
	/* Sealed contents have a record of their own, and are counted by
	 * that. */
	if (partial.source == STORE_SOURCE_NOBODY ||
	    db_get(&store->db, DB_OBJECTS, &at, &object) == 0 ||
	    store_content_length(store, key_number(key, 0, 8), &length) != 0)
		return 0;
	return source_content(store, partial.source, SOURCE_ADD, 1, length);
}

/* held_reaped - count a content that is to be reaped for its source */
static int
held_reaped(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	uint32_t source;
	uint64_t octets;

	(void)key;
	if (reap_decode(value, &source, &octets, diag) == 0)
		return source_content(store, source, SOURCE_ADD, 1, octets);
	diag_clear(diag);
	return 0;
}

/* derive_sources - make the counts from all that is in the queue */
int
derive_sources(struct store *store)
{
	static const struct {
		enum db_name name;
		store_load_row row;
	} pass[] = {{DB_MESSAGES, held_message}, {DB_OBJECTS, held_object},
	    {DB_PARTIAL, held_partial}, {DB_REAP, held_reaped}};
	struct diag diag = {.code = 0};
	unsigned i;
	int rc = 0;

	/* All to zero and then counted again, so that sources with nothing left
	 * lose their record too. */
	tally_zero(store, &store->sources);
	for (i = 0; i < sizeof(pass) / sizeof(pass[0]) && rc == 0; i++)
		rc = store_load(store, pass[i].name, pass[i].row, &diag);
	if (rc == 0)
		store->numbers.sources = 1;
	return rc;
}

/* recount_row - add the message of a record to its count */
static int
recount_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_message m = {.id = 0};
	struct record_body body;

	/* Bounds are checked as in the store itself: a damaged record may name
	 * any link and any hour. */
	/* A record that cannot be read is told where it is used. */
	if (key.len != 10 || key_number(key, 8, 2) != 0 ||
	    record_decode_message(value, &m, &body, diag) != 0 ||
	    m.link > store->links.count ||
	    m.arrival / STORE_HOUR_MS > UINT32_MAX) {
		diag_clear(diag);
		return 0;
	}
	return counts_add(store, &m);
}

/* counts_derive - make the counts from the messages, in memory */
int
counts_derive(struct store *store, struct diag *diag)
{
	int rc;

	tally_reset(store, &store->counts.table);
	rc = store_load(store, DB_MESSAGES, recount_row, diag);
	store->counts.derived = rc == 0;
	return rc;
}

/* counts_recount - make the counts from the messages that can be read */
int
counts_recount(struct store *store)
{
	struct diag diag = {.code = 0};
	int rc;

	tally_zero(store, &store->counts.table);
	rc = store_load(store, DB_MESSAGES, recount_row, &diag);
	/* Counts of sources depend on the same records, so they are made in the
	 * same transaction. */
	return rc == 0 ? derive_sources(store) : rc;
}
