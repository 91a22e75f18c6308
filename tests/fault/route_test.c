/* SPDX-License-Identifier: ISC */
/*
 * route_test.c - which way a message takes, and what it takes next
 *
 * Several addresses of a link, several links of a route: by cost, shared
 * among equals, past those that wait.  When a link is out of retries or
 * disabled its messages take the next route, with the rerouted mark in their
 * trace, as an independent decoder sees it; only when none is left they are
 * reported on, once.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define MESSAGES 20
#define ORIGIN	 "C=YY;A=back;S=Source"

static struct suite tested;
static struct load_sink cheap, dear, spare, back;
static char sections[16384];
static pid_t relay;
static uint16_t relay_port;
static char pcap[SUITE_PATH + 16];

/* section - write a link with this address, address space and settings */
static void
section(
    const char *name, const char *address, const char *to, const char *settings)
{
	char mta[64];
	size_t used = strlen(sections);
	int n;

	snprintf(mta, sizeof(mta), "remote-mta = \"%s\" ", name);
	n = snprintf(sections + used, sizeof(sections) - used,
	    "link \"%s\" {\n  remote-password = \"s\"\n"
	    "  address = {%s} address-space = {\"C=YY;A=%s\"}\n"
	    "  %s%s%s\n}\n",
	    name, address, to,
	    strstr(settings, "open-interval") != NULL
		? ""
		: "open-interval = \"0.05\" ",
	    strstr(settings, "remote-mta") != NULL ? "" : mta, settings);

	ck_assert_uint_lt(used + (size_t)n, sizeof(sections));
}

/* at - write an address of loopback, quoted */
static const char *
at(uint16_t port)
{
	static char text[32];

	snprintf(text, sizeof(text), "\"127.0.0.1:%u\"", port);
	return text;
}

/* record - let what goes to the spare link cross a relay that writes it down */
static void
record(void)
{
	char target[32], output[SUITE_PATH + 16];

	snprintf(target, sizeof(target), "127.0.0.1:%u", spare.port);
	snprintf(output, sizeof(output), "%s/relay", suite_directory());
	snprintf(pcap, sizeof(pcap), "%s/wire.pcap", suite_directory());
	relay =
	    suite_spawn(output, "peers/record", "-w", pcap, "-t", target, NULL);
	relay_port = suite_port_of(output);
}

/* marks - count how often the decoder sees the rerouted mark on the wire */
static unsigned
marks(void)
{
	char *output;
	unsigned n;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt -V 2>/dev/null | "
	    "grep -cE 'routing-action: rerouted|rerouted \\(1\\)'",
	    pcap, spare.port);
	n = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return n;
}

/* submit - submit messages to C=YY;A=to, and wait until they were confirmed */
static void
submit(const char *to, const char *count)
{
	char output[SUITE_PATH + 64];
	pid_t pid = load_source(
	    &tested, to, 1, output, "-f", ORIGIN, "-m", count, NULL);

	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

/* begin - start the sinks, and write what all suites have */
static void
begin(const char *test)
{
	suite_begin(test);
	load_source_link(sections, sizeof(sections));
	load_sink(&cheap, "cheap", 0, NULL);
	load_sink(&dear, "dear", 0, NULL);
	load_sink(&spare, "spare", 0, NULL);
	load_sink(&back, "back", 0, NULL);
	section("back", at(back.port), "back", "");
}

/* start - start the suite */
static void
start(void)
{
	suite_configure(&tested, "r", "C=XX;A=TEST;P=R", "", sections);
	suite_start(&tested);
}

/* stop - stop the sinks and the suite */
static void
stop(void)
{
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	if (relay != 0)
		ck_assert_int_eq(suite_reap(relay), 0);
	relay = 0;
	load_sink_stop(&cheap);
	load_sink_stop(&dear);
	load_sink_stop(&spare);
	load_sink_stop(&back);
	suite_end();
}

/* two_have - tell whether two sinks have so many together */
static bool
two_have(void *arg)
{
	return load_noted(cheap.lines) + load_noted(dear.lines) >=
	    *(uint64_t *)arg;
}

START_TEST(choice)
{
	char addresses[64];
	uint64_t wanted = 2 * MESSAGES;

	begin("route");
	/* the first address is dead, the second is not */
	snprintf(addresses, sizeof(addresses), "\"127.0.0.1:%u\", %s",
	    suite_free_port(), at(spare.port));
	section("spare", addresses, "many", "");
	/* by cost, and shared among equals */
	section("cheap", at(cheap.port), "cost", "cost = 1");
	section("dear", at(dear.port), "cost", "cost = 2");
	section("x", "\"127.0.0.1:1\"", "unused", "schedule = \"never\"");
	start();
	submit("many", "5");
	load_wait_noted(&spare, 5, 20);
	submit("cost", "20");
	load_wait_noted(&cheap, MESSAGES, 20);
	ck_assert_uint_eq(load_noted(dear.lines), 0);

	suite_stop(&tested);
	load_source_link(sections, sizeof(sections));
	section("cheap", at(cheap.port), "cost", "cost = 7");
	section("dear", at(dear.port), "cost", "cost = 7");
	start();
	submit("cost", "20");
	suite_wait("the equals to have all", 20, two_have, &wanted);
	ck_assert_uint_ge(load_noted(cheap.lines), MESSAGES * 5 / 4);
	ck_assert_uint_ge(load_noted(dear.lines), MESSAGES / 4);
	stop();
}
END_TEST

START_TEST(reroute)
{
	begin("reroute");
	record();
	/* the best route is dead, and has few retries */
	section(
	    "dead", at(suite_free_port()), "one", "cost = 1 open-retries = 4");
	section("spare", at(relay_port), "one", "cost = 5");
	/* no other link has this address space */
	section("last", at(suite_free_port()), "none", "open-retries = 4");
	section("last2", at(suite_free_port()), "none", "open-retries = 4");
	/* "off" will be disabled; the next longest match takes its place */
	section("off", at(suite_free_port()), "two", "open-retries = 100000");
	section(
	    "cheap", at(relay_port), "two", "cost = 50 remote-mta = \"spare\"");
	start();
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "cheap", NULL), 0);
	submit("one", "20");
	load_wait_noted(&spare, MESSAGES, 20);

	submit("two", "20");
	ck_assert_int_eq(load_link_number(&tested, "off", "queued"), MESSAGES);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "enable", "cheap", NULL), 0);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "off", NULL), 0);
	load_wait_noted(&spare, MESSAGES * 2, 20);
	load_same(&spare, "one.source*.lines two.source*.lines");
	ck_assert_uint_eq(load_noted(back.lines), 0);
	ck_assert_int_eq(suite_reap(relay), 0);
	relay = 0;
	ck_assert_uint_ge(marks(), MESSAGES + 1);

	/* no route is left: reported on, once */
	submit("none", "20");
	load_wait_noted(&back, MESSAGES, 30);
	suite_wait_empty(&tested, 20);
	ck_assert_uint_eq(load_noted(back.lines), MESSAGES);
	stop();
}
END_TEST

/* has_failed - tell whether the cheap link waits for its open interval */
static bool
has_failed(void *arg)
{
	(void)arg;
	return load_link_number(&tested, "cheap", "open_failures") > 0;
}

/* A cheap way that failed once is taken by the next message, not after an open
 * interval or never, when x4ping or an administrator finds its peer there. */
START_TEST(comes_back)
{
	static const char *const commands[][2] = {
	    {"x4ping", NULL}, {"x4ctl", "retry"}};
	uint16_t port;

	begin("back");
	port = cheap.port;
	section("cheap", at(port), "cost",
	    "cost = 1 open-interval = 600 association-lifetime = 1");
	section("dear", at(dear.port), "cost", "cost = 2");
	load_sink_stop(&cheap);
	start();
	for (unsigned i = 0; i < 2; i++) {
		const char *command = commands[i][1];

		submit("cost", "1");
		suite_wait("a failure", 20, has_failed, NULL);
		ck_assert_int_eq(suite_tool(&tested, NULL, "x4queue", "delete",
				     "--all", NULL),
		    0);
		submit("cost", "1");
		load_wait_noted(&dear, i + 1, 20);
		load_sink(&cheap, "cheap", port, NULL);
		ck_assert_int_eq(suite_tool(&tested, NULL, commands[i][0],
				     command != NULL ? command : "cheap",
				     command != NULL ? "cheap" : NULL, NULL),
		    0);
		submit("cost", "1");
		load_wait_noted(&cheap, i + 1, 20);
		ck_assert_uint_eq(load_noted(dear.lines), i + 1);
		load_sink_stop(&cheap);
	}
	load_sink(&cheap, "cheap", port, NULL);
	stop();
}
END_TEST

TEST_MAIN("fault/route", TEST_LONG(choice, 120); TEST_LONG(reroute, 120);
	  TEST_LONG(comes_back, 120))
