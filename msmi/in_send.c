/* SPDX-License-Identifier: ISC */
/*
 * in_send.c - submissions to qmgr, and its answers
 *
 * Records are gathered and written together.  Of one body at most WINDOW
 * octets are on their way that qmgr has not committed.
 */
#include "base/clock.h"
#include "base/escape.h"
#include "base/fault.h"
#include "base/log.h"
#include "msmi/in.h"

#define WINDOW	     (IPC_UNANSWERED_MAX / 2)
#define SEND_TIMEOUT 60000 /* ms for qmgr to take what lies before it */

/* in_free - a submission that is free, or NULL */
struct in_submission *
in_free(struct in *in)
{
	for (size_t i = 0; i < IN_OUTSTANDING; i++) {
		if (!in->submissions[i].busy)
			return &in->submissions[i];
	}
	return NULL;
}

/* find - the submission of this number, or NULL */
static struct in_submission *
find(struct in *in, uint64_t number)
{
	for (size_t i = 0; i < IN_OUTSTANDING; i++) {
		if (in->submissions[i].busy &&
		    in->submissions[i].number == number)
			return &in->submissions[i];
	}
	return NULL;
}

/* gone - qmgr is; the worker ends at the next opportunity */
static int
gone(struct in *in, const char *why)
{
	if (!in->gone)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", why));
	in->gone = true;
	return ERR_CLOSED;
}

/* take_answer - qmgr's word on a submission */
static void
take_answer(struct in *in, const struct ipc_submit_answer *answer)
{
	struct in_submission *s = find(in, answer->submit);

	if (s == NULL)
		return;
	s->answered = true;
	s->result = answer->result;
	s->message = answer->message;
	(void)escape_text(s->text, sizeof(s->text), answer->text);
}

/* pump - take what qmgr has said */
static int
pump(struct in *in)
{
	struct ipc_record record;
	struct diag diag = {0};
	struct in_submission *s;
	int filled, result;

	if (in->gone)
		return ERR_CLOSED;
	filled = ipc_channel_fill(&in->msmi.qmgr);
	while (
	    (result = ipc_channel_take(&in->msmi.qmgr, &record, &diag)) == 1) {
		if (record.type == IPC_SUBMIT_ANSWER) {
			take_answer(in, &record.submit_answer);
		} else if (record.type == IPC_SUBMIT_PROGRESS) {
			s = find(in, record.submit_progress.submit);
			if (s != NULL)
				s->progress = record.submit_progress.offset;
		} else if (record.type == IPC_RETIRE) {
			in->msmi.worker.stopping = true;
		}
	}
	if (result < 0)
		return gone(in, diag_text(&diag));
	if (filled < 0 && filled != ERR_AGAIN)
		return gone(in, error_strerror(filled));
	return 0;
}

/* in_wait - wait for qmgr or for files */
int
in_wait(struct in *in, bool watch, uint64_t deadline)
{
	struct pollfd fds[2] = {
	    {.fd = in->msmi.qmgr.fd, .events = POLLIN},
	    {.fd = in->inotify, .events = POLLIN},
	};
	int result;

	if (in->gone || ipc_channel_flush(&in->msmi.qmgr) < 0)
		return gone(in, "the connection has ended");
	if (ipc_channel_pending(&in->msmi.qmgr) > 0)
		fds[0].events |= POLLOUT;
	result = worker_wait(&in->msmi.worker, fds,
	    watch && in->inotify != -1 ? 2 : 1, deadline);
	if (result < 0 && result != ERR_TIMEOUT && result != ERR_CANCELLED)
		return gone(in, error_strerror(result));
	if (pump(in) < 0)
		return ERR_CLOSED;
	return result;
}

/* give - append a record; waits while too much lies unsent */
static int
give(struct in *in, const struct ipc_record *record)
{
	uint64_t deadline = clock_after(SEND_TIMEOUT);
	int error;

	if (in->gone)
		return ERR_CLOSED;
	while (
	    (error = ipc_channel_send(&in->msmi.qmgr, record)) == ERR_LIMIT &&
	    ipc_channel_pending(&in->msmi.qmgr) > 0) {
		error = in_wait(in, false, deadline);
		if (error == ERR_CLOSED)
			return error;
		if (clock_remaining(deadline) == 0)
			return gone(in, "it does not take what we send");
	}
	return error < 0 ? gone(in, error_strerror(error)) : 0;
}

/* ipc_file_of - a file as a record says it */
static struct ipc_file
ipc_file_of(const struct in *in, const struct in_file *file)
{
	return (struct ipc_file){
	    .postoffice = slice_of_string(in->msmi.msmail->name),
	    .name = slice_of_string(file->name),
	    .inode = file->inode,
	    .ctime = file->ctime,
	    .size = file->size,
	};
}

/* give_piece - what was gathered of the body */
static int
give_piece(struct in *in, struct in_submission *s)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA,
	    .submit_data = {
		.submit = s->number, .data = buffer_slice(&in->piece)}};
	int error;

	if (record.submit_data.data.len == 0)
		return 0;
	while (s->sent - s->progress >= WINDOW && !s->answered) {
		error = in_wait(in, false, CLOCK_NEVER);
		if (error == ERR_CLOSED)
			return error;
		if (in->msmi.worker.stopping)
			return ERR_CANCELLED;
	}
	if (s->answered)
		return ERR_REFUSED;
	error = give(in, &record);
	s->sent += record.submit_data.data.len;
	buffer_reset(&in->piece);
	return error;
}

/* in_begin - announce a submission */
int
in_begin(struct in *in, struct in_submission *s, enum in_purpose purpose,
    struct slice envelope)
{
	struct ipc_record record = {.type = IPC_SUBMIT_START,
	    .submit_start = {.submit = ++in->next_number,
		.kind = IPC_MESSAGE,
		.origin = IPC_SUBMISSION,
		.envelope_length = envelope.len,
		.has_file = true,
		.file = ipc_file_of(in, &s->file)}};
	int error;

	s->busy = true;
	s->answered = false;
	s->purpose = purpose;
	s->number = in->next_number;
	s->sent = 0;
	s->progress = 0;
	s->text[0] = '\0';
	buffer_reset(&in->piece);
	error = give(in, &record);
	return error < 0 ? error : in_body(in, s, envelope);
}

/* in_body - octets of envelope and content */
int
in_body(struct in *in, struct in_submission *s, struct slice octets)
{
	int error;

	while (octets.len > 0) {
		size_t room = IPC_PIECE_MAX - buffer_length(&in->piece);
		size_t len = octets.len < room ? octets.len : room;

		if ((error = buffer_append(&in->piece, octets.data, len)) < 0)
			return error;
		octets = slice_of(octets.data + len, octets.len - len);
		if (len == room && (error = give_piece(in, s)) < 0)
			return error;
	}
	return 0;
}

/* in_end - ask qmgr to take responsibility */
int
in_end(struct in *in, struct in_submission *s, uint64_t content_length)
{
	const struct ipc_record record = {.type = IPC_SUBMIT_END,
	    .submit_end = {
		.submit = s->number, .content_length = content_length}};
	int error = give_piece(in, s);

	return error < 0 ? error : give(in, &record);
}

/* in_cancel - it will not be completed */
void
in_cancel(struct in *in, struct in_submission *s)
{
	const struct ipc_record record = {
	    .type = IPC_SUBMIT_CANCEL, .submit_cancel = {.submit = s->number}};

	if (s->busy && !s->answered)
		(void)!give(in, &record);
	s->busy = false;
	s->answered = false;
}

/* in_forget - tell qmgr that a file is gone */
void
in_forget(struct in *in, const struct in_file *file)
{
	const struct ipc_record record = {.type = IPC_FILE_REMOVED,
	    .file_removed = {.file = ipc_file_of(in, file)}};

	if (!FAULT_POINT("in-forget"))
		(void)!give(in, &record);
}
