/* SPDX-License-Identifier: ISC */
/*
 * queue_tool_test.c - x4queue by filters, MTS identifiers and standard input
 *
 * A suite whose only link cannot be opened, so that what is submitted stays.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define DUPONT "C=FR;A=ATLAS;P=BNP;O=PO2;S=Dupont"
#define DURAND "C=FR;A=ATLAS;P=BNP;O=PO2;S=Durand"

static struct suite tested;

/* begin - start a suite, and submit to Dupont and to Durand */
static void
begin(const char *test)
{
	char sections[512];

	suite_begin(test);
	snprintf(sections, sizeof(sections),
	    "link \"paris\" { remote-mta = \"PARIS\" remote-password = \"s\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=FR\"}"
	    " open-interval = 600 }\n",
	    suite_free_port());
	suite_configure(&tested, "tested", "C=XX;A=TEST;P=HERE", "", sections);
	suite_start(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f",
			     "C=XX;A=TEST;P=HERE;S=Doe", "-t", DUPONT, "-t",
			     DURAND, "--subject", "one", NULL),
	    0);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f",
			     "C=XX;A=TEST;P=HERE;S=Roe", "-t", DURAND,
			     "--subject", "two", NULL),
	    0);
}

/* end - stop the suite */
static void
end(void)
{
	suite_stop(&tested);
	suite_end();
}

/* says - run x4queue with a command and an argument: its status and a part of
 * what it prints */
static void
says(int status, const char *part, const char *command, const char *option,
    const char *value)
{
	char *output = NULL;

	ck_assert_int_eq(suite_tool(&tested, &output, "x4queue", command,
			     option, value, NULL),
	    status);
	ck_assert_msg(
	    strstr(output, part) != NULL, "not \"%s\" but: %s", part, output);
	free(output);
}

/* listed - count what list -j prints with one filter */
static size_t
listed(const char *option, const char *value)
{
	json_t *rows =
	    suite_rows(&tested, "x4queue", "-j", "list", option, value, NULL);
	size_t count = json_array_size(rows);

	json_decref(rows);
	return count;
}

/* Addresses are compared as addresses; what a person writes finds them. */
START_TEST(addresses)
{
	begin("addresses");
	ck_assert_uint_eq(listed("--to", DUPONT), 1);
	ck_assert_uint_eq(listed("--to", DURAND), 2);
	ck_assert_uint_eq(
	    listed("--to", "/C=fr/A=atlas/P=bnp/O=po2/S=durand/"), 2);
	ck_assert_uint_eq(listed("--to", "P=BNP;O=PO2"), 2);
	ck_assert_uint_eq(listed("--to", "P=BNP;O=PO3"), 0);
	ck_assert_uint_eq(listed("--to", "upont"), 1);
	ck_assert_uint_eq(listed("--from", "C=XX;S=Roe"), 1);
	ck_assert_uint_eq(listed("--larger", "1M"), 0);
	ck_assert_uint_eq(listed("--older", "1d"), 0);
	says(0, "-- 2 messages", "list", "--link", "paris");
	says(0, "-- no messages", "list", "--state", "held");
	end();
}
END_TEST

/* Changes by filters, by MTS identifier, by standard input; sums, and 1 where a
 * part was not done. */
START_TEST(changes)
{
	char *output = NULL;
	json_t *rows;
	const char *mts_id;

	begin("changes");
	says(0, "would hold 1 message,", "hold", "-nt", DUPONT);
	says(0, "1 done\n", "hold", "--to", DUPONT);
	says(1, "1 done; 1 in another state\n", "hold", "--link", "paris");
	says(0, "2 done\n", "release", "--state", "held");
	says(64, "", "hold", NULL, NULL);
	says(64, "", "hold", "--older", "soon");
	says(64, "", "list", "--yes", NULL);
	says(1, "0 done; 1 not found\n", "hold", "[C=XX;A=TEST;P=HERE;no]",
	    NULL);

	rows = suite_rows(&tested, "x4queue", "-j", "list", "-t", DUPONT, NULL);
	mts_id = json_string_value(
	    json_object_get(json_array_get(rows, 0), "mts_id"));
	says(0, "MTS identifier", "show", mts_id, NULL);
	says(0, "it waits", "why", mts_id, NULL);
	says(0, "1 done\n", "hold", mts_id, NULL);
	json_decref(rows);

	ck_assert_int_eq(
	    suite_shell(&output,
		"%s/bin/x4queue -c %s list | "
		"%s/bin/x4queue -c %s release -",
		suite_build(), tested.conf, suite_build(), tested.conf),
	    1);
	ck_assert_str_eq(output, "1 done; 1 in another state\n");
	free(output);
	says(0, "2 done\n", "return", "--all", NULL);
	end();
}
END_TEST

/* has_failed - tell whether the link could not be opened so often */
static bool
has_failed(void *arg)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL), *row;
	json_int_t failures = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *field = json_object_get(row, "open_failures");

		if (field != NULL)
			failures = json_integer_value(field);
	}
	json_decref(rows);
	return failures >= *(const json_int_t *)arg;
}

/* is_at_rest - tell whether nothing is to be tried again, nor under way */
static bool
is_at_rest(void *arg)
{
	char *output = NULL;
	bool yes;

	(void)arg;
	(void)suite_tool(&tested, &output, "x4queue", "retry", "--all", NULL);
	yes = strstr(output, "being transferred") == NULL;
	free(output);
	return yes;
}

/* retry tries the link too, for which messages wait. */
START_TEST(retry)
{
	json_int_t once = 1, twice = 2;

	begin("retry");
	suite_wait("a failure", 20, has_failed, &once);
	says(0, "waits: paris: ", "list", NULL, NULL);
	says(0, "2 done\n", "retry", "--all", NULL);
	suite_wait("another failure", 20, has_failed, &twice);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "paris", NULL), 0);
	/* The worker that failed ends in its own time. */
	suite_wait("the worker's end", 20, is_at_rest, NULL);
	says(1, "0 done; 2 in another state\n", "retry", "--all", NULL);
	end();
}
END_TEST

/* More than a hundred are changed only if somebody says so, in steps, and the
 * counts are sums. */
START_TEST(many)
{
	char *output = NULL;

	begin("many");
	ck_assert_int_eq(suite_shell(&output,
			     "for i in $(seq 300); do %s/bin/x4send -c %s "
			     "-f 'C=XX;A=TEST;P=HERE;S=Doe' -t '%s' "
			     "--subject x || exit; done",
			     suite_build(), tested.conf, DUPONT),
	    0);
	free(output);
	says(1, "", "hold", "--to", DUPONT);
	ck_assert_uint_eq(listed("--state", "held"), 0);
	says(0, "301 done\n", "hold", "-yt", DUPONT);
	ck_assert_uint_eq(listed("--state", "held"), 301);
	says(0, "302 done\n", "delete", "--all", "--yes");
	says(0, "0 done\n", "delete", "--all", NULL);
	end();
}
END_TEST

TEST_MAIN("system/queue_tool", TEST(addresses), TEST(changes), TEST(retry),
    TEST(many))
