/* SPDX-License-Identifier: ISC */
/*
 * check_tables.c - links, sessions, batches, notes of files, tracking
 */
#include "check/check_state.h"
#include "track/track.h"

/* check_links - check the links, by loading them as store_open does */
void
check_links(struct check *check)
{
	struct diag diag = {.code = 0};
	uint64_t before = check->result.findings;
	int rc = links_load(&check->store, &diag);

	if (rc == ERR_NOMEM)
		check->nomem = true;
	else if (rc != 0)
		check_finding(
		    check, "links", 0, "%s", check_reason(check, &diag));
	if (check->result.findings != before)
		check_causes(check, CHECK_LINKS);
	check->result.links = check->store.links.count;
}

/* source_row - compare a count of a source with what was found */
static int
source_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct diag reason = {.code = 0};

	(void)diag;
	if (key.len == 10 && key_number(key, 4, 1) == KEY_SOURCE &&
	    source_compare(store, key, value, &reason) != 0)
		check_follow_up(check_of(store),
		    CHECK_MESSAGES | CHECK_OBJECTS | CHECK_LINKS, "counts", 0,
		    "%s", diag_text(&reason));
	return 0;
}

/* check_sources - compare what sources hold; a queue of an older release has
 * no such counts yet */
void
check_sources(struct check *check)
{
	uint32_t source, link;

	if (check->store.numbers.sources == 0 || check->nomem)
		return;
	check_walk(check, DB_COUNTS, source_row);
	if (check->result.findings == 0 &&
	    source_missing(&check->store, &source, &link))
		check_finding(check, "counts", 0, "source %u link %u: missing",
		    source, link);
}

/* session_row - check the record of a session or of one of its transfers */
static int
session_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct session_record session;
	struct transfer_record transfer;
	struct diag reason = {.code = 0};
	uint64_t id, slot;
	int rc;

	(void)diag;
	if (key.len != 9) {
		check_finding(check, "sessions", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	slot = key_number(key, 8, 1);
	check_seen(check, NEXT_SESSION, id);
	if (slot == 0) {
		check->session = id;
		check->result.sessions++;
		rc = session_record_decode(value, &session, &reason);
	} else {
		rc = transfer_decode(value, &transfer, &reason);
		/* Slots are a ring of the last activities: each lies where its
		 * number leads, or a resumption would not find it. */
		if (rc == 0 &&
		    (id != check->session ||
			session_slot(transfer.activity) + 1 != slot))
			check_finding(check, "session", id,
			    "slot %llu is not its own",
			    (unsigned long long)slot);
	}
	if (rc != 0)
		check_finding(check, "session", id, "%s", diag_text(&reason));
	return 0;
}

/* check_batch - check the record of a batch */
static int
check_batch(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct store_batch batch = {.id = 0};
	struct diag reason = {.code = 0};
	uint64_t id;

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "batches", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	check_seen(check, NEXT_BATCH, id);
	if (batch_decode(value, &batch, &reason) != 0) {
		check_finding(check, "batch", id, "%s", diag_text(&reason));
		return 0;
	}
	if (batch.link > store->links.count)
		check_finding(
		    check, "batch", id, "there is no link %u", batch.link);
	/* A batch may name messages that have left, but none of the future. */
	for (unsigned i = 0; i < batch.count; i++)
		check_seen(check, NEXT_MESSAGE, batch.messages[i]);
	return 0;
}

/* check_sessions - check the sessions of callers and the batches of our own */
void
check_sessions(struct check *check)
{
	check_walk(check, DB_SESSIONS, session_row);
	check_walk(check, DB_BATCHES, check_batch);
}

/* intake_row - check the note of a file that was taken */
static int
intake_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct diag reason = {.code = 0};
	struct store_file file;
	uint64_t message, id;

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "intake", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	check_seen(check, NEXT_NOTE, id);
	if (intake_decode(value, &file, &message, &reason) != 0) {
		check_finding(
		    check, "intake note", id, "%s", diag_text(&reason));
		return 0;
	}
	check_seen(check, NEXT_MESSAGE, message);
	if (file.postoffice > store->links.count)
		check_finding(check, "intake note", id,
		    "there is no postoffice %u", file.postoffice);
	return 0;
}

/* delivery_row - check the note of a file that is being made */
static int
delivery_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct store_delivery delivery = {.message = 0};
	struct diag reason = {.code = 0};
	struct db_key message;
	uint64_t id;

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "delivery", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	message = key_message(id, 0);
	if (delivery_decode(value, &delivery, &reason) != 0)
		check_finding(
		    check, "delivery note", id, "%s", diag_text(&reason));
	if (!check_exists(check, DB_MESSAGES, &message))
		check_finding(
		    check, "delivery note", id, "there is no such message");
	return 0;
}

/* tracking_row - check the key of a page of tracking, and that it is one */
static int
tracking_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct diag reason = {.code = 0};
	struct track_reader reader;

	(void)diag;
	if (key.len != 8)
		check_finding(check, "tracking", 0, "bad key");
	else if (track_open(&reader, value, NULL, &reason) != 0)
		check_finding(check, "tracking page", key_number(key, 0, 8),
		    "%s", diag_text(&reason));
	return 0;
}

/* memory_row - check the key of a page for mixer-memory */
static int
memory_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	if (key.len != 8)
		check_finding(check_of(store), "memory", 0, "bad key");
	return 0;
}

/* check_notes - check the notes of files, taken and made, and what is for the
 * tracker */
void
check_notes(struct check *check)
{
	check_walk(check, DB_INTAKE, intake_row);
	check_walk(check, DB_DELIVERY, delivery_row);
	check_walk(check, DB_TRACKING, tracking_row);
	check_walk(check, DB_MEMORY, memory_row);
}
