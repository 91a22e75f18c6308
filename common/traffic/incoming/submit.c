/* SPDX-License-Identifier: ISC */
/*
 * submit.c - the way of a message from the association to qmgr
 *
 * The envelope is decoded and encoded again, canonically; the content streams
 * in pieces.  A checkpoint is confirmed to the peer when all before it is
 * committed, with its mark (resume.c), the end when qmgr has taken
 * responsibility.  A transfer that comes to its end before the peer needs a
 * checkpoint confirmed has none confirmed: it costs no commits of its own.
 * The agreed window is only what the peer may have outstanding; its own may be
 * smaller (Exchange before 5.5 SP2 never used more than 3).  So a peer that
 * falls silent behind a checkpoint is taken to wait for its confirmation.
 * What fits KEPT_MAX is kept until the end, for a new qmgr.
 */
#include "base/log.h"
#include "client/limits.h"
#include "traffic/engine/traffic.h"

#define APDU_MAX      UINT64_MAX  /* max-size of a link bounds what is taken */
#define GIVE_LIMIT    LIMITS_SEND /* ms for qmgr to read what lies unread */
#define DURABLE_AFTER 1000 /* ms: octets that took so long are worth keeping */

/* ms without octets until a peer that has checkpoints outstanding is taken to
 * wait for us: longer than the pauses of one that only writes slowly, because
 * a commit that nobody waits for costs all others */
#define QUIET 20

/* submit_give - send a record to qmgr */
int
submit_give(struct traffic *traffic, const struct ipc_record *record)
{
	int error;

	if (traffic->qmgr_gone)
		return 0;
	error = ipc_channel_send(&traffic->qmgr, record);
	if (error == ERR_LIMIT && ipc_channel_pending(&traffic->qmgr) > 0)
		error = worker_send(&traffic->worker, &traffic->qmgr, record,
		    clock_after(GIVE_LIMIT));
	if (error == ERR_LIMIT || error == ERR_NOMEM)
		return error;
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		traffic_qmgr_gone(traffic);
	return 0;
}

/* give_start - announce the transfer to qmgr */
static int
give_start(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	return submit_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_START,
		.submit_start = {.submit = t->submit,
		    .kind = t->kind,
		    .origin = IPC_TRANSFER,
		    .envelope_length = t->envelope_length,
		    .session = traffic->session,
		    .activity = t->activity,
		    .old_session = t->old_session,
		    .old_activity = t->old_activity}});
}

/* give_size - say what is to come, where it is so much that qmgr may refuse it
 * before it comes */
static int
give_size(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->announced <= KEPT_MAX)
		return 0;
	return submit_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_SIZE,
		.submit_size = {
		    .submit = t->submit, .content_length = t->announced}});
}

/* give_data - octets of the body, in records */
static int
give_data(struct traffic *traffic, struct slice octets)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	while (octets.len > 0) {
		size_t len =
		    octets.len < IPC_PIECE_MAX ? octets.len : IPC_PIECE_MAX;
		int error = submit_give(traffic,
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
give_end(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	return submit_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_END,
		.submit_end = {.submit = t->submit,
		    .content_length = t->content_length,
		    .key = slice_of(t->key, sizeof(t->key))}});
}

/* give_piece - what was gathered into one piece */
static int
give_piece(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	int error = give_data(traffic, buffer_slice(&t->piece));

	buffer_reset(&t->piece);
	return error;
}

/* body - octets of the body: keep them, and gather them into pieces */
static int
body(struct traffic *traffic, struct slice octets)
{
	struct incoming_transfer *t = &traffic->in.transfer;
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
		    (error = give_piece(traffic)) != 0)
			return error;
	}
	return 0;
}

/* on_envelope - the reader has decoded it: announce and begin the body */
static int
on_envelope(void *arg, const struct p1_envelope *envelope, struct slice octets)
{
	struct traffic *traffic = arg;
	struct incoming_transfer *t = &traffic->in.transfer;
	struct buffer canonical;
	struct slice encoded;
	int error;

	(void)octets;
	buffer_init(&canonical, P1_ENVELOPE_MAX);
	error = p1_encode(envelope, EXTENSION_IMPLICIT, &canonical);
	if (error != 0)
		goto out;
	encoded = buffer_slice(&canonical);
	t->kind = envelope->kind;
	t->envelope_length = encoded.len;
	if ((error = give_start(traffic)) != 0)
		goto out;
	t->started = true;
	digest_update(&t->digest, encoded);
	error = body(traffic, encoded);
out:
	buffer_fini(&canonical);
	return error;
}

/* on_content - a piece of the content */
static int
on_content(void *arg, struct slice piece)
{
	struct traffic *traffic = arg;
	struct incoming_transfer *t = &traffic->in.transfer;

	t->content_length += piece.len;
	if (traffic->link->max_size != 0 &&
	    t->content_length > traffic->link->max_size)
		return ERR_FULL; /* told apart from what the decoder caps */
	digest_update(&t->digest, piece);
	return body(traffic, piece);
}

/* on_announced - the peer has said how long the content is */
static int
on_announced(void *arg, uint64_t length)
{
	struct traffic *traffic = arg;

	if (traffic->link->max_size != 0 && length > traffic->link->max_size)
		return ERR_FULL;
	traffic->in.transfer.announced = length;
	return give_size(traffic);
}

/* submit_init - the state of transfers */
void
submit_init(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	const struct transfer_handler handler = {
	    on_envelope, on_content, traffic, on_announced};

	transfer_reader_init(&traffic->in.reader, &handler, APDU_MAX);
	buffer_init(&t->kept, KEPT_MAX);
	buffer_init(&t->piece, IPC_PIECE_MAX);
	buffer_init(&t->state, IPC_MARK_MAX);
}

/* submit_fini - give it back */
void
submit_fini(struct traffic *traffic)
{
	transfer_reader_fini(&traffic->in.reader);
	buffer_fini(&traffic->in.transfer.kept);
	buffer_fini(&traffic->in.transfer.piece);
	buffer_fini(&traffic->in.transfer.state);
}

/* submit_begin - an activity begins */
void
submit_begin(struct traffic *traffic, uint32_t activity)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	transfer_reader_reset(&traffic->in.reader);
	buffer_reset(&t->kept);
	buffer_reset(&t->piece);
	buffer_reset(&t->state);
	*t = (struct incoming_transfer){.active = true,
	    .submit = ++traffic->in.submit_count,
	    .activity = activity,
	    .begun = clock_monotonic(),
	    .kept = t->kept,
	    .piece = t->piece,
	    .state = t->state};
	digest_init(&t->digest);
}

/* submit_octets - octets of the APDU */
int
submit_octets(struct traffic *traffic, struct slice octets, struct diag *diag)
{
	int error = transfer_push(&traffic->in.reader, octets, diag);

	if (error == ERR_FULL)
		return diag_set(
		    diag, ERR_FULL, "content larger than the link's max-size");
	return error;
}

/* safe - whether all before this checkpoint need not come again; envelopes
 * are not committed before the end, and cost little to send again */
static bool
safe(const struct incoming_transfer *t, const struct incoming_checkpoint *c)
{
	if (!t->durable)
		return false;
	if (t->markable)
		return t->marked > 0 && c->offset <= t->marked;
	return c->offset <= t->committed || c->offset <= t->envelope_length;
}

/* confirm - confirm the checkpoints that may be */
static void
confirm(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	size_t done = 0;

	while (done < t->checkpoint_count && safe(t, &t->checkpoints[done]))
		done++;
	if (done == 0 || t->refused)
		return;
	/* An association that ended meanwhile shows itself as an event. */
	(void)!association_confirm_checkpoint(
	    &traffic->association, t->checkpoints[done - 1].serial);
	t->checkpoint_count -= done;
	memmove(t->checkpoints, t->checkpoints + done,
	    t->checkpoint_count * sizeof(t->checkpoints[0]));
}

/*
 * must_commit - whether the peer needs a checkpoint confirmed, or what came
 * so far took long enough to be worth it
 */
static bool
must_commit(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	return t->too_large ||
	    t->checkpoint_count + 2 >= traffic->association.window ||
	    clock_monotonic() - t->begun > DURABLE_AFTER;
}

/* submit_checkpoint - the peer wants this one confirmed */
void
submit_checkpoint(struct traffic *traffic, uint32_t serial)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->checkpoint_count == CHECKPOINTS_MAX)
		panic("more checkpoints than the window allows");
	resume_note(traffic);
	t->checkpoints[t->checkpoint_count++] =
	    (struct incoming_checkpoint){serial, t->state_offset};
	if (t->durable || must_commit(traffic))
		submit_persist(traffic);
}

/* submit_persist - have what came committed, so that it can be confirmed */
void
submit_persist(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	t->durable = true;
	/* All before the checkpoint must reach qmgr, or its commit would not
	 * come.  Out of memory: the next piece says so. */
	if (give_piece(traffic) != 0)
		return;
	t->markable = resume_mark(traffic) == 0;
	confirm(traffic);
}

/* submit_due - when checkpoints that wait are to be committed all the same */
uint64_t
submit_due(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t quiet = traffic->heard + QUIET;
	uint64_t late = t->begun + DURABLE_AFTER;

	if (!t->active || t->durable || t->ended || t->refused || t->asked ||
	    t->checkpoint_count == 0 || traffic->qmgr_gone)
		return CLOCK_NEVER;
	return quiet < late ? quiet : late;
}

/* submit_end - the activity ended: ask qmgr to take responsibility */
int
submit_end(struct traffic *traffic, struct diag *diag)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	uint64_t length;
	uint8_t octets[sizeof(length)];
	int error = transfer_finish(&traffic->in.reader, diag);

	if (error != 0)
		return error;
	length = t->content_length;
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(length >> (8 * i));
	digest_update(&t->digest, slice_of(octets, sizeof(octets)));
	digest_final(&t->digest, t->key);
	t->ended = true;
	if ((error = give_piece(traffic)) != 0 ||
	    (error = give_end(traffic)) != 0)
		return diag_set(diag, error, "%s", error_strerror(error));
	return 0;
}

/* submit_forget - the transfer will not be completed here */
void
submit_forget(struct traffic *traffic, enum submit_leave leave)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (t->active && t->started)
		(void)!submit_give(traffic,
		    &(struct ipc_record){.type = IPC_SUBMIT_CANCEL,
			.submit_cancel = {.submit = t->submit,
			    .keep = leave == SUBMIT_KEEP}});
	t->active = false;
	t->checkpoint_count = 0;
}

/* answered - qmgr's answer to the transfer: confirm it, or refuse it */
static void
answered(struct traffic *traffic, const struct ipc_submit_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	enum association_exception reason = ASSOCIATION_EXCEPTION_NON_SPECIFIC;

	if (!t->active || answer->submit != t->submit)
		return;
	if (answer->result == IPC_SUBMIT_ACCEPTED ||
	    answer->result == IPC_SUBMIT_DUPLICATE) {
		t->active = false;
		(void)!association_confirm_transfer(&traffic->association);
		return;
	}
	if (answer->result == IPC_SUBMIT_UNAVAILABLE)
		reason = ASSOCIATION_EXCEPTION_JEOPARDIZED;
	LOG_EVENT(EVENT_TRANSFER_REFUSED,
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_SLICE("reason", answer->text));
	t->active = false;
	t->refused = true;
	t->checkpoint_count = 0;
	(void)!association_except(&traffic->association, reason);
}

/* progress - what of the transfer is committed */
static void
progress(
    struct traffic *traffic, const struct ipc_submit_progress *submit_progress)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (!t->active || submit_progress->submit != t->submit)
		return;
	t->committed = submit_progress->offset < t->sent
	    ? submit_progress->offset
	    : t->sent;
	t->marked = submit_progress->marked;
	confirm(traffic);
}

/* submit_take - one record of qmgr's about submissions */
int
submit_take(
    struct traffic *traffic, const struct ipc_record *record, struct diag *diag)
{
	(void)diag;
	if (record->type == IPC_SUBMIT_ANSWER)
		answered(traffic, &record->submit_answer);
	else if (record->type == IPC_SUBMIT_PROGRESS)
		progress(traffic, &record->submit_progress);
	else
		resume_answered(traffic, &record->resume_answer);
	return 0;
}

/* submit_room - whether qmgr may be given more */
bool
submit_room(const struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	if (!traffic->qmgr_gone &&
	    ipc_channel_pending(&traffic->qmgr) > IPC_PIECE_MAX)
		return false;
	if (t->active && t->asked)
		return false;
	return !t->active || !(t->durable || t->too_large) || t->ended ||
	    t->sent - t->committed < IPC_UNANSWERED_MAX / 2;
}

/* submit_again - a new qmgr: give it the transfer from the beginning */
int
submit_again(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
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
	if ((error = give_start(traffic)) != 0)
		return error;
	t->started = true;
	if ((error = give_size(traffic)) != 0)
		return error;
	error = give_data(traffic, slice_of(kept.data, kept.len - pending));
	if (error != 0)
		return error;
	return t->ended ? give_end(traffic) : 0;
}
