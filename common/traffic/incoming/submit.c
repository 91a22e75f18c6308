/* SPDX-License-Identifier: ISC */
/*
 * submit.c - the way of a transfer from the association to qmgr
 */
#include "traffic/incoming/submit.h"

#include "base/log.h"
#include "traffic/incoming/checkpoint.h"
#include "traffic/incoming/offer.h"
#include "traffic/incoming/routes.h"

#define APDU_MAX UINT64_MAX /* max-size of a link bounds what is taken */

/* give_record - give a record of a submission to qmgr, as submitter.give */
static int
give_record(void *arg, const struct ipc_record *record)
{
	return traffic_give(arg, record);
}

/* on_envelope - tell qmgr of the envelope, when the reader has decoded it */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct traffic *traffic = arg;

	(void)octets;
	/* Checked first: an update has no submission, and one recipient. */
	return !transfer_is_apart(&traffic->in.reader) &&
		incoming_routes_begin(traffic, envelope)
	    ? 0
	    : offer_envelope(traffic, envelope);
}

/* on_recipients - pass on recipients of a large envelope */
static int
on_recipients(void *arg, struct slice octets)
{
	return offer_recipients(arg, octets);
}

/* submit_is_over - tell whether a content of this length is more than the link
 * takes */
static bool
submit_is_over(const struct traffic *traffic, uint64_t length)
{
	uint64_t max = traffic->link->max_size;

	return max != 0 && length > max;
}

/*
 * on_content - pass on a piece of the content
 *
 * RTSE has no refusal that is for good: a peer that gets an exception sends
 * the same again.  So a content that is too long is read to its end and
 * thrown away, and qmgr reports on the message.
 */
static int
on_content(void *arg, struct slice piece)
{
	struct traffic *traffic = arg;
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->routes)
		return incoming_routes_piece(traffic, piece);
	t->content_length += piece.len;
	digest_update(&t->digest, piece);
	if (submit_is_over(traffic, t->content_length))
		t->submission.too_long = true;
	return t->submission.too_long ? 0 : offer_octets(traffic, piece);
}

/* on_announced - tell qmgr how long the content is, or give none of it if that
 * is too long */
static int
on_announced(void *arg, uint64_t length)
{
	struct traffic *traffic = arg;

	if (traffic->in.transfer.routes)
		return 0;
	traffic->in.transfer.announced = length;
	/* Known to be too long before it comes: read it and keep nothing. */
	if (submit_is_over(traffic, length)) {
		traffic->in.transfer.submission.too_long = true;
		return 0;
	}
	return offer_size(traffic);
}

/* submit_init - begin without a transfer */
void
submit_init(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	const struct transfer_handler handler = {
	    on_envelope, on_content, traffic, on_announced, on_recipients};

	transfer_reader_init(&traffic->in.reader, &handler, APDU_MAX);
	submitter_init(&traffic->in.submitter, give_record, NULL, traffic);
	buffer_init(&t->kept, KEPT_MAX);
	buffer_init(&t->mark, IPC_MARK_MAX);
}

/* submit_fini - free what is kept */
void
submit_fini(struct traffic *traffic)
{
	transfer_reader_fini(&traffic->in.reader);
	submitter_fini(&traffic->in.submitter);
	buffer_fini(&traffic->in.transfer.kept);
	buffer_fini(&traffic->in.transfer.mark);
}

/* submit_begin - begin a transfer */
void
submit_begin(struct traffic *traffic, uint32_t activity)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	transfer_reader_reset(&traffic->in.reader);
	buffer_reset(&t->kept);
	buffer_reset(&t->mark);
	/* Buffers survive the reset, because allocating them for each transfer
	 * would cost more than they hold. */
	*t = (struct incoming_transfer){.state = INCOMING_COMING,
	    .activity = activity,
	    .begun = clock_monotonic(),
	    .kept = t->kept,
	    .mark = t->mark};
	submission_init(&traffic->in.submitter, &t->submission);
	digest_init(&t->digest);
}

/* submit_is_active - tell whether a transfer is under way */
bool
submit_is_active(const struct traffic *traffic)
{
	return traffic->in.transfer.state == INCOMING_COMING ||
	    traffic->in.transfer.state == INCOMING_ASKED;
}

/* submit_octets - take octets of the APDU */
int
submit_octets(struct traffic *traffic, struct slice octets, struct diag *diag)
{
	return transfer_push(&traffic->in.reader, octets, diag);
}

/* end_submission - ask qmgr to take responsibility for what it was given */
static int
end_submission(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t given =
	    t->submission.sent + buffer_length(&traffic->in.submitter.piece);

	/* Octets thrown away are not counted: the length is what qmgr was
	 * given. */
	return submission_end(&traffic->in.submitter, &t->submission,
	    given - t->envelope_length, slice_of(t->key, sizeof(t->key)));
}

/* log_too_long - log that a content was longer than is taken */
static void
log_too_long(const struct traffic *traffic)
{
	LOG_EVENT(EVENT_CONTENT_TOO_LONG,
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("activity", traffic->in.transfer.activity),
	    LOG_INT("size", traffic->in.transfer.content_length),
	    LOG_INT("max", traffic->link->max_size));
}

/* knows_envelope - tell whether the envelope came here, and not to the worker
 * that the transfer was resumed from */
static bool
knows_envelope(const struct incoming_transfer *t)
{
	return t->of_envelope.len > 0;
}

/*
 * make_key - compute the key by which the transfer is known if it comes again
 *
 * That of a content that is too long is made of the envelope alone: it is the
 * same whether the transfer was cut (submit_forget) or came to its end.
 */
static void
make_key(struct incoming_transfer *t)
{
	struct digest digest = t->digest;
	uint64_t length = t->content_length;
	uint8_t octets[sizeof(length)];

	if (t->submission.too_long && knows_envelope(t)) {
		digest = t->of_envelope;
		length = UINT64_MAX;
	}
	/* The octets of the length are put in a fixed order, so that the key is
	 * the same on every machine. */
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(length >> (8 * i));
	digest_update(&digest, slice_of(octets, sizeof(octets)));
	digest_final(&digest, t->key);
}

/* end_content - end a submission whose envelope is there */
static int
end_content(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	make_key(t);
	if (submit_is_over(traffic, t->content_length) ||
	    submit_is_over(traffic, t->announced))
		log_too_long(traffic);
	return end_submission(traffic);
}

/* submit_end - ask qmgr to take responsibility, for the activity ended */
int
submit_end(struct traffic *traffic, struct diag *diag)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	int error = transfer_finish(&traffic->in.reader, diag);

	if (error != 0)
		return error;
	if (t->routes) {
		incoming_routes_end(traffic);
		return 0;
	}
	error = end_content(traffic);
	return error == 0 ? 0
			  : diag_set(diag, error, "%s", error_strerror(error));
}

/*
 * is_decided - tell whether what becomes of the transfer is known before its
 * end, as that of a content that is too long is
 */
static bool
is_decided(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	return t->state == INCOMING_COMING && t->submission.too_long &&
	    knows_envelope(t) && t->submission.state == SUBMISSION_OPEN &&
	    !traffic->qmgr_gone;
}

/* submit_forget - give up the transfer */
void
submit_forget(struct traffic *traffic, enum submission_leave leave)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	/* Outstanding checkpoints can no longer be answered. */
	t->checkpoint_count = 0;
	t->unmarked = 0;
	if (!submit_is_active(traffic))
		return;
	/* The peer would send the whole again after each cut.  The message is
	 * reported on now; its transfer is found complete when the peer resumes
	 * it, and known by its key when it comes from the beginning. */
	if (leave == SUBMISSION_KEEP && is_decided(traffic))
		(void)!end_content(traffic);
	else
		(void)!submission_cancel(
		    &traffic->in.submitter, &t->submission, leave);
	t->state = INCOMING_NONE;
}

/* submit_refuse - give up the transfer and raise an exception */
void
submit_refuse(struct traffic *traffic, enum association_exception exception)
{
	submit_forget(traffic, SUBMISSION_DROP);
	traffic->in.transfer.state = INCOMING_REFUSED;
	(void)!association_except(&traffic->association, exception);
}

/* submit_abort - abort the association, with an event */
void
submit_abort(struct traffic *traffic, enum association_abort_reason reason,
    const char *text)
{
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING(
		"link", traffic->link != NULL ? traffic->link->name : ""),
	    LOG_STRING("address", traffic->address),
	    LOG_STRING("reason", text));
	/* The part that came so far is kept: the peer may resume it on another
	 * association. */
	submit_forget(traffic, SUBMISSION_KEEP);
	association_abort(&traffic->association, reason);
	traffic_enter(traffic, TRAFFIC_OVER);
}

/* answer_peer - confirm the transfer to the peer, or refuse it, as qmgr says */
static void
answer_peer(struct traffic *traffic, const struct ipc_submit_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (answer->result == IPC_SUBMIT_ACCEPTED ||
	    answer->result == IPC_SUBMIT_DUPLICATE) {
		t->state = INCOMING_NONE;
		/* An envelope of 32 MB must not stay here while the peer is
		 * silent. */
		transfer_reader_reset(&traffic->in.reader);
		(void)!association_confirm_transfer(&traffic->association);
		return;
	}
	LOG_EVENT(EVENT_TRANSFER_REFUSED,
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_SLICE("reason", answer->text));
	/* "Jeopardized" says that nothing can be taken now, and the peer waits.
	 * The other code says that this message cannot. */
	submit_refuse(traffic,
	    answer->result == IPC_SUBMIT_UNAVAILABLE
		? ASSOCIATION_EXCEPTION_JEOPARDIZED
		: ASSOCIATION_EXCEPTION_NON_SPECIFIC);
}

/* submit_take - take a record of qmgr's about submissions */
void
submit_take(struct traffic *traffic, const struct ipc_record *record)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->state != INCOMING_COMING ||
	    submission_number(record) != t->submission.number)
		return;
	submission_take(&t->submission, record);
	if (record->type == IPC_SUBMIT_PROGRESS)
		checkpoint_confirm(traffic);
	else
		answer_peer(traffic, &record->submit_answer);
}

/* submit_has_room - tell whether qmgr may be given more */
bool
submit_has_room(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	/* Reading on would fill this process's memory with what qmgr has not
	 * read. */
	if (!traffic->qmgr_gone &&
	    ipc_channel_pending(&traffic->qmgr) > IPC_PIECE_MAX)
		return false;
	/* Until qmgr has said from where to continue, nobody knows what the
	 * next octets belong to. */
	if (t->state == INCOMING_ASKED)
		return false;
	/* A small transfer is committed only at its end: to wait for a commit
	 * before would be for ever. */
	return t->state != INCOMING_COMING || t->submission.too_long ||
	    !(t->commit != INCOMING_AT_END || t->too_large) ||
	    t->submission.state == SUBMISSION_ENDED ||
	    submission_room(&t->submission);
}

/* submit_awaited - tell whether the peer may have to wait for qmgr */
bool
submit_awaited(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	return !submit_has_room(traffic) || t->state == INCOMING_ASKED ||
	    (t->state == INCOMING_COMING &&
		(t->submission.state == SUBMISSION_ENDED ||
		    (t->commit != INCOMING_AT_END && t->checkpoint_count > 0)));
}

/* submit_again - give a new qmgr the transfer from the beginning */
int
submit_again(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	bool ended = t->submission.state == SUBMISSION_ENDED;
	bool too_long = t->submission.too_long;
	int error;

	/* Resuming was qmgr's own memory; the peer has to ask the new one. */
	if (t->state == INCOMING_ASKED)
		return ERR_LIMIT;
	if (t->state != INCOMING_COMING ||
	    (t->submission.state != SUBMISSION_OPEN && !ended))
		return 0;
	/* The new qmgr knows nothing of the transfer: if it cannot be given,
	 * there is nothing to cancel. */
	submission_init(&traffic->in.submitter, &t->submission);
	t->submission.too_long = too_long;
	/* A transfer that is committed as it comes is resumed by the peer, from
	 * its mark. */
	if (t->too_large || (t->commit != INCOMING_AT_END && !ended) ||
	    ++t->again > AGAIN_MAX)
		return ERR_LIMIT;
	/* In the same order as before: start, size, octets, end. */
	error = offer_start(traffic);
	if (error == 0 && !too_long)
		error = offer_size(traffic);
	if (error == 0)
		error = submission_body(&traffic->in.submitter, &t->submission,
		    buffer_slice(&t->kept));
	return error == 0 && ended ? end_submission(traffic) : error;
}
