/* SPDX-License-Identifier: ISC */
/*
 * repair_copy.c - copy what can be read of a damaged database into a new one
 *
 * See repair_state.h.  Entries of the tree are known by the database that they
 * are in.  An entry outside of it is known by the length of its key, and by
 * what its value can be decoded as; it is taken only where the tree has none
 * with that key.  What is derived (ready, deferred, held, counts) is not
 * copied, and what waits to be reaped only from the tree.
 */
#include <stdio.h>

#include "check/repair_state.h"

/* No id reaches this; so no key that is a name looks like one. */
#define ID_LIMIT ((uint64_t)1 << 56)
/* No record of a count is as long as this. */
#define COUNT_MAX 40

/* examine_session - check a session's record, or one of its transfers */
static int
examine_session(struct slice key, struct slice value, struct diag *diag)
{
	struct session_record session;
	struct transfer_record transfer;
	int rc;

	if (key.len != 9)
		return diag_set(diag, ERR_CORRUPT, "bad key");
	if (key_number(key, 8, 1) == 0)
		return session_record_decode(value, &session, diag);
	rc = transfer_decode(value, &transfer, diag);
	if (rc == 0 &&
	    session_slot(transfer.activity) + 1 != key_number(key, 8, 1))
		rc = diag_set(diag, ERR_CORRUPT, "the slot is not its own");
	return rc;
}

/* examine_message - check a message's record; of a part of a body its size */
static int
examine_message(struct slice key, struct slice value, struct diag *diag)
{
	struct store_message m = {.id = 0};
	struct record_body body;
	int rc;

	if (key.len != 10 || key_number(key, 0, 8) == 0 ||
	    value.len > STORE_SLICE)
		return diag_set(diag, ERR_CORRUPT, "bad key or length");
	if (key_number(key, 8, 2) != 0)
		return 0;
	rc = record_decode_message(value, &m, &body, diag);
	/* Octets that are no record may happen to decode as one. */
	if (rc == 0 &&
	    (m.next_try < 0 || m.arrival < 0 || m.link > STORE_LINKS_MAX ||
		m.from_link > STORE_LINKS_MAX ||
		m.arrival / 3600000 > UINT32_MAX))
		rc = diag_set(diag, ERR_CORRUPT, "out of range");
	return rc;
}

/* examine_id - check a record whose key is an id */
static int
examine_id(
    enum db_name name, struct slice key, struct slice value, struct diag *diag)
{
	struct store_partial partial = {.content = 0};
	struct store_batch batch = {.count = 0};
	struct store_delivery delivery = {.message = 0};
	struct object_record object;
	struct store_file file;
	uint32_t source;
	uint64_t a;
	int rc;

	if (key.len != 8)
		return diag_set(diag, ERR_CORRUPT, "bad key");
	switch (name) {
	case DB_OBJECTS:
		return object_decode(value, &object, diag);
	case DB_PARTIAL:
		rc = partial_decode(value, &partial, diag);
		return rc < 0 ? rc : 0;
	case DB_BATCHES:
		rc = batch_decode(value, &batch, diag);
		return rc == 0 && batch.link > STORE_LINKS_MAX ? ERR_CORRUPT
							       : rc;
	case DB_INTAKE:
		rc = intake_decode(value, &file, &a, diag);
		return rc == 0 && file.postoffice > STORE_LINKS_MAX
		    ? ERR_CORRUPT
		    : rc;
	case DB_DELIVERY:
		return delivery_decode(value, &delivery, diag);
	case DB_REAP:
		return reap_decode(value, &source, &a, diag);
	case DB_HEADER:
	case DB_MESSAGES:
	case DB_READY:
	case DB_DEFERRED:
	case DB_HELD:
	case DB_SLICES:
	case DB_COUNTS:
	case DB_LINKS:
	case DB_SESSIONS:
	case DB_TRACKING:
	case DB_MEMORY:
	case DB_EXPIRING:
	case DB_COUNT:
		break;
	}
	return 0;
}

/* examine_link - check a link's record */
static int
examine_link(struct slice key, struct slice value, struct diag *diag)
{
	struct store_link link;
	int rc = link_decode(key, value, &link, diag);

	if (rc == 0 && (link.number == 0 || link.number > STORE_LINKS_MAX))
		rc = diag_set(diag, ERR_CORRUPT, "bad number");
	return rc;
}

/* examine - check an entry of a database */
static int
examine(
    enum db_name name, struct slice key, struct slice value, struct diag *diag)
{
	if (value.data == NULL && value.len != 0)
		return diag_set(diag, ERR_CORRUPT, "its page is damaged");
	if (name == DB_MESSAGES)
		return examine_message(key, value, diag);
	if (name == DB_SESSIONS)
		return examine_session(key, value, diag);
	if (name == DB_LINKS)
		return examine_link(key, value, diag);
	if (name == DB_SLICES)
		return key.len == 12 && value.len != 0 &&
			value.len <= STORE_SLICE
		    ? 0
		    : diag_set(diag, ERR_CORRUPT, "bad key or length");
	return examine_id(name, key, value, diag);
}

/* note_numbers - keep in mind which numbers are in use */
static void
note_numbers(struct repair *repair, enum db_name name, struct slice key)
{
	static const enum store_number kind[DB_COUNT] = {
	    [DB_MESSAGES] = NEXT_MESSAGE,
	    [DB_OBJECTS] = NEXT_CONTENT,
	    [DB_SLICES] = NEXT_CONTENT,
	    [DB_PARTIAL] = NEXT_CONTENT,
	    [DB_REAP] = NEXT_CONTENT,
	    [DB_SESSIONS] = NEXT_SESSION,
	    [DB_BATCHES] = NEXT_BATCH,
	    [DB_INTAKE] = NEXT_NOTE,
	    [DB_DELIVERY] = NEXT_MESSAGE,
	};

	/* Pages for other processes go on with the numbers that they have. */
	if (key.len >= 8 && name != DB_HEADER && name != DB_TRACKING &&
	    name != DB_MEMORY)
		repair_note(repair, kind[name], key_number(key, 0, 8));
}

/* move_out - keep the octets of an entry that cannot be used */
static int
move_out(struct repair *repair, enum db_name name, struct slice key,
    struct slice value, const struct diag *diag)
{
	char file[32 + 2 * KEY_MAX];
	size_t i, len;

	len = (size_t)snprintf(file, sizeof(file), "%s-", db_name(name));
	if (name == DB_MESSAGES && key.len == 10)
		len += (size_t)snprintf(file + len, sizeof(file) - len,
		    "%llu.%llu", (unsigned long long)key_number(key, 0, 8),
		    (unsigned long long)key_number(key, 8, 2));
	else
		for (i = 0; i < key.len && i < KEY_MAX; i++)
			len += (size_t)snprintf(file + len, sizeof(file) - len,
			    "%02x", key.data[i]);
	repair->result.moved_out++;
	repair->result.lost = true;
	repair_tell(repair, file, "moved out: %s", diag_text(diag));
	return repair_aside(
	    repair, file, value.data == NULL ? slice_of(NULL, 0) : value);
}

/* copy_key - copy a key into a struct db_key, if it fits */
static bool
copy_key(struct slice from, struct db_key *key)
{
	if (from.len == 0 || from.len > KEY_MAX)
		return false;
	memcpy(key->octets, from.data, from.len);
	key->len = from.len;
	return true;
}

/* put_entry - write an entry unless the new database has one with its key: 1
 * if it was written */
static int
put_entry(struct repair *repair, enum db_name name, struct slice key,
    struct slice value)
{
	struct slice there;
	struct db_key at;
	int rc;

	if (!copy_key(key, &at))
		return 0;
	if (db_get(&repair->store.db, name, &at, &there) == 0)
		return 0;
	rc = db_put(&repair->store.db, name, &at, value);
	if (rc == 0)
		rc = repair_stage(repair);
	return rc == 0 ? 1 : rc;
}

/* header_row - take the next numbers from the header of the old database */
static int
header_row(struct repair *repair, struct slice value)
{
	struct numbers numbers = {.newest = 0};
	struct diag diag = {.code = 0};
	unsigned i;
	int rc;

	if (value.data == NULL)
		return 0;
	rc = numbers_decode(value, &numbers, &diag);
	if (rc == ERR_UNSUPPORTED)
		return store_error(
		    &repair->store, rc, "queue header: %s", diag_text(&diag));
	if (rc != 0)
		return 0;
	repair->header = true;
	repair->store.numbers.newest = numbers.newest;
	repair->store.numbers.owner = numbers.owner;
	repair->store.numbers.drain = numbers.drain;
	memcpy(repair->store.numbers.uuid, numbers.uuid, STORE_UUID_LEN);
	for (i = 0; i < NEXT_COUNT; i++)
		if (numbers.next[i] > 0)
			repair_note(
			    repair, (enum store_number)i, numbers.next[i] - 1);
	return 0;
}

/* tree_row - copy an entry of the tree, or move it out */
static int
tree_row(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct repair *repair = arg;
	struct diag diag = {.code = 0};
	int rc;

	(void)place;
	if (repair->name == DB_HEADER)
		return header_row(repair, value);
	rc = examine(repair->name, key, value, &diag);
	if (rc == 0 || key.len >= 8)
		note_numbers(repair, repair->name, key);
	if (rc != 0)
		return move_out(repair, repair->name, key, value, &diag);
	rc = put_entry(repair, repair->name, key, value);
	return rc < 0 ? rc : 0;
}

/* guess_by_id - guess the database of an entry outside whose key is an id, the
 * strictest first; DB_COUNT: none */
static enum db_name
guess_by_id(struct slice key, struct slice value)
{
	static const enum db_name order[] = {
	    DB_INTAKE, DB_BATCHES, DB_DELIVERY, DB_OBJECTS, DB_PARTIAL};
	unsigned i;

	if (value.len == 0)
		return DB_COUNT;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (examine_id(order[i], key, value, NULL) == 0)
			return order[i];
	return DB_COUNT;
}

/* guess_by_part - guess the database of an entry outside whose key has the
 * length of a message's or a count's; a count has nothing that a message
 * begins with */
static enum db_name
guess_by_part(struct slice key, struct slice value)
{
	struct store_count count;

	if (key_number(key, 8, 2) == 0)
		return examine_message(key, value, NULL) == 0 ? DB_MESSAGES
							      : DB_COUNT;
	return value.len == 0 ||
		(value.len < COUNT_MAX &&
		    count_decode(key, value, &count, NULL) == 0)
	    ? DB_COUNT
	    : DB_MESSAGES;
}

/* guess_database - guess the database of an entry outside; DB_COUNT: none
 * that is copied */
static enum db_name
guess_database(struct slice key, struct slice value)
{
	if (key.len == 4)
		return DB_LINKS;
	if (key.len < 8 || key_number(key, 0, 8) >= ID_LIMIT ||
	    key_number(key, 0, 8) == 0)
		return DB_COUNT;
	if (key.len == 8)
		return guess_by_id(key, value);
	if (key.len == 9)
		return value.len == 0 ? DB_COUNT : DB_SESSIONS;
	if (key.len == 10)
		return guess_by_part(key, value);
	return key.len == 12 ? DB_SLICES : DB_COUNT;
}

/* outside_row - copy an entry outside of the tree, if the tree has none with
 * its key */
static int
outside_row(
    void *arg, enum pages_place place, struct slice key, struct slice value)
{
	struct repair *repair = arg;
	enum db_name name =
	    value.data == NULL ? DB_COUNT : guess_database(key, value);
	uint64_t id;
	int rc;

	(void)place;
	if (name == DB_COUNT || examine(name, key, value, NULL) != 0)
		return 0;
	note_numbers(repair, name, key);
	rc = put_entry(repair, name, key, value);
	if (rc != 1)
		return rc;
	repair->found++;
	if (name != DB_MESSAGES || key_number(key, 8, 2) != 0)
		return 0;
	id = key_number(key, 0, 8);
	return repair_remember(&repair->outside, id);
}

/* copy_tree - copy the databases that are not derived */
static int
copy_tree(struct repair *repair)
{
	static const enum db_name order[] = {DB_HEADER, DB_LINKS, DB_MESSAGES,
	    DB_OBJECTS, DB_SLICES, DB_PARTIAL, DB_REAP, DB_SESSIONS, DB_BATCHES,
	    DB_INTAKE, DB_DELIVERY, DB_TRACKING, DB_MEMORY};
	bool names = pages_names(&repair->pages);
	uint64_t root;
	unsigned i;
	int rc = 0;

	for (i = 0; i < sizeof(order) / sizeof(order[0]) && rc == 0; i++) {
		repair->name = order[i];
		if (pages_root(&repair->pages, db_name(order[i]), &root) != 0) {
			if (names && repair->name == DB_HEADER)
				return store_error(&repair->store, ERR_CORRUPT,
				    "the database is none of a queue");
			/* Older releases made no such database. */
			if (repair->name == DB_TRACKING ||
			    repair->name == DB_MEMORY)
				continue;
			repair->result.lost = true;
			if (!repair->search)
				repair_tell(repair, db_name(order[i]),
				    "the database's name cannot be found");
			repair->search = true;
			continue;
		}
		rc = pages_walk(
		    &repair->pages, db_name(order[i]), root, tree_row);
	}
	return rc;
}

/* pass_derived - go through what is derived, so that its pages are known */
static int
pass_derived(struct repair *repair)
{
	static const enum db_name derived[] = {
	    DB_READY, DB_DEFERRED, DB_HELD, DB_EXPIRING, DB_COUNTS};
	uint64_t root;
	unsigned i;
	int rc = 0;

	for (i = 0; i < sizeof(derived) / sizeof(derived[0]) && rc == 0; i++)
		if (pages_root(&repair->pages, db_name(derived[i]), &root) == 0)
			rc = pages_walk(&repair->pages, db_name(derived[i]),
			    root, pages_skip);
	return rc;
}

/* repair_copy - read the old database into the new one */
int
repair_copy(struct repair *repair)
{
	int rc;

	repair->all_held = repair->pages.one_meta;
	if (repair->pages.one_meta || repair->pages.main == PAGES_NONE)
		repair_tell(repair, "database",
		    "a meta page is damaged: all messages are held");
	rc = copy_tree(repair);
	if (rc == 0)
		rc = pass_derived(repair);
	/* The last commit, if it is the one that is missing, wrote on pages
	 * that were free before. */
	if (rc == 0 && !repair->pages.one_meta)
		rc = pages_mark_free(&repair->pages);
	/* Without a damaged page all that is outside is of the past. */
	if (rc == 0 && (repair->search || repair->pages.damaged > 0))
		rc = pages_outside(&repair->pages, outside_row);
	if (rc == 0 && repair->pages.no_meta && repair->found == 0)
		rc = store_error(&repair->store, ERR_CORRUPT,
		    "there is no database in the file");
	repair->result.pages = repair->pages.damaged;
	return rc;
}
