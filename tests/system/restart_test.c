/* SPDX-License-Identifier: ISC */
/*
 * restart_test.c - one worker is replaced during traffic, and only it
 *
 * The source sends until all has been looked at, so that every association is
 * there to the end.
 */
#include <signal.h>
#include <string.h>
#include <time.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

static struct suite tested;

/* one_pid - tell whether the worker of that name has another pid now */
struct replaced {
	const char *name;
	pid_t old;
};

/* is_replaced - tell whether the worker is there again, as another process */
static bool
is_replaced(void *arg)
{
	const struct replaced *r = arg;
	pid_t pid = suite_pid(&tested, r->name);

	return pid != 0 && pid != r->old;
}

/* is_there - tell whether a worker of that name is at work */
static bool
is_there(void *arg)
{
	return suite_pid(&tested, arg) != 0;
}

/* others_unchanged - check that every worker of before but this one has its
 * old pid, or has ended because its association did */
static void
others_unchanged(json_t *before, const char *except)
{
	json_t *row;
	size_t i;

	json_array_foreach(before, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		pid_t old =
		    (pid_t)json_integer_value(json_object_get(row, "pid"));

		if (strcmp(kind, "worker") != 0 || strcmp(name, except) == 0)
			continue;
		ck_assert_msg(suite_pid(&tested, name) == old,
		    "%s was %d and is %d", name, (int)old,
		    (int)suite_pid(&tested, name));
	}
}

/* proc_read - read a file of a process as a string, up to its first zero */
static void
proc_read(pid_t pid, const char *file, char *text, size_t size)
{
	char path[64];
	FILE *in;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	in = fopen(path, "r");
	ck_assert_msg(in != NULL, "%s", path);
	len = fread(text, 1, size - 1, in);
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(in);
}

/* named_apart - check that ps and killall take no process for Postfix's */
static void
named_apart(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		pid_t pid =
		    (pid_t)json_integer_value(json_object_get(row, "pid"));
		char title[160], text[256];

		if (strcmp(json_string_value(json_object_get(row, "kind")),
			"worker") != 0)
			continue;
		proc_read(pid, "comm", text, sizeof(text));
		ck_assert_msg(
		    strncmp(text, "fourpost-", 9) == 0, "%s: %s", name, text);
		snprintf(title, sizeof(title), "fourpost: %s", name);
		proc_read(pid, "cmdline", text, sizeof(text));
		ck_assert_msg(strncmp(text, title, strlen(title)) == 0,
		    "%s: %s", name, text);
	}
}

START_TEST(only_that_worker)
{
	char sink_out[SUITE_PATH], source_out[SUITE_PATH], sections[1024];
	char address[32];
	struct replaced replaced = {"x400out/sink#1", 0};
	pid_t sink, source;
	json_t *before;

	suite_begin("restart");
	snprintf(sink_out, sizeof(sink_out), "%s/sink", suite_directory());
	snprintf(
	    source_out, sizeof(source_out), "%s/source", suite_directory());
	sink = suite_spawn(
	    sink_out, "peers/x4sink", "-n", "SINK", "-w", "s", NULL);
	snprintf(sections, sizeof(sections),
	    "link \"source\" { remote-mta = \"SOURCE\" remote-password = \"s\""
	    " address = {\"127.0.0.1:1\"} address-space = {\"C=XX;A=LOAD\"} }\n"
	    "link \"sink\" { remote-mta = \"SINK\" remote-password = \"s\""
	    " address = {\"127.0.0.1:%u\"} address-space = {\"C=YY\"}"
	    " associations = 2 open-interval = \"0.3\""
	    " transfer-interval = \"0.3\" }\n",
	    suite_port_of(sink_out));
	suite_configure(&tested, "r", "C=XX;A=TEST;P=R", "", sections);
	suite_start(&tested);
	snprintf(address, sizeof(address), "127.0.0.1:%u", tested.port);
	source = suite_spawn(source_out, "peers/x4source", "-a", address, "-n",
	    "SOURCE", "-w", "s", "-f", "C=XX;A=LOAD;S=S", "-t",
	    "C=YY;A=SINK;S=T", "-A", "2", "-m", "1000000", "-r", "1000", NULL);
	suite_wait("the worker to be at work", 20, is_there,
	    (void *)(uintptr_t)replaced.name);

	before = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	named_apart(before);
	replaced.old = suite_pid(&tested, replaced.name);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "restart", replaced.name, NULL),
	    0);
	suite_wait("another process of that name", 20, is_replaced, &replaced);
	others_unchanged(before, replaced.name);
	json_decref(before);

	ck_assert_int_eq(kill(source, SIGUSR1), 0);
	ck_assert_int_eq(suite_wait_exit(source, 120), 0);
	suite_wait_empty(&tested, 120);
	suite_stop(&tested);
	ck_assert_int_eq(suite_reap(sink), 0);
	ck_assert_uint_gt(load_figure(source_out, "messages"), 0);
	ck_assert_uint_eq(load_figure(sink_out, "messages"),
	    load_figure(source_out, "messages"));
	ck_assert_uint_eq(load_figure(sink_out, "duplicates"), 0);
	suite_end();
}
END_TEST

TEST_MAIN("system/restart", TEST_LONG(only_that_worker, 300))
