/* SPDX-License-Identifier: ISC */
/*
 * inbound.c - the life of a worker of incoming associations
 *
 * It connects to qmgr, confines itself, and accepts connections on the
 * sockets that master holds, one at a time.  After the first that was bound
 * it exits: the next peer gets a fresh process.
 *
 * When qmgr dies the association goes on: a new connection is made, and what
 * qmgr had not answered is submitted to it again under the same key.
 */
#include "x400in/inbound.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/notice.h"
#include "worker/status.h"
#include "x400in/proxied.h"

#define ACCEPT_IDLE  100000 /* ms that an idle worker waits for a peer */
#define QMGR_TIMEOUT 30000  /* ms for qmgr's socket to answer */

static struct callable callable; /* a worker is one process: one */
static struct conf *settings;	 /* the mta section, without secrets */

/* claim_session - tell a new qmgr, before all else, which session is ours */
static int
claim_session(struct traffic *traffic, uint64_t deadline, struct diag *diag)
{
	const struct traffic_session *session = &traffic->session;
	struct ipc_record record = {.type = IPC_SESSION_CLAIM,
	    .session_claim = {.session = session->number,
		.token = slice_of(session->token, session->token_len)}};
	int error =
	    worker_send(&traffic->worker, &traffic->qmgr, &record, deadline);

	if (error == 0 && traffic->worker.stopping)
		error = ERR_CANCELLED;
	if (error == 0)
		error = worker_receive(
		    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (error == 0 &&
	    (record.type != IPC_SESSION_CLAIM ||
		record.session_claim.session != session->number))
		error = diag_set(diag, ERR_PROTOCOL,
		    "%s instead of our session", ipc_type_name(record.type));
	return error;
}

/* connect_qmgr - connect to qmgr, instead of the connection that there was, and
 * claim the session that is ours */
static int
connect_qmgr(struct traffic *traffic, struct diag *diag)
{
	uint64_t deadline = clock_after(QMGR_TIMEOUT);
	struct ipc_record record;
	int error;

	/* The old channel is about to go, and an event that is written
	 * meanwhile must not use it. */
	notice_through(NULL);
	ipc_channel_fini(&traffic->qmgr);
	traffic->qmgr_gone = true;
	error = worker_qmgr(
	    &traffic->worker, &traffic->qmgr, IPC_ROLE_X400IN, deadline);
	if (error != 0)
		return diag_set(diag, error, "no connection to qmgr: %s",
		    error_strerror(error));
	error = worker_receive(
	    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (error == 0 && record.type != IPC_SETTINGS)
		error = diag_set(diag, ERR_PROTOCOL, "%s where settings belong",
		    ipc_type_name(record.type));
	if (error == 0)
		error = callable_learn(&callable, &record.settings);
	if (error == 0)
		error = proxied_learn(&settings, &record.settings, diag);
	/* A session that qmgr does not know again cannot go on: what was
	 * submitted on it could not be answered. */
	if (error == 0 && traffic->session.number != 0)
		error = claim_session(traffic, deadline, diag);
	if (error != 0)
		return diag_set(diag, error, "qmgr: %s", error_strerror(error));
	traffic->qmgr_gone = false;
	notice_through(&traffic->qmgr);
	return 0;
}

/*
 * end_association - abort the association unless the peer ended it, and tell
 * qmgr how it ended
 *
 * A responder cannot release: an abort between transfers is all that it has.
 */
static void
end_association(struct traffic *traffic)
{
	const struct association_failure *failure =
	    &traffic->association.failure;
	bool released;

	/* A message half taken is closed with qmgr before the association goes:
	 * the peer sends it again over another. */
	if (traffic->association.phase != ASSOCIATION_OVER &&
	    traffic->state != TRAFFIC_OVER)
		submit_abort(traffic, ASSOCIATION_ABORT_TEMPORARY,
		    traffic->qmgr_gone ? "the queue manager has gone"
				       : "stopped");
	association_abort(&traffic->association, ASSOCIATION_ABORT_LOCAL);
	/* Jobs that were handed out meanwhile were not begun either. */
	traffic_pump(traffic);
	outcome_return(traffic, "the association ended");
	released = failure->end == ASSOCIATION_RELEASED;
	traffic_link_event(traffic,
	    released ? IPC_LINK_RELEASED : IPC_LINK_LOST,
	    association_layer_name(failure->layer), failure->text);
}

/* serve_connection - serve a connection that was accepted; whether qmgr let it
 * in */
static bool
serve_connection(struct traffic *traffic)
{
	if (association_init(&traffic->association, traffic->io) != 0)
		fatal(WORKER_EXIT_MEMORY, "out of memory");
	if (greet_peer(traffic, &callable) == 0) {
		worker_bound(&traffic->worker);
		traffic_bound(traffic);
		traffic_serve(traffic);
		end_association(traffic);
		/* The bind was admitted by qmgr and failed afterwards: qmgr
		 * holds a place for this session and must get it back. */
	} else if (traffic->session.number != 0)
		traffic_link_event(traffic, IPC_LINK_LOST,
		    association_layer_name(traffic->association.failure.layer),
		    traffic->association.failure.text);
	association_fini(&traffic->association);
	traffic->association = (struct association){0};
	return traffic->session.number != 0;
	/* The number decides, and not the result: a session that qmgr knows
	 * must not share a process with the next peer. */
}

/* note_caller - note who calls; false: nobody, and the connection ends */
static bool
note_caller(struct traffic *traffic)
{
	struct sockaddr_storage peer = {0};
	socklen_t length = sizeof(peer);
	bool there =
	    getpeername(traffic->fd, (struct sockaddr *)&peer, &length) == 0;

	if (there)
		connect_format(
		    (struct sockaddr *)&peer, length, traffic->address);
	if (!traffic->worker.accepted_proxy)
		return true;
	/* A balancer that looks whether we are there may have reset the
	 * connection by now. */
	return there &&
	    proxied_caller(traffic, &settings->mta.proxy_from, &peer);
}

/* take_connection - take a connection that was accepted; whether qmgr let it
 * in */
static bool
take_connection(struct traffic *traffic)
{
	bool bound = false;

	if (note_caller(traffic)) {
		traffic_keep_alive(traffic->fd);
		bound = serve_connection(traffic);
	}
	close(traffic->fd);
	traffic->fd = -1;
	return bound;
}

/* inbound_run - serve connections, from the start to the exit */
void
inbound_run(struct traffic *traffic)
{
	struct diag diag = {0};
	bool bound;
	int error;

	callable_init(&callable);
	traffic_init(traffic, TRAFFIC_GREETING);
	traffic->calls.reconnect = connect_qmgr;
	error = connect_qmgr(traffic, &diag);
	if (error == 0)
		error = worker_tls(
		    &traffic->worker, TLS_CALLED, &traffic->tls, &diag);
	/* The TLS keys are read before the files are out of reach. */
	if (error == 0)
		worker_confine(&traffic->worker, NULL, SANDBOX_NETWORK);
	while (error == 0 && !traffic->worker.stopping) {
		traffic->fd = worker_accept(&traffic->worker, ACCEPT_IDLE);
		if (traffic->fd < 0)
			break;
		/* qmgr may have ended while we waited for a peer. */
		traffic_pump(traffic);
		if (traffic->qmgr_gone &&
		    (error = connect_qmgr(traffic, &diag)) != 0)
			break;
		bound = take_connection(traffic);
		if (!traffic->qmgr_gone)
			(void)!worker_flush(&traffic->worker, &traffic->qmgr,
			    clock_after(TRAFFIC_FAREWELL));
		/* A peer that was turned away left nothing behind, and the same
		 * process may greet another; after a bound one it has read
		 * octets of a peer's messages, and ends. */
		if (bound)
			break;
	}
	if (error != 0 && error != ERR_CANCELLED)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	/* The report is last, when no transfer can add to it. */
	taken_report(traffic);
	traffic_fini(traffic);
	callable_fini(&callable);
	conf_free(settings);
	tls_context_free(traffic->tls);
	worker_exit(&traffic->worker, EXIT_SUCCESS);
}
