/* SPDX-License-Identifier: ISC */
/*
 * watchdog_test.c - a wedged worker is replaced alone
 *
 * A worker that is stopped, and one that hangs within its work, are noticed,
 * killed and replaced; the traffic of another link goes on meanwhile, through
 * the same workers.  master's seconds are shortened by FOURPOST_TICK_MS; the
 * stopped link's messages all arrive once it has a new worker.
 */

#include <signal.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/system/postoffice.h"
#include "tests/unit/test.h"

#define TICK	 "80" /* ms: a worker is late after 2.4 s */
#define MESSAGES 200

static struct suite tested;
static struct load_sink wedged, healthy;
static char sections[8192];

/* postoffice - write a section of one with a mailbox, and make its
 * directories */
static void
postoffice(void)
{
	char path[SUITE_PATH + 16];
	size_t used = strlen(sections);

	snprintf(path, sizeof(path), "%s/po", suite_directory());
	postoffice_make(path);
	snprintf(path, sizeof(path), "%s/po.map", suite_directory());
	suite_write(path, "C=YY;A=po;S=Bob = ACME/PO/BOB\n", 30);
	snprintf(sections + used, sizeof(sections) - used,
	    "msmail \"po\" {\n  postoffice = \"%s/po\"\n  network = \"ACME\" "
	    "name = \"PO\"\n  address-space = {\"C=YY;A=po\"}\n"
	    "  directory = \"%s\"\n}\n",
	    suite_directory(), path);
}

/* start - start two links, whose associations stay open, and the suite */
static void
start(const char *fault)
{
	sections[0] = '\0';
	load_source_link(sections, sizeof(sections));
	load_sink(&wedged, "wedged", 0, NULL);
	load_sink(&healthy, "healthy", 0, NULL);
	load_link(sections, sizeof(sections), "wedged", wedged.port,
	    "associations = 1 open-interval = \"0.1\"");
	load_link(sections, sizeof(sections), "healthy", healthy.port,
	    "associations = 1");
	if (fault != NULL)
		postoffice();
	suite_configure(&tested, "w", "C=XX;A=TEST;P=W", "", sections);
	setenv("FOURPOST_TICK_MS", TICK, 1);
	if (fault != NULL)
		setenv("FOURPOST_FAULT", fault, 1);
	suite_start(&tested);
	unsetenv("FOURPOST_FAULT");
	unsetenv("FOURPOST_TICK_MS");
}

/* stop - check that all arrived exactly once, and the queue is whole */
static void
stop(void)
{
	load_same(&wedged, "wedged.source*.lines");
	load_same(&healthy, "healthy.source*.lines");
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	load_sink_stop(&wedged);
	load_sink_stop(&healthy);
	suite_end();
}

/* is_replaced - tell whether a worker of the wedged link is another than
 * before */
static bool
is_replaced(void *arg)
{
	pid_t pid = suite_pid(&tested, "x400out/wedged#1");

	return pid != 0 && pid != *(pid_t *)arg;
}

/* ended - count how often the log says that a worker ended for no progress */
static int
ended(const char *worker)
{
	char *output;
	int count;

	suite_shell(&output, "grep -c 'worker=%s.*no progress' '%s/state/log'",
	    worker, tested.directory);
	count = atoi(output);
	free(output);
	return count;
}

/* has_ended - tell whether the watchdog has ended it */
static bool
has_ended(void *arg)
{
	return ended(arg) > 0;
}

/* A worker that is stopped is replaced, and what it had goes on. */
START_TEST(stopped)
{
	pid_t pid, other, qmgr;

	suite_begin("watchdog");
	start(NULL);
	load_send(&tested, "wedged", 1);
	load_send(&tested, "healthy", 1);
	load_wait_noted(&wedged, 1, 20);
	load_wait_noted(&healthy, 1, 20);
	qmgr = suite_pid(&tested, "qmgr");
	pid = suite_pid(&tested, "x400out/wedged#1");
	other = suite_pid(&tested, "x400out/healthy#1");
	ck_assert_int_ne(pid, 0);
	ck_assert_int_eq(kill(pid, SIGSTOP), 0);
	load_send(&tested, "wedged", MESSAGES);
	load_send(&tested, "healthy", MESSAGES);
	load_wait_noted(&healthy, MESSAGES + 1, 20);
	suite_wait("another worker", 30, is_replaced, &pid);
	load_wait_noted(&wedged, MESSAGES + 1, 30);
	/* no other worker was replaced */
	ck_assert_int_eq(suite_pid(&tested, "qmgr"), qmgr);
	ck_assert_int_eq(suite_pid(&tested, "x400out/healthy#1"), other);
	ck_assert_int_ge(ended("x400out/wedged"), 1);
	ck_assert_int_eq(ended("x400out/healthy"), 0);
	ck_assert_int_eq(ended("qmgr"), 0);
	stop();
}
END_TEST

/* is_quarantined - tell whether the message of the postoffice was set aside */
static bool
is_quarantined(void *arg)
{
	char *output;
	bool found;

	(void)arg;
	suite_shell(
	    &output, "grep -c 'quarantined' '%s/state/log'", tested.directory);
	found = atoi(output) > 0;
	free(output);
	return found;
}

/* A message on which each worker hangs is quarantined; others go on. */
START_TEST(hanging)
{
	char body[SUITE_PATH + 16], id[24], *output;
	json_t *rows;
	pid_t other;

	suite_begin("watchdog-hang");
	start("out-create:1:hang");
	load_send(&tested, "wedged", 1);
	load_send(&tested, "healthy", 1);
	load_wait_noted(&healthy, 1, 20);
	load_wait_noted(&wedged, 1, 20);
	other = suite_pid(&tested, "x400out/healthy#1");
	snprintf(body, sizeof(body), "%s/body", suite_directory());
	suite_write(body, "hello\n", 6);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4send", "-f", "C=YY;A=healthy;S=A",
		"-t", "C=YY;A=po;S=Bob", "-b", body, NULL),
	    0);
	free(output);
	suite_wait("its worker's end", 30, has_ended,
	    (void *)(uintptr_t) "msmi-out/po");
	load_send(&tested, "healthy", MESSAGES);
	load_wait_noted(&healthy, MESSAGES + 1, 20);
	suite_wait("the quarantine", 60, is_quarantined, NULL);
	ck_assert_int_eq(ended("msmi-out/po"), 3);
	ck_assert_int_eq(suite_pid(&tested, "x400out/healthy#1"), other);
	rows = suite_rows(
	    &tested, "x4queue", "-j", "list", "--state", "quarantined", NULL);
	ck_assert_uint_eq(json_array_size(rows), 1);
	snprintf(id, sizeof(id), "%lld",
	    (long long)json_integer_value(
		json_object_get(json_array_get(rows, 0), "id")));
	json_decref(rows);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4queue", "why", id, NULL), 0);
	ck_assert_msg(strstr(output,
			  "it is quarantined because 3 processes crashed or "
			  "hung on it, the last one so: msmi-out/po") != NULL,
	    "%s", output);
	free(output);
	stop();
}
END_TEST

TEST_MAIN("fault/watchdog", TEST_LONG(stopped, 120); TEST_LONG(hanging, 120))
