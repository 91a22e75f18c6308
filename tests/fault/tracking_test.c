/* SPDX-License-Identifier: ISC */
/*
 * tracking_test.c - each message is tracked once, whatever happens to the
 * tracker
 *
 * A source sends through a suite to a sink, and processes are killed meanwhile,
 * the tracker most often; what the source saw confirmed is compared with what
 * is in the database.  Short form: 400 messages and 8 kills; long form: 20,000
 * and 200.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define SPACE "C=YY;A=far"

static struct suite tested;
static struct load_sink far;

/* start - start a suite between a source and a sink */
static void
start(const char *test)
{
	static char sections[4096];

	suite_begin(test);
	load_sink(&far, "far", 0, NULL);
	load_source_link(sections, sizeof(sections));
	load_link(
	    sections, sizeof(sections), "far", far.port, "associations = 2\n");
	suite_configure(
	    &tested, "tested", "C=DE;A=V", "tracking-days = 30", sections);
	suite_start(&tested);
}

/* kill_worker - kill a process of the suite, if it is there at the moment */
static void
kill_worker(const char *name)
{
	pid_t pid = suite_pid(&tested, name);

	if (pid > 0)
		kill(pid, SIGKILL);
}

/* is_running - tell whether a worker runs */
static bool
is_running(void *arg)
{
	return suite_pid(&tested, arg) > 0;
}

/* count_tracked - count the messages that x4track finds in a state; an answer
 * that cannot be had yet has none */
static size_t
count_tracked(const char *state)
{
	char *output = NULL;
	size_t count = 0;

	if (suite_tool(&tested, &output, "x4track", "-j", "--to", SPACE,
		"--state", state, NULL) == 0)
		for (const char *p = output; (p = strchr(p, '\n')) != NULL; p++)
			count++;
	free(output);
	return count;
}

static size_t wanted;

/* all_tracked - tell whether as many as are wanted are found */
static bool
all_tracked(void *arg)
{
	(void)arg;
	return count_tracked("transferred") >= wanted;
}

/* tracked_file - write the path of a file of the tracker */
static const char *
tracked_file(const char *name)
{
	char file[64];

	snprintf(file, sizeof(file), "state/tracking/%s", name);
	return suite_path(&tested, file);
}

/* open_tracked - open the database of the tracker, to read it */
static sqlite3 *
open_tracked(void)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(tracked_file("tracking.db"), &db,
		SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		(void)sqlite3_close(db);
		return NULL;
	}
	(void)sqlite3_busy_timeout(db, 10000);
	return db;
}

/* count_rows - get the number that a query gives; -1: not now */
static int64_t
count_rows(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t count = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		count = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return count;
}

/* all_kept - tell whether the database has as many transfers as are wanted */
static bool
all_kept(void *arg)
{
	sqlite3 *db = open_tracked();
	int64_t count;

	(void)arg;
	if (db == NULL)
		return false;
	count = count_rows(db, "SELECT count(*) FROM event WHERE event=1");
	(void)sqlite3_close(db);
	return count >= (int64_t)wanted;
}

/* put_confirmed - put what a source saw confirmed into a table of our own */
static void
put_confirmed(sqlite3 *db, const char *source)
{
	char path[SUITE_PATH + 80], *lines, *line, *rest;
	sqlite3_stmt *s = NULL;

	ck_assert_int_eq(
	    sqlite3_exec(
		db, "CREATE TEMP TABLE confirmed(id TEXT)", NULL, NULL, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db,
			     "INSERT INTO confirmed VALUES(?)", -1, &s, NULL),
	    SQLITE_OK);
	snprintf(path, sizeof(path), "%s.lines", source);
	lines = suite_read(path, NULL);
	ck_assert_ptr_nonnull(lines);
	for (line = strtok_r(lines, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		(void)sqlite3_bind_text(
		    s, 1, line, (int)strcspn(line, "\t"), SQLITE_TRANSIENT);
		ck_assert_int_eq(sqlite3_step(s), SQLITE_DONE);
		(void)sqlite3_reset(s);
	}
	(void)sqlite3_finalize(s);
	free(lines);
}

/* check_tracked - check in the database that what was confirmed is there, each
 * once, with one arrival, one copy and one transfer, and nothing else */
static void
check_tracked(const char *source, size_t messages)
{
	static const char *const none[] = {
	    "SELECT count(*) FROM confirmed c WHERE 1<>(SELECT count(*)"
	    " FROM item WHERE mts_id=c.id AND arrived=1)",
	    "SELECT count(*) FROM item WHERE mts_id NOT IN"
	    "(SELECT id FROM confirmed)",
	    "SELECT count(*) FROM item i WHERE 1<>(SELECT count(*)"
	    " FROM event WHERE item=i.id AND event=0)",
	    "SELECT count(*) FROM item i WHERE 1<>(SELECT count(*)"
	    " FROM event WHERE item=i.id AND event=15)",
	    "SELECT count(*) FROM item i WHERE 1<>(SELECT count(*)"
	    " FROM event WHERE item=i.id AND event=1)",
	    "SELECT count(*) FROM item i WHERE 1<>(SELECT count(*)"
	    " FROM party WHERE item=i.id AND state=1)",
	    "SELECT count(*) FROM event WHERE event NOT IN(0,1,15)"};
	sqlite3 *db;

	wanted = messages;
	suite_wait("all to be tracked", 120, all_kept, NULL);
	db = open_tracked();
	ck_assert_ptr_nonnull(db);
	put_confirmed(db, source);
	ck_assert_int_eq(count_rows(db, "SELECT count(*) FROM confirmed"),
	    (int64_t)messages);
	ck_assert_int_eq(
	    count_rows(db, "SELECT count(*) FROM item"), (int64_t)messages);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(count_rows(db, none[i]) == 0, "%s: %lld", none[i],
		    (long long)count_rows(db, none[i]));
	(void)sqlite3_close(db);
}

/* The order in which processes are killed. */
static const char *const victims[] = {"tracker", "x400out/far#1", "tracker",
    "qmgr", "tracker", "x400in#1", "tracker", "tracker"};

START_TEST(each_once_while_the_tracker_is_killed)
{
	bool all = suite_long();
	uint64_t messages = all ? 20000 : 400;
	unsigned kills = all ? 200 : 8;
	char output[SUITE_PATH + 64], tracker[] = "tracker";
	pid_t source;

	start("track-kill");
	source = load_source(
	    &tested, "far", messages, output, "-r", "100", "-R", "1000", NULL);
	for (unsigned i = 0; i < kills; i++) {
		load_wait_noted(&far, (i + 1) * messages / (kills + 1), 120);
		kill_worker(victims[i % (sizeof(victims) / sizeof(*victims))]);
	}
	load_wait_source(source, 120);
	suite_wait_empty(&tested, 60);
	suite_wait("a tracker", 60, is_running, tracker);
	check_tracked(output, messages);
	load_finish(&tested, &far, 60);
	suite_end();
}
END_TEST

/* overwrite - write nonsense over the pages of the database but the first */
static void
overwrite(void)
{
	char nonsense[4096];
	FILE *file = fopen(tracked_file("tracking.db"), "r+");

	ck_assert_ptr_nonnull(file);
	memset(nonsense, 'x', sizeof(nonsense));
	for (int i = 1; i < 20; i++) {
		ck_assert_int_eq(fseek(file, i * 4096L, SEEK_SET), 0);
		ck_assert_uint_eq(
		    fwrite(nonsense, sizeof(nonsense), 1, file), 1);
	}
	ck_assert_int_eq(fclose(file), 0);
}

/* is_new - tell whether the tracker that was killed has a successor */
static bool
is_new(void *arg)
{
	pid_t pid = suite_pid(&tested, "tracker");

	return pid > 0 && pid != *(pid_t *)arg;
}

START_TEST(a_database_that_goes_or_is_damaged)
{
	char *output;
	pid_t pid;

	start("track-damage");
	load_send(&tested, "far", 10);
	wanted = 10;
	suite_wait("ten to be tracked", 60, all_tracked, NULL);
	ck_assert_int_eq(unlink(tracked_file("tracking.db")), 0);
	load_send(&tested, "far", 7);
	wanted = 7;
	suite_wait("seven to be tracked", 60, all_tracked, NULL);
	ck_assert_uint_eq(count_tracked("transferred"), 7);
	/* A tracker that has it open would not look at the file again. */
	pid = suite_pid(&tested, "tracker");
	kill(pid, SIGTERM);
	suite_wait("another tracker", 60, is_new, &pid);
	pid = suite_pid(&tested, "tracker");
	kill(pid, SIGSTOP);
	overwrite();
	kill(pid, SIGKILL);
	suite_wait("another tracker", 60, is_new, &pid);
	load_send(&tested, "far", 3);
	wanted = 3;
	/* More are found if qmgr had not forgotten yet what was kept before. */
	suite_wait("three to be tracked", 60, all_tracked, NULL);
	ck_assert_int_eq(access(tracked_file("tracking.db.damaged"), F_OK), 0);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4track", "stats", "link", NULL), 0);
	ck_assert_ptr_nonnull(strstr(output, "far"));
	free(output);
	load_finish(&tested, &far, 60);
	suite_end();
}
END_TEST

/* first_id - get the identifier of a message that is gone */
static void
first_id(char *id, size_t size)
{
	json_t *rows = suite_rows(&tested, "x4track", "-j", "-n", "1", NULL);

	ck_assert_uint_eq(json_array_size(rows), 1);
	strlcpy(id,
	    json_string_value(
		json_object_get(json_array_get(rows, 0), "mts_id")),
	    size);
	json_decref(rows);
}

/* says - tell whether a tool that succeeds prints a word */
static bool
says(const char *word, const char *tool, const char *a, const char *b)
{
	char *output;
	bool found;
	int status = suite_tool(&tested, &output, tool, a, b, NULL);

	found = status == 0 && strstr(output, word) != NULL;
	free(output);
	return found;
}

START_TEST(what_people_ask)
{
	char id[128];

	start("track-ask");
	load_send(&tested, "far", 2);
	wanted = 2;
	suite_wait("two to be tracked", 60, all_tracked, NULL);
	first_id(id, sizeof(id));
	ck_assert(says("transferred to far", "x4track", id, NULL));
	ck_assert(says("transferred to far", "x4queue", "why", id));
	ck_assert(says("transferred to far", "x4queue", "show", id));
	ck_assert(says("2 messages", "x4track", "--from", "S=sourc;C=XX"));
	ck_assert(says("2 messages", "x4track", "--link", "far"));
	ck_assert(says("2 messages", "x4track", "--since", "1h"));
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4track", "--until", "1h", NULL), 1);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4track", "--to", "nobody", NULL), 1);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4track", "--since", "never", NULL), 64);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4track", "stats", "moon", NULL), 1);
	load_finish(&tested, &far, 60);
	suite_end();
}
END_TEST

TEST_MAIN("fault/tracking",
    TEST_LONG(each_once_while_the_tracker_is_killed, 600),
    TEST_LONG(a_database_that_goes_or_is_damaged, 120),
    TEST_LONG(what_people_ask, 60))
