/* SPDX-License-Identifier: ISC */
/*
 * tell.c - what qmgr is told of the association
 */
#include "traffic/engine/traffic.h"

/* link_event - make a record of what became of the association */
static struct ipc_record
link_event(const struct traffic *traffic, enum ipc_link_state state)
/* A worker of x400in has no link before the peer is known; its service names it
 * until then. */
{
	return (struct ipc_record){.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(traffic->link != NULL
			? traffic->link->name
			: traffic->worker.service),
		.address = slice_of_string(traffic->address),
		.session = traffic->session.number,
		.two_way = state == IPC_LINK_RELEASED &&
		    traffic->association.turn_wanted >= 0}};
}

/* traffic_link_event - tell qmgr what became of the association */
void
traffic_link_event(struct traffic *traffic, enum ipc_link_state state,
    const char *stage, const char *reason)
{
	struct ipc_record record = link_event(traffic, state);

	record.link_event.stage = slice_of_string(stage);
	record.link_event.reason = slice_of_string(reason);
	traffic_tell(traffic, &record);
}

/* traffic_not_opened - tell qmgr that the association could not be opened */
void
traffic_not_opened(struct traffic *traffic, enum ipc_failure failure,
    const char *stage, const char *reason)
{
	struct ipc_record record = link_event(traffic, IPC_LINK_FAILED);

	record.link_event.stage = slice_of_string(stage);
	record.link_event.reason = slice_of_string(reason);
	record.link_event.failure = failure;
	traffic_tell(traffic, &record);
}

/* traffic_bound - tell qmgr that the association is open */
void
traffic_bound(struct traffic *traffic)
{
	struct ipc_record record = link_event(traffic, IPC_LINK_BOUND);

	/* Jobs are numbered by qmgr within these references, see sequence.c. */
	traffic->out.noted = traffic->association.references;
	record.link_event.references = traffic->association.references;
	record.link_event.two_way =
	    traffic->association.dialogue == ASSOCIATION_TWO_WAY;
	record.link_event.recovered = traffic->recovered;
	record.link_event.routes = traffic->association.further;
	/* Silence is counted from here: the bind itself was a sign of life. */
	traffic->times.arrived = clock_monotonic();
	token_init(&traffic->token,
	    traffic->association.turn ? TOKEN_OURS : TOKEN_PEERS);
	traffic_tell(traffic, &record);
}

/* traffic_session_released - tell qmgr that the association was released */
void
traffic_session_released(struct traffic *traffic)
{
	/* Unlike other words it need not be waited for: a qmgr that does not
	 * learn of it remembers the session for longer than needed. */
	if (!traffic->qmgr_gone)
		(void)!ipc_channel_send(&traffic->qmgr,
		    &(struct ipc_record){.type = IPC_SESSION_CLOSED,
			.session_closed = {.session = traffic->session.number,
			    .orderly = true}});
}
