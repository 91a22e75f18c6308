/* SPDX-License-Identifier: ISC */
/*
 * pickup_send.c - submissions to qmgr, and its answers
 *
 * Records are gathered and written together.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "mhs/p1.h"
#include "msmi/pickup.h"

/* pickup_free - find a submission that is free */
struct pickup_submission *
pickup_free(struct pickup *pickup)
{
	for (size_t i = 0; i < LIMITS_FILES; i++) {
		if (!pickup->submissions[i].busy)
			return &pickup->submissions[i];
	}
	return NULL;
}

/* lose_qmgr - note that qmgr is gone; the worker ends at the next opportunity
 */
static int
lose_qmgr(struct pickup *pickup, const char *why)
{
	/* Said once: every later call finds qmgr gone again. */
	if (!pickup->gone)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	pickup->gone = true;
	return ERR_CLOSED;
}

/* take_record - take a record of qmgr's */
static void
take_record(struct pickup *pickup, const struct ipc_record *record)
{
	uint64_t number = submission_number(record);

	if (record->type == IPC_RETIRE)
		pickup->msmi.worker.stopping = true;
	for (size_t i = 0; number != 0 && i < LIMITS_FILES; i++) {
		struct pickup_submission *s = &pickup->submissions[i];

		/* An answer may be for a submission that was cancelled, whose
		 * number nobody has any more. */
		if (s->busy && s->at_qmgr.number == number)
			submission_take(&s->at_qmgr, record);
	}
}

/* pump_records - take what qmgr has sent */
static int
pump_records(struct pickup *pickup)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (pickup->gone)
		return ERR_CLOSED;
	filled = ipc_channel_fill(&pickup->msmi.qmgr);
	while ((result = ipc_channel_take(
		    &pickup->msmi.qmgr, &record, &diag)) == 1)
		take_record(pickup, &record);
	if (result < 0)
		return lose_qmgr(pickup, diag_text(&diag));
	/* Records that came before the error have been taken: they may be
	 * answers. */
	if (filled < 0 && filled != ERR_AGAIN)
		return lose_qmgr(pickup, error_strerror(filled));
	return 0;
}

/* pickup_wait - wait for qmgr or for files */
int
pickup_wait(struct pickup *pickup, enum pickup_wait_for what, uint64_t deadline)
{
	struct pollfd fds[2] = {
	    {.fd = pickup->msmi.qmgr.fd, .events = POLLIN},
	    {.fd = pickup->inotify, .events = POLLIN},
	};
	int result;

	if (pickup->gone || ipc_channel_flush(&pickup->msmi.qmgr) < 0)
		return lose_qmgr(pickup, "the connection has ended");
	if (ipc_channel_pending(&pickup->msmi.qmgr) > 0)
		fds[0].events |= POLLOUT;
	result = worker_wait(&pickup->msmi.worker, fds,
	    what == PICKUP_WAIT_FILES && pickup->inotify != -1 ? 2 : 1,
	    deadline);
	if (result < 0 && result != ERR_TIMEOUT && result != ERR_CANCELLED)
		return lose_qmgr(pickup, error_strerror(result));
	if (pump_records(pickup) < 0)
		return ERR_CLOSED;
	return result;
}

/* give_record - append a record; waits while too much lies unsent */
static int
give_record(void *arg, const struct ipc_record *record)
{
	struct pickup *pickup = arg;
	uint64_t deadline = clock_after(LIMITS_SEND);
	int error;

	if (pickup->gone)
		return ERR_CLOSED;
	/* The record is not flushed here: one write carries several files, and
	 * the next wait flushes at the latest. */
	while ((error = ipc_channel_send(&pickup->msmi.qmgr, record)) ==
		ERR_LIMIT &&
	    ipc_channel_pending(&pickup->msmi.qmgr) > 0) {
		error = pickup_wait(pickup, PICKUP_WAIT_QMGR, deadline);
		if (error == ERR_CLOSED)
			return error;
		if (clock_remaining(deadline) == 0)
			return lose_qmgr(
			    pickup, "it does not read what it is sent");
	}
	return error < 0 ? lose_qmgr(pickup, error_strerror(error)) : 0;
}

/* wait_for_room - wait for qmgr to commit what it was sent */
static int
wait_for_room(void *arg)
{
	struct pickup *pickup = arg;

	if (pickup_wait(pickup, PICKUP_WAIT_QMGR, CLOCK_NEVER) == ERR_CLOSED)
		return ERR_CLOSED;
	return pickup->msmi.worker.stopping ? ERR_CANCELLED : 0;
}

/* pickup_init - begin without files */
int
pickup_init(struct pickup *pickup)
{
	pickup->inotify = -1;
	pickup->head = malloc(MMFF_HEADER_MAX);
	if (pickup->head == NULL)
		return ERR_NOMEM;
	arena_init(&pickup->arena, P1_ARENA_MAX);
	submitter_init(&pickup->submitter, give_record, wait_for_room, pickup);
	return pickup_seen_init(pickup);
}

/* pickup_fini - free what pickup_init took */
void
pickup_fini(struct pickup *pickup)
{
	submitter_fini(&pickup->submitter);
	arena_fini(&pickup->arena);
	pickup_seen_fini(pickup);
	free(pickup->head);
}

/* ipc_file_of - describe a file as a record does */
static struct ipc_file
ipc_file_of(const struct pickup *pickup, const struct pickup_file *file)
{
	return (struct ipc_file){
	    .postoffice = slice_of_string(pickup->msmi.msmail->name),
	    .name = slice_of_string(file->name),
	    .inode = file->inode,
	    .ctime = file->ctime,
	    .size = file->size,
	};
}

/* pickup_report_file - make the identity of the report on recipients */
struct pickup_file
pickup_report_file(const struct pickup_file *file)
{
	struct pickup_file report = *file;

	/* No name in a directory has a slash. */
	(void)snprintf(report.name, sizeof(report.name), "/%.*s",
	    PICKUP_NAME_MAX - 2, file->name);
	return report;
}

/* pickup_begin - announce a submission, and pass on its envelope */
int
pickup_begin(struct pickup *pickup, struct pickup_submission *s,
    enum pickup_purpose purpose, struct slice envelope)
{
	const struct pickup_file file =
	    purpose == PICKUP_PART_NDR ? pickup_report_file(&s->file) : s->file;
	const struct ipc_submit_start start = {.kind = MTS_MESSAGE,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = envelope.len,
	    .has_file = true,
	    .file = ipc_file_of(pickup, &file)};
	int error;

	/* Busy before the record is given: the answer may come while it is
	 * sent. */
	s->busy = true;
	s->purpose = purpose;
	submission_init(&pickup->submitter, &s->at_qmgr);
	error = submission_start(&pickup->submitter, &s->at_qmgr, &start);
	return error < 0 ? error : pickup_body(pickup, s, envelope);
}

/* pickup_body - pass on octets of envelope and content */
int
pickup_body(
    struct pickup *pickup, struct pickup_submission *s, struct slice octets)
{
	return submission_body(&pickup->submitter, &s->at_qmgr, octets);
}

/* pickup_end - ask qmgr to take responsibility */
int
pickup_end(
    struct pickup *pickup, struct pickup_submission *s, uint64_t content_length)
{
	return submission_end(
	    &pickup->submitter, &s->at_qmgr, content_length, (struct slice){0});
}

/* pickup_cancel - tell qmgr that a submission will not be completed */
void
pickup_cancel(struct pickup *pickup, struct pickup_submission *s)
{
	(void)!submission_cancel(
	    &pickup->submitter, &s->at_qmgr, SUBMISSION_DROP);
	s->busy = false;
}

/* pickup_forget - tell qmgr that a file is gone */
void
pickup_forget(struct pickup *pickup, const struct pickup_file *file)
{
	const struct ipc_record record = {.type = IPC_FILE_REMOVED,
	    .file_removed = {.file = ipc_file_of(pickup, file)}};

	/* A record that is lost here costs qmgr a little memory until its own
	 * time for it ends. */
	if (!FAULT_POINT("in-forget"))
		(void)!give_record(pickup, &record);
}
