/* SPDX-License-Identifier: ISC */
/*
 * greedy_test.c - one peer takes all that it gets, another notices nothing
 *
 * The greedy peer sends contents without end on all its associations, or binds
 * and is lost again and again.  Messages of the other one pass, counted at the
 * far end, and what it sends twice is taken once.  Long form: the queue and the
 * sessions of a real suite.
 */
#include <signal.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define QUEUE	 (suite_long() ? "256M" : "16M")
#define SESSIONS (suite_long() ? 10100U : 300U) /* over STORE_SESSIONS_LINK */

static struct suite tested;
static struct load_sink sink;
static char sections[4096];

/* start - start a suite with a sink and two peers that call */
static void
start(const char *name, const char *mta)
{
	size_t used;

	suite_begin(name);
	load_source_link(sections, sizeof(sections));
	used = strlen(sections);
	snprintf(sections + used, sizeof(sections) - used,
	    "link \"greedy\" {\n  remote-mta = \"GREEDY\" "
	    "remote-password = \"g\"\n  address = {\"127.0.0.1:1\"} "
	    "address-space = {\"C=XX;A=GREEDY\"}\n  schedule = \"never\"\n"
	    "  associations = 3\n}\n");
	load_sink(&sink, "far", 0, NULL);
	load_link(sections, sizeof(sections), "far", sink.port, "");
	suite_configure(&tested, "f", "C=XX;A=TEST;P=F", mta, sections);
	suite_start(&tested);
}

/* finish - stop all; the queue is sound.  Prints how long messages took from
 * their source to the far end, which a person judges */
static void
finish(const char *of)
{
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	load_sink_stop(&sink);
	printf("figure: %s: median %llu ms, 99 of 100 within %llu ms\n", of,
	    (unsigned long long)load_figure(sink.output, "latency_median_ms"),
	    (unsigned long long)load_figure(sink.output, "latency_p99_ms"));
	suite_end();
}

/* logged - count how often an event of the greedy peer stands in the log */
static unsigned
logged(const char *event)
{
	char path[SUITE_PATH + 64], *log, *at;
	unsigned count = 0;

	snprintf(path, sizeof(path), "%s/state/log", tested.directory);
	log = suite_read(path, NULL);
	ck_assert_ptr_nonnull(log);
	for (at = log; (at = strstr(at, event)) != NULL; at++)
		count++;
	free(log);
	return count;
}

/* is_at_limit - tell whether the greedy peer has been refused, with its
 * event */
static bool
is_at_limit(void *arg)
{
	(void)arg;
	return logged(" 20130 ") > 0;
}

/* greedy_octets - read what x4queue summary says that the greedy peer has in
 * part */
static int64_t
greedy_octets(void)
{
	json_t *rows = suite_rows(&tested, "x4queue", "-j", "summary", NULL),
	       *row;
	int64_t octets = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "link")),
			"greedy") == 0)
			octets = json_integer_value(
			    json_object_get(row, "partial_octets"));
	}
	json_decref(rows);
	return octets;
}

/* has_parts - tell whether the greedy peer shows in the summary */
static bool
has_parts(void *arg)
{
	(void)arg;
	return greedy_octets() > 0;
}

START_TEST(endless_transfers)
{
	char output[SUITE_PATH + 64], mta[64];
	pid_t greedy;

	snprintf(mta, sizeof(mta), "  queue-size = \"%s\"\n", QUEUE);
	start("endless", mta);
	greedy = load_source(&tested, "far", 3, output, "-n", "GREEDY", "-w",
	    "g", "-A", "3", "-s", "1000000", "-R", "100000", "-I", "10", "-M",
	    "endless", NULL);
	suite_wait("parts of the greedy peer", 60, has_parts, NULL);
	suite_wait("the greedy peer's limit", 120, is_at_limit, NULL);
	/* all that the other sends is taken, the first time it is sent */
	load_send(&tested, "far", 100);
	load_wait_noted(&sink, 100, 60);
	ck_assert_int_eq(kill(greedy, SIGTERM), 0);
	suite_wait_exit(greedy, 30);
	finish("messages beside endless transfers");
}
END_TEST

START_TEST(sessions_without_number)
{
	char output[SUITE_PATH + 64], quiet_output[SUITE_PATH + 64];
	char relay_output[SUITE_PATH + 64], address[32], retries[16];
	pid_t quiet, greedy, relay;
	uint16_t port;

	start("sessions", "");
	relay = load_relay(
	    "quiet", tested.port, relay_output, &port, "-k", "reset", NULL);
	snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	/* taken, and the confirmation does not come; then the line is down */
	quiet = load_source(&tested, "far", 1, quiet_output, "-a", address,
	    "-R", "100000", "-I", "3000", "-M", "reset:before-confirm", "-M",
	    "none", NULL);
	load_wait_noted(&sink, 1, 30);
	load_relay_down(relay, relay_output);
	snprintf(retries, sizeof(retries), "%u", SESSIONS * 2);
	greedy = load_source(&tested, "far", SESSIONS, output, "-n", "GREEDY",
	    "-w", "g", "-A", "3", "-R", retries, "-I", "0", "-M",
	    "reset:after-confirm", NULL);
	load_wait_source(greedy, 1500);
	ck_assert_uint_gt(logged(" 20027 "), 0);
	ck_assert_uint_eq(logged(" 20021 "), 0);
	load_relay_up(relay, relay_output);
	load_wait_source(quiet, 300);
	load_wait_noted(&sink, SESSIONS + 1, 60);
	ck_assert_uint_eq(load_noted(sink.lines), SESSIONS + 1);
	ck_assert_uint_gt(logged(" 20021 "), 0);
	(void)suite_reap(relay);
	finish("messages beside sessions without number");
}
END_TEST

TEST_MAIN("fault/greedy", TEST_LONG(endless_transfers, 400);
	  TEST_LONG(sessions_without_number, 2000))
