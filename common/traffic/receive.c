/* SPDX-License-Identifier: ISC */
/*
 * receive.c - what the peer of an incoming association sends
 *
 * Events of the association become a submission to qmgr.  What is wrong with
 * one message is answered with an exception and ends that transfer alone.
 */
#include "base/log.h"
#include "traffic/token.h"

/* So often may the peer ask for one turn, by whatever priorities. */
#define WANTED_MAX 1000

/* refuse - this transfer cannot be taken: say so, ignore the rest of it */
static void
refuse(struct traffic *traffic, const struct diag *diag)
{
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", traffic->link->name),
	    LOG_STRING("address", traffic->address),
	    LOG_INT("activity", traffic->in.transfer.activity),
	    LOG_STRING("reason", diag_text(diag)));
	submit_forget(traffic, SUBMIT_DROP);
	traffic->in.transfer.refused = true;
	(void)!association_except(
	    &traffic->association, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
}

/* receive_abort - end the association from our side */
void
receive_abort(struct traffic *traffic, enum association_abort_reason reason,
    const char *text)
{
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING(
		"link", traffic->link != NULL ? traffic->link->name : ""),
	    LOG_STRING("address", traffic->address),
	    LOG_STRING("reason", text));
	submit_forget(traffic, SUBMIT_KEEP);
	association_abort(&traffic->association, reason);
	traffic->over = true;
}

/* lost - the peer aborted, or is gone */
static void
lost(struct traffic *traffic)
{
	const struct association_failure *failure =
	    &traffic->association.failure;

	/* Else qmgr is told, which counts what is the same again and again. */
	if (traffic->qmgr_gone)
		LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
		    LOG_STRING("link", traffic->link->name),
		    LOG_STRING("address", traffic->address),
		    LOG_STRING("layer", association_layer_name(failure->layer)),
		    LOG_STRING("reason", failure->text));
	submit_forget(traffic, SUBMIT_KEEP);
	traffic->over = true;
}

/* released - the peer ends it orderly: its session need not be remembered */
static void
released(struct traffic *traffic)
{
	traffic_session_released(traffic);
	/* That may take a while, if the peer does not disconnect. */
	(void)!ipc_channel_flush(&traffic->qmgr);
	(void)!association_confirm_release(&traffic->association);
	traffic->over = true;
}

/* handle - one event */
static void
handle(struct traffic *traffic, const struct association_event *event)
{
	struct incoming_transfer *t = &traffic->in.transfer;
	struct diag diag = {0};

	traffic->heard = clock_monotonic();
	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		traffic->wanted = 0;
		/* The peer was not asked for a password. */
		if (traffic->recovered)
			receive_abort(traffic, ASSOCIATION_ABORT_PERMANENT,
			    "a new transfer on a recovered association");
		else
			submit_begin(traffic, event->activity);
		break;
	case ASSOCIATION_EVENT_DATA:
		if (!t->refused &&
		    submit_octets(traffic, event->data, &diag) != 0)
			refuse(traffic, &diag);
		break;
	case ASSOCIATION_EVENT_CHECKPOINT:
		if (!t->refused)
			submit_checkpoint(traffic, event->serial);
		break;
	case ASSOCIATION_EVENT_TRANSFER_END:
		if (!t->refused && submit_end(traffic, &diag) != 0)
			refuse(traffic, &diag);
		break;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		submit_forget(traffic, SUBMIT_KEEP);
		break;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		submit_forget(traffic, SUBMIT_DROP);
		break;
	case ASSOCIATION_EVENT_RELEASE:
		released(traffic);
		break;
	case ASSOCIATION_EVENT_ABORT:
		lost(traffic);
		break;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		if (resume_ask(traffic, event) != 0)
			receive_abort(
			    traffic, ASSOCIATION_ABORT_LOCAL, "out of memory");
		break;
	case ASSOCIATION_EVENT_TURN_GIVEN:
		turn_given(traffic);
		break;
	case ASSOCIATION_EVENT_TURN_WANTED:
		/* It stands in the association, for turn_take. */
		if (++traffic->wanted > WANTED_MAX)
			receive_abort(traffic, ASSOCIATION_ABORT_PROTOCOL,
			    "the peer asks for the turn without end");
		break;
	}
}

/* receive_events - handle what the peer has sent, as far as it is here */
void
receive_events(struct traffic *traffic)
{
	traffic->in.more = false;
	while (!traffic->over && !traffic->lost) {
		struct association_event event;
		int result;

		if (!submit_room(traffic)) {
			traffic->in.more = true;
			return;
		}
		result = association_receive(&traffic->association, &event, 0);
		if (result == ERR_AGAIN)
			return;
		if (result != 0) {
			lost(traffic);
			return;
		}
		handle(traffic, &event);
	}
}
