/* SPDX-License-Identifier: ISC */
/*
 * wait.c - the one wait function of a worker that has work, and its ticks; an
 * idle one waits in accept.c
 *
 * A worker that passes through here makes progress.  SIGTERM comes as a
 * readable descriptor; the end of the status socket means that master is gone.
 * Both have the same effect: the worker finishes what is under way and exits.
 */
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/status.h"
#include "worker/worker.h"

#define WAIT_MAX 24

/* worker_status - send master a letter, which is lost if it does not read */
void
worker_status(struct worker *worker, char letter)
{
	ssize_t n;

	worker->next_tick = clock_after(WORKER_TICK_MS);
	if (worker->status_fd < 0)
		return;
	do
		/* A tick that does not fit is no loss: master has enough unread
		 * letters then to know that the worker lives. */
		n = send(
		    worker->status_fd, &letter, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
}

/* worker_tick - tell master that we are alive, if a second has passed */
void
worker_tick(struct worker *worker)
{
	uint64_t now = clock_monotonic();

	if (now < worker->next_tick)
		return;
	worker_status(worker, WORKER_STATUS_TICK);
	log_tick(now);
}

/* master_gone - forget the status socket and stop */
static void
master_gone(struct worker *worker)
{
	unsigned i;

	LOG_EVENT(EVENT_MASTER_GONE, LOG_STRING("worker", worker->name));
	(void)close(worker->status_fd);
	worker->status_fd = -1;
	worker->stopping = true;
	/* The next master binds the same ports, so ours must be closed.  qmgr's
	 * sockets are local and replaced by name, and its loop watches them. */
	if (strcmp(worker->name, "qmgr") == 0)
		return;
	for (i = 0; i < worker->listen_count; i++)
		(void)close((int)(WORKER_LISTEN_FD + i));
	worker->listen_count = 0;
}

/* worker_control - read the two descriptors: a signal, the end of master */
void
worker_control(struct worker *worker)
{
	struct signalfd_siginfo info;
	char octets[64];
	ssize_t n;

	if (worker->signal_fd >= 0 &&
	    read(worker->signal_fd, &info, sizeof(info)) ==
		(ssize_t)sizeof(info))
		worker->stopping = true;
	if (worker->status_fd < 0)
		return;
	/* No octet ever comes from master; the read is for the end of file
	 * alone. */
	do
		n = recv(
		    worker->status_fd, octets, sizeof(octets), MSG_DONTWAIT);
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
		master_gone(worker);
}

/* wait_once - poll until something is ready, or the deadline, or a tick */
static int
wait_once(
    struct worker *worker, struct pollfd *fds, size_t count, uint64_t deadline)
{
	struct pollfd all[WAIT_MAX + 2];
	bool was_stopping = worker->stopping;
	int ready;

	if (count != 0)
		memcpy(all, fds, count * sizeof(*fds));
	all[count] = (struct pollfd){.fd = worker->signal_fd, .events = POLLIN};
	all[count + 1] =
	    (struct pollfd){.fd = worker->status_fd, .events = POLLIN};
	/* The wait is cut at the next tick, and worker_wait() goes on: an idle
	 * worker must not look stuck. */
	if (deadline > worker->next_tick)
		deadline = worker->next_tick;
	ready = poll(all, count + 2, clock_remaining(deadline));
	if (ready < 0 && errno != EINTR)
		fatal(WORKER_EXIT_FATAL, "poll: %s", strerror(errno));
	if (ready <= 0)
		return 0;
	if (all[count].revents != 0 || all[count + 1].revents != 0) {
		worker_control(worker);
		/* Only the first notice of a stop cuts a wait short:
		 * afterwards waits work again, so that the work under way
		 * can be finished. */
		if (worker->stopping && !was_stopping)
			return ERR_CANCELLED;
		ready -= all[count].revents != 0;
		ready -= all[count + 1].revents != 0;
	}
	if (count != 0)
		memcpy(fds, all, count * sizeof(*fds));
	return ready;
}

/* worker_wait - wait for descriptors, and tick meanwhile */
int
worker_wait(
    struct worker *worker, struct pollfd *fds, size_t count, uint64_t deadline)
{
	size_t i;
	int ready;

	if (count > WAIT_MAX)
		panic("worker_wait: %zu descriptors", count);
	for (i = 0; i < count; i++)
		fds[i].revents = 0;
	for (;;) {
		worker_tick(worker);
		ready = wait_once(worker, fds, count, deadline);
		if (ready != 0)
			return ready;
		if (clock_monotonic() >= deadline)
			return ERR_TIMEOUT;
	}
}
