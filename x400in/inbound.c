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
#include "worker/status.h"

#define ACCEPT_IDLE  100000 /* ms that an idle worker stays */
#define QMGR_TIMEOUT 30000  /* ms for qmgr's socket to answer */
#define FAREWELL     5000   /* ms for the last records to be taken */
#define STOP_WAIT    8000   /* ms, when told to stop; master kills later */
#define PEER_SILENCE 600000 /* ms without octets within a transfer */

/* Keepalive: a peer whose machine is gone is noticed within two minutes. */
#define KEEP_IDLE     60 /* s */
#define KEEP_INTERVAL 15 /* s */
#define KEEP_COUNT    4

/* told_to_stop - finish what is under way, if that does not take long */
static void
told_to_stop(struct inbound *inbound)
{
	inbound->worker.stopping = true;
	if (inbound->stop_at == 0)
		inbound->stop_at = clock_after(STOP_WAIT);
}

/* wait_network - the association's wait while it blocks: bind and release */
static int
wait_network(void *arg, int fd, short events, uint64_t deadline)
{
	struct inbound *inbound = arg;
	struct pollfd one = {.fd = fd, .events = events};
	int n;

	for (;;) {
		if (inbound->worker.stopping) {
			told_to_stop(inbound);
			if (inbound->association.phase == ASSOCIATION_OPENING)
				return ERR_CANCELLED;
			if (deadline > inbound->stop_at)
				deadline = inbound->stop_at;
		}
		n = worker_wait(&inbound->worker, &one, 1, deadline);
		if (n != ERR_CANCELLED)
			return n < 0 ? n : 0;
	}
}

/* inbound_qmgr - a connection to qmgr, instead of the one that there was */
int
inbound_qmgr(struct inbound *inbound, struct diag *diag)
{
	uint64_t deadline = clock_after(QMGR_TIMEOUT);
	struct ipc_record record;
	int error;

	ipc_channel_fini(&inbound->qmgr);
	inbound->qmgr_lost = true;
	error = worker_qmgr(
	    &inbound->worker, &inbound->qmgr, IPC_ROLE_X400IN, deadline);
	if (error != 0)
		return diag_set(diag, error, "no connection to qmgr: %s",
		    error_strerror(error));
	error = worker_receive(
	    &inbound->worker, &inbound->qmgr, &record, deadline, diag);
	if (error == 0 && record.type != IPC_SETTINGS)
		error = diag_set(diag, ERR_PROTOCOL, "%s where settings belong",
		    ipc_type_name(record.type));
	if (error != 0)
		return diag_set(diag, error, "qmgr: %s", error_strerror(error));
	inbound->qmgr_lost = false;
	return 0;
}

/* tell_state - what became of the association, for qmgr's link */
static void
tell_state(struct inbound *inbound, enum ipc_link_state state)
{
	const struct association_failure *failure =
	    &inbound->association.failure;
	const bool bound = state == IPC_LINK_BOUND;

	if (inbound->qmgr_lost)
		return;
	(void)!ipc_channel_send(&inbound->qmgr,
	    &(struct ipc_record){.type = IPC_LINK_EVENT,
		.link_event = {.state = state,
		    .link = slice_of_string(
			inbound->link != NULL ? inbound->link->name : ""),
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

	if (inbound_qmgr(inbound, &diag) != 0) {
		receive_abort(
		    inbound, ASSOCIATION_ABORT_TEMPORARY, diag_text(&diag));
		return;
	}
	tell_state(inbound, IPC_LINK_BOUND);
	if (submit_again(inbound) != 0)
		receive_abort(inbound, ASSOCIATION_ABORT_TEMPORARY,
		    "the queue manager ended within a transfer");
}

/* patience - until when to wait, of a peer whose turn it is */
static uint64_t
patience(const struct inbound *inbound)
{
	const struct inbound_transfer *t = &inbound->transfer;
	uint64_t deadline = CLOCK_NEVER;

	if (submit_room(inbound) && !(t->active && t->ended) &&
	    inbound->association.phase == ASSOCIATION_TRANSFER)
		deadline = clock_after(PEER_SILENCE);
	if (inbound->stop_at != 0 && inbound->stop_at < deadline)
		deadline = inbound->stop_at;
	return deadline;
}

/* wait_both - until the peer or qmgr has something for us */
static void
wait_both(struct inbound *inbound, bool *peer, bool *qmgr)
{
	struct pollfd fds[2] = {
	    {.fd = inbound->fd,
		.events = association_poll_events(&inbound->association)},
	    {.fd = inbound->qmgr.fd, .events = POLLIN}};
	int n;

	if (!submit_room(inbound))
		fds[0].fd = -1;
	if (ipc_channel_pending(&inbound->qmgr) > 0)
		fds[1].events |= POLLOUT;
	n = worker_wait(&inbound->worker, fds, 2, patience(inbound));
	*peer = n > 0 && fds[0].revents != 0;
	*qmgr = n > 0 && (fds[1].revents & ~POLLOUT) != 0;
	if (n == ERR_TIMEOUT && inbound->stop_at == 0)
		receive_abort(inbound, ASSOCIATION_ABORT_LOCAL,
		    "nothing came within a transfer for ten minutes");
}

/*
 * stop - whether to end it now that we were told to
 *
 * A responder cannot release in monologue: an abort between transfers is all
 * that there is.
 */
static void
stop(struct inbound *inbound)
{
	told_to_stop(inbound);
	if (!inbound->transfer.active || clock_monotonic() >= inbound->stop_at)
		receive_abort(inbound, ASSOCIATION_ABORT_TEMPORARY, "stopped");
}

/* serve - a bound association, until it ends */
static void
serve(struct inbound *inbound)
{
	bool peer = true, qmgr = true;

	worker_bound(&inbound->worker);
	tell_state(inbound, IPC_LINK_BOUND);
	while (!inbound->over) {
		if (peer || inbound->more ||
		    inbound->association.phase == ASSOCIATION_OVER)
			receive_events(inbound);
		if (submit_pump(inbound, qmgr) != 0 && !inbound->over)
			reconnect(inbound);
		if (inbound->worker.stopping && !inbound->over)
			stop(inbound);
		peer = qmgr = false;
		if (inbound->over ||
		    inbound->association.phase == ASSOCIATION_OVER ||
		    (inbound->more && submit_room(inbound)))
			continue;
		wait_both(inbound, &peer, &qmgr);
	}
	tell_state(inbound,
	    inbound->association.failure.end == ASSOCIATION_RELEASED
		? IPC_LINK_RELEASED
		: IPC_LINK_LOST);
}

/* one_connection - a connection that was accepted; true: qmgr let it in */
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
		fatal(WORKER_EXIT_MEMORY, "out of memory");
	bound = greet(inbound) == 0;
	if (bound)
		serve(inbound);
	else if (inbound->session != 0)
		tell_state(inbound, IPC_LINK_LOST);
	association_fini(&inbound->association);
	close(inbound->fd);
	inbound->fd = -1;
	return inbound->session != 0;
}

/* inbound_run - the whole life */
void
inbound_run(struct inbound *inbound)
{
	struct diag diag = {0};
	bool bound;
	int error;

	inbound->fd = -1;
	inbound->io = (struct association_io){wait_network, inbound};
	inbound->qmgr.fd = -1;
	submit_init(inbound);
	error = inbound_qmgr(inbound, &diag);
	if (error == 0)
		worker_confine(&inbound->worker, NULL, SANDBOX_NETWORK);
	while (error == 0 && !inbound->worker.stopping) {
		inbound->fd = worker_accept(&inbound->worker, ACCEPT_IDLE);
		if (inbound->fd < 0)
			break;
		/* Whether qmgr is still the one that we know. */
		if (submit_pump(inbound, true) != 0 &&
		    (error = inbound_qmgr(inbound, &diag)) != 0)
			break;
		bound = one_connection(inbound);
		if (!inbound->qmgr_lost)
			(void)!worker_flush(&inbound->worker, &inbound->qmgr,
			    clock_after(FAREWELL));
		if (bound)
			break;
	}
	if (error != 0 && error != ERR_CANCELLED)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("peer", "qmgr"),
		    LOG_STRING("reason", diag_text(&diag)));
	submit_fini(inbound);
	conf_free(inbound->conf);
	ipc_channel_fini(&inbound->qmgr);
	worker_exit(&inbound->worker, EXIT_SUCCESS);
}
