/* SPDX-License-Identifier: ISC */
/*
 * pickup_send.c - submissions to qmgr, and its answers
 *
 * Records are gathered and written together.  Of one body at most WINDOW
 * octets are on their way that qmgr has not committed.
 */
#include "base/clock.h"
#include "base/escape.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/pickup.h"

#define WINDOW	     (IPC_UNANSWERED_MAX / 2)
#define SEND_TIMEOUT 60000 /* ms for qmgr to take what lies before it */

/* pickup_free - a submission that is free, or NULL */
struct pickup_submission *
pickup_free(struct pickup *pickup)
{
	for (size_t i = 0; i < PICKUP_OUTSTANDING; i++) {
		if (!pickup->submissions[i].busy)
			return &pickup->submissions[i];
	}
	return NULL;
}

/* find - the submission of this number, or NULL */
static struct pickup_submission *
find(struct pickup *pickup, uint64_t number)
{
	for (size_t i = 0; i < PICKUP_OUTSTANDING; i++) {
		if (pickup->submissions[i].busy &&
		    pickup->submissions[i].number == number)
			return &pickup->submissions[i];
	}
	return NULL;
}

/* gone - qmgr is; the worker ends at the next opportunity */
static int
gone(struct pickup *pickup, const char *why)
{
	if (!pickup->gone)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	pickup->gone = true;
	return ERR_CLOSED;
}

/* take_answer - qmgr's word on a submission */
static void
take_answer(struct pickup *pickup, const struct ipc_submit_answer *answer)
{
	struct pickup_submission *s = find(pickup, answer->submit);

	if (s == NULL)
		return;
	s->answered = true;
	s->result = answer->result;
	s->message = answer->message;
	(void)escape_text(s->text, sizeof(s->text), answer->text);
}

/* pump - take what qmgr has said */
static int
pump(struct pickup *pickup)
{
	struct ipc_record record;
	struct diag diag = {0};
	struct pickup_submission *s;
	int filled, result;

	if (pickup->gone)
		return ERR_CLOSED;
	filled = ipc_channel_fill(&pickup->msmi.qmgr);
	while ((result = ipc_channel_take(
		    &pickup->msmi.qmgr, &record, &diag)) == 1) {
		if (record.type == IPC_SUBMIT_ANSWER) {
			take_answer(pickup, &record.submit_answer);
		} else if (record.type == IPC_SUBMIT_PROGRESS) {
			s = find(pickup, record.submit_progress.submit);
			if (s != NULL)
				s->progress = record.submit_progress.offset;
		} else if (record.type == IPC_RETIRE) {
			pickup->msmi.worker.stopping = true;
		}
	}
	if (result < 0)
		return gone(pickup, diag_text(&diag));
	if (filled < 0 && filled != ERR_AGAIN)
		return gone(pickup, error_strerror(filled));
	return 0;
}

/* pickup_wait - wait for qmgr or for files */
int
pickup_wait(struct pickup *pickup, bool watch, uint64_t deadline)
{
	struct pollfd fds[2] = {
	    {.fd = pickup->msmi.qmgr.fd, .events = POLLIN},
	    {.fd = pickup->inotify, .events = POLLIN},
	};
	int result;

	if (pickup->gone || ipc_channel_flush(&pickup->msmi.qmgr) < 0)
		return gone(pickup, "the connection has ended");
	if (ipc_channel_pending(&pickup->msmi.qmgr) > 0)
		fds[0].events |= POLLOUT;
	result = worker_wait(&pickup->msmi.worker, fds,
	    watch && pickup->inotify != -1 ? 2 : 1, deadline);
	if (result < 0 && result != ERR_TIMEOUT && result != ERR_CANCELLED)
		return gone(pickup, error_strerror(result));
	if (pump(pickup) < 0)
		return ERR_CLOSED;
	return result;
}

/* give - append a record; waits while too much lies unsent */
static int
give(struct pickup *pickup, const struct ipc_record *record)
{
	uint64_t deadline = clock_after(SEND_TIMEOUT);
	int error;

	if (pickup->gone)
		return ERR_CLOSED;
	while ((error = ipc_channel_send(&pickup->msmi.qmgr, record)) ==
		ERR_LIMIT &&
	    ipc_channel_pending(&pickup->msmi.qmgr) > 0) {
		error = pickup_wait(pickup, false, deadline);
		if (error == ERR_CLOSED)
			return error;
		if (clock_remaining(deadline) == 0)
			return gone(pickup, "it does not take what we send");
	}
	return error < 0 ? gone(pickup, error_strerror(error)) : 0;
}

/* ipc_file_of - a file as a record says it */
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

/* give_piece - what was gathered of the body */
static int
give_piece(struct pickup *pickup, struct pickup_submission *s)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA,
	    .submit_data = {
		.submit = s->number, .data = buffer_slice(&pickup->piece)}};
	int error;

	if (record.submit_data.data.len == 0)
		return 0;
	while (s->sent - s->progress >= WINDOW && !s->answered) {
		error = pickup_wait(pickup, false, CLOCK_NEVER);
		if (error == ERR_CLOSED)
			return error;
		if (pickup->msmi.worker.stopping)
			return ERR_CANCELLED;
	}
	if (s->answered)
		return ERR_REFUSED;
	error = give(pickup, &record);
	s->sent += record.submit_data.data.len;
	buffer_reset(&pickup->piece);
	return error;
}

/* pickup_begin - announce a submission */
int
pickup_begin(struct pickup *pickup, struct pickup_submission *s,
    enum pickup_purpose purpose, struct slice envelope)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = ++pickup->next_number,
		.kind = IPC_MESSAGE,
		.origin = IPC_SUBMISSION,
		.envelope_length = envelope.len,
		.has_file = true,
		.file = ipc_file_of(pickup, &s->file)}};
	int error;

	s->busy = true;
	s->answered = false;
	s->purpose = purpose;
	s->number = pickup->next_number;
	s->sent = 0;
	s->progress = 0;
	s->text[0] = '\0';
	buffer_reset(&pickup->piece);
	error = give(pickup, &record);
	return error < 0 ? error : pickup_body(pickup, s, envelope);
}

/* pickup_body - octets of envelope and content */
int
pickup_body(
    struct pickup *pickup, struct pickup_submission *s, struct slice octets)
{
	int error;

	while (octets.len > 0) {
		size_t room = IPC_PIECE_MAX - buffer_length(&pickup->piece);
		size_t len = octets.len < room ? octets.len : room;

		if ((error = buffer_append(&pickup->piece, octets.data, len)) <
		    0)
			return error;
		octets = slice_of(octets.data + len, octets.len - len);
		if (len == room && (error = give_piece(pickup, s)) < 0)
			return error;
	}
	return 0;
}

/* pickup_end - ask qmgr to take responsibility */
int
pickup_end(
    struct pickup *pickup, struct pickup_submission *s, uint64_t content_length)
{
	const struct ipc_record record = {.type = IPC_SUBMIT_END,
	    .submit_end = {
		.submit = s->number, .content_length = content_length}};
	int error = give_piece(pickup, s);

	return error < 0 ? error : give(pickup, &record);
}

/* pickup_cancel - it will not be completed */
void
pickup_cancel(struct pickup *pickup, struct pickup_submission *s)
{
	const struct ipc_record record = {
	    .type = IPC_SUBMIT_CANCEL, .submit_cancel = {.submit = s->number}};

	if (s->busy && !s->answered)
		(void)!give(pickup, &record);
	s->busy = false;
	s->answered = false;
}

/* pickup_forget - tell qmgr that a file is gone */
void
pickup_forget(struct pickup *pickup, const struct pickup_file *file)
{
	const struct ipc_record record = {.type = IPC_FILE_REMOVED,
	    .file_removed = {.file = ipc_file_of(pickup, file)}};

	if (!FAULT_POINT("in-forget"))
		(void)!give(pickup, &record);
}
