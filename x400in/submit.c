/* SPDX-License-Identifier: ISC */
/*
 * submit.c - the way of a message from the association to qmgr
 *
 * The envelope is decoded and encoded again, canonically; the content streams
 * in pieces.  A checkpoint is confirmed to the peer when all before it is
 * committed, the end when qmgr has taken responsibility.  What fits KEPT_MAX
 * is kept until then: its checkpoints are confirmed at once, because a
 * transfer so small costs nothing to begin anew.
 */
#include <stdlib.h>

#include "base/log.h"
#include "x400in/inbound.h"

#define APDU_MAX   UINT64_MAX /* max-size of a link bounds what is taken */
#define GIVE_LIMIT 60000      /* ms for qmgr to read what lies unread */

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

/*
 * give - send a record to qmgr; written by the next flush at the latest
 *
 * That qmgr is gone says nothing against the message: it is no error here,
 * and the next pump tells.
 */
static int
give(struct inbound *inbound, const struct ipc_record *record)
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

	return give(inbound,
	    &(struct ipc_record){.type = IPC_SUBMIT_START,
		.submit_start = {.submit = t->submit,
		    .kind = t->kind,
		    .origin = IPC_TRANSFER,
		    .envelope_length = t->envelope_length,
		    .session = inbound->session,
		    .activity = t->activity}});
}

/* give_data - octets of the body, in records */
static int
give_data(struct inbound *inbound, struct slice octets)
{
	struct inbound_transfer *t = &inbound->transfer;

	while (octets.len > 0) {
		size_t len =
		    octets.len < IPC_PIECE_MAX ? octets.len : IPC_PIECE_MAX;
		int error = give(inbound,
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

	return give(inbound,
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
	XXH3_128bits_update(t->hash, encoded.data, encoded.len);
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
	XXH3_128bits_update(t->hash, piece.data, piece.len);
	return body(inbound, piece);
}

/* submit_init - the state of transfers */
int
submit_init(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;
	const struct transfer_handler handler = {
	    on_envelope, on_content, inbound};

	transfer_reader_init(&inbound->reader, &handler, APDU_MAX);
	buffer_init(&t->kept, KEPT_MAX);
	buffer_init(&t->piece, IPC_PIECE_MAX);
	t->hash = XXH3_createState();
	return t->hash != NULL ? 0 : ERR_NOMEM;
}

/* submit_fini - give it back */
void
submit_fini(struct inbound *inbound)
{
	transfer_reader_fini(&inbound->reader);
	buffer_fini(&inbound->transfer.kept);
	buffer_fini(&inbound->transfer.piece);
	XXH3_freeState(inbound->transfer.hash);
}

/* submit_begin - an activity begins */
void
submit_begin(struct inbound *inbound, uint32_t activity)
{
	struct inbound_transfer *t = &inbound->transfer;

	transfer_reader_reset(&inbound->reader);
	buffer_reset(&t->kept);
	buffer_reset(&t->piece);
	XXH3_128bits_reset(t->hash);
	*t = (struct inbound_transfer){.active = true,
	    .submit = ++inbound->submit_count,
	    .activity = activity,
	    .kept = t->kept,
	    .piece = t->piece,
	    .hash = t->hash};
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
	return !t->too_large || c->offset <= t->committed ||
	    c->offset <= t->envelope_length;
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

/* submit_checkpoint - the peer wants this one confirmed */
void
submit_checkpoint(struct inbound *inbound, uint32_t serial)
{
	struct inbound_transfer *t = &inbound->transfer;

	/* All before it must reach qmgr, or its commit would not come. */
	if (t->too_large && give_piece(inbound) != 0)
		return; /* out of memory; the next piece says so */
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
	XXH128_canonical_t key;
	int error = transfer_finish(&inbound->reader, diag);

	if (error != 0)
		return error;
	XXH3_128bits_update(
	    t->hash, &t->content_length, sizeof(t->content_length));
	XXH128_canonicalFromHash(&key, XXH3_128bits_digest(t->hash));
	memcpy(t->key, key.digest, sizeof(t->key));
	t->ended = true;
	if ((error = give_piece(inbound)) != 0 ||
	    (error = give_end(inbound)) != 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	return 0;
}

/* submit_forget - the transfer will not be completed */
void
submit_forget(struct inbound *inbound)
{
	struct inbound_transfer *t = &inbound->transfer;

	if (t->active && t->started)
		(void)!give(inbound,
		    &(struct ipc_record){.type = IPC_SUBMIT_CANCEL,
			.submit_cancel = {.submit = t->submit}});
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
	return !t->active || !t->too_large || t->ended ||
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

	if (!t->active || !t->started)
		return 0;
	t->started = false; /* of the transfer this qmgr knows nothing */
	if (t->too_large || ++t->again > AGAIN_MAX)
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
