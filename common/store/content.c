/* SPDX-License-Identifier: ISC */
/*
 * content.c - contents larger than a record takes, as counted objects
 *
 * See content.h.  An object's life, in the databases that know of it:
 *
 *   created, appended to   partial            slices
 *   sealed                 partial, objects   slices
 *   used                   objects            slices
 *   given up               reap               slices, fewer and fewer
 *
 * How long an object is that is not sealed tells its last slice, so that
 * nothing of it is kept in memory.
 */
#include "store/record.h"
#include "store/state.h"

#define COPY_PIECE (16 * STORE_SLICE)

/* object_get - get and decode the record of a sealed object.  ERR_NOTFOUND */
static int
object_get(struct store *store, uint64_t id, struct object_record *object)
{
	struct db_key key = key_id(id);
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_get(&store->db, DB_OBJECTS, &key, &value);

	if (rc != 0)
		return rc;
	rc = object_decode(value, object, &diag);
	if (rc != 0)
		return store_error(store, rc, "content %llu: %s",
		    (unsigned long long)id, diag_text(&diag));
	return 0;
}

/* object_put - write the record of a sealed object */
static int
object_put(struct store *store, uint64_t id, struct object_record object)
{
	struct db_key key = key_id(id);
	int rc;

	buffer_reset(&store->record);
	rc = object_encode(&object, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_OBJECTS, &key, buffer_slice(&store->record));
}

/* is_partial - tell whether an object has no user yet, 0 or ERR_NOTFOUND, and
 * whose it is */
static int
is_partial(struct store *store, uint64_t id, uint32_t *source)
{
	struct db_key key = key_id(id);
	struct store_partial partial = {.content = id};
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_get(&store->db, DB_PARTIAL, &key, &value);

	if (rc != 0)
		return rc;
	/* An unreadable record is nobody's; the transfer itself can go on. */
	partial.source = STORE_SOURCE_NOBODY;
	(void)!partial_decode(value, &partial, &diag);
	*source = partial.source;
	return 0;
}

/* store_content_create - begin an object */
int
store_content_create(struct store *store, uint32_t source, uint64_t *id)
{
	/* Numbers are never given twice, even after the object is gone: an old
	 * record must not find a new content. */
	uint64_t number = store->numbers.next[NEXT_CONTENT];
	struct db_key key = key_id(number);
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* The source is noted before the first octet, so that a transfer that
	 * is cut counts for whoever sent it. */
	buffer_reset(&store->record);
	rc = partial_encode_source(source, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	rc = db_put(&store->db, DB_PARTIAL, &key, buffer_slice(&store->record));
	if (rc == 0)
		rc = source_content(store, source, SOURCE_ADD, 1, 0);
	if (rc == 0)
		*id = numbers_take(store, NEXT_CONTENT);
	return rc;
}

/*
 * last_slice - number and octets of an object's last slice
 *
 * *slice lies in the map.  With no slice yet, *number is 0 and *slice empty.
 */
static int
last_slice(
    struct store *store, uint64_t id, uint32_t *number, struct slice *slice)
{
	struct db_key beyond = key_slice(id, UINT32_MAX);
	struct slice key, value;
	struct MDB_cursor *cursor;
	int rc = db_cursor(&store->db, DB_SLICES, &cursor);

	if (rc != 0)
		return rc;
	/* The slice before the greatest key of this object is its last one, if
	 * the object has any. */
	rc = db_before(&store->db, cursor, &beyond, &key, &value);
	db_cursor_close(cursor);
	if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	/* The slice found belongs to another object, or to none: this one is
	 * empty. */
	if (rc == ERR_NOTFOUND || key.len != 12 ||
	    key_number(key, 0, 8) != id) {
		*number = 0;
		*slice = slice_of(NULL, 0);
		return 0;
	}
	*number = (uint32_t)key_number(key, 8, 4);
	*slice = value;
	return 0;
}

/* fill_last - complete the last slice, if it is short, from data */
static int
fill_last(struct store *store, uint64_t id, uint32_t number, struct slice last,
    struct slice *data)
{
	/* Copied out of the map, because the put may move what is read here. */
	uint8_t octets[STORE_SLICE];
	struct db_key key = key_slice(id, number);
	size_t some = STORE_SLICE - last.len;

	if (some > data->len)
		some = data->len;
	memcpy(octets, last.data, last.len);
	memcpy(octets + last.len, data->data, some);
	*data = slice_of(data->data + some, data->len - some);
	return db_put(
	    &store->db, DB_SLICES, &key, slice_of(octets, last.len + some));
}

/* append_slices - add octets after the last slice */
static int
append_slices(struct store *store, uint64_t id, struct slice data)
{
	struct slice last;
	struct db_key key;
	uint32_t number;
	size_t some;
	int rc = last_slice(store, id, &number, &last);

	if (rc != 0)
		return rc;
	/* The length is bounded before slices are numbered, so that a number
	 * never wraps. */
	if (data.len / STORE_SLICE >= UINT32_MAX - 1 - number)
		return store_error(store, ERR_LIMIT, "content %llu: too long",
		    (unsigned long long)id);
	/* A damaged slice would make the copy below run beyond its room. */
	if (last.len > STORE_SLICE)
		return store_error(store, ERR_CORRUPT,
		    "content %llu: slice %u is too long",
		    (unsigned long long)id, number);
	/* Pieces arrive in any size. Filling the last slice first keeps every
	 * slice but the last full, so that an offset tells its slice. */
	if (last.len != 0) {
		if (last.len < STORE_SLICE)
			rc = fill_last(store, id, number, last, &data);
		number++;
	}
	while (rc == 0 && data.len != 0) {
		some = data.len < STORE_SLICE ? data.len : STORE_SLICE;
		key = key_slice(id, number++);
		rc = db_put(
		    &store->db, DB_SLICES, &key, slice_of(data.data, some));
		data = slice_of(data.data + some, data.len - some);
	}
	return rc;
}

/* store_content_append - add octets to an object not sealed */
int
store_content_append(struct store *store, uint64_t id, struct slice data)
{
	struct object_record object;
	uint32_t source = STORE_SOURCE_NOBODY;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	/* A sealed content is shared by records that know its length: nothing
	 * may be added to it. */
	rc = object_get(store, id, &object);
	if (rc == 0)
		rc = store_error(store, ERR_STATE, "content %llu: is sealed",
		    (unsigned long long)id);
	else if (rc == ERR_NOTFOUND)
		rc = is_partial(store, id, &source);
	if (rc == 0 && data.len != 0)
		rc = append_slices(store, id, data);
	if (rc == 0)
		/* Charged while it grows: a source may not exceed its share
		 * before it says how much will come. */
		rc = source_content(store, source, SOURCE_ADD, 0, data.len);
	db_leave(&store->db);
	return rc;
}

/* compute_length - compute how much was appended so far */
static int
compute_length(struct store *store, uint64_t id, uint64_t *length)
{
	struct slice last;
	uint32_t number;
	int rc = last_slice(store, id, &number, &last);

	if (rc == 0)
		/* Slices are numbered from 0 and full but for the last. */
		*length = (uint64_t)number * STORE_SLICE + last.len;
	return rc;
}

/* store_content_seal - seal an object that is complete */
int
store_content_seal(struct store *store, uint64_t id, uint64_t length)
{
	struct object_record object = {.length = length};
	uint64_t real;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	/* Sealing twice would set the references back to none. */
	rc = object_get(store, id, &(struct object_record){0, 0, 0});
	if (rc == 0)
		rc = store_error(store, ERR_STATE,
		    "content %llu: is sealed already", (unsigned long long)id);
	else if (rc == ERR_NOTFOUND)
		rc = is_partial(store, id, &object.source);
	if (rc == 0)
		rc = compute_length(store, id, &real);
	/* The caller's count and ours must agree, or a piece was lost between
	 * two processes. */
	if (rc == 0 && real != length)
		rc = store_error(store, ERR_VALUE,
		    "content %llu: has %llu octets, not %llu",
		    (unsigned long long)id, (unsigned long long)real,
		    (unsigned long long)length);
	if (rc == 0)
		rc = object_put(store, id, object);
	db_leave(&store->db);
	return rc;
}

/* content_use - take a reference to a sealed object of this length */
int
content_use(struct store *store, uint64_t id, uint64_t length)
{
	struct db_key key = key_id(id);
	struct object_record object;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = object_get(store, id, &object);
	if (rc == 0 && object.length != length)
		rc = store_error(store, ERR_VALUE,
		    "content %llu: has %llu octets, not %llu",
		    (unsigned long long)id, (unsigned long long)object.length,
		    (unsigned long long)length);
	/* The first user makes it a content of the queue: a restart then no
	 * longer gives it up as half a transfer. */
	if (rc == 0 && object.references == 0) {
		rc = db_delete(&store->db, DB_PARTIAL, &key);
		if (rc == ERR_NOTFOUND)
			rc = store_error(store, ERR_CORRUPT,
			    "content %llu: neither used nor partial",
			    (unsigned long long)id);
	}
	if (rc == 0) {
		object.references++;
		rc = object_put(store, id, object);
	}
	db_leave(&store->db);
	return rc;
}

/* unreap - undo putting an object on the list */
static void
unreap(struct store *store, void *object, uint64_t number)
{
	(void)object;
	store->reap_pending -= number;
}

/* reap_object - put an object on the list of what is to be reaped; until
 * then its octets count for its source */
static int
reap_object(
    struct store *store, uint64_t id, const struct object_record *object)
{
	struct db_key key = key_id(id);
	int rc;

	buffer_reset(&store->record);
	rc = reap_encode(object->source, object->length, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	/* Reserved before the disk is changed, so that noting the undo cannot
	 * fail afterwards. */
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	/* Only the list entry is written now. Freeing a gigabyte of slices in
	 * one transaction would hold up the loop. */
	rc = db_delete(&store->db, DB_OBJECTS, &key);
	if (rc == 0 || rc == ERR_NOTFOUND)
		rc = db_put(
		    &store->db, DB_REAP, &key, buffer_slice(&store->record));
	if (rc != 0)
		return rc;
	/* The count follows the list in memory, so that the loop knows without
	 * looking whether there is something to reap. */
	store->reap_pending++;
	undo_note(
	    &store->undo, (struct undo_entry){.undo = unreap, .number = 1});
	return 0;
}

/* content_release - give a reference back */
int
content_release(struct store *store, uint64_t id)
{
	struct object_record object;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = object_get(store, id, &object);
	if (rc == ERR_NOTFOUND || (rc == 0 && object.references == 0))
		rc = store_error(store, ERR_CORRUPT,
		    "content %llu: is used and not counted",
		    (unsigned long long)id);
	/* The record that uses it may go all the same; x4check settles the
	 * content. */
	if (store_is_damage(rc)) {
		db_trouble(&store->db, STORE_RECORD_DAMAGED, "%s",
		    store_reason(store));
		rc = 0;
		/* Other records still use it. */
	} else if (rc == 0 && object.references > 1) {
		object.references--;
		rc = object_put(store, id, object);
	} else if (rc == 0) {
		rc = reap_object(store, id, &object);
	}
	db_leave(&store->db);
	return rc;
}

/* content_exists - check that there is a sealed object that can be used */
int
content_exists(struct store *store, uint64_t id)
{
	struct object_record object;
	int rc = object_get(store, id, &object);

	if (rc == ERR_NOTFOUND)
		return store_error(store, ERR_CORRUPT,
		    "content %llu: is missing", (unsigned long long)id);
	return rc;
}

/* store_content_discard - give up a partial content */
int
store_content_discard(struct store *store, uint64_t id)
{
	struct db_key key = key_id(id);
	struct object_record object;
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	rc = object_get(store, id, &object);
	if (rc == 0 && object.references != 0)
		rc = store_error(store, ERR_STATE, "content %llu: is in use",
		    (unsigned long long)id);
	/* Not sealed: the length is what came so far. */
	else if (rc == ERR_NOTFOUND) {
		rc = is_partial(store, id, &object.source);
		if (rc == 0)
			rc = compute_length(store, id, &object.length);
	}
	if (rc == 0)
		rc = db_delete(&store->db, DB_PARTIAL, &key);
	if (rc == 0)
		rc = reap_object(store, id, &object);
	db_leave(&store->db);
	return rc;
}

/* store_content_length - get the length of an object, sealed or so far */
int
store_content_length(struct store *store, uint64_t id, uint64_t *length)
{
	struct object_record object;
	uint32_t source;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = object_get(store, id, &object);
	if (rc == 0) {
		*length = object.length;
	} else if (rc == ERR_NOTFOUND) {
		rc = is_partial(store, id, &source);
		if (rc == 0)
			rc = compute_length(store, id, length);
	}
	db_leave(&store->db);
	return rc;
}

/* read_slices - append len octets from offset, which are there, to out */
static int
read_slices(struct store *store, uint64_t id, uint64_t offset, size_t len,
    struct buffer *out)
{
	struct db_key at;
	struct slice key = {NULL, 0}, value = {NULL, 0};
	struct MDB_cursor *cursor;
	uint32_t number = (uint32_t)(offset / STORE_SLICE);
	size_t skip = (size_t)(offset % STORE_SLICE), some;
	int rc = db_cursor(&store->db, DB_SLICES, &cursor);

	if (rc != 0)
		return rc;
	at = key_slice(id, number);
	rc = db_seek(&store->db, cursor, &at, &key, &value);
	while (rc == 0 && len > 0) {
		at = key_slice(id, number);
		/* A gap in the numbers is damage: octets after it would be
		 * taken for those that are missing. */
		if (!slice_equal(key, slice_of(at.octets, at.len)) ||
		    value.len <= skip) {
			rc = ERR_NOTFOUND;
			break;
		}
		some = value.len - skip < len ? value.len - skip : len;
		rc = buffer_append(out, value.data + skip, some);
		skip = 0;
		len -= some;
		number++;
		if (rc == 0 && len > 0)
			rc = db_step(&store->db, cursor, &key, &value);
	}
	db_cursor_close(cursor);
	if (rc == ERR_NOTFOUND)
		rc = store_error(store, ERR_CORRUPT,
		    "content %llu: slice %u is damaged", (unsigned long long)id,
		    number);
	return rc;
}

/* store_content_read - append up to len octets from offset to out */
int
store_content_read(struct store *store, uint64_t id, uint64_t offset,
    size_t len, struct buffer *out, size_t *got)
{
	uint64_t length;
	int rc = store_content_length(store, id, &length);

	if (rc == 0)
		rc = db_enter(&store->db);
	if (rc != 0)
		return rc;
	/* A read beyond the end is a short one, as with files. */
	if (offset >= length)
		len = 0;
	else if (len > length - offset)
		len = (size_t)(length - offset);
	if (len != 0)
		rc = read_slices(store, id, offset, len, out);
	db_leave(&store->db);
	if (rc == 0 && got != NULL)
		*got = len;
	return rc;
}

/* content_copy - copy the first octets of an object into room */
int
content_copy(struct store *store, uint64_t id, uint8_t *room, size_t len)
{
	size_t done = 0, some;
	int rc = 0;

	/* By way of a buffer, in pieces: one of the whole length would be the
	 * second copy of it in memory. */
	while (rc == 0 && done < len) {
		buffer_reset(&store->body);
		some = len - done < COPY_PIECE ? len - done : COPY_PIECE;
		rc = read_slices(store, id, done, some, &store->body);
		if (rc == 0)
			memcpy(
			    room + done, buffer_slice(&store->body).data, some);
		done += some;
	}
	return rc;
}
