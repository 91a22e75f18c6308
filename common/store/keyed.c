/* SPDX-License-Identifier: ISC */
/*
 * keyed.c - what an application handed in under a key, and what it passed on
 *
 * See keyed.h; in memory by keyed_list.c.
 */
#include "store/record.h"
#include "store/state.h"

/* file_of - describe a note as the file that it is on disk */
static struct store_file
file_of(const struct store_keyed *note)
{
	bool several = note->kind == STORE_KEYED_RECIPIENTS;

	/* By the hash of their name those of one name stand together, in the
	 * order of their messages. */
	return (struct store_file){.postoffice = note->application,
	    .name = note->name,
	    .inode = note->kind,
	    .ctime = several ? (int64_t)intake_hash(note->name) : 0,
	    .size =
		several ? note->message * STORE_KEYED_PARTS + note->part : 0};
}

/* most_of - compute how many notes there may be */
static unsigned
most_of(const struct store *store)
{
	uint64_t most = store->queue_size / STORE_KEYED_ROOM;

	return most < STORE_KEYED_MAX ? (unsigned)most : STORE_KEYED_MAX;
}

/* make_room - forget an application's oldest note, if there are as many as
 * there may be */
static int
make_room(struct store *store, uint32_t application)
{
	const struct link_entry *entry = &store->links.entry[application];
	unsigned most = most_of(store);

	if (entry->keyed < most / STORE_SOURCE_SHARE &&
	    store->intakes.keyed < most)
		return 0;
	/* Others may have left no room for a first one. */
	if (entry->oldest == NULL)
		return store_error(
		    store, ERR_LIMIT, "notes of applications: too many");
	if (entry->oldest->time > store->intakes.displaced)
		store->intakes.displaced = entry->oldest->time;
	return intake_remove(store, entry->oldest);
}

/* store_keyed_note - note a submission, or what was passed on */
int
store_keyed_note(struct store *store, const struct store_keyed *note)
{
	const struct store_file file = file_of(note);
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (note->application == 0 || note->application > store->links.count)
		return store_error(
		    store, ERR_VALUE, "note of an application that is none");
	if (note->digest.len > STORE_KEYED_DIGEST ||
	    note->mts_id.len > STORE_MTS_ID_MAX ||
	    note->answer.len > STORE_KEYED_ANSWER ||
	    note->recipients.len > STORE_KEYED_LIST || note->time <= 0)
		return store_error(
		    store, ERR_LIMIT, "note of an application: out of bounds");
	rc = make_room(store, note->application);
	return rc != 0 ? rc : intake_add(store, &file, note->message, note);
}

/* read_note - read the note of a record, into the arena */
static int
read_note(struct store *store, const struct intake *in,
    struct store_keyed *note, struct arena *arena)
{
	struct db_key key = key_id(in->number);
	struct store_keyed got = {.application = in->file.postoffice,
	    .kind = (enum store_keyed_kind)in->file.inode,
	    .message = in->message,
	    .part = in->file.size % STORE_KEYED_PARTS};
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_INTAKE, &key, &value);
	if (rc == 0)
		rc = intake_decode_keyed(value, &got, &diag);
	if (rc == 0)
		rc = arena_slice(arena, in->file.name, &got.name);
	if (rc == 0)
		rc = arena_slice(arena, got.digest, &got.digest);
	if (rc == 0)
		rc = arena_slice(arena, got.mts_id, &got.mts_id);
	if (rc == 0)
		rc = arena_slice(arena, got.answer, &got.answer);
	if (rc == 0)
		rc = arena_slice(arena, got.recipients, &got.recipients);
	if (rc == 0)
		*note = got;
	db_leave(&store->db);
	return rc;
}

/* store_keyed_find - find a note by its name */
int
store_keyed_find(
    struct store *store, struct store_keyed *note, struct arena *arena)
{
	const struct store_file file = file_of(note);
	const struct intake *in = intake_find(store, &file);

	return in == NULL || in->time == 0 ? ERR_NOTFOUND
					   : read_note(store, in, note, arena);
}

/* store_keyed_next - find the next note of a name that several have */
int
store_keyed_next(
    struct store *store, struct store_keyed *note, struct arena *arena)
{
	struct store_file file = file_of(note);
	const struct intake *in;

	file.size++;
	file.name = slice_of(NULL, 0);
	for (in = intake_find_next(store, &file);
	     in != NULL && in->file.postoffice == file.postoffice &&
	     in->file.inode == file.inode && in->file.ctime == file.ctime;
	     in = intake_behind(in))
		/* Another name may have the same hash. */
		if (slice_equal(in->file.name, note->name))
			return read_note(store, in, note, arena);
	return ERR_NOTFOUND;
}

/* store_keyed_forget - forget the notes on the recipients of a message */
int
store_keyed_forget(struct store *store, const struct store_keyed *note)
{
	struct store_keyed one = *note;
	struct store_file file;
	int rc;

	for (one.part = 0; one.part < STORE_KEYED_PARTS; one.part++) {
		file = file_of(&one);
		rc = store_intake_forget(store, &file);
		if (rc != 0)
			return rc == ERR_NOTFOUND && one.part > 0 ? 0 : rc;
	}
	return 0;
}

/* store_keyed_displaced - get the time of the newest that had to make room */
int64_t
store_keyed_displaced(struct store *store)
{
	int64_t time = store->intakes.displaced;

	store->intakes.displaced = 0;
	return time;
}

/* store_keyed_by_mts_id - find a submission by its MTS identifier */
int
store_keyed_by_mts_id(
    struct store *store, struct store_keyed *note, struct arena *arena)
{
	struct table_link *at =
	    table_find(&store->intakes.mts_ids, intake_hash(note->mts_id));
	struct store_keyed got;
	int rc;

	for (; at != NULL; at = table_more(at)) {
		const struct intake *in =
		    TABLE_ENTRY(at, struct intake, by_mts_id);

		if (in->file.postoffice != note->application)
			continue;
		rc = read_note(store, in, &got, arena);
		if (rc != 0)
			return rc;
		if (!slice_equal(got.mts_id, note->mts_id))
			continue;
		*note = got;
		return 0;
	}
	return ERR_NOTFOUND;
}

/* store_keyed_expire - forget old notes */
int
store_keyed_expire(struct store *store, int64_t before, unsigned most)
{
	unsigned done = 0;
	int rc = db_writable(&store->db);

	for (uint32_t i = 1; i <= store->links.count && rc == 0; i++) {
		struct link_entry *entry = &store->links.entry[i];

		while (rc == 0 && done < most && entry->oldest != NULL &&
		    entry->oldest->time < before) {
			rc = intake_remove(store, entry->oldest);
			done++;
		}
	}
	return rc != 0 ? rc : (int)done;
}
