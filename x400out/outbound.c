/* SPDX-License-Identifier: ISC */
/*
 * outbound.c - the life of a worker of one outgoing association
 *
 * It accepts one connection of qmgr's on the link's local socket, is given
 * the link's settings, resolves its addresses, confines itself, opens the
 * association and serves it.  It ends when qmgr says so, when the association
 * ends, or when qmgr goes away: then a transfer whose end was sent is finished,
 * none is begun, and the next qmgr is told what the peer has.
 */
#include "x400out/outbound.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "traffic/outgoing/outcome.h"
#include "worker/notice.h"
#include "worker/status.h"
#include "x400out/steps.h"

#define ACCEPT_IDLE    60000 /* ms to wait for qmgr, which started us */
#define SETTINGS_LIMIT 20000 /* ms for qmgr to say hello and the settings */

/* finish_worker - write what is pending for qmgr, then exit */
static void __attribute__((noreturn)) finish_worker(struct traffic *traffic)
{
	if (!traffic->qmgr_gone)
		(void)!worker_flush(&traffic->worker, &traffic->qmgr,
		    clock_after(TRAFFIC_FAREWELL));
	/* A qmgr that is gone is told by the next connection what the peer
	 * took, before the worker exits: it would be sent again otherwise. */
	taken_report(traffic);
	traffic_fini(traffic);
	tls_context_free(traffic->tls);
	worker_exit(&traffic->worker, EXIT_SUCCESS);
}

/* The purposes of a worker, which its settings tell. */
enum purpose {
	PURPOSE_MAIL,
	PURPOSE_PING
};

/* receive_settings - wait for hello and the settings of our link */
static int
receive_settings(
    struct traffic *traffic, enum purpose *purpose, struct diag *diag)
{
	uint64_t deadline = clock_after(SETTINGS_LIMIT);
	struct ipc_record record;
	int result;

	result = worker_greet(
	    &traffic->worker, &traffic->qmgr, IPC_ROLE_X400OUT, deadline, diag);
	if (result != 0)
		return result;
	/* Settings come from qmgr and not from the file, so that all workers of
	 * a link serve the configuration in force, and none reads passwords of
	 * other links. */
	result = worker_receive(
	    &traffic->worker, &traffic->qmgr, &record, deadline, diag);
	if (result != 0)
		return result;
	if (record.type != IPC_SETTINGS)
		return diag_set(diag, ERR_PROTOCOL, "%s where settings belong",
		    ipc_type_name(record.type));
	result = conf_parse_text(record.settings.text, "settings", CONF_HANDED,
	    &traffic->conf, diag);
	if (result != 0)
		return result;
	if (traffic->conf->link_count != 1)
		return diag_set(diag, ERR_PROTOCOL, "settings without a link");
	traffic->link = &traffic->conf->links[0];
	category_levels(traffic->conf->mta.log_levels);
	*purpose = record.settings.ping ? PURPOSE_PING : PURPOSE_MAIL;
	/* Events that the peer causes go over qmgr from here on, which bounds
	 * how many a peer can cause. */
	notice_through(&traffic->qmgr);
	return 0;
}

/* report_end - tell qmgr why the association is over */
static void
report_end(struct traffic *traffic)
{
	const struct association_failure *failure =
	    &traffic->association.failure;

	traffic_link_event(traffic, IPC_LINK_LOST,
	    association_layer_name(failure->layer), failure->text);
}

/*
 * end_association - release the association, or abort it, and tell qmgr
 *
 * A qmgr that is gone may not have noted all that the peer took.  A release
 * would let the peer forget what it has, and messages sent again would arrive
 * twice: so it is an abort.  So it is when the peer keeps the turn, without
 * which nobody may release.
 */
static void
end_association(struct traffic *traffic)
{
	struct association *association = &traffic->association;

	if (traffic->qmgr_gone || !association->turn)
		/* A release needs a free association; a transfer under way or a
		 * lost association has none. */
		association_abort(association, ASSOCIATION_ABORT_TEMPORARY);
	else if (association->phase != ASSOCIATION_OPEN)
		association_abort(association, ASSOCIATION_ABORT_LOCAL);
	/* Jobs that were handed out meanwhile were not begun either. */
	traffic_pump(traffic);
	outcome_return(traffic, "the association ended");
	if (association->phase == ASSOCIATION_OVER) {
		report_end(traffic);
		return;
	}
	if (!outcome_settle(traffic) || association_release(association) != 0) {
		association_abort(association, ASSOCIATION_ABORT_TEMPORARY);
		report_end(traffic);
		return;
	}
	if (traffic->session.number != 0)
		traffic_session_released(traffic);
	traffic_link_event(traffic, IPC_LINK_RELEASED, "", "");
}

/* outbound_run - serve one association, from the start to the exit */
void
outbound_run(struct traffic *traffic)
{
	enum purpose purpose = PURPOSE_MAIL;
	struct diag diag = {0};
	int fd, error;

	traffic_init(traffic, TRAFFIC_CALLING);
	traffic->calls.reopen = open_again;
	fd = worker_accept(&traffic->worker, ACCEPT_IDLE);
	/* No qmgr came: it was killed, or needs this worker no more. */
	if (fd < 0)
		worker_exit(&traffic->worker, EXIT_SUCCESS);
	if (ipc_channel_init(&traffic->qmgr, fd) != 0)
		fatal(WORKER_EXIT_FATAL, "connection of qmgr: %s",
		    strerror(errno));
	error = receive_settings(traffic, &purpose, &diag);
	if (error != 0) {
		(void)diag_set(&diag, error, "%s", error_strerror(error));
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
		traffic_not_opened(traffic, IPC_FAILURE_UNREACHABLE, "settings",
		    diag_text(&diag));
		finish_worker(traffic);
	}
	if (purpose == PURPOSE_PING) {
		steps_run(traffic);
		finish_worker(traffic);
	}
	if (open_resolve(traffic, &diag) != 0) {
		traffic_not_opened(
		    traffic, IPC_FAILURE_UNREACHABLE, "name", diag_text(&diag));
		finish_worker(traffic);
	}
	if (open_secure(traffic, &diag) != 0) {
		traffic_not_opened(
		    traffic, IPC_FAILURE_UNREACHABLE, "tls", diag_text(&diag));
		finish_worker(traffic);
	}
	/* Names are looked up and keys read before this call, which takes away
	 * the files that both need. */
	worker_confine(&traffic->worker, NULL, SANDBOX_CONNECT);
	if (open_association(traffic) != 0)
		finish_worker(traffic);
	traffic_serve(traffic);
	end_association(traffic);
	finish_worker(traffic);
}
