/* SPDX-License-Identifier: ISC */
/*
 * association_turn.c - two-way alternate: asking for the turn and giving it
 *
 * RTTP in a PT, answered or not by GTC; that by GTA (X.228 7.5 and 7.6, X.225
 * 7.25 and 7.27).
 *
 * GTC and PT may cross.  Who gave the turn takes a PT, until the GTA comes, for
 * one that the gift has answered.
 */
#include "osi/association_internal.h"
#include "osi/association_turn.h"

/* Asked for without saying how urgently. */
#define PRIORITY_UNSAID UINT32_MAX

/* association_turn_please - ask for the turn */
int
association_turn_please(struct association *a, uint32_t priority)
{
	struct association_internal *in = a->internal;
	struct rtse_apdu rttp = {.kind = RTSE_RTTP, .priority = priority};
	struct session_pdu pt = {.kind = SESSION_PLEASE_TOKENS,
	    .has = SESSION_HAS_TOKEN_ITEM | SESSION_HAS_USER_DATA,
	    .token_item = SESSION_TOKEN_DATA};
	struct buffer *work = &in->scratch[1];
	int error;

	/* Asking while an exception of ours is unanswered would cross the
	 * peer's interrupt or discard. */
	if (association_is(
		a, 1U << ASSOCIATION_OPEN | 1U << ASSOCIATION_TRANSFER) < 0 ||
	    a->dialogue != ASSOCIATION_TWO_WAY || a->turn || a->turn_giving ||
	    in->receiver.state == RECEIVER_EXCEPTED)
		return ERR_STATE;
	buffer_reset(&in->scratch[0]);
	buffer_reset(work);
	/* X.410 mode has no presentation data values: the RTTP is the user data
	 * itself. */
	if (association_is_x410(a)) {
		error = rtse_encode(&rttp, work);
	} else {
		error = rtse_encode(&rttp, &in->scratch[0]);
		if (error == 0)
			error = presentation_encode_data(in->agreed.rtse_id,
			    buffer_slice(&in->scratch[0]), work);
	}
	if (error < 0)
		return association_failed(a, error);
	pt.user_data = buffer_slice(work);
	return association_answer(a, &pt);
}

/* association_turn_give - give the turn to the peer */
int
association_turn_give(struct association *a)
{
	struct session_pdu gtc = {.kind = SESSION_GIVE_CONFIRM};

	if (association_is(a, 1U << ASSOCIATION_OPEN) < 0 ||
	    a->dialogue != ASSOCIATION_TWO_WAY || !a->turn)
		return ERR_STATE;
	/* The turn is gone with the GTC, not with its answer: to send a message
	 * meanwhile would break the protocol. */
	a->turn = false;
	a->turn_wanted = -1;
	a->internal->turn_news = false;
	a->turn_giving = true;
	a->internal->receiver.completed = false;
	return association_answer(a, &gtc);
}

/* priority - read the priority of an RTTP in a PT, if it has one */
static int
priority(struct association *a, const struct session_pdu *pdu, uint32_t *out)
{
	struct association_internal *in = a->internal;
	struct rtse_apdu rttp;
	struct slice value;
	int got;

	*out = PRIORITY_UNSAID;
	/* A PT without data does not say how urgent the peer's wish is. */
	if (!(pdu->has & SESSION_HAS_USER_DATA) || pdu->user_data.len == 0)
		return 0;
	diag_clear(&in->diag);
	arena_reset(&in->arena);
	value = pdu->user_data;
	got = association_is_x410(a)
	    ? 1
	    : presentation_find(
		  pdu->user_data, in->agreed.rtse_id, &value, &in->diag);
	if (got == 0)
		got = diag_set(&in->diag, ERR_SYNTAX, "PT: no RTTP");
	if (got < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_PRESENTATION, got);
	got = rtse_decode(value, &in->arena, &rttp, &in->diag);
	if (got == 0 && rttp.kind != RTSE_RTTP)
		got = diag_set(&in->diag, ERR_SYNTAX, "PT: not an RTTP");
	if (got < 0)
		return association_decode_failed(
		    a, ASSOCIATION_LAYER_RTSE, got);
	*out = rttp.priority;
	return 0;
}

/* association_take_please - take a PT alone, and note its priority */
int
association_take_please(struct association *a, const struct session_pdu *pdu)
{
	struct association_internal *in = a->internal;
	uint32_t wanted;
	int error;

	if (a->dialogue != ASSOCIATION_TWO_WAY || (!a->turn && !a->turn_giving))
		return association_violation(a, ASSOCIATION_LAYER_SESSION,
		    "session: PT from a peer that may not ask for the turn");
	if ((error = priority(a, pdu, &wanted)) < 0)
		return error;
	/* The PT crossed our GTC: the peer has what it asks for. */
	if (a->turn_giving)
		return 0;
	a->turn_wanted = wanted;
	in->turn_news = true;
	return 0;
}

/* association_take_give - take a GTC: the turn is ours */
int
association_take_give(struct association *a,
    const struct association_item *item, struct association_event *event)
{
	struct session_pdu gta = {.kind = SESSION_GIVE_ACK};
	int error;

	/* Two turns at once would let both sides begin an activity. */
	if (a->phase != ASSOCIATION_OPEN ||
	    a->dialogue != ASSOCIATION_TWO_WAY || a->turn || a->turn_giving)
		return association_unexpected(a, item);
	/* The answer is queued first: an association that cannot answer has no
	 * turn to use. */
	if ((error = association_answer(a, &gta)) < 0)
		return error;
	a->turn = true;
	a->turn_wanted = -1;
	event->kind = ASSOCIATION_EVENT_TURN_GIVEN;
	return 1;
}

/* association_take_given - take a GTA: the peer knows that the turn is its
 * own */
int
association_take_given(
    struct association *a, const struct association_item *item)
{
	if (!a->turn_giving)
		return association_unexpected(a, item);
	a->turn_giving = false;
	return 0;
}
