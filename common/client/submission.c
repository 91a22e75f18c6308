/* SPDX-License-Identifier: ISC */
/*
 * submission.c - hand a message to qmgr in pieces, and read its answer
 *
 * Contract in submission.h.
 */
#include "client/submission.h"

#include "base/escape.h"
#include "client/limits.h"

/* submitter_init - begin to submit by these functions */
void
submitter_init(struct submitter *submitter, submission_give_fn *give,
    submission_wait_fn *wait, void *arg)
{
	*submitter = (struct submitter){.give = give, .wait = wait, .arg = arg};
	buffer_init(&submitter->piece, IPC_PIECE_MAX);
}

/* submitter_fini - free the piece */
void
submitter_fini(struct submitter *submitter)
{
	buffer_fini(&submitter->piece);
}

/* submission_init - give a submission its number */
void
submission_init(struct submitter *submitter, struct submission *submission)
{
	*submission = (struct submission){.number = ++submitter->count};
	/* Octets of a submission that was given up must not begin the next. */
	buffer_reset(&submitter->piece);
}

/* submission_start - tell qmgr what comes */
int
submission_start(struct submitter *submitter, struct submission *submission,
    const struct ipc_submit_start *start)
{
	struct ipc_record record = {
	    .type = IPC_SUBMIT_START, .submit_start = *start};
	int error;

	record.submit_start.submit = submission->number;
	/* Set before the record is given: the answer may come while it is
	 * sent. */
	submission->sent = submission->committed = submission->marked = 0;
	buffer_reset(&submitter->piece);
	if ((error = submitter->give(submitter->arg, &record)) == 0)
		submission->state = SUBMISSION_OPEN;
	return error;
}

/* submission_continue - go on behind octets that qmgr has */
void
submission_continue(struct submission *submission, uint64_t offset)
{
	submission->state = SUBMISSION_OPEN;
	/* Octets that are stored do not fill the window. */
	submission->sent = submission->committed = submission->marked = offset;
}

/* await_room - wait while the window is full */
static int
await_room(struct submitter *submitter, struct submission *submission)
{
	int error;

	/* The window bounds what qmgr holds of one client in memory; progress
	 * opens it. */
	while (submitter->wait != NULL && !submission_room(submission) &&
	    submission->state != SUBMISSION_ANSWERED) {
		if ((error = submitter->wait(submitter->arg)) != 0)
			return error;
	}
	return submission->state == SUBMISSION_ANSWERED ? ERR_REFUSED : 0;
}

/* submission_flush - give qmgr the piece that was gathered */
int
submission_flush(struct submitter *submitter, struct submission *submission)
{
	struct ipc_record record = {.type = IPC_SUBMIT_DATA,
	    .submit_data = {.submit = submission->number,
		.data = buffer_slice(&submitter->piece)}};
	int error;

	if (record.submit_data.data.len == 0)
		return 0;
	if ((error = await_room(submitter, submission)) != 0)
		return error;
	error = submitter->give(submitter->arg, &record);
	/* The piece counts as sent even after an error: its octets may lie in
	 * the channel, and the caller gives the submission up. */
	submission->sent += record.submit_data.data.len;
	buffer_reset(&submitter->piece);
	return error;
}

/* submission_body - gather octets into pieces, and give those that are full */
int
submission_body(struct submitter *submitter, struct submission *submission,
    struct slice octets)
{
	while (octets.len > 0) {
		size_t room = IPC_PIECE_MAX - buffer_length(&submitter->piece);
		size_t len = octets.len < room ? octets.len : room;
		int error = buffer_append(&submitter->piece, octets.data, len);

		/* Full pieces alone: each record has a cost of its own. */
		if (error == 0 && len == room)
			error = submission_flush(submitter, submission);
		if (error != 0)
			return error;
		octets = slice_of(octets.data + len, octets.len - len);
	}
	return 0;
}

/* give_end - give the last piece and the end */
static int
give_end(struct submitter *submitter, struct submission *submission,
    const struct ipc_submit_end *end)
{
	struct ipc_record record = {.type = IPC_SUBMIT_END, .submit_end = *end};
	int error = submission_flush(submitter, submission);

	record.submit_end.submit = submission->number;
	record.submit_end.too_long = submission->too_long;
	if (error == 0)
		error = submitter->give(submitter->arg, &record);
	/* qmgr may have refused the message while its last piece was given. */
	if (error == 0 && submission->state == SUBMISSION_OPEN)
		submission->state = SUBMISSION_ENDED;
	return error;
}

/* submission_end - ask qmgr to take responsibility */
int
submission_end(struct submitter *submitter, struct submission *submission,
    uint64_t content_length, struct slice key)
{
	return give_end(submitter, submission,
	    &(struct ipc_submit_end){
		.content_length = content_length, .key = key});
}

/* submission_end_keyed - ask qmgr to take responsibility, under a key */
int
submission_end_keyed(struct submitter *submitter, struct submission *submission,
    uint64_t content_length, struct slice key, struct slice digest)
{
	return give_end(submitter, submission,
	    &(struct ipc_submit_end){.content_length = content_length,
		.submission_key = key,
		.digest = digest});
}

/* submission_end_for - ask qmgr likewise, for some recipients */
int
submission_end_for(struct submitter *submitter, struct submission *submission,
    uint64_t content_length, struct slice key, struct slice recipients)
{
	return give_end(submitter, submission,
	    &(struct ipc_submit_end){.content_length = content_length,
		.submission_key = key,
		.recipients = recipients});
}

/* submission_cancel - tell qmgr that there will be no end */
int
submission_cancel(struct submitter *submitter, struct submission *submission,
    enum submission_leave leave)
{
	const struct ipc_record record = {.type = IPC_SUBMIT_CANCEL,
	    .submit_cancel = {.submit = submission->number,
		.keep = leave == SUBMISSION_KEEP}};
	bool known = submission->state == SUBMISSION_OPEN ||
	    submission->state == SUBMISSION_ENDED;

	/* Idle first: an answer that crosses the cancel is then passed over. */
	submission->state = SUBMISSION_IDLE;
	return known ? submitter->give(submitter->arg, &record) : 0;
}

/* submission_number - find the submission that a record is about */
uint64_t
submission_number(const struct ipc_record *record)
{
	if (record->type == IPC_SUBMIT_ANSWER)
		return record->submit_answer.submit;
	if (record->type == IPC_SUBMIT_PROGRESS)
		return record->submit_progress.submit;
	return 0;
}

/* submission_take_answer - keep qmgr's answer */
static void
submission_take_answer(
    struct submission *submission, const struct ipc_submit_answer *answer)
{
	/* The rest of the recipients comes first. */
	if (answer->more)
		return;
	submission->state = SUBMISSION_ANSWERED;
	submission->result = answer->result;
	submission->reason = answer->reason;
	submission->diagnostic = answer->diagnostic;
	submission->key_reused = answer->key_reused;
	submission->message = answer->message;
	(void)escape_text(
	    submission->mts_id, sizeof(submission->mts_id), answer->mts_id);
	(void)escape_text(
	    submission->text, sizeof(submission->text), answer->text);
}

/* submission_take - note what qmgr says about this submission */
void
submission_take(struct submission *submission, const struct ipc_record *record)
{
	const struct ipc_submit_progress *progress = &record->submit_progress;

	/* An answer that is late is of a submission that was given up. */
	if (submission->state == SUBMISSION_IDLE ||
	    submission->state == SUBMISSION_ANSWERED ||
	    submission_number(record) != submission->number)
		return;
	if (record->type == IPC_SUBMIT_ANSWER) {
		submission_take_answer(submission, &record->submit_answer);
		return;
	}
	/* More than was sent would let the window grow without bound. */
	submission->committed = progress->offset < submission->sent
	    ? progress->offset
	    : submission->sent;
	submission->marked = progress->marked;
	/* Once too long, always: the mark of a piece does not take back
	 * another's. */
	submission->too_long |= progress->too_long;
}

/* submission_room - tell whether the window has room for another piece */
bool
submission_room(const struct submission *submission)
{
	return submission->sent - submission->committed < LIMITS_WINDOW;
}
