/* SPDX-License-Identifier: ISC */
/*
 * dead_day_test.c - a day of dead links, with shortened intervals
 *
 * Links whose peers refuse, reset, bar and take an association only to drop
 * it are tried hundreds of times (long form: thousands).  Their log is
 * bounded: a failure is said when it begins and counted while it lasts.  Their
 * messages expire, or end with the open retries, and each is reported on
 * exactly once.  When a peer comes back its failure ends in the log, with the
 * count.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define MESSAGES  6
#define LINES_MAX 50 /* of the log, for one dead link */
#define ORIGIN	  "C=YY;A=back;S=Source"

/* The dead links, each in its way. */
static const struct dead {
	const char *name;
	const char *mishap; /* NULL: nobody listens */
	const char *settings;
} dead[] = {
    {"expire", NULL, "open-retries = 1000000"},
    {"retries", "reset:cn", "open-retries = 20"},
    {"barred", "refuse-bind", "open-retries = 1000000"},
    {"drops", "fin:start", "open-retries = 1000000"},
};
#define DEAD (sizeof(dead) / sizeof(dead[0]))

static struct suite tested;
static struct load_sink sinks[DEAD], back;
static char sections[8192];

struct failures {
	const char *link;
	int64_t wanted;
};

/* log_lines - count lines of the suite's log that match a pattern of grep -E */
static unsigned
log_lines(const char *pattern)
{
	char *output;
	unsigned lines;

	suite_shell(
	    &output, "grep -cE '%s' '%s/state/log'", pattern, tested.directory);
	lines = (unsigned)strtoul(output, NULL, 10);
	free(output);
	return lines;
}

/* start - start the peers, their links, the suite */
static void
start(void)
{
	char settings[256];

	load_source_link(sections, sizeof(sections));
	load_sink(&back, "back", 0, NULL);
	load_link(sections, sizeof(sections), "back", back.port, "");
	for (size_t i = 0; i < DEAD; i++) {
		if (dead[i].mishap == NULL)
			sinks[i].port = suite_free_port();
		else
			load_sink(&sinks[i], dead[i].name, 0, "-M",
			    dead[i].mishap, NULL);
		snprintf(settings, sizeof(settings),
		    "open-interval = \"0.02\" transfer-interval = \"0.02\" "
		    "transfer-retries = 1000 recovery-timeout = \"0\" %s",
		    dead[i].settings);
		load_link(sections, sizeof(sections), dead[i].name,
		    sinks[i].port, settings);
	}
	suite_configure(&tested, "d", "C=XX;A=TEST;P=D",
	    suite_long() ? "  message-lifetime-normal = \"240\"\n"
			 : "  message-lifetime-normal = \"6\"\n",
	    sections);
	suite_start(&tested);
}

/* send - send messages for a dead link, which will be reported on to `back` */
static void
send(const char *name)
{
	char output[SUITE_PATH + 64];
	pid_t pid =
	    load_source(&tested, name, MESSAGES, output, "-f", ORIGIN, NULL);

	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

/* has_failed - tell whether a link's opens failed so often */
static bool
has_failed(void *arg)
{
	const struct failures *failures = arg;

	return load_link_number(&tested, failures->link, "open_failures") >=
	    failures->wanted;
}

/* wait_failures - wait until a link's opens failed so often */
static void
wait_failures(const char *name, int64_t wanted)
{
	struct failures failures = {name, wanted};

	suite_wait(name, 400, has_failed, &failures);
}

/* recovered - tell whether the end of a failure is in the log */
static bool
recovered(void *arg)
{
	char pattern[128];

	snprintf(pattern, sizeof(pattern),
	    "link=%s .*failures=[0-9]{2,} .*duration_ms=[0-9]+", (char *)arg);
	return log_lines(pattern) == 1;
}

/* reports_once - check that each message was reported on once, and nothing
 * else came */
static void
reports_once(void)
{
	char *output;

	suite_shell(
	    &output, "cut -f 1 '%s' | sort | uniq -c | tr -s ' '", back.lines);
	/* the sink took one kind only */
	ck_assert_msg(strstr(output, "report\n") != NULL &&
		strchr(output, '\n') == strrchr(output, '\n'),
	    "%s", output);
	free(output);
	ck_assert_uint_eq(load_noted(back.lines), DEAD * MESSAGES);
}

START_TEST(dead_day)
{
	int64_t wanted = suite_long() ? 3000 : 60;
	char pattern[64];

	suite_begin("dead-day");
	start();
	for (size_t i = 0; i < DEAD; i++)
		send(dead[i].name);
	wait_failures("expire", wanted);
	load_wait_noted(&back, DEAD * MESSAGES, 300);
	for (size_t i = 0; i < DEAD; i++) {
		unsigned lines;

		snprintf(
		    pattern, sizeof(pattern), "(link=|/)%s\\b", dead[i].name);
		lines = log_lines(pattern);
		ck_assert_msg(lines > 0 && lines < LINES_MAX,
		    "%u lines on link %s", lines, dead[i].name);
	}
	reports_once();
	suite_wait_empty(&tested, 60);

	/* the peer comes back: what comes now goes, and the failure has
	 * ended */
	send("expire");
	wait_failures("expire", 2);
	load_sink(&sinks[0], "expire", sinks[0].port, NULL);
	load_wait_noted(&sinks[0], MESSAGES, 60);
	suite_wait("the end of the failure", 20, recovered,
	    (void *)(uintptr_t) "expire");
	ck_assert_int_eq(
	    load_link_number(&tested, "expire", "open_failures"), 0);
	reports_once();
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	for (size_t i = 0; i < DEAD; i++)
		load_sink_stop(&sinks[i]);
	load_sink_stop(&back);
	suite_end();
}
END_TEST

TEST_MAIN("fault/dead_day", TEST_LONG(dead_day, 600))
