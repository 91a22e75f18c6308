/* SPDX-License-Identifier: ISC */
/*
 * message.c - the records of messages, probes and reports in the queue
 *
 * See message.h.  An ordinary message is one value and one index entry.  A
 * body that does not fit beside the head is outside, in parts 1, 2, 3 …; an
 * update then writes the head alone.  An envelope that is an object is no part
 * of the body.
 */
#include "store/record.h"
#include "store/state.h"

/* message_decode - decode a record in the map */
int
message_decode(struct store *store, uint64_t id, struct slice value,
    struct store_message *message, struct record_body *body)
{
	struct store_message m = {.id = id};
	struct diag diag = {.code = 0};
	int rc = record_decode_message(value, &m, body, &diag);

	if (rc != 0)
		return store_error(store, rc, "message %llu: %s",
		    (unsigned long long)id, diag_text(&diag));
	*message = m;
	return 0;
}

/* message_load - decode a record's first part in the map: its head, and where
 * its body is */
int
message_load(struct store *store, uint64_t id, struct store_message *message,
    struct record_body *body)
{
	struct db_key key = key_message(id, 0);
	struct slice value;
	int rc = db_get(&store->db, DB_MESSAGES, &key, &value);

	if (rc == 0)
		rc = message_decode(store, id, value, message, body);
	return rc;
}

/* load_parts - copy the body that is outside into room */
static int
load_parts(struct store *store, uint64_t id, uint8_t *room, size_t len)
{
	struct db_key key;
	struct slice value;
	unsigned part = 1;
	size_t got = 0;
	int rc;

	/* Parts hold as much as a value takes; only their sum is in the
	 * record. */
	while (got < len) {
		key = key_message(id, part++);
		rc = db_get(&store->db, DB_MESSAGES, &key, &value);
		if (rc != 0 && rc != ERR_NOTFOUND)
			return rc;
		/* A part that is missing or too long is damage: what was sent
		 * would be another message. */
		if (rc != 0 || value.len == 0 || value.len > len - got)
			return store_error(store, ERR_CORRUPT,
			    "message %llu: part %u is damaged",
			    (unsigned long long)id, part - 1);
		memcpy(room + got, value.data, value.len);
		got += value.len;
	}
	return 0;
}

/* copy_head - copy the slices of a head from the map into the arena */
static int
copy_head(struct store_message *m, struct arena *arena)
{
	int rc = arena_slice(arena, m->mts_id, &m->mts_id);

	if (rc == 0)
		rc = arena_slice(arena, m->names, &m->names);
	if (rc == 0)
		rc = arena_slice(arena, m->reason, &m->reason);
	if (rc == 0)
		rc = arena_slice(arena, m->extra, &m->extra);
	return rc;
}

/* copy_object - copy an envelope that is an object into the arena */
static int
copy_object(struct store *store, struct store_message *m, struct arena *arena)
{
	uint8_t *room = arena_alloc(
	    arena, m->envelope_length == 0 ? 1 : m->envelope_length);
	int rc;

	if (room == NULL)
		return arena_error(arena);
	rc = content_copy(store, m->envelope_id, room, m->envelope_length);
	m->envelope = slice_of(room, m->envelope_length);
	return rc;
}

/* copy_body - copy envelope and inline content into the arena */
static int
copy_body(struct store *store, struct store_message *m,
    const struct record_body *body, struct arena *arena)
{
	size_t len = body->envelope + body->content;
	uint8_t *room;
	int rc;

	if (!body->outside) {
		rc = arena_slice(arena, m->envelope, &m->envelope);
		if (rc == 0)
			rc = arena_slice(arena, m->content, &m->content);
		return rc;
	}
	room = arena_alloc(arena, len == 0 ? 1 : len);
	if (room == NULL)
		return arena_error(arena);
	rc = load_parts(store, m->id, room, len);
	m->envelope = slice_of(room, body->envelope);
	m->content = slice_of(room + body->envelope, body->content);
	return rc;
}

/* store_message_get - get the record of a message */
int
store_message_get(struct store *store, uint64_t id, enum store_part part,
    struct arena *arena, struct store_message *message)
{
	struct store_message m;
	struct record_body body;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = message_load(store, id, &m, &body);
	/* Copied into the arena, because the map moves with the next write. */
	if (rc == 0)
		rc = copy_head(&m, arena);
	if (part == STORE_BRIEF && rc == 0 &&
	    m.envelope_length > STORE_BRIEF_MAX)
		part = STORE_HEAD;
	if (rc == 0 && part != STORE_HEAD) {
		rc = copy_body(store, &m, &body, arena);
		if (rc == 0 && m.envelope_id != 0)
			rc = copy_object(store, &m, arena);
	} else if (rc == 0) {
		m.envelope = slice_of(NULL, 0);
		m.content = slice_of(NULL, 0);
	}
	if (rc == 0)
		*message = m;
	db_leave(&store->db);
	return rc;
}

/* append_parts - append octets of a body that is outside, from an offset */
static int
append_parts(struct store *store, uint64_t id, size_t offset, size_t len,
    struct buffer *out)
{
	unsigned part = (unsigned)(offset / STORE_SLICE) + 1;
	size_t skip = offset % STORE_SLICE;
	struct db_key key;
	struct slice value;
	int rc;

	while (len > 0) {
		key = key_message(id, part);
		rc = db_get(&store->db, DB_MESSAGES, &key, &value);
		if (rc != 0 && rc != ERR_NOTFOUND)
			return rc;
		if (rc != 0 || value.len <= skip)
			return store_error(store, ERR_CORRUPT,
			    "message %llu: part %u is damaged",
			    (unsigned long long)id, part);
		value = slice_of(value.data + skip, value.len - skip);
		if (value.len > len)
			value.len = len;
		rc = buffer_append(out, value.data, value.len);
		if (rc != 0)
			return rc;
		len -= value.len;
		skip = 0;
		part++;
	}
	return 0;
}

/* store_message_envelope - append octets of an envelope, from an offset */
int
store_message_envelope(struct store *store, uint64_t id, size_t offset,
    size_t len, struct buffer *out)
{
	struct store_message m;
	struct record_body body;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = message_load(store, id, &m, &body);
	/* The caller's offset comes from another process, so it is held against
	 * the envelope's length. */
	if (rc == 0 &&
	    (offset > m.envelope_length || len > m.envelope_length - offset))
		rc = store_error(store, ERR_VALUE,
		    "message %llu: beyond the end of its envelope",
		    (unsigned long long)id);
	if (rc == 0 && m.envelope_id != 0)
		rc = store_content_read(
		    store, m.envelope_id, offset, len, out, NULL);
	else if (rc == 0 && body.outside)
		rc = append_parts(store, id, offset, len, out);
	else if (rc == 0 && len > 0)
		rc = buffer_append(out, m.envelope.data + offset, len);
	db_leave(&store->db);
	return rc;
}

/* store_message_content - append octets of an inline content, from an offset */
int
store_message_content(struct store *store, uint64_t id, uint64_t offset,
    size_t len, struct buffer *out)
{
	struct store_message m;
	struct record_body body;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = message_load(store, id, &m, &body);
	if (rc == 0 && offset >= body.content)
		len = 0;
	else if (rc == 0 && len > body.content - offset)
		len = body.content - (size_t)offset;
	/* The content follows the envelope in the parts. */
	if (rc == 0 && len > 0 && body.outside)
		rc = append_parts(
		    store, id, body.envelope + (size_t)offset, len, out);
	else if (rc == 0 && len > 0)
		rc = buffer_append(out, m.content.data + offset, len);
	db_leave(&store->db);
	return rc;
}

/* write_parts - write the body as parts 1, 2, 3 … */
static int
write_parts(struct store *store, const struct store_message *m)
{
	uint8_t octets[STORE_SLICE];
	size_t at = 0, len = m->envelope.len + m->content.len, some, fill;
	struct db_key key;
	unsigned part = 1;
	int rc;

	while (at < len) {
		fill = 0;
		/* A part may hold the end of the envelope and the beginning of
		 * the content: octets are stored without a gap, whatever the
		 * border. */
		if (at < m->envelope.len) {
			fill = m->envelope.len - at;
			if (fill > sizeof(octets))
				fill = sizeof(octets);
			memcpy(octets, m->envelope.data + at, fill);
		}
		if (fill < sizeof(octets) && at + fill < len) {
			some = len - at - fill;
			if (some > sizeof(octets) - fill)
				some = sizeof(octets) - fill;
			memcpy(octets + fill,
			    m->content.data + (at + fill - m->envelope.len),
			    some);
			fill += some;
		}
		key = key_message(m->id, part++);
		rc = db_put(
		    &store->db, DB_MESSAGES, &key, slice_of(octets, fill));
		if (rc != 0)
			return rc;
		at += fill;
	}
	return 0;
}

/* put_head - encode a record and write its first part */
static int
put_head(struct store *store, const struct store_message *m,
    const struct record_body *body, enum message_place place)
{
	struct db_key key = key_message(m->id, 0);
	int rc;

	buffer_reset(&store->record);
	rc = record_encode_message(m, body, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	if (buffer_length(&store->record) > STORE_SLICE)
		return ERR_LIMIT;
	/* Appending skips the search for the place, which is what most writes
	 * would spend their time on. */
	if (place == MESSAGE_BEYOND)
		return db_append(&store->db, DB_MESSAGES, &key,
		    buffer_slice(&store->record));
	return db_put(
	    &store->db, DB_MESSAGES, &key, buffer_slice(&store->record));
}

/*
 * put_whole - write a record with its body, inside if it fits
 *
 * The body must not lie in the map, where a put would move it.
 */
static int
put_whole(struct store *store, const struct store_message *m,
    enum message_place place, struct record_body *body)
{
	int rc = ERR_LIMIT;

	*body = (struct record_body){
	    .envelope = m->envelope.len, .content = m->content.len};
	/* Tried inside first: most messages fit beside their head and cost one
	 * page. */
	if (body->envelope + body->content < STORE_SLICE)
		rc = put_head(store, m, body, place);
	if (rc != ERR_LIMIT)
		return rc;
	/* The head alone stays in the first part, so that state changes of a
	 * large message write little. */
	body->outside = true;
	rc = put_head(store, m, body, place);
	return rc == 0 ? write_parts(store, m) : rc;
}

/* check_new - check that a message can be added or changed so */
static int
check_new(struct store *store, const struct store_message *m)
{
	struct diag diag = {.code = 0};
	int rc = record_valid(m, &diag);

	if (rc != 0)
		return store_error(store, rc, "%s", diag_text(&diag));
	/* The array of links ends there; a number beyond it would be read as
	 * another link's counts. */
	if (m->link > store->links.count || m->source > store->links.count ||
	    m->from_link > store->links.count)
		return store_error(store, ERR_VALUE,
		    "message record: there is no link %u",
		    m->link > store->links.count ? m->link : m->from_link);
	return 0;
}

/* use_objects - take references to the content and the envelope of a record
 * that are objects */
static int
use_objects(struct store *store, const struct store_message *m)
{
	int rc = 0;

	if (m->content_id != 0)
		rc = content_use(store, m->content_id, m->content_length);
	if (rc == 0 && m->envelope_id != 0) {
		rc = content_use(store, m->envelope_id, m->envelope_length);
		/* The reference to the content would stay. */
		if (rc != 0 && m->content_id != 0)
			return db_fail(&store->db, rc);
		store->numbers.envelopes += rc == 0;
	}
	return rc;
}

/* message_prepare - check a new message, and count its use of its objects */
int
message_prepare(struct store *store, struct store_message *m)
{
	int rc = db_writable(&store->db);

	if (m->envelope_id == 0)
		m->envelope_length = m->envelope.len;
	if (rc == 0)
		rc = check_new(store, m);
	if (rc != 0)
		return rc;
	if (m->envelope_id != 0 && m->envelope.len != 0)
		return store_error(store, ERR_VALUE,
		    "message record: envelope both inline and apart");
	if (m->content_id == 0 && m->content_length != m->content.len)
		return store_error(store, ERR_VALUE,
		    "message record: content-length is not that of content");
	if (m->content_id != 0 && m->content.len != 0)
		return store_error(store, ERR_VALUE,
		    "message record: content both inline and apart");
	/* Objects count this record before the record is there: if anything
	 * fails, both are undone. */
	return use_objects(store, m);
}

/* message_insert - write a record that is not there, and count it */
int
message_insert(struct store *store, const struct store_message *m,
    enum message_place place)
{
	struct record_body body;
	int rc = put_whole(store, m, place, &body);

	if (rc == 0)
		rc = index_add(store, m);
	if (rc == 0)
		rc = counts_add(store, m);
	if (rc == 0)
		rc = source_record(store, m, &body, SOURCE_ADD);
	return rc != 0 ? db_fail(&store->db, rc) : 0;
}

/* store_message_add - put a message in the queue */
int
store_message_add(struct store *store, struct store_message *message)
{
	struct store_message m = *message;
	int rc = message_prepare(store, &m);

	if (rc != 0)
		return rc;
	/* The number is never given again, even if the message leaves in the
	 * next moment. */
	m.id = numbers_take(store, NEXT_MESSAGE);
	rc = message_insert(store, &m, MESSAGE_BEYOND);
	if (rc != 0)
		return rc;
	message->id = m.id;
	message->envelope_length = m.envelope_length;
	return 0;
}

/*
 * copy_inside - copy the body of a record out of the map, where the put that
 * follows would move it, into store->body
 */
static int
copy_inside(struct store *store, const struct store_message *old,
    struct store_message *m)
{
	size_t len = old->envelope.len + old->content.len;
	uint8_t *room;
	int rc;

	buffer_reset(&store->body);
	rc = buffer_reserve(&store->body, len == 0 ? 1 : len, &room);
	if (rc != 0)
		return db_fail(&store->db, rc);
	memcpy(room, old->envelope.data, old->envelope.len);
	memcpy(room + old->envelope.len, old->content.data, old->content.len);
	m->envelope = slice_of(room, old->envelope.len);
	m->content = slice_of(room + old->envelope.len, old->content.len);
	return 0;
}

/* keep_fixed - set the fields that an update does not change */
static void
keep_fixed(struct store_message *m, const struct store_message *old)
{
	/* Fields that say where a message came from cannot change: charging and
	 * tracing depend on them. */
	m->kind = old->kind;
	m->from_link = old->from_link;
	m->source = old->source;
	m->strip = old->strip;
	m->explicit = old->explicit;
	m->arrival = old->arrival;
	m->content_id = old->content_id;
	m->content_length = old->content_length;
	m->envelope_id = old->envelope_id;
	m->envelope_length = old->envelope_length;
	m->recipients = old->recipients;
	m->own_time = old->own_time;
}

/* reindex - move the index entry and the counts if their keys changed */
static int
reindex(struct store *store, const struct store_message *old,
    const struct store_message *m)
{
	struct db_key from, to;
	int rc = 0;

	/* An entry is moved only if its key differs: a try that failed changes
	 * neither link nor priority. */
	if (index_key(old, &from) != index_key(m, &to) || from.len != to.len ||
	    memcmp(from.octets, to.octets, to.len) != 0 ||
	    (m->own_time && m->expires != old->expires)) {
		rc = index_remove(store, old);
		if (rc == 0)
			rc = index_add(store, m);
	}
	return rc == 0 ? counts_move(store, old, m) : rc;
}

/* recharge - count a record for its source as it is now */
static int
recharge(struct store *store, const struct store_message *old,
    const struct record_body *body, const struct store_message *m)
{
	int rc;

	/* Where a copy waits decides which share it counts in. */
	if (old->link == m->link)
		return 0;
	rc = source_record(store, old, body, SOURCE_REMOVE);
	return rc == 0 ? source_record(store, m, body, SOURCE_ADD) : rc;
}

/* store_message_update - write what changed of a record */
int
store_message_update(struct store *store, const struct store_message *message)
{
	struct store_message old, m = *message;
	struct record_body body, written;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	rc = message_load(store, m.id, &old, &body);
	if (rc != 0)
		goto out;
	keep_fixed(&m, &old);
	m.mts_id = old.mts_id;
	m.names = old.names;
	/* Envelope and content stay as they are, so the caller need not have
	 * read them. */
	m.envelope = slice_of(NULL, 0);
	m.content = slice_of(NULL, 0);
	rc = check_new(store, &m);
	if (rc != 0)
		goto out;
	/* Encoding copies mts_id and names out of the map before the put. */
	if (body.outside) {
		rc = put_head(store, &m, &body, MESSAGE_OVER);
	} else {
		rc = copy_inside(store, &old, &m);
		if (rc == 0)
			rc = put_whole(store, &m, MESSAGE_OVER, &written);
	}
	if (rc == 0)
		rc = reindex(store, &old, &m);
	if (rc == 0)
		rc = recharge(store, &old, &body, &m);
	if (rc != 0)
		db_fail(&store->db, rc);
out:
	db_leave(&store->db);
	return rc;
}
