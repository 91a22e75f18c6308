/* SPDX-License-Identifier: ISC */
/*
 * qmgr.c - the channel to qmgr: give it records, take what it says
 */
#include "base/log.h"
#include "client/limits.h"
#include "traffic/engine/traffic.h"

/* traffic_qmgr_gone - begin nothing new */
void
traffic_qmgr_gone(struct traffic *traffic)
{
	traffic->qmgr_gone = true;
	/* Only a one-way association taken from a peer can go on with the next
	 * qmgr: its transfers can be submitted again. Jobs cannot be handed
	 * over, since the old qmgr had noted them. */
	if (traffic->calls.reconnect == NULL ||
	    traffic->association.dialogue == ASSOCIATION_TWO_WAY)
		traffic_limit(traffic, LIMITS_QMGR_GONE);
}

/* traffic_give - send a record to qmgr */
int
traffic_give(struct traffic *traffic, const struct ipc_record *record)
{
	int error;

	if (traffic->qmgr_gone)
		return 0;
	/* A record that fits is left to the next wait, so that a piece and
	 * what follows it cost one write. */
	error = ipc_channel_send(&traffic->qmgr, record);
	/* The channel is full: wait here for qmgr to read, which slows the peer
	 * down by the transport's flow control. */
	if (error == ERR_LIMIT && ipc_channel_pending(&traffic->qmgr) > 0)
		error = worker_send(&traffic->worker, &traffic->qmgr, record,
		    clock_after(LIMITS_SEND));
	/* Lack of memory is the caller's failure; any other error means that
	 * nobody reads at the other end. */
	if (error == ERR_LIMIT || error == ERR_NOMEM)
		return error;
	if (error != 0)
		traffic_qmgr_gone(traffic);
	return 0;
}

/* traffic_tell - send a record to qmgr and wait until it is written */
void
traffic_tell(struct traffic *traffic, const struct ipc_record *record)
{
	if (!traffic->qmgr_gone &&
	    worker_send(&traffic->worker, &traffic->qmgr, record,
		clock_after(TRAFFIC_FAREWELL)) != 0)
		traffic_qmgr_gone(traffic);
}

/* traffic_pump - take what qmgr has sent */
void
traffic_pump(struct traffic *traffic)
{
	struct ipc_record record;
	struct diag diag = {0};
	int filled, result;

	if (traffic->qmgr_gone)
		return;
	filled = ipc_channel_fill(&traffic->qmgr);
	/* Records that were read before the end are taken first: an answer in
	 * them may confirm a transfer. */
	while ((result = ipc_channel_take(&traffic->qmgr, &record, &diag)) == 1)
		if ((result = traffic->calls.take(traffic, &record, &diag)) !=
		    0)
			break;
	if (result < 0)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	if (result < 0 || (filled < 0 && filled != ERR_AGAIN))
		traffic_qmgr_gone(traffic);
}

/* traffic_flush - write what lies ready for qmgr, as far as it takes it */
void
traffic_flush(struct traffic *traffic)
{
	if (!traffic->qmgr_gone && ipc_channel_pending(&traffic->qmgr) > 0 &&
	    ipc_channel_flush(&traffic->qmgr) != 0)
		traffic_qmgr_gone(traffic);
}
