/* SPDX-License-Identifier: ISC */
/*
 * diff_test.c - x4conf diff: what a reload would change
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

static struct suite tested;

/* configure - write the configuration: the second address space of its link,
 * further settings, and further sections */
static void
configure(const char *second, const char *settings, const char *more)
{
	char sections[1024];

	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  address = {\"127.0.0.1:1\"} open-retries = 1000000\n"
	    "  address-space = {\"C=FR;A=ATLAS\", \"%s\"} %s\n}\n%s",
	    second, settings, more);
	suite_configure(&tested, "d", "C=DE;A=VIAT;P=D", "", sections);
}

/* row_is - compare a row of the answer */
static void
row_is(json_t *row, const char *name, const char *setting, const char *running,
    const char *file)
{
	const char *keys[] = {"name", "setting", "running", "file"};
	const char *wanted[] = {name, setting, running, file};

	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(
		    json_string_value(json_object_get(row, keys[i])),
		    wanted[i]);
}

/* differences - ask for the differences, of which there must be some: rows */
static json_t *
differences(size_t count)
{
	json_t *rows = json_array();
	char *output, *rest, *line;

	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4conf", "-j", "diff", NULL), 1);
	ck_assert_ptr_null(strstr(output, "secret"));
	rest = output;
	while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0')
		ck_assert_int_eq(
		    json_array_append_new(rows, json_loads(line, 0, NULL)), 0);
	ck_assert_msg(
	    json_array_size(rows) == count, "%zu rows", json_array_size(rows));
	free(output);
	return rows;
}

START_TEST(what_a_reload_changes)
{
	json_t *rows;
	char *output;

	suite_begin("diff");
	configure("C=IT",
	    "remote-password = \"secret-1\" open-interval = \"600\"", "");
	suite_start(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4conf", "diff", NULL), 0);
	/* The same, written otherwise. */
	configure("C=IT",
	    "remote-password = \"secret-1\" open-interval = \"10m\"", "");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4conf", "diff", NULL), 0);

	configure("C=GB",
	    "remote-password = \"secret-2\" open-interval = \"5m\" cost = 7",
	    "link \"near\" { remote-mta = \"MTA-NEAR\" "
	    "remote-password = \"secret-3\" address = {\"127.0.0.1:2\"} }\n");
	rows = differences(6);
	row_is(json_array_get(rows, 0), "far", "remote-password",
	    "(a password)", "(another password)");
	row_is(json_array_get(rows, 1), "far", "address-space", "", "C=GB");
	row_is(json_array_get(rows, 2), "far", "address-space", "C=IT", "");
	row_is(json_array_get(rows, 3), "far", "cost", "10", "7");
	row_is(json_array_get(rows, 4), "far", "open-interval", "600", "300");
	row_is(json_array_get(rows, 5), "near", "", "", "there");
	json_decref(rows);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4conf", "diff", NULL), 0);

	configure(
	    "C=IT", "remote-password = \"secret-1\" open-intervall = 5", "");
	ck_assert_int_eq(suite_shell(&output, "%s/bin/x4conf -c %s diff 2>&1",
			     suite_build(), tested.conf),
	    78);
	ck_assert_ptr_nonnull(strstr(output, "open-interval"));
	free(output);
	configure("C=IT", "remote-password = \"secret-1\"", "");
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4conf", "diff", NULL), 69);
	suite_end();
}
END_TEST

TEST_MAIN("system/diff", TEST_LONG(what_a_reload_changes, 60))
