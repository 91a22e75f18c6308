/* SPDX-License-Identifier: ISC */
/*
 * submit.c - the way of a message from the association to qmgr
 *
 * The envelope is decoded and encoded again, canonically; the content streams
 * in pieces.  A checkpoint is confirmed to the peer when all before it is
 * committed, with its mark (resume.c), the end when qmgr has taken
 * responsibility.  A transfer that comes to its end before the peer needs a
 * checkpoint confirmed has none confirmed: it costs no commits of its own.
 * What fits KEPT_MAX is kept until the end, for a new qmgr.
 */
#include <stdlib.h>

#include "base/log.h"
#include "x400in/inbound.h"

#define APDU_MAX      UINT64_MAX /* max-size of a link bounds what is taken */
#define GIVE_LIMIT    60000	 /* ms for qmgr to read what lies unread */
#define DURABLE_AFTER 1000 /* ms: octets that took so long are worth keeping */

/* ipc_kind_of - the kind as it is called between processes */
static enum ipc_kind
ipc_kind_of(enum p1_kind kind)
{
	switch (kind) {
	case P1_PROBE:
		return IPC_PROBE;
	case P1_REPORT:
		return IPC_REPORT;
	case P1_MESSAGE:
	default:
		return IPC_MESSAGE;
	}
}

/* submit_give - send a record to qmgr */
int
submit_give(struct inbound *inbound, const struct ipc_record *record)
{
	int error;

	if (inbound->qmgr_lost)
		return 0;
	error = ipc_channel_send(&inbound->qmgr, record);
	if (error == ERR_LIMIT && ipc_channel_pending(&inbound->qmgr) > 0)
		error = worker_send(&inbound->worker, &inbound->qmgr, record,
		    clock_after(GIVE_LIMIT));
	if (error == ERR_LIMIT || error == ERR_NOMEM)
		return error;
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		inbound->qmgr_lost = true;
	return 0;
}

/* give_start - announce the transfer to qmgr */
static int
give_start(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;

	return submit_give(inbound,
	    &(struct ipc_record){.type = IPC_SUBMIT_START,
		.submit_start = {.submit = t->submit,
		    .kind = t->kind,
		    .origin = IPC_TRANSFER,
		    .envelope_length = t->envelope_length,
		    .session = inbound->session,
		    .activity = t->activity,
		    .old_session = t->old_session,
		    .old_activity = t->old_activity}});
}

/* give_data - octets of the body, in records */
static int
give_data(struct inbound *inbound, struct slice octets)
{
	struct inbound_transfer *t = &inbound->transfer;

	while (octets.len > 0) {
		size_t len =
		    octets.len < IPC_PIECE_MAX ? octets.len : IPC_PIECE_MAX;
		int error = submit_give(inbound,
		    &(struct ipc_record){.type = IPC_SUBMIT_DATA,
			.submit_data = {.submit = t->submit,
			    .data = slice_of(octets.data, len)}});

		if (error != 0)
			return error;
		t->sent += len;
		octets = slice_of(octets.data + len, octets.len - len);
	}
	return 0;
}

/* give_end - ask qmgr to take responsibility */
static int
give_end(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;

	return submit_give(inbound,
	    &(struct ipc_record){.type = IPC_SUBMIT_END,
		.submit_end = {.submit = t->submit,
		    .content_length = t->content_length,
		    .key = slice_of(t->key, sizeof(t->key))}});
}

/* give_piece - what was gathered into one piece */
static int
give_piece(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;
	int error = give_data(inbound, buffer_slice(&t->piece));

	buffer_reset(&t->piece);
	return error;
}

/* body - octets of the body: keep them, and gather them into pieces */
static int
body(struct inbound *inbound, struct slice octets)
{
	struct inbound_transfer *t = &inbound->transfer;
	int error;

	if (!t->too_large &&
	    buffer_append(&t->kept, octets.data, octets.len) != 0) {
		t->too_large = true;
		buffer_reset(&t->kept);
	}
	while (octets.len > 0) {
		size_t len = IPC_PIECE_MAX - buffer_length(&t->piece);

		if (len > octets.len)
			len = octets.len;
		error = buffer_append(&t->piece, octets.data, len);
		if (error != 0)
			return error;
		octets = slice_of(octets.data + len, octets.len - len);
		if (buffer_length(&t->piece) == IPC_PIECE_MAX &&
		    (error = give_piece(inbound)) != 0)
			return error;
	}
	return 0;
}

/* on_envelope - the reader has decoded it: announce and begin the body */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct inbound *inbound = arg;
	struct inbound_transfer *t = &inbound->transfer;
	struct buffer canonical;
	struct slice encoded;
	int error;

	(void)octets;
	buffer_init(&canonical, P1_ENVELOPE_MAX);
	error = p1_encode(envelope, EXTENSION_IMPLICIT, &canonical);
	if (error != 0)
		goto out;
	encoded = buffer_slice(&canonical);
	t->kind = ipc_kind_of(envelope->kind);
	t->envelope_length = encoded.len;
	if ((error = give_start(inbound)) != 0)
		goto out;
	t->started = true;
	digest_update(&t->digest, encoded);
	error = body(inbound, encoded);
out:
	buffer_fini(&canonical);
	return error;
}

/* on_content - a piece of the content */
static int
on_content(void *arg, struct slice piece)
{
	struct inbound *inbound = arg;
	struct inbound_transfer *t = &inbound->transfer;

	t->content_length += piece.len;
	if (inbound->link->max_size != 0 &&
	    t->content_length > inbound->link->max_size)
		return ERR_FULL; /* told apart from what the decoder caps */
	digest_update(&t->digest, piece);
	return body(inbound, piece);
}

/* submit_init - the state of transfers */
void
submit_init(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;
	const struct transfer_handler handler = {
	    on_envelope, on_content, inbound};

	transfer_reader_init(&inbound->reader, &handler, APDU_MAX);
	buffer_init(&t->kept, KEPT_MAX);
	buffer_init(&t->piece, IPC_PIECE_MAX);
}

/* submit_fini - give it back */
void
submit_fini(struct inbound *inbound)
{
	transfer_reader_fini(&inbound->reader);
	buffer_fini(&inbound->transfer.kept);
	buffer_fini(&inbound->transfer.piece);
}

/* submit_begin - an activity begins */
void
submit_begin(struct inbound *inbound, uint32_t activity)
{
	struct inbound_transfer *t = &inbound->transfer;

	transfer_reader_reset(&inbound->reader);
	buffer_reset(&t->kept);
	buffer_reset(&t->piece);
	*t = (struct inbound_transfer){.active = true,
	    .submit = ++inbound->submit_count,
	    .activity = activity,
	    .begun = clock_monotonic(),
	    .kept = t->kept,
	    .piece = t->piece};
	digest_init(&t->digest);
}

/* submit_octets - octets of the APDU */
int
submit_octets(struct inbound *inbound, struct slice octets, struct diag *diag)
{
	int error = transfer_push(&inbound->reader, octets, diag);

	if (error == ERR_FULL)
		return diag_set(
		    diag, ERR_FULL, "content larger than the link's max-size");
	return error;
}

/* safe - whether all before this checkpoint need not come again; envelopes
 * are not committed before the end, and cost little to send again */
static bool
safe(const struct inbound_transfer *t, const struct inbound_checkpoint *c)
{
	if (!t->durable)
		return false;
	if (t->markable)
		return t->marked > 0 && c->offset <= t->marked;
	return c->offset <= t->committed || c->offset <= t->envelope_length;
}

/* confirm - confirm the checkpoints that may be */
static void
confirm(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;
	size_t done = 0;

	while (done < t->checkpoint_count && safe(t, &t->checkpoints[done]))
		done++;
	if (done == 0 || t->refused)
		return;
	/* An association that ended meanwhile shows itself as an event. */
	(void)!association_confirm_checkpoint(
	    &inbound->association, t->checkpoints[done - 1].serial);
	t->checkpoint_count -= done;
	memmove(t->checkpoints, t->checkpoints + done,
	    t->checkpoint_count * sizeof(t->checkpoints[0]));
}

/*
 * must_commit - whether the peer needs a checkpoint confirmed, or what came
 * so far took long enough to be worth it
 */
static bool
must_commit(const struct inbound *inbound)
{
	const struct inbound_transfer *t = &inbound->transfer;

	return t->too_large ||
	    t->checkpoint_count + 2 >= inbound->association.window ||
	    clock_monotonic() - t->begun > DURABLE_AFTER;
}

/* submit_checkpoint - the peer wants this one confirmed */
void
submit_checkpoint(struct inbound *inbound, uint32_t serial)
{
	struct inbound_transfer *t = &inbound->transfer;

	if (!t->durable && must_commit(inbound))
		t->durable = true;
	/* All before it must reach qmgr, or its commit would not come. */
	if (t->durable && give_piece(inbound) != 0)
		return; /* out of memory; the next piece says so */
	if (t->durable)
		t->markable = resume_mark(inbound) == 0;
	if (t->checkpoint_count == CHECKPOINTS_MAX)
		panic("more checkpoints than the window allows");
	t->checkpoints[t->checkpoint_count++] =
	    (struct inbound_checkpoint){serial, t->sent};
	confirm(inbound);
}

/* submit_end - the activity ended: ask qmgr to take responsibility */
int
submit_end(struct inbound *inbound, struct diag *diag)
{
	struct inbound_transfer *t = &inbound->transfer;
	uint64_t length;
	uint8_t octets[sizeof(length)];
	int error = transfer_finish(&inbound->reader, diag);

	if (error != 0)
		return error;
	length = t->content_length;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(length >> (8 * i));
	digest_update(&t->digest, slice_of(octets, sizeof(octets)));
	digest_final(&t->digest, t->key);
	t->ended = true;
	if ((error = give_piece(inbound)) != 0 ||
	    (error = give_end(inbound)) != 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	return 0;
}

/* submit_forget - the transfer will not be completed here */
void
submit_forget(struct inbound *inbound, enum submit_leave leave)
{
	struct inbound_transfer *t = &inbound->transfer;

	if (t->active && t->started)
		(void)!submit_give(inbound,
		    &(struct ipc_record){.type = IPC_SUBMIT_CANCEL,
			.submit_cancel = {.submit = t->submit,
			    .keep = leave == SUBMIT_KEEP}});
	t->active = false;
	t->checkpoint_count = 0;
}

/* answered - qmgr's answer to the transfer: confirm it, or refuse it */
static void
answered(struct inbound *inbound, const struct ipc_submit_answer *answer)
{
	struct inbound_transfer *t = &inbound->transfer;
	enum association_exception reason = ASSOCIATION_EXCEPTION_NON_SPECIFIC;

	if (!t->active || answer->submit != t->submit)
		return;
	if (answer->result == IPC_SUBMIT_ACCEPTED ||
	    answer->result == IPC_SUBMIT_DUPLICATE) {
		t->active = false;
		(void)!association_confirm_transfer(&inbound->association);
		return;
	}
	if (answer->result == IPC_SUBMIT_UNAVAILABLE)
		reason = ASSOCIATION_EXCEPTION_JEOPARDIZED;
	LOG_EVENT(EVENT_TRANSFER_REFUSED,
	    LOG_STRING("link", inbound->link->name),
	    LOG_STRING("address", inbound->address),
	    LOG_SLICE("reason", answer->text));
	t->active = false;
	t->refused = true;
	t->checkpoint_count = 0;
	(void)!association_except(&inbound->association, reason);
}

/* progress - what of the transfer is committed */
static void
progress(
    struct inbound *inbound, const struct ipc_submit_progress *submit_progress)
{
	struct inbound_transfer *t = &inbound->transfer;

	if (!t->active || submit_progress->submit != t->submit)
		return;
	t->committed = submit_progress->offset < t->sent
	    ? submit_progress->offset
	    : t->sent;
	t->marked = submit_progress->marked;
	confirm(inbound);
}

/* handle - one record of qmgr's */
static int
handle(
    struct inbound *inbound, const struct ipc_record *record, struct diag *diag)
{
	if (record->type == IPC_SUBMIT_ANSWER)
		answered(inbound, &record->submit_answer);
	else if (record->type == IPC_SUBMIT_PROGRESS)
		progress(inbound, &record->submit_progress);
	else if (record->type == IPC_RESUME_ANSWER)
		resume_answered(inbound, &record->resume_answer);
	else if (record->type == IPC_RETIRE)
		inbound->worker.stopping = true;
	else
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record->type));
	return 0;
}

/* submit_pump - take what qmgr has sent, write what is ready for it */
int
submit_pump(struct inbound *inbound, bool readable)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (inbound->qmgr_lost)
		return ERR_CLOSED;
	filled = readable ? ipc_channel_fill(&inbound->qmgr) : 0;
	while ((result = ipc_channel_take(&inbound->qmgr, &record, &diag)) == 1)
		if ((result = handle(inbound, &record, &diag)) != 0)
			break;
	if (result < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	if (result < 0 || (filled != 0 && filled != ERR_AGAIN) ||
	    ipc_channel_flush(&inbound->qmgr) != 0) {
		inbound->qmgr_lost = true;
		return ERR_CLOSED;
	}
	return 0;
}

/* submit_room - whether qmgr may be given more */
bool
submit_room(const struct inbound *inbound)
{
	const struct inbound_transfer *t = &inbound->transfer;

	if (!inbound->qmgr_lost &&
	    ipc_channel_pending(&inbound->qmgr) > IPC_PIECE_MAX)
		return false;
	if (t->active && t->asked)
		return false;
	return !t->active || !(t->durable || t->too_large) || t->ended ||
	    t->sent - t->committed < IPC_UNANSWERED_MAX / 2;
}

/* submit_again - a new qmgr: give it the transfer from the beginning */
int
submit_again(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;
	size_t pending = buffer_length(&t->piece);
	struct slice kept = buffer_slice(&t->kept);
	int error;

	if (t->active && t->asked)
		return ERR_LIMIT;
	if (!t->active || !t->started)
		return 0;
	t->started = false; /* of the transfer this qmgr knows nothing */
	/* One under way is gone on with by the peer, from its mark. */
	if (t->too_large || (t->durable && !t->ended) || ++t->again > AGAIN_MAX)
		return ERR_LIMIT;
	t->sent = 0;
	t->committed = 0;
	if ((error = give_start(inbound)) != 0)
		return error;
	t->started = true;
	error = give_data(inbound, slice_of(kept.data, kept.len - pending));
	if (error != 0)
		return error;
	return t->ended ? give_end(inbound) : 0;
}
