/* SPDX-License-Identifier: ISC */
/*
 * association_resume.c - a receiver that goes on with a transfer
 *
 * X.228 7.8, X.225 7.19.  The sender goes on after the last checkpoint that
 * it knows to be confirmed, the receiver has what it stored: that may reach
 * further, by as many checkpoints as the window has, and the pieces that
 * follow may be cut otherwise than before.  So places are counted in octets
 * of the EXTERNAL, and a state knows where the checkpoints before its own
 * stood: the distances, one entry for each run of equal ones.
 */
#include "osi/association_internal.h"
#include "osi/association_recovery.h"
#include "osi/octets.h"

#define STATE_VERSION 1
#define STATE_FIXED   30 /* version, serial, mark, ahead, offset, runs */
#define STATE_RUN     6

/* association_activity_number - read the number of an activity identifier; 0:
 * unreadable */
uint32_t
association_activity_number(struct slice identifier)
{
	const uint8_t *at = identifier.data;
	uint32_t value = 0;

	/* A BER INTEGER of at most four octets; anything else is no number of
	 * ours. */
	if (identifier.len < 3 || at[0] != 0x02 ||
	    at[1] != identifier.len - 2 || identifier.len > 6)
		return 0;
	for (size_t i = 2; i < identifier.len; i++)
		value = value << 8 | at[i];
	return value;
}

/* association_receiver_begin - start the receiver at the beginning of an
 * activity */
void
association_receiver_begin(struct association *a)
{
	struct association_receiver *receiver = &a->internal->receiver;

	receiver->serial = receiver->confirmed = 0;
	receiver->position = receiver->mark = receiver->skip = 0;
	receiver->offset = 0;
	receiver->marked = receiver->completed = false;
	memset(receiver->run, 0, sizeof(receiver->run));
	external_init(&receiver->external, a->internal->agreed.transfer_id);
}

/* association_receiver_mark - note that a checkpoint stands here.  1, or an
 * error */
int
association_receiver_mark(struct association *a)
{
	struct association_receiver *receiver = &a->internal->receiver;
	struct association_run *run = receiver->run;
	uint64_t len = receiver->position - receiver->mark;

	/* The header of an EXTERNAL of unusual length cannot be part of a
	 * state, and a sender has no reason to stop there. */
	if (external_saved_len(&receiver->external) > EXTERNAL_SAVED_MAX)
		return association_violation(a, ASSOCIATION_LAYER_RTSE,
		    "reliable transfer: a checkpoint within the header of the "
		    "EXTERNAL");
	receiver->mark = receiver->position;
	receiver->marked = true;
	if (len > UINT32_MAX) {
		/* Too far to be known, and so is what was before it. */
		memset(run, 0, sizeof(receiver->run));
		return 1;
	}
	if (run->count > 0 && run->len == len && run->count < UINT16_MAX) {
		run->count++;
		return 1;
	}
	memmove(run + 1, run, (ASSOCIATION_RUNS - 1) * sizeof(*run));
	run->len = (uint32_t)len;
	run->count = 1;
	return 1;
}

/* association_receive_state - save the receiver at the checkpoint just given */
int
association_receive_state(
    const struct association *a, struct association_receive_state *state)
{
	const struct association_receiver *receiver;
	uint8_t *at = state->octets;
	uint8_t runs = 0;

	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0 ||
	    !a->internal->receiver.marked)
		return ERR_STATE;
	receiver = &a->internal->receiver;
	/* Within the header there is no other checkpoint to go back to than
	 * the beginning, and more to be kept. */
	if (receiver->external.state == EXTERNAL_APDU)
		while (runs < ASSOCIATION_RUNS && receiver->run[runs].count > 0)
			runs++;
	at = octets_put(at, STATE_VERSION, 1);
	at = octets_put(at, receiver->serial, 4);
	at = octets_put(at, receiver->mark, 8);
	at = octets_put(at, receiver->skip, 8);
	at = octets_put(at, receiver->offset, 8);
	at = octets_put(at, runs, 1);
	for (size_t i = 0; i < runs; i++) {
		at = octets_put(at, receiver->run[i].len, 4);
		at = octets_put(at, receiver->run[i].count, 2);
	}
	at += external_save(&receiver->external, at);
	state->len = (uint8_t)(at - state->octets);
	return 0;
}

_Static_assert(
    STATE_FIXED + ASSOCIATION_RUNS * STATE_RUN + EXTERNAL_SAVED_APDU <=
	ASSOCIATION_STATE_MAX,
    "a state holds all runs");
_Static_assert(STATE_FIXED + EXTERNAL_SAVED_MAX <= ASSOCIATION_STATE_MAX,
    "a state holds the header of an EXTERNAL");

/* association_receive_state_get - read serial number and offset from a saved
 * receiver */
int
association_receive_state_get(const struct association_receive_state *state,
    uint32_t *serial, uint64_t *offset)
{
	if (state->len < STATE_FIXED || state->len > ASSOCIATION_STATE_MAX ||
	    state->octets[0] != STATE_VERSION)
		return ERR_CORRUPT;
	*serial = (uint32_t)octets_get(state->octets + 1, 4);
	*offset = octets_get(state->octets + 21, 8);
	return 0;
}

/* load_state - load a saved state into a receiver */
static int
load_state(struct association_receiver *to, uint32_t context,
    const struct association_receive_state *state)
{
	const uint8_t *at = state->octets;
	size_t runs, used;
	int error;

	error = association_receive_state_get(state, &to->serial, &to->offset);
	if (error < 0)
		return error;
	to->mark = octets_get(at + 5, 8);
	to->skip = octets_get(at + 13, 8);
	runs = at[29];
	used = STATE_FIXED + runs * STATE_RUN;
	/* The state was on disk: each number is bounded before it is used. */
	if (runs > ASSOCIATION_RUNS || used > state->len ||
	    to->mark > UINT64_MAX / 4 || to->skip > UINT64_MAX / 4 ||
	    to->offset > to->mark + to->skip)
		return ERR_CORRUPT;
	memset(to->run, 0, sizeof(to->run));
	at += STATE_FIXED;
	for (size_t i = 0; i < runs; i++, at += STATE_RUN) {
		to->run[i].len = (uint32_t)octets_get(at, 4);
		to->run[i].count = (uint32_t)octets_get(at + 4, 2);
	}
	return external_restore(
	    &to->external, context, slice_of(at, state->len - used));
}

/* forget_run - forget the last run of checkpoints */
static void
forget_run(struct association_run *run)
{
	memmove(run, run + 1, (ASSOCIATION_RUNS - 1) * sizeof(*run));
	run[ASSOCIATION_RUNS - 1] = (struct association_run){.len = 0};
}

/* go_back - go back to the checkpoint that the sender knows of */
static int
go_back(struct association_receiver *receiver, uint32_t serial)
{
	uint64_t reached = receiver->mark + receiver->skip;
	struct association_run *run = receiver->run;

	/* The sender resumes beyond what we have: the octets between are
	 * lost. */
	if (serial > receiver->serial)
		return ERR_NOTFOUND;
	/* Serial 0 is the start, wherever our own mark stands. */
	if (serial == 0) {
		receiver->serial = 0;
		receiver->mark = 0;
		memset(run, 0, sizeof(receiver->run));
	}
	while (receiver->serial > serial) {
		if (run->count == 0)
			return ERR_NOTFOUND;
		if (run->len > receiver->mark)
			return ERR_CORRUPT;
		receiver->mark -= run->len;
		receiver->serial--;
		if (--run->count == 0)
			forget_run(run);
	}
	receiver->position = receiver->mark;
	/* Octets between the sender's checkpoint and ours come again and are
	 * skipped. */
	receiver->skip = reached - receiver->mark;
	receiver->confirmed = serial;
	receiver->marked = false;
	return 0;
}

/* association_take_resume - take an AR; the caller decides how to answer */
int
association_take_resume(struct association *a,
    const struct association_item *item, struct association_event *event)
{
	struct association_internal *in = a->internal;
	struct association_receiver *receiver = &in->receiver;
	uint32_t number = association_activity_number(item->pdu.activity);

	if (a->phase != ASSOCIATION_OPEN || a->turn || a->turn_giving)
		return association_unexpected(a, item);
	association_receiver_begin(a);
	receiver->state = RECEIVER_RESUMED;
	receiver->serial = item->pdu.serial;
	a->phase = ASSOCIATION_TRANSFER;
	a->activity_received = number != 0 ? number : a->activity_received + 1;
	event->kind = ASSOCIATION_EVENT_TRANSFER_RESUMED;
	event->old_activity =
	    association_activity_number(item->pdu.old_activity);
	/* Without references the AR means this very connection. */
	if (session_identifier_is_empty(&item->pdu.identifier))
		return 1;
	if (session_identifier_get(
		&item->pdu.identifier, &receiver->old_references) < 0)
		event->old_activity = 0;
	else if (session_references_equal(
		     &receiver->old_references, &a->references))
		return 1;
	event->old_references = &receiver->old_references;
	return 1;
}

/* is_asked - check that an AR waits for the caller's answer */
static int
is_asked(const struct association *a)
{
	if (association_is(a, 1U << ASSOCIATION_TRANSFER) < 0 ||
	    a->internal->receiver.state != RECEIVER_RESUMED)
		return ERR_STATE;
	return 0;
}

/* association_resume_accept - go on from a state */
int
association_resume_accept(
    struct association *a, const struct association_receive_state *state)
{
	struct association_receiver *receiver = &a->internal->receiver;
	struct association_receiver at;
	int error;

	if ((error = is_asked(a)) < 0)
		return error;
	/* A copy, so that a state that does not fit leaves the receiver as it
	 * was. */
	at = *receiver;
	if (state == NULL)
		at.serial = 0;
	else if ((error = load_state(
		      &at, a->internal->agreed.transfer_id, state)) < 0)
		return error;
	if ((error = go_back(&at, receiver->serial)) < 0)
		return error;
	*receiver = at;
	receiver->state = RECEIVER_DATA;
	return 0;
}

/* association_resume_completed - answer that the transfer was completed
 * before */
int
association_resume_completed(struct association *a)
{
	int error;

	if ((error = is_asked(a)) < 0)
		return error;
	a->internal->receiver.state = RECEIVER_REPEATED;
	return 0;
}

/* association_resume_unknown - answer by RTAB 2 that the transfer is unknown */
int
association_resume_unknown(struct association *a)
{
	int error;

	if ((error = is_asked(a)) < 0)
		return error;
	association_abort(a, ASSOCIATION_ABORT_UNRECOGNIZED_ACTIVITY);
	return 0;
}
