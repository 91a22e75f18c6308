/* SPDX-License-Identifier: ISC */
/*
 * in_take.c - make a submission of an object
 */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "app/in_supply.h"
#include "base/fault.h"

#define PIECE	    (64 * 1024)
#define TICK_OCTETS (16 * 1024 * 1024)

struct taking {
	struct in *in;
	struct in_object *object;
	struct object whole;
	struct object_content *content;
	struct in_supply supply;
	struct object_fault fault;
	struct buffer json, envelope;
	XXH3_state_t *digest[2]; /* two seeds, 16 octets each */
};

/* read_json - read NAME.json, and the object in it */
static int
read_json(struct taking *t)
{
	const struct app *app = &t->in->app;
	struct object_defaults defaults = {.id = t->object->name};
	char file[ENTRY_FILE_MAX];
	struct diag diag = {0};
	int error;

	(void)strlcpy(file, t->object->name, sizeof(file));
	(void)strlcat(file, ENTRY_JSON, sizeof(file));
	error = entry_read(app->directory.fd[DIRECTORY_IN_NEW], file,
	    OBJECT_TEXT_MAX, &t->json, &t->object->st, &diag);
	if (error < 0)
		return error == ERR_NOTFOUND
		    ? error
		    : object_fault_set(
			  &t->fault, error, "", "%s", diag_text(&diag));
	error = global_domain_parse(slice_of_string(app->conf->mta.domain.text),
	    &t->in->arena, &defaults.domain, NULL);
	if (error < 0)
		return error;
	return object_read(buffer_slice(&t->json), &defaults, &t->in->arena,
	    &t->whole, &t->fault);
}

/* set_key - set the key by which the object is known again */
static int
set_key(struct taking *t)
{
	struct slice key = t->whole.key;

	if (key.len == 0)
		key = slice_of_string(t->object->name);
	/* Cut off, the names of two objects could be one key. */
	if (key.len >= sizeof(t->object->key))
		return object_fault_set(&t->fault, ERR_VALUE, "/key",
		    "needed: the object's name is longer than %d characters",
		    OBJECT_KEY_MAX);
	memcpy(t->object->key, key.data, key.len);
	t->object->key[key.len] = '\0';
	return 0;
}

/* add_octets - pass on octets, and add them to the digest */
static int
add_octets(struct taking *t, struct slice octets)
{
	for (size_t i = 0; i < 2; i++)
		(void)XXH3_128bits_update(
		    t->digest[i], octets.data, octets.len);
	return submission_body(&t->in->submitter, &t->object->at_qmgr, octets);
}

/* send_content - pass on the octets of the content */
static int
send_content(struct taking *t)
{
	uint8_t *room = malloc(PIECE);
	uint64_t done = 0;
	int64_t n = 1;
	int error = room == NULL ? ERR_NOMEM : 0;

	while (error == 0 && n > 0) {
		n = object_content_read(t->content, room, PIECE, &t->fault);
		error = n < 0 ? (int)n : 0;
		if (n > 0)
			error = add_octets(t, slice_of(room, (size_t)n));
		done += n > 0 ? (uint64_t)n : 0;
		/* A long content is progress, though nobody is waited for. */
		if (done % TICK_OCTETS < PIECE)
			worker_tick(&t->in->app.worker);
	}
	free(room);
	return error;
}

/* end_submission - ask qmgr to take responsibility, under the key */
static int
end_submission(struct taking *t)
{
	uint8_t digest[IPC_DIGEST_LEN];

	for (size_t i = 0; i < 2; i++) {
		XXH128_canonical_t canonical;

		XXH128_canonicalFromHash(
		    &canonical, XXH3_128bits_digest(t->digest[i]));
		memcpy(digest + 16 * i, canonical.digest, 16);
	}
	return submission_end_keyed(&t->in->submitter, &t->object->at_qmgr,
	    object_content_length(t->content), slice_of_string(t->object->key),
	    slice_of(digest, sizeof(digest)));
}

/* submit - submit the whole object */
static int
submit(struct taking *t)
{
	struct submission *at_qmgr = &t->object->at_qmgr;
	const struct ipc_submit_start start = {
	    .kind = object_mts_kind(t->whole.kind),
	    .origin = IPC_SUBMISSION,
	    .envelope_length = buffer_length(&t->envelope),
	    .refuse_at_once = object_mts_kind(t->whole.kind) == MTS_MESSAGE};
	int error;

	/* Busy before the record is given: the answer may come while it is
	 * sent. */
	t->object->busy = true;
	submission_init(&t->in->submitter, at_qmgr);
	error = submission_start(&t->in->submitter, at_qmgr, &start);
	if (error == 0)
		error = add_octets(t, buffer_slice(&t->envelope));
	if (error == 0)
		error = send_content(t);
	if (error == 0 && FAULT_POINT("app-in-sent"))
		error = ERR_CANCELLED;
	if (error == 0)
		error = end_submission(t);
	/* qmgr has refused it already, which is an answer like others. */
	if (error == ERR_REFUSED)
		return 0;
	if (error < 0) {
		(void)!submission_cancel(
		    &t->in->submitter, at_qmgr, SUBMISSION_DROP);
		t->object->busy = false;
	}
	return error;
}

/* make_digest - make the two states of the digest */
static int
make_digest(struct taking *t)
{
	for (size_t i = 0; i < 2; i++) {
		t->digest[i] = XXH3_createState();
		if (t->digest[i] == NULL ||
		    XXH3_128bits_reset_withSeed(t->digest[i], i) == XXH_ERROR)
			return ERR_NOMEM;
	}
	return 0;
}

/* take_object - read an object and submit it */
static int
take_object(struct taking *t)
{
	struct object_supply supply = in_supply_of(&t->supply);
	int error = make_digest(t);

	if (error == 0)
		error = read_json(t);
	if (error == 0)
		error = set_key(t);
	if (error < 0)
		return error;
	error = object_content_begin(
	    &t->whole, &t->in->arena, &supply, &t->content, &t->fault);
	t->object->all_files = error == 0;
	if (error == 0)
		error = p1_encode(
		    &t->whole.envelope, EXTENSION_IMPLICIT, &t->envelope);
	return error < 0 ? error : submit(t);
}

/* in_take - submit the object of this file, or set it aside */
void
in_take(struct in *in, struct in_object *object, const char *name)
{
	struct taking t = {.in = in, .object = object};
	int error;

	in_clear(object);
	(void)strlcpy(object->name, name, sizeof(object->name));
	/* Noted in shared memory: if this object ends the worker, the next one
	 * sets it aside. */
	worker_item_file(&in->app.worker, name);
	arena_reset(&in->arena);
	in_supply_init(&t.supply, in, object);
	buffer_init(&t.json, OBJECT_TEXT_MAX + 2 * PIECE);
	buffer_init(&t.envelope, P1_ENVELOPE_MAX);
	error = take_object(&t);
	/* With qmgr gone, or no memory, the object waits for a later scan. */
	if (error < 0 && error != ERR_CLOSED && error != ERR_CANCELLED &&
	    error != ERR_NOMEM && error != ERR_NOTFOUND) {
		(void)object_fault_set(
		    &t.fault, error, "", "%s", error_strerror(error));
		in_set_aside(in, object, "invalid", &t.fault);
	}
	object_content_end(t.content);
	in_supply_fini(&t.supply);
	buffer_fini(&t.json);
	buffer_fini(&t.envelope);
	for (size_t i = 0; i < 2; i++)
		(void)XXH3_freeState(t.digest[i]);
	worker_item_file(&in->app.worker, NULL);
}
