/* SPDX-License-Identifier: ISC */
/*
 * handing.c - what qmgr hands out for a program, and what it is told of it
 */
#include "app/handing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/log.h"

/* A note of ours: how often an object was given out, and not answered. */
#define NOTE_FORMAT "application %u %u"

/* handing_find - find the object of a queue id */
struct handed *
handing_find(struct handing *handing, uint64_t id)
{
	for (size_t i = 0; i < HANDED_MAX; i++)
		if (handing->objects[i].used &&
		    handing->objects[i].given.message == id)
			return &handing->objects[i];
	return NULL;
}

/* read_note - read what an earlier worker had noted of an object */
static void
read_note(struct handed *object, struct slice note)
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
	struct handing *handing = arg;
	struct handed *object = NULL;

	for (size_t i = 0; i < HANDED_MAX && object == NULL; i++)
		if (!handing->objects[i].used)
			object = &handing->objects[i];
	if (object == NULL || from->envelope_length > P1_ENVELOPE_MAX ||
	    from->submission.len >= sizeof(object->submission))
		return diag_set(diag, ERR_VALUE, "impossible job");
	*object = (struct handed){.used = true};
	read_note(object, from->note);
	(void)escape_text(object->mts_id, sizeof(object->mts_id), from->mts_id);
	/* The rest is NUL since the object was cleared. */
	if (from->submission.len > 0)
		memcpy(object->submission, from->submission.data,
		    from->submission.len);
	handing->last_job = clock_monotonic();
	handing->come++;
	*given = &object->given;
	return 0;
}

/* handing_end - forget an object */
void
handing_end(struct handing *handing, struct handed *object)
{
	client_jobs_remove(&handing->channel.jobs, &object->given);
	free(object->responsible);
	*object = (struct handed){.used = false};
}

/* take_note - note that qmgr has committed an object's note */
static void
take_note(struct handing *handing, uint64_t number)
{
	struct handed *object =
	    (struct handed *)client_jobs_find(&handing->channel.jobs, number);

	if (object == NULL)
		return;
	object->noted = true;
	handing->calls->noted(handing->arg, object);
}

/* take_outcome - note that qmgr has committed an outcome */
static void
take_outcome(struct handing *handing, uint64_t number)
{
	struct handed *object =
	    (struct handed *)client_jobs_find(&handing->channel.jobs, number);

	if (object != NULL)
		handing->calls->committed(handing->arg, object);
}

/* take_record - take a record of qmgr's that the channel leaves to us */
static int
take_record(void *arg, const struct ipc_record *record)
{
	struct handing *handing = arg;

	if (record->type == IPC_DELIVERY_NOTE)
		take_note(handing, record->delivery_note.job);
	else if (record->type == IPC_OUTCOME)
		take_outcome(handing, record->outcome.job);
	else
		return handing->calls->other(handing->arg, record);
	return 0;
}

/* handing_init - begin without objects */
void
handing_init(struct handing *handing, struct app *app,
    const struct handing_calls *calls, void *arg)
{
	*handing = (struct handing){.app = app, .calls = calls, .arg = arg};
	job_channel_init(&handing->channel, &app->worker, &app->qmgr,
	    make_object, take_record, handing);
	handing->channel.jobs.most = HANDED_MAX;
}

/* handing_fini - free what handing_init took */
void
handing_fini(struct handing *handing)
{
	for (size_t i = 0; i < HANDED_MAX; i++)
		if (handing->objects[i].used)
			handing_end(handing, &handing->objects[i]);
}

/* handing_give - append a record */
int
handing_give(struct handing *handing, const struct ipc_record *record)
{
	struct job_channel *channel = &handing->channel;
	int error;

	if (channel->gone)
		return ERR_CLOSED;
	/* Many records go with one write. */
	error = ipc_channel_send(channel->qmgr, record);
	return error == 0 ? 0 : job_channel_give(channel, record);
}

/* handing_note - ask qmgr to note an object's attempt */
int
handing_note(struct handing *handing, const struct handed *object)
{
	char text[64];
	int len = snprintf(
	    text, sizeof(text), NOTE_FORMAT, object->attempt, object->timeouts);
	const struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
	    .delivery_note = {.job = object->given.number,
		.note = slice_of(text, (size_t)len)}};

	return handing_give(handing, &record);
}

/* handing_outcome - report an outcome for all recipients of an object alike */
void
handing_outcome(struct handing *handing, struct handed *object,
    enum ipc_result result, const char *text, enum handing_left left)
{
	const struct ipc_record record = {.type = IPC_OUTCOME,
	    .outcome = {.job = object->given.number,
		.result = result,
		.diagnostic = -1,
		.text = slice_of_string(text),
		.octets = client_job_length(&object->given),
		.confirm = left == HANDING_CONFIRMED}};

	(void)!handing_give(handing, &record);
	object->state = HANDED_ANSWERED;
	if (left == HANDING_NOTHING)
		handing_end(handing, object);
}

/* handing_lapses - find when the time of an object that was claimed is over */
uint64_t
handing_lapses(const struct handing *handing)
{
	uint64_t first = CLOCK_NEVER;

	for (size_t i = 0; i < HANDED_MAX; i++) {
		const struct handed *object = &handing->objects[i];
		uint64_t over =
		    object->claimed + handing->app->application->answer_timeout;

		if (object->used && object->state == HANDED_CLAIMED &&
		    over < first)
			first = over;
	}
	return first;
}

/* handing_lapse - count that the program has not answered in time */
bool
handing_lapse(
    const struct handing *handing, struct handed *object, const char *why)
{
	object->timeouts++;
	LOG_EVENT(EVENT_APP_TIMEOUT, LOG_INT("id", object->given.message),
	    LOG_STRING("mts_id", object->mts_id),
	    LOG_STRING("application", handing->app->application->name),
	    LOG_INT("attempt", object->attempt), LOG_STRING("reason", why));
	if (object->timeouts >= HANDED_TIMEOUTS_MAX)
		return false;
	object->attempt++;
	return true;
}

/* handing_log_given - log that an object was given to the program */
void
handing_log_given(const struct handing *handing, const struct handed *object)
{
	LOG_EVENT(EVENT_APP_GIVEN, LOG_INT("id", object->given.message),
	    LOG_STRING("mts_id", object->mts_id),
	    LOG_STRING("application", handing->app->application->name),
	    LOG_INT("size", object->given.content_length),
	    LOG_INT("attempt", object->attempt));
}
