/* SPDX-License-Identifier: ISC */
/*
 * envelope_test.c - figures: what messages with the largest envelopes cost
 * those beside them
 *
 * Messages of 2 KB pass at a steady rate, alone, and then beside messages with
 * 32,767 recipients each, that one after the other are taken, sent, or reported
 * on.  Nothing is asserted but that all arrived.
 */
#include <signal.h>
#include <string.h>

#include "mhs/p1.h"
#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define ORDINARY 1000  /* messages of 2 KB in a run */
#define RATE	 "100" /* of them a second */
#define LARGE	 20    /* messages of the largest envelope in a run, at most */

static struct suite tested;
static struct load_sink ordinary, large;
static uint64_t seen; /* most RssAnon of the queue manager */

/* start - start a suite with a sink for each kind */
static void
start(const char *name)
{
	static char sections[4096];

	suite_begin(name);
	load_source_link(sections, sizeof(sections));
	snprintf(sections + strlen(sections),
	    sizeof(sections) - strlen(sections),
	    "link \"lists\" {\n  remote-mta = \"LISTS\" "
	    "remote-password = \"l\"\n  address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=LISTS\"}\n  schedule = \"never\"\n}\n");
	load_sink(&ordinary, "ordinary", 0, NULL);
	load_sink(&large, "large", 0, NULL);
	load_link(sections, sizeof(sections), "ordinary", ordinary.port, "");
	load_link(sections, sizeof(sections), "large", large.port, "");
	suite_configure(&tested, "f", "C=XX;A=TEST;P=F",
	    "  queue-size = \"4G\"\n", sections);
	suite_start(&tested);
	seen = 0;
}

/* all_noted - tell whether all ordinary messages have arrived; looks at memory
 * meanwhile */
static bool
all_noted(void *arg)
{
	uint64_t rss = suite_rss_anon(suite_pid(&tested, "qmgr"));

	(void)arg;
	if (rss > seen)
		seen = rss;
	return load_noted(ordinary.lines) >= ORDINARY;
}

/* run - pass ordinary messages, beside large ones to an address if that is not
 * NULL */
static void
run(const char *name, const char *to)
{
	char output[SUITE_PATH + 64], output_large[SUITE_PATH + 64];
	pid_t pid, beside = -1;

	start(name);
	if (to != NULL)
		beside = load_source(&tested, "large", LARGE, output_large,
		    "-n", "LISTS", "-w", "l", "-f", "C=YY;A=large;S=Source",
		    "-N", "32767", "-t", to, NULL);
	pid = load_source(&tested, "ordinary", ORDINARY, output, "-r", RATE,
	    "-s", "2048", NULL);
	suite_wait("the ordinary messages", 120, all_noted, NULL);
	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
	if (to != NULL) {
		kill(beside, SIGUSR1);
		(void)!suite_wait_exit(beside, 120);
	}
	suite_stop(&tested);
	load_sink_stop(&large);
	load_sink_stop(&ordinary);
	printf("    %-28s %3llu large noted; 2 KB: median %6.2f ms, p99 %6.2f "
	       "ms; RssAnon of qmgr %.1f MB\n",
	    name, (unsigned long long)load_noted(large.lines),
	    load_real(ordinary.output, " latency_median_ms="),
	    load_real(ordinary.output, " latency_p99_ms="), (double)seen / 1e6);
	suite_end();
}

/* address - make an address of some 600 octets */
static const char *
address(const char *start)
{
	static char to[1024];

	snprintf(to, sizeof(to), "%s", start);
	for (char c = 'a'; c <= 'd'; c++)
		snprintf(to + strlen(to), sizeof(to) - strlen(to),
		    ";DDA:%c=%0126d", c, 0);
	return to;
}

START_TEST(beside_large_envelopes)
{
	run("alone", NULL);
	run("short", "C=YY;A=large;S=Sink");
	run("long", address("C=YY;A=large;S=Sink"));
	run("short-unknown", "C=QQ;A=none;S=Sink");
	run("long-unknown", address("C=QQ;A=none;S=Sink"));
}
END_TEST

TEST_MAIN("envelope", TEST_LONG(beside_large_envelopes, 900))
