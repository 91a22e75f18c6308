/* SPDX-License-Identifier: ISC */
/*
 * association_transport.c - TSDUs in and out
 *
 * Incoming: TPKTs are taken whole from the input buffer (64 KB at most).  A
 * TSDU that one DT holds is used where it lies; a larger one is gathered,
 * unless it is data, whose parts are handed out as they come (RFC 1006 6,
 * X.224 6.2 and 6.3, X.225 6.3.5 for segments).
 *
 * Outgoing: the cutting into segments, DTs and TPKTs is done while octets are
 * added, with all lengths known at the beginning.
 */
#include <poll.h>

#include "osi/association_internal.h"

/* association_tpdu - read the next TPDU: 1, 0 if none is whole, or an error */
int
association_tpdu(struct association *a, struct cotp_tpdu *tpdu)
{
	struct association_internal *in = a->internal;
	struct slice octets;
	size_t used;
	int got;

	/* The last TPDU is removed only now, because its octets were used where
	 * they lay. */
	buffer_consume(&in->net.input, in->net.consume);
	in->net.consume = 0;
	got = tpkt_decode(
	    buffer_slice(&in->net.input), &octets, &used, &in->diag);
	if (got == 0)
		return 0;
	if (got > 0)
		got = cotp_decode(octets, tpdu, &in->diag);
	if (got < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_TRANSPORT, got);
	in->net.consume = used;
	return 1;
}

/* association_await_tpdu - wait for the next TPDU, at latest to deadline */
int
association_await_tpdu(
    struct association *a, struct cotp_tpdu *tpdu, uint64_t deadline)
{
	struct association_internal *in = a->internal;
	int got;

	while ((got = association_tpdu(a, tpdu)) == 0) {
		if (!in->net.drained && (got = association_fill(a)) != 0) {
			if (got < 0)
				return association_failed(a, got);
			continue;
		}
		got = association_wait(a, POLLIN, deadline);
		if (got < 0)
			return association_failed(a, got);
	}
	return got < 0 ? got : 0;
}

/* whole_tsdu - make an item of all octets of a TSDU, or of those here if it is
 * data */
static int
whole_tsdu(struct association *a, struct slice octets, bool last,
    struct association_item *item)
{
	struct association_internal *in = a->internal;
	uint8_t enclosure;
	size_t header;
	int data;

	data = session_data(octets, &header, &enclosure, &in->diag);
	if (data > 0) {
		bool first = (enclosure & SESSION_ENCLOSURE_FIRST) != 0;

		/* A segment that begins in the middle of another, or continues
		 * none. */
		if (first == in->received.ssdu_open)
			return association_violation(a,
			    ASSOCIATION_LAYER_SESSION,
			    "session: DT segments out of order");
		in->received.ssdu_open = true;
		in->received.enclosure = enclosure;
		item->kind = ITEM_DATA;
		item->data =
		    slice_of(octets.data + header, octets.len - header);
		item->begin = first;
		in->received.state = last ? TSDU_NONE : TSDU_DATA;
	} else if (last) {
		item->kind = ITEM_PDU;
		data = session_decode(octets, &item->pdu, &in->diag);
		if (data < 0)
			return association_decode_failed(
			    a, ASSOCIATION_LAYER_SESSION, data);
		/* A PDU that leaves an activity may cut data. */
		if (item->pdu.kind == SESSION_ABORT ||
		    item->pdu.kind == SESSION_ACTIVITY_INTERRUPT ||
		    item->pdu.kind == SESSION_ACTIVITY_DISCARD)
			in->received.ssdu_open = false;
		if (in->received.ssdu_open)
			return association_violation(a,
			    ASSOCIATION_LAYER_SESSION,
			    "session: %s between DT segments",
			    session_name(item->pdu.kind));
		in->received.state = TSDU_NONE;
		return 1;
		/* The header is not whole yet: more of this TSDU is to come. */
	} else if (data == 0 || data == ERR_TRUNCATED) {
		return 0;
	} else {
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_SESSION, data);
	}
	item->end =
	    last && (in->received.enclosure & SESSION_ENCLOSURE_LAST) != 0;
	if (item->end)
		in->received.ssdu_open = false;
	return 1;
}

/* take_dt - take a DT: 1 an item, 0 nothing yet */
static int
take_dt(struct association *a, const struct cotp_tpdu *tpdu,
    struct association_item *item)
{
	struct association_internal *in = a->internal;
	int got;

	if (in->received.state == TSDU_DATA) {
		item->kind = ITEM_DATA;
		item->data = tpdu->data;
		item->begin = false;
		item->end = tpdu->last &&
		    (in->received.enclosure & SESSION_ENCLOSURE_LAST) != 0;
		if (tpdu->last)
			in->received.state = TSDU_NONE;
		if (item->end)
			in->received.ssdu_open = false;
		return 1;
	}
	if (in->received.state == TSDU_NONE) {
		/* In one DT: used where it lies, without a copy. */
		if (tpdu->last)
			return whole_tsdu(a, tpdu->data, true, item);
		buffer_reset(&in->received.tsdu);
		in->received.state = TSDU_GATHER;
	}
	got =
	    buffer_append(&in->received.tsdu, tpdu->data.data, tpdu->data.len);
	if (got == ERR_LIMIT)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: SPDU of more than %d octets", SESSION_TSDU_MAX);
	if (got < 0)
		return association_failed(a, got);
	return whole_tsdu(
	    a, buffer_slice(&in->received.tsdu), tpdu->last, item);
}

/* association_input - read the next item: 1, 0 if none is here */
int
association_input(struct association *a, struct association_item *item)
{
	struct cotp_tpdu tpdu;
	int got;

	while ((got = association_tpdu(a, &tpdu)) > 0) {
		switch (tpdu.code) {
		case COTP_DT:
			if ((got = take_dt(a, &tpdu, item)) != 0)
				return got;
			continue;
		case COTP_DR:
		case COTP_ER:
			return association_disconnected(a, &tpdu);
		case COTP_CR:
		case COTP_CC:
			break;
		}
		return association_violation(a, ASSOCIATION_LAYER_TRANSPORT,
		    "transport: connect TPDU on a connection");
	}
	return got;
}

/* association_await - wait for the next item, at latest to deadline, and write
 * output meanwhile */
int
association_await(
    struct association *a, struct association_item *item, uint64_t deadline)
{
	struct association_internal *in = a->internal;
	int got;

	while ((got = association_input(a, item)) == 0) {
		short events = POLLIN;

		if (association_unwritten(a)) {
			if ((got = association_write(a)) < 0)
				return got;
			if (got > 0)
				events |= POLLOUT;
			/* The answer to that output is not here yet. */
			in->net.drained = !association_tls_buffered(a);
		}
		if (!in->net.drained && (got = association_fill(a)) != 0) {
			if (got < 0)
				return got;
			continue;
		}
		/* Asked after the input was looked at, so that what is here
		 * already is taken even when the time is over. */
		if (deadline <= clock_monotonic())
			got = ERR_TIMEOUT;
		else
			got = association_wait(a, events, deadline);
		if (got < 0)
			return got;
	}
	return got < 0 ? got : 0;
}

/* association_flush - write everything that is ready */
int
association_flush(struct association *a, uint64_t deadline)
{
	int left, error;

	while ((left = association_write(a)) > 0) {
		error = association_wait(a, POLLOUT, deadline);
		if (error < 0)
			return association_failed(a, error);
	}
	return left;
}

/* association_put_tpdu - write a TPDU that is no DT, in its TPKT */
int
association_put_tpdu(struct association *a, const struct cotp_tpdu *tpdu)
{
	struct association_internal *in = a->internal;
	struct buffer *work = &in->scratch[0];
	uint8_t front[TPKT_HEADER];
	int error;

	buffer_reset(work);
	if ((error = cotp_encode(tpdu, work)) < 0)
		return association_failed(a, error);
	tpkt_encode(front, buffer_length(work));
	if ((error = buffer_append(&in->net.output, front, sizeof(front))) <
		0 ||
	    (error = buffer_append(&in->net.output, buffer_slice(work).data,
		 buffer_length(work))) < 0)
		return association_failed(a, error);
	return 0;
}

/* association_put_tsdu - write a whole TSDU that is no data */
int
association_put_tsdu(struct association *a, struct slice tsdu)
{
	struct association_internal *in = a->internal;
	uint8_t front[TPKT_HEADER + COTP_DATA_HEADER];
	int error;

	/* At least one DT, since a TSDU may be empty. */
	do {
		size_t len =
		    tsdu.len < in->agreed.dt_max ? tsdu.len : in->agreed.dt_max;

		tpkt_encode(front, COTP_DATA_HEADER + len);
		cotp_encode_data(front + TPKT_HEADER,
		    len == tsdu.len ? COTP_LAST : COTP_MORE);
		if ((error = buffer_append(
			 &in->net.output, front, sizeof(front))) < 0 ||
		    (error = buffer_append(&in->net.output, tsdu.data, len)) <
			0)
			return association_failed(a, error);
		tsdu = slice_of(tsdu.data + len, tsdu.len - len);
	} while (tsdu.len > 0);
	return 0;
}

/* association_put_pdu - write a session PDU that is no data */
int
association_put_pdu(struct association *a, const struct session_pdu *pdu)
{
	struct association_internal *in = a->internal;
	int error;

	buffer_reset(&in->scratch[0]);
	if ((error = session_encode(pdu, &in->scratch[0])) < 0)
		return association_failed(a, error);
	return association_put_tsdu(a, buffer_slice(&in->scratch[0]));
}

/*
 * association_begin_ssdu - begin a DT whose user information has len octets,
 * which association_put_ssdu adds
 */
void
association_begin_ssdu(struct association *a, uint64_t len, enum sent_when when)
{
	struct association_internal *in = a->internal;

	in->sent.ssdu_left = len;
	in->sent.tsdu_left = 0;
	in->sent.dt_left = 0;
	in->sent.whole = when == SENT_WHOLE;
	in->sent.begun = false;
	in->received.first = true;
}

/* put_front - write the headers that stand before the next octet */
static int
put_front(struct association *a)
{
	struct association_internal *in = a->internal;
	uint8_t front[TPKT_HEADER + COTP_DATA_HEADER + SESSION_DATA_HEADER];
	size_t session = 0, len, at = TPKT_HEADER + COTP_DATA_HEADER;
	uint64_t user;
	uint8_t enclosure = 0;

	if (in->sent.tsdu_left == 0) {
		user = in->sent.ssdu_left;
		if (in->agreed.segment != 0) {
			size_t max = in->agreed.segment - SESSION_DATA_HEADER;

			if (in->received.first)
				enclosure |= SESSION_ENCLOSURE_FIRST;
			if (user <= max)
				enclosure |= SESSION_ENCLOSURE_LAST;
			else
				user = max;
		}
		session = session_encode_data(
		    front + at, in->agreed.segment != 0 ? &enclosure : NULL);
		in->sent.tsdu_left = user;
		in->received.first = false;
	}
	/* Session's header is in the first DT of a TSDU alone. */
	len = in->agreed.dt_max - session;
	if (len > in->sent.tsdu_left)
		len = (size_t)in->sent.tsdu_left;
	tpkt_encode(front, COTP_DATA_HEADER + session + len);
	cotp_encode_data(front + TPKT_HEADER,
	    len == in->sent.tsdu_left ? COTP_LAST : COTP_MORE);
	in->sent.dt_left = len;
	return buffer_append(&in->net.output, front, at + session);
}

/* association_put_ssdu - write octets of the user information, in its DTs */
int
association_put_ssdu(struct association *a, struct slice octets)
{
	struct association_internal *in = a->internal;
	size_t before = buffer_length(&in->net.output);
	int error;

	while (octets.len > 0) {
		size_t len;

		if (in->sent.dt_left == 0 && (error = put_front(a)) < 0)
			return error;
		len = octets.len < in->sent.dt_left ? octets.len
						    : in->sent.dt_left;
		if ((error = buffer_append(&in->net.output, octets.data, len)) <
		    0)
			return error;
		in->sent.dt_left -= len;
		in->sent.tsdu_left -= len;
		in->sent.ssdu_left -= len;
		octets = slice_of(octets.data + len, octets.len - len);
		if (in->sent.dt_left == 0 && !in->sent.whole) {
			before = buffer_length(&in->net.output);
			in->net.held = 0;
			in->sent.begun = in->sent.tsdu_left > 0;
		}
	}
	in->net.held += buffer_length(&in->net.output) - before;
	if (in->sent.ssdu_left == 0) {
		in->net.held = 0;
		in->sent.begun = false;
	}
	return 0;
}
