/* SPDX-License-Identifier: ISC */
/*
 * tagging_test.c - a peer that understands explicit tags alone gets them
 *
 * The peer aborts each transfer with "user error" whose extensions are tagged
 * implicitly.  qmgr and the whole suite end and begin again in between.
 */
#include <signal.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

static struct suite tested;
static struct load_sink sink;
static char sections[8192];

/* start - start the peer, and the suite with a link to it */
static void
start(const char *settings)
{
	char all[256];

	load_source_link(sections, sizeof(sections));
	load_sink(&sink, "old", 0, "-M", "implicit", NULL);
	snprintf(all, sizeof(all),
	    "transfer-retries = 1000 transfer-interval = \"0.1\" "
	    "open-interval = \"0.1\"\n  %s",
	    settings);
	load_link(sections, sizeof(sections), "old", sink.port, all);
	suite_configure(&tested, "tagging", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* is_aborted - tell whether the peer has aborted more often than that */
static bool
is_aborted(void *arg)
{
	const uint64_t *before = arg;

	return load_said(sink.output, "hit: implicit") > *before;
}

/* is_another - tell whether there is a queue manager, and it is not that one */
static bool
is_another(void *arg)
{
	const pid_t *before = arg;
	pid_t now = suite_pid(&tested, "qmgr");

	return now != 0 && now != *before;
}

/* kill_qmgr - end the queue manager, and wait for the next one */
static void
kill_qmgr(void)
{
	pid_t pid = suite_pid(&tested, "qmgr");

	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	suite_wait("another queue manager", 20, is_another, &pid);
}

/* has_tagging - check what x4ctl status says of the link */
static void
has_tagging(const char *expected)
{
	json_t *row = load_link_row(&tested, "old");

	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "extension_tagging")),
	    expected);
	json_decref(row);
}

/* events - count the lines of the log that say that the tagging changed */
static int
events(void)
{
	char *count;
	int number;

	suite_shell(&count,
	    "cat %s/*log* %s/*/*log* 2>/dev/null | grep -c 20215",
	    tested.directory, tested.directory);
	number = atoi(count);
	free(count);
	return number;
}

START_TEST(explicit_after_two)
{
	uint64_t aborted = 0;

	suite_begin("tagging");
	start("");
	load_send(&tested, "old", 1);
	suite_wait("an abort", 20, is_aborted, &aborted);
	kill_qmgr();
	has_tagging("auto, implicit");
	ck_assert_uint_eq(load_noted(sink.lines), 0);
	/* the second message decides, and both go again */
	load_send(&tested, "old", 1);
	load_wait_noted(&sink, 2, 30);
	has_tagging("auto, explicit");
	ck_assert_int_eq(events(), 1);
	aborted = load_said(sink.output, "hit: implicit");
	kill_qmgr();
	has_tagging("auto, explicit");
	suite_stop(&tested);
	suite_start(&tested);
	load_send(&tested, "old", 3);
	load_wait_noted(&sink, 5, 30);
	ck_assert_uint_eq(load_said(sink.output, "hit: implicit"), aborted);
	ck_assert_int_eq(events(), 1);
	load_finish(&tested, &sink, 20);
	suite_end();
}
END_TEST

TEST_MAIN("fault/tagging", TEST(explicit_after_two))
