/* SPDX-License-Identifier: ISC */
/*
 * balanced_test.c - two suites behind HAProxy, one of which is lost, then the
 * other one retired
 *
 * Fifty peers send through HAProxy, each from an address of its own, and from
 * another one with each connection, so that none comes back to the machine that
 * it was at: across machines a message arrives at least once.  All processes of
 * east are killed while it receives; HAProxy gives its peers to west; east
 * comes back.  Then west is taken out of HAProxy, drained to east, and stopped,
 * under the same load.  Nothing is lost; what comes twice was under way when
 * east was lost, one transfer a peer at most.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/system/balancer.h"
#include "tests/system/raw_peer.h"
#include "tests/unit/test.h"

#define PEERS  50
#define DOMAIN "C=XX;A=TEST;P=HERE"
#define FORGED "PROXY TCP4 127.1.1.1 127.0.0.1 56324 102\r\n"

static struct suite east, west;
static struct load_sink third;
static struct balancer balancer;
static uint16_t east_proxied, west_proxied;

/* configure - configure one of both, with the ports where HAProxy calls it and
 * where the other listens */
static void
configure(struct suite *suite, const char *name, uint16_t proxied,
    const struct suite *other, const char *other_name)
{
	char mta[256], sections[4096];
	size_t used;

	snprintf(mta, sizeof(mta),
	    "  listen-proxy = {\"127.0.0.1:%u\"} proxy-from = {\"127.0.0.1\"}\n"
	    "  route-refresh = 2\n",
	    proxied);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=XX;A=LOAD\"}"
	    " incoming-associations = 200 schedule = \"never\""
	    " remote-addresses = {\"" BALANCER_CALLERS "\"} }\n");
	load_link(sections, sizeof(sections), "third", third.port,
	    "open-interval = 1 associations = 4");
	used = strlen(sections);
	snprintf(sections + used, sizeof(sections) - used,
	    "link \"%s\" {\n  remote-mta = \"MTA-%s\" "
	    "remote-password = \"secret-%s\"\n  address = {\"127.0.0.1:%u\"} "
	    "peer = \"fourpost\" open-interval = \"0.2\"\n}\n",
	    other_name, other_name, other_name, other->port);
	suite_configure(suite, name, DOMAIN, mta, sections);
}

/* begin - start both, and HAProxy before them */
static void
begin(const char *test)
{
	char servers[512];

	suite_begin(test);
	load_sink(&third, "third", 0, NULL);
	east.port = suite_free_port();
	west.port = suite_free_port();
	east_proxied = suite_free_port();
	west_proxied = suite_free_port();
	balancer.port = suite_free_port();
	configure(&east, "east", east_proxied, &west, "west");
	configure(&west, "west", west_proxied, &east, "east");
	suite_start(&east);
	suite_start(&west);
	snprintf(servers, sizeof(servers),
	    " default-server send-proxy-v2 check inter 100ms fall 1 rise 1"
	    " on-marked-down shutdown-sessions\n"
	    " server east 127.0.0.1:%u\n server west 127.0.0.1:%u\n",
	    east_proxied, west_proxied);
	balancer_start(&balancer, servers);
}

/* source - start the peers, which call a port; rate 0: as fast as they can */
static pid_t
source(uint16_t port, uint64_t messages, const char *rate,
    char output[SUITE_PATH + 64])
{
	char at[32];

	snprintf(at, sizeof(at), "127.0.0.1:%u", port);
	/* Patient: who goes to the other machine because this one is slow makes
	 * a double, too. */
	return load_source(&east, "third", messages, output, "-a", at, "-A",
	    "50", "-B", "-R", "1000000", "-I", "50", "-L", "60000", "-r", rate,
	    NULL);
}

/* kill_all - kill all processes of a suite, master first, so that none of them
 * is replaced */
static void
kill_all(const struct suite *suite)
{
	json_t *rows =
	    suite_rows(suite, "x4ctl", "-j", "status", "workers", NULL);
	json_t *row;
	size_t i;

	for (int master = 1; master >= 0; master--)
		json_array_foreach(rows, i, row)
		{
			pid_t pid = (pid_t)json_integer_value(
			    json_object_get(row, "pid"));
			const char *name =
			    json_string_value(json_object_get(row, "name"));

			if (pid > 0 &&
			    (strcmp(name, "master") == 0) == (master == 1))
				kill(pid, SIGKILL);
		}
	json_decref(rows);
}

/* start_again - start a suite whose processes are being killed, once they have
 * let go of the queue */
static bool
start_again(void *arg)
{
	const struct suite *suite = arg;

	return suite_tool(suite, NULL, "x4ctl", "start", NULL) == 0;
}

/* lose_east - have east lost, and back */
static void
lose_east(uint64_t until_back)
{
	kill_all(&east);
	/* Peers are at west now, all of them. */
	load_wait_noted(&third, until_back, 120);
	suite_wait("east to start", 60, start_again, &east);
}

/* retire_west - have west leave, under load */
static void
retire_west(void)
{
	char *output;
	int status;

	/* New connections go to east alone; west ends those that it has. */
	ck_assert(balancer_tell(&balancer, "set server mtas/west state drain"));
	status = suite_shell(&output,
	    "%s/bin/x4ctl -c %s drain --to east --wait 2>&1", suite_build(),
	    west.conf);
	ck_assert_msg(status == 0, "drain: exit %d: %s", status, output);
	free(output);
	suite_stop(&west);
	ck_assert_int_eq(suite_tool(&west, NULL, "x4check", NULL), 0);
}

/* count_doubles - check that the sink has all that was confirmed, and count
 * what it has twice */
static unsigned long
count_doubles(void)
{
	unsigned long doubles;
	char *output;

	suite_shell(&output,
	    "cd '%s' && cat third.source*.lines | cut -f 1-3 | sort >sent && "
	    "cut -f 2-4 %s | sort >noted && sort -u noted >once && "
	    "diff sent once | head -n 5",
	    suite_directory(), third.lines);
	ck_assert_msg(*output == '\0', "sent and noted differ:\n%s", output);
	free(output);
	suite_shell(
	    &output, "cd '%s' && uniq -d noted | wc -l", suite_directory());
	doubles = strtoul(output, NULL, 10);
	free(output);
	return doubles;
}

/* forge - call with a header of a caller's own, which nobody believes */
static void
forge(uint16_t port)
{
	const struct raw_called called = {.before = slice_of_string(FORGED)};
	struct raw_call peer;

	ck_assert_int_lt(raw_try(&peer, port, &called), 0);
	raw_hang_up(&peer);
}

/* measure - send as fast as it goes to a port: messages a second */
static double
measure(uint16_t port, uint64_t messages, uint64_t noted)
{
	char output[SUITE_PATH + 64];
	double since = suite_now();

	load_wait_source(source(port, messages, "0", output), 300);
	since = suite_now() - since;
	load_wait_noted(&third, noted + messages, 300);
	return (double)messages / since;
}

/* print_cost - print what it costs that HAProxy stands before the suite */
static void
print_cost(uint64_t messages)
{
	uint64_t noted = load_noted(third.lines);
	double direct = measure(east.port, messages, noted), through, before;

	before = balancer_seconds(&balancer);
	through = measure(balancer.port, messages, noted + messages);
	printf("figure: %.0f messages/s directly, %.0f through HAProxy, which "
	       "takes %.0f us of a CPU for each\n",
	    direct, through,
	    (balancer_seconds(&balancer) - before) * 1e6 / (double)messages);
}

START_TEST(lost_and_retired)
{
	const uint64_t messages = suite_long() ? 100000 : 2000;
	char output[SUITE_PATH + 64];
	unsigned long doubles;
	pid_t pid;

	begin("balanced");
	pid = source(
	    balancer.port, messages, suite_long() ? "1500" : "600", output);
	load_wait_noted(&third, messages / 5, 120);
	lose_east(messages / 5 * 2);
	load_wait_noted(&third, messages / 5 * 3, 120);
	retire_west();
	load_wait_source(pid, 600);
	suite_wait_empty(&east, 60);
	doubles = count_doubles();
	printf("figure: %llu messages of %u peers, %lu came twice\n",
	    (unsigned long long)messages, PEERS, doubles);
	ck_assert_uint_le(doubles, PEERS);
	forge(balancer.port);
	forge(east.port);
	print_cost(suite_long() ? 20000 : 300);
	ck_assert_uint_eq(count_doubles(), doubles);
	balancer_stop(&balancer);
	suite_stop(&east);
	load_sink_stop(&third);
	ck_assert_int_eq(suite_tool(&east, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/balanced", TEST_LONG(lost_and_retired, 1800))
