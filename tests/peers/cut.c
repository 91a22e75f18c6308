/* SPDX-License-Identifier: ISC */
/*
 * cut.c - a relay that is a network which fails
 *
 *	cut -t ADDRESS:PORT [-l PORT] [-M MISHAP]... [-k fin|reset|silence]
 *	    [-T MS] [-N MISHAPS]
 *
 * Listens on 127.0.0.1, prints the port, and passes each connection on to the
 * target, octet for octet.  With -M a mishap happens to each, in turn; see
 * mishap.h.  With -N so many happen, and none after them; what a connection
 * that ended earlier did not come to is the next one's.
 *
 * At SIGUSR1 the network is down: every connection there is ends as -k says
 * (reset), and so does each new one, until SIGUSR2.  "silence": they stay as
 * they are and nothing passes any more, even after SIGUSR2: the far machine
 * has gone without a word.  Each of both signals is answered by a line, "down"
 * and "up".  Ends at SIGTERM.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/peers/gate.h"
#include "tests/peers/peer.h"

static volatile sig_atomic_t stopping, down, told;

/* In all connections together. */
static _Atomic uint64_t *happened;

/* on_signal - note it */
static void
on_signal(int number)
{
	if (number == SIGTERM)
		stopping = 1;
	else
		down = number == SIGUSR1;
}

/* relay - relay one connection, in a process of its own */
static void
relay(struct gate *gate, const struct mishap *kind,
    const struct sockaddr_in *target)
{
	static struct mishap mishap;

	mishap = *gate->mishap;
	if (!mishap_on_wire(&mishap)) {
		/* at no step, but at the signal */
		mishap = *kind;
		mishap.step = WIRE_OTHER;
		mishap.time = 0;
	}
	gate->mishap = &mishap;
	if (down) {
		mishap = *kind;
		mishap.step = WIRE_ACCEPT;
	} else {
		gate->fd[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(gate->fd[1], (const struct sockaddr *)target,
			sizeof(*target)) != 0)
			return;
	}
	gate_run(gate);
}

/* begin - accept a connection and start its process */
static void
begin(int listener, struct mishaps *mishaps, const struct mishap *kind,
    const struct sockaddr_in *target, unsigned trickle_ms)
{
	struct gate gate = {
	    .fd = {accept4(listener, NULL, NULL, SOCK_CLOEXEC), -1},
	    .remote = -1,
	    .trickle_ms = trickle_ms,
	    .hold_s = GATE_HOLD_S,
	    .happened = happened,
	    .now = &down};
	sigset_t mask;

	if (gate.fd[0] == -1)
		return;
	if (mishaps->limit != 0)
		mishaps->next = atomic_load(happened);
	gate.mishap = mishap_next(mishaps);
	/* SIGUSR1 stays blocked but while the gate waits */
	switch (fork()) {
	case -1:
		err(EXIT_FAILURE, "fork");
	case 0:
		close(listener);
		signal(SIGTERM, SIG_DFL);
		sigemptyset(&mask);
		sigaddset(&mask, SIGTERM);
		sigprocmask(SIG_UNBLOCK, &mask, NULL);
		sigprocmask(SIG_BLOCK, NULL, &mask);
		sigdelset(&mask, SIGUSR1);
		gate.mask = &mask;
		relay(&gate, kind, target);
		_exit(EXIT_SUCCESS);
	default:
		close(gate.fd[0]);
		break;
	}
}

/* tell_children - tell children that the network is down, and not ourselves
 * again */
static void
tell_children(void)
{
	const struct sigaction action = {.sa_handler = on_signal};

	signal(SIGUSR1, SIG_IGN);
	kill(0, SIGUSR1);
	sigaction(SIGUSR1, &action, NULL);
}

/* loop - accept connections until SIGTERM */
static void
loop(int listener, struct mishaps *mishaps, const struct mishap *kind,
    const struct sockaddr_in *target, unsigned trickle_ms, const sigset_t *mask)
{
	struct pollfd fd = {.fd = listener, .events = POLLIN};

	while (!stopping) {
		int ready = ppoll(&fd, 1, NULL, mask);

		if (down != told) {
			told = down;
			if (down)
				tell_children();
			printf("%s\n", down ? "down" : "up");
			fflush(stdout);
		}
		if (ready > 0)
			begin(listener, mishaps, kind, target, trickle_ms);
	}
}

/* catch - block the signals; mask is without them */
static void catch (sigset_t *mask)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGUSR2);
	sigprocmask(SIG_BLOCK, &blocked, mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setpgid(0, 0);
}

int
main(int argc, char **argv)
{
	static struct mishaps mishaps, kinds;
	struct sockaddr_in target = {0};
	unsigned trickle_ms = GATE_TRICKLE_MS;
	struct sockaddr_in here = peer_loopback(0);
	int option, listener;
	sigset_t mask;

	while ((option = getopt(argc, argv, "t:l:M:k:T:N:")) != -1)
		switch (option) {
		case 't':
			target = peer_address(optarg);
			break;
		case 'l':
			here = peer_loopback(
			    (uint16_t)peer_number("-l", optarg, 65535));
			break;
		case 'M':
			mishap_add(&mishaps, optarg);
			break;
		case 'N':
			mishaps.limit = peer_number("-N", optarg, UINT32_MAX);
			break;
		case 'k':
			kinds.count = 0;
			mishap_add(&kinds, optarg);
			break;
		case 'T':
			trickle_ms =
			    (unsigned)peer_number("-T", optarg, 1 << 20);
			break;
		default:
			return EXIT_FAILURE;
		}
	if (target.sin_port == 0)
		errx(EXIT_FAILURE, "-t ADDRESS:PORT is needed");
	if (kinds.count == 0)
		mishap_add(&kinds, "reset");
	happened = mmap(NULL, sizeof(*happened), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (happened == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	catch (&mask);
	listener = peer_listen(&here);
	printf("%u\n", ntohs(here.sin_port));
	fflush(stdout);
	loop(listener, &mishaps, &kinds.mishap[0], &target, trickle_ms, &mask);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return EXIT_SUCCESS;
}
