/* SPDX-License-Identifier: ISC */
/*
 * association_fuzz.c - a peer that says anything, to either side
 *
 * The first octet chooses the role, the second how many octets arrive at a
 * time and what the receiver does; the rest is what the peer says.  When it
 * has said all, the connection ends.  Whatever it says, the association must
 * come to an end, with a reason unless it was released.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osi/association.h"

#define LITERAL(text) slice_of((text), sizeof(text) - 1)
#define OCTETS_MAX    65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct peer {
	struct slice rest;
	size_t step;
	bool closed;
	int fd[2];
	unsigned waits;
};

/* peer_wait - hear what was written, say the next octets */
static int
peer_wait(void *arg, int fd, short events, uint64_t deadline)
{
	struct peer *peer = arg;
	uint8_t sink[4096];
	size_t len = peer->rest.len;

	(void)fd;
	(void)deadline;
	/* More often than there are octets it cannot have to wait. */
	if (peer->waits++ > OCTETS_MAX)
		abort();
	while (recv(peer->fd[1], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	if (!(events & POLLIN))
		return 0;
	if (len > peer->step)
		len = peer->step;
	if (len > 0) {
		ssize_t put =
		    send(peer->fd[1], peer->rest.data, len, MSG_NOSIGNAL);

		if (put > 0)
			peer->rest = slice_of(peer->rest.data + put,
			    peer->rest.len - (size_t)put);
		return 0;
	}
	if (peer->closed)
		return ERR_TIMEOUT;
	peer->closed = true;
	shutdown(peer->fd[1], SHUT_WR);
	return 0;
}

/* respond - the responder's life */
static void
respond(struct association *a, struct peer *peer,
    const struct association_parameters *parameters, uint8_t mood)
{
	struct association_indication indication;
	struct association_event event;
	int error;

	if (association_listen(a, peer->fd[0], parameters, &indication) < 0)
		return;
	if (association_accept(a, LITERAL("\x05\x00"), mood & 1, 3) < 0)
		return;
	for (;;) {
		error = association_receive(a, &event, clock_after(1000));
		if (error < 0 || a->phase == ASSOCIATION_OVER)
			return;
		if (event.kind == ASSOCIATION_EVENT_CHECKPOINT && mood & 2)
			error = association_confirm_checkpoint(a, event.serial);
		else if (event.kind == ASSOCIATION_EVENT_TRANSFER_END)
			error = association_confirm_transfer(a);
		else if (event.kind == ASSOCIATION_EVENT_RELEASE)
			error = association_confirm_release(a);
		else if (event.kind == ASSOCIATION_EVENT_DATA && mood & 4)
			error =
			    association_except(a, ASSOCIATION_EXCEPTION_LOCAL);
		if (error < 0 && a->phase != ASSOCIATION_OVER)
			abort();
	}
}

/* initiate - the initiator's life */
static void
initiate(struct association *a, struct peer *peer,
    const struct association_parameters *parameters)
{
	static const uint8_t octets[5000];
	struct slice result;
	int error;

	error = association_open(
	    a, peer->fd[0], parameters, LITERAL("\x05\x00"), &result);
	for (int i = 0; error == 0 && i < 3; i++) {
		error = association_send_start(a, sizeof(octets), CLOCK_NEVER);
		if (error == 0)
			error = association_send_data(
			    a, slice_of(octets, sizeof(octets)));
		if (error == 0)
			error = association_send_end(a);
		if (error == 0)
			error = association_send_finish(a);
		if (error == ERR_REFUSED)
			error = association_send_discard(a);
	}
	if (error == 0)
		error = association_release(a);
}

/* LLVMFuzzerTestOneInput - one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer peer = {.closed = false};
	const struct association_io io = {peer_wait, &peer};
	const struct association_parameters parameters = {
	    .checkpoint_size = 1,
	    .window = 2,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .tsdu_max = size > 1 && data[1] & 8 ? 500 : 0,
	    .open_timeout = 1000,
	    .disconnect_timeout = 1000,
	    .transfer_timeout = 1000,
	};
	struct association association;

	if (size < 2 || size > OCTETS_MAX / 2 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, peer.fd) < 0)
		return 0;
	peer.rest = slice_of(data + 2, size - 2);
	peer.step = data[1] >> 4 == 0 ? size : data[1] >> 4;
	if (association_init(&association, io) < 0)
		abort();
	if (data[0] & 1)
		initiate(&association, &peer, &parameters);
	else
		respond(&association, &peer, &parameters, data[1]);
	if (association.phase != ASSOCIATION_OVER)
		association_abort(&association, ASSOCIATION_ABORT_LOCAL);
	if (association.phase != ASSOCIATION_OVER ||
	    association.failure.end == ASSOCIATION_NOT_ENDED ||
	    (association.failure.end != ASSOCIATION_RELEASED &&
		association.failure.text[0] == '\0'))
		abort();
	association_fini(&association);
	close(peer.fd[0]);
	close(peer.fd[1]);
	return 0;
}
