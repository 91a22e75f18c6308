/* SPDX-License-Identifier: ISC */
/*
 * swept_test.c - what somebody takes away from under a running suite, or a
 * second one beside it
 *
 * A second master with the same state directory ends at once and names the
 * first, also with the lock file removed.  Sockets that were removed are an
 * event, and tools say what is wrong.  A database that vanished is no new
 * queue.  A write that fails once is an event though its repetition works.
 */
#include <sys/stat.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

static struct suite tested, second;

/* prepare - start a suite with a link that nobody answers */
static void
prepare(const char *test)
{
	char sections[512] = "";

	suite_begin(test);
	load_link(sections, sizeof(sections), "dead", 1, "");
	suite_configure(&tested, "s", "C=XX;A=TEST;P=S",
	    "  queue-size = \"16M\"\n", sections);
}

/* state_path - write a path in the state directory */
static const char *
state_path(const char *name)
{
	static char path[SUITE_PATH + 64];

	snprintf(path, sizeof(path), "%s/state/%s", tested.directory, name);
	return path;
}

/* logged - tell whether the suite's log has a text */
static bool
logged(void *arg)
{
	char *log = suite_read(state_path("log"), NULL);
	bool has = log != NULL && strstr(log, arg) != NULL;

	free(log);
	return has;
}

/* submit - submit one message to the dead link; return x4send's exit status */
static int
submit(void)
{
	return suite_shell(NULL,
	    "echo text | %s/bin/x4send -c %s -f 'C=XX;A=TEST;S=A' "
	    "-t 'C=YY;A=dead;S=B' >/dev/null 2>&1",
	    suite_build(), tested.conf);
}

/* master_pid - read the pid of the first master */
static long
master_pid(void)
{
	char path[SUITE_PATH + 32], *text;
	long pid;

	snprintf(path, sizeof(path), "%s/run/master.pid", tested.directory);
	text = suite_read(path, NULL);
	ck_assert_ptr_nonnull(text);
	pid = atol(text);
	free(text);
	return pid;
}

/* configure_second - configure another suite on the state directory of the
 * first */
static void
configure_second(void)
{
	char *text, *at, conf[SUITE_PATH + 32];
	size_t length;

	second = tested;
	snprintf(conf, sizeof(conf), "%s/second.conf", tested.directory);
	strlcpy(second.conf, conf, sizeof(second.conf));
	text = suite_read(tested.conf, &length);
	ck_assert_ptr_nonnull(text);
	/* The run directory is another, and so is the port, which is free. */
	at = strstr(text, "/run\"");
	ck_assert_ptr_nonnull(at);
	memcpy(at, "/rux\"", 5);
	suite_write(conf, text, length);
	ck_assert_int_eq(chmod(conf, 0600), 0);
	free(text);
	ck_assert_int_eq(
	    suite_shell(NULL, "sed -i 's/127.0.0.1:%u/127.0.0.1:%u/' %s",
		tested.port, suite_free_port(), conf),
	    0);
}

START_TEST(a_second_master_ends_at_once)
{
	char *said, pid[32];

	prepare("second-master");
	suite_start(&tested);
	configure_second();
	/* A lock file that was removed lets nobody in. */
	if (_i == 1)
		ck_assert_int_eq(unlink(state_path("queue/lock")), 0);
	ck_assert_int_ne(
	    suite_shell(&said, "timeout 20 %s/bin/x4ctl -c %s start 2>&1",
		suite_build(), second.conf),
	    124);
	snprintf(pid, sizeof(pid), "pid %ld", master_pid());
	ck_assert_msg(strstr(said, "already running") != NULL &&
		strstr(said, pid) != NULL,
	    "%s: %s", pid, said);
	free(said);
	ck_assert_int_eq(submit(), 0);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

START_TEST(removed_sockets_are_told)
{
	char path[SUITE_PATH + 32], *said, text[] = " 20154 ";

	prepare("swept");
	suite_start(&tested);
	snprintf(path, sizeof(path), "%s/run/master", tested.directory);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/run/control", tested.directory);
	ck_assert_int_eq(unlink(path), 0);
	suite_wait("the event of the sockets", 20, logged, text);
	ck_assert_int_eq(suite_shell(&said, "%s/bin/x4ctl -c %s status 2>&1",
			     suite_build(), tested.conf),
	    69);
	ck_assert_msg(strstr(said, "removed the socket") != NULL, "%s", said);
	free(said);
	ck_assert_int_eq(kill((pid_t)master_pid(), SIGTERM), 0);
	suite_end();
}
END_TEST

START_TEST(a_lost_database_is_not_a_new_queue)
{
	char text[] = "x4check --create";

	prepare("lost-database");
	suite_start(&tested);
	ck_assert_int_eq(submit(), 0);
	suite_stop(&tested);
	ck_assert_int_eq(access(state_path("queue.identity"), F_OK), 0);
	if (_i == 0)
		ck_assert_int_eq(unlink(state_path("queue/data.mdb")), 0);
	else
		ck_assert_int_eq(truncate(state_path("queue/data.mdb"), 0), 0);
	(void)suite_shell(NULL, "timeout 30 %s/bin/x4ctl -c %s start 2>&1",
	    suite_build(), tested.conf);
	suite_wait("the reason", 20, logged, text);
	(void)suite_tool(&tested, NULL, "x4ctl", "stop", NULL);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4check", "--create", NULL), 0);
	suite_start(&tested);
	ck_assert_int_eq(submit(), 0);
	suite_stop(&tested);
	suite_end();
}
END_TEST

START_TEST(a_failed_commit_is_told)
{
	char text[] = " 20153 ";

	prepare("failed-commit");
	ck_assert_int_eq(setenv("FOURPOST_FAULT", "store.commit:3:fail", 1), 0);
	suite_start(&tested);
	ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
	/* Nothing is refused for it: the repetition works. */
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(submit(), 0);
	suite_wait("the event of the write", 20, logged, text);
	suite_stop(&tested);
	suite_end();
}
END_TEST

TEST_MAIN("fault/swept", TEST_LOOP(a_second_master_ends_at_once, 2);
	  TEST_LONG(removed_sockets_are_told, 60);
	  TEST_LOOP(a_lost_database_is_not_a_new_queue, 2);
	  TEST_LONG(a_failed_commit_is_told, 60))
