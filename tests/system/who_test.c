/* SPDX-License-Identifier: ISC */
/*
 * who_test.c - who may ask the running suite for what, and by what file
 *
 * As whoever runs the test: tools work with a file that is half edited, and
 * without one.  As root: a matrix of users in the viewer, the submit and the
 * operator group and in none, by every tool; what is denied names the group
 * that is needed, and what is changed is in the log with who did it.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

/* Groups that every Debian has, and a user in none. */
#define OPERATORS "news"
#define VIEWERS	  "games"
#define SENDERS	  "uucp"
#define NOBODY_ID 54321

#define EDI   "C=DE;A=VIAT;P=WHO;S=EDI"
#define OTHER "C=DE;A=VIAT;P=WHO;S=Other"
#define TO    "C=FR;A=ATLAS;S=Dupont"

static struct suite tested;

/* begin - start a suite with a link to nowhere */
static void
begin(const char *test, const char *mta, const char *more)
{
	char sections[1024];

	suite_begin(test);
	snprintf(sections, sizeof(sections),
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\"\n"
	    "  address = {\"127.0.0.1:%u\"} open-interval = \"600\"\n"
	    "  open-retries = 1000000 address-space = {\"C=FR;A=ATLAS\"}\n}\n"
	    "%s",
	    suite_free_port(), more);
	suite_configure(&tested, "w", "C=DE;A=VIAT;P=WHO", mta, sections);
	suite_start(&tested);
}

/* edit - put other words in the place of a text of the configuration */
static void
edit(const char *from, const char *to)
{
	size_t length;
	char *text = suite_read(tested.conf, &length), *at, *whole;

	ck_assert_ptr_nonnull(text);
	at = strstr(text, from);
	ck_assert_ptr_nonnull(at);
	*at = '\0';
	ck_assert_int_gt(
	    asprintf(&whole, "%s%s%s", text, to, at + strlen(from)), 0);
	suite_write(tested.conf, whole, strlen(whole));
	free(whole);
	free(text);
}

/* A file that is wrong in many ways leads to the suite all the same. */
START_TEST(half_edited_file)
{
	char *output;

	begin("half-edited", "", "");
	edit("name =", "remote_mta = { \"x\n  name =");
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4queue", "summary", NULL), 0);
	free(output);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4send", "-f", OTHER, "-t", TO, NULL),
	    0);
	free(output);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4queue", "hold", "--all", NULL), 0);
	free(output);
	/* A caller who means to check the file is told. */
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4conf", "check", NULL), 78);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 78);
	suite_stop(&tested);
	/* The queue itself is read by what the file says, which must be
	 * right. */
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "summary", NULL), 78);
	suite_end();
}
END_TEST

/* run_as - run a shell command as a user with one group beside its own */
static int
run_as(const char *group, char **output, const char *command)
{
	const struct group *entry = group == NULL ? NULL : getgrnam(group);
	char id[32] = "--clear-groups";

	ck_assert(group == NULL || entry != NULL);
	if (entry != NULL)
		snprintf(
		    id, sizeof(id), "--groups=%u", (unsigned)entry->gr_gid);
	/* The file is root's alone: the variable says where the suite is. */
	return suite_shell(output,
	    "FOURPOST_RUN=%s setpriv --reuid=%d --regid=%d %s "
	    "%s/bin/%s 2>&1",
	    suite_path(&tested, "run"), NOBODY_ID, NOBODY_ID, id, suite_build(),
	    command);
}

enum person {
	NOT_IN_ANY,
	VIEWER,
	SENDER,
	OPERATOR,
	PERSONS
};

static const char *const groups[PERSONS] = {
    [VIEWER] = VIEWERS, [SENDER] = SENDERS, [OPERATOR] = OPERATORS};

/* Everybody whom a tool serves, and the group that others are told. */
static const struct {
	const char *command; /* the id of a new message goes behind a blank */
	unsigned allowed;    /* a bit for each person */
	const char *needs;
} rows[] = {
    {"x4queue", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4queue summary", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4queue show ", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4queue why ", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4queue cat ", 1 << OPERATOR, OPERATORS},
    {"x4queue hold ", 1 << OPERATOR, OPERATORS},
    {"x4queue release --state held --yes", 1 << OPERATOR, OPERATORS},
    {"x4queue retry ", 1 << OPERATOR, OPERATORS},
    {"x4queue reroute ", 1 << OPERATOR, OPERATORS},
    {"x4queue return ", 1 << OPERATOR, OPERATORS},
    {"x4queue delete ", 1 << OPERATOR, OPERATORS},
    {"x4track stats", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4track --from '" OTHER "'", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4ctl status", 1 << VIEWER | 1 << OPERATOR, VIEWERS},
    {"x4ctl disable far", 1 << OPERATOR, OPERATORS},
    {"x4ctl enable far", 1 << OPERATOR, OPERATORS},
    {"x4ctl retry far", 1 << OPERATOR, OPERATORS},
    {"x4ping far", 1 << OPERATOR, OPERATORS},
    {"x4conf diff", 1 << OPERATOR, OPERATORS},
    {"x4ctl copy /nonexistent/queue", 1 << OPERATOR, OPERATORS},
    {"x4ctl clock-ok", 1 << OPERATOR, OPERATORS},
    {"x4ctl reload", 1 << OPERATOR, OPERATORS},
    {"x4ctl restart qmgr", 1 << OPERATOR, OPERATORS},
    {"x4send -f '" EDI "' -t '" TO "'", 1 << SENDER, SENDERS},
    {"x4send -f '" OTHER "' -t '" TO "'", 0, NULL},
};

/* new_id - submit a message, and get its id */
static void
new_id(char *id, size_t size)
{
	json_t *sent =
	    suite_rows(&tested, "x4send", "-j", "-f", OTHER, "-t", TO, NULL);

	ck_assert_uint_eq(json_array_size(sent), 1);
	snprintf(id, size, "%lld",
	    (long long)json_integer_value(
		json_object_get(json_array_get(sent, 0), "id")));
	json_decref(sent);
}

/* check_row - run one command as each person */
static void
check_row(size_t n)
{
	bool takes = rows[n].command[strlen(rows[n].command) - 1] == ' ';
	char command[256], id[32] = "", *output;
	int status;

	if (takes)
		new_id(id, sizeof(id));
	for (int person = 0; person < PERSONS; person++) {
		bool allowed = (rows[n].allowed >> person & 1) != 0, well;

		snprintf(command, sizeof(command), "%s%s", rows[n].command, id);
		status = run_as(groups[person], &output, command);
		/* x4ctl status says 2 where there are problems. */
		/* The link leads to nowhere, which a worker found, and a
		 * directory to nowhere too. */
		if (allowed && strstr(command, "x4ping") != NULL)
			well = status == 1 &&
			    strstr(output, "Connection refused") != NULL;
		else if (allowed && strstr(command, "copy") != NULL)
			well = status == 1 &&
			    strstr(output, "No such file") != NULL;
		else
			well =
			    allowed ? status == 0 || status == 2 : status == 1;
		ck_assert_msg(well, "%s as %s: exit %d: %s", command,
		    groups[person] == NULL ? "nobody" : groups[person], status,
		    output);
		if (!allowed)
			ck_assert_msg(strstr(output, "not allowed") != NULL &&
				(rows[n].needs == NULL ||
				    strstr(output, rows[n].needs) != NULL),
			    "%s: %s", command, output);
		free(output);
	}
}

/* is_tracked - tell whether the first message is to be found by now */
static bool
is_tracked(void *arg)
{
	(void)arg;
	return suite_tool(&tested, NULL, "x4track", "--from", OTHER, NULL) == 0;
}

START_TEST(matrix)
{
	char *log;

	if (geteuid() != 0) {
		puts("skipped: a matrix of groups needs root, for setgroups");
		return;
	}
	begin("who",
	    "operator-group = \"" OPERATORS "\"\n"
	    "viewer-group = \"" VIEWERS "\"\n",
	    "submit \"edi\" {\n  group = \"" SENDERS "\"\n"
	    "  originators = {\"" EDI "\"}\n}\n");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", OTHER, "-t", TO, NULL),
	    0);
	suite_wait("a message tracked", 30, is_tracked, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(i);
	log = suite_read(suite_path(&tested, "state/log"), NULL);
	ck_assert_ptr_nonnull(log);
	ck_assert_ptr_nonnull(strstr(log, "change=delete uid=54321"));
	ck_assert_ptr_nonnull(
	    strstr(log, "command=disable what=far uid=54321"));
	ck_assert_ptr_nonnull(
	    strstr(log, "command=reload what=\"\" uid=54321"));
	ck_assert_ptr_nonnull(strstr(log, " 20310 "));
	free(log);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("system/who", TEST_LONG(half_edited_file, 60), TEST_LONG(matrix, 120))
