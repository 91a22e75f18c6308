/* SPDX-License-Identifier: ISC */
/*
 * outbound.c - the life of a worker of one outgoing association
 *
 * It accepts one connection of qmgr's on the link's local socket, is given
 * the link's settings, resolves its addresses, confines itself, opens the
 * association and does the jobs in order.  It ends when qmgr says so, when
 * the association ends, or when qmgr goes away: then what is at its end is
 * brought to its end, and nothing new begun.
 */
#include "x400out/outbound.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/status.h"

#define ACCEPT_IDLE    60000 /* ms without a connection: not needed after all */
#define SETTINGS_LIMIT 20000 /* ms for qmgr to say hello and the settings */
#define FAREWELL       5000  /* ms for the last records to be taken */
#define QMGR_GONE_WAIT 10000 /* ms for the peer's last confirmation then */

/* outbound_limit - wait for the peer no longer than this from now */
void
outbound_limit(struct outbound *outbound, uint64_t milliseconds)
{
	uint64_t limit = clock_after(milliseconds);

	if (limit < outbound->limit)
		outbound->limit = limit;
}

/* outbound_qmgr_gone - nothing new is begun */
void
outbound_qmgr_gone(struct outbound *outbound)
{
	outbound->qmgr_gone = true;
	outbound_limit(outbound, QMGR_GONE_WAIT);
}

/*
 * broken_off - whether what waits for the peer is not wanted any more
 *
 * An association not yet open is given up at once.  A transfer whose end was
 * sent may have been taken: only the peer's answer tells.
 */
static bool
broken_off(const struct outbound *outbound)
{
	if (outbound->association.phase <= ASSOCIATION_OPENING)
		return outbound->qmgr_gone || outbound->worker.stopping ||
		    outbound->retire ||
		    (outbound->sending &&
			outbound->jobs[outbound->job_first].cancelled);
	return outbound->sending &&
	    (outbound->qmgr_gone ||
		outbound->jobs[outbound->job_first].cancelled);
}

/* flush - write what lies ready for qmgr: POLLOUT if not all went */
static short
flush(struct outbound *outbound)
{
	if (ipc_channel_pending(&outbound->qmgr) == 0)
		return 0;
	if (ipc_channel_flush(&outbound->qmgr) != 0) {
		outbound_qmgr_gone(outbound);
		return 0;
	}
	return ipc_channel_pending(&outbound->qmgr) > 0 ? POLLOUT : 0;
}

/* wait_both - for the peer's descriptor and qmgr; what qmgr says is taken */
static int
wait_both(struct outbound *outbound, struct pollfd *network, uint64_t deadline)
{
	struct pollfd fds[2] = {*network, {.fd = -1}};
	int n;

	if (!outbound->qmgr_gone)
		fds[1].events = (short)(POLLIN | flush(outbound));
	if (!outbound->qmgr_gone)
		fds[1].fd = outbound->qmgr.fd;
	n = worker_wait(&outbound->worker, fds, 2,
	    deadline < outbound->limit ? deadline : outbound->limit);
	if (n == ERR_CANCELLED)
		outbound_limit(outbound, OUTBOUND_STOP_WAIT);
	if (n < 0)
		return n;
	if ((fds[1].revents & ~POLLOUT) != 0)
		jobs_pump(outbound);
	network->revents = fds[0].revents;
	return 0;
}

/* wait_network - the association's wait */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct outbound *outbound = arg;
	struct pollfd network = {.fd = fd, .events = events};

	for (;;) {
		int error = wait_both(outbound, &network, deadline);

		if (error != 0 && error != ERR_CANCELLED)
			return error;
		if (broken_off(outbound))
			return ERR_CANCELLED;
		/* A stop lets the transfer come to its end. */
		if (error == 0 && network.revents != 0)
			return 0;
	}
}

/* outbound_pause - let time pass */
int
outbound_pause(struct outbound *outbound, uint64_t milliseconds)
{
	uint64_t deadline = clock_after(milliseconds);

	for (;;) {
		struct pollfd none = {.fd = -1};
		int error = wait_both(outbound, &none, deadline);

		if (outbound->qmgr_gone || outbound->worker.stopping ||
		    outbound->jobs[outbound->job_first].cancelled)
			return ERR_CANCELLED;
		if (error == ERR_TIMEOUT)
			return 0;
		if (error != 0)
			return error;
	}
}

/* outbound_link_event - tell qmgr what became of the association */
void
outbound_link_event(struct outbound *outbound, enum ipc_link_state state,
    const char *stage, const char *reason, bool transient)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(outbound->worker.service),
		.stage = slice_of_string(stage),
		.reason = slice_of_string(reason),
		.address = slice_of_string(outbound->address),
		.transient = transient}};

	int error;

	if (outbound->qmgr_gone)
		return;
	error = worker_send(
	    &outbound->worker, &outbound->qmgr, &record, clock_after(FAREWELL));
	/* Told to stop meanwhile: it was sent all the same. */
	if (error != 0 && error != ERR_CANCELLED)
		outbound_qmgr_gone(outbound);
}

/* farewell - write what is pending for qmgr, then exit */
static void __attribute__((noreturn)) farewell(struct outbound *outbound)
{
	if (!outbound->qmgr_gone)
		(void)!worker_flush(
		    &outbound->worker, &outbound->qmgr, clock_after(FAREWELL));
	association_fini(&outbound->association);
	if (outbound->fd != -1)
		close(outbound->fd);
	ipc_channel_fini(&outbound->qmgr);
	buffer_fini(&outbound->prefix);
	buffer_fini(&outbound->sent);
	conf_free(outbound->conf);
	worker_exit(&outbound->worker, EXIT_SUCCESS);
}

/* settings - wait for hello and the settings of our link */
static int
settings(struct outbound *outbound, struct diag *diag)
{
	uint64_t deadline = clock_after(SETTINGS_LIMIT);
	struct ipc_record record;
	int result;

	result = worker_greet(&outbound->worker, &outbound->qmgr,
	    IPC_ROLE_X400OUT, deadline, diag);
	if (result != 0)
		return result;
	result = worker_receive(
	    &outbound->worker, &outbound->qmgr, &record, deadline, diag);
	if (result != 0)
		return result;
	if (record.type != IPC_SETTINGS)
		return diag_set(diag, ERR_PROTOCOL, "%s where settings belong",
		    ipc_type_name(record.type));
	result = conf_parse_text(record.settings.text, "settings", CONF_HANDED,
	    &outbound->conf, diag);
	if (result != 0)
		return result;
	if (outbound->conf->link_count != 1)
		return diag_set(diag, ERR_PROTOCOL, "settings without a link");
	outbound->link = &outbound->conf->links[0];
	return 0;
}

/* peer_ended - between transfers: whether the peer has ended it */
static bool
peer_ended(struct outbound *outbound)
{
	struct association_event event;
	int result = association_receive(&outbound->association, &event, 0);

	if (result == ERR_AGAIN)
		return false;
	if (result == 0 && event.kind != ASSOCIATION_EVENT_ABORT)
		association_abort(
		    &outbound->association, ASSOCIATION_ABORT_PROTOCOL);
	return outbound->association.phase == ASSOCIATION_OVER;
}

/* wait_for_work - until qmgr says something; true: the peer ended it */
static bool
wait_for_work(struct outbound *outbound)
{
	struct pollfd network = {.fd = outbound->fd,
	    .events = association_poll_events(&outbound->association)};
	int error = wait_both(outbound, &network, CLOCK_NEVER);

	return error == 0 && network.revents != 0 && peer_ended(outbound);
}

/* serve - do jobs until somebody ends it */
static void
serve(struct outbound *outbound)
{
	while (!outbound->qmgr_gone && !outbound->worker.stopping) {
		if (jobs_first(outbound) != NULL) {
			if (send_first(outbound) != 0)
				return;
			continue;
		}
		/* What came along with the bind's answer shows in no poll. */
		jobs_pump(outbound);
		if (jobs_first(outbound) != NULL || outbound->qmgr_gone)
			continue;
		if (outbound->retire || wait_for_work(outbound))
			return;
	}
}

/* ended - the association is over, or is to be: tell why */
static void
ended(struct outbound *outbound)
{
	const struct association_failure *failure =
	    &outbound->association.failure;

	outbound_link_event(outbound, IPC_LINK_LOST,
	    association_layer_name(failure->layer), failure->text, true);
}

/*
 * finish - release what is still bound, tell what was lost
 *
 * When qmgr is gone it may not have noted all that the peer took.  A release
 * would let the peer forget what it has, and what is sent again would be
 * there twice: so it is an abort.
 */
static void
finish(struct outbound *outbound)
{
	struct association *association = &outbound->association;

	if (outbound->qmgr_gone)
		association_abort(association, ASSOCIATION_ABORT_TEMPORARY);
	else if (association->phase != ASSOCIATION_OPEN)
		association_abort(association, ASSOCIATION_ABORT_LOCAL);
	jobs_return(outbound, "the association ended");
	if (association->phase == ASSOCIATION_OVER) {
		ended(outbound);
		return;
	}
	if (association_release(association) != 0)
		ended(outbound);
	else
		outbound_link_event(outbound, IPC_LINK_RELEASED, "", "", true);
}

/* outbound_run - the whole life */
void
outbound_run(struct outbound *outbound)
{
	struct diag diag = {0};
	int fd, error;

	outbound->fd = -1;
	outbound->limit = CLOCK_NEVER;
	outbound->io = (struct association_io){wait_network, outbound};
	buffer_init(&outbound->prefix, OUTBOUND_PREFIX_MAX);
	fd = worker_accept(&outbound->worker, ACCEPT_IDLE);
	if (fd < 0)
		worker_exit(&outbound->worker, EXIT_SUCCESS);
	if (ipc_channel_init(&outbound->qmgr, fd) != 0)
		fatal(WORKER_EXIT_FATAL, "connection of qmgr: %s",
		    strerror(errno));
	error = settings(outbound, &diag);
	if (error != 0) {
		(void)diag_set(&diag, error, "%s", error_strerror(error));
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
		outbound_link_event(outbound, IPC_LINK_FAILED, "settings",
		    diag_text(&diag), false);
		farewell(outbound);
	}
	if (open_resolve(outbound, &diag) != 0) {
		outbound_link_event(
		    outbound, IPC_LINK_FAILED, "name", diag_text(&diag), true);
		farewell(outbound);
	}
	worker_confine(&outbound->worker, NULL, SANDBOX_CONNECT);
	if (open_association(outbound) != 0)
		farewell(outbound);
	serve(outbound);
	finish(outbound);
	farewell(outbound);
}
