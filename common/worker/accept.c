/* SPDX-License-Identifier: ISC */
/*
 * accept.c - wait for a connection on the sockets that master holds
 *
 * All idle workers of a service wait on the same sockets.  poll would wake all
 * of them for each connection, which costs more than many a connection does;
 * with EPOLLEXCLUSIVE the kernel wakes one.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/slot.h"
#include "worker/status.h"
#include "worker/worker.h"

#define EVENTS_MAX (WORKER_LISTEN_MAX + 2)

/* The subject of an event: the number of a listening socket, or this. */
#define CONTROL UINT32_MAX

/* watch - have a descriptor wake us; -1: it is not there */
static int
watch(const struct worker *worker, int fd, uint32_t events, uint32_t number)
{
	struct epoll_event event = {.events = events, .data.u32 = number};

	return fd < 0 ? 0
		      : epoll_ctl(worker->accept_fd, EPOLL_CTL_ADD, fd, &event);
}

/* begin_waiting - make what we wait on */
static void
begin_waiting(struct worker *worker)
{
	int error;

	if (worker->accept_fd >= 0)
		return;
	worker->accept_fd = epoll_create1(EPOLL_CLOEXEC);
	if (worker->accept_fd < 0)
		fatal(WORKER_EXIT_FATAL, "epoll: %s", strerror(errno));
	error = watch(worker, worker->signal_fd, EPOLLIN, CONTROL);
	if (error == 0)
		error = watch(worker, worker->status_fd, EPOLLIN, CONTROL);
	for (unsigned i = 0; error == 0 && i < worker->listen_count; i++)
		error = watch(worker, (int)(WORKER_LISTEN_FD + i),
		    EPOLLIN | EPOLLEXCLUSIVE, i);
	if (error != 0)
		fatal(WORKER_EXIT_FATAL, "epoll: %s", strerror(errno));
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

/* take_connection - accept a connection that waits on a listening socket, or
 * ERR_AGAIN */
static int
take_connection(struct worker *worker, unsigned number)
{
	struct sockaddr_storage from = {0};
	socklen_t length = sizeof(from);
	int fd = accept4((int)(WORKER_LISTEN_FD + number),
	    (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

	/* Another worker was faster, or the peer went away again. */
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM
		    ? ERR_IO
		    : ERR_AGAIN;
	worker->accepted_tls = worker->listen_tls >> number & 1;
	worker->accepted_proxy = worker->listen_proxy >> number & 1;
	/* All that a balancer passes on would be one caller to master, with the
	 * room of one. */
	if (worker->accepted_proxy)
		from.ss_family = AF_UNSPEC;
	worker_caller(worker, &from);
	return fd;
}

/* take_any - accept a connection that waits on any of the sockets, or
 * ERR_AGAIN */
static int
take_any(struct worker *worker)
{
	int got = ERR_AGAIN;

	for (unsigned i = 0; got == ERR_AGAIN && i < worker->listen_count; i++)
		got = take_connection(worker, i);
	return got;
}

/* take_events - do what woke us: a connection, or ERR_AGAIN, ERR_CANCELLED */
static int
take_events(struct worker *worker, const struct epoll_event *events, int count)
{
	int got = ERR_AGAIN;

	for (int i = 0; i < count; i++)
		if (events[i].data.u32 == CONTROL)
			worker_control(worker);
	if (worker->stopping)
		return ERR_CANCELLED;
	for (int i = 0; got == ERR_AGAIN && i < count; i++)
		if (events[i].data.u32 != CONTROL)
			got = take_connection(worker, events[i].data.u32);
	return got;
}

/* wait_for_caller - wait for a connection, and tick meanwhile */
static int
wait_for_caller(struct worker *worker, uint64_t deadline)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t until;
	int count, got;

	do {
		worker_tick(worker);
		until =
		    deadline < worker->next_tick ? deadline : worker->next_tick;
		count = epoll_wait(worker->accept_fd, events, EVENTS_MAX,
		    clock_remaining(until));
		if (count < 0 && errno != EINTR)
			fatal(WORKER_EXIT_FATAL, "epoll: %s", strerror(errno));
		/* A worker that was woken for a connection may have ended
		 * before it took that. */
		got = count <= 0 ? take_any(worker)
				 : take_events(worker, events, count);
		if (got != ERR_AGAIN)
			return got;
	} while (clock_monotonic() < deadline);
	return ERR_TIMEOUT;
}

/* worker_accept - wait for a connection on one of our listening sockets */
int
worker_accept(struct worker *worker, uint64_t idle_ms)
{
	int got;

	/* A stop that came before is told of by no further wait. */
	if (worker->stopping)
		return ERR_CANCELLED;
	begin_waiting(worker);
	worker_idle(worker);
	got = wait_for_caller(worker, clock_after(idle_ms));
	/* Even a wait that failed ends as busy: master must not count on a
	 * worker that is about to leave. */
	worker_busy(worker);
	return got;
}
