/* SPDX-License-Identifier: ISC */
/*
 * x4sink.c - an MTA that takes everything and counts it
 *
 *	x4sink [-l PORT | -a ADDRESS:PORT] [-n NAME] [-w PASSWORD] [-o FILE]
 *	    [-c K] [-W WINDOW] [-d] [-M MISHAP]... [-N CONNECTIONS] [-T MS]
 *	    [-L MS] [-R MS] [-D] [-E MESSAGES] [-F MESSAGES -f FROM -t TO
 *	    [-s OCTETS] [-P urgent|normal|non-urgent] [-u TAG] [-O FILE]]
 *
 * Listens on 127.0.0.1, or where -a says, prints the port, accepts any bind,
 * and confirms every transfer after it was noted.  With -o each is a line of
 * FILE, of fields with tabs between:
 *	KIND MTS-ID OCTETS HASH ORIGINATOR RECIPIENT...
 * HASH is XXH64 of the content; the recipients are those this copy bears
 * responsibility for.  With -d it remembers: a transfer that comes again is
 * confirmed, counted as a duplicate and noted no second time; what FILE holds
 * at the start counts too.  It recovers associations then (X.228): a transfer
 * that it completed is found complete, another is asked for from its start.
 * At SIGTERM it prints its figures and ends.  A content that begins with "@NS "
 * tells when it was sent: latency.
 *
 * With -M it misbehaves; see mishap.h for how.  Several are done in turn, one
 * a connection; with -N to so many connections, and to none after them.  -T:
 * milliseconds an octet of "trickle", 1000.  -L: how long it waits for an
 * answer, 120000.  -R: after one of its processes died by a mishap it takes no
 * connection for so many milliseconds.
 *
 * With -D it accepts two-way alternate dialogue, and with -F asks for the turn
 * and sends so many messages in all, on whatever associations there are, as
 * x4source does, with -E after it has taken so many; -O is that one's -o.  The
 * figures of what it sent are a second line, each name with "sent-" before it.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/peers/gate.h"
#include "tests/peers/sink.h"

static volatile sig_atomic_t stopping;

/* stop - note a SIGTERM */
static void
stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* at_once - do a mishap that needs no process */
static bool
at_once(const struct mishap *mishap, int fd)
{
	const struct linger linger = {.l_onoff = 1};

	if (mishap->step != WIRE_ACCEPT || mishap->octets != 0 ||
	    (mishap->kind != MISHAP_RESET && mishap->kind != MISHAP_FIN))
		return false;
	if (mishap->kind == MISHAP_RESET)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return true;
}

/* serve - start a process for a connection */
static void
serve(
    const struct sink *sink, const struct mishap *mishap, int listener, int fd)
{
	if (at_once(mishap, fd))
		return;
	switch (fork()) {
	case -1:
		warn("fork");
		break;
	case 0:
		signal(SIGTERM, SIG_DFL);
		close(listener);
		sink_serve(sink, mishap, fd);
		_exit(EXIT_SUCCESS);
	default:
		break;
	}
}

/* is_down - tell whether a process of it died a short while ago */
static bool
is_down(const struct sink *sink)
{
	uint64_t died = atomic_load(&sink->takes.figures->died_ns);

	return died != 0 && peer_now_ns() - died < sink->down_ns;
}

/* loop - accept connections until SIGTERM */
static void
loop(const struct sink *sink, struct mishaps *mishaps, int listener)
{
	while (!stopping) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd == -1 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd == -1)
			err(EXIT_FAILURE, "accept");
		if (is_down(sink)) {
			close(fd);
			continue;
		}
		atomic_fetch_add(&sink->takes.figures->connections, 1);
		serve(sink, mishap_next(mishaps), listener, fd);
		close(fd);
	}
}

/* sends - take an option about two-way alternate dialogue */
static void
sends(struct sink *sink, int option)
{
	struct sender_plan *plan = &sink->sends;

	switch (option) {
	case 'D':
		sink->two_way = true;
		break;
	case 'E':
		sink->expected = peer_number("-E", optarg, 1U << 30);
		break;
	case 'F':
		plan->messages = peer_number("-F", optarg, 1U << 20);
		break;
	case 'f':
		plan->from = optarg;
		break;
	case 't':
		plan->to = optarg;
		break;
	case 's':
		plan->octets = peer_number("-s", optarg, 1U << 31);
		break;
	case 'P':
		plan->priority = peer_priority(optarg);
		break;
	case 'u':
		plan->tag = optarg;
		break;
	case 'O':
		plan->output = open(
		    optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (plan->output == -1)
			err(EXIT_FAILURE, "%s", optarg);
		break;
	default:
		exit(EXIT_FAILURE);
	}
}

/* options - read the command line; where to listen */
static struct sockaddr_in
options(struct sink *sink, struct mishaps *mishaps, int argc, char **argv)
{
	const char *noted = NULL;
	struct sockaddr_in address = peer_loopback(0);
	int option;

	while ((option = getopt(argc, argv,
		    "l:a:n:w:o:c:W:dM:N:T:L:R:DE:F:f:t:s:P:u:O:")) != -1)
		switch (option) {
		case 'l':
			address = peer_loopback(
			    (uint16_t)peer_number("-l", optarg, 65535));
			break;
		case 'a':
			address = peer_address(optarg);
			break;
		case 'n':
			sink->name = optarg;
			break;
		case 'w':
			sink->password = optarg;
			break;
		case 'o':
			noted = optarg;
			sink->takes.output = open(optarg,
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
			if (sink->takes.output == -1)
				err(EXIT_FAILURE, "%s", optarg);
			break;
		case 'c':
			sink->checkpoint =
			    (unsigned)peer_number("-c", optarg, 1 << 20);
			break;
		case 'W':
			sink->window = (unsigned)peer_number(
			    "-W", optarg, ASSOCIATION_WINDOW_MAX);
			break;
		case 'd':
			sink->takes.memory = taker_memory_new();
			break;
		case 'M':
			mishap_add(mishaps, optarg);
			break;
		case 'N':
			mishaps->limit = peer_number("-N", optarg, UINT32_MAX);
			break;
		case 'T':
			sink->trickle_ms =
			    (unsigned)peer_number("-T", optarg, 1 << 20);
			break;
		case 'R':
			sink->down_ns =
			    peer_number("-R", optarg, UINT32_MAX) * 1000000;
			break;
		case 'L':
			sink->patience_ms =
			    (uint32_t)peer_number("-L", optarg, UINT32_MAX);
			break;
		default:
			sends(sink, option);
		}
	if (sink->takes.memory != NULL && noted != NULL)
		taker_memory_load(&sink->takes, noted);
	return address;
}

int
main(int argc, char **argv)
{
	static struct mishaps mishaps;
	static char tag[24];
	struct sink sink = {.name = "SINK",
	    .password = "",
	    .checkpoint = 30,
	    .window = 5,
	    .trickle_ms = GATE_TRICKLE_MS,
	    .patience_ms = 120000,
	    .takes = {.output = -1},
	    .sends = {
		.tag = tag, .octets = 2048, .begun = time(NULL), .output = -1}};
	struct sigaction action = {.sa_handler = stop};
	struct sockaddr_in address = options(&sink, &mishaps, argc, argv);
	int listener;

	snprintf(tag, sizeof(tag), "s%x-%x-", (unsigned)time(NULL),
	    (unsigned)getpid());
	sink.takes.figures = peer_figures_new();
	if (sink.two_way)
		sink.sends.figures = peer_figures_new();
	sink.sends.claims = sender_claims_new(sink.sends.messages);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	setpgid(0, 0);
	listener = peer_listen(&address);
	printf("%u\n", ntohs(address.sin_port));
	fflush(stdout);
	loop(&sink, &mishaps, listener);
	peer_figures_print(sink.takes.figures, "");
	if (sink.two_way)
		peer_figures_print(sink.sends.figures, "sent-");
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return EXIT_SUCCESS;
}
