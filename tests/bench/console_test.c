/* SPDX-License-Identifier: ISC */
/*
 * console_test.c - figures: what the console costs mail when it is attacked
 *
 * x4source -> suite -> x4sink, alone and while 500 connections to the console's
 * port each send an octet now and then, are opened again when they are closed,
 * and the metrics are read every second.  The attackers take CPU themselves, on
 * the same machine: a third kind of run has them attack a stand-in that only
 * reads, so that the difference is what the console costs.  Runs of all kinds
 * alternate; each is as long as the mail takes.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/median.h"
#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define ROUNDS	    7
#define MESSAGES    2000
#define CONNECTIONS 500
#define TOKEN	    "0123456789abcdef"

static struct suite tested;
static struct load_sink sink;
static uint16_t port, stand_in_port;

/* Whom the connections of a run attack. */
enum victim {
	VICTIM_NOBODY,
	VICTIM_STAND_IN,
	VICTIM_CONSOLE,
	VICTIMS
};

/* begin - start a suite with a console, and its peers */
static void
begin(void)
{
	static char sections[8192];
	size_t len;

	suite_begin("bench-console");
	port = suite_free_port();
	sink.port = suite_free_port();
	load_sink(&sink, "l0", sink.port, NULL);
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "l0", sink.port,
	    "associations = 4 threshold = 1");
	len = strlen(sections);
	snprintf(sections + len, sizeof(sections) - len,
	    "console { listen = {\"127.0.0.1:%u\"} token = \"" TOKEN "\" }\n",
	    port);
	suite_configure(&tested, "b", "C=XX;A=TEST;P=F",
	    geteuid() == 0 ? "viewer-group = \"games\" console-user = \"irc\""
			   : "",
	    sections);
	suite_start(&tested);
}

/* call - connect to a port, without waiting: a descriptor, or -1 */
static int
call(uint16_t to, int flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(to),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	if (fd >= 0)
		(void)!connect(
		    fd, (struct sockaddr *)&address, sizeof(address));
	return fd;
}

/* scrape - read the metrics: whether they came */
static bool
scrape(void)
{
	static const char request[] =
	    "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	    "Authorization: Bearer " TOKEN "\r\n\r\n";
	static char answer[65536];
	struct timeval patience = {.tv_sec = 5};
	int fd = call(port, 0);
	ssize_t n;
	bool came = false;

	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
	while ((n = recv(fd, answer, sizeof(answer), 0)) > 0)
		came = came || memmem(answer, (size_t)n, "200 OK", 6) != NULL;
	close(fd);
	return came;
}

/* stand_in - take connections and read what they send, for ever */
static void
stand_in(void)
{
	static struct pollfd fds[1 + CONNECTIONS];
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(stand_in_port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	nfds_t count = 1;
	char octets[64];
	int one = 1;

	fds[0] = (struct pollfd){
	    .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
	(void)setsockopt(
	    fds[0].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fds[0].fd, (struct sockaddr *)&address, sizeof(address)) !=
		0 ||
	    listen(fds[0].fd, CONNECTIONS) != 0)
		_exit(1);
	while (poll(fds, count, -1) > 0) {
		for (nfds_t i = 1; i < count; i++)
			if (fds[i].revents != 0 &&
			    read(fds[i].fd, octets, sizeof(octets)) <= 0)
				_exit(1);
		if (fds[0].revents != 0 && count <= CONNECTIONS)
			fds[count++] =
			    (struct pollfd){.fd = accept(fds[0].fd, NULL, NULL),
				.events = POLLIN};
	}
	_exit(1);
}

/* attack - hold slow connections for ever; of the console the metrics are read
 * beside them */
static void
attack(enum victim victim)
{
	static int fds[CONNECTIONS];
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

	memset(fds, -1, sizeof(fds));
	for (unsigned turn = 0;; turn++) {
		/* A tenth of them each time, so that each speaks five times a
		 * second. */
		for (unsigned i = turn % 10; i < CONNECTIONS; i += 10) {
			if (fds[i] >= 0 &&
			    send(fds[i], "G", 1, MSG_NOSIGNAL | MSG_DONTWAIT) ==
				1)
				continue;
			if (fds[i] >= 0)
				close(fds[i]);
			fds[i] = call(
			    victim == VICTIM_CONSOLE ? port : stand_in_port,
			    SOCK_NONBLOCK);
		}
		if (victim == VICTIM_CONSOLE && turn % 50 == 0 && !scrape())
			(void)!write(STDOUT_FILENO, "no metrics\n", 11);
		nanosleep(&pause, NULL);
	}
}

/* begin_process - run a function of ours in a process of its own */
static pid_t
begin_process(enum victim victim, void (*run)(enum victim))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		run(victim);
	return pid;
}

/* be_stand_in - be the stand-in */
static void
be_stand_in(enum victim victim)
{
	(void)victim;
	stand_in();
}

/* run - send messages, while somebody is attacked: their rate */
static double
run(enum victim victim)
{
	pid_t attacker = 0, victim_pid = 0;
	double start, rate;

	if (victim == VICTIM_STAND_IN)
		victim_pid = begin_process(victim, be_stand_in);
	if (victim != VICTIM_NOBODY)
		attacker = begin_process(victim, attack);
	start = suite_now();
	load_send(&tested, "l0", MESSAGES);
	suite_wait_empty(&tested, 300);
	rate = MESSAGES / (suite_now() - start);
	if (attacker > 0)
		kill(attacker, SIGKILL);
	if (victim_pid > 0)
		kill(victim_pid, SIGKILL);
	return rate;
}

START_TEST(under_attack)
{
	double rates[VICTIMS][ROUNDS], alone[ROUNDS], same[ROUNDS];

	begin();
	stand_in_port = suite_free_port();
	(void)run(VICTIM_NOBODY);
	for (int i = 0; i < ROUNDS; i++) {
		for (int victim = 0; victim < VICTIMS; victim++)
			rates[victim][i] = run((enum victim)victim);
		alone[i] = rates[VICTIM_CONSOLE][i] / rates[VICTIM_NOBODY][i];
		same[i] = rates[VICTIM_CONSOLE][i] / rates[VICTIM_STAND_IN][i];
	}
	printf("%d slow connections to the console: %.0f messages a second, "
	       "to a stand-in %.0f, alone %.0f; median ratio to the stand-in "
	       "%.2f, to alone %.2f\n",
	    CONNECTIONS, median(rates[VICTIM_CONSOLE], ROUNDS),
	    median(rates[VICTIM_STAND_IN], ROUNDS),
	    median(rates[VICTIM_NOBODY], ROUNDS), median(same, ROUNDS),
	    median(alone, ROUNDS));
	fflush(stdout);
	suite_stop(&tested);
	load_sink_stop(&sink);
	suite_end();
}
END_TEST

TEST_MAIN("bench/console", TEST_LONG(under_attack, 1200))
