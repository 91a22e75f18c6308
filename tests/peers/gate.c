/* SPDX-License-Identifier: ISC */
/*
 * gate.c - stands in a connection and lets a mishap happen to it; see gate.h
 */
#include "tests/peers/gate.h"

#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/peers/peer.h"

#define CHUNK	   65536
#define SMALL_ROOM 4096 /* of the kernel's, for one that takes nothing */

/* A direction of a connection through the gate. */
struct way {
	unsigned from; /* index of fd; the other is where it goes */
	uint8_t data[CHUNK];
	size_t start, end;
	bool ended, closed; /* the sender's end was read; was passed on */
	struct wire_tap tap;
	enum wire_step step; /* of the TPKT that is passing */
	size_t frame;	     /* octets of it that are to come */
	bool blocked;	     /* the other side takes no more now */
	bool armed;	     /* the step came: */
	uint64_t budget;     /* so many more octets pass */
};

/* The result of passing octets on. */
enum outcome {
	GO_ON,
	HAPPENS, /* now */
	LOST	 /* a descriptor failed */
};

struct passage {
	const struct gate *gate;
	struct way way[2];
	uint64_t seen; /* how often the step came */
	bool slow;     /* it trickles */
	uint64_t end;  /* when a slow one is given up */
};

/* close_both - close both sockets, orderly, or with RST */
static void
close_both(const struct gate *gate, bool reset)
{
	const struct linger linger = {.l_onoff = 1};

	for (int i = 0; i < 2; i++) {
		/* a pair of local sockets has no RST and ignores it */
		if (reset)
			setsockopt(gate->fd[i], SOL_SOCKET, SO_LINGER, &linger,
			    sizeof(linger));
		close(gate->fd[i]);
	}
}

/* hold_end - compute when a connection that does no good is given up */
static uint64_t
hold_end(const struct gate *gate)
{
	return peer_now_ns() + gate->hold_s * UINT64_C(1000000000);
}

/* hold - say nothing until the other end is gone; take what comes, or not */
static void
hold(const struct gate *gate, bool take)
{
	static uint8_t waste[CHUNK];
	uint64_t end = hold_end(gate);
	struct pollfd fds[2];
	bool open[2] = {true, true};

	while (peer_now_ns() < end &&
	    (gate->remote == -1 ? open[0] || open[1] : open[gate->remote])) {
		for (int i = 0; i < 2; i++)
			fds[i] =
			    (struct pollfd){.fd = open[i] ? gate->fd[i] : -1,
				.events = take ? POLLIN : POLLRDHUP};
		if (poll(fds, 2, 1000) <= 0)
			continue;
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents == 0)
				continue;
			if (take && (fds[i].revents & POLLIN) != 0 &&
			    read(gate->fd[i], waste, sizeof(waste)) > 0)
				continue;
			open[i] = false;
		}
	}
	close_both(gate, false);
}

/* rubbish - write octets that nobody can understand */
static void
rubbish(const struct gate *gate, int fd)
{
	static const uint8_t dt[] = {3, 0, 0, 0, 2, 0xf0, 0x80};
	uint8_t junk[CHUNK];
	size_t length = gate->mishap->octets, at = 0;
	uint64_t x = peer_now_ns() | 1;

	if (length > sizeof(junk) - 8)
		length = sizeof(junk) - 8;
	if (gate->mishap->kind == MISHAP_NONSENSE) {
		memcpy(junk, dt, sizeof(dt));
		at = sizeof(dt);
		length += at;
		junk[2] = (uint8_t)(length >> 8);
		junk[3] = (uint8_t)length;
	}
	for (; at < length; at++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		junk[at] = (uint8_t)(x >> 24);
	}
	(void)!send(fd, junk, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* happen - let the mishap happen; true if octets pass on, slowly */
static bool
happen(struct passage *passage, const struct way *way)
{
	const struct gate *gate = passage->gate;

	fprintf(stderr, "%s:%s\n",
	    gate->mishap->kind == MISHAP_SILENCE ||
		    gate->mishap->kind == MISHAP_STALL
		? "holds"
		: "befell",
	    wire_step_name(gate->mishap->step));
	if (gate->happened != NULL)
		atomic_fetch_add(gate->happened, 1);
	switch ((int)gate->mishap->kind) {
	case MISHAP_FIN:
	case MISHAP_TRUNCATE:
		close_both(gate, false);
		break;
	case MISHAP_RESET:
		close_both(gate, true);
		break;
	case MISHAP_STALL:
		hold(gate, false);
		break;
	case MISHAP_GARBAGE:
	case MISHAP_NONSENSE:
		rubbish(gate,
		    gate->fd[gate->remote != -1 ? (unsigned)gate->remote
						: 1 - way->from]);
		hold(gate, true);
		break;
	case MISHAP_TRICKLE:
		passage->slow = true;
		passage->end = hold_end(gate);
		for (int i = 0; i < 2; i++) {
			passage->way[i].armed = false;
			passage->way[i].tap.lost = true;
		}
		return true;
	default:
		hold(gate, true);
		break;
	}
	return false;
}

/* arm - note that the step has come: it happens when the octets after it
 * passed */
static void
arm(const struct passage *passage, struct way *way)
{
	const struct mishap *mishap = passage->gate->mishap;

	way->armed = true;
	way->budget = mishap->octets;
	if (mishap->kind == MISHAP_GARBAGE || mishap->kind == MISHAP_NONSENSE)
		way->budget = 0;
	if (mishap->kind == MISHAP_TRUNCATE && way->budget == 0)
		way->budget = way->frame / 2;
}

/* reached - check whether a step that comes, or has just passed, is the
 * mishap's */
static void
reached(struct passage *passage, struct way *way, enum wire_step step)
{
	const struct mishap *mishap = passage->gate->mishap;

	if (mishap_on_wire(mishap) && !passage->slow && step == mishap->step &&
	    (mishap->side == WIRE_EITHER || mishap->side == way->from) &&
	    ++passage->seen == mishap->time)
		arm(passage, way);
}

/* look - look at the next TPKT; false if more octets are needed */
static bool
look(struct passage *passage, struct way *way)
{
	if (!wire_frame(&way->tap, way->data + way->start,
		way->end - way->start, way->ended, &way->step, &way->frame))
		return false;
	if (!way->armed)
		reached(passage, way, way->step);
	return true;
}

/* pass - pass octets of one way on, as many as go and may, at most limit */
static enum outcome
pass(struct passage *passage, struct way *way, size_t limit)
{
	int to = passage->gate->fd[1 - way->from];
	size_t n;
	ssize_t sent;

	while (way->start < way->end && limit > 0) {
		if (way->frame == 0 && !look(passage, way))
			break;
		n = way->end - way->start;
		n = n < way->frame ? n : way->frame;
		n = n < limit ? n : limit;
		if (way->armed && way->budget < n)
			n = way->budget;
		sent = n == 0 ? 0
			      : send(to, way->data + way->start, n,
				    MSG_NOSIGNAL | MSG_DONTWAIT);
		way->blocked = sent == -1;
		if (sent == -1)
			return errno == EAGAIN || errno == EINTR ? GO_ON : LOST;
		way->start += (size_t)sent;
		way->frame -= (size_t)sent;
		limit -= (size_t)sent;
		if (way->armed)
			way->budget -= (size_t)sent;
		else if (way->frame == 0 && way->step == WIRE_BEFORE_CONFIRM)
			reached(passage, way, WIRE_AFTER_CONFIRM);
		if (way->armed && way->budget == 0)
			return HAPPENS;
	}
	if (way->ended && !way->closed && way->start == way->end) {
		shutdown(to, SHUT_WR);
		way->closed = true;
	}
	return GO_ON;
}

/* take - read what one side sent; what is kept is moved to the front */
static bool
take(const struct passage *passage, struct way *way)
{
	ssize_t n;

	memmove(way->data, way->data + way->start, way->end - way->start);
	way->end -= way->start;
	way->start = 0;
	n = read(passage->gate->fd[way->from], way->data + way->end,
	    sizeof(way->data) - way->end);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	way->ended = n == 0;
	way->end += (size_t)n;
	return true;
}

/* full - tell whether nothing is read now: what is there has to go first */
static bool
full(const struct passage *passage, const struct way *way)
{
	return way->ended || way->blocked ||
	    (passage->slow && way->start < way->end);
}

/* wait_ready - wait until a descriptor is ready, or a slow octet is due */
static void
wait_ready(const struct passage *passage, struct pollfd fds[2])
{
	static const struct timespec at_once = {0};
	const struct gate *gate = passage->gate;
	const struct timespec tick = {.tv_sec = gate->trickle_ms / 1000,
	    .tv_nsec = (long)(gate->trickle_ms % 1000) * 1000000};
	const struct timespec *patience = NULL;

	for (unsigned i = 0; i < 2; i++) {
		int events = full(passage, &passage->way[i]) ? 0 : POLLIN;

		if (passage->way[1 - i].blocked)
			events |= POLLOUT;
		if (passage->slow)
			events |= POLLRDHUP;
		/* an end that was noticed must not keep us awake */
		fds[i] = (struct pollfd){.fd = events == 0 ? -1 : gate->fd[i],
		    .events = (short)events};
	}
	if (passage->slow) {
		nanosleep(&tick, NULL);
		patience = &at_once;
	}
	if (ppoll(fds, 2, patience, gate->mask) == -1)
		fds[0].revents = fds[1].revents = 0;
}

/* given_up - tell whether a slow connection has lasted too long or is gone */
static bool
given_up(const struct passage *passage, const struct pollfd fds[2])
{
	return passage->slow &&
	    (((fds[0].revents | fds[1].revents) &
		 (POLLRDHUP | POLLHUP | POLLERR)) != 0 ||
		peer_now_ns() > passage->end);
}

/* turn - run one round of the loop; false at the end */
static bool
turn(struct passage *passage)
{
	struct pollfd fds[2];

	wait_ready(passage, fds);
	if (given_up(passage, fds)) {
		close_both(passage->gate, false);
		return false;
	}
	if (passage->gate->now != NULL && *passage->gate->now != 0 &&
	    !passage->slow && !happen(passage, &passage->way[0]))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		struct way *way = &passage->way[i];
		enum outcome outcome;

		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    !full(passage, way) && !take(passage, way))
			outcome = LOST;
		else
			outcome =
			    pass(passage, way, passage->slow ? 1 : SIZE_MAX);
		if (outcome == HAPPENS && !happen(passage, way))
			return false;
		if (outcome == LOST) {
			close_both(passage->gate, true);
			return false;
		}
	}
	if (!passage->way[0].closed || !passage->way[1].closed)
		return true;
	close_both(passage->gate, false);
	return false;
}

/* prepare - prepare the sockets as the mishap needs them */
static void
prepare(const struct gate *gate)
{
	const int small = SMALL_ROOM, on = 1;
	enum mishap_kind kind = gate->mishap->kind;

	for (int i = 0; i < 2; i++) {
		setsockopt(
		    gate->fd[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		if (kind == MISHAP_STALL || kind == MISHAP_TRICKLE)
			setsockopt(gate->fd[i], SOL_SOCKET, SO_RCVBUF, &small,
			    sizeof(small));
	}
}

/* gate_run - pass octets until both ends closed or the mishap closed them */
void
gate_run(const struct gate *gate)
{
	const struct mishap *mishap = gate->mishap;
	struct passage *passage = calloc(1, sizeof(*passage));
	struct way *way;

	if (passage == NULL)
		err(EXIT_FAILURE, "memory");
	passage->gate = gate;
	passage->way[1].from = 1;
	prepare(gate);
	if (mishap_on_wire(mishap) && mishap->step >= WIRE_ACCEPT &&
	    mishap->step <= WIRE_ANSWERED) {
		way = &passage->way[wire_side(mishap->step)];
		arm(passage, way);
		if (way->budget == 0 && !happen(passage, way))
			goto out;
	}
	while (turn(passage))
		;
out:
	free(passage);
}

/* gate_put - put a process that runs the gate before a connection */
int
gate_put(struct gate *gate, int fd)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		err(EXIT_FAILURE, "socketpair");
	switch (fork()) {
	case -1:
		err(EXIT_FAILURE, "fork");
	case 0:
		close(pair[1]);
		gate->fd[gate->remote] = fd;
		gate->fd[1 - gate->remote] = pair[0];
		gate_run(gate);
		_exit(EXIT_SUCCESS);
	default:
		break;
	}
	close(pair[0]);
	close(fd);
	return pair[1];
}
