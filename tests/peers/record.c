/* SPDX-License-Identifier: ISC */
/*
 * record.c - a relay that writes what crosses it as a capture file
 *
 *	record -w FILE -t ADDRESS:PORT [-l PORT] [-p FILE]
 *
 * Listens on 127.0.0.1, on -l PORT or on a free one, which it prints (and
 * writes to the file of -p); passes each connection on to the target, octet
 * for octet, and writes both directions to FILE, which shows the target's
 * port as the server's.  No privilege to capture is needed.  Ends at SIGTERM.
 *
 * Limits: CONNECTIONS at a time; further ones wait to be accepted.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/peers/pcap.h"

#define CONNECTIONS 128
#define CHUNK	    65536

/* A direction: read from fd[from], written to the other. */
struct pipe {
	uint8_t data[CHUNK];
	size_t start, end;
	bool ended;  /* from sent its FIN */
	bool closed; /* which was passed on */
};

struct connection {
	bool used;
	int fd[2]; /* client, server */
	struct pipe *pipe[2];
	struct pcap_stream stream;
};

static struct connection connections[CONNECTIONS];
static FILE *capture;
static volatile sig_atomic_t stopping;

/* stop - end the loop at SIGTERM */
static void
stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/* record_or_die - exit on an error, since a capture that is not whole is
 * worth nothing */
static void
record_or_die(int result)
{
	if (result != 0)
		err(EXIT_FAILURE, "capture file");
}

/* parse_target - parse "127.0.0.1:1234" */
static struct sockaddr_in
parse_target(char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	char *colon = strrchr(text, ':');
	const char *error = NULL;

	if (colon == NULL)
		errx(EXIT_FAILURE, "%s: ADDRESS:PORT expected", text);
	*colon = '\0';
	address.sin_port =
	    htons((uint16_t)strtonum(colon + 1, 1, 65535, &error));
	if (error != NULL || inet_pton(AF_INET, text, &address.sin_addr) != 1)
		errx(EXIT_FAILURE, "%s: not an address and port", text);
	return address;
}

/* listen_on - open a socket on loopback; *port is the one it got */
static int
listen_on(uint16_t *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons(*port)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(fd, 128) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		err(EXIT_FAILURE, "listen");
	*port = ntohs(address.sin_port);
	return fd;
}

/* end_connection - close both sides */
static void
end_connection(struct connection *c)
{
	close(c->fd[0]);
	close(c->fd[1]);
	free(c->pipe[0]);
	free(c->pipe[1]);
	*c = (struct connection){0};
}

/* begin_connection - accept one and connect it to the target */
static void
begin_connection(
    struct connection *c, int listener, const struct sockaddr_in *target)
{
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	int on = 1;
	int client = accept4(listener, (struct sockaddr *)&peer, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	int server;

	if (client == -1)
		return;
	server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server == -1 ||
	    connect(server, (const struct sockaddr *)target, sizeof(*target)) !=
		0 ||
	    fcntl(server, F_SETFL, O_NONBLOCK) != 0) {
		close(client);
		if (server != -1)
			close(server);
		return;
	}
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	*c = (struct connection){.used = true, .fd = {client, server}};
	for (int i = 0; i < 2; i++)
		if ((c->pipe[i] = calloc(1, sizeof(struct pipe))) == NULL)
			err(EXIT_FAILURE, "memory");
	record_or_die(pcap_open_stream(capture, &c->stream,
	    ntohs(peer.sin_port), ntohs(target->sin_port)));
}

/* pump_in - read what side sent, and record it */
static bool
pump_in(struct connection *c, unsigned side)
{
	struct pipe *p = c->pipe[side];
	ssize_t n = read(c->fd[side], p->data, sizeof(p->data));

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		p->ended = true;
		record_or_die(pcap_close(capture, &c->stream, side));
		return true;
	}
	p->start = 0;
	p->end = (size_t)n;
	record_or_die(
	    pcap_data(capture, &c->stream, side, slice_of(p->data, (size_t)n)));
	return true;
}

/* pump_out - pass on what side sent */
static bool
pump_out(struct connection *c, unsigned side)
{
	struct pipe *p = c->pipe[side];
	ssize_t n;

	if (p->start < p->end) {
		n = send(c->fd[1 - side], p->data + p->start, p->end - p->start,
		    MSG_NOSIGNAL);
		if (n == -1)
			return errno == EAGAIN || errno == EINTR;
		p->start += (size_t)n;
	}
	if (p->ended && !p->closed && p->start == p->end) {
		shutdown(c->fd[1 - side], SHUT_WR);
		p->closed = true;
	}
	return true;
}

/* interest - decide what to wait for on the descriptor of side */
static short
interest(const struct connection *c, unsigned side)
{
	const struct pipe *in = c->pipe[side], *out = c->pipe[1 - side];
	int events = 0;

	if (!in->ended && in->start == in->end)
		events |= POLLIN;
	if (out->start < out->end)
		events |= POLLOUT;
	return (short)events;
}

/* serve - serve what poll found on both descriptors of a connection */
static void
serve(struct connection *c, const struct pollfd fds[2])
{
	for (unsigned side = 0; side < 2; side++) {
		short events = fds[side].revents;

		if (events == 0)
			continue;
		if ((events & (POLLIN | POLLHUP | POLLERR)) != 0 &&
		    c->pipe[side]->start == c->pipe[side]->end &&
		    !c->pipe[side]->ended && !pump_in(c, side)) {
			end_connection(c);
			return;
		}
		if (!pump_out(c, side) || !pump_out(c, 1 - side)) {
			end_connection(c);
			return;
		}
	}
	if (c->pipe[0]->closed && c->pipe[1]->closed)
		end_connection(c);
}

/* loop - relay and record until SIGTERM */
static void
loop(int listener, const struct sockaddr_in *target)
{
	struct pollfd fds[1 + 2 * CONNECTIONS];

	while (!stopping) {
		struct connection *free_one = NULL;

		for (int i = 0; i < CONNECTIONS; i++) {
			struct connection *c = &connections[i];

			for (unsigned side = 0; side < 2; side++)
				fds[1 + 2 * i + (int)side] = (struct pollfd){
				    .fd = c->used ? c->fd[side] : -1,
				    .events = c->used ? interest(c, side) : 0};
			if (!c->used)
				free_one = c;
		}
		fds[0] = (struct pollfd){
		    .fd = free_one != NULL ? listener : -1, .events = POLLIN};
		if (poll(fds, 1 + 2 * CONNECTIONS, -1) == -1)
			continue;
		if (fds[0].revents != 0)
			begin_connection(free_one, listener, target);
		for (int i = 0; i < CONNECTIONS; i++)
			if (connections[i].used && fds[1 + 2 * i].fd != -1)
				serve(&connections[i], &fds[1 + 2 * i]);
		fflush(capture);
	}
}

int
main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = stop};
	struct sockaddr_in target = {0};
	const char *capture_name = NULL, *port_name = NULL, *error = NULL;
	uint16_t port = 0;
	int option, listener;
	FILE *port_file;

	while ((option = getopt(argc, argv, "w:t:l:p:")) != -1)
		switch (option) {
		case 'w':
			capture_name = optarg;
			break;
		case 't':
			target = parse_target(optarg);
			break;
		case 'l':
			port = (uint16_t)strtonum(optarg, 1, 65535, &error);
			if (error != NULL)
				errx(EXIT_FAILURE, "port %s", error);
			break;
		case 'p':
			port_name = optarg;
			break;
		default:
			return EXIT_FAILURE;
		}
	if (capture_name == NULL || target.sin_port == 0)
		errx(EXIT_FAILURE,
		    "usage: record -w FILE -t ADDRESS:PORT [-l PORT]");
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	if ((capture = fopen(capture_name, "we")) == NULL)
		err(EXIT_FAILURE, "%s", capture_name);
	record_or_die(pcap_begin(capture));
	listener = listen_on(&port);
	printf("%u\n", port);
	fflush(stdout);
	if (port_name != NULL) {
		if ((port_file = fopen(port_name, "we")) == NULL)
			err(EXIT_FAILURE, "%s", port_name);
		fprintf(port_file, "%u\n", port);
		fclose(port_file);
	}
	loop(listener, &target);
	if (fclose(capture) != 0)
		err(EXIT_FAILURE, "%s", capture_name);
	return EXIT_SUCCESS;
}
