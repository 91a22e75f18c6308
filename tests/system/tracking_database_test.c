/* SPDX-License-Identifier: ISC */
/*
 * tracking_database_test.c - what happened to messages, in PostgreSQL
 *
 * A suite between a source and a sink writes into a server of the test's own,
 * and the rows are compared with what the source saw confirmed.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/load.h"
#include "tests/system/cluster.h"
#include "tests/unit/test.h"
#include "tests/unit/tls/pki.h"

static struct cluster cluster;
static struct suite tested;
static struct load_sink far;

/* configure_as - configure the suite, with settings of the mta section */
static void
configure_as(const char *mta)
{
	static char sections[4096];

	sections[0] = '\0';
	load_source_link(sections, sizeof(sections));
	load_link(sections, sizeof(sections), "far", far.port, "");
	suite_configure(&tested, "tested", "C=DE;A=V", mta, sections);
}

/* configure_suite - configure the suite, with a password for the database and
 * parameters of its URL */
static void
configure_suite(const char *password, const char *parameters)
{
	static char mta[2048];

	cluster_setting(&cluster, password, parameters, mta, sizeof(mta));
	configure_as(mta);
}

/* start - start a server, a sink, and a suite that writes there */
static void
start(const char *test, const char *password)
{
	suite_begin(test);
	cluster_make(&cluster);
	load_sink(&far, "far", 0, NULL);
	configure_suite(password, "sslmode=disable");
	suite_start(&tested);
}

/* stop - end all */
static void
stop(void)
{
	load_finish(&tested, &far, 60);
	cluster_end(&cluster);
	suite_end();
}

/* A number that a query is to give. */
struct wanted {
	const char *sql;
	int64_t number;
};

/* is_number - tell whether a query gives the number that is wanted */
static bool
is_number(void *arg)
{
	const struct wanted *wanted = arg;

	return cluster_number(&cluster, wanted->sql) == wanted->number;
}

/* wait_number - wait until a query gives a number */
static void
wait_number(const char *sql, int64_t number)
{
	struct wanted wanted = {sql, number};

	suite_wait(sql, 30, is_number, &wanted);
}

/* check_rows - check that so many messages are there, each once, with its
 * arrival, its recipient and its transfer */
static void
check_rows(int64_t messages)
{
	static const char *const none[] = {
	    "SELECT count(*) FROM (SELECT mts_id FROM fourpost.event"
	    " WHERE event=0 GROUP BY 1 HAVING count(*)<>1) d",
	    "SELECT count(*) FROM (SELECT mts_id FROM fourpost.event"
	    " WHERE event=1 GROUP BY 1 HAVING count(*)<>1) d",
	    "SELECT count(*) FROM fourpost.event a WHERE a.event=0 AND"
	    " NOT EXISTS(SELECT FROM fourpost.recipient r"
	    " WHERE r.queue=a.queue AND r.page=a.page AND r.place=a.place"
	    " AND r.time=a.time AND r.key LIKE ';C=YY;A=FAR;%')",
	    "SELECT count(*) FROM fourpost.event WHERE event NOT IN(0,1)"};

	wait_number(
	    "SELECT count(*) FROM fourpost.event WHERE event=1", messages);
	wait_number(
	    "SELECT count(*) FROM fourpost.event WHERE event=0", messages);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_msg(cluster_number(&cluster, none[i]) == 0,
		    "%s: %lld", none[i],
		    (long long)cluster_number(&cluster, none[i]));
}

/* says_problem - tell whether x4ctl status has a text among its problems */
static bool
says_problem(void *arg)
{
	char *output;
	bool says;

	(void)suite_tool(&tested, &output, "x4ctl", "status", NULL);
	says = output != NULL && strstr(output, arg) != NULL;
	free(output);
	return says;
}

/* has_no_problem - tell whether x4ctl status does not speak of the database */
static bool
has_no_problem(void *arg)
{
	(void)arg;
	return !says_problem((char[]){"tracking-database cannot"});
}

/* restart - restart the process that writes */
static void
restart(void)
{
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "restart",
			     "tracking-database", NULL),
	    0);
}

/* check_old_days - check that days that are too old go as a whole, and that the
 * next one is made before its first record comes */
static void
check_old_days(int64_t messages)
{
	char stays[] = "old days of tracking-database cannot be dropped";
	char away[] = "tracking-database cannot be written";

	cluster_run(&cluster,
	    "CREATE TABLE fourpost.event_20200102 PARTITION OF fourpost.event"
	    " FOR VALUES FROM ('2020-01-02 00:00:00+00')"
	    " TO ('2020-01-03 00:00:00+00');"
	    "CREATE TABLE fourpost.recipient_20200102"
	    " PARTITION OF fourpost.recipient"
	    " FOR VALUES FROM ('2020-01-02 00:00:00+00')"
	    " TO ('2020-01-03 00:00:00+00');"
	    "ALTER TABLE fourpost.event_20200102 OWNER TO fourpost;"
	    "ALTER TABLE fourpost.recipient_20200102 OWNER TO fourpost;"
	    "INSERT INTO fourpost.event(time,queue,page,place,event,kind,"
	    "mts_id,message,part) VALUES('2020-01-02 12:00:00+00',1,1,0,1,0,"
	    "'old',0,0);"
	    "CREATE VIEW own AS SELECT * FROM fourpost.event_20200102");
	restart();
	suite_wait("the view to be told", 30, says_problem, stays);
	ck_assert(!says_problem(away));
	cluster_run(&cluster, "DROP VIEW own");
	restart();
	wait_number("SELECT count(*) FROM pg_class WHERE relname IN"
		    "('event_20200102','recipient_20200102')",
	    0);
	wait_number(
	    "SELECT least(1,count(*)) FROM pg_class WHERE relkind='r'"
	    " AND relname LIKE 'event\\_2%' AND relname>(SELECT"
	    " to_char(max(time) AT TIME ZONE 'UTC','\"event_\"YYYYMMDD')"
	    " FROM fourpost.event)",
	    1);
	suite_wait("no problem", 30, has_no_problem, NULL);
	check_rows(messages);
}

/* What happens while the server is away gets there when it is back, once. */
START_TEST(a_server_that_goes_and_comes_back)
{
	char away[] = "tracking-database cannot be written";

	if (!cluster_here())
		return;
	start("track-pg", CLUSTER_PASSWORD);
	load_send(&tested, "far", 20);
	check_rows(20);
	ck_assert_int_eq(cluster_number(&cluster,
			     "SELECT count(*) FROM fourpost.queue WHERE "
			     "days=30 AND mta='MTA-tested' AND page>0"),
	    1);
	cluster_stop(&cluster, CLUSTER_KILLED);
	load_send(&tested, "far", 20);
	suite_wait("the problem to be told", 30, says_problem, away);
	cluster_start(&cluster);
	check_rows(40);
	suite_wait("no problem", 30, has_no_problem, NULL);
	ck_assert_int_eq(
	    cluster_number(&cluster, "SELECT count(*) FROM fourpost.queue"), 1);
	check_old_days(40);
	stop();
}
END_TEST

/* count_logged - count the lines of the log with a text */
static unsigned
count_logged(const char *text)
{
	char *log = suite_read(suite_path(&tested, "state/log"), NULL);
	unsigned count = 0;

	for (const char *at = log;
	     at != NULL && (at = strstr(at, text)) != NULL; at++)
		count++;
	free(log);
	return count;
}

/* has_given_up - tell whether a page was given up */
static bool
has_given_up(void)
{
	return count_logged(": 20352 warn ") > 0;
}

/* tracked - get what a query gives in the tracker's own file, or -1 */
static int64_t
tracked(const char *sql)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int64_t number = -1;

	if (sqlite3_open_v2(suite_path(&tested, "state/tracking/tracking.db"),
		&db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		number = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return number;
}

/* is_other_process - tell whether the process that writes is another one */
static bool
is_other_process(void *arg)
{
	pid_t pid = suite_pid(&tested, "tracking-database");

	return pid > 0 && pid != *(pid_t *)arg;
}

/* check_new_process - check that a process does not say that all is well before
 * it has written, while what it is to write is refused */
static void
check_new_process(void)
{
	char again[] = "violates check constraint \"again\"";
	unsigned back = count_logged(": 20351 ");
	pid_t pid = suite_pid(&tested, "tracking-database");

	restart();
	suite_wait("another process", 30, is_other_process, &pid);
	cluster_run(&cluster,
	    "ALTER TABLE fourpost.event RENAME CONSTRAINT refused TO again");
	suite_wait("the other refusal to be told", 60, says_problem, again);
	ck_assert_uint_eq(count_logged(": 20351 "), back);
}

/* check_refused - check that nothing gets lost while the server refuses
 * whatever a page says, and that this is told */
static void
check_refused(int64_t messages)
{
	char why[] = "violates check constraint";

	cluster_run(&cluster,
	    "ALTER TABLE fourpost.event ADD CONSTRAINT refused CHECK(false)"
	    " NOT VALID");
	for (int i = 0; i < 6; i++) {
		load_send(&tested, "far", 1);
		suite_wait("the refusal to be told", 30, says_problem, why);
	}
	ck_assert(!has_given_up());
	check_new_process();
	cluster_run(
	    &cluster, "ALTER TABLE fourpost.event DROP CONSTRAINT again");
	/* Else it may be half a minute until the next attempt. */
	restart();
	check_rows(messages + 6);
	ck_assert(!has_given_up());
}

/* waits_or_went - tell whether a page waits, or was given up */
static bool
waits_or_went(void *arg)
{
	(void)arg;
	return has_given_up() || tracked("SELECT count(*) FROM outgoing") > 0;
}

/* is_left_out - tell whether the tracker has so many transfers, and none of its
 * pages waits because one was given up */
static bool
is_left_out(void *arg)
{
	return has_given_up() &&
	    tracked(
		"SELECT (SELECT count(*) FROM event WHERE event=1)"
		" WHERE NOT EXISTS(SELECT 1 FROM outgoing)") == *(int64_t *)arg;
}

/* check_bad_page - check that one page which is refused for what it says is
 * left out, and those behind it are written */
static void
check_bad_page(int64_t messages)
{
	int64_t page =
	    cluster_number(&cluster, "SELECT max(page)+1 FROM fourpost.queue");
	char sql[256];

	messages += 4;
	(void)snprintf(sql, sizeof(sql),
	    "ALTER TABLE fourpost.event ADD CONSTRAINT refused"
	    " CHECK(page<>%lld) NOT VALID",
	    (long long)page);
	cluster_run(&cluster, sql);
	load_send(&tested, "far", 2);
	suite_wait("the page", 30, waits_or_went, NULL);
	load_send(&tested, "far", 2);
	suite_wait("a page to be given up", 60, is_left_out, &messages);
	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM fourpost.event WHERE page=%lld",
	    (long long)page);
	ck_assert_int_eq(cluster_number(&cluster, sql), 0);
	(void)snprintf(sql, sizeof(sql),
	    "SELECT least(1,count(*)) FROM fourpost.event WHERE page>%lld",
	    (long long)page);
	ck_assert_int_eq(cluster_number(&cluster, sql), 1);
	suite_wait("no problem", 30, has_no_problem, NULL);
}

/* What cannot be mended by waiting is said, and mail goes on. */
START_TEST(a_password_and_tables_that_do_not_fit)
{
	char denied[] = "password authentication failed";
	char newer[] = "of a newer release: version 99, and ours is 1";

	if (!cluster_here())
		return;
	start("track-pg-no", "wrong");
	load_send(&tested, "far", 3);
	suite_wait("the refusal to be told", 30, says_problem, denied);
	configure_suite(CLUSTER_PASSWORD, "sslmode=disable");
	restart();
	check_rows(3);
	cluster_run(&cluster, "UPDATE fourpost.version SET version=99");
	restart();
	suite_wait("the version to be told", 30, says_problem, newer);
	load_send(&tested, "far", 2);
	cluster_run(&cluster, "UPDATE fourpost.version SET version=1");
	check_rows(5);
	check_refused(5);
	check_bad_page(11);
	stop();
}
END_TEST

/* has_process - tell whether the process that writes is there, as wanted */
static bool
has_process(void *arg)
{
	return (suite_pid(&tested, "tracking-database") > 0) == *(bool *)arg;
}

/* reload_suite - have the suite read its configuration again */
static void
reload_suite(void)
{
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "reload", NULL), 0);
}

/* trust - write the certificate of an authority into a file */
static void
trust(const struct pki_entity *authority, const char *file)
{
	char path[2 * SUITE_PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", suite_directory(), file);
	suite_write(
	    path, authority->certificate, strlen(authority->certificate));
}

/* begin_secure - start a server that has a certificate, and a suite that does
 * not write there */
static void
begin_secure(const struct pki_entity *server)
{
	suite_begin("track-pg-tls");
	cluster_make(&cluster);
	cluster_secure(&cluster, server->certificate, server->key);
	cluster_stop(&cluster, CLUSTER_FAST);
	cluster_start(&cluster);
	load_sink(&far, "far", 0, NULL);
	configure_as("");
	suite_start(&tested);
}

/* reload_with - have the suite write into the server that a file knows */
static void
reload_with(const char *file)
{
	char parameters[2 * SUITE_PATH];

	(void)snprintf(parameters, sizeof(parameters),
	    "sslmode=verify-full&sslrootcert=%s/%s", suite_directory(), file);
	configure_suite(CLUSTER_PASSWORD, parameters);
	reload_suite();
}

/* A database may come and go while the suite runs; the server is known by its
 * certificate, which is read where the process that connects sees no files any
 * more. */
START_TEST(a_server_that_is_known)
{
	static struct pki_entity ours, other, server;
	char unknown[] = "certificate verify failed";
	bool there = true, gone = false;

	if (!cluster_here())
		return;
	pki_make(&(struct pki_wish){.name = "ours", .authority = true}, &ours);
	pki_make(
	    &(struct pki_wish){.name = "other", .authority = true}, &other);
	pki_make(
	    &(struct pki_wish){
		.name = "db", .dns = "localhost", .issuer = &ours},
	    &server);
	begin_secure(&server);
	ck_assert(has_process(&gone));
	trust(&other, "other.pem");
	trust(&ours, "ours.pem");
	reload_with("other.pem");
	suite_wait("the process", 30, has_process, &there);
	load_send(&tested, "far", 2);
	suite_wait("the refusal to be told", 30, says_problem, unknown);
	reload_with("ours.pem");
	check_rows(2);
	ck_assert_int_gt(cluster_number(&cluster,
			     "SELECT count(*) FROM pg_stat_ssl s JOIN "
			     "pg_stat_activity a USING(pid) WHERE s.ssl AND "
			     "a.usename='fourpost'"),
	    0);
	configure_as("");
	reload_suite();
	suite_wait("its end", 30, has_process, &gone);
	suite_wait("no problem", 30, has_no_problem, NULL);
	reload_with("ours.pem");
	load_send(&tested, "far", 4);
	check_rows(6);
	pki_free(&ours);
	pki_free(&other);
	pki_free(&server);
	stop();
}
END_TEST

TEST_MAIN("system/tracking_database",
	  TEST_LONG(a_server_that_goes_and_comes_back, 120);
	  TEST_LONG(a_password_and_tables_that_do_not_fit, 120);
	  TEST_LONG(a_server_that_is_known, 120))
