/* SPDX-License-Identifier: ISC */
/*
 * association_receive.c - the events of a receiver
 *
 * X.228 7.3, X.225 7.9 to 7.20.  Each PDU of the sender becomes an event;
 * octets of data are handed out where they lie, one run at a time.
 */
#include <poll.h>

#include "osi/association_internal.h"
#include "osi/association_recovery.h"

/* 1: an event was made; 0: nothing to tell; negative: an error. */
typedef int taker(struct association *a, const struct association_item *item,
    struct association_event *event);

/* take_start - take an AS */
static int
take_start(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_internal *in = a->internal;

	uint32_t number = association_activity_number(item->pdu.activity);

	/* Only the side that has the turn begins an activity, and never within
	 * another. */
	if (a->phase != ASSOCIATION_OPEN || a->turn || a->turn_giving)
		return association_unexpected(a, item);
	association_receiver_begin(a);
	in->receiver.state = RECEIVER_DATA;
	a->phase = ASSOCIATION_TRANSFER;
	/* An identifier that cannot be read still counts: activities are
	 * numbered in order. */
	a->activity_received = number != 0 ? number : a->activity_received + 1;
	event->kind = ASSOCIATION_EVENT_TRANSFER_START;
	return 1;
}

/* take_data - take octets of a P-DATA */
static int
take_data(struct association *a, const struct association_item *item)
{
	struct association_receiver *receiver = &a->internal->receiver;
	struct slice octets;
	int error;

	/* The peer was told already, and may send until it has read that. */
	if (receiver->state == RECEIVER_EXCEPTED ||
	    receiver->state == RECEIVER_REPEATED)
		return 0;
	if (receiver->state != RECEIVER_DATA)
		return association_unexpected(a, item);
	if ((error = association_data_push(a, item, &octets)) < 0)
		return error;
	receiver->position += octets.len;
	/* Octets before our mark come again after a resumption and were stored
	 * then. */
	if (receiver->skip > 0) {
		size_t len = octets.len < receiver->skip
		    ? octets.len
		    : (size_t)receiver->skip;

		receiver->skip -= len;
		octets = slice_of(octets.data + len, octets.len - len);
	}
	if (octets.len == 0)
		return 0;
	diag_clear(&a->internal->diag);
	error = external_push(
	    &receiver->external, octets, receiver->pending, &a->internal->diag);
	if (error < 0)
		return association_violation(a, ASSOCIATION_LAYER_RTSE, "%s",
		    diag_text(&a->internal->diag));
	receiver->offset += receiver->pending[0].len + receiver->pending[1].len;
	return 0;
}

/* repeated - confirm what is passed over, since it was taken before */
static int
repeated(struct association *a, enum session_kind kind)
{
	struct session_pdu answer = {.kind = kind,
	    .has = SESSION_HAS_SERIAL,
	    .serial = a->internal->receiver.serial};

	return association_answer(a, &answer);
}

/* take_minor - take a MIP */
static int
take_minor(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;

	if (receiver->state == RECEIVER_EXCEPTED)
		return 0;
	if (receiver->state != RECEIVER_DATA &&
	    receiver->state != RECEIVER_REPEATED)
		return association_unexpected(a, item);
	/* Serial numbers go up by one (X.225); a gap would mean that a
	 * checkpoint was lost. */
	if (item->pdu.serial != receiver->serial + 1)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: MIP %u where %u is due", item->pdu.serial,
		    receiver->serial + 1);
	receiver->serial++;
	if (receiver->state == RECEIVER_REPEATED)
		return repeated(a, SESSION_MINOR_ACK);
	/* Some peers go one over. */
	if (receiver->serial - receiver->confirmed > a->window + 1)
		return association_violation(a, ASSOCIATION_LAYER_RTSE,
		    "reliable transfer: the window of %u is overrun",
		    a->window);
	event->kind = ASSOCIATION_EVENT_CHECKPOINT;
	return association_receiver_mark(a);
}

/* take_end - take an AE */
static int
take_end(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;

	if (receiver->state == RECEIVER_EXCEPTED)
		return 0;
	if ((receiver->state != RECEIVER_DATA &&
		receiver->state != RECEIVER_REPEATED) ||
	    (item->pdu.has & SESSION_HAS_SYNC_TYPE))
		return association_unexpected(a, item);
	if (item->pdu.serial != receiver->serial + 1)
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: AE %u where %u is due", item->pdu.serial,
		    receiver->serial + 1);
	if (receiver->state == RECEIVER_REPEATED) {
		receiver->serial++;
		receiver->state = RECEIVER_IDLE;
		receiver->completed = true;
		a->phase = ASSOCIATION_OPEN;
		return repeated(a, SESSION_ACTIVITY_END_ACK);
	}
	/* The sender ended before the place that it had reached earlier: the
	 * transfer is not the same. */
	if (receiver->skip > 0)
		return association_violation(a, ASSOCIATION_LAYER_RTSE,
		    "reliable transfer: resumed, it ends too early");
	diag_clear(&a->internal->diag);
	if (external_finish(&receiver->external, &a->internal->diag) < 0)
		return association_violation(a, ASSOCIATION_LAYER_RTSE, "%s",
		    diag_text(&a->internal->diag));
	receiver->serial++;
	receiver->state = RECEIVER_END;
	event->kind = ASSOCIATION_EVENT_TRANSFER_END;
	return 1;
}

/* take_interrupt - take an AI, and confirm it at once */
static int
take_interrupt(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct session_pdu answer = {.kind = SESSION_INTERRUPT_ACK};
	struct association_receiver *receiver = &a->internal->receiver;
	int error, events = 1;

	if (receiver->state == RECEIVER_IDLE) {
		if (!receiver->completed)
			return association_unexpected(a, item);
		/* The AI crossed with our AEA: nothing is interrupted. */
		events = 0;
	}
	receiver->state = RECEIVER_IDLE;
	a->phase = ASSOCIATION_OPEN;
	event->kind = ASSOCIATION_EVENT_TRANSFER_INTERRUPTED;
	error = association_answer(a, &answer);
	return error < 0 ? error : events;
}

/* take_discard - take an AD, and confirm it at once unless responsibility was
 * taken or may have been */
static int
take_discard(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	struct association_receiver *receiver = &a->internal->receiver;
	int error;

	if (receiver->state == RECEIVER_IDLE && !receiver->completed)
		return association_unexpected(a, item);
	/* The AD may have crossed with our AEA, too. */
	if (receiver->state == RECEIVER_IDLE ||
	    receiver->state == RECEIVER_REPEATED) {
		association_abort(a, ASSOCIATION_ABORT_TRANSFER_COMPLETED);
		return ERR_CLOSED;
	}
	event->kind = ASSOCIATION_EVENT_TRANSFER_DISCARDED;
	/* Whether responsibility was taken is being decided: the caller answers
	 * when it knows. */
	if (receiver->state == RECEIVER_END) {
		receiver->state = RECEIVER_DISCARD;
		return 1;
	}
	receiver->state = RECEIVER_DISCARD;
	error = association_confirm_discard(a);
	return error < 0 ? error : 1;
}

/* take_finish - take an FN */
static int
take_finish(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	if (a->phase != ASSOCIATION_OPEN || a->role != ASSOCIATION_RESPONDER ||
	    a->turn || a->turn_giving)
		return association_unexpected(a, item);
	a->phase = ASSOCIATION_RELEASING;
	event->kind = ASSOCIATION_EVENT_RELEASE;
	return 1;
}

/* take_item - make an event of what the peer said */
static int
take_item(struct association *a, const struct association_item *item,
    struct association_event *event)
{
	if (item->kind == ITEM_DATA)
		return take_data(a, item);
	event->serial = item->pdu.serial;
	switch ((int)item->pdu.kind) {
	case SESSION_ACTIVITY_START:
		return take_start(a, item, event);
	case SESSION_ACTIVITY_RESUME:
		return association_take_resume(a, item, event);
	case SESSION_MINOR:
		return take_minor(a, item, event);
	case SESSION_ACTIVITY_END:
		return take_end(a, item, event);
	case SESSION_ACTIVITY_INTERRUPT:
	case SESSION_ACTIVITY_DISCARD:
		if (item->pdu.has & SESSION_HAS_REASON)
			event->reason = item->pdu.reason;
		return item->pdu.kind == SESSION_ACTIVITY_DISCARD
		    ? take_discard(a, item, event)
		    : take_interrupt(a, item, event);
	case SESSION_PLEASE_TOKENS:
		return association_take_please(a, &item->pdu);
	case SESSION_GIVE_CONFIRM:
		return association_take_give(a, item, event);
	case SESSION_GIVE_ACK:
		return association_take_given(a, item);
	case SESSION_FINISH:
		return take_finish(a, item, event);
	case SESSION_ABORT:
		return association_aborted(a, &item->pdu);
	default:
		return association_unexpected(a, item);
	}
}

/* pending - hand out what was taken before: 1, or 0 */
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
	/* Requests for the turn are events too, told when no data wait. */
	if (!a->internal->turn_news)
		return 0;
	a->internal->turn_news = false;
	event->kind = ASSOCIATION_EVENT_TURN_WANTED;
	event->priority = (uint32_t)a->turn_wanted;
	return 1;
}

/* unanswered - answer for a caller that gave no answer */
static int
unanswered(struct association *a)
{
	if (a->internal->receiver.state == RECEIVER_DISCARD)
		return association_confirm_discard(a);
	if (a->internal->receiver.state == RECEIVER_RESUMED &&
	    association_resume_unknown(a) < 0)
		return ERR_CLOSED;
	return a->phase == ASSOCIATION_OVER ? ERR_CLOSED : 0;
}

/* next_event - take the next event, or return an error */
static int
next_event(
    struct association *a, struct association_event *event, uint64_t deadline)
{
	struct association_item item;
	int got;

	a->internal->receiver.marked = false;
	if ((got = unanswered(a)) < 0)
		return got;
	if (association_unwritten(a) && (got = association_write(a)) < 0)
		return got;
	while ((got = pending(a, event)) == 0) {
		if ((got = association_await(a, &item, deadline)) < 0 ||
		    (got = take_item(a, &item, event)) != 0)
			return got;
	}
	return got;
}

/* association_receive - receive the next event */
int
association_receive(
    struct association *a, struct association_event *event, uint64_t deadline)
{
	struct association_event out = {.reason = -1};
	int got;

	if ((got = association_is(
		 a, 1U << ASSOCIATION_OPEN | 1U << ASSOCIATION_TRANSFER)) < 0)
		return got;
	/* While we send, answers are read by the sender. */
	if (a->internal->sender.state != SENDER_IDLE)
		return ERR_STATE;
	if ((got = next_event(a, &out, deadline)) < 0) {
		/* Nothing came in a look that does not wait. */
		if (a->phase != ASSOCIATION_OVER && deadline == 0 &&
		    got == ERR_TIMEOUT) {
			/* Poll tells when the next read is worth while. */
			a->internal->net.drained = false;
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

/* association_poll_events - tell what to poll for */
short
association_poll_events(const struct association *a)
{
	if (a->internal != NULL && association_unwritten(a))
		return POLLIN | POLLOUT;
	return POLLIN;
}
