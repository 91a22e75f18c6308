/* SPDX-License-Identifier: ISC */
/*
 * tracking_database_test.c - each message is tracked once in PostgreSQL,
 * whatever happens to its server and to the processes on the way there
 *
 * A source sends through a suite to a sink.  Meanwhile the server is killed and
 * started, stopped as a process, slow and full, and processes of the suite are
 * killed.  What the source saw confirmed is compared with the rows of the
 * server.  Short form: 200 messages and one round of blows; long form: 20,000
 * and twelve rounds, in which the server is once stopped for longer than we
 * wait for it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/system/cluster.h"
#include "tests/unit/test.h"

static struct cluster cluster;
static struct suite tested;
static struct load_sink far;

/* kill_worker - kill a process of the suite, if it is there at the moment */
static void
kill_worker(const char *name)
{
	pid_t pid = suite_pid(&tested, name);

	if (pid > 0)
		kill(pid, SIGKILL);
}

/* stop_server, start_server - kill all processes of the server, start it */
static void
stop_server(void)
{
	cluster_stop(&cluster, CLUSTER_KILLED);
}
static void
start_server(void)
{
	cluster_start(&cluster);
}

/* restart_server - end the server in order, and start it */
static void
restart_server(void)
{
	cluster_stop(&cluster, CLUSTER_FAST);
	cluster_start(&cluster);
}

/* freeze_server, thaw_server - stop the server as a process, have it go on */
static void
freeze_server(void)
{
	cluster_freeze(&cluster);
}
static void
thaw_server(void)
{
	cluster_thaw(&cluster);
}

/* trouble - have each insertion into a table run a statement before */
static void
trouble(const char *table, const char *statement)
{
	char sql[1024];

	(void)snprintf(sql, sizeof(sql),
	    "CREATE OR REPLACE FUNCTION trouble() RETURNS trigger"
	    " LANGUAGE plpgsql AS $$BEGIN %s; RETURN NULL; END$$;"
	    "DROP TRIGGER IF EXISTS trouble ON fourpost.%s;"
	    "CREATE TRIGGER trouble BEFORE INSERT ON fourpost.%s"
	    " FOR EACH STATEMENT EXECUTE FUNCTION trouble()",
	    statement, table, table);
	cluster_run(&cluster, sql);
}

/* fill_server - have the server say that its disk is full, when the rows of one
 * table are written and those of the other are not */
static void
fill_server(void)
{
	trouble("recipient",
	    "RAISE EXCEPTION 'no space left on device' USING ERRCODE='53100'");
}

/* slow_server - have each transaction take a second more */
static void
slow_server(void)
{
	trouble("event", "PERFORM pg_sleep(1)");
}

/* ease_server - end both troubles */
static void
ease_server(void)
{
	cluster_run(&cluster,
	    "DROP TRIGGER IF EXISTS trouble ON fourpost.recipient;"
	    "DROP TRIGGER IF EXISTS trouble ON fourpost.event");
}

/* kill_copier, kill_tracker, kill_qmgr, kill_sender - kill a process */
static void
kill_copier(void)
{
	kill_worker("tracking-database");
}
static void
kill_tracker(void)
{
	kill_worker("tracker");
}
static void
kill_qmgr(void)
{
	kill_worker("qmgr");
}
static void
kill_sender(void)
{
	kill_worker("x400out/far#1");
}

/* A round: each blow falls when so much more has passed. */
static void (*const blows[])(void) = {kill_copier, stop_server, kill_tracker,
    start_server, freeze_server, kill_qmgr, thaw_server, fill_server,
    kill_copier, ease_server, slow_server, kill_sender, kill_copier,
    restart_server, kill_tracker, ease_server};

#define BLOWS (sizeof(blows) / sizeof(blows[0]))

/* has_tables - tell whether the tables are there */
static bool
has_tables(void *arg)
{
	(void)arg;
	return cluster_number(&cluster,
		   "SELECT (to_regclass('fourpost.event') IS NOT NULL)::int") ==
	    1;
}

/* start - start a suite that writes into a server, between source and sink */
static void
start(const char *test)
{
	static char sections[4096], mta[1024];

	suite_begin(test);
	cluster_make(&cluster);
	load_sink(&far, "far", 0, NULL);
	sections[0] = '\0';
	load_source_link(sections, sizeof(sections));
	load_link(
	    sections, sizeof(sections), "far", far.port, "associations = 2\n");
	cluster_setting(
	    &cluster, CLUSTER_PASSWORD, "sslmode=disable", mta, sizeof(mta));
	suite_configure(&tested, "tested", "C=DE;A=V", mta, sections);
	suite_start(&tested);
	suite_wait("the tables", 60, has_tables, NULL);
}

static int64_t wanted;

/* all_written - tell whether the server has as many transfers as are wanted */
static bool
all_written(void *arg)
{
	(void)arg;
	return cluster_number(&cluster,
		   "SELECT count(*) FROM fourpost.event WHERE event=1") >=
	    wanted;
}

/* put_confirmed - put what a source saw confirmed into a table of our own */
static void
put_confirmed(const char *source)
{
	char path[SUITE_PATH + 80], *lines, *to, *from;

	(void)snprintf(path, sizeof(path), "%s.lines", source);
	lines = suite_read(path, NULL);
	ck_assert_ptr_nonnull(lines);
	/* Of each line what stands before the first tab. */
	for (to = from = lines; *from != '\0'; from++) {
		*to = *from;
		if (*from == '\t') {
			from += strcspn(from, "\n");
			*to = '\n';
		}
		to++;
	}
	*to = '\0';
	cluster_run(&cluster, "CREATE TABLE confirmed(id text PRIMARY KEY)");
	cluster_copy(&cluster, "COPY confirmed FROM STDIN", lines);
	free(lines);
}

/* check_written - check that what was confirmed is there, each once, with one
 * arrival, one recipient and one transfer, and nothing else */
static void
check_written(const char *source, int64_t messages)
{
	static const char *const none[] = {
	    "SELECT count(*) FROM confirmed c WHERE 1<>(SELECT count(*)"
	    " FROM fourpost.event WHERE mts_id=c.id AND event=0)",
	    "SELECT count(*) FROM confirmed c WHERE 1<>(SELECT count(*)"
	    " FROM fourpost.event WHERE mts_id=c.id AND event=1)",
	    "SELECT count(*) FROM fourpost.event WHERE mts_id NOT IN"
	    "(SELECT id FROM confirmed)",
	    "SELECT count(*) FROM fourpost.event e WHERE event=0 AND"
	    " 1<>(SELECT count(*) FROM fourpost.recipient r WHERE"
	    " r.queue=e.queue AND r.page=e.page AND r.place=e.place)",
	    "SELECT count(*) FROM fourpost.recipient r WHERE NOT EXISTS"
	    "(SELECT FROM fourpost.event e WHERE e.queue=r.queue"
	    " AND e.page=r.page AND e.place=r.place AND e.event=0)",
	    "SELECT count(*)-1 FROM fourpost.queue"};

	wanted = messages;
	suite_wait("all to be written", 180, all_written, NULL);
	put_confirmed(source);
	ck_assert_int_eq(
	    cluster_number(&cluster, "SELECT count(*) FROM confirmed"),
	    messages);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(cluster_number(&cluster, none[i]) == 0,
		    "%s: %lld", none[i],
		    (long long)cluster_number(&cluster, none[i]));
}

/* strike - have so many blows fall while messages pass */
static void
strike(uint64_t messages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		load_wait_noted(&far, (i + 1) * messages / (count + 1), 180);
		blows[i % BLOWS]();
		/* Nobody waits for a server that is silent for so long. */
		if (blows[i % BLOWS] == freeze_server && i > BLOWS &&
		    i < 2 * BLOWS)
			sleep(40);
	}
}

START_TEST(each_once_whatever_the_server_does)
{
	bool all = suite_long();
	uint64_t messages = all ? 20000 : 200;
	char output[SUITE_PATH + 64];
	pid_t source;

	if (!cluster_here())
		return;
	start("track-storm");
	source = load_source(
	    &tested, "far", messages, output, "-r", "100", "-R", "9999", NULL);
	strike(messages, all ? 12 * BLOWS : BLOWS);
	load_wait_source(source, 120);
	suite_wait_empty(&tested, 60);
	check_written(output, (int64_t)messages);
	load_finish(&tested, &far, 60);
	cluster_end(&cluster);
	suite_end();
}
END_TEST

/* says_full - tell whether x4ctl status tells of a full disk */
static bool
says_full(void *arg)
{
	char *output;
	bool says;

	(void)arg;
	(void)suite_tool(&tested, &output, "x4ctl", "status", NULL);
	says =
	    output != NULL && strstr(output, "No space left on device") != NULL;
	free(output);
	return says;
}

/* A disk that is full in truth: what fits is there, the rest when it fits. */
START_TEST(a_disk_that_is_full)
{
	const uint64_t messages = 4000;
	char output[SUITE_PATH + 64];
	pid_t source;

	if (!cluster_here())
		return;
	if (geteuid() != 0) {
		puts("skipped: a small disk is made by root alone");
		return;
	}
	cluster.small = 2;
	start("track-full");
	source = load_source(&tested, "far", messages, output, NULL);
	suite_wait("the full disk to be told", 60, says_full, NULL);
	load_wait_source(source, 120);
	suite_wait_empty(&tested, 60);
	cluster_grow(&cluster, 64);
	check_written(output, (int64_t)messages);
	load_finish(&tested, &far, 60);
	cluster_end(&cluster);
	suite_end();
}
END_TEST

TEST_MAIN(
    "fault/tracking_database",
    TEST_LONG(each_once_whatever_the_server_does, suite_long() ? 1800 : 180);
    TEST_LONG(a_disk_that_is_full, 180))
