/* SPDX-License-Identifier: ISC */
/*
 * log_level_test.c - how much of a category a suite logs, and after a reload
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

static struct suite tested;

/* configure - write the configuration with settings of its mta section */
static void
configure(const char *mta)
{
	suite_configure(&tested, "l", "C=DE;A=VIAT;P=L", mta,
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\"\n"
	    "  address = {\"127.0.0.1:1\"} open-retries = 1000000\n"
	    "  address-space = {\"C=FR;A=ATLAS\"}\n}\n");
}

/* submit - submit a message */
static void
submit(void)
{
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", "C=DE;A=VIAT;P=L;S=A",
		"-t", "C=FR;A=ATLAS;S=Dupont", NULL),
	    0);
}

/* lines - count the lines of the log with a word */
static unsigned
lines(const char *number)
{
	char *log, *at, word[32];
	unsigned count = 0;

	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(log);
	snprintf(word, sizeof(word), " %s ", number);
	for (at = log; (at = strstr(at, word)) != NULL; at++)
		count++;
	free(log);
	return count;
}

/* is_logged - tell whether the log has a line with a word: qmgr writes what a
 * turn logs after it has answered */
static bool
is_logged(void *arg)
{
	return lines(arg) == 1;
}

START_TEST(less_and_more)
{
	suite_begin("log-level");
	configure("log-level-service = \"minimum\"\n");
	suite_start(&tested);
	submit();
	submit();
	/* Others are as they were. */
	ck_assert_uint_gt(lines("9298"), 0);
	configure("log-level-administration = \"none\"\n");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	submit();
	/* The third alone: nothing of the first two is logged later. */
	suite_wait("the third message's line", 60, is_logged, (char[]){"272"});
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "far", NULL), 0);
	submit();
	ck_assert_uint_eq(lines("command=disable"), 0);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/log_level", TEST_LONG(less_and_more, 60))
