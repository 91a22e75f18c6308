/* SPDX-License-Identifier: ISC */
/*
 * association_receive.c - the receiver's activity
 *
 * X.228 7.3, X.225 7.9 to 7.20.  What the sender says becomes events; octets
 * of data are handed out where they lie, one run at a time.
 */
#include <poll.h>

#include "osi/association_internal.h"

/* 1: an event was made; 0: nothing to tell; negative: an error. */
typedef int taker(struct association *a, const struct association_item *item,
    struct association_event *event);

/* unexpected - a PDU that has no place in this state */
static int
unexpected(struct association *a, const struct association_item *item)
{
	return association_violation(a, ASSOCIATION_LAYER_SESSION,
	    "session: unexpected %s, the association is %s",
	    item->kind == ITEM_DATA ? "DT" : session_name(item->pdu.kind),
	    association_phase_name(a->phase));
}

/* number - that an activity identifier stands for, or the next one */
static uint32_t
number(const struct association *a, struct slice identifier)
{
	const uint8_t *at = identifier.data;
	uint32_t value = 0;

	if (identifier.len < 3 || at[0] != 0x02 ||
	    at[1] != identifier.len - 2 || identifier.len > 6)
		return a->activity_received + 1;
	for (size_t i = 2; i < identifier.len; i++)
		value = value << 8 | at[i];
	return value;
}

/* take_start - an AS */
static int
take_start(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_internal *in = a->internal;

	if (a->phase != ASSOCIATION_OPEN || a->role != ASSOCIATION_RESPONDER)
		return unexpected(a, item);
	in->receiver.state = RECEIVER_DATA;
	in->receiver.serial = in->receiver.confirmed = 0;
	external_init(&in->receiver.external, in->transfer_id);
	a->phase = ASSOCIATION_TRANSFER;
	a->activity_received = number(a, item->pdu.activity);
	event->kind = ASSOCIATION_EVENT_TRANSFER_START;
	return 1;
}

/* take_resume - an AR: nothing is kept yet that could go on */
static int
take_resume(struct association *a, const struct association_item *item)
{
	if (a->phase != ASSOCIATION_OPEN || a->role != ASSOCIATION_RESPONDER)
		return unexpected(a, item);
	return association_abort_with(a, ERR_PROTOCOL, ASSOCIATION_LAYER_RTSE,
	    ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY,
	    "reliable transfer: resumption of an unknown activity");
}

/* take_data - octets of a P-DATA */
static int
take_data(struct association *a, const struct association_item *item)
{
	struct association_receiver *receiver = &a->internal->receiver;
	struct slice octets;
	int error;

	if (receiver->state == RECEIVER_EXCEPTED)
		return 0;
	if (receiver->state != RECEIVER_DATA)
		return unexpected(a, item);
	if ((error = association_data_push(a, item, &octets)) < 0)
		return error;
	if (octets.len == 0)
		return 0;
	diag_clear(&a->internal->diag);
	error = external_push(
	    &receiver->external, octets, receiver->pending, &a->internal->diag);
	if (error < 0)
		return association_violation(a, ASSOCIATION_LAYER_RTSE, "%s",
		    diag_text(&a->internal->diag));
	return 0;
}

/* take_minor - a MIP */
static int
take_minor(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;

	if (receiver->state == RECEIVER_EXCEPTED)
		return 0;
	if (receiver->state != RECEIVER_DATA)
		return unexpected(a, item);
	if (item->pdu.serial != receiver->serial + 1)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: MIP %u where %u is due", item->pdu.serial,
		    receiver->serial + 1);
	receiver->serial++;
	/* Some peers go one over. */
	if (receiver->serial - receiver->confirmed > a->window + 1)
		return association_violation(a, ASSOCIATION_LAYER_RTSE,
		    "reliable transfer: the window of %u is overrun",
		    a->window);
	event->kind = ASSOCIATION_EVENT_CHECKPOINT;
	return 1;
}

/* take_end - an AE */
static int
take_end(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;

	if (receiver->state == RECEIVER_EXCEPTED)
		return 0;
	if (receiver->state != RECEIVER_DATA ||
	    (item->pdu.has & SESSION_HAS_SYNC_TYPE))
		return unexpected(a, item);
	if (item->pdu.serial != receiver->serial + 1)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: AE %u where %u is due", item->pdu.serial,
		    receiver->serial + 1);
	diag_clear(&a->internal->diag);
	if (external_finish(&receiver->external, &a->internal->diag) < 0)
		return association_violation(a, ASSOCIATION_LAYER_RTSE, "%s",
		    diag_text(&a->internal->diag));
	receiver->serial++;
	receiver->state = RECEIVER_END;
	event->kind = ASSOCIATION_EVENT_TRANSFER_END;
	return 1;
}

/* take_leave - an AI or AD: confirmed at once, it asks for nothing */
static int
take_leave(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;
	struct session_pdu answer = {.kind = SESSION_INTERRUPT_ACK};
	int error;

	if (receiver->state == RECEIVER_IDLE)
		return unexpected(a, item);
	event->kind = ASSOCIATION_EVENT_TRANSFER_INTERRUPTED;
	if (item->pdu.kind == SESSION_ACTIVITY_DISCARD) {
		answer.kind = SESSION_DISCARD_ACK;
		event->kind = ASSOCIATION_EVENT_TRANSFER_DISCARDED;
	}
	receiver->state = RECEIVER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	if (item->pdu.has & SESSION_HAS_REASON)
		event->reason = item->pdu.reason;
	if ((error = association_put_pdu(a, &answer)) < 0)
		return error;
	return association_write(a) < 0 ? ERR_CLOSED : 1;
}

/* take_finish - an FN */
static int
take_finish(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	if (a->phase != ASSOCIATION_OPEN || a->role != ASSOCIATION_RESPONDER)
		return unexpected(a, item);
	a->phase = ASSOCIATION_RELEASING;
	event->kind = ASSOCIATION_EVENT_RELEASE;
	return 1;
}

/* take - make an event of what the peer said */
static int
take(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	if (item->kind == ITEM_DATA)
		return take_data(a, item);
	event->serial = item->pdu.serial;
	switch ((int)item->pdu.kind) {
	case SESSION_ACTIVITY_START:
		return take_start(a, item, event);
	case SESSION_ACTIVITY_RESUME:
		return take_resume(a, item);
	case SESSION_MINOR:
		return take_minor(a, item, event);
	case SESSION_ACTIVITY_END:
		return take_end(a, item, event);
	case SESSION_ACTIVITY_INTERRUPT:
	case SESSION_ACTIVITY_DISCARD:
		return take_leave(a, item, event);
	case SESSION_FINISH:
		return take_finish(a, item, event);
	case SESSION_ABORT:
		return association_aborted(a, &item->pdu);
	default:
		return unexpected(a, item);
	}
}

/* pending - hand out octets that were taken before: 1, or 0 */
static int
pending(struct association *a, struct association_event *event)
{
	struct slice *slices = a->internal->receiver.pending;

	for (size_t i = 0; i < 2; i++) {
		if (slices[i].len == 0)
			continue;
		event->kind = ASSOCIATION_EVENT_DATA;
		event->data = slices[i];
		slices[i] = slice_of(NULL, 0);
		return 1;
	}
	return 0;
}

/* next - the next event, or an error */
static int
next(struct association *a, struct association_event *event, uint64_t deadline)
{
	struct association_item item;
	int got;

	if (association_unwritten(a) && (got = association_write(a)) < 0)
		return got;
	while ((got = pending(a, event)) == 0) {
		if ((got = association_await(a, &item, deadline)) < 0 ||
		    (got = take(a, &item, event)) != 0)
			return got;
	}
	return got;
}

/* association_receive - the next event */
int
association_receive(
    struct association *a, struct association_event *event, uint64_t deadline)
{
	struct association_event out = {.reason = -1};
	int got;

	if ((got = association_is(
		 a, 1U << ASSOCIATION_OPEN | 1U << ASSOCIATION_TRANSFER)) < 0)
		return got;
	if (a->internal->sender.state != SENDER_IDLE)
		return ERR_STATE;
	if ((got = next(a, &out, deadline)) < 0) {
		if (a->phase != ASSOCIATION_OVER && deadline == 0 &&
		    got == ERR_TIMEOUT) {
			/* Poll tells when the next read is worth while. */
			a->internal->drained = false;
			return ERR_AGAIN;
		}
		if (a->phase != ASSOCIATION_OVER || got == ERR_NOMEM)
			return got == ERR_TIMEOUT || got == ERR_CANCELLED
			    ? got
			    : association_failed(a, got);
		out.kind = ASSOCIATION_EVENT_ABORT;
		out.reason = a->failure.reason;
	}
	out.activity = a->activity_received;
	*event = out;
	return 0;
}

/* association_poll_events - what to wait for */
short
association_poll_events(const struct association *a)
{
	if (a->internal != NULL && association_unwritten(a))
		return POLLIN | POLLOUT;
	return POLLIN;
}

/* answer - put an answer, and write it if the network takes it */
static int
answer(struct association *a, const struct session_pdu *pdu)
{
	int error = association_put_pdu(a, pdu);

	if (error < 0)
		return error;
	error = association_write(a);
	return error < 0 ? error : 0;
}

/* association_confirm_checkpoint - MIA: all up to serial are safe */
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
	if ((receiver->state != RECEIVER_DATA &&
		receiver->state != RECEIVER_END) ||
	    serial <= receiver->confirmed ||
	    serial > receiver->serial - (receiver->state == RECEIVER_END))
		return ERR_STATE;
	receiver->confirmed = serial;
	return answer(a, &mia);
}

/* association_confirm_transfer - AEA: we took responsibility */
int
association_confirm_transfer(struct association *a)
{
	struct session_pdu aea = {
	    .kind = SESSION_ACTIVITY_END_ACK, .has = SESSION_HAS_SERIAL};
	struct association_receiver *receiver;

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0)
		return ERR_STATE;
	receiver = &a->internal->receiver;
	if (receiver->state != RECEIVER_END)
		return ERR_STATE;
	aea.serial = receiver->confirmed = receiver->serial;
	receiver->state = RECEIVER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	return answer(a, &aea);
}

/* association_except - ED: we cannot go on with this transfer */
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
	receiver->pending[0] = receiver->pending[1] = slice_of(NULL, 0);
	return answer(a, &ed);
}
