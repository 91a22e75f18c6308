/* SPDX-License-Identifier: ISC */
/*
 * association_activity.c - how a sender begins, resumes and leaves an activity
 *
 * AS, AR, AI, AD (X.228 7.3, 7.4, 7.7, X.225 7.9 to 7.20).
 */
#include "osi/association_internal.h"
#include "osi/association_recovery.h"

#define UNIT 1024 /* octets, of a checkpoint size */

/* activity_identifier - write the value of an activity identifier: a BER
 * INTEGER, of no more octets than needed, the first bit clear */
static struct slice
activity_identifier(uint8_t octets[7], uint32_t number)
{
	uint8_t len = 0;

	octets[0] = 0x02;
	for (int shift = 32; shift >= 0; shift -= 8) {
		uint8_t octet =
		    (uint8_t)(shift == 32 ? 0 : number >> shift & 0xff);
		uint32_t next =
		    shift == 0 ? 0x80 : number >> (shift - 8) & 0x80;

		/* BER wants an INTEGER in its shortest form: leading zeros go
		 * as long as the number stays positive. */
		if (len == 0 && octet == 0 && next == 0)
			continue;
		octets[2 + len++] = octet;
	}
	octets[1] = len;
	return slice_of(octets, (size_t)len + 2);
}

/* The octets of an EXTERNAL that stand before the APDU. */
struct prefix {
	uint8_t octets[EXTERNAL_PREFIX_MAX];
	size_t len;
};

/* begin_activity - start sending at a resumption: the EXTERNAL from the APDU's
 * octet at its offset on, after its checkpoint */
static int
begin_activity(struct association *a, const struct association_resumption *from,
    uint64_t length, uint64_t deadline, struct prefix *prefix)
{
	struct association_internal *in = a->internal;
	uint64_t unit = (uint64_t)a->checkpoint_size * UNIT, left, pieces = 1;

	/* Sending belongs to the side that has the turn; in monologue that is
	 * always the initiator. */
	if (association_is(a, 1U << ASSOCIATION_OPEN) < 0 || !a->turn)
		return ERR_STATE;
	/* A quarter of the range leaves room for all headers without a sum that
	 * wraps. An offset without a checkpoint is no place to resume at. */
	if (length < 1 || length > UINT64_MAX / 4 || from->offset >= length ||
	    (from->serial == 0 && from->offset != 0))
		return ERR_VALUE;
	/* Once a checkpoint was confirmed the receiver has the prefix. */
	prefix->len = from->serial != 0 || association_is_x410(a)
	    ? 0
	    : external_prefix(prefix->octets, in->agreed.transfer_id, length);
	left = prefix->len + length - from->offset;
	/* A serial number more than there are full pieces, because the end of
	 * the activity takes one too. */
	if (unit != 0)
		pieces = left / unit + 1;
	/* Serial numbers are bounded by session (X.225): a transfer that would
	 * pass the bound is refused before it begins. */
	if (from->serial > SESSION_SERIAL_MAX ||
	    pieces > SESSION_SERIAL_MAX - from->serial)
		return ERR_VALUE;
	in->sender = (struct association_sender){.state = SENDER_DATA,
	    .deadline = deadline,
	    .length = length,
	    .unit = unit,
	    .base_serial = from->serial,
	    .base_offset = from->offset,
	    .prefix_len = prefix->len,
	    .apdu_left = length - from->offset,
	    .total_left = left,
	    .serial = from->serial};
	a->exception = -1;
	a->transfer_completed = false;
	a->serial_confirmed = from->serial;
	a->confirmed_offset = from->offset;
	a->phase = ASSOCIATION_TRANSFER;
	/* Activities are numbered by the sender from 1; the number names the
	 * transfer for both sides. */
	a->activity_sent++;
	return 0;
}

/* association_send_start - begin a transfer of an APDU of length octets */
int
association_send_start(
    struct association *a, uint64_t length, uint64_t deadline)
{
	struct session_pdu as = {.kind = SESSION_ACTIVITY_START};
	const struct association_resumption start = {.serial = 0};
	uint8_t octets[7];
	struct prefix prefix;
	int error;

	error = begin_activity(a, &start, length, deadline, &prefix);
	if (error < 0)
		return error;
	as.activity = activity_identifier(octets, a->activity_sent);
	if ((error = association_put_pdu(a, &as)) < 0)
		return error;
	return association_send_put(a, slice_of(prefix.octets, prefix.len));
}

/* association_send_resume - go on with a transfer that was interrupted */
int
association_send_resume(struct association *a,
    const struct association_resumption *resumption, uint64_t length,
    uint64_t deadline)
{
	struct session_pdu ar = {
	    .kind = SESSION_ACTIVITY_RESUME, .has = SESSION_HAS_LINKING};
	uint8_t octets[7], old[7], references[SESSION_IDENTIFIER_MAX];
	struct prefix prefix;
	int error;

	error = begin_activity(a, resumption, length, deadline, &prefix);
	if (error < 0)
		return error;
	ar.activity = activity_identifier(octets, a->activity_sent);
	ar.old_activity = activity_identifier(old, resumption->activity);
	ar.serial = resumption->serial;
	/* An AR names the connection only if it is another (X.225
	 * 8.3.12). */
	if (resumption->references != NULL &&
	    !session_references_equal(resumption->references, &a->references))
		ar.identifier = session_identifier_put(resumption->references,
		    association_is_x410(a) ? SESSION_IDENTIFIER_X410
					   : SESSION_IDENTIFIER_NORMAL,
		    references);
	if ((error = association_put_pdu(a, &ar)) < 0)
		return error;
	return association_send_put(a, slice_of(prefix.octets, prefix.len));
}

/* leave_activity - send AI or AD, and wait for its confirmation */
static int
leave_activity(struct association *a, enum session_kind kind)
{
	struct association_internal *in = a->internal;
	struct session_pdu pdu = {.kind = kind, .has = SESSION_HAS_REASON};
	int error;

	if (in->sender.state != SENDER_LEAVING) {
		/* Only who raised an exception looks at data no more. */
		if (in->sent.begun && in->sender.state != SENDER_EXCEPTED)
			return association_abort_with(a, ERR_CLOSED,
			    ASSOCIATION_LAYER_RTSE, ASSOCIATION_ABORT_LOCAL,
			    "reliable transfer: left in the middle of a "
			    "piece");
		/* The piece that is not complete never was. */
		if ((error = association_withdraw(a)) < 0)
			return association_failed(a, error);
		pdu.reason = in->sender.state == SENDER_EXCEPTED
		    ? ASSOCIATION_EXCEPTION_NON_SPECIFIC
		    : ASSOCIATION_EXCEPTION_LOCAL;
		if ((error = association_put_pdu(a, &pdu)) < 0)
			return error;
		in->sender.state = SENDER_LEAVING;
		in->sender.left = false;
		in->sender.deadline =
		    clock_after(in->parameters.transfer_timeout);
	}
	association_awaits(a, ASSOCIATION_LAYER_RTSE,
	    "the confirmation of leaving the transfer");
	while (!in->sender.left)
		if ((error = association_send_hear(a, in->sender.deadline)) < 0)
			return error;
	in->sender.state = SENDER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	return 0;
}

/* association_send_interrupt - leave the activity, to be resumed later */
int
association_send_interrupt(struct association *a, uint32_t *serial)
{
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_TRANSFER)) < 0)
		return error;
	/* Without a confirmed checkpoint there is nothing to go on from: the
	 * caller discards instead. */
	if (a->internal->sender.state == SENDER_IDLE ||
	    a->serial_confirmed == 0)
		return ERR_STATE;
	if ((error = leave_activity(a, SESSION_ACTIVITY_INTERRUPT)) < 0)
		return error;
	if (serial != NULL)
		*serial = a->serial_confirmed;
	return 0;
}

/* association_send_discard - leave it, to be forgotten */
int
association_send_discard(struct association *a)
{
	int error;

	if ((error = association_is(a, 1U << ASSOCIATION_TRANSFER)) < 0)
		return error;
	if (a->internal->sender.state == SENDER_IDLE)
		return ERR_STATE;
	return leave_activity(a, SESSION_ACTIVITY_DISCARD);
}
