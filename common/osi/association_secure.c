/* SPDX-License-Identifier: ISC */
/*
 * association_secure.c - the TLS handshake, before the first TPKT
 *
 * It waits as every layer does, and its time is part of the establishment's.  A
 * peer that we called and that is not who it should be is refused within the
 * handshake; whoever is called learns by the bind who calls, and judges then.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "osi/association_internal.h"

#define PARTING_WAIT 1000 /* ms for a peer that was refused to close */

/*
 * hear_out - read until the peer closes, for a second at most
 *
 * Closing with octets unread would reset the connection, and with it the alert
 * by which the peer learns why it was refused.
 */
static void
hear_out(struct association *a)
{
	struct association_internal *in = a->internal;
	uint64_t deadline = clock_after(PARTING_WAIT);
	uint8_t sink[4096];
	ssize_t got;

	if (shutdown(in->net.fd, SHUT_WR) != 0)
		return;
	for (;;) {
		got = recv(in->net.fd, sink, sizeof(sink), 0);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return;
		if (deadline <= clock_monotonic())
			return;
		if (got < 0 &&
		    in->net.io.wait(
			in->net.io.arg, in->net.fd, POLLIN, deadline) < 0)
			return;
	}
}

/* shake_hands - go on with the handshake until it is done */
static int
shake_hands(struct association *a)
{
	struct association_internal *in = a->internal;
	int error;

	while ((error = tls_stream_handshake(in->net.tls)) == ERR_AGAIN) {
		short events = POLLIN;

		if (tls_stream_unwritten(in->net.tls))
			events |= POLLOUT;
		error = association_wait(a, events, in->opening.deadline);
		if (error < 0)
			return association_failed(a, error);
	}
	if (error == 0)
		return 0;
	if (error == ERR_IO)
		return association_lost(a);
	/* The peer is to read our alert before the connection goes. */
	if (error == ERR_DENIED || error == ERR_PROTOCOL)
		hear_out(a);
	return association_tls_lost(a);
}

/* association_secure - do the handshake, where TLS is spoken */
int
association_secure(struct association *a)
{
	struct association_internal *in = a->internal;
	const struct association_parameters *p = &in->parameters;
	int error;

	if (p->tls == NULL)
		return 0;
	association_awaits(a, ASSOCIATION_LAYER_TLS, "the TLS handshake");
	error = tls_stream_new(
	    p->tls, p->tls_expectation, in->net.fd, &in->net.tls);
	if (error < 0)
		return association_failed(a, error);
	if ((error = shake_hands(a)) < 0)
		return error;
	in->net.tls_done = true;
	association_step(a, ASSOCIATION_LAYER_TLS);
	return 0;
}
