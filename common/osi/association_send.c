/* SPDX-License-Identifier: ISC */
/*
 * association_send.c - what a sender says within an activity
 *
 * Pieces with a MIP between each two, AE; the EXTERNAL around the APDU in
 * front of the first piece (X.228 7.3, X.225 7.9 to 7.20).  All lengths are
 * known at the start, so that nothing has to be held for its header.
 *
 * A piece is not written before it is complete, unless it is larger than
 * ASSOCIATION_PIECE_MAX: what breaks the activity off must not come in the
 * middle of a TSDU.
 */
#include <poll.h>

#include "osi/association_internal.h"

#define APPEND_AT_A_TIME ((size_t)32 * 1024)

/* wait_limit - return the deadline of a wait */
static uint64_t
wait_limit(const struct association *a)
{
	const struct association_internal *in = a->internal;
	uint64_t progress = clock_after(in->parameters.transfer_timeout);

	/* Whichever comes first: the whole transfer has a time, and so has each
	 * step without any progress. */
	return in->sender.deadline < progress ? in->sender.deadline : progress;
}

/* put_serial - write a MIP or AE */
static int
put_serial(struct association *a, enum session_kind kind, uint32_t serial)
{
	struct session_pdu pdu = {
	    .kind = kind, .has = SESSION_HAS_SERIAL, .serial = serial};

	return association_put_pdu(a, &pdu);
}

/* take_acknowledgement - take a MIA, which confirms all up to its serial
 * number */
static int
take_acknowledgement(struct association *a, uint32_t serial)
{
	struct association_sender *sender = &a->internal->sender;
	uint32_t last = sender->serial - sender->end_sent;

	/* The end takes a serial number that a MIA cannot confirm. */
	if (serial <= a->serial_confirmed || serial > last)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: MIA %u, where %u to %u are outstanding", serial,
		    a->serial_confirmed + 1, last);
	a->serial_confirmed = serial;
	/* Checkpoints stand at multiples of the unit, counted with the
	 * EXTERNAL's header, which the APDU's offset does not have. */
	a->confirmed_offset = sender->base_offset +
	    (uint64_t)(serial - sender->base_serial) * sender->unit -
	    sender->prefix_len;
	return 0;
}

/* send_unexpected - abort because of a PDU that has no place while we send */
static int
send_unexpected(struct association *a, const struct association_item *item)
{
	return association_violation(a, ASSOCIATION_LAYER_SESSION,
	    "session: unexpected %s while we send",
	    item->kind == ITEM_DATA ? "DT" : session_name(item->pdu.kind));
}

/* take_while_leaving - take an answer to AI or AD, or a PDU that crossed */
static int
take_while_leaving(struct association *a, const struct association_item *item)
{
	struct association_sender *sender = &a->internal->sender;

	if (item->kind == ITEM_PDU) {
		switch ((int)item->pdu.kind) {
		case SESSION_INTERRUPT_ACK:
		case SESSION_DISCARD_ACK:
			sender->left = true;
			return 0;
		case SESSION_MINOR_ACK:
			/* The MIA crossed with AI or AD: less has to be sent
			 * again. */
			return take_acknowledgement(a, item->pdu.serial);
		case SESSION_ACTIVITY_END_ACK:
			/* The AEA crossed, too: only the answer is missing. */
			a->transfer_completed = sender->end_sent &&
			    item->pdu.serial == sender->serial;
			return 0;
		case SESSION_EXCEPTION_DATA:
		case SESSION_EXCEPTION_REPORT:
			return 0;
		case SESSION_PLEASE_TOKENS:
			return association_take_please(a, &item->pdu);
		case SESSION_ABORT:
			return association_aborted(a, &item->pdu);
		default:
			break;
		}
	}
	return send_unexpected(a, item);
}

/* take_answer - take a PDU of the receiver while we send */
static int
take_answer(struct association *a, const struct association_item *item)
{
	struct association_sender *sender = &a->internal->sender;
	const struct session_pdu *pdu = &item->pdu;

	if (sender->state == SENDER_LEAVING)
		return take_while_leaving(a, item);
	if (item->kind == ITEM_DATA)
		return send_unexpected(a, item);
	switch ((int)pdu->kind) {
	case SESSION_MINOR_ACK:
		/* After its ED the receiver may confirm no more. */
		if (sender->state == SENDER_EXCEPTED)
			return send_unexpected(a, item);
		return take_acknowledgement(a, pdu->serial);
	case SESSION_ACTIVITY_END_ACK:
		/* An AEA for another serial confirms another end than ours. */
		if (sender->state != SENDER_END ||
		    pdu->serial != sender->serial)
			return send_unexpected(a, item);
		a->serial_confirmed = pdu->serial;
		a->confirmed_offset = sender->length;
		sender->ended = true;
		return 0;
	case SESSION_EXCEPTION_DATA:
	case SESSION_EXCEPTION_REPORT:
		if (sender->state == SENDER_EXCEPTED)
			return send_unexpected(a, item);
		a->exception = pdu->has & SESSION_HAS_REASON ? pdu->reason : -1;
		sender->state = SENDER_EXCEPTED;
		return 0;
	case SESSION_PLEASE_TOKENS:
		return association_take_please(a, pdu);
	case SESSION_ABORT:
		return association_aborted(a, pdu);
	default:
		return send_unexpected(a, item);
	}
}

/* association_send_hear - wait for one thing that the receiver says, and take
 * it */
int
association_send_hear(struct association *a, uint64_t deadline)
{
	struct association_item item;
	int error = association_await(a, &item, deadline);

	if (error < 0)
		return association_failed(a, error);
	return take_answer(a, &item);
}

/* write_or_hear - write until little is left, and take PDUs that come, so that
 * an abort does not wait for the deadline */
static int
write_or_hear(struct association *a)
{
	struct association_internal *in = a->internal;
	struct association_item item;
	int left, got;

	association_awaits(a, ASSOCIATION_LAYER_NETWORK, "room to write");
	while ((left = association_write(a)) > 0 &&
	    buffer_length(&in->net.output) - in->net.held >=
		ASSOCIATION_FLUSH_AT) {
		got = association_wait(a, POLLIN | POLLOUT, wait_limit(a));
		if (got < 0 || (got = association_fill(a)) < 0)
			return association_failed(a, got);
		while ((got = association_input(a, &item)) > 0)
			if ((got = take_answer(a, &item)) < 0)
				break;
		if (got < 0)
			return got;
	}
	if (left < 0)
		return left;
	return in->sender.state == SENDER_EXCEPTED ? ERR_REFUSED : 0;
}

/* put_checkpoint - write the MIP between two pieces, when the window has
 * room */
static int
put_checkpoint(struct association *a)
{
	struct association_sender *sender = &a->internal->sender;
	int error;

	association_awaits(
	    a, ASSOCIATION_LAYER_RTSE, "the confirmation of a checkpoint");
	/* The window is full: the peer has to confirm before more is sent. */
	while (sender->serial - a->serial_confirmed >= a->window) {
		if ((error = association_send_hear(a, wait_limit(a))) < 0)
			return error;
		if (sender->state == SENDER_EXCEPTED)
			return ERR_REFUSED;
	}
	sender->minor_due = false;
	sender->serial++;
	return put_serial(a, SESSION_MINOR, sender->serial);
}

/* begin_piece - begin a P-DATA of at most the checkpoint size */
static int
begin_piece(struct association *a)
{
	struct association_internal *in = a->internal;
	struct association_sender *sender = &in->sender;
	uint8_t header[PRESENTATION_DATA_HEADER_MAX];
	uint64_t len = sender->total_left;
	size_t header_len;
	int error;

	/* A checkpoint between two pieces, and none behind the last: the end
	 * takes its place. */
	if (sender->minor_due && (error = put_checkpoint(a)) < 0)
		return error;
	if (sender->unit != 0 && len > sender->unit)
		len = sender->unit;
	sender->piece_left = len;
	sender->total_left -= len;
	header_len = association_is_x410(a)
	    ? 0
	    : presentation_data_header(header, in->agreed.rtse_id, len);
	/* A small piece is held until it is whole, so that an interruption
	 * never cuts it. */
	association_begin_ssdu(a, header_len + len,
	    len <= ASSOCIATION_PIECE_MAX ? SENT_WHOLE : SENT_IN_PARTS);
	error = association_put_ssdu(a, slice_of(header, header_len));
	return error < 0 ? association_failed(a, error) : 0;
}

/* association_send_put - send octets of the EXTERNAL, cut into pieces */
int
association_send_put(struct association *a, struct slice octets)
{
	struct association_internal *in = a->internal;
	struct association_sender *sender = &in->sender;
	int error;

	while (octets.len > 0) {
		size_t len = octets.len;

		if (buffer_length(&in->net.output) - in->net.held >=
			ASSOCIATION_FLUSH_AT &&
		    (error = write_or_hear(a)) < 0)
			return error;
		if (sender->piece_left == 0 && (error = begin_piece(a)) < 0)
			return error;
		if (len > sender->piece_left)
			len = (size_t)sender->piece_left;
		if (len > APPEND_AT_A_TIME)
			len = APPEND_AT_A_TIME;
		error = association_put_ssdu(a, slice_of(octets.data, len));
		if (error < 0)
			return association_failed(a, error);
		sender->piece_left -= len;
		/* The piece is whole; whether a checkpoint follows depends on
		 * whether anything does. */
		if (sender->piece_left == 0)
			sender->minor_due = sender->total_left > 0;
		octets = slice_of(octets.data + len, octets.len - len);
	}
	return 0;
}

/* in_transfer - check that octets may go in a transfer of ours */
static int
in_transfer(const struct association *a)
{
	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0 ||
	    a->internal->sender.state == SENDER_IDLE)
		return ERR_STATE;
	if (a->internal->sender.state == SENDER_EXCEPTED)
		return ERR_REFUSED;
	return a->internal->sender.state == SENDER_DATA ? 0 : ERR_STATE;
}

/* association_send_data - send the next octets of the APDU */
int
association_send_data(struct association *a, struct slice octets)
{
	int error;

	if ((error = in_transfer(a)) < 0)
		return error;
	/* The length was announced and stands in headers that are sent
	 * already. */
	if (octets.len > a->internal->sender.apdu_left)
		return ERR_VALUE;
	a->internal->sender.apdu_left -= octets.len;
	return association_send_put(a, octets);
}

/* association_send_end - end the activity */
int
association_send_end(struct association *a)
{
	struct association_internal *in = a->internal;
	int error;

	if ((error = in_transfer(a)) < 0)
		return error;
	if (in->sender.apdu_left != 0)
		return ERR_VALUE;
	in->sender.serial++;
	in->sender.end_sent = true;
	in->sender.state = SENDER_END;
	return put_serial(a, SESSION_ACTIVITY_END, in->sender.serial);
}

/* association_send_finish - write what is left, wait for the confirmation */
int
association_send_finish(struct association *a)
{
	struct association_sender *sender;
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_TRANSFER)) < 0)
		return error;
	sender = &a->internal->sender;
	if (sender->state != SENDER_END && sender->state != SENDER_EXCEPTED)
		return ERR_STATE;
	association_awaits(
	    a, ASSOCIATION_LAYER_RTSE, "the confirmation of the transfer");
	while (!sender->ended) {
		if (sender->state == SENDER_EXCEPTED)
			return ERR_REFUSED;
		if ((error = association_send_hear(a, wait_limit(a))) < 0)
			return error;
	}
	sender->state = SENDER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	return 0;
}
