/* SPDX-License-Identifier: ISC */
/*
 * conf_reach_test.c - where the suite is, of files that are not right
 */
#include "conf/conf_reach.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/test.h"

/* check_reach - check the two directories that a text leads to */
static void
check_reach(
    const char *text, const char *given, const char *run, const char *state)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_msg(
	    conf_reach_text(slice_of_string(text), given, &conf, &diag) == 0,
	    "%s: %s", text, diag_text(&diag));
	ck_assert_str_eq(conf->mta.run_directory, run);
	ck_assert_str_eq(conf->mta.state_directory, state);
	conf_free(conf);
}

START_TEST(directories_of_a_right_file)
{
	check_reach("mta {\n name = \"A\" run-directory = \"/run/one\"\n"
		    " state-directory='/srv/one' }\n",
	    NULL, "/run/one", "/srv/one");
}
END_TEST

START_TEST(what_is_wrong_is_passed_over)
{
	check_reach("mta { remote_mta = \"x\" password-file = \"/nowhere\"\n"
		    "run-directory = /run/two\n listen = {\"a\", } } link {{{",
	    NULL, "/run/two", "/var/lib/fourpost");
	check_reach("mta { \"unended\nrun-directory = \"/run/three\" = = }",
	    NULL, "/run/three", "/var/lib/fourpost");
}
END_TEST

START_TEST(comments_and_other_signs_do_not_count)
{
	check_reach("# mta { run-directory = \"/run/comment\" }\n"
		    "mta { run-directory += \"/run/append\"\n"
		    "run-directory { = \"/run/brace\"\n"
		    "a = \"run-directory = /run/text\"\n",
	    NULL, "/run/fourpost", "/var/lib/fourpost");
}
END_TEST

START_TEST(bad_values_leave_the_default)
{
	char text[400], path[300];

	check_reach("mta { run-directory = relative }", NULL, "/run/fourpost",
	    "/var/lib/fourpost");
	check_reach("mta { run-directory = \"/a\\\"b\" }", NULL,
	    "/run/fourpost", "/var/lib/fourpost");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	snprintf(text, sizeof(text), "mta { run-directory = \"%s\" }", path);
	check_reach(text, NULL, "/run/fourpost", "/var/lib/fourpost");
}
END_TEST

START_TEST(the_variable_stands_in)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	check_reach("", "/run/variable", "/run/variable", "/var/lib/fourpost");
	check_reach("mta { run-directory = \"/run/file\" }", "/run/variable",
	    "/run/file", "/var/lib/fourpost");
	ck_assert_int_eq(
	    conf_reach_text(slice_of_string(""), "relative", &conf, &diag),
	    ERR_VALUE);
}
END_TEST

START_TEST(files_that_are_not_there)
{
	struct conf *conf = NULL;
	struct diag diag = {0};

	ck_assert_int_eq(
	    conf_reach_file("/nonexistent/conf", "/run", &conf, &diag),
	    ERR_NOTFOUND);
	ck_assert_int_eq(conf_reach_file("/", "/run", &conf, &diag), ERR_IO);
	if (access(CONF_DEFAULT_FILE, F_OK) == 0)
		return;
	ck_assert_int_eq(
	    conf_reach_file(CONF_DEFAULT_FILE, "/run", &conf, &diag), 0);
	ck_assert_str_eq(conf->mta.run_directory, "/run");
	conf_free(conf);
}
END_TEST

TEST_MAIN("conf/conf_reach", TEST(directories_of_a_right_file),
    TEST(what_is_wrong_is_passed_over),
    TEST(comments_and_other_signs_do_not_count),
    TEST(bad_values_leave_the_default), TEST(the_variable_stands_in),
    TEST(files_that_are_not_there))
