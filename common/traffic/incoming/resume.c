/* SPDX-License-Identifier: ISC */
/*
 * resume.c - transfers that were cut, and go on (X.228 7.8, 8.6)
 *
 * At a checkpoint qmgr is given, besides the octets before it, what another
 * process needs to go on from there: where the association, the reader of the
 * APDU and the key stand.  When the peer resumes a transfer qmgr is asked
 * what it knows of it.
 *
 * A mark is BER: { version [0], association [1], reader [2], key [3] }.
 */
#include "base/log.h"
#include "ber/reader.h"
#include "ber/writer.h"
#include "traffic/engine/traffic.h"

#define VERSION 1

/* put_state - where all stand, as a mark */
static int
put_state(const struct traffic *traffic, struct buffer *out)
{
	const struct incoming_transfer *t = &traffic->in.transfer;
	struct association_receive_state state;
	struct ber_writer writer;
	struct buffer reader, digest;
	int error;

	buffer_init(&reader, IPC_MARK_MAX);
	buffer_init(&digest, IPC_MARK_MAX);
	error = association_receive_state(&traffic->association, &state);
	if (error == 0)
		error = transfer_save(&traffic->in.reader, &reader);
	if (error == 0)
		error = digest_save(&t->digest, &digest);
	if (error == 0) {
		ber_writer_init(&writer, out);
		ber_put_integer(&writer, BER_CTX(0), VERSION);
		ber_put(&writer, BER_CTX(1), slice_of(state.octets, state.len));
		ber_put(&writer, BER_CTX(2), buffer_slice(&reader));
		ber_put(&writer, BER_CTX(3), buffer_slice(&digest));
		error = ber_finish(&writer);
	}
	buffer_fini(&reader);
	buffer_fini(&digest);
	return error;
}

/* resume_note - keep what a mark of the checkpoint just told of would say */
void
resume_note(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	buffer_reset(&t->state);
	t->state_offset = t->sent + buffer_length(&t->piece);
	if (!t->started || t->state_offset <= t->envelope_length)
		return;
	/* qmgr keeps envelope and state together in one page. */
	if (put_state(traffic, &t->state) != 0 ||
	    t->envelope_length + buffer_length(&t->state) > IPC_MARK_MAX)
		buffer_reset(&t->state);
}

/* resume_mark - give qmgr the mark of the checkpoint last noted */
int
resume_mark(struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	if (buffer_length(&t->state) == 0)
		return ERR_STATE;
	return submit_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_MARK,
		.submit_mark = {.submit = t->submit,
		    .offset = t->state_offset,
		    .state = buffer_slice(&t->state)}});
}

/* resume_ask - the peer resumes a transfer: ask qmgr what it knows of it */
int
resume_ask(struct traffic *traffic, const struct association_event *event)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	struct ipc_record record = {.type = IPC_RESUME_CHECK};
	struct ipc_resume_check *check = &record.resume_check;

	submit_begin(traffic, event->activity);
	t->asked = true;
	t->old_activity = event->old_activity;
	t->old_serial = event->serial;
	check->submit = t->submit;
	check->session = traffic->session;
	check->activity = event->activity;
	check->old.activity = event->old_activity;
	if (event->old_references != NULL)
		check->old.references = *event->old_references;
	return submit_give(traffic, &record);
}

/* get_part - one of the elements of a mark */
static int
get_part(struct ber_reader *reader, unsigned tag, struct slice *part)
{
	struct ber_element el;
	int error = ber_expect(reader, BER_CTX(tag), "mark", &el);

	if (error == 0)
		*part = el.contents;
	return error;
}

/* get_state - stand where the mark says, but the association */
static int
get_state(struct traffic *traffic, struct slice octets,
    struct association_receive_state *state)
{
	struct slice version, association, transfer, digest;
	struct ber_reader reader;

	ber_reader_init(&reader, octets, NULL);
	if (get_part(&reader, 0, &version) != 0 ||
	    get_part(&reader, 1, &association) != 0 ||
	    get_part(&reader, 2, &transfer) != 0 ||
	    get_part(&reader, 3, &digest) != 0 || version.len != 1 ||
	    version.data[0] != VERSION ||
	    association.len > sizeof(state->octets))
		return ERR_CORRUPT;
	memcpy(state->octets, association.data, association.len);
	state->len = (uint8_t)association.len;
	if (transfer_restore(&traffic->in.reader, transfer) != 0)
		return ERR_CORRUPT;
	return digest_restore(&traffic->in.transfer.digest, digest);
}

/* go_on - from the mark; an error: it cannot be */
static int
go_on(struct traffic *traffic, const struct ipc_resume_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	struct association_receive_state state;
	int error;

	t->started = true; /* qmgr has it under way */
	error = get_state(traffic, answer->state, &state);
	if (error == 0)
		error =
		    association_resume_accept(&traffic->association, &state);
	if (error != 0)
		return error;
	t->kind = answer->kind;
	t->envelope_length = answer->envelope_length;
	t->content_length = traffic->in.reader.content_length;
	t->sent = t->committed = t->marked = answer->offset;
	t->too_large = true; /* what came before is not here */
	t->durable = t->markable = true;
	return 0;
}

/* say - a transfer goes on, or had been completed */
static void
say(const struct traffic *traffic, const char *what)
{
	LOG_EVENT(EVENT_TRANSFER_RESUMED,
	    LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("activity", traffic->in.transfer.activity),
	    LOG_INT("offset", traffic->in.transfer.sent),
	    LOG_STRING("message", what));
}

/*
 * anew - the peer goes on after no checkpoint: all of it comes
 *
 * It bears the name by which it was resumed all the same: so the peer asks
 * for it, should it be cut once more.
 */
static void
anew(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	const struct incoming_transfer was = *t;

	if (association_resume_accept(&traffic->association, NULL) != 0) {
		receive_abort(traffic, ASSOCIATION_ABORT_LOCAL,
		    "a transfer cannot begin anew");
		return;
	}
	submit_begin(traffic, was.activity);
	t->old_session = was.old_session;
	t->old_activity = was.old_activity;
	say(traffic, "it begins anew");
}

/* resume_answered - what qmgr knows of the transfer that the peer resumes */
void
resume_answered(struct traffic *traffic, const struct ipc_resume_answer *answer)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	if (!t->active || !t->asked || answer->submit != t->submit)
		return;
	t->asked = false;
	t->old_session = answer->old_session;
	if (answer->result == IPC_RESUME_PARTIAL &&
	    go_on(traffic, answer) == 0) {
		say(traffic, "it goes on");
		return;
	}
	if (answer->result == IPC_RESUME_COMPLETED &&
	    association_resume_completed(&traffic->association) == 0) {
		t->active = false;
		say(traffic, "it had been completed");
		return;
	}
	submit_forget(traffic, SUBMIT_DROP);
	if (t->old_serial == 0 && answer->result != IPC_RESUME_COMPLETED &&
	    answer->result != IPC_RESUME_REFUSED) {
		anew(traffic);
		return;
	}
	say(traffic, "it is not known");
	(void)!association_resume_unknown(&traffic->association);
	traffic->over = true;
}
