/* SPDX-License-Identifier: ISC */
/*
 * disk_test.c - a disk that does not answer
 *
 * The queue manager stands in a flush (tests/preload/slow_disk.c).  It is
 * not ended for that, which would cure no disk; the log and `x4ctl status`
 * say so, from master; and all goes on when the disk answers.
 */
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define TICK "80" /* ms: the seconds of master's watchdog */

static struct suite tested;
static struct load_sink sink;
static char sections[8192], stopped[SUITE_PATH + 16];

/* start - start a suite on a disk that can be stopped */
static void
start(void)
{
	char library[SUITE_PATH + 32];

	snprintf(stopped, sizeof(stopped), "%s/stopped", suite_directory());
	snprintf(
	    library, sizeof(library), "%s/peers/slow_disk.so", suite_build());
	load_source_link(sections, sizeof(sections));
	load_sink(&sink, "far", 0, NULL);
	load_link(sections, sizeof(sections), "far", sink.port, "");
	suite_configure(&tested, "d", "C=XX;A=TEST;P=D", "", sections);
	setenv("FOURPOST_TICK_MS", TICK, 1);
	setenv("LD_PRELOAD", library, 1);
	setenv("SLOW_DISK_PROGRAM", "fourpost-qmgr", 1);
	setenv("SLOW_DISK_STOPPED", stopped, 1);
	suite_start(&tested);
	unsetenv("LD_PRELOAD");
	unsetenv("FOURPOST_TICK_MS");
}

/* logged - count the lines of the log that hold a text */
static int
logged(const char *text)
{
	char *output;
	int count;

	suite_shell(
	    &output, "grep -c '%s' '%s/state/log'", text, tested.directory);
	count = atoi(output);
	free(output);
	return count;
}

/* has_logged - tell whether the log holds a text */
static bool
has_logged(void *arg)
{
	return logged(arg) > 0;
}

/* flush_problem - get the seconds that the disk is said not to have answered;
 * 0: that is no problem now */
static unsigned
flush_problem(void)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	unsigned seconds = 0;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *id = json_string_value(json_object_get(row, "id"));
		const char *text =
		    json_string_value(json_object_get(row, "text"));

		if (id != NULL && strcmp(id, "flush") == 0)
			ck_assert_int_eq(
			    sscanf(text,
				"the disk does not answer, and the queue "
				"manager has waited for it for %u s",
				&seconds),
			    1);
	}
	json_decref(rows);
	return seconds;
}

/* has_waited - tell whether the disk has not answered for so long */
static bool
has_waited(void *arg)
{
	return flush_problem() >= *(const unsigned *)arg;
}

/* is_well - tell whether the disk is no problem */
static bool
is_well(void *arg)
{
	(void)arg;
	return flush_problem() == 0;
}

/* A flush that does not end is told, and no reason to end the queue manager. */
START_TEST(silent)
{
	/* In the long form beyond the 300 ticks of the watchdog. */
	unsigned seconds = suite_long() ? 27 : 1;
	char output[SUITE_PATH + 64];
	pid_t qmgr, source;

	/* A sanitizer's library wants to be the first. */
	if (SANITIZE_ADDRESS)
		return;
	suite_begin("disk");
	start();
	qmgr = suite_pid(&tested, "qmgr");
	suite_write(stopped, "", 0);
	source = load_source(&tested, "far", 3, output, NULL);
	suite_wait("the event", 60, has_logged,
	    (void *)(uintptr_t) "has not answered for a minute");
	suite_wait("the problem", 60, has_waited, &seconds);
	ck_assert_int_eq(unlink(stopped), 0);
	load_wait_source(source, 60);
	load_wait_noted(&sink, 3, 60);
	suite_wait("the end of the problem", 60, is_well, NULL);
	ck_assert_int_eq(suite_pid(&tested, "qmgr"), qmgr);
	ck_assert_int_eq(logged("no progress"), 0);
	ck_assert_int_ge(logged("the disk took more than a second"), 1);
	suite_stop(&tested);
	load_sink_stop(&sink);
	suite_end();
}
END_TEST

TEST_MAIN("fault/disk", TEST_LONG(silent, 60))
