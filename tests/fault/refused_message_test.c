/* SPDX-License-Identifier: ISC */
/*
 * refused_message_test.c - what a peer refuses blocks nothing behind it (F3)
 *
 * A peer excepts or aborts on one message, whenever it comes.  It gets every
 * other one, those before it and those behind it; the refused one ends, after
 * transfer-retries, in a non-delivery report to its originator, or on hold.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define MESSAGES 200
#define TAG	 "one-"
#define REFUSED	 TAG "77" /* in the MTS identifier of that message */

static struct suite tested;
static struct load_sink sink, home;
static char sections[8192];

/* start - start a peer with this mishap, and one where reports go */
static void
start(const char *mishap, const char *refused_message)
{
	char settings[256];

	load_source_link(sections, sizeof(sections));
	load_sink(&sink, "picky", 0, "-M", mishap, NULL);
	snprintf(settings, sizeof(settings),
	    "transfer-retries = 2 transfer-interval = \"0.1\" "
	    "open-interval = \"0.1\" recovery-timeout = 0\n"
	    "  refused-message = \"%s\" associations = 2",
	    refused_message);
	load_link(sections, sizeof(sections), "picky", sink.port, settings);
	load_sink(&home, "home", 0, NULL);
	load_link(sections, sizeof(sections), "home", home.port, "");
	suite_configure(&tested, "refuse", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* send - send all messages, from an address to which reports can go */
static void
send(void)
{
	char output[SUITE_PATH + 64];
	pid_t pid = load_source(&tested, "picky", MESSAGES, output, "-u", TAG,
	    "-f", "C=YY;A=home;S=Origin", NULL);

	ck_assert_int_eq(suite_wait_exit(pid, 60), 0);
}

/* stop - stop the peers and the suite; check that the others arrived, once */
static void
stop(void)
{
	char *text;

	load_sink_stop(&sink);
	load_sink_stop(&home);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	ck_assert_uint_eq(load_noted(sink.lines), MESSAGES - 1);
	load_same(&sink, "picky.source*.lines | grep -v '" REFUSED "]'");
	text = suite_read(sink.lines, NULL);
	ck_assert_ptr_null(strstr(text, REFUSED "]"));
	free(text);
}

/* reported - check that the message ends in one report, and in one only */
static void
reported(const char *mishap)
{
	char *text;

	suite_begin("refused");
	start(mishap, "report");
	send();
	load_wait_noted(&sink, MESSAGES - 1, 60);
	load_wait_noted(&home, 1, 60);
	suite_wait_empty(&tested, 20);
	stop();
	ck_assert_uint_eq(load_noted(home.lines), 1);
	text = suite_read(home.lines, NULL);
	ck_assert_msg(strncmp(text, "report\t", 7) == 0, "%s", text);
	free(text);
	suite_end();
}

START_TEST(exception_then_report)
{
	reported("except:" REFUSED "]");
}
END_TEST

START_TEST(abort_then_report)
{
	reported("abort:" REFUSED "]");
}
END_TEST

/* held - fetch the rows of the messages on hold */
static json_t *
held(void)
{
	return suite_rows(
	    &tested, "x4queue", "-j", "list", "--state", "held", NULL);
}

/* is_held - tell whether one message is */
static bool
is_held(void *arg)
{
	json_t *rows = held();
	size_t count = json_array_size(rows);

	(void)arg;
	json_decref(rows);
	return count == 1;
}

/* is_alone - tell whether one message is left in the queue */
static bool
is_alone(void *arg)
{
	(void)arg;
	return suite_queued(&tested) == 1;
}

START_TEST(exception_then_hold)
{
	const char *identifier;
	json_t *rows;

	suite_begin("held");
	start("except:" REFUSED "]", "hold");
	send();
	load_wait_noted(&sink, MESSAGES - 1, 60);
	suite_wait("a message on hold", 60, is_held, NULL);
	rows = held();
	identifier = json_string_value(
	    json_object_get(json_array_get(rows, 0), "mts_id"));
	ck_assert_ptr_nonnull(identifier);
	ck_assert_msg(
	    strstr(identifier, REFUSED "]") != NULL, "%s", identifier);
	json_decref(rows);
	suite_wait("the others to leave", 60, is_alone, NULL);
	stop();
	ck_assert_uint_eq(load_noted(home.lines), 0);
	suite_end();
}
END_TEST

TEST_MAIN("fault/refused_message", TEST_LONG(exception_then_report, 200),
    TEST_LONG(abort_then_report, 200), TEST_LONG(exception_then_hold, 200))
