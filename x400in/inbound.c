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

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

#define ACCEPT_IDLE  100000 /* ms that an idle worker stays */
#define QMGR_TIMEOUT 30000  /* ms for qmgr's socket to answer */
#define FAREWELL     5000   /* ms for the last records to be taken */

/* Keepalive: a peer whose machine is gone is noticed within two minutes. */
#define KEEP_IDLE     60 /* s */
#define KEEP_INTERVAL 15 /* s */
#define KEEP_COUNT    4

/* wait_network - the association's wait while it blocks */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct inbound *inbound = arg;
	struct pollfd one = {.fd = fd, .events = events};
	int n;

	do
		n = worker_wait(&inbound->worker, &one, 1, deadline);
	while (n == ERR_CANCELLED);
	return n < 0 ? n : 0;
}

/* to_qmgr - connect, and take the settings that it gives */
static int
to_qmgr(struct inbound *inbound, struct diag *diag)
{
	uint64_t deadline = clock_after(QMGR_TIMEOUT);
	struct ipc_record record;
	int error = worker_qmgr(
	    &inbound->worker, &inbound->qmgr, IPC_ROLE_X400IN, deadline);

	if (error != 0)
		return diag_set(diag, error, "no connection to qmgr");
	error = worker_receive(
	    &inbound->worker, &inbound->qmgr, &record, deadline, diag);
	if (error == 0 && record.type != IPC_SETTINGS)
		error = diag_set(diag, ERR_PROTOCOL, "%s where settings belong",
		    ipc_type_name(record.type));
	return error;
}

/* tell_state - what became of the association, for qmgr's link */
static void
tell_state(struct inbound *inbound, enum ipc_link_state state)
{
	const struct association_failure *failure =
	    &inbound->association.failure;
	const bool bound = state == IPC_LINK_BOUND;

	(void)!ipc_channel_send(&inbound->qmgr,
	    &(struct ipc_record){.type = IPC_LINK_EVENT,
		.link_event = {.state = state,
		    .link = slice_of_string(inbound->link->name),
		    .stage = slice_of_string(
			bound ? "" : association_layer_name(failure->layer)),
		    .reason = slice_of_string(bound ? "" : failure->text),
		    .address = slice_of_string(inbound->address),
		    .transient = true,
		    .session = inbound->session}});
}

/* keep_alive - have TCP notice a peer whose machine is gone */
static void
keep_alive(int fd)
{
	const int on = 1, idle = KEEP_IDLE, interval = KEEP_INTERVAL,
		  count = KEEP_COUNT;

	/* Without it a lost peer is only noticed later. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* reconnect - a new qmgr: tell it of us, submit again what was unanswered */
static void
reconnect(struct inbound *inbound)
{
	struct diag diag = {0};

	ipc_channel_fini(&inbound->qmgr);
	if (to_qmgr(inbound, &diag) != 0) {
		receive_abort(
		    inbound, ASSOCIATION_ABORT_TEMPORARY, diag_text(&diag));
		return;
	}
	tell_state(inbound, IPC_LINK_BOUND);
	if (submit_again(inbound) != 0)
		receive_abort(inbound, ASSOCIATION_ABORT_TEMPORARY,
		    "the queue manager ended within a large transfer");
}

/* wait_both - until the peer or qmgr has something for us */
static void
wait_both(struct inbound *inbound)
{
	short events = association_poll_events(&inbound->association);
	struct pollfd fds[2] = {{.fd = inbound->fd, .events = events},
	    {.fd = inbound->qmgr.fd, .events = POLLIN}};
	uint64_t deadline = CLOCK_NEVER;
	int n;

	if (!submit_room(inbound)) {
		fds[0].events &= (short)~POLLIN;
		if (fds[0].events == 0)
			fds[0].fd = -1;
	} else if (inbound->transfer.active && !inbound->transfer.ended) {
		deadline = clock_after(600000);
	}
	if (ipc_channel_pending(&inbound->qmgr) > 0)
		fds[1].events |= POLLOUT;
	n = worker_wait(&inbound->worker, fds, 2, deadline);
	if (n == ERR_TIMEOUT)
		receive_abort(inbound, ASSOCIATION_ABORT_LOCAL,
		    "nothing came within a transfer for ten minutes");
}

/* serve - a bound association, until it ends */
static void
serve(struct inbound *inbound)
{
	tell_state(inbound, IPC_LINK_BOUND);
	while (!inbound->over) {
		receive_events(inbound);
		if (submit_pump(inbound) != 0 && !inbound->over)
			reconnect(inbound);
		if (inbound->worker.stopping && !inbound->over &&
		    !inbound->transfer.active)
			receive_abort(
			    inbound, ASSOCIATION_ABORT_TEMPORARY, "stopped");
		if (!inbound->over)
			wait_both(inbound);
	}
	tell_state(inbound,
	    inbound->association.failure.end == ASSOCIATION_RELEASED
		? IPC_LINK_RELEASED
		: IPC_LINK_LOST);
}

/* one_connection - a connection that was accepted; true: it was bound */
static bool
one_connection(struct inbound *inbound)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof(peer);
	bool bound;

	if (getpeername(inbound->fd, (struct sockaddr *)&peer, &length) == 0)
		connect_format(
		    (struct sockaddr *)&peer, length, inbound->address);
	keep_alive(inbound->fd);
	if (association_init(&inbound->association, inbound->io) != 0)
		fatal(EXIT_FAILURE, "out of memory");
	bound = greet(inbound) == 0;
	if (bound)
		serve(inbound);
	association_fini(&inbound->association);
	close(inbound->fd);
	inbound->fd = -1;
	return bound;
}

/* farewell - write what is pending for qmgr */
static void
farewell(struct inbound *inbound)
{
	uint64_t deadline = clock_after(FAREWELL);

	while (ipc_channel_flush(&inbound->qmgr) == 0 &&
	    ipc_channel_pending(&inbound->qmgr) > 0) {
		struct pollfd fd = {.fd = inbound->qmgr.fd, .events = POLLOUT};
		int n = worker_wait(&inbound->worker, &fd, 1, deadline);

		if (n < 0 && n != ERR_CANCELLED)
			return;
	}
}

/* qmgr_there - between connections: whether qmgr is still the one we know */
static bool
qmgr_there(struct inbound *inbound)
{
	return submit_pump(inbound) == 0;
}

/* inbound_run - the whole life */
void
inbound_run(struct inbound *inbound)
{
	struct diag diag = {0};

	inbound->fd = -1;
	inbound->io = (struct association_io){wait_network, inbound};
	if (submit_init(inbound) != 0)
		fatal(EXIT_FAILURE, "out of memory");
	if (to_qmgr(inbound, &diag) != 0) {
		LOG_EVENT(
		    EVENT_UNEXPECTED, LOG_STRING("reason", diag_text(&diag)));
		worker_exit(&inbound->worker, EXIT_SUCCESS);
	}
	worker_confine(&inbound->worker, NULL, SANDBOX_NETWORK);
	while (!inbound->worker.stopping) {
		bool bound;

		worker_idle(&inbound->worker);
		inbound->fd = worker_accept(&inbound->worker, ACCEPT_IDLE);
		if (inbound->fd < 0)
			break;
		worker_busy(&inbound->worker);
		if (!qmgr_there(inbound)) {
			ipc_channel_fini(&inbound->qmgr);
			if (to_qmgr(inbound, &diag) != 0)
				break;
		}
		bound = one_connection(inbound);
		farewell(inbound);
		if (bound)
			break;
	}
	submit_fini(inbound);
	conf_free(inbound->conf);
	ipc_channel_fini(&inbound->qmgr);
	worker_exit(&inbound->worker, EXIT_SUCCESS);
}
