/* SPDX-License-Identifier: ISC */
/*
 * in_send.c - submissions to qmgr, and its answers
 */
#include <stdlib.h>
#include <string.h>

#include "app/in.h"
#include "base/clock.h"
#include "base/log.h"

/* in_free - find an object that is free */
struct in_object *
in_free(struct in *in)
{
	for (size_t i = 0; i < LIMITS_FILES; i++)
		if (!in->objects[i].busy)
			return &in->objects[i];
	return NULL;
}

/* in_clear - free what an object has */
void
in_clear(struct in_object *object)
{
	submitted_fini(&object->sent);
	free(object->files);
	*object = (struct in_object){.busy = false};
}

/* lose_qmgr - note that qmgr is gone */
static int
lose_qmgr(struct in *in, const char *why)
{
	if (!in->gone)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	in->gone = true;
	return ERR_CLOSED;
}

/* take_record - take a record of qmgr's */
static void
take_record(struct in *in, const struct ipc_record *record)
{
	uint64_t number = submission_number(record);

	if (record->type == IPC_RETIRE)
		in->app.worker.stopping = true;
	for (size_t i = 0; number != 0 && i < LIMITS_FILES; i++) {
		struct in_object *object = &in->objects[i];

		if (object->busy && object->sent.at_qmgr.number == number)
			submitted_take(&object->sent, record);
	}
}

/* pump_records - take what qmgr has sent */
static int
pump_records(struct in *in)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (in->gone)
		return ERR_CLOSED;
	filled = ipc_channel_fill(&in->app.qmgr);
	while ((result = ipc_channel_take(&in->app.qmgr, &record, &diag)) == 1)
		take_record(in, &record);
	if (result < 0)
		return lose_qmgr(in, diag_text(&diag));
	if (filled < 0 && filled != ERR_AGAIN)
		return lose_qmgr(in, error_strerror(filled));
	return 0;
}

/* in_wait - wait for qmgr or for files */
int
in_wait(struct in *in, enum in_wait_for what, uint64_t deadline)
{
	struct pollfd fds[2] = {{.fd = in->app.qmgr.fd, .events = POLLIN},
	    {.fd = in->inotify, .events = POLLIN}};
	int result;

	if (in->gone || ipc_channel_flush(&in->app.qmgr) < 0)
		return lose_qmgr(in, "the connection has ended");
	if (ipc_channel_pending(&in->app.qmgr) > 0)
		fds[0].events |= POLLOUT;
	result = worker_wait(&in->app.worker, fds,
	    what == IN_WAIT_FILES && in->inotify >= 0 ? 2 : 1, deadline);
	if (result < 0 && result != ERR_TIMEOUT && result != ERR_CANCELLED)
		return lose_qmgr(in, error_strerror(result));
	return pump_records(in) < 0 ? ERR_CLOSED : result;
}

/* give_record - send a record of a submission */
static int
give_record(void *arg, const struct ipc_record *record)
{
	struct in *in = arg;
	int error;

	if (in->gone)
		return ERR_CLOSED;
	error = worker_send(
	    &in->app.worker, &in->app.qmgr, record, clock_after(LIMITS_SEND));
	return error < 0 ? lose_qmgr(in, error_strerror(error)) : 0;
}

/* wait_for_room - wait for qmgr to commit what it was sent */
static int
wait_for_room(void *arg)
{
	struct in *in = arg;

	if (in_wait(in, IN_WAIT_QMGR, CLOCK_NEVER) == ERR_CLOSED)
		return ERR_CLOSED;
	return in->app.worker.stopping ? ERR_CANCELLED : 0;
}

/* in_init - begin without objects */
int
in_init(struct in *in)
{
	in->inotify = -1;
	directory_init(&in->app.directory);
	submitter_init(&in->submitter, give_record, wait_for_room, in);
	return submitting_init(&in->submitting, &in->app, &in->submitter);
}

/* in_fini - free what in_init took */
void
in_fini(struct in *in)
{
	for (size_t i = 0; i < LIMITS_FILES; i++)
		in_clear(&in->objects[i]);
	submitter_fini(&in->submitter);
	submitting_fini(&in->submitting);
	directory_close(&in->app.directory);
}
