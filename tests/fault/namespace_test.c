/* SPDX-License-Identifier: ISC */
/*
 * namespace_test.c - the network is gone for a time, and nobody is told (F2)
 *
 * Between the suite and its peer lies a network of the test's own, whose link
 * is taken down while messages flow: packets are lost, with neither FIN nor
 * RST.  It comes back before the recovery timeout is over, or long after it.
 * Messages flow again by the first attempt that is begun after that, nobody
 * restarts anything, and where the open interval is long a call of the peer
 * is enough.  Every message is noted exactly once.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/fault/network.h"
#include "tests/unit/test.h"

#define RATE "400" /* messages a second */

#define IN_FLIGHT 16 /* at most */

static struct suite tested;
static struct load_sink sink;
static struct network network;
static char sections[4096];

/* start - start the network, the peer at its far side, and the suite */
static void
start(const char *test, const char *settings)
{
	char way[64], at[64];

	network_begin(&network);
	if (!network.namespaced)
		printf("figure: by a relay: %s\n", network.reason);
	suite_begin(test);
	snprintf(at, sizeof(at), "%s:0", network.far);
	network_far(&network, true);
	load_sink(&sink, "far", 0, "-a", at, NULL);
	network_far(&network, false);
	network_way(&network, sink.port, way, sizeof(way));
	load_source_link(sections, sizeof(sections));
	load_link_at(sections, sizeof(sections), "far", way, settings);
	strlcpy(tested.host, network.listen, sizeof(tested.host));
	suite_configure(&tested, "net", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* finish - check that all arrived, each once; take down what was made */
static void
finish(pid_t source, uint64_t messages)
{
	load_wait_source(source, 120);
	load_wait_noted(&sink, messages, 60);
	load_finish(&tested, &sink, 60);
	suite_end();
	network_end(&network);
}

/* vanish - take the network away while messages flow and so many more wait
 * for it */
static pid_t
vanish(uint64_t messages, uint64_t waiting)
{
	char output[SUITE_PATH + 64];
	pid_t source =
	    load_source(&tested, "far", messages, output, "-r", RATE, NULL);

	load_wait_noted(&sink, 100, 20);
	network_down(&network);
	load_wait_behind(&sink, output, waiting, 60);
	return source;
}

/* failures - count the failed attempts of the link in a row */
static int64_t
failures(void)
{
	return load_link_number(&tested, "far", "open_failures");
}

/* has_failed - tell whether so many attempts were in vain */
static bool
has_failed(void *arg)
{
	return failures() >= *(const int64_t *)arg;
}

/* resume - bring the network back, and measure how long until messages flow;
 * messages that were in transfer when it vanished do not count, because TCP
 * sends them by itself; before: how many attempts had failed by then */
static void
resume(const char *what, int64_t *before)
{
	uint64_t noted = load_noted(sink.lines);
	double since = suite_now();

	network_up(&network);
	*before = failures();
	load_wait_noted(&sink, noted + IN_FLIGHT + 1, 60);
	printf("figure: %s: %.2f s from the network's return until messages "
	       "flow\n",
	    what, suite_now() - since);
}

/* A transfer under way waits for the network, and is neither lost nor
 * doubled. */
START_TEST(shorter_than_the_recovery_timeout)
{
	const uint64_t messages = suite_long() ? 20000 : 800;
	int64_t before;
	pid_t source;

	start("net-short",
	    "open-interval = 2 transfer-interval = \"0.2\" open-timeout = 2\n"
	    "  recovery-timeout = 60 transfer-timeout-normal = 2\n"
	    "  transfer-retries = 1000 associations = 3");
	source = vanish(messages, messages / 4);
	resume("shorter", &before);
	finish(source, messages);
}
END_TEST

/* recovered_after - read the failures that the log counts when the link was
 * back */
static int64_t
recovered_after(void)
{
	char path[SUITE_PATH + 32], *text, *at;
	int64_t count;

	snprintf(path, sizeof(path), "%s/state/log", tested.directory);
	text = suite_read(path, NULL);
	ck_assert_ptr_nonnull(text);
	at = strstr(text, "link recovered link=far failures=");
	ck_assert_msg(at != NULL, "not recovered");
	count = strtoll(strstr(at, "failures=") + 9, NULL, 10);
	free(text);
	return count;
}

/* Of the attempts after its return one may have begun before it; the next one
 * is as good as that after an open interval. */
START_TEST(longer_than_the_recovery_timeout)
{
	int64_t before = suite_long() ? 20 : 2, after;
	pid_t source;

	start("net-long",
	    "open-interval = \"0.5\" transfer-interval = \"0.2\" "
	    "open-timeout = \"0.5\"\n  recovery-timeout = \"0.5\" "
	    "transfer-timeout-normal = \"0.1\" open-retries = 100000\n"
	    "  transfer-retries = 1000 associations = 3");
	source = vanish(800, 100);
	suite_wait("attempts in vain", 120, has_failed, &before);
	resume("longer", &before);
	after = recovered_after();
	ck_assert_msg(after >= 2 && after <= before + 1,
	    "%lld attempts in vain, and %lld when the network was back",
	    (long long)after, (long long)before);
	finish(source, 800);
}
END_TEST

/* The peer's call ends a wait of ten minutes. */
START_TEST(at_once_when_the_peer_calls)
{
	char output[SUITE_PATH + 64], to[64];
	pid_t source, caller;

	start("net-call",
	    "open-interval = 600 transfer-interval = \"0.2\" "
	    "open-timeout = \"0.5\"\n  recovery-timeout = \"0.5\" "
	    "transfer-timeout-normal = \"0.1\"\n"
	    "  transfer-retries = 1000 associations = 3");
	source = vanish(800, 100);
	load_wait_waiting(&tested, "far", 60);
	network_up(&network);
	snprintf(to, sizeof(to), "%s:%u", network.near, tested.port);
	network_far(&network, true);
	caller =
	    load_source(&tested, "far", 0, output, "-n", "far", "-a", to, NULL);
	network_far(&network, false);
	load_wait_source(caller, 30);
	finish(source, 800);
}
END_TEST

TEST_MAIN("fault/namespace", TEST_LONG(shorter_than_the_recovery_timeout, 300),
    TEST_LONG(longer_than_the_recovery_timeout, 300),
    TEST_LONG(at_once_when_the_peer_calls, 300))
