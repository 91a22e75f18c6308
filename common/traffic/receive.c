/* SPDX-License-Identifier: ISC */
/*
 * receive.c - the events of the association
 *
 * A transfer of the peer's becomes a submission to qmgr.  A message that cannot
 * be decoded is answered with an exception and ends that transfer alone.
 */
#include "traffic/receive.h"

#include "base/log.h"
#include "traffic/incoming/checkpoint.h"
#include "traffic/incoming/resume.h"
#include "traffic/incoming/submit.h"
#include "traffic/outgoing/outcome.h"
#include "traffic/turn.h"

/* How often the peer may ask for one turn, by whatever priorities. */
#define WANTED_MAX 1000

/* refuse_transfer - log that a transfer cannot be decoded, and refuse it */
static void
refuse_transfer(struct traffic *traffic, const struct diag *diag)
{
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("activity", traffic->in.transfer.activity),
	    LOG_STRING("reason", diag_text(diag)));
	submit_refuse(traffic, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
}

/* handle_loss - end what is under way: the peer aborted, or is gone */
static void
handle_loss(struct traffic *traffic)
{
	const struct association_failure *failure =
	    &traffic->association.failure;

	/* If qmgr is there it logs this, and folds repetitions. */
	if (traffic->qmgr_gone)
		LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
		    LOG_STRING("link", traffic->link->name),
		    LOG_STRING("address", traffic->address),
		    LOG_STRING("layer", association_layer_name(failure->layer)),
		    LOG_STRING("reason", failure->text));
	/* The submission is parked for a resumption, which qmgr bounds by the
	 * recovery timeout. */
	submit_forget(traffic, SUBMISSION_KEEP);
	traffic_enter(traffic, TRAFFIC_OVER);
}

/* confirm_release - let the peer release the association in good order, once
 * what it took of us is committed */
static void
confirm_release(struct traffic *traffic)
{
	bool settled = outcome_settle(traffic);

	/* An association that is lost ends otherwise. */
	if (traffic->state == TRAFFIC_LOST)
		return;
	if (!settled) {
		submit_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
		    "what the peer has taken is not noted yet");
		return;
	}
	traffic_session_released(traffic);
	/* The session ends in good order: the peer will not come back for
	 * it. */
	/* Written now, for the confirmation takes seconds if the peer does not
	 * disconnect. */
	(void)!ipc_channel_flush(&traffic->qmgr);
	(void)!association_confirm_release(&traffic->association);
	traffic_enter(traffic, TRAFFIC_OVER);
}

/* begin_transfer - begin a transfer of the peer's, if it may */
static void
begin_transfer(struct traffic *traffic, uint32_t activity)
{
	token_event(&traffic->token, TOKEN_EV_BEGUN);
	/* The peer that recovered was not asked for a password. */
	if (traffic->recovered)
		submit_abort(traffic, ASSOCIATION_ABORT_PERMANENT,
		    "a new transfer on a recovered association");
	else
		submit_begin(traffic, activity);
}

/* handle_transfer - handle an event within a transfer that we take */
static void
handle_transfer(struct traffic *traffic, const struct association_event *event)
{
	struct diag diag = {0};
	int error = 0;

	/* The rest of a refused activity may still arrive; the peer has been
	 * told. */
	if (traffic->in.transfer.state == INCOMING_REFUSED)
		return;
	if (event->kind == ASSOCIATION_EVENT_DATA)
		error = submit_octets(traffic, event->data, &diag);
	else if (event->kind == ASSOCIATION_EVENT_CHECKPOINT)
		checkpoint_note(traffic, event->serial);
	else
		error = submit_end(traffic, &diag);
	if (error != 0)
		refuse_transfer(traffic, &diag);
}

/* handle_event - handle one event */
static void
handle_event(struct traffic *traffic, const struct association_event *event)
{
	/* A sign of life for the turn: the peer does its part. */
	traffic->times.heard = clock_monotonic();
	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		begin_transfer(traffic, event->activity);
		break;
	case ASSOCIATION_EVENT_DATA:
	case ASSOCIATION_EVENT_CHECKPOINT:
	case ASSOCIATION_EVENT_TRANSFER_END:
		handle_transfer(traffic, event);
		break;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		submit_forget(traffic, SUBMISSION_KEEP);
		break;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		submit_forget(traffic, SUBMISSION_DROP);
		break;
	case ASSOCIATION_EVENT_RELEASE:
		confirm_release(traffic);
		break;
	case ASSOCIATION_EVENT_ABORT:
		handle_loss(traffic);
		break;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		token_event(&traffic->token, TOKEN_EV_BEGUN);
		/* The turn is with the peer that resumes. */
		if (resume_ask(traffic, event) != 0)
			submit_abort(
			    traffic, ASSOCIATION_ABORT_LOCAL, "out of memory");
		break;
	case ASSOCIATION_EVENT_TURN_GIVEN:
		turn_received(traffic);
		break;
	case ASSOCIATION_EVENT_TURN_WANTED:
		/* The association keeps the priority, for turn_take. */
		if (++traffic->token.wanted > WANTED_MAX)
			submit_abort(traffic, ASSOCIATION_ABORT_PROTOCOL,
			    "the peer asks for the turn without end");
		break;
	}
}

/* receive_events - handle what the peer has sent */
void
receive_events(struct traffic *traffic)
{
	traffic->in.more = false;
	while (traffic->state == TRAFFIC_SERVING) {
		struct association_event event;
		int result;

		/* Stop reading here, so that the peer is slowed down by its own
		 * transport while qmgr catches up. */
		if (!submit_has_room(traffic)) {
			traffic->in.more = true;
			return;
		}
		result = association_receive(&traffic->association, &event, 0);
		if (result == ERR_AGAIN)
			return;
		if (result != 0) {
			handle_loss(traffic);
			return;
		}
		handle_event(traffic, &event);
	}
}
