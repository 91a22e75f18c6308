/* SPDX-License-Identifier: ISC */
/*
 * callers_test.c - what one peer or many strangers do to others, and to the log
 *
 * A peer that binds again and again, and holds each, has its share of the
 * associations and no more: another's messages pass, each exactly once by what
 * the far end noted, and the log says so a few times.  Strangers that bind
 * wrongly or say nonsense from ever new addresses, and nonsense on a local
 * socket, get few lines, however many they are.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define LINES_MAX 60 /* of one event in a minute */

static struct suite tested;
static struct load_sink good;
static char sections[8192];
static double began;

/* begin - start a suite with a good sink, sources, and a greedy peer */
static void
begin(const char *name, const char *mta)
{
	suite_begin(name);
	sections[0] = '\0';
	load_source_link(sections, sizeof(sections));
	load_sink(&good, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", good.port, "");
	load_link(sections, sizeof(sections), "greedy", suite_free_port(),
	    "schedule = \"never\"");
	suite_configure(&tested, "g", "C=XX;A=TEST;P=G", mta, sections);
	suite_start(&tested);
	began = suite_now();
}

/* lines - count the lines of an event that the suite logged */
static unsigned
lines(const char *event)
{
	char path[SUITE_PATH + 16], *log, *at;
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s/state/log", tested.directory);
	log = suite_read(path, NULL);
	ck_assert_ptr_nonnull(log);
	for (at = log; (at = strstr(at, event)) != NULL; at++)
		n++;
	free(log);
	return n;
}

/* bounded - fail if an event has more lines than it may have in the time that
 * went by, or none */
static void
bounded(const char *event)
{
	unsigned minutes = (unsigned)((suite_now() - began) / 60) + 1;

	ck_assert_uint_gt(lines(event), 0);
	ck_assert_uint_le(lines(event), minutes * LINES_MAX);
}

/* is_refused - tell whether the greedy peer got to its limit */
static bool
is_refused(void *arg)
{
	(void)arg;
	return lines(": 57 warn") > 0;
}

/* greedy - have the greedy peer open associations, hold each, and try those
 * that are refused again, 180 a second in the short form, 50 in the long one:
 * what is measured is no race for the processor */
static pid_t
greedy(const char *associations)
{
	const char *interval = suite_long() ? "20000" : "500";
	char address[32], output[SUITE_PATH];

	snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	snprintf(output, sizeof(output), "%s/greedy", suite_directory());
	return suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "greedy", "-w", "s", "-f", "C=YY;A=greedy;S=G", "-t",
	    "C=YY;A=good;S=Sink", "-A", associations, "-m", associations, "-M",
	    "silence:start", "-R", "1000000", "-I", interval, "-L", "3600000",
	    NULL);
}

START_TEST(one_peer_binds_and_holds)
{
	const char *associations = suite_long() ? "1000" : "90";
	unsigned messages = suite_long() ? 2000 : 60;
	char output[SUITE_PATH + 64];
	pid_t pid;

	/* So that the short form is more than there are workers at all. */
	begin("greedy", "  max-associations = 20\n");
	pid = greedy(associations);
	suite_wait("the limit to be reached", 60, is_refused, NULL);
	load_wait_source(
	    load_source(&tested, "good", messages, output, "-r", "20", NULL),
	    200);
	ck_assert_int_le(
	    load_link_number(&tested, "greedy", "associations"), 11);
	ck_assert_uint_ge(lines(" link=greedy "), 1);
	bounded(": 57 warn");
	kill(pid, SIGKILL);
	kill(-pid, SIGKILL);
	load_finish(&tested, &good, 60);
	suite_end();
}
END_TEST

/* throw_from - say nonsense to the suite's port, from an address of its own */
static void
throw_from(unsigned host)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (11U << 16) + host)};
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(tested.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[256];

	ck_assert_int_ne(fd, -1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	if (send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) > 0)
		while (recv(fd, answer, sizeof(answer), 0) > 0)
			;
	close(fd);
}

/* throw_locally - say nonsense on a socket of the run directory */
static void
throw_locally(const char *name, unsigned n)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char nonsense[32], answer[256];

	ck_assert_int_ne(fd, -1);
	snprintf(to.sun_path, sizeof(to.sun_path), "%.70s/run/%s",
	    tested.directory, name);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	/* A different reason each time. */
	snprintf(nonsense, sizeof(nonsense), "\xa5\x03\x80\x01%c", (int)n);
	nonsense[1] = (char)(3 + n % 7);
	(void)!send(fd, nonsense, 12, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	while (recv(fd, answer, sizeof(answer), 0) > 0)
		;
	close(fd);
}

/* bind_wrongly - bind by a wrong password, so often, each time from another
 * address */
static void
bind_wrongly(const char *times)
{
	char address[32], output[SUITE_PATH];
	pid_t pid;

	snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	snprintf(output, sizeof(output), "%s/wrong", suite_directory());
	pid = suite_spawn(output, "peers/x4source", "-a", address, "-n",
	    "greedy", "-w", "wrong", "-f", "C=YY;A=greedy;S=G", "-t",
	    "C=YY;A=good;S=Sink", "-A", "2", "-m", "2", "-R", times, "-I", "0",
	    "-B", NULL);
	ck_assert_int_eq(suite_wait_exit(pid, 300), 1);
}

START_TEST(strangers_and_the_log)
{
	unsigned throws = suite_long() ? 5000 : 150;

	begin("strangers-log", "");
	bind_wrongly(suite_long() ? "20000" : "300");
	for (unsigned n = 0; n < throws; n++) {
		throw_from(n);
		throw_locally("control", n);
		throw_locally("qmgr", n);
	}
	load_send(&tested, "good", 10);
	suite_stop(&tested);
	bounded(": 51 warn");
	bounded(": 1293 warn");
	bounded(": 9405 error");
	/* Events without a line were counted; the worst address is named. */
	ck_assert_uint_gt(lines(" folded="), 0);
	ck_assert_uint_gt(lines(" worst="), 0);
	load_sink_stop(&good);
	suite_end();
}
END_TEST

TEST_MAIN("fault/callers", TEST_LONG(one_peer_binds_and_holds, 600),
    TEST_LONG(strangers_and_the_log, 600))
