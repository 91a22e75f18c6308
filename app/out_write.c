/* SPDX-License-Identifier: ISC */
/*
 * out_write.c - make the files of an object, or find those that are there
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/entry.h"
#include "app/out.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "json/object_write.h"

struct writing {
	struct out *out;
	struct handed *object;
	struct p1_envelope envelope;
	struct buffer octets; /* of the envelope */
	struct object_writer *writer;
	struct new_file content, part;
	struct diag diag;
};

/* place_of - get the descriptor of a place */
static int
place_of(const struct writing *w, enum directory_place place)
{
	return w->out->app.directory.fd[place];
}

/* part_ending - write how the name of a part's file ends */
static void
part_ending(char ending[32], size_t number)
{
	(void)snprintf(ending, 32, ".%zu.part", number);
}

/* part_begin - make the file of a part, as a taker */
static int
part_begin(void *arg, size_t number, char *name)
{
	struct writing *w = arg;
	char own[OUT_NAME_MAX], ending[32];

	part_ending(ending, number);
	out_name(name, w->object->given.message, ending);
	out_own_name(own, w->object->given.message, ending);
	return new_file_begin(&w->part, &w->out->app.worker,
	    place_of(w, DIRECTORY_OUT_TMP), own,
	    directory_mode(&w->out->app.directory), &w->diag);
}

/* part_data - write octets of a part, as a taker */
static int
part_data(void *arg, size_t number, struct slice octets)
{
	struct writing *w = arg;

	(void)number;
	return new_file_write(&w->part, octets);
}

/* part_end - have a part on the disk, and give it its name, as a taker */
static int
part_end(void *arg, size_t number, uint64_t length)
{
	struct writing *w = arg;
	char own[OUT_NAME_MAX], name[OUT_NAME_MAX], ending[32];
	int error = new_file_end(&w->part, &w->diag);

	(void)length;
	part_ending(ending, number);
	out_name(name, w->object->given.message, ending);
	out_own_name(own, w->object->given.message, ending);
	if (error == 0 &&
	    renameat(place_of(w, DIRECTORY_OUT_TMP), own,
		place_of(w, DIRECTORY_OUT_NEW), name) < 0)
		error = ERR_IO;
	return error;
}

/* part_drop - remove the parts of a content that cannot be read, as a taker */
static int
part_drop(void *arg)
{
	struct writing *w = arg;

	new_file_drop(&w->part);
	/* The content is not named yet, and its file stays open. */
	for (size_t number = 1;; number++) {
		char name[OUT_NAME_MAX], ending[32];

		part_ending(ending, number);
		out_name(name, w->object->given.message, ending);
		if (unlinkat(place_of(w, DIRECTORY_OUT_NEW), name, 0) < 0)
			return 0;
	}
}

/* push_octets - write octets of the content, and have them read, as a sink */
static int
push_octets(void *arg, struct slice octets)
{
	struct writing *w = arg;
	int error = new_file_write(&w->content, octets);

	return error < 0 ? error : object_writer_push(w->writer, octets);
}

/* write_content - write content and parts under their names */
static int
write_content(struct writing *w)
{
	struct handed *object = w->object;
	char own[OUT_NAME_MAX], name[OUT_NAME_MAX];
	int error;

	out_own_name(own, object->given.message, ".content");
	out_name(name, object->given.message, ".content");
	error = new_file_begin(&w->content, &w->out->app.worker,
	    place_of(w, DIRECTORY_OUT_TMP), own,
	    directory_mode(&w->out->app.directory), &w->diag);
	if (error == 0)
		error = handing_content(&w->out->hand, object, push_octets, w);
	if (error == 0)
		error = new_file_end(&w->content, &w->diag);
	if (error == 0 &&
	    renameat(place_of(w, DIRECTORY_OUT_TMP), own,
		place_of(w, DIRECTORY_OUT_NEW), name) < 0)
		error = ERR_IO;
	return error;
}

/* write_object - write content and parts, then the JSON under a name of ours */
static int
write_object(struct writing *w)
{
	struct handed *object = w->object;
	const struct object_taker taker = {.begin = part_begin,
	    .data = part_data,
	    .end = part_end,
	    .drop = part_drop,
	    .arg = w};
	char content[OUT_NAME_MAX], own[OUT_NAME_MAX];
	struct object_context context = {.id = object->given.message,
	    .arrival = handing_arrival(&w->envelope),
	    .attempt = object->attempt,
	    .submission = slice_of_string(object->submission),
	    .content = {.place = OBJECT_FILE,
		.has_length = true,
		.length = object->given.content_length}};
	struct buffer json;
	int error;

	out_name(content, object->given.message, ".content");
	out_own_name(own, object->given.message, ENTRY_JSON);
	context.content.file = slice_of_string(content);
	buffer_init(&json, OBJECT_TEXT_MAX + 1);
	w->writer = object_writer_new(&w->envelope, &context, &taker);
	error = w->writer == NULL ? ERR_NOMEM : write_content(w);
	if (error == 0)
		error = object_writer_finish(w->writer, &json);
	if (error == 0)
		error = buffer_append(&json, "\n", 1);
	if (error == 0)
		error = new_file_put(&w->out->app.worker,
		    place_of(w, DIRECTORY_OUT_TMP), own,
		    directory_mode(&w->out->app.directory), buffer_slice(&json),
		    &w->diag);
	object_writer_free(w->writer);
	new_file_drop(&w->part);
	if (error < 0)
		new_file_drop(&w->content);
	buffer_fini(&json);
	return error;
}

/*
 * find_files - look how far an object was that an earlier worker had noted:
 * true if it need not be written again
 */
static bool
find_files(struct writing *w)
{
	struct handed *object = w->object;
	char name[OUT_NAME_MAX], own[OUT_NAME_MAX];

	out_name(name, object->given.message, ENTRY_JSON);
	out_own_name(own, object->given.message, ".answer");
	/* An answer that was taken is reported again: qmgr did not commit it,
	 * or the job would not have come. */
	if (entry_exists(place_of(w, DIRECTORY_OUT_TMP), own)) {
		object->state = HANDED_GIVEN;
		out_answer(w->out, object, DIRECTORY_OUT_TMP, own);
		return true;
	}
	out_own_name(own, object->given.message, ENTRY_JSON);
	if (entry_exists(place_of(w, DIRECTORY_OUT_DONE), name) ||
	    entry_exists(place_of(w, DIRECTORY_OUT_NEW), name) ||
	    entry_exists(place_of(w, DIRECTORY_OUT_CUR), name)) {
		/* The scan that follows sees which of them it is. */
		object->state = HANDED_GIVEN;
		w->out->next_scan = 0;
		return true;
	}
	if (w->out->app.application->delivered_when != CONF_DELIVERED_WRITTEN)
		return false;
	/* Noted and whole, but not given: that is still to be done.  If it is
	 * nowhere it was given, and the program has removed it. */
	object->state = HANDED_WRITTEN;
	if (entry_exists(place_of(w, DIRECTORY_OUT_TMP), own))
		out_publish(w->out, object);
	else
		out_outcome(w->out, object, IPC_DELIVERED, "");
	return true;
}

/* fail_object - decide what becomes of an object that could not be written */
static void
fail_object(struct writing *w, int error)
{
	struct out *out = w->out;
	const char *why = w->diag.code != 0 ? diag_text(&w->diag)
	    : error == ERR_IO		    ? strerror(errno)
					    : error_strerror(error);

	if (error == ERR_CLOSED || error == ERR_TIMEOUT) {
		out->hand.channel.gone = true;
		return;
	}
	if (error == ERR_IO || error == ERR_NOMEM)
		out_unusable(out, why);
	w->object->state = HANDED_COME;
	if (error == ERR_IO || error == ERR_NOMEM || error == ERR_CANCELLED)
		out_outcome(out, w->object, IPC_UNSTARTED, why);
	else
		/* Such a message can be given to no program, now or later. */
		out_outcome(out, w->object, IPC_HELD, why);
}

/* out_write - make the files of an object, or find them */
void
out_write(struct out *out, struct handed *object)
{
	struct writing w = {.out = out, .object = object};
	int error;

	worker_item(&out->app.worker, object->given.message);
	arena_reset(&out->arena);
	new_file_init(&w.content);
	new_file_init(&w.part);
	buffer_init(&w.octets, P1_ENVELOPE_MAX);
	error = handing_envelope(
	    &out->hand, object, &w.octets, &out->arena, &w.envelope, &w.diag);
	if (error == 0 && object->noted && object->state == HANDED_COME &&
	    find_files(&w))
		goto out;
	/* Files of this ID that are not noted are of an older queue. */
	if (error == 0 && !object->noted)
		out_remove(out, object->given.message);
	if (error == 0)
		error = write_object(&w);
	if (error == 0) {
		object->state = HANDED_WRITTEN;
		/* The files' names must be on the disk before qmgr relies on
		 * them. */
		if (FAULT_POINT("app-note") ||
		    fsync(place_of(&w, DIRECTORY_OUT_NEW)) < 0 ||
		    fsync(place_of(&w, DIRECTORY_OUT_TMP)) < 0)
			error = ERR_IO;
	}
	if (error == 0)
		error = handing_note(&out->hand, object);
	if (error < 0)
		fail_object(&w, error);
out:
	buffer_fini(&w.octets);
	worker_item(&out->app.worker, 0);
}

/* out_publish - give an object whose files are whole to the program */
void
out_publish(struct out *out, struct handed *object)
{
	const int *fd = out->app.directory.fd;
	char own[OUT_NAME_MAX], name[OUT_NAME_MAX];

	out_own_name(own, object->given.message, ENTRY_JSON);
	out_name(name, object->given.message, ENTRY_JSON);
	if (FAULT_POINT("app-publish") ||
	    renameat(fd[DIRECTORY_OUT_TMP], own, fd[DIRECTORY_OUT_NEW], name) <
		0 ||
	    fsync(fd[DIRECTORY_OUT_NEW]) < 0) {
		out_unusable(out, strerror(errno));
		object->state = HANDED_COME;
		out_outcome(out, object, IPC_UNSTARTED, out->why);
		return;
	}
	handing_log_given(&out->hand, object);
	object->state = HANDED_GIVEN;
	if (out->app.application->delivered_when == CONF_DELIVERED_WRITTEN)
		out_outcome(out, object, IPC_DELIVERED, "");
}
