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
#include "base/log.h"

#define BODY_TIMEOUT 120000 /* ms for qmgr to send some of a body */
/* A note of ours: how often an object was given out, and not answered. */
#define NOTE_FORMAT "application %u %u"

/* lose_qmgr - note that qmgr is gone, or sends what cannot be */
static void
lose_qmgr(struct out *out, const char *why)
{
	if (!out->gone && !out->retire)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	out->gone = true;
}

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
	client_jobs_remove(&out->queue, &object->given);
	free(object->responsible);
	*object = (struct out_object){.used = false};
}

/* take_note - note that qmgr has committed an object's note */
static void
take_note(struct out *out, uint64_t number)
{
	struct out_object *object =
	    (struct out_object *)client_jobs_find(&out->queue, number);

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
	    (struct out_object *)client_jobs_find(&out->queue, number);

	if (object == NULL)
		return;
	out_remove(out, object->given.message);
	out_end(out, object);
}

/* take_record - take a record of qmgr's */
static int
take_record(struct out *out, const struct ipc_record *record, struct diag *diag)
{
	switch ((int)record->type) {
	case IPC_JOB:
	case IPC_BODY:
	case IPC_CANCEL:
		return client_jobs_take(&out->queue, record, diag);
	case IPC_DELIVERY_NOTE:
		take_note(out, record->delivery_note.job);
		return 0;
	case IPC_OUTCOME:
		take_outcome(out, record->outcome.job);
		return 0;
	case IPC_RETIRE:
		out->retire = true;
		return 0;
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record->type));
	}
}

/* out_init - begin without objects */
void
out_init(struct out *out)
{
	directory_init(&out->app.directory);
	out->inotify = -1;
	arena_init(&out->arena, OBJECT_ARENA_MAX);
	client_jobs_init(&out->queue, make_object, out);
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

/* out_pump - take what qmgr has sent */
void
out_pump(struct out *out)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (out->gone)
		return;
	filled = ipc_channel_fill(&out->app.qmgr);
	while ((result = ipc_channel_take(&out->app.qmgr, &record, &diag)) == 1)
		if ((result = take_record(out, &record, &diag)) < 0)
			break;
	if (result < 0)
		lose_qmgr(out, diag_text(&diag));
	else if (filled < 0 && filled != ERR_AGAIN)
		lose_qmgr(out, error_strerror(filled));
}

/* out_wait - wait for qmgr and for files */
int
out_wait(struct out *out, uint64_t deadline)
{
	struct pollfd fds[2] = {{.fd = out->app.qmgr.fd, .events = POLLIN},
	    {.fd = out->inotify, .events = POLLIN}};
	int result;

	if (out->gone)
		return ERR_CLOSED;
	if (ipc_channel_flush(&out->app.qmgr) < 0) {
		out_pump(out); /* records that were sent before the end */
		lose_qmgr(out, "the connection has ended");
		return ERR_CLOSED;
	}
	if (ipc_channel_pending(&out->app.qmgr) > 0)
		fds[0].events |= POLLOUT;
	result = worker_wait(
	    &out->app.worker, fds, out->inotify >= 0 ? 2 : 1, deadline);
	if (fds[1].revents != 0)
		out->next_scan = 0;
	out_pump(out);
	if (out->gone)
		return ERR_CLOSED;
	return result < 0 ? result : 0;
}

/* out_give - send a record */
int
out_give(struct out *out, const struct ipc_record *record)
{
	int error;

	if (out->gone)
		return ERR_CLOSED;
	error = worker_send(
	    &out->app.worker, &out->app.qmgr, record, clock_after(LIMITS_SEND));
	if (error < 0 && error != ERR_CANCELLED) {
		lose_qmgr(out, error_strerror(error));
		return ERR_CLOSED;
	}
	return 0;
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

	return out_give(out, &record);
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

	(void)!out_give(out, &record);
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

/* await_octets - ask for the next octets of a body, and wait for some */
static int
await_octets(struct out *out, struct out_object *object, uint64_t to)
{
	int error;

	if (object->given.cancelled)
		return ERR_CANCELLED;
	if (client_job_ask(&object->given, to, &out->app.qmgr) < 0)
		return ERR_CLOSED;
	error = out_wait(out, clock_after(BODY_TIMEOUT));
	/* A worker that is told to stop still finishes this object. */
	return error == ERR_CANCELLED ? 0 : error;
}

/* out_body - pass octets [from, to) of a job's body to a sink */
int
out_body(struct out *out, struct out_object *object, uint64_t from, uint64_t to,
    out_sink *sink, void *arg)
{
	struct client_job *given = &object->given;
	int error = 0;

	client_job_seek(given, from);
	while (error == 0 && given->at < to) {
		struct slice octets = client_job_octets(given);

		if (octets.len == 0) {
			error = await_octets(out, object, to);
			continue;
		}
		/* The sink must not see the octets of what follows. */
		if (octets.len > to - given->at)
			octets.len = (size_t)(to - given->at);
		client_job_read(given, octets.len);
		error = sink(arg, octets);
	}
	return error;
}
