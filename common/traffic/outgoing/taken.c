/* SPDX-License-Identifier: ISC */
/*
 * taken.c - what the peer has taken, for the qmgr after ours
 */
#include "traffic/outgoing/taken.h"

#include <sys/socket.h>

#include "traffic/outgoing/jobs.h"

#define REPORT_LIMIT 10000 /* ms for a qmgr to be there, and to commit */

/* taken_keep - keep that the first job was transferred */
void
taken_keep(struct traffic *traffic)
{
	const struct outgoing_job *job = jobs_first(traffic);
	struct outgoing *out = &traffic->out;
	struct outgoing_taken *taken;

	/* No name, so the next qmgr could not connect it to anything. */
	if (job->activity == 0)
		return;
	/* A ring of the last ones: more than that cannot be unanswered, since
	 * qmgr hands out no more. */
	taken = &out->taken[out->taken_count++ % LIMITS_OUTCOMES];
	taken->message = job->client.message;
	taken->name = job->old.activity != 0
	    ? job->old
	    : (struct transfer_name){out->noted, job->activity};
}

/* claim_link - say which session we had, where we are not named after the link
 * that we speak for: it may have called us */
static int
claim_link(const struct traffic *traffic, struct ipc_channel *qmgr)
{
	const struct traffic_session *session = &traffic->session;

	if (session->token_len == 0)
		return 0;
	return ipc_channel_send(qmgr,
	    &(struct ipc_record){.type = IPC_SESSION_CLAIM,
		.session_claim = {.session = session->number,
		    .token = slice_of(session->token, session->token_len)}});
}

/* send_all - send all that is kept, the oldest first */
static int
send_all(struct traffic *traffic, struct ipc_channel *qmgr, uint64_t deadline)
{
	const struct outgoing *out = &traffic->out;
	uint64_t i = out->taken_count > LIMITS_OUTCOMES
	    ? out->taken_count - LIMITS_OUTCOMES
	    : 0;
	int error = claim_link(traffic, qmgr);

	for (; error == 0 && i < out->taken_count; i++) {
		const struct outgoing_taken *t =
		    &out->taken[i % LIMITS_OUTCOMES];

		error = ipc_channel_send(qmgr,
		    &(struct ipc_record){.type = IPC_TAKEN,
			.taken = {.message = t->message, .name = t->name}});
	}
	return error != 0 ? error
			  : worker_flush(&traffic->worker, qmgr, deadline);
}

/* taken_report - tell the next qmgr what the peer has */
void
taken_report(struct traffic *traffic)
{
	uint64_t deadline = clock_after(REPORT_LIMIT);
	struct ipc_channel qmgr;
	struct ipc_record record;
	struct diag diag = {0};

	/* Only for the qmgr after ours: while ours lives, its outcomes say
	 * it. */
	if (!traffic->qmgr_gone || traffic->out.taken_count == 0 ||
	    worker_qmgr(&traffic->worker, &qmgr, IPC_ROLE_REPORTER, deadline) !=
		0)
		return;
	/* qmgr sends no answer, but closes when all is committed. */
	if (send_all(traffic, &qmgr, deadline) == 0 &&
	    shutdown(qmgr.fd, SHUT_WR) == 0)
		(void)!worker_receive(
		    &traffic->worker, &qmgr, &record, deadline, &diag);
	ipc_channel_fini(&qmgr);
}
