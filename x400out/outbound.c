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

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define ACCEPT_IDLE    60000 /* ms without a connection: not needed after all */
#define SETTINGS_LIMIT 20000 /* ms for qmgr to say hello and the settings */
#define FAREWELL       5000  /* ms for the last records to be taken */
#define QMGR_GONE_WAIT 10000 /* ms for the peer's last confirmation then */

/* wait_network - the association's wait: its descriptor and qmgr's end */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct outbound *outbound = arg;

	for (;;) {
		struct pollfd fds[2] = {{.fd = fd, .events = events}};
		size_t count = 1;
		int n;

		if (outbound->qmgr_gone) {
			uint64_t soon = clock_after(QMGR_GONE_WAIT);

			if (deadline > soon)
				deadline = soon;
		} else {
			fds[count++] = (struct pollfd){
			    .fd = outbound->qmgr.fd, .events = POLLIN};
		}
		n = worker_wait(&outbound->worker, fds, count, deadline);
		if (n == ERR_CANCELLED)
			continue; /* master's stop lets a transfer end */
		if (n < 0)
			return n;
		if (fds[0].revents != 0)
			return 0;
		jobs_pump(outbound);
		if (outbound->sending && outbound->job_count > 0 &&
		    outbound->jobs[outbound->job_first].cancelled)
			return ERR_CANCELLED;
	}
}

/* outbound_link_event - tell qmgr what became of the association */
void
outbound_link_event(struct outbound *outbound, enum ipc_link_state state,
    const char *stage, const char *reason, bool transient)
{
	const struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = state,
		.link = slice_of_string(outbound->link->name),
		.stage = slice_of_string(stage),
		.reason = slice_of_string(reason),
		.address = slice_of_string(outbound->address),
		.transient = transient}};

	if (!outbound->qmgr_gone &&
	    worker_send(&outbound->worker, &outbound->qmgr, &record,
		clock_after(FAREWELL)) != 0)
		outbound->qmgr_gone = true;
}

/* farewell - write what is pending for qmgr, then exit */
static void __attribute__((noreturn)) farewell(struct outbound *outbound)
{
	uint64_t deadline = clock_after(FAREWELL);

	while (!outbound->qmgr_gone &&
	    ipc_channel_flush(&outbound->qmgr) == 0 &&
	    ipc_channel_pending(&outbound->qmgr) > 0) {
		struct pollfd fd = {.fd = outbound->qmgr.fd, .events = POLLOUT};
		int n = worker_wait(&outbound->worker, &fd, 1, deadline);

		if (n < 0 && n != ERR_CANCELLED)
			break;
	}
	association_fini(&outbound->association);
	if (outbound->fd != -1)
		close(outbound->fd);
	ipc_channel_fini(&outbound->qmgr);
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

	result = ipc_channel_hello(&outbound->qmgr, IPC_ROLE_X400OUT,
	    outbound->worker.service, outbound->worker.instance);
	if (result != 0)
		return result;
	result = worker_receive(
	    &outbound->worker, &outbound->qmgr, &record, deadline, diag);
	if (result != 0)
		return result;
	if ((result = ipc_hello_check(&record, diag)) != 0)
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

/* wait_for_work - until qmgr or the peer says something */
static void
wait_for_work(struct outbound *outbound)
{
	struct pollfd fds[2] = {{.fd = outbound->qmgr.fd, .events = POLLIN},
	    {.fd = outbound->fd,
		.events = association_poll_events(&outbound->association)}};

	if (ipc_channel_pending(&outbound->qmgr) > 0)
		fds[0].events |= POLLOUT;
	if (worker_wait(&outbound->worker, fds, 2, CLOCK_NEVER) ==
	    ERR_CANCELLED)
		return; /* the loop looks at stopping */
	if ((fds[0].revents & POLLOUT) != 0 &&
	    ipc_channel_flush(&outbound->qmgr) != 0)
		outbound->qmgr_gone = true;
	if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		jobs_pump(outbound);
}

/* peer_ended - between transfers: whether the peer has ended it */
static bool
peer_ended(struct outbound *outbound)
{
	struct association_event event;
	int result = association_receive(&outbound->association, &event, 0);

	if (result == ERR_AGAIN)
		return false;
	if (result == 0 && event.kind == ASSOCIATION_EVENT_RELEASE)
		association_abort(
		    &outbound->association, ASSOCIATION_ABORT_PROTOCOL);
	return outbound->association.phase == ASSOCIATION_OVER;
}

/* serve - do jobs until somebody ends it */
static void
serve(struct outbound *outbound)
{
	for (;;) {
		jobs_pump(outbound);
		if (outbound->qmgr_gone || outbound->worker.stopping)
			break;
		if (jobs_first(outbound) != NULL) {
			if (send_first(outbound) != 0)
				break;
			continue;
		}
		if (outbound->retire || peer_ended(outbound))
			break;
		wait_for_work(outbound);
	}
}

/* finish - release what is still bound, tell what was lost */
static void
finish(struct outbound *outbound)
{
	struct association *association = &outbound->association;

	if (association->phase == ASSOCIATION_OVER) {
		jobs_return(outbound, "the association ended");
		LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
		    LOG_STRING("link", outbound->link->name),
		    LOG_STRING("address", outbound->address),
		    LOG_STRING("layer",
			association_layer_name(association->failure.layer)),
		    LOG_STRING("reason", association->failure.text));
		outbound_link_event(outbound, IPC_LINK_LOST,
		    association_layer_name(association->failure.layer),
		    association->failure.text, true);
		return;
	}
	jobs_return(outbound, "the worker is to end");
	if (association->phase == ASSOCIATION_OPEN) {
		if (association_release(association) != 0)
			LOG_EVENT(EVENT_ASSOCIATION_ABORTED,
			    LOG_STRING("link", outbound->link->name),
			    LOG_STRING("reason", association->failure.text));
	} else {
		association_abort(association, ASSOCIATION_ABORT_LOCAL);
	}
	outbound_link_event(outbound, IPC_LINK_RELEASED, "", "", true);
}

/* outbound_run - the whole life */
void
outbound_run(struct outbound *outbound)
{
	struct diag diag = {0};
	int fd;

	outbound->fd = -1;
	outbound->io = (struct association_io){wait_network, outbound};
	if (association_init(&outbound->association, outbound->io) != 0)
		fatal(EXIT_FAILURE, "out of memory");
	fd = worker_accept(&outbound->worker, ACCEPT_IDLE);
	if (fd < 0)
		worker_exit(&outbound->worker, EXIT_SUCCESS);
	worker_busy(&outbound->worker);
	if (ipc_channel_init(&outbound->qmgr, fd) != 0)
		fatal(EXIT_FAILURE, "out of memory");
	if (settings(outbound, &diag) != 0) {
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
		worker_exit(&outbound->worker, EXIT_SUCCESS);
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
