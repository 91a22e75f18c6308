/* SPDX-License-Identifier: ISC */
/*
 * outcome.c - tell qmgr how a job ended, and drop it
 */
#include "traffic/outgoing/outcome.h"

#include "traffic/outgoing/jobs.h"
#include "traffic/outgoing/recover.h"
#include "traffic/outgoing/taken.h"

#define SETTLE_LIMIT 5000 /* ms for qmgr to commit, while the peer waits */

/* send_outcome - send one outcome, written before the next wait */
static void
send_outcome(struct traffic *traffic, const struct ipc_outcome *outcome)
{
	const struct ipc_record record = {
	    .type = IPC_OUTCOME, .outcome = *outcome};

	/* A record that does not even fit into an empty channel is as useless
	 * as a channel that is gone: without its outcome the job is given to
	 * the next worker. */
	if (traffic_give(traffic, &record) != 0)
		traffic_qmgr_gone(traffic);
}

/*
 * is_doubtful - tell whether the peer may have what it did not confirm
 *
 * That is so, for all of the message or its beginning, unless it was the
 * peer's word that ended the association, or if its word was that it goes on
 * later.
 */
static bool
is_doubtful(const struct traffic *traffic, enum ipc_result result)
{
	const struct association *association = &traffic->association;

	/* A peer that does not know the transfer has nothing of it. */
	if (result == IPC_INTERRUPTED)
		return !recover_unknown(traffic);
	/* Before the first octet nothing can have arrived; after a refusal of
	 * the peer's own it is known what it did. */
	return traffic->out.progress != OUTGOING_UNBEGUN &&
	    association->phase == ASSOCIATION_OVER &&
	    association->failure.end != ASSOCIATION_ABORTED_BY_PEER;
}

/* outcome_is_user_error - tell whether the peer aborted in the first job's
 * transfer, saying "user error" */
bool
outcome_is_user_error(const struct traffic *traffic)
{
	const struct association *association = &traffic->association;
	const struct association_failure *failure = &association->failure;

	return traffic->out.progress != OUTGOING_UNBEGUN &&
	    association->phase == ASSOCIATION_OVER &&
	    failure->end == ASSOCIATION_ABORTED_BY_PEER &&
	    failure->layer == ASSOCIATION_LAYER_RTSE &&
	    failure->reason == ASSOCIATION_ABORT_USER;
}

/* count_confirmed - count the octets that the peer has of the first job: all,
 * or as far as it can be resumed */
static uint64_t
count_confirmed(const struct traffic *traffic, enum ipc_result result)
{
	const struct outgoing *out = &traffic->out;
	uint64_t offset = traffic->association.confirmed_offset;

	if (result == IPC_TRANSFERRED)
		return client_job_length(&jobs_first(traffic)->client);
	if (result == IPC_UNSTARTED || out->progress == OUTGOING_UNBEGUN ||
	    traffic->link->recovery_timeout == 0)
		return 0;
	/* The furthest of all tries, since an earlier one may have got further
	 * than the last. */
	return offset > out->recovery.furthest ? offset
					       : out->recovery.furthest;
}

/* outcome_report - report on the first job and drop it */
void
outcome_report(struct traffic *traffic, enum ipc_result result,
    const char *text, uint64_t transfer_delay)
{
	/* An association is released behind that commit (outcome_settle).
	 * Counted before the record leaves, for that may wait and read. */
	bool taken = result == IPC_TRANSFERRED;

	traffic->out.unsettled += taken;
	send_outcome(traffic,
	    &(struct ipc_outcome){.job = jobs_first(traffic)->client.number,
		.result = result,
		.confirm = taken,
		.diagnostic = -1,
		.text = slice_of_string(text),
		.doubtful = is_doubtful(traffic, result),
		.user_error =
		    result == IPC_TRANSIENT && outcome_is_user_error(traffic),
		.octets = count_confirmed(traffic, result),
		.association_delay = traffic->out.open_delay,
		.transfer_delay = transfer_delay});
	/* Kept in case this outcome is lost with qmgr: the next one is told. */
	if (result == IPC_TRANSFERRED)
		taken_keep(traffic);
	/* Only the first job waited for the association. */
	traffic->out.open_delay = 0;
	client_jobs_drop(&traffic->out.queue);
}

/* outcome_refused - report that the first job is not for this peer, and drop
 * it */
void
outcome_refused(
    struct traffic *traffic, int reason, int diagnostic, const char *text)
{
	send_outcome(traffic,
	    &(struct ipc_outcome){.job = jobs_first(traffic)->client.number,
		.result = IPC_REFUSED,
		.reason = reason,
		.diagnostic = diagnostic,
		.text = slice_of_string(text),
		.association_delay = traffic->out.open_delay});
	traffic->out.open_delay = 0;
	client_jobs_drop(&traffic->out.queue);
}

/* outcome_cancelled - return those before the first job that qmgr wants */
void
outcome_cancelled(struct traffic *traffic)
{
	while (jobs_first(traffic) != NULL &&
	    jobs_first(traffic)->client.cancelled)
		outcome_report(traffic, IPC_UNSTARTED, "cancelled", 0);
}

/* outcome_return - return all jobs that were not begun */
void
outcome_return(struct traffic *traffic, const char *text)
{
	while (jobs_first(traffic) != NULL)
		outcome_report(traffic, IPC_UNSTARTED, text, 0);
}

/* outcome_committed - note that qmgr has committed an outcome */
void
outcome_committed(struct traffic *traffic)
{
	/* A commit that failed is done again later than the next ones, so no
	 * number of a job tells that all before it are committed. */
	if (traffic->out.unsettled > 0)
		traffic->out.unsettled--;
}

/* outcome_settle - wait until qmgr has committed all that the peer took */
bool
outcome_settle(struct traffic *traffic)
{
	uint64_t deadline = clock_after(SETTLE_LIMIT);

	while (traffic->out.unsettled > 0 && !traffic->qmgr_gone &&
	    traffic->state != TRAFFIC_LOST) {
		struct pollfd none = {.fd = -1};
		int error = traffic_wait(traffic, &none, deadline);

		if (error != 0 && error != ERR_CANCELLED)
			break;
	}
	return traffic->out.unsettled == 0;
}
