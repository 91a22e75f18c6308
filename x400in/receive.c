/* SPDX-License-Identifier: ISC */
/*
 * receive.c - what the peer of an incoming association sends
 *
 * Events of the association become a submission to qmgr.  What is wrong with
 * one message is answered with an exception and ends that transfer alone.
 */
#include "base/log.h"
#include "x400in/inbound.h"

/* refuse - this transfer cannot be taken: say so, ignore the rest of it */
static void
refuse(struct inbound *inbound, const struct diag *diag)
{
	LOG_EVENT(EVENT_DECODE_FAILED, LOG_STRING("link", inbound->link->name),
	    LOG_STRING("address", inbound->address),
	    LOG_INT("activity", inbound->transfer.activity),
	    LOG_STRING("reason", diag_text(diag)));
	submit_forget(inbound, SUBMIT_DROP);
	inbound->transfer.refused = true;
	(void)!association_except(
	    &inbound->association, ASSOCIATION_EXCEPTION_NON_SPECIFIC);
}

/* receive_abort - end the association from our side */
void
receive_abort(struct inbound *inbound, enum association_abort_reason reason,
    const char *text)
{
	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING(
		"link", inbound->link != NULL ? inbound->link->name : ""),
	    LOG_STRING("address", inbound->address),
	    LOG_STRING("reason", text));
	submit_forget(inbound, SUBMIT_KEEP);
	association_abort(&inbound->association, reason);
	inbound->over = true;
}

/* lost - the peer aborted, or is gone */
static void
lost(struct inbound *inbound)
{
	const struct association_failure *failure =
	    &inbound->association.failure;

	LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
	    LOG_STRING("link", inbound->link->name),
	    LOG_STRING("address", inbound->address),
	    LOG_STRING("layer", association_layer_name(failure->layer)),
	    LOG_STRING("reason", failure->text));
	submit_forget(inbound, SUBMIT_KEEP);
	inbound->over = true;
}

/* released - the peer ends it orderly: its session need not be remembered */
static void
released(struct inbound *inbound)
{
	(void)!ipc_channel_send(&inbound->qmgr,
	    &(struct ipc_record){.type = IPC_SESSION_CLOSED,
		.session_closed = {
		    .session = inbound->session, .orderly = true}});
	/* That may take a while, if the peer does not disconnect. */
	(void)!ipc_channel_flush(&inbound->qmgr);
	(void)!association_confirm_release(&inbound->association);
	inbound->over = true;
}

/* handle - one event */
static void
handle(struct inbound *inbound, const struct association_event *event)
{
	struct inbound_transfer *t = &inbound->transfer;
	struct diag diag = {0};

	switch (event->kind) {
	case ASSOCIATION_EVENT_TRANSFER_START:
		submit_begin(inbound, event->activity);
		break;
	case ASSOCIATION_EVENT_DATA:
		if (!t->refused &&
		    submit_octets(inbound, event->data, &diag) != 0)
			refuse(inbound, &diag);
		break;
	case ASSOCIATION_EVENT_CHECKPOINT:
		if (!t->refused)
			submit_checkpoint(inbound, event->serial);
		break;
	case ASSOCIATION_EVENT_TRANSFER_END:
		if (!t->refused && submit_end(inbound, &diag) != 0)
			refuse(inbound, &diag);
		break;
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		submit_forget(inbound, SUBMIT_KEEP);
		break;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		submit_forget(inbound, SUBMIT_DROP);
		break;
	case ASSOCIATION_EVENT_RELEASE:
		released(inbound);
		break;
	case ASSOCIATION_EVENT_ABORT:
		lost(inbound);
		break;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		if (resume_ask(inbound, event) != 0)
			receive_abort(
			    inbound, ASSOCIATION_ABORT_LOCAL, "out of memory");
		break;
	case ASSOCIATION_EVENT_TURN_WANTED:
	case ASSOCIATION_EVENT_TURN_GIVEN:
		receive_abort(inbound, ASSOCIATION_ABORT_PROTOCOL,
		    "the peer did what was not agreed upon");
		break;
	}
}

/* receive_events - handle what the peer has sent, as far as it is here */
void
receive_events(struct inbound *inbound)
{
	inbound->more = false;
	while (!inbound->over) {
		struct association_event event;
		int result;

		if (!submit_room(inbound)) {
			inbound->more = true;
			return;
		}
		result = association_receive(&inbound->association, &event, 0);
		if (result == ERR_AGAIN)
			return;
		if (result != 0) {
			lost(inbound);
			return;
		}
		handle(inbound, &event);
	}
}
