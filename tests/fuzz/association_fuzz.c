/* SPDX-License-Identifier: ISC */
/*
 * association_fuzz.c - a peer that says anything, to either side
 *
 * The first octet chooses the role, the dialogue, the mode of an initiator and
 * what is done about a resumption, the second how many octets arrive at a time
 * and what the receiver does; the rest is what the peer says.  When it
 * has said all, the connection ends.  Whatever it says, the association must
 * come to an end, with a reason unless it was released.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "osi/association.h"
#include "osi/association_recovery.h"
#include "osi/association_turn.h"

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

/* peer_wait - take what was written, and send the next octets */
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

/* resume - answer an AR as the mood is, from a state of this association */
static int
resume(struct association *a, const struct association_receive_state *state,
    uint8_t mood)
{
	int error;

	if (mood & 64)
		return association_resume_completed(a);
	error = association_resume_accept(a, state->len > 0 ? state : NULL);
	if (error == ERR_CORRUPT && !(mood & 128))
		abort(); /* it is our own */
	if (error == ERR_NOTFOUND || error == ERR_CORRUPT)
		error = association_resume_unknown(a);
	return error;
}

/* respond_to - do what a receiver does with an event */
static int
respond_to(struct association *a, const struct association_event *event,
    struct association_receive_state *state, uint8_t mood)
{
	uint32_t serial;
	uint64_t offset;

	switch (event->kind) {
	case ASSOCIATION_EVENT_CHECKPOINT:
		if (association_receive_state(a, state) < 0 ||
		    association_receive_state_get(state, &serial, &offset) <
			0 ||
		    serial != event->serial)
			abort();
		/* A store that is not to be relied on. */
		if (mood & 128)
			state->octets[serial % state->len] ^= (uint8_t)serial;
		return mood & 2
		    ? association_confirm_checkpoint(a, event->serial)
		    : 0;
	case ASSOCIATION_EVENT_TRANSFER_END:
		return mood & 16 ? 0 : association_confirm_transfer(a);
	case ASSOCIATION_EVENT_RELEASE:
		return association_confirm_release(a);
	case ASSOCIATION_EVENT_DATA:
		return mood & 4
		    ? association_except(a, ASSOCIATION_EXCEPTION_LOCAL)
		    : 0;
	case ASSOCIATION_EVENT_TRANSFER_RESUMED:
		return mood & 32 ? resume(a, state, mood) : 0;
	case ASSOCIATION_EVENT_TRANSFER_START:
	case ASSOCIATION_EVENT_TRANSFER_INTERRUPTED:
		return a->dialogue == ASSOCIATION_TWO_WAY && !a->turn &&
			mood & 1
		    ? association_turn_please(a, mood)
		    : 0;
	case ASSOCIATION_EVENT_TRANSFER_DISCARDED:
		if (mood & 2 && a->phase == ASSOCIATION_TRANSFER)
			return mood & 1 ? association_confirm_discard(a)
					: association_confirm_transfer(a);
		return 0;
	case ASSOCIATION_EVENT_TURN_GIVEN:
		return association_turn_give(a);
	case ASSOCIATION_EVENT_TURN_WANTED:
		return a->phase == ASSOCIATION_OPEN ? association_turn_give(a)
						    : 0;
	case ASSOCIATION_EVENT_ABORT:
		return 0;
	}
	return 0;
}

/* respond - run the responder from bind to end */
static void
respond(struct association *a, struct peer *peer,
    const struct association_parameters *parameters, uint8_t mood)
{
	struct association_indication indication;
	struct association_receive_state state = {.len = 0};
	struct association_event event;
	int error;

	if (association_listen(a, peer->fd[0], parameters, &indication) < 0)
		return;
	if ((indication.recover ? association_accept_recovery(a, mood & 1, 3)
				: association_accept(
				      a, LITERAL("\x05\x00"), mood & 1, 3)) < 0)
		return;
	for (;;) {
		error = association_receive(a, &event, clock_after(1000));
		if (error < 0 || a->phase == ASSOCIATION_OVER)
			return;
		error = respond_to(a, &event, &state, mood);
		if (error < 0 && a->phase != ASSOCIATION_OVER)
			abort();
	}
}

/* take_turns - give the turn, and receive until it is back */
static int
take_turns(struct association *a)
{
	struct association_receive_state state = {.len = 0};
	struct association_event event;
	int error = association_turn_give(a);

	while (error == 0 && !a->turn) {
		error = association_receive(a, &event, clock_after(1000));
		if (error == 0 && event.kind == ASSOCIATION_EVENT_ABORT)
			error = ERR_CLOSED;
		if (error == 0 && event.kind != ASSOCIATION_EVENT_TURN_GIVEN) {
			error = respond_to(a, &event, &state, 2 | 32);
			if (error < 0 && a->phase != ASSOCIATION_OVER)
				abort();
		}
	}
	return error;
}

/* initiate - run the initiator from bind to end */
static void
initiate(struct association *a, struct peer *peer,
    const struct association_parameters *parameters, uint8_t mood)
{
	static const uint8_t octets[5000];
	struct slice result;
	int error;

	error = association_open(
	    a, peer->fd[0], parameters, LITERAL("\x05\x00"), &result);
	for (int i = 0; error == 0 && i < 3; i++) {
		struct association_resumption resumption = {
		    .activity = a->activity_sent,
		    .serial = a->serial_confirmed,
		    .offset = a->confirmed_offset};
		size_t at = 0;

		if (mood & 1 && resumption.serial > 0 &&
		    resumption.offset < sizeof(octets)) {
			at = (size_t)resumption.offset;
			error = association_send_resume(
			    a, &resumption, sizeof(octets), CLOCK_NEVER);
		} else {
			error = association_send_start(
			    a, sizeof(octets), CLOCK_NEVER);
		}
		if (error == 0)
			error = association_send_data(
			    a, slice_of(octets + at, sizeof(octets) - at));
		if (error == 0)
			error = association_send_end(a);
		if (error == 0)
			error = association_send_finish(a);
		if (a->confirmed_offset > sizeof(octets))
			abort();
		if (error == ERR_REFUSED)
			error = mood & 1 && a->serial_confirmed > 0
			    ? association_send_interrupt(a, NULL)
			    : association_send_discard(a);
		if (error == 0 && a->dialogue == ASSOCIATION_TWO_WAY)
			error = take_turns(a);
	}
	if (error == 0)
		error = association_release(a);
}

/* LLVMFuzzerTestOneInput - try one input */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer peer = {.closed = false};
	const struct association_io io = {peer_wait, &peer};
	const struct association_parameters parameters = {
	    .mode = size > 1 && data[0] & 1 && data[0] & 8 ? ASSOCIATION_X410
							   : ASSOCIATION_NORMAL,
	    .checkpoint_size = 1,
	    .window = 2,
	    .application_context = LITERAL("\x56\x00\x01\x06"),
	    .rtse_syntax = LITERAL("\x56\x00\x02\x0c"),
	    .transfer_syntax = LITERAL("\x56\x00\x02\x07"),
	    .tsdu_max = size > 1 && data[1] & 8 ? 500 : 0,
	    .dialogue = size > 1 && data[0] & 2 ? ASSOCIATION_TWO_WAY
						: ASSOCIATION_MONOLOGUE,
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
		initiate(&association, &peer, &parameters, data[0] >> 2);
	else
		respond(&association, &peer, &parameters,
		    (data[1] & 7) | (data[0] & 0xf8));
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
