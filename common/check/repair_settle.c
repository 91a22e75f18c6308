/* SPDX-License-Identifier: ISC */
/*
 * repair_settle.c - make a new database whole: what depends on what
 *
 * See repair_state.h.  All records were decoded when they were copied.  Here a
 * message must have all parts of its body and all of its content, a content a
 * user, a note its message; and all that is derived is made.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check/repair_state.h"

/* A message while its parts are read. */
struct whole {
	struct store_message head;
	struct record_body body;
	struct db_key at; /* of its first value */
	size_t octets;	  /* of parts */
	unsigned parts;
	bool has_head, gap;
};

/* name_moved - format the name of what is moved out of a message or content */
static void
name_moved(char name[64], const char *kind, uint64_t id, const char *what)
{
	snprintf(name, 64, "%s-%llu.%s", kind, (unsigned long long)id, what);
}

/* drop_slices - delete the slices of a content; with a name, move them out
 * to it first, in order */
static int
drop_slices(struct repair *repair, const char *name, uint64_t id)
{
	struct db *db = &repair->store.db;
	struct db_key at = key_slice(id, 0), found;
	struct slice value;
	int rc;

	while ((rc = db_find(db, DB_SLICES, &at, &found)) == 0) {
		if (key_number(slice_of(found.octets, found.len), 0, 8) != id)
			return 0;
		if (name != NULL) {
			rc = db_get(db, DB_SLICES, &found, &value);
			if (rc == 0)
				rc = repair_aside(repair, name, value);
		}
		if (rc == 0)
			rc = db_delete(db, DB_SLICES, &found);
		if (rc == 0)
			rc = repair_stage(repair);
		if (rc != 0)
			return rc;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* out_parts - move the values of a message out, and delete them */
static int
out_parts(struct repair *repair, uint64_t id)
{
	struct db *db = &repair->store.db;
	struct db_key at = key_message(id, 0), found;
	struct slice key, value;
	char name[64];
	int rc;

	while ((rc = db_find(db, DB_MESSAGES, &at, &found)) == 0) {
		key = slice_of(found.octets, found.len);
		if (key_number(key, 0, 8) != id)
			return 0;
		name_moved(name, "message", id,
		    key_number(key, 8, 2) == 0 ? "record" : "body");
		rc = db_get(db, DB_MESSAGES, &found, &value);
		if (rc == 0)
			rc = repair_aside(repair, name, value);
		if (rc == 0)
			rc = db_delete(db, DB_MESSAGES, &found);
		if (rc != 0)
			return rc;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* out_message - move a message out with its reason; the content goes with it
 * when nobody else uses that */
static int
out_message(struct repair *repair, uint64_t id, const char *reason)
{
	char name[64];

	name_moved(name, "message", id, "record");
	repair->result.moved_out++;
	repair->result.lost = true;
	repair_tell(repair, name, "moved out: %s", reason);
	return out_parts(repair, id);
}

/* is_whole - tell whether an object that a message uses, if any, is whole */
static bool
is_whole(struct repair *repair, uint64_t id, uint64_t length)
{
	const struct repair_content *c;

	if (id == 0)
		return true;
	c = repair_content(repair, id);
	return c != NULL && c->whole && c->octets == length;
}

/* find_flaw - find why a message cannot be sent as it is, or NULL */
static const char *
find_flaw(struct repair *repair, const struct whole *w)
{
	const struct store_message *m = &w->head;

	/* Half a message must never leave: the peer could not tell. */
	if (!w->has_head)
		return "a part of a body without its record";
	if (w->gap ||
	    w->octets !=
		(w->body.outside ? w->body.envelope + w->body.content : 0))
		return "its body is not complete";
	if (!is_whole(repair, m->envelope_id, m->envelope_length))
		return "its envelope is not complete";
	if (!is_whole(repair, m->content_id, m->content_length))
		return "its content is not complete";
	return NULL;
}

/* hold - put a message on hold, whatever it was */
static void
hold(struct repair *repair, struct store_message *m)
{
	repair->result.held++;
	/* A message that has ended processes must not be released as one that
	 * is only held. */
	if (m->state == STORE_QUARANTINED)
		return;
	m->state = STORE_HELD;
	m->next_try = 0;
	m->reason = slice_of_string("found by x4check outside of the tree of a "
				    "damaged queue; it may have left already");
}

/* put_held - write the changed head of a message */
static int
put_held(struct repair *repair, struct whole *w)
{
	struct store *store = &repair->store;
	struct store_message *m = &w->head;
	uint8_t copy[STORE_SLICE];
	struct slice value;
	int rc = db_get(&store->db, DB_MESSAGES, &w->at, &value);

	if (rc != 0)
		return rc;
	/* The decoded slices lie in the map, which the put changes. */
	memcpy(copy, value.data, value.len);
	rc =
	    record_decode_message(slice_of(copy, value.len), m, &w->body, NULL);
	if (rc != 0)
		return rc;
	hold(repair, m);
	buffer_reset(&store->record);
	rc = record_encode_message(m, &w->body, &store->record);
	/* A longer reason may leave no room for the body within the record. */
	if (rc == 0 && buffer_length(&store->record) > STORE_SLICE) {
		m->reason = slice_of(NULL, 0);
		buffer_reset(&store->record);
		rc = record_encode_message(m, &w->body, &store->record);
	}
	return rc == 0 ? db_put(&store->db, DB_MESSAGES, &w->at,
			     buffer_slice(&store->record))
		       : rc;
}

/* end_message - keep a message, all of whose values were read, or move it
 * out */
static int
end_message(struct repair *repair, struct whole *w)
{
	struct store_message *m = &w->head;
	const char *flaw;
	int rc = 0;

	if (m->id == 0)
		return 0;
	flaw = find_flaw(repair, w);
	if (flaw != NULL)
		return out_message(repair, m->id, flaw);
	if (repair->all_held || repair_outside(repair, m->id)) {
		rc = put_held(repair, w);
	}
	if (rc == 0)
		rc = index_add(&repair->store, m);
	if (rc == 0)
		rc = counts_add(&repair->store, m);
	if (rc == 0 && m->content_id != 0)
		repair_content(repair, m->content_id)->users++;
	if (rc == 0 && m->envelope_id != 0) {
		repair_content(repair, m->envelope_id)->users++;
		repair->store.numbers.envelopes++;
	}
	repair->result.messages++;
	return rc;
}

/* add_message_value - add one value to the message that is being read */
static void
add_message_value(struct whole *w, const struct db_key *key, struct slice value)
{
	uint64_t id = key_number(slice_of(key->octets, key->len), 0, 8);
	unsigned part =
	    (unsigned)key_number(slice_of(key->octets, key->len), 8, 2);

	if (part == 0) {
		w->at = *key;
		w->has_head =
		    record_decode_message(value, &w->head, &w->body, NULL) == 0;
		w->head.id = id;
		return;
	}
	w->head.id = id;
	w->gap = w->gap || part != w->parts + 1;
	w->parts = part;
	w->octets += value.len;
}

/* settle_messages - keep the messages that are whole, move out the others */
static int
settle_messages(struct repair *repair)
{
	struct db *db = &repair->store.db;
	struct db_key at = {.len = 1}, found;
	struct whole w = {.parts = 0};
	struct slice value;
	int rc;

	while ((rc = db_find(db, DB_MESSAGES, &at, &found)) == 0) {
		rc = db_get(db, DB_MESSAGES, &found, &value);
		if (rc == 0 && w.head.id != 0 &&
		    key_number(slice_of(found.octets, found.len), 0, 8) !=
			w.head.id) {
			rc = end_message(repair, &w);
			if (rc == 0)
				rc = repair_stage(repair);
			/* Slices of the map are void after a put or commit. */
			if (rc == 0)
				rc = db_get(db, DB_MESSAGES, &found, &value);
			w = (struct whole){.parts = 0};
		}
		if (rc != 0)
			return rc;
		add_message_value(&w, &found, value);
		at = found;
		at.octets[at.len++] = 0;
	}
	return rc == ERR_NOTFOUND ? end_message(repair, &w) : rc;
}

/* slice_row - measure a slice for the content that has it */
static int
slice_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair *repair = repair_of(store);
	struct repair_content *c =
	    repair_content(repair, key_number(key, 0, 8));
	uint64_t number = key_number(key, 8, 4);

	(void)diag;
	if (c == NULL)
		return ERR_NOMEM;
	/* All but the last are full, and none is missing before one. */
	if (c->octets != number * STORE_SLICE)
		c->whole = false;
	c->octets += value.len;
	return 0;
}

/* object_row - note what the object of a content says */
static int
object_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair_content *c =
	    repair_content(repair_of(store), key_number(key, 0, 8));
	struct object_record object;
	int rc;

	if (c == NULL)
		return ERR_NOMEM;
	c->object = true;
	rc = object_decode(value, &object, diag);
	if (rc != 0)
		return rc;
	c->length = object.length;
	c->source = object.source;
	return 0;
}

/* partial_row - note that a content is partial */
static int
partial_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair_content *c =
	    repair_content(repair_of(store), key_number(key, 0, 8));

	(void)value;
	(void)diag;
	if (c == NULL)
		return ERR_NOMEM;
	c->partial = true;
	return 0;
}

/* put_object - write the object of a content that is used */
static int
put_object(struct repair *repair, const struct repair_content *c)
{
	struct store *store = &repair->store;
	struct object_record object = {
	    .length = c->octets, .references = c->users, .source = c->source};
	struct db_key key = key_id(c->id);
	int rc;

	buffer_reset(&store->record);
	rc = object_encode(&object, &store->record);
	return rc == 0
	    ? db_put(&store->db, DB_OBJECTS, &key, buffer_slice(&store->record))
	    : rc;
}

/* forget_entry - delete a key that may be there */
static int
forget_entry(struct repair *repair, enum db_name name, uint64_t id)
{
	struct db_key key = key_id(id);
	int rc = db_delete(&repair->store.db, name, &key);

	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* drop_entry - delete a content that nobody uses; its octets are moved out
 * unless that was about to happen anyhow */
static int
drop_entry(struct repair *repair, const struct repair_content *c, bool reaped)
{
	char name[64];
	int rc;

	name_moved(name, "content", c->id, "octets");
	if (!reaped && c->octets > 0) {
		repair->result.moved_out++;
		repair->result.lost = true;
		repair_tell(
		    repair, name, "moved out: nobody uses this content");
	}
	rc = drop_slices(repair, reaped ? NULL : name, c->id);
	if (rc == 0)
		rc = forget_entry(repair, DB_OBJECTS, c->id);
	if (rc == 0)
		rc = forget_entry(repair, DB_PARTIAL, c->id);
	return rc == 0 ? forget_entry(repair, DB_REAP, c->id) : rc;
}

/* settle_content - write the object of a content and its place in the lists */
static int
settle_content(struct repair *repair, const struct repair_content *c)
{
	struct db_key key = key_id(c->id);
	struct slice value;
	bool reaped = db_get(&repair->store.db, DB_REAP, &key, &value) == 0;
	int rc = 0;

	if (c->users > 0) {
		rc = forget_entry(repair, DB_PARTIAL, c->id);
		if (rc == 0)
			rc = forget_entry(repair, DB_REAP, c->id);
		return rc == 0 ? put_object(repair, c) : rc;
	}
	/* A transfer goes on with what is whole; its mark says how far. */
	if (!reaped && c->partial && c->whole &&
	    (!c->object || c->length == c->octets))
		return c->object ? put_object(repair, c) : 0;
	return drop_entry(repair, c, reaped);
}

/* settle_contents - settle all contents, once it is known who uses them */
static int
settle_contents(struct repair *repair)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < repair->contents && rc == 0; i++) {
		rc = settle_content(repair, &repair->content[i]);
		if (rc == 0)
			rc = repair_stage(repair);
	}
	return rc;
}

/* settle_deliveries - remove delivery notes without a message */
static int
settle_deliveries(struct repair *repair)
{
	struct db *db = &repair->store.db;
	struct db_key at = {.len = 1}, found, message;
	struct slice value;
	int rc;

	while ((rc = db_find(db, DB_DELIVERY, &at, &found)) == 0) {
		message = key_message(
		    key_number(slice_of(found.octets, found.len), 0, 8), 0);
		if (db_get(db, DB_MESSAGES, &message, &value) != 0) {
			rc = db_delete(db, DB_DELIVERY, &found);
			if (rc != 0)
				return rc;
		}
		at = found;
		at.octets[at.len++] = 0;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* settle_sessions - remove transfers without a session, and sessions of the
 * same name */
static int
settle_sessions(struct repair *repair)
{
	struct db *db = &repair->store.db;
	struct db_key at = {.len = 1}, found;
	struct session_record record;
	struct slice key, value;
	struct session *s;
	uint64_t session = 0;
	int rc;

	while ((rc = db_find(db, DB_SESSIONS, &at, &found)) == 0) {
		key = slice_of(found.octets, found.len);
		at = found;
		at.octets[at.len++] = 0;
		if (key_number(key, 8, 1) == 0 &&
		    db_get(db, DB_SESSIONS, &found, &value) == 0 &&
		    session_record_decode(value, &record, NULL) == 0 &&
		    session_by_name(&repair->store, record.peer, record.link,
			&record.references) == NULL) {
			session = key_number(key, 0, 8);
			s = session_new(session, &record);
			if (s == NULL)
				return ERR_NOMEM;
			session_enlist(&repair->store, s);
			continue;
		}
		if (key_number(key, 0, 8) == session &&
		    key_number(key, 8, 1) != 0)
			continue;
		rc = db_delete(db, DB_SESSIONS, &found);
		if (rc != 0)
			return rc;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* links_row - note the links that a message names */
static int
links_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair *repair = repair_of(store);
	struct store_message m = {.id = 0};
	struct record_body body;

	(void)diag;
	if (key_number(key, 8, 2) != 0 ||
	    record_decode_message(value, &m, &body, NULL) != 0)
		return 0;
	if (m.link > repair->links)
		repair->links = m.link;
	if (m.from_link > repair->links)
		repair->links = m.from_link;
	return 0;
}

/* settle_batch, intake_row - note the links and messages that they name */
static int
settle_batch(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair *repair = repair_of(store);
	struct store_batch batch = {.count = 0};
	unsigned i;

	(void)key;
	(void)diag;
	if (batch_decode(value, &batch, NULL) != 0)
		return 0;
	if (batch.link > repair->links && batch.link <= STORE_LINKS_MAX)
		repair->links = batch.link;
	for (i = 0; i < batch.count; i++)
		repair_note(repair, NEXT_MESSAGE, batch.messages[i]);
	return 0;
}

static int
intake_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct repair *repair = repair_of(store);
	struct store_file file;
	uint64_t message;

	(void)key;
	(void)diag;
	if (intake_decode(value, &file, &message, NULL) != 0)
		return 0;
	if (file.postoffice > repair->links &&
	    file.postoffice <= STORE_LINKS_MAX)
		repair->links = file.postoffice;
	repair_note(repair, NEXT_MESSAGE, message);
	return 0;
}

/* settle_links - make stand-ins for links that are named and have no record */
static int
settle_links(struct repair *repair)
{
	struct store *store = &repair->store;
	struct diag diag = {.code = 0};
	uint32_t i;
	int rc = store_load(store, DB_MESSAGES, links_row, &diag);

	if (rc == 0)
		rc = store_load(store, DB_BATCHES, settle_batch, &diag);
	if (rc == 0)
		rc = store_load(store, DB_INTAKE, intake_row, &diag);
	if (rc == 0)
		rc = links_load(store, &diag);
	if (rc == 0)
		rc = links_fill(store, repair->links);
	for (i = 1; i <= store->links.count && rc == 0; i++)
		rc = link_write(store, &store->links.entry[i].link);
	return rc;
}

/* settle_numbers - set the next numbers so that none is given twice */
static int
settle_numbers(struct repair *repair)
{
	struct store *store = &repair->store;
	unsigned i;

	for (i = 0; i < NEXT_COUNT; i++)
		store->numbers.next[i] = repair->seen[i] + 1 +
		    (repair->header && !repair->result.lost ? 0 : NUMBERS_GAP);
	store->numbers.derived = true;
	return numbers_flush(store);
}

/* repair_settle - make the new database whole */
int
repair_settle(struct repair *repair)
{
	struct store *store = &repair->store;
	struct diag diag = {.code = 0};
	int rc = store_load(store, DB_SLICES, slice_row, &diag);

	if (rc == 0)
		rc = store_load(store, DB_OBJECTS, object_row, &diag);
	if (rc == 0)
		rc = store_load(store, DB_PARTIAL, partial_row, &diag);
	if (rc == 0)
		rc = settle_links(repair);
	if (rc == 0)
		rc = settle_messages(repair);
	if (rc == 0)
		rc = settle_contents(repair);
	if (rc == 0)
		rc = settle_deliveries(repair);
	if (rc == 0)
		rc = settle_sessions(repair);
	if (rc == 0)
		rc = tally_flush(store, &store->counts.table);
	return rc == 0 ? settle_numbers(repair) : rc;
}
