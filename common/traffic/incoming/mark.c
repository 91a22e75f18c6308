/* SPDX-License-Identifier: ISC */
/*
 * mark.c - what another process needs to go on with a transfer
 */
#include "traffic/incoming/mark.h"

#include "ber/reader.h"
#include "ber/writer.h"

#define VERSION 1

/* encode_mark - encode where association, reader and key stand */
static int
encode_mark(const struct traffic *traffic, struct buffer *out)
{
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
		error = digest_save(&traffic->in.transfer.digest, &digest);
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

/* mark_note - keep what a mark of the checkpoint just told of would say */
void
mark_note(struct traffic *traffic)
{
	struct incoming_transfer *t = &traffic->in.transfer;

	buffer_reset(&t->mark);
	/* The place is counted in what qmgr was given, including the piece that
	 * is not sent yet. */
	t->mark_offset =
	    t->submission.sent + buffer_length(&traffic->in.submitter.piece);
	/* Within the envelope there is nothing to resume: qmgr keeps it only
	 * when it is complete. */
	if (t->submission.state != SUBMISSION_OPEN ||
	    t->mark_offset <= t->envelope_length)
		return;
	/* qmgr keeps envelope and mark together in one page. */
	if (encode_mark(traffic, &t->mark) != 0 ||
	    t->envelope_length + buffer_length(&t->mark) > IPC_MARK_MAX)
		buffer_reset(&t->mark);
}

/* mark_give - give qmgr the mark of the checkpoint last noted */
int
mark_give(struct traffic *traffic)
{
	const struct incoming_transfer *t = &traffic->in.transfer;

	/* No checkpoint since the transfer began, or its mark could not be
	 * written: the caller commits without one. */
	if (buffer_length(&t->mark) == 0)
		return ERR_STATE;
	return traffic_give(traffic,
	    &(struct ipc_record){.type = IPC_SUBMIT_MARK,
		.submit_mark = {.submit = t->submission.number,
		    .offset = t->mark_offset,
		    .state = buffer_slice(&t->mark)}});
}

/* get_part - read one of the elements of a mark */
static int
get_part(struct ber_reader *reader, unsigned tag, struct slice *part)
{
	struct ber_element el;
	int error = ber_expect(reader, BER_CTX(tag), "mark", &el);

	if (error == 0)
		*part = el.contents;
	return error;
}

/* mark_restore - continue reader and key as a mark says */
int
mark_restore(struct traffic *traffic, struct slice mark,
    struct association_receive_state *association)
{
	struct slice version, receive, transfer, digest;
	struct ber_reader reader;

	ber_reader_init(&reader, mark, NULL);
	/* The mark comes from the queue, perhaps of an older release: an
	 * unknown version is refused, and the peer sends all of it again. */
	if (get_part(&reader, 0, &version) != 0 ||
	    get_part(&reader, 1, &receive) != 0 ||
	    get_part(&reader, 2, &transfer) != 0 ||
	    get_part(&reader, 3, &digest) != 0 || version.len != 1 ||
	    version.data[0] != VERSION ||
	    receive.len > sizeof(association->octets))
		return ERR_CORRUPT;
	memcpy(association->octets, receive.data, receive.len);
	association->len = (uint8_t)receive.len;
	if (transfer_restore(&traffic->in.reader, transfer) != 0)
		return ERR_CORRUPT;
	return digest_restore(&traffic->in.transfer.digest, digest);
}
