/* SPDX-License-Identifier: ISC */
/*
 * out_jobs.c - what qmgr wants given out, and what it is told
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/out.h"
#include "base/clock.h"
#include "base/escape.h"

/* A note of ours: how often an object was given out, and not answered. */
#define NOTE_FORMAT "application %u %u"

/* out_find - find the object of a queue id */
struct out_object *
out_find(struct out *out, uint64_t id)
{
	for (size_t i = 0; i < LIMITS_BATCH; i++)
		if (out->objects[i].used && out->objects[i].given.message == id)
			return &out->objects[i];
	return NULL;
}

/* read_note - read what an earlier worker had noted of an object */
static void
read_note(struct out_object *object, struct slice note)
{
	char text[64] = "", end;

	/* A message that was rerouted has the note of another worker. */
	if (note.len < sizeof(text) && note.len > 0)
		memcpy(text, note.data, note.len);
	if (sscanf(text, NOTE_FORMAT "%c", &object->attempt, &object->timeouts,
		&end) == 2 &&
	    object->attempt > 0) {
		object->noted = true;
		return;
	}
	object->attempt = 1;
	object->timeouts = 0;
}

/* make_object - make the object that a record announces */
static int
make_object(void *arg, const struct ipc_job *from, struct client_job **given,
    struct diag *diag)
{
	struct out *out = arg;
	struct out_object *object = NULL;

	for (size_t i = 0; i < LIMITS_BATCH && object == NULL; i++)
		if (!out->objects[i].used)
			object = &out->objects[i];
	if (object == NULL || from->envelope_length > P1_ENVELOPE_MAX ||
	    from->submission.len >= sizeof(object->submission))
		return diag_set(diag, ERR_VALUE, "impossible job");
	*object = (struct out_object){.used = true};
	read_note(object, from->note);
	(void)escape_text(object->mts_id, sizeof(object->mts_id), from->mts_id);
	/* The rest is NUL since the object was cleared. */
	if (from->submission.len > 0)
		memcpy(object->submission, from->submission.data,
		    from->submission.len);
	out->last_job = clock_monotonic();
	*given = &object->given;
	return 0;
}

/* out_end - forget an object */
void
out_end(struct out *out, struct out_object *object)
{
	client_jobs_remove(&out->channel.jobs, &object->given);
	free(object->responsible);
	*object = (struct out_object){.used = false};
}

/* take_note - note that qmgr has committed an object's note */
static void
take_note(struct out *out, uint64_t number)
{
	struct out_object *object =
	    (struct out_object *)client_jobs_find(&out->channel.jobs, number);

	if (object == NULL)
		return;
	object->noted = true;
	if (object->state == OUT_WRITTEN)
		out_publish(out, object);
}

/* take_outcome - note that qmgr has committed an outcome: the files may go */
static void
take_outcome(struct out *out, uint64_t number)
{
	struct out_object *object =
	    (struct out_object *)client_jobs_find(&out->channel.jobs, number);

	if (object == NULL)
		return;
	out_remove(out, object->given.message);
	out_end(out, object);
}

/* take_record - take a record of qmgr's that the channel leaves to us */
static int
take_record(void *arg, const struct ipc_record *record)
{
	struct out *out = arg;

	if (record->type == IPC_DELIVERY_NOTE)
		take_note(out, record->delivery_note.job);
	else if (record->type == IPC_OUTCOME)
		take_outcome(out, record->outcome.job);
	else
		return ERR_PROTOCOL;
	return 0;
}

/* out_init - begin without objects */
void
out_init(struct out *out)
{
	directory_init(&out->app.directory);
	out->inotify = -1;
	arena_init(&out->arena, OBJECT_ARENA_MAX);
	job_channel_init(&out->channel, &out->app.worker, &out->app.qmgr,
	    make_object, take_record, out);
}

/* out_fini - free what out_init took */
void
out_fini(struct out *out)
{
	for (size_t i = 0; i < LIMITS_BATCH; i++)
		if (out->objects[i].used)
			out_end(out, &out->objects[i]);
	arena_fini(&out->arena);
	directory_close(&out->app.directory);
}

/* out_wait - wait for qmgr and for files */
int
out_wait(struct out *out, uint64_t deadline)
{
	struct pollfd files = {.fd = out->inotify, .events = POLLIN};
	int error = job_channel_wait(
	    &out->channel, out->inotify >= 0 ? &files : NULL, deadline);

	if (files.revents != 0)
		out->next_scan = 0;
	return error;
}

/* out_note - ask qmgr to note an object's attempt */
int
out_note(struct out *out, const struct out_object *object)
{
	char text[64];
	int len = snprintf(
	    text, sizeof(text), NOTE_FORMAT, object->attempt, object->timeouts);
	const struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
	    .delivery_note = {.job = object->given.number,
		.note = slice_of(text, (size_t)len)}};

	return job_channel_give(&out->channel, &record);
}

/* out_outcome - report an outcome for all recipients of an object alike */
void
out_outcome(struct out *out, struct out_object *object, enum ipc_result result,
    const char *text)
{
	bool files = result != IPC_UNSTARTED && object->state > OUT_COME &&
	    out->app.application->delivered_when == CONF_DELIVERED_ANSWERED;
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = object->given.number,
		.result = result,
		.diagnostic = -1,
		.text = slice_of_string(text),
		.octets = client_job_length(&object->given),
		.confirm = files}};

	(void)!job_channel_give(&out->channel, &record);
	object->state = OUT_ANSWERED;
	/* Files that are to go need the object until qmgr has committed. */
	if (!files)
		out_end(out, object);
}

/* out_unusable - note that the directory takes no file */
void
out_unusable(struct out *out, const char *why)
{
	if (out->lost)
		return;
	out->lost = true;
	(void)escape_printable(
	    out->why, sizeof(out->why), slice_of_string(why));
}
