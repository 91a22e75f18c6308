/* SPDX-License-Identifier: ISC */
/*
 * console_test.c - figures: what the console costs mail when it is attacked
 *
 * x4source -> suite -> x4sink, alone and while 500 connections to the console's
 * port each send an octet now and then, are opened again when they are closed,
 * and the metrics are read every second.  Runs of both kinds alternate; each is
 * as long as the mail takes.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define PAIRS	    5
#define MESSAGES    2000
#define CONNECTIONS 500
#define TOKEN	    "0123456789abcdef"

static struct suite tested;
static struct load_sink sink;
static uint16_t port;

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

/* call - connect to the console, without waiting: a descriptor, or -1 */
static int
call(int flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	    .sin_port = htons(port),
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
	int fd = call(0);
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

/* attack - hold slow connections for ever; the metrics are read beside them */
static void
attack(void)
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
			fds[i] = call(SOCK_NONBLOCK);
		}
		if (turn % 50 == 0 && !scrape())
			(void)!write(STDOUT_FILENO, "no metrics\n", 11);
		nanosleep(&pause, NULL);
	}
}

/* run - send messages: their rate */
static double
run(bool attacked)
{
	double start, rate;
	pid_t attacker = 0;

	if (attacked) {
		fflush(stdout);
		attacker = fork();
		ck_assert_int_ge(attacker, 0);
		if (attacker == 0)
			attack();
	}
	start = suite_now();
	load_send(&tested, "l0", MESSAGES);
	suite_wait_empty(&tested, 300);
	rate = MESSAGES / (suite_now() - start);
	if (attacker > 0)
		kill(attacker, SIGKILL);
	return rate;
}

/* compare - compare two numbers, for qsort */
static int
compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

START_TEST(under_attack)
{
	double alone[PAIRS], attacked[PAIRS], ratios[PAIRS];

	begin();
	(void)run(false);
	for (int i = 0; i < PAIRS; i++) {
		alone[i] = run(false);
		attacked[i] = run(true);
		ratios[i] = attacked[i] / alone[i];
	}
	qsort(alone, PAIRS, sizeof(alone[0]), compare);
	qsort(attacked, PAIRS, sizeof(attacked[0]), compare);
	qsort(ratios, PAIRS, sizeof(ratios[0]), compare);
	printf("%d slow connections to the console: %.0f messages a second, "
	       "alone %.0f; median ratio %.2f\n",
	    CONNECTIONS, attacked[PAIRS / 2], alone[PAIRS / 2],
	    ratios[PAIRS / 2]);
	fflush(stdout);
	suite_stop(&tested);
	load_sink_stop(&sink);
	suite_end();
}
END_TEST

TEST_MAIN("bench/console", TEST_LONG(under_attack, 1200))
