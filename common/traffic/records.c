/* SPDX-License-Identifier: ISC */
/*
 * records.c - the records of qmgr's
 */
#include "traffic/records.h"

#include "client/limits.h"
#include "traffic/incoming/resume.h"
#include "traffic/incoming/submit.h"
#include "traffic/outgoing/outcome.h"
#include "traffic/outgoing/routes.h"
#include "traffic/outgoing/sequence.h"

/*
 * take_retire - end an association that qmgr does not need
 *
 * A responder cannot release, and ends it as when it is told to stop.
 */
static void
take_retire(struct traffic *traffic)
{
	uint64_t silence = clock_monotonic() - traffic->times.arrived;

	/* The initiator releases when its jobs are done. */
	if (traffic->association.role == ASSOCIATION_INITIATOR) {
		traffic->out.retire = true;
		return;
	}
	traffic->worker.stopping = true;
	/* Nothing is gained by waiting for a peer that is silent. */
	traffic_limit(
	    traffic, silence > TRAFFIC_SILENCE ? 0 : LIMITS_STOP_TRANSFER);
}

/*
 * take_doubt - answer whether the association is lost, as the peer says
 *
 * If that is so nothing more is read of it: the peer sends again what it has no
 * confirmation of.  The association itself may be within a call of ours: the
 * next wait ends it.
 */
static void
take_doubt(struct traffic *traffic, const struct ipc_session_doubt *doubt)
{
	struct ipc_record answer = {.type = IPC_SESSION_CLOSED,
	    .session_closed = {.session = traffic->session.number}};

	/* The doubt is about a session that ended meanwhile on this worker. */
	if (doubt->session != traffic->session.number)
		return;
	if (traffic_is_silent(traffic))
		traffic_enter(traffic, TRAFFIC_LOST);
	else
		answer = (struct ipc_record){
		    .type = IPC_SESSION_DOUBT, .session_doubt = *doubt};
	(void)!traffic_give(traffic, &answer);
}

/* records_take - handle one record of qmgr's */
int
records_take(
    struct traffic *traffic, const struct ipc_record *record, struct diag *diag)
{
	/* The switch works on int, because most types of record never come
	 * here. */
	switch ((int)record->type) {
	case IPC_JOB:
	case IPC_BODY:
	case IPC_CANCEL:
		return client_jobs_take(&traffic->out.queue, record, diag);
	case IPC_OUTCOME:
		outcome_committed(traffic);
		return 0;
	case IPC_DELIVERY_NOTE:
		/* A note need not be committed before the transfer goes on. */
		return 0;
	case IPC_SEQUENCE:
		return sequence_taken(traffic, &record->sequence, diag);
	case IPC_ROUTES:
		routes_keep(traffic, &record->routes);
		return 0;
	case IPC_SUBMIT_ANSWER:
	case IPC_SUBMIT_PROGRESS:
		submit_take(traffic, record);
		return 0;
	case IPC_RESUME_ANSWER:
		resume_answered(traffic, &record->resume_answer);
		return 0;
	case IPC_RETIRE:
		take_retire(traffic);
		return 0;
	case IPC_SESSION_DOUBT:
		take_doubt(traffic, &record->session_doubt);
		return 0;
	default:
		return diag_set(diag, ERR_PROTOCOL, "unexpected %s",
		    ipc_type_name(record->type));
	}
}
