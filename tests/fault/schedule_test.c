/* SPDX-License-Identifier: ISC */
/*
 * schedule_test.c - the override values of a link, and what a message waits for
 *
 * How many associations so many messages want, and the one that is kept for
 * urgent ones; an idle one that goes after its lifetime; transfer retries;
 * a lifetime by priority.  For every reason that a message can wait for
 * x4queue why says a sentence, and the status the last error.
 */
#include <string.h>
#include <time.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define ORIGIN "C=YY;A=back;S=Source"

static struct suite tested;
static struct load_sink sink, back;
static char sections[16384];

/* link_section - write a link with these settings */
static void
link_section(const char *name, uint16_t port, const char *settings)
{
	load_link(sections, sizeof(sections), name, port, settings);
}

/* begin - start the sinks and their links; arguments of the sink's mishap */
static void
begin(const char *test, const char *mishap)
{
	suite_begin(test);
	load_source_link(sections, sizeof(sections));
	load_sink(&sink, "sink", 0, "-M", mishap, NULL);
	load_sink(&back, "back", 0, NULL);
	link_section("back", back.port, "");
}

/* start - start the suite */
static void
start(const char *mta)
{
	suite_configure(&tested, "t", "C=XX;A=TEST;P=T", mta, sections);
	suite_start(&tested);
}

/* stop - stop the sinks and the suite */
static void
stop(void)
{
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	load_sink_stop(&sink);
	load_sink_stop(&back);
	suite_end();
}

/* submit - submit messages to C=YY;A=to, and wait until they were confirmed */
static void
submit(const char *to, const char *count, const char *priority)
{
	char output[SUITE_PATH + 64];
	pid_t pid = load_source(&tested, to, 1, output, "-f", ORIGIN, "-m",
	    count, "-P", priority, NULL);

	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

struct number {
	const char *link, *key;
	int64_t value;
};

/* has_number - tell whether a number of a link's status is so */
static bool
has_number(void *arg)
{
	const struct number *n = arg;

	return load_link_number(&tested, n->link, n->key) == n->value;
}

/* wait_number - wait until a number of a link's status is so */
static void
wait_number(const char *link, const char *key, int64_t value)
{
	struct number n = {link, key, value};
	char what[96];

	snprintf(what, sizeof(what), "%s of %s to be %lld", key, link,
	    (long long)value);
	suite_wait(what, 20, has_number, &n);
}

/* A sink that confirms nothing keeps what it was given. */
START_TEST(associations)
{
	begin("associations", "silence:end");
	link_section("sink", sink.port,
	    "associations = 4 threshold = 20 association-lifetime = \"0.5\"");
	start("");
	/* a batch of 16 goes, the rest is below the threshold */
	submit("sink", "30", "normal");
	wait_number("sink", "associations", 1);
	submit("sink", "10", "normal");
	wait_number("sink", "associations", 2);
	/* the fourth is not for these */
	submit("sink", "200", "normal");
	wait_number("sink", "associations", 3);
	submit("sink", "10", "normal");
	ck_assert_int_eq(load_link_number(&tested, "sink", "associations"), 3);
	submit("sink", "1", "urgent");
	wait_number("sink", "associations", 4);
	/* a transfer under way would hold up the stop */
	load_sink_stop(&sink);
	load_sink(&sink, "sink", sink.port, "-M", "reset:accept", NULL);
	stop();
}
END_TEST

/* An association that has nothing to do goes, and another comes. */
START_TEST(idle)
{
	begin("idle", "none");
	link_section("sink", sink.port,
	    "association-lifetime = \"0.2\" disconnect-timeout = \"1\"");
	start("");
	submit("sink", "3", "normal");
	load_wait_noted(&sink, 3, 20);
	wait_number("sink", "associations", 0);
	submit("sink", "3", "normal");
	load_wait_noted(&sink, 6, 20);
	load_sink_stop(&sink);
	ck_assert_uint_ge(load_figure(sink.output, "connections"), 2);
	load_sink(&sink, "sink", sink.port, NULL);
	stop();
}
END_TEST

/* A message that the peer will not take is returned after the transfer retries;
 * the messages behind it have gone meanwhile, and an urgent message has a
 * lifetime of its own. */
START_TEST(retries)
{
	begin("retries", "except");
	link_section("sink", sink.port,
	    "transfer-retries = 2 transfer-interval = \"0.1\"");
	link_section("gone", suite_free_port(), "open-retries = 100000");
	start("  message-lifetime-urgent = \"1\"\n");
	submit("sink", "2", "normal");
	load_wait_noted(&back, 2, 20);
	submit("gone", "1", "normal");
	submit("gone", "1", "urgent");
	load_wait_noted(&back, 3, 20);
	wait_number("gone", "queued", 1);
	stop();
}
END_TEST

/* queued_id - find the id of the last message queued for a link, as text */
static void
queued_id(const char *link, char id[24])
{
	json_t *rows =
	    suite_rows(&tested, "x4queue", "-j", "list", "--link", link, NULL);

	ck_assert_uint_ge(json_array_size(rows), 1);
	snprintf(id, 24, "%lld",
	    (long long)json_integer_value(json_object_get(
		json_array_get(rows, json_array_size(rows) - 1), "id")));
	json_decref(rows);
}

struct sentence {
	const char *link, *pattern;
	char said[512];
};

/* says - tell whether `why` says this of the link's last message */
static bool
says(void *arg)
{
	struct sentence *sentence = arg;
	char id[24], *output;
	int status;

	queued_id(sentence->link, id);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4queue", "why", id, NULL), 0);
	output[strcspn(output, "\n")] = '\0';
	strlcpy(sentence->said, output, sizeof(sentence->said));
	free(output);
	status = suite_shell(NULL, "printf '%%s' \"%s\" | grep -qE '%s'",
	    sentence->said, sentence->pattern);
	return status == 0;
}

/* wait_says - wait until `why` says this of the link's last message */
static void
wait_says(const char *link, const char *pattern)
{
	struct sentence sentence = {link, pattern, ""};
	char what[640];

	snprintf(what, sizeof(what), "why of %s: %s", link, pattern);
	suite_wait(what, 10, says, &sentence);
}

/* last_error - read a link's last error in the status, in words */
static void
last_error(const char *link, const char *words)
{
	json_t *row = load_link_row(&tested, link);
	const char *error =
	    json_string_value(json_object_get(row, "last_error"));

	ck_assert_ptr_nonnull(error);
	ck_assert_msg(strstr(error, words) != NULL, "%s", error);
	json_decref(row);
}

/* deferred - submit one that is not to go before next year */
static void
deferred(void)
{
	char path[SUITE_PATH + 16];

	snprintf(path, sizeof(path), "%s/body", suite_directory());
	suite_write(path, "later\n", 6);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", ORIGIN, "-t",
		"C=YY;A=later;S=B", "-b", path, "--deferred", "+1h", NULL),
	    0);
}

/* another_day - write a schedule of times that are not now */
static void
another_day(char *text, size_t size)
{
	time_t then = time(NULL) + 3 * 24 * 3600;
	struct tm tm;
	char day[8];

	ck_assert_ptr_nonnull(localtime_r(&then, &tm));
	ck_assert_uint_gt(strftime(day, sizeof(day), "%a", &tm), 0);
	snprintf(text, size, "schedule = \"%s 08:00-18:00\"", day);
}

START_TEST(why)
{
	struct load_sink slow;
	char id[24], day[64];
	json_t *rows;

	begin("why", "except");
	link_section("sink", sink.port, "transfer-interval = \"1h\"");
	link_section("refused", suite_free_port(), "");
	link_section("retry", suite_free_port(), "open-interval = \"0.05\"");
	link_section("never", 1, "schedule = \"never\"");
	link_section("off", 1, "");
	link_section("held", 1, "open-interval = \"1h\"");
	link_section("later", 1, "");
	another_day(day, sizeof(day));
	link_section("times", 1, day);
	link_section("calls", 1,
	    "schedule = \"remote-initiated\" dialogue = \"two-way-alternate\"");
	load_sink(&slow, "slow", 0, "-M", "silence:end", NULL);
	link_section("slow", slow.port, "associations = 1");
	start("");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "off", NULL), 0);
	submit("refused", "1", "normal");
	wait_says("refused",
	    "link refused, which could not be opened once \\(.*refused.*\\); "
	    "the next attempt is in [0-9]+ s$");
	last_error("refused", "onnection refused");
	submit("retry", "1", "normal");
	wait_says("retry", "could not be opened ([0-9]+ times|twice) \\(");
	submit("never", "1", "normal");
	wait_says("never", "link never, which is scheduled never$");
	submit("times", "1", "normal");
	wait_says("times",
	    "link times, whose schedule does not allow it before "
	    "[A-Z][a-z]+day "
	    "08:00$");
	submit("calls", "1", "normal");
	wait_says("calls", "it waits for the peer of link calls to call$");
	/* a batch of 16 is at work, 3 are behind them */
	submit("slow", "19", "normal");
	wait_says("slow",
	    "it waits for its turn behind 18 others on link slow, "
	    "which has all its associations open$");
	load_sink_stop(&slow);
	submit("off", "1", "normal");
	wait_says("off", "link off, which an administrator disabled$");
	submit("sink", "1", "normal");
	wait_says("sink",
	    "its transfer failed once \\(.+\\); it is tried again in [0-9]+ "
	    "s$");
	submit("held", "1", "normal");
	queued_id("held", id);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "hold", id, NULL), 0);
	wait_says("held", "it waits for its release: held by an administrator");
	deferred();
	wait_says(
	    "later", "deferred by its originator until 20.*, in [0-9]+ s$");
	/* the oldest is as old as it is */
	rows = suite_rows(&tested, "x4queue", "-j", "summary", NULL);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *link =
		    json_string_value(json_object_get(row, "link"));

		if (link != NULL && strcmp(link, "refused") == 0)
			ck_assert_int_le((int64_t)time(NULL) -
				json_integer_value(
				    json_object_get(row, "oldest")),
			    300);
	}
	json_decref(rows);
	stop();
}
END_TEST

TEST_MAIN("fault/schedule", TEST_LONG(associations, 120); TEST_LONG(idle, 120);
	  TEST_LONG(retries, 120); TEST_LONG(why, 120))
