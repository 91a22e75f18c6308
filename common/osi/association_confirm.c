/* SPDX-License-Identifier: ISC */
/*
 * association_confirm.c - what a receiver answers
 *
 * MIA, AEA, ED, ADA (X.228 7.3 and 7.5, X.225 7.9 to 7.20).  None of them
 * waits.
 */
#include "osi/association_internal.h"

/* association_answer - put it, and write it if the network takes it */
int
association_answer(struct association *a, const struct session_pdu *pdu)
{
	int error = association_put_pdu(a, pdu);

	if (error < 0)
		return error;
	error = association_write(a);
	return error < 0 ? error : 0;
}

/* association_confirm_checkpoint - send MIA: all up to serial are safe */
int
association_confirm_checkpoint(struct association *a, uint32_t serial)
{
	struct session_pdu mia = {.kind = SESSION_MINOR_ACK,
	    .has = SESSION_HAS_SERIAL,
	    .serial = serial};
	struct association_receiver *receiver;

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0)
		return ERR_STATE;
	receiver = &a->internal->receiver;
	/* A checkpoint is confirmed once and never beyond what came. The serial
	 * number of an AE is left to the AEA. */
	if ((receiver->state != RECEIVER_DATA &&
		receiver->state != RECEIVER_END) ||
	    serial <= receiver->confirmed ||
	    serial > receiver->serial - (receiver->state == RECEIVER_END))
		return ERR_STATE;
	receiver->confirmed = serial;
	return association_answer(a, &mia);
}

/* association_confirm_transfer - send AEA: we took responsibility */
int
association_confirm_transfer(struct association *a)
{
	struct session_pdu aea = {
	    .kind = SESSION_ACTIVITY_END_ACK, .has = SESSION_HAS_SERIAL};
	struct association_receiver *receiver;

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0)
		return ERR_STATE;
	receiver = &a->internal->receiver;
	/* A sender that discards must learn that the transfer is complete
	 * (X.228 7.5). */
	if (receiver->state == RECEIVER_DISCARD) {
		association_abort(a, ASSOCIATION_ABORT_TRANSFER_COMPLETED);
		return ERR_CLOSED;
	}
	if (receiver->state != RECEIVER_END)
		return ERR_STATE;
	aea.serial = receiver->confirmed = receiver->serial;
	receiver->state = RECEIVER_IDLE;
	/* Remembered, because an AI or AD that crosses with this AEA must not
	 * be a violation. */
	receiver->completed = true;
	a->phase = ASSOCIATION_OPEN;
	return association_answer(a, &aea);
}

/* association_except - send ED: we cannot go on with this transfer */
int
association_except(struct association *a, enum association_exception reason)
{
	struct session_pdu ed = {.kind = SESSION_EXCEPTION_DATA,
	    .has = SESSION_HAS_REASON,
	    .reason = (int)reason};
	struct association_receiver *receiver;

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0)
		return ERR_STATE;
	receiver = &a->internal->receiver;
	if (receiver->state != RECEIVER_DATA && receiver->state != RECEIVER_END)
		return ERR_STATE;
	receiver->state = RECEIVER_EXCEPTED;
	/* Octets that wait belong to a transfer that is refused: the caller
	 * shall not see them. */
	receiver->pending[0] = receiver->pending[1] = slice_of(NULL, 0);
	return association_answer(a, &ed);
}

/* association_confirm_discard - send ADA: the transfer is forgotten */
int
association_confirm_discard(struct association *a)
{
	struct session_pdu ada = {.kind = SESSION_DISCARD_ACK};

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0 ||
	    a->internal->receiver.state != RECEIVER_DISCARD)
		return ERR_STATE;
	a->internal->receiver.state = RECEIVER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	return association_answer(a, &ada);
}
