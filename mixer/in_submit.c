/* SPDX-License-Identifier: ISC */
/*
 * in_submit.c - submit a message that came by LMTP
 */
#include "base/clock.h"
#include "mixer/in.h"

/* Further submissions for those who have not got what others have. */
#define TRIES_MAX 3

/* pass_on - pass octets of the content on to qmgr */
static int
pass_on(void *arg, struct slice octets)
{
	struct in *in = arg;

	return submission_body(&in->submitter, &in->submission, octets);
}

/* send_content - map the message again, which writes the content */
static int
send_content(struct in *in, struct diag *diag)
{
	uint8_t piece[SPOOL_PIECE];
	struct slice octets;
	uint64_t at = 0;
	int error;

	message_in_again(in->message, pass_on, in);
	while ((error = spool_read(&in->spool, at, piece, &octets)) == 0 &&
	    octets.len > 0) {
		worker_tick(&in->mixer.worker);
		error = message_in_push(in->message, octets, diag);
		if (error != 0)
			break;
		at += octets.len;
	}
	return error != 0 ? error : message_in_finish(in->message, NULL, diag);
}

/* A submission: a message, whose content is mapped again, or what was made of a
 * notification. */
struct submitted {
	enum mts_kind kind;
	bool made;
	struct buffer envelope;
	struct buffer content; /* if it was made */
};

/* send_all - give qmgr envelope and content, and ask it to take them */
static int
send_all(struct in *in, const struct submitted *what, struct slice recipients,
    struct diag *diag)
{
	const struct ipc_submit_start start = {.kind = what->kind,
	    .origin = IPC_SUBMISSION,
	    .envelope_length = buffer_length(&what->envelope),
	    .refuse_at_once = what->kind == MTS_MESSAGE};
	int error;

	submission_init(&in->submitter, &in->submission);
	error = submission_start(&in->submitter, &in->submission, &start);
	if (error == 0 && !what->made)
		error = in_memory_note(in);
	if (error == 0)
		error = submission_body(&in->submitter, &in->submission,
		    buffer_slice(&what->envelope));
	if (error == 0)
		error = what->made ? pass_on(in, buffer_slice(&what->content))
				   : send_content(in, diag);
	if (error == 0)
		error = submission_end_for(&in->submitter, &in->submission,
		    what->made ? buffer_length(&what->content)
			       : in->plan.length,
		    slice_of_string(in->key), recipients);
	return error;
}

/* list_pending - list by what those are known that are pending */
static int
list_pending(const struct in *in, struct buffer *list)
{
	int error = 0;

	for (unsigned i = 0; error == 0 && i < in->pending_count; i++)
		error = buffer_append(list, in->recipients[in->pending[i]].hash,
		    IPC_RECIPIENT_LEN);
	return error;
}

/* submit - submit something for those that are pending, and wait for the
 * answer */
static int
submit(struct in *in, const struct submitted *what, struct diag *diag)
{
	struct buffer recipients;
	int error;

	buffer_init(&recipients, IPC_RECIPIENTS_LEN);
	error = list_pending(in, &recipients);
	if (error == 0)
		error = send_all(in, what, buffer_slice(&recipients), diag);
	buffer_fini(&recipients);
	/* An answer before the end is one of its own. */
	if (error == ERR_REFUSED)
		error = 0;
	while (error == 0 && in->submission.state != SUBMISSION_ANSWERED)
		error = in_receive(in);
	if (error != 0 && !in->gone)
		(void)!submission_cancel(
		    &in->submitter, &in->submission, SUBMISSION_DROP);
	return error;
}

/* note_taken - note what the client must have heard before its key is
 * forgotten */
static void
note_taken(struct in *in)
{
	struct in_heard *heard = &in->heard[in->heard_count];

	/* Of more than that the notes stay until their time is over. */
	if (in->heard_count == IN_HEARD_MAX)
		return;
	(void)strlcpy(heard->key, in->key, sizeof(heard->key));
	heard->message = in->submission.message;
	in->heard_count++;
}

/* say_answer - say what qmgr has answered to those that have no reply yet */
static void
say_answer(struct in *in)
{
	const struct submission *s = &in->submission;
	struct in_reply reply;

	switch (s->result) {
	case IPC_SUBMIT_ACCEPTED:
		note_taken(in);
		in->room_until = clock_after(IN_ROOM_KNOWN);
		in_say(&reply, 250, "2.6.0", s->mts_id);
		break;
	case IPC_SUBMIT_REFUSED:
		in_say_refused(&reply, s->reason, s->diagnostic, s->text);
		break;
	case IPC_SUBMIT_DUPLICATE:
		/* The others are submitted next.  The note is of further
		 * recipients, too, who may come by themselves. */
		return;
	case IPC_SUBMIT_UNAVAILABLE:
		in->room_until = 0;
		in_say(&reply, 452, "4.3.1", s->text);
		break;
	}
	for (unsigned i = 0; i < in->pending_count; i++)
		if (in->recipients[in->pending[i]].reply.code == 0)
			in->recipients[in->pending[i]].reply = reply;
}

/* say_error - say why nothing could be submitted to those that have no reply
 * yet */
static void
say_error(struct in *in, int error, const struct diag *diag)
{
	struct in_reply reply;

	if (error == ERR_CLOSED || error == ERR_NOMEM ||
	    error == ERR_CANCELLED || error == ERR_TIMEOUT || error == ERR_IO)
		in_say(&reply, 451, "4.3.0", "not now");
	else
		in_say(&reply, 550, "5.6.0",
		    diag->code != 0 ? diag_text(diag) : error_strerror(error));
	for (unsigned i = 0; i < in->server.recipients; i++)
		if (in->recipients[i].reply.code == 0)
			in->recipients[i].reply = reply;
}

/* submit_made - submit the report or receipt that a notification is, if it is
 * one; otherwise it is a message for people */
static void
submit_made(struct in *in, unsigned place)
{
	bool report = in->plan.status == MESSAGE_STATUS_DELIVERY;
	struct submitted what = {
	    .kind = report ? MTS_REPORT : MTS_MESSAGE, .made = true};
	struct diag diag = {0};
	int error;

	in->pending[0] = place;
	in->pending_count = 1;
	buffer_init(&what.envelope, P1_ENVELOPE_MAX);
	buffer_init(&what.content, MIXER_REPORT_MAX);
	error = (report ? in_report_make : in_receipt_make)(
	    in, &in->recipients[place], &what.envelope, &what.content);
	if (error == 0)
		error = submit(in, &what, &diag);
	if (error == 0 && in->submission.result != IPC_SUBMIT_REFUSED)
		say_answer(in);
	else if (error == ERR_CLOSED || error == ERR_TIMEOUT)
		say_error(in, error, &diag);
	buffer_fini(&what.envelope);
	buffer_fini(&what.content);
}

/* is_named_before - tell whether a recipient was named before in the same way,
 * whose reply he gets */
static bool
is_named_before(const struct in *in, unsigned place)
{
	for (unsigned i = 0; i < in->pending_count; i++)
		if (memcmp(in->recipients[in->pending[i]].hash,
			in->recipients[place].hash, IPC_RECIPIENT_LEN) == 0)
			return true;
	return false;
}

/* find_pending - find those that have no reply yet, each once; false: all
 * have */
static bool
find_pending(struct in *in)
{
	in->pending_count = 0;
	for (unsigned i = 0; i < in->server.recipients; i++)
		if (in->recipients[i].reply.code == 0 &&
		    !is_named_before(in, i))
			in->pending[in->pending_count++] = i;
	return in->pending_count > 0;
}

/* submit_message - submit the message for those that are pending */
static int
submit_message(struct in *in, struct diag *diag)
{
	struct submitted what = {.kind = MTS_MESSAGE};
	int error;

	buffer_init(&what.envelope, P1_ENVELOPE_MAX);
	error = in_envelope_message(in, &what.envelope);
	if (error == 0)
		error = submit(in, &what, diag);
	if (error == 0)
		say_answer(in);
	buffer_fini(&what.envelope);
	return error;
}

/* share_replies - give who was named twice the same reply */
static void
share_replies(struct in *in)
{
	for (unsigned i = 0; i < in->server.recipients; i++)
		for (unsigned j = 0; j < i && in->recipients[i].reply.code == 0;
		     j++)
			if (memcmp(in->recipients[i].hash,
				in->recipients[j].hash, IPC_RECIPIENT_LEN) == 0)
				in->recipients[i].reply =
				    in->recipients[j].reply;
}

/* in_submit - submit the message, and say what becomes of it */
void
in_submit(struct in *in)
{
	bool report = in->plan.status == MESSAGE_STATUS_DELIVERY;
	struct diag diag = {0};
	int error = 0;

	/* Neither is ever answered (RFC 3461 6.2, RFC 8098 3).  Some mail
	 * programs send receipts from their user all the same, because servers
	 * refuse them the empty sender. */
	if (in->plan.status == MESSAGE_STATUS_DISPOSITION ||
	    (report && in->server.mail.from[0] == '\0'))
		for (unsigned i = 0; i < in->server.recipients; i++)
			if (report || !in->recipients[i].is_route)
				submit_made(in, i);
	for (unsigned i = 0; i < in->server.recipients; i++)
		if (in->recipients[i].is_route &&
		    in->recipients[i].reply.code == 0)
			in_say(&in->recipients[i].reply, 550, "5.7.1",
			    IN_NO_ROUTES);
	/* The first try finds who has it; in a further one somebody else
	 * may have sent the same at the same time. */
	for (unsigned i = 0; i < TRIES_MAX && error == 0 && find_pending(in);
	     i++) {
		error = submit_message(in, &diag);
		/* Under its key it may be asked for again. */
		if (error == ERR_CLOSED && in_reconnect(in))
			error = 0;
		share_replies(in);
	}
	say_error(in, error != 0 ? error : ERR_TIMEOUT, &diag);
}
