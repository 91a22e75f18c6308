/* SPDX-License-Identifier: ISC */
/*
 * check_contents.c - content objects, their slices, their users, the lists
 *
 * Objects are read before the messages, which say who uses them; slices and
 * lists after.
 */
#include <stdlib.h>

#include "check/check_state.h"

/* check_object - find the object with an id, or NULL */
struct check_object *
check_object(struct check *check, uint64_t id)
{
	size_t low = 0, high = check->objects, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (check->object[mid].id == id)
			return &check->object[mid];
		if (check->object[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* add_object - remember an object */
static void
add_object(struct check *check, struct check_object object)
{
	size_t max = check->objects_max == 0 ? 1024 : check->objects_max * 2;
	struct check_object *more;

	if (check->objects == check->objects_max) {
		more = reallocarray(check->object, max, sizeof(*more));
		if (more == NULL) {
			check->nomem = true;
			return;
		}
		check->object = more;
		check->objects_max = max;
	}
	check->object[check->objects++] = object;
}

/* add_source - count a content for its source */
static void
add_source(struct check *check, uint32_t source, uint64_t octets)
{
	if (source_content(&check->store, source, SOURCE_ADD, 1, octets) != 0)
		check->nomem = true;
}

/* object_row - check the record of an object, and keep it */
static int
object_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct check_object object = {.users = 0};
	struct object_record record;
	struct diag reason = {.code = 0};

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "objects", 0, "bad key");
		return 0;
	}
	object.id = key_number(key, 0, 8);
	check->result.contents++;
	check_seen(check, NEXT_CONTENT, object.id);
	if (object_decode(value, &record, &reason) != 0) {
		check_finding(
		    check, "content", object.id, "%s", diag_text(&reason));
		check_causes(check, CHECK_OBJECTS);
	} else {
		object.length = record.length;
		object.references = record.references;
		add_object(check, object);
		add_source(check, record.source, record.length);
	}
	return 0;
}

/* check_objects - read them all */
void
check_objects(struct check *check)
{
	check_walk(check, DB_OBJECTS, object_row);
}

/* end_content - check a content when all its slices were read */
static void
end_content(struct check *check)
{
	uint64_t id = check->content;
	struct db_key key = key_id(id);
	struct check_object *object;
	bool partial, reap;

	if (id == 0)
		return;
	check->content = 0;
	object = check_object(check, id);
	partial = check_exists(check, DB_PARTIAL, &key);
	reap = check_exists(check, DB_REAP, &key);
	/* A content being received has no object yet, and one being reaped has
	 * none any more. */
	if (object == NULL && !partial && !reap) {
		check_follow_up(check, CHECK_OBJECTS, "content", id,
		    "%llu slices belong to nothing",
		    (unsigned long long)check->slices);
		return;
	}
	/* Reaping removes slices from the first on, in several transactions. */
	if (!reap && check->slice_first != 0)
		check_finding(check, "content", id, "begins with slice %llu",
		    (unsigned long long)check->slice_first);
	if (object == NULL)
		return;
	object->slices = true;
	if (object->length != check->slice_octets)
		check_finding(check, "content", id,
		    "slices hold %llu octets, not %llu",
		    (unsigned long long)check->slice_octets,
		    (unsigned long long)object->length);
}

/* slice_row - check one slice, and that it follows the one before */
static int
slice_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	uint64_t id, number;

	(void)diag;
	if (key.len != 12 || key_number(key, 0, 8) == 0) {
		check_finding(check, "slices", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	number = key_number(key, 8, 4);
	if (id != check->content) {
		end_content(check);
		check->content = id;
		check->slices = 0;
		check->slice_octets = 0;
		check->slice_first = number;
		check->slice_short = false;
		check_seen(check, NEXT_CONTENT, id);
	}
	if (number != check->slice_first + check->slices)
		check_finding(check, "content", id, "slice %llu is missing",
		    (unsigned long long)(check->slice_first + check->slices));
	/* Only the last slice of a content may be short: reading finds a slice
	 * by division. */
	if (value.len == 0 || value.len > STORE_SLICE || check->slice_short)
		check_finding(check, "content", id,
		    "slice %llu: one of %zu octets", (unsigned long long)number,
		    value.len);
	check->slice_short = value.len < STORE_SLICE;
	check->slices++;
	check->slice_octets += value.len;
	return 0;
}

/* partial_row - check the record of an object that nobody uses yet */
static int
partial_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct store_partial partial = {.source = STORE_SOURCE_NOBODY};
	struct diag reason = {.code = 0};
	struct db_key again;
	uint64_t id, length;

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "partial", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	again = key_id(id);
	check_seen(check, NEXT_CONTENT, id);
	if (partial_decode(value, &partial, &reason) < 0)
		check_finding(check, "content", id, "%s", diag_text(&reason));
	/* A content with an object was counted for its source there. */
	else if (check_object(check, id) == NULL &&
	    store_content_length(&check->store, id, &length) == 0)
		add_source(check, partial.source, length);
	if (check_exists(check, DB_REAP, &again))
		check_finding(
		    check, "content", id, "is partial, and to be reaped");
	return 0;
}

/* reap_row - check the record of an object that waits to be reaped */
static int
reap_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct check *check = check_of(store);
	struct diag reason = {.code = 0};
	uint64_t id, octets;
	uint32_t source;

	(void)diag;
	if (key.len != 8) {
		check_finding(check, "reap", 0, "bad key");
		return 0;
	}
	id = key_number(key, 0, 8);
	if (reap_decode(value, &source, &octets, &reason) != 0)
		check_finding(check, "reap", id, "%s", diag_text(&reason));
	else
		add_source(check, source, octets);
	check_seen(check, NEXT_CONTENT, id);
	if (check_object(check, id) != NULL)
		check_finding(
		    check, "content", id, "is an object, and to be reaped");
	return 0;
}

/* check_contents - check slices and lists, and compare objects with their
 * users */
void
check_contents(struct check *check)
{
	struct check_object *o;
	struct db_key key;
	bool partial;

	check_walk(check, DB_SLICES, slice_row);
	end_content(check);
	check_walk(check, DB_PARTIAL, partial_row);
	check_walk(check, DB_REAP, reap_row);
	for (o = check->object; o < check->object + check->objects; o++) {
		key = key_id(o->id);
		partial = check_exists(check, DB_PARTIAL, &key);
		if (!o->slices && o->length != 0)
			check_finding(check, "content", o->id, "has no slices");
		if (o->references != o->users)
			check_follow_up(check, CHECK_MESSAGES, "content", o->id,
			    "%llu references, %llu users",
			    (unsigned long long)o->references,
			    (unsigned long long)o->users);
		if (partial != (o->references == 0))
			check_follow_up(check, CHECK_MESSAGES, "content", o->id,
			    partial ? "is used, and partial"
				    : "is neither used nor partial");
	}
}
