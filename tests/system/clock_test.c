/* SPDX-License-Identifier: ISC */
/*
 * clock_test.c - a suite that starts at a wrong clock, or after a long time
 *
 * The processes are given another wall clock than the machine's.  How the
 * doubt ends by itself is in tests/unit/qmgr/timekeeper_test.c.
 */
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define TEN_DAYS "864000"

static struct suite tested;

/* row_of - find a row of x4ctl status by kind and name; NULL if there is
 * none */
static json_t *
row_of(const char *kind, const char *name)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row, *found = NULL;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *key = strcmp(kind, "problem") == 0 ? "id" : "name";

		if (strcmp(json_string_value(json_object_get(row, "kind")),
			kind) == 0 &&
		    strcmp(json_string_value(json_object_get(row, key)),
			name) == 0)
			found = json_incref(row);
	}
	json_decref(rows);
	return found;
}

/* is_doubted - tell whether status says that the clock is */
static bool
is_doubted(void)
{
	json_t *row = row_of("problem", "clock");
	bool doubted = row != NULL;

	json_decref(row);
	return doubted;
}

/* has_tried - tell whether the link was tried three times, a second each */
static bool
has_tried(void *arg)
{
	json_t *row = row_of("link", "dead");
	bool tried =
	    json_integer_value(json_object_get(row, "open_failures")) >= 3;

	(void)arg;
	json_decref(row);
	return tried;
}

/* start_at - start the suite with its clock so many seconds off */
static void
start_at(const char *offset)
{
	ck_assert_int_eq(setenv("FOURPOST_CLOCK_OFFSET", offset, 1), 0);
	suite_start(&tested);
	ck_assert_int_eq(unsetenv("FOURPOST_CLOCK_OFFSET"), 0);
}

/* submit - submit a message for a link that does not open */
static void
submit(const char *option, const char *value)
{
	char body[SUITE_PATH + 8];

	snprintf(body, sizeof(body), "%s/body", suite_directory());
	suite_write(body, "text", 4);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f",
		"C=XX;A=TEST;P=R;S=Sender", "-t", "C=YY;A=FAR;S=You", "--body",
		body, option, value, NULL),
	    0);
}

/* begin - start a suite with mail that cannot leave */
static void
begin(const char *test)
{
	char sections[512];

	suite_begin(test);
	snprintf(sections, sizeof(sections),
	    "link \"dead\" { remote-mta = \"DEAD\" remote-password = \"s\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"}"
	    " open-interval = 1 open-retries = 100000 }\n",
	    suite_free_port());
	suite_configure(&tested, "r", "C=XX;A=TEST;P=R", "", sections);
	suite_start(&tested);
	ck_assert(!is_doubted());
	submit("--priority", "urgent");
	submit("--priority", "normal");
	submit("--deferred", "+2d");
	ck_assert_int_eq(suite_queued(&tested), 3);
	suite_stop(&tested);
}

/* end - check that the queue is in order */
static void
end(void)
{
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}

/* Ten days later nothing is returned before somebody says that this is so; it
 * is then, and a start that follows is believed. */
START_TEST(ten_days_ahead)
{
	begin("clock");
	start_at(TEN_DAYS);
	suite_wait("three attempts", 30, has_tried, NULL);
	ck_assert(is_doubted());
	ck_assert_int_eq(suite_queued(&tested), 3);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "clock-ok", NULL), 0);
	ck_assert(!is_doubted());
	suite_wait_empty(&tested, 90);
	/* The test's clock was wrong: the machine's own is behind it now.
	 * The system is asked for the time each second, which the sandbox
	 * must allow. */
	suite_stop(&tested);
	suite_start(&tested);
	submit("--priority", "normal");
	suite_wait("three attempts", 30, has_tried, NULL);
	ck_assert(is_doubted());
	ck_assert_int_eq(suite_queued(&tested), 1);
	end();
}
END_TEST

/* Ten days earlier nothing is lost either, and the right time ends it. */
START_TEST(ten_days_behind)
{
	begin("behind");
	start_at("-" TEN_DAYS);
	suite_wait("three attempts", 30, has_tried, NULL);
	ck_assert(is_doubted());
	ck_assert_int_eq(suite_queued(&tested), 3);
	suite_stop(&tested);
	suite_start(&tested);
	ck_assert(!is_doubted());
	suite_wait("three attempts", 30, has_tried, NULL);
	ck_assert_int_eq(suite_queued(&tested), 3);
	end();
}
END_TEST

TEST_MAIN("system/clock", TEST_LONG(ten_days_ahead, 180);
	  TEST_LONG(ten_days_behind, 180))
