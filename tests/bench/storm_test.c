/* SPDX-License-Identifier: ISC */
/*
 * storm_test.c - figures: a storm of reports beside other mail
 *
 * A queue of MESSAGES messages for a link that does not work becomes
 * unroutable at once (the link leaves the configuration), or expires at once
 * (the clock is eight days on).  Each is owed a report, to one originator.
 * Other mail is offered at a steady rate before and meanwhile; that it
 * arrives, how fast, and when the last report does is measured at the far
 * ends.  Nothing is asserted but that all arrives.
 */
#include <signal.h>
#include <string.h>

#include "tests/bench/table.h"
#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define MESSAGES     100000
#define RATE	     1000 /* messages a second of the other mail */
#define SECONDS	     20	  /* of it alone */
#define SECONDS_MOST 60	  /* until all are reported */
#define DAYS_ON	     "691200"

static struct suite tested;
static struct load_sink alone, beside, reports;

/* configure - write the configuration, with the link that does not work or
 * without */
static void
configure(bool dead)
{
	static char sections[8192];

	sections[0] = '\0';
	snprintf(sections, sizeof(sections),
	    "link \"source\" {\n  remote-mta = \"SOURCE\" "
	    "incoming-associations = 1000 remote-password = \"s\"\n"
	    "  address = {\"127.0.0.1:1\"} schedule = \"never\"\n"
	    "  address-space = {\"C=XX;A=NOBODY\"}\n}\n"
	    "link \"reports\" {\n  remote-mta = \"reports\" "
	    "remote-password = \"s\"\n  address = {\"127.0.0.1:%u\"} "
	    "address-space = {\"C=XX;A=LOAD\"}\n}\n",
	    reports.port);
	load_link(sections, sizeof(sections), "alone", alone.port, "");
	load_link(sections, sizeof(sections), "beside", beside.port, "");
	if (dead)
		load_link_at(sections, sizeof(sections), "dead", "127.0.0.1:1",
		    "open-interval = 86400");
	suite_configure(&tested, "f", "C=XX;A=TEST;P=F",
	    "  queue-size = \"8G\" duplicate-memory = \"1h\"\n", sections);
}

/* offer - offer other mail at the steady rate; the source's process */
static pid_t
offer(const char *link, uint64_t messages, char output[SUITE_PATH + 64])
{
	char rate[16];

	snprintf(rate, sizeof(rate), "%u", RATE);
	return load_source(&tested, link, messages, output, "-A", "10", "-r",
	    rate, "-s", "2048", NULL);
}

/* print_others - print how other mail fared, as its sink saw it: messages a
 * second */
static double
print_others(const struct load_sink *sink)
{
	double rate = (double)load_figure(sink->output, "messages") /
	    load_real(sink->output, " seconds=");

	printf("other mail %s: %.0f msg/s, latency %.2f / %.2f ms\n",
	    sink->name, rate, load_real(sink->output, " latency_median_ms="),
	    load_real(sink->output, " latency_p99_ms="));
	return rate;
}

/* all_reported - tell whether all reports have arrived */
static bool
all_reported(void *arg)
{
	return load_noted(reports.lines) >= *(const uint64_t *)arg;
}

/* fill - queue the messages that are to fail, and measure other mail alone */
static void
fill(void)
{
	char output[SUITE_PATH + 64];

	suite_begin("storm");
	load_sink(&alone, "alone", 0, NULL);
	load_sink(&beside, "beside", 0, NULL);
	load_sink(&reports, "reports", 0, NULL);
	configure(true);
	suite_start(&tested);
	load_wait_source(load_source(&tested, "dead", MESSAGES, output, "-A",
			     "20", "-s", "256", NULL),
	    240);
	load_wait_source(offer("alone", (uint64_t)RATE * SECONDS, output), 240);
}

/* measure - wait for all reports, while other mail is offered */
static void
measure(const char *what, double begun, pid_t source)
{
	uint64_t count = MESSAGES;
	double seconds, before;
	char row[64];

	suite_wait("the reports", 600, all_reported, &count);
	seconds = suite_now() - begun;
	printf("%s: %llu reported within %.1f s\n", what,
	    (unsigned long long)count, seconds);
	snprintf(
	    row, sizeof(row), "100,000 %s: s until all are reported", what);
	table_row(row, seconds, SECONDS_MOST, TABLE_BOUND);
	ck_assert_int_eq(kill(source, SIGUSR1), 0);
	load_wait_source(source, 60);
	suite_stop(&tested);
	load_sink_stop(&alone);
	load_sink_stop(&beside);
	load_sink_stop(&reports);
	before = print_others(&alone);
	snprintf(row, sizeof(row), "100,000 %s: others' messages/s", what);
	table_row(row, print_others(&beside), before, TABLE_ALONE);
	suite_end();
}

START_TEST(unroutable)
{
	char output[SUITE_PATH + 64];
	double begun;
	pid_t source;

	fill();
	configure(false);
	source = offer("beside", (uint64_t)RATE * 600, output);
	begun = suite_now();
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	measure("unroutable", begun, source);
}
END_TEST

START_TEST(expired)
{
	char output[SUITE_PATH + 64];
	double begun;
	pid_t source;

	fill();
	suite_stop(&tested);
	setenv("FOURPOST_CLOCK_OFFSET", DAYS_ON, 1);
	suite_start(&tested);
	unsetenv("FOURPOST_CLOCK_OFFSET");
	source = offer("beside", (uint64_t)RATE * 600, output);
	begun = suite_now();
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "clock-ok", NULL), 0);
	measure("expired", begun, source);
}
END_TEST

TEST_MAIN("bench/storm", TEST_LONG(unroutable, 900); TEST_LONG(expired, 900))
