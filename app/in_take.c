/* SPDX-License-Identifier: ISC */
/*
 * in_take.c - make a submission of an object
 */
#include <string.h>

#include "app/in_supply.h"

#define PIECE (64 * 1024)

struct taking {
	struct in *in;
	struct in_object *object;
	struct submitting *submitting;
	struct in_supply supply;
	struct buffer json;
};

/* read_json - read NAME.json, and the object in it */
static int
read_json(struct taking *t)
{
	const struct app *app = &t->in->app;
	struct submitting *submitting = t->submitting;
	struct object_defaults defaults;
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
		    : object_fault_set(&t->submitting->fault, error, "", "%s",
			  diag_text(&diag));
	error = submitting_defaults(submitting, t->object->name, &defaults);
	if (error < 0)
		return error;
	return object_read(buffer_slice(&t->json), &defaults,
	    &submitting->arena, &submitting->whole, &submitting->fault);
}

/* set_key - set the key by which the object is known again */
static int
set_key(struct taking *t)
{
	struct slice key = t->submitting->whole.key;

	if (key.len == 0)
		key = slice_of_string(t->object->name);
	/* Cut off, the names of two objects could be one key. */
	if (key.len >= sizeof(t->object->sent.key))
		return object_fault_set(&t->submitting->fault, ERR_VALUE,
		    "/key",
		    "needed: the object's name is longer than %d characters",
		    OBJECT_KEY_MAX);
	memcpy(t->object->sent.key, key.data, key.len);
	t->object->sent.key[key.len] = '\0';
	return 0;
}

/* take_object - read an object and submit it */
static int
take_object(struct taking *t)
{
	struct object_supply supply = in_supply_of(&t->supply);
	int error = read_json(t);

	if (error == 0)
		error = set_key(t);
	if (error < 0)
		return error;
	error = submitting_prepare(t->submitting, &supply);
	t->object->all_files = t->submitting->content != NULL;
	if (error < 0)
		return error;
	/* Busy before the record is given: the answer may come while it is
	 * sent. */
	t->object->busy = true;
	error = submitting_send(t->submitting, &t->object->sent);
	if (error < 0)
		t->object->busy = false;
	return error;
}

/* in_take - submit the object of this file, or set it aside */
void
in_take(struct in *in, struct in_object *object, const char *name)
{
	struct taking t = {
	    .in = in, .object = object, .submitting = &in->submitting};
	int error;

	in_clear(object);
	(void)strlcpy(object->name, name, sizeof(object->name));
	/* Noted in shared memory: if this object ends the worker, the next one
	 * sets it aside. */
	worker_item_file(&in->app.worker, name);
	submitting_begin(t.submitting);
	in_supply_init(&t.supply, in, object);
	buffer_init(&t.json, OBJECT_TEXT_MAX + 2 * PIECE);
	error = take_object(&t);
	/* With qmgr gone, or no memory, the object waits for a later scan. */
	if (error < 0 && error != ERR_CLOSED && error != ERR_CANCELLED &&
	    error != ERR_NOMEM && error != ERR_NOTFOUND) {
		(void)object_fault_set(&t.submitting->fault, error, "", "%s",
		    error_strerror(error));
		in_set_aside(in, object, "invalid", &t.submitting->fault);
	}
	/* The content borrows the files that are closed now. */
	submitting_begin(t.submitting);
	in_supply_fini(&t.supply);
	buffer_fini(&t.json);
	worker_item_file(&in->app.worker, NULL);
}
