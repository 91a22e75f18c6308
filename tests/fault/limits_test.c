/* SPDX-License-Identifier: ISC */
/*
 * limits_test.c - limits that keep one from taking what others need
 *
 * Callers who never say who they are: at most so many from one address and in
 * all, the one that has been there longest goes first, and a configured
 * peer's is not among them.  A link that is not up: no more of the queue than
 * its share, and one source no more than half of that, while intake for others
 * goes on.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define ADDRESS_MAX 10
#define UNBOUND_MAX 50

static struct suite tested;
static struct load_sink healthy;
static char sections[8192];

/* call - connect to the suite from 127.0.0.host, and say nothing */
static int
call(unsigned host)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~0xffU) + host)};
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_port = htons(tested.port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* is_closed - tell whether the suite has ended a call */
static bool
is_closed(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, 0) == 1;
}

/* closed - count how many of these calls are closed */
static unsigned
closed(const int *fds, unsigned count)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += is_closed(fds[i]);
	return n;
}

/* first_closed - tell whether the call that came first has been ended */
static bool
first_closed(void *arg)
{
	return is_closed(*(int *)arg);
}

/* busy_workers - count x400in that serve a call, and are not leaving */
static unsigned
busy_workers(void)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row;
	unsigned n = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		const char *state =
		    json_string_value(json_object_get(row, "state"));

		if (name != NULL && state != NULL &&
		    strncmp(name, "x400in", 6) == 0 &&
		    strcmp(state, "busy") == 0)
			n++;
	}
	json_decref(rows);
	return n;
}

/* serves - tell whether so many calls are served */
static bool
serves(void *arg)
{
	return busy_workers() == *(unsigned *)arg;
}

/* wait_served - wait until so many calls are served, so that their order is
 * known */
static void
wait_served(unsigned count)
{
	suite_wait("calls to be served", 20, serves, &count);
}

START_TEST(strangers)
{
	int peer, fds[UNBOUND_MAX + ADDRESS_MAX + 2];
	unsigned count = 0;

	suite_begin("strangers");
	snprintf(sections, sizeof(sections),
	    "link \"peer\" { remote-mta = \"PEER\" remote-password = \"s\" "
	    "remote-addresses = {\"127.0.0.200\"} "
	    "schedule = \"remote-initiated\" dialogue = \"two-way-alternate\" "
	    "address-space = {\"C=YY\"} }\n");
	suite_configure(&tested, "s", "C=XX;A=TEST;P=S", "", sections);
	suite_start(&tested);
	peer = call(200);
	wait_served(1);
	/* of one address */
	fds[count++] = call(2);
	wait_served(2);
	for (unsigned i = 1; i < ADDRESS_MAX; i++)
		fds[count++] = call(2);
	wait_served(1 + ADDRESS_MAX);
	ck_assert_uint_eq(closed(fds, count), 0);
	fds[count++] = call(2);
	suite_wait("the first to go", 20, first_closed, &fds[0]);
	wait_served(1 + ADDRESS_MAX);
	ck_assert_uint_eq(closed(fds, count), 1);
	/* in all */
	while (busy_workers() < UNBOUND_MAX) {
		unsigned now = busy_workers();

		fds[count] = call(3 + count / ADDRESS_MAX);
		count++;
		wait_served(now + 1);
	}
	fds[count++] = call(9);
	suite_wait("the next to go", 20, first_closed, &fds[1]);
	wait_served(UNBOUND_MAX);
	fds[count++] = call(9);
	suite_wait("the one after it", 20, first_closed, &fds[2]);
	ck_assert_uint_le(busy_workers(), UNBOUND_MAX);
	ck_assert_uint_eq(closed(fds, count), 3);
	/* the oldest of all is a peer's */
	ck_assert(!is_closed(peer));
	for (unsigned i = 0; i < count; i++)
		close(fds[i]);
	close(peer);
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* submit - submit one message of 1 MB by the tool; return its exit status */
static int
submit(const char *name, const char *content)
{
	char to[64];

	snprintf(to, sizeof(to), "C=YY;A=%s;S=Sink", name);
	return suite_tool(&tested, NULL, "x4send", "-f", "C=YY;A=healthy;S=A",
	    "-t", to, "--content", content, "--content-type", "p22", NULL);
}

/* both_fail - tell whether the dead links are known to be dead */
static bool
both_fail(void *arg)
{
	(void)arg;
	return load_link_number(&tested, "dead", "open_failures") > 0 &&
	    load_link_number(&tested, "dead2", "open_failures") > 0;
}

START_TEST(share)
{
	char path[SUITE_PATH + 16], *octets = calloc(1, 1000000);
	unsigned accepted = 0;

	suite_begin("share");
	load_source_link(sections, sizeof(sections));
	load_sink(&healthy, "healthy", 0, NULL);
	load_link(sections, sizeof(sections), "healthy", healthy.port, "");
	load_link(sections, sizeof(sections), "dead", suite_free_port(), "");
	load_link(sections, sizeof(sections), "dead2", suite_free_port(), "");
	suite_configure(&tested, "q", "C=XX;A=TEST;P=Q",
	    "  queue-size = \"16M\"\n", sections);
	suite_start(&tested);
	snprintf(path, sizeof(path), "%s/content", suite_directory());
	suite_write(path, octets, 1000000);
	free(octets);
	load_send(&tested, "dead", 1);
	load_send(&tested, "dead2", 1);
	suite_wait("both to fail", 20, both_fail, NULL);
	for (unsigned i = 0; i < 8; i++)
		accepted += submit("dead", path) == 0;
	/* the tools have half of a quarter of 16 MB, and a peer the other */
	ck_assert_uint_eq(accepted, 2);
	ck_assert_int_ne(submit("dead", path), 0);
	load_send(&tested, "dead", 1);
	/* another that is dead has a share of its own; one that is up, room */
	ck_assert_int_eq(submit("dead2", path), 0);
	for (unsigned i = 0; i < 20; i++)
		ck_assert_int_eq(submit("healthy", path), 0);
	load_wait_noted(&healthy, 20, 60);
	ck_assert_int_eq(load_link_number(&tested, "dead", "queued"), 4);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	load_sink_stop(&healthy);
	suite_end();
}
END_TEST

TEST_MAIN("fault/limits", TEST_LONG(strangers, 120); TEST_LONG(share, 120))
