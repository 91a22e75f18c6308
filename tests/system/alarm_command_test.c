/* SPDX-License-Identifier: ISC */
/*
 * alarm_command_test.c - the command that is run at an alarm
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define ALARM_AT 2

static struct suite tested;
static char script[SUITE_PATH + 32], noted[SUITE_PATH + 32];

/* begin - start a suite whose alarm runs a script with this last line */
static void
begin(const char *line)
{
	char mta[SUITE_PATH + 128], text[SUITE_PATH * 2];

	suite_begin("alarm");
	snprintf(script, sizeof(script), "%s/script", suite_directory());
	snprintf(noted, sizeof(noted), "%s/open/noted", suite_directory());
	snprintf(text, sizeof(text), "%s/open", suite_directory());
	/* The command is of another user where root runs the test. */
	ck_assert_int_eq(mkdir(text, 0700), 0);
	ck_assert_int_eq(chmod(text, 0777), 0);
	ck_assert_int_eq(chmod(suite_directory(), 0755), 0);
	snprintf(text, sizeof(text),
	    "#!/bin/sh\necho \"$* $FOURPOST_EVENT $FOURPOST_LINK "
	    "$FOURPOST_MESSAGES uid=$(id -u) fds=$(ls /proc/$$/fd | wc -l)\" "
	    ">>%s\n%s\n",
	    noted, line);
	suite_write(script, text, strlen(text));
	ck_assert_int_eq(chmod(script, 0755), 0);
	snprintf(mta, sizeof(mta), "alarm-command = \"%s\"\n", script);
	suite_configure(&tested, "a", "C=DE;A=VIAT;P=A", mta,
	    "link \"far\" {\n  remote-mta = \"MTA-FAR\"\n"
	    "  remote-password = \"secret-far\" alarm-length = 2\n"
	    "  address = {\"127.0.0.1:1\"} open-retries = 1000000\n"
	    "  address-space = {\"C=FR;A=ATLAS\"}\n}\n");
	suite_start(&tested);
}

/* submit - have more messages wait than there may be */
static void
submit(void)
{
	for (unsigned i = 0; i <= ALARM_AT; i++)
		ck_assert_int_eq(
		    suite_tool(&tested, NULL, "x4send", "-f",
			"C=DE;A=VIAT;P=A;S=A", "-t", "C=FR;A=ATLAS;S=B", NULL),
		    0);
}

/* has - tell whether a file has this text */
struct wanted {
	const char *path, *text;
};

static bool
has(void *arg)
{
	const struct wanted *wanted = arg;
	char *text = suite_read(wanted->path, NULL);
	bool there = text != NULL && strstr(text, wanted->text) != NULL;

	free(text);
	return there;
}

/* await - wait until a file has a text */
static void
await(const char *path, const char *text)
{
	struct wanted wanted = {path, text};

	suite_wait(text, 20, has, &wanted);
}

/* It is told when the alarm begins, and when it ends, and is not root. */
START_TEST(told)
{
	char *text;

	begin("exit 3");
	submit();
	/* The age may be that of a slow machine. */
	await(noted, "659 far 3 ");
	await(noted, " 659 far 3 uid=");
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4queue", "delete", "--all", NULL), 0);
	await(noted, "660 far 0 0 660 far 0 uid=");
	text = suite_read(noted, NULL);
	if (geteuid() == 0)
		ck_assert_ptr_null(strstr(text, "uid=0 "));
	/* Its own three, the script, and the pipe in which they are counted. */
	ck_assert_ptr_nonnull(strstr(text, "fds=5"));
	free(text);
	/* A failure is an event. */
	await(suite_path(&tested, "state/log"), "reason=\"exit status 3\"");
	suite_stop(&tested);
	suite_end();
}
END_TEST

/* is_over - tell whether the command has ended, be it reaped or not */
static bool
is_over(void *arg)
{
	(void)arg;
	return suite_shell(NULL,
		   "test -z \"$(tr -d '\\0' </proc/$(cat %s/open/pid)/cmdline "
		   "2>/dev/null)\"",
		   suite_directory()) == 0;
}

/* A command that does not end keeps nobody from stopping. */
START_TEST(hangs)
{
	char pid[SUITE_PATH + 32];

	begin("echo $$ >>$(dirname $0)/open/pid; exec sleep 1000");
	snprintf(pid, sizeof(pid), "%s/open/pid", suite_directory());
	submit();
	await(noted, "659 far 3 ");
	/* The command may be ended before it has said who it is. */
	await(pid, "\n");
	suite_stop(&tested);
	suite_wait("the end of the command", 20, is_over, NULL);
	suite_end();
}
END_TEST

TEST_MAIN("system/alarm_command", TEST_LONG(told, 60); TEST_LONG(hangs, 60))
