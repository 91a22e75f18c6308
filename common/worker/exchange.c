/* SPDX-License-Identifier: ISC */
/*
 * exchange.c - a worker's connections: qmgr, records, what it listens on
 *
 * The blocking face of ipc/channel for programs without an event loop; every
 * wait is worker_wait.
 */
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/slot.h"
#include "worker/status.h"
#include "worker/worker.h"

#define RETRY_FIRST 50	 /* ms between attempts to reach qmgr */
#define RETRY_MAX   1000 /* it doubles up to this */

/* next_record - take a record that is here, or read until there is one */
static int
next_record(
    struct ipc_channel *channel, struct ipc_record *record, struct diag *diag)
{
	int got, error;

	for (;;) {
		got = ipc_channel_take(channel, record, diag);
		if (got != 0)
			return got < 0 ? got : 0;
		error = ipc_channel_fill(channel);
		if (error != 0)
			return error;
	}
}

/* worker_receive - wait for the next record of a channel */
int
worker_receive(struct worker *worker, struct ipc_channel *channel,
    struct ipc_record *record, uint64_t deadline, struct diag *diag)
{
	struct pollfd pfd;
	int error;

	for (;;) {
		error = next_record(channel, record, diag);
		if (error != ERR_AGAIN)
			return error;
		error = ipc_channel_flush(channel);
		/* Records that came before the end are still read. */
		if (error != 0 && error != ERR_CLOSED)
			return error;
		pfd = (struct pollfd){.fd = channel->fd, .events = POLLIN};
		if (ipc_channel_pending(channel) != 0)
			pfd.events |= POLLOUT;
		error = worker_wait(worker, &pfd, 1, deadline);
		if (error < 0)
			return error;
	}
}

/* worker_flush - write all that is pending */
int
worker_flush(
    struct worker *worker, struct ipc_channel *channel, uint64_t deadline)
{
	struct pollfd pfd;
	int error, cancelled = 0;

	for (;;) {
		error = ipc_channel_flush(channel);
		if (error != 0)
			return error;
		if (ipc_channel_pending(channel) == 0)
			return cancelled;
		pfd = (struct pollfd){.fd = channel->fd, .events = POLLOUT};
		error = worker_wait(worker, &pfd, 1, deadline);
		/* The stop is told of only once, and half a record must not
		 * be left: so the rest is written first. */
		if (error == ERR_CANCELLED)
			cancelled = error;
		else if (error < 0)
			return error;
	}
}

/* worker_send - append a record and write it */
int
worker_send(struct worker *worker, struct ipc_channel *channel,
    const struct ipc_record *record, uint64_t deadline)
{
	int error = ipc_channel_send(channel, record);

	/* The buffer holds records that the other side has not read: they go
	 * first, and this one is tried once more. */
	if (error == ERR_LIMIT && ipc_channel_pending(channel) != 0) {
		error = worker_flush(worker, channel, deadline);
		if (error == 0 || error == ERR_CANCELLED)
			error = ipc_channel_send(channel, record);
	}
	if (error == 0)
		error = worker_flush(worker, channel, deadline);
	/* The record was written all the same, and the caller learns of the
	 * stop from worker->stopping. */
	return error == ERR_CANCELLED ? 0 : error;
}

/* exchange_hellos - say hello and check the other side's */
static int
exchange_hellos(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline, struct diag *diag)
{
	const struct ipc_hello hello = {.role = role,
	    .name = slice_of_string(worker->service),
	    .instance = worker->instance,
	    .ticket = slice_of(worker->ticket, worker->ticket_len)};
	struct ipc_record record;
	int error;

	error = ipc_channel_introduce(channel, &hello);
	if (error == 0)
		error =
		    worker_receive(worker, channel, &record, deadline, diag);
	if (error == 0)
		error = ipc_hello_check(&record, diag);
	return error;
}

/* worker_sleep - wait for the time to pass */
int
worker_sleep(struct worker *worker, uint64_t milliseconds)
{
	int error;

	error = worker_wait(worker, NULL, 0, clock_after(milliseconds));
	return error == ERR_TIMEOUT ? 0 : error;
}

/* worker_qmgr - connect to qmgr's socket and exchange hellos */
int
worker_qmgr(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline)
{
	char path[sizeof(worker->run_directory) + sizeof("/qmgr")];
	struct diag diag = {0};
	uint64_t delay = RETRY_FIRST;
	int error;

	(void)snprintf(path, sizeof(path), "%s/qmgr", worker->run_directory);
	for (;;) {
		error = ipc_channel_connect(channel, path);
		if (error == 0) {
			error = exchange_hellos(
			    worker, channel, role, deadline, &diag);
			if (error == 0)
				return 0;
			ipc_channel_fini(channel);
		}
		/* Only an absent or busy qmgr is worth waiting for, since
		 * master starts it again; a refusal or another version stays
		 * what it is. */
		if (error != ERR_CLOSED && error != ERR_AGAIN)
			break;
		if (clock_monotonic() >= deadline)
			return ERR_TIMEOUT;
		error = worker_sleep(worker, delay);
		if (error != 0)
			return error;
		delay = delay * 2 < RETRY_MAX ? delay * 2 : RETRY_MAX;
	}
	if (error != ERR_CANCELLED && error != ERR_TIMEOUT)
		LOG_EVENT(EVENT_UNEXPECTED, LOG_STRING("socket", path),
		    LOG_STRING("reason",
			diag.code != 0 ? diag_text(&diag)
				       : error_strerror(error)));
	return error;
}

/* worker_greet - answer the hello of whoever connected to us */
int
worker_greet(struct worker *worker, struct ipc_channel *channel,
    enum ipc_role role, uint64_t deadline, struct diag *diag)
{
	return exchange_hellos(worker, channel, role, deadline, diag);
}

/* worker_caller - note who called, where master sees it */
void
worker_caller(struct worker *worker, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *four = (const struct sockaddr_in *)from;
	/* An address of IPv4 is written as ::ffff:a.b.c.d, so that the same
	 * caller is one to master whichever socket took it. */
	uint8_t octets[WORKER_SLOT_PEER] = {[10] = 0xff, [11] = 0xff};

	if (worker->slot == NULL)
		return;
	if (from->ss_family == AF_INET)
		memcpy(octets + 12, &four->sin_addr, 4);
	else if (from->ss_family == AF_INET6)
		memcpy(octets, &six->sin6_addr, sizeof(octets));
	else
		memset(octets, 0, sizeof(octets));
	worker_slot_set_peer(worker->slot, octets);
}

/* try_accept - accept one of the connections that wait, or ERR_AGAIN */
static int
try_accept(struct worker *worker, const struct pollfd *fds)
{
	struct sockaddr_storage from = {0};
	socklen_t length = sizeof(from);
	unsigned i;
	int fd;

	for (i = 0; i < worker->listen_count; i++) {
		if (fds[i].revents == 0)
			continue;
		fd = accept4(fds[i].fd, (struct sockaddr *)&from, &length,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			worker->accepted_tls = worker->listen_tls >> i & 1;
			worker->accepted_proxy = worker->listen_proxy >> i & 1;
			/* All that a balancer passes on would be one caller to
			 * master, with the room of one. */
			if (worker->accepted_proxy)
				from.ss_family = AF_UNSPEC;
			worker_caller(worker, &from);
			return fd;
		}
		/* Another worker was faster, or the peer went away again. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			return ERR_IO;
	}
	return ERR_AGAIN;
}

/* worker_accept - wait for a connection on one of our listening sockets */
int
worker_accept(struct worker *worker, uint64_t idle_ms)
{
	struct pollfd fds[WORKER_LISTEN_MAX];
	uint64_t deadline = clock_after(idle_ms);
	unsigned i;
	int got;

	/* A stop that came before is told of by no further wait. */
	if (worker->stopping)
		return ERR_CANCELLED;
	worker_idle(worker);
	for (i = 0; i < worker->listen_count; i++)
		fds[i] = (struct pollfd){
		    .fd = (int)(WORKER_LISTEN_FD + i), .events = POLLIN};
	for (;;) {
		got = worker_wait(worker, fds, worker->listen_count, deadline);
		if (got < 0)
			break;
		got = try_accept(worker, fds);
		if (got != ERR_AGAIN)
			break;
	}
	/* Even a wait that failed ends as busy: master must not count on a
	 * worker that is about to leave. */
	worker_busy(worker);
	return got;
}
