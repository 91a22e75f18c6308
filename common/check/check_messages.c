/* SPDX-License-Identifier: ISC */
/*
 * check_messages.c - records, their parts, their index entries, the counts
 *
 * Each record must have its entry; then an index that has no more entries
 * than records ask for has no other, and only else is it walked.  Counts are
 * made again in the store's memory and compared with the disk's.
 */
#include "check/check_state.h"

/* end_message - check a message when all parts of its record were read */
static void
end_message(struct check *check)
{
	size_t body = check->body.envelope + check->body.content;

	if (check->message != 0 && check->body.outside &&
	    check->part_octets != body)
		check_finding(check, "message", check->message,
		    "has %zu octets of body, not %zu", check->part_octets,
		    body);
	check->message = 0;
}

/* check_own_time - check that a record that has its own time has its entry by
 * that */
static void
check_own_time(struct check *check, const struct store_message *m)
{
	const struct db_key key = index_expiring(m);

	if (!m->own_time)
		return;
	if (!check_exists(check, DB_EXPIRING, &key))
		check_finding(check, "message", m->id, "is not in index %s",
		    db_name(DB_EXPIRING));
	else
		check->indexed[DB_EXPIRING]++;
}

/* check_place - check that the index entry and the link of a record are
 * there */
static void
check_place(struct check *check, const struct store_message *m)
{
	struct db_key key;
	enum db_name name = index_key(m, &key);

	if (m->next_try < 0 || !check_exists(check, name, &key))
		check_finding(check, "message", m->id,
		    "is %s, and not in index %s", store_state_name(m->state),
		    db_name(name));
	else
		check->indexed[name]++;
	check_own_time(check, m);
	if (m->link > check->store.links.count)
		check_follow_up(check, CHECK_LINKS, "message", m->id,
		    "there is no link %u", m->link);
	/* The key of a count has the hour in four octets. */
	else if (m->arrival / 3600000 > UINT32_MAX)
		check_finding(check, "message", m->id, "arrival %lld",
		    (long long)m->arrival);
	else if (counts_add(&check->store, m) != 0 ||
	    source_record(&check->store, m, &check->body, SOURCE_ADD) != 0)
		check->nomem = true;
}

/* check_use - check an object that a record uses, and count its use */
static void
check_use(struct check *check, const struct store_message *m, uint64_t id,
    uint64_t length)
{
	struct check_object *object;

	if (id == 0)
		return;
	object = check_object(check, id);
	if (object == NULL) {
		check_follow_up(check, CHECK_OBJECTS, "message", m->id,
		    "there is no content %llu", (unsigned long long)id);
		return;
	}
	object->users++;
	if (object->length != length)
		check_finding(check, "message", m->id,
		    "content of %llu octets, not %llu",
		    (unsigned long long)object->length,
		    (unsigned long long)length);
}

/* check_head - decode the head of a record, and count it for its link and
 * source */
static void
check_head(struct check *check, uint64_t id, struct slice value)
{
	struct store_message m = {.id = id};
	struct diag diag = {.code = 0};

	end_message(check);
	check->result.messages++;
	check_seen(check, NEXT_MESSAGE, id);
	if (record_decode_message(value, &m, &check->body, &diag) != 0) {
		check_finding(check, "message", id, "%s", diag_text(&diag));
		check_causes(check, CHECK_MESSAGES);
		/* Parts behind a head that cannot be read are no findings of
		 * their own. */
		check->body = (struct record_body){.outside = false};
		return;
	}
	check->message = id;
	check->parts = 0;
	check->part_octets = 0;
	check_place(check, &m);
	check_use(check, &m, m.content_id, m.content_length);
	check_use(check, &m, m.envelope_id, m.envelope_length);
}

/* message_row - check one part of a record */
static int
message_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	uint64_t id, part;

	(void)diag;
	if (key.len != 10 || key_number(key, 0, 8) == 0) {
		check_finding(check, "messages", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	part = key_number(key, 8, 2);
	if (value.len > STORE_SLICE)
		check_finding(
		    check, "message", id, "part of %zu octets", value.len);
	if (part == 0) {
		check_head(check, id, value);
		return 0;
	}
	if (id != check->message || !check->body.outside ||
	    part != check->parts + 1)
		check_follow_up(check, CHECK_MESSAGES, "message", id,
		    "part %llu belongs to nothing", (unsigned long long)part);
	check->parts = (unsigned)part;
	check->part_octets += value.len;
	return 0;
}

/* owns_entry - test whether the record with an id asks for this very entry */
static bool
owns_entry(
    struct check *check, enum db_name name, uint64_t id, struct slice entry)
{
	struct store_message m = {.id = id};
	struct record_body body;
	struct db_key key = key_message(id, 0);
	struct slice value;

	if (db_get(&check->store.db, DB_MESSAGES, &key, &value) != 0 ||
	    record_decode_message(value, &m, &body, NULL) != 0)
		return false;
	if (name != DB_EXPIRING && index_key(&m, &key) != name)
		return false;
	if (name == DB_EXPIRING) {
		if (!m.own_time)
			return false;
		key = index_expiring(&m);
	}
	/* A message may have another entry in the same index, for a priority or
	 * time that it had before: the whole key decides. */
	return slice_equal(entry, slice_of(key.octets, key.len));
}

/* check_entry - check an entry of an index, whose id is in its last octets */
static int
check_entry(
    struct store *store, enum db_name name, size_t len, struct slice key)
{
	struct check *check = check_of(store);
	uint64_t id;

	if (key.len != len) {
		check_finding(check, db_name(name), 0, "bad key");
		return 0;
	}
	id = key_number(key, len - 8, 8);
	if (!owns_entry(check, name, id, key))
		check_follow_up(check, CHECK_MESSAGES, "message", id,
		    "has an entry in index %s that is not its own",
		    db_name(name));
	return 0;
}

/* ready_row - check an entry of the index of what is ready */
static int
ready_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	return check_entry(store, DB_READY, 13, key);
}

/* deferred_row - check an entry of the index of what is deferred */
static int
deferred_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	return check_entry(store, DB_DEFERRED, 16, key);
}

/* held_row - check an entry of the index of what is held or quarantined */
static int
held_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	return check_entry(store, DB_HELD, 9, key);
}

/* expiring_row - check an entry of the index by the time that an originator
 * chose */
static int
expiring_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	(void)value;
	(void)diag;
	return check_entry(store, DB_EXPIRING, 16, key);
}

/* check_index - look for entries that no record asks for */
static void
check_index(struct check *check, enum db_name name, store_load_row row)
{
	uint64_t entries;

	/* Each record was seen to have its entry, so equal numbers mean that no
	 * other exists, and a million entries need not be read. */
	if (db_entries(&check->store.db, name, &entries) != 0 ||
	    entries != check->indexed[name])
		check_walk(check, name, row);
}

/* count_row - take a count on disk from the one made of the messages */
static int
count_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct diag reason = {.code = 0};
	struct store_count disk, ours;

	(void)diag;
	/* Counts of sources are in the same table: check_sources compares
	 * them. */
	if (key.len == 10 && key_number(key, 4, 1) == KEY_SOURCE)
		return 0;
	if (count_decode(key, value, &disk, &reason) != 0) {
		check_finding(check, "counts", 0, "%s", diag_text(&reason));
		return 0;
	}
	check->indexed[DB_COUNTS]++;
	ours = disk;
	if (!counts_find(store, &ours))
		ours.total = (struct store_total){0};
	if (ours.total.messages != disk.total.messages ||
	    ours.total.octets != disk.total.octets)
		check_follow_up(check, CHECK_MESSAGES, "counts", 0,
		    "link %u priority %u %s hour %u: %llu messages of %llu "
		    "octets, counted %llu of %llu",
		    disk.link, disk.priority, store_state_name(disk.state),
		    disk.hour, (unsigned long long)disk.total.messages,
		    (unsigned long long)disk.total.octets,
		    (unsigned long long)ours.total.messages,
		    (unsigned long long)ours.total.octets);
	return 0;
}

/* check_counts - compare the counts on disk with those made of the messages */
static void
check_counts(struct check *check)
{
	struct store_count count;
	struct db_key key;
	bool started = false;

	check_walk(check, DB_COUNTS, count_row);
	while (store_count_next(&check->store, &started, &count) == 1) {
		key = key_count(
		    count.link, count.priority, count.state, count.hour);
		if (!check_exists(check, DB_COUNTS, &key))
			check_follow_up(check, CHECK_MESSAGES, "counts", 0,
			    "link %u priority %u %s hour %u: missing",
			    count.link, count.priority,
			    store_state_name(count.state), count.hour);
	}
}

/* check_messages - check records, their parts, index entries and counts */
void
check_messages(struct check *check)
{
	check_walk(check, DB_MESSAGES, message_row);
	end_message(check);
	check_index(check, DB_READY, ready_row);
	check_index(check, DB_DEFERRED, deferred_row);
	check_index(check, DB_HELD, held_row);
	check_index(check, DB_EXPIRING, expiring_row);
	check_counts(check);
}
