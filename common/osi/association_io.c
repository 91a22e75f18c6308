/* SPDX-License-Identifier: ISC */
/*
 * association_io.c - the descriptor: read all there is, write what is ready,
 * both through TLS where that is spoken
 *
 * EINTR is dealt with here; partial reads and writes are the rule.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "osi/association_internal.h"

#define READ_AT_LEAST ((size_t)16 * 1024)

/* association_poll - wait with poll(2) */
int
association_poll(void *arg, int fd, short events, uint64_t deadline)
{
	struct pollfd pollfd = {.fd = fd, .events = events};
	int ready;

	(void)arg;
	do {
		ready = poll(&pollfd, 1, clock_remaining(deadline));
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return ERR_IO;
	return ready == 0 ? ERR_TIMEOUT : 0;
}

/* association_wait - wait for the descriptor, by the caller's function */
int
association_wait(struct association *a, short events, uint64_t deadline)
{
	struct association_internal *in = a->internal;

	if (events & POLLIN) {
		in->net.drained = false;
		/* Octets that TLS holds show in no poll. */
		if (association_tls_buffered(a))
			return 0;
	}
	return in->net.io.wait(in->net.io.arg, in->net.fd, events, deadline);
}

/* association_lost - end by an error of the system, or of TLS */
int
association_lost(struct association *a)
{
	int error = errno;

	if (error == EPROTO && a->internal->net.tls != NULL)
		return association_tls_lost(a);
	return association_over(a,
	    ASSOCIATION_ENDING(
		error == ECONNRESET || error == EPIPE || error == ETIMEDOUT
		    ? ERR_CLOSED
		    : ERR_IO,
		ASSOCIATION_LOST, ASSOCIATION_LAYER_NETWORK, error),
	    "network: %s", strerror(error));
}

/* get - read octets as recv(2) does, through TLS where that is spoken */
static ssize_t
get(struct association *a, uint8_t *at, size_t room)
{
	struct association_internal *in = a->internal;

	return in->net.tls != NULL ? association_tls_read(a, at, room)
				   : recv(in->net.fd, at, room, 0);
}

/* put - write what may be written as send(2) does, through TLS where that is
 * spoken */
static ssize_t
put(struct association *a)
{
	struct association_internal *in = a->internal;
	struct slice ready = buffer_slice(&in->net.output);

	ready.len -= in->net.held;
	return in->net.tls != NULL
	    ? association_tls_write(a, ready)
	    : send(in->net.fd, ready.data, ready.len, MSG_NOSIGNAL);
}

/*
 * acknowledge - have the kernel acknowledge at once what was read
 *
 * A peer that leaves Nagle's algorithm on sends its next small segment only
 * after the last one is acknowledged, and the kernel delays that by 40 ms where
 * we have nothing to send back: a transfer of a few pieces would take as long
 * as hundreds.  The kernel forgets the option by itself, so it is set after
 * each read that has taken everything.
 */
static void
acknowledge(const struct association *a)
{
	const int on = 1;

	/* A socketpair has nothing to acknowledge. */
	(void)setsockopt(
	    a->internal->net.fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

/*
 * association_fill - read once; how many octets, 0 if there are none now
 *
 * A read that filled less than the room there was has taken everything: the
 * next one can wait for poll.
 */
int
association_fill(struct association *a)
{
	struct association_internal *in = a->internal;
	size_t room, held = buffer_length(&in->net.input);
	uint8_t *at;
	ssize_t got;
	int error;

	room = ASSOCIATION_INPUT_MAX - held;
	/* Grow as the traffic does: most associations carry small things. */
	if (in->net.input.capacity > held &&
	    in->net.input.capacity - held >= READ_AT_LEAST / 4)
		room = in->net.input.capacity - held;
	else if (room > READ_AT_LEAST && held < READ_AT_LEAST)
		room = READ_AT_LEAST;
	/* The memory may be larger than what may be in it. */
	if (room > ASSOCIATION_INPUT_MAX - held)
		room = ASSOCIATION_INPUT_MAX - held;
	if (room == 0)
		return 0;
	if ((error = buffer_reserve(&in->net.input, room, &at)) < 0)
		return error;
	do {
		got = get(a, at, room);
	} while (got < 0 && errno == EINTR);
	/* Nothing more now: the next read waits for poll instead of trying. */
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		in->net.drained = true;
		return 0;
	}
	if (got < 0)
		return association_lost(a);
	if (got == 0) {
		in->net.eof = true;
		return association_over(a,
		    ASSOCIATION_ENDING(ERR_CLOSED, ASSOCIATION_LOST,
			ASSOCIATION_LAYER_NETWORK, -1),
		    "network: the peer closed the connection");
	}
	buffer_commit(&in->net.input, (size_t)got);
	a->octets_in += (size_t)got;
	/* A read from TLS ends with a record, and says itself when it has no
	 * more. */
	in->net.drained = in->net.tls == NULL && (size_t)got < room;
	if ((size_t)got < room)
		acknowledge(a);
	return (int)got;
}

/* association_unwritten - tell whether output waits that may be written */
bool
association_unwritten(const struct association *a)
{
	const struct association_net *net = &a->internal->net;

	return buffer_length(&net->output) > net->held ||
	    (net->tls != NULL && tls_stream_unwritten(net->tls));
}

/* association_write - write what the network takes: 0 all, 1 not all, or
 * error */
int
association_write(struct association *a)
{
	struct association_internal *in = a->internal;

	while (association_unwritten(a)) {
		ssize_t len = put(a);

		if (len < 0 && errno == EINTR)
			continue;
		/* Not all was taken; the rest goes when poll says that there is
		 * room. */
		if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 1;
		if (len < 0)
			return association_lost(a);
		buffer_consume(&in->net.output, (size_t)len);
		a->octets_out += (size_t)len;
	}
	return 0;
}

/*
 * association_drain - write what is left, then read until the peer closes
 *
 * For after a DN, RF or AB: closing with octets unread would reset the
 * connection, and with it what the peer has not read yet.  No result: what
 * comes of it changes nothing.
 */
void
association_drain(struct association *a, uint64_t deadline)
{
	struct association_internal *in = a->internal;
	uint8_t sink[4096];
	ssize_t got;

	if (in->net.eof)
		return;
	for (;;) {
		ssize_t len = 0;
		short events = POLLIN;

		if (association_unwritten(a))
			len = put(a);
		if (len > 0) {
			buffer_consume(&in->net.output, (size_t)len);
			a->octets_out += (size_t)len;
			continue;
		}
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			return;
		if (association_unwritten(a))
			events |= POLLOUT;
		got = get(a, sink, sizeof(sink));
		if (got > 0)
			a->octets_in += (size_t)got;
		if (got > 0 || (got < 0 && errno == EINTR))
			continue;
		/* The end of the stream, or an error: either way nothing more
		 * will come. */
		if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
			return;
		if (deadline <= clock_monotonic() ||
		    association_wait(a, events, deadline) < 0)
			return;
	}
}
