/* SPDX-License-Identifier: ISC */
/*
 * days_test.c - the partitions of days, in a server of the test's own
 */
#include "tracker/copier/days.h"

#include <stdio.h>

#include "tests/unit/postgresql/played.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/postgres.h"
#include "tracker/copier/tables.h"

#define DAY 20000 /* 2024-10-04, long ago: the server's clock is ahead */

static struct postgres postgres;
static struct postgresql pg;
static struct days days;
static unsigned dropped;

/* begin - start a server with tables, and connect; false: there is none */
static bool
begin(void)
{
	if (!postgres_start(&postgres))
		return false;
	pg = postgres_open(&postgres, (struct postgresql_io){played_wait, NULL},
	    POSTGRESQL_WRITES);
	return true;
}

/* begin_tables - begin with empty tables */
static void
begin_tables(void)
{
	postgres_run(&postgres,
	    "SET client_min_messages=warning;"
	    "DROP SCHEMA fourpost CASCADE");
	ck_assert_int_eq(tables_prepare(&pg, NULL), 0);
	days_forget(&days);
}

/* end - end it */
static void
end(void)
{
	postgresql_close(&pg);
	postgres_stop(&postgres);
}

/* number - get the number that a query gives */
static int64_t
number(const char *sql)
{
	return cluster_number(&postgres.cluster, sql);
}

/* need - see that the partitions of a day are there */
static void
need(int64_t day)
{
	struct diag diag = {0};

	ck_assert_msg(
	    days_need(&pg, &days, day, &diag) == 0, "%s", diag_text(&diag));
}

/* put - put an event of a day there, so many seconds after its beginning */
static void
put(int64_t day, int seconds)
{
	char sql[256];

	need(day);
	(void)snprintf(sql, sizeof(sql),
	    "INSERT INTO fourpost.event(time,queue,page,place,event,kind,"
	    "mts_id,message,part) VALUES(to_timestamp(%lld*86400+%d),1,%lld,0,"
	    "1,0,'x',0,0)",
	    (long long)day, seconds, (long long)day);
	postgres_run(&postgres, sql);
}

/* add_machine - add a machine that keeps records for so many days, and wrote
 * last so many days after 1970 */
static void
add_machine(const char *name, int keeps, double last)
{
	char sql[256];
	int id = postgres_queue(&postgres, name, "host");

	(void)snprintf(sql, sizeof(sql),
	    "UPDATE fourpost.queue SET days=%d,last=to_timestamp(%f*86400)"
	    " WHERE id=%d",
	    keeps, last, id);
	postgres_run(&postgres, sql);
}

/* drop - drop what is too old */
static int
drop(void)
{
	struct diag diag = {0};

	return days_drop(&pg, &days, &dropped, &diag);
}

/* is_kept - tell whether both partitions of a day are there */
static bool
is_kept(int64_t day)
{
	char sql[320];
	int64_t count;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM pg_inherits WHERE inhrelid IN("
	    "SELECT to_regclass('fourpost.'||t||to_char("
	    "to_timestamp(%lld*86400) AT TIME ZONE 'UTC','YYYYMMDD'))"
	    " FROM unnest(ARRAY['event_','recipient_']) t)",
	    (long long)day);
	count = number(sql);
	ck_assert(count == 0 || count == 2);
	return count == 2;
}

/* check_longest_counts - check that of several machines the one that keeps
 * records for longest counts: its day at the boundary is kept, the one before
 * goes.  The server's clock is years ahead, of which a day beyond the newest
 * record is believed */
static void
check_longest_counts(void)
{
	begin_tables();
	add_machine("MTA-A", 5, DAY);
	add_machine("MTA-B", 9, DAY - 3);
	ck_assert_int_eq(drop(), 0);
	for (int64_t day = DAY - 12; day <= DAY; day++)
		put(day, 43200);
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 4);
	ck_assert_int_eq(days.oldest, DAY + 1 - 9);
	ck_assert(!is_kept(DAY - 9));
	ck_assert(is_kept(DAY - 8));
	ck_assert(is_kept(DAY));
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 0);
}

/* check_boundary - check that the last second of a day is that day's, and the
 * first one of the next day makes one more day too old */
static void
check_boundary(void)
{
	begin_tables();
	add_machine("MTA-A", 5, DAY);
	for (int64_t day = DAY - 5; day <= DAY; day++)
		put(day, 86399);
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 1);
	ck_assert_int_eq(days.oldest, DAY - 4);
	ck_assert(is_kept(DAY - 4));
	put(DAY + 1, 0);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM fourpost.event_20241004"), 1);
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 1);
	ck_assert_int_eq(days.oldest, DAY - 3);
	ck_assert(!is_kept(DAY - 4));
}

/* check_machine_that_is_gone - check that a machine which has not written for
 * as long as it keeps records counts no more */
static void
check_machine_that_is_gone(void)
{
	begin_tables();
	add_machine("MTA-A", 5, DAY);
	add_machine("MTA-B", 30, DAY - 30);
	for (int64_t day = DAY - 7; day <= DAY; day++)
		put(day, 43200);
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 3);
}

/* check_clock_of_the_server - check that the server's clock counts, if that of
 * a machine is ahead */
static void
check_clock_of_the_server(void)
{
	int64_t today;

	begin_tables();
	today = number("SELECT floor(extract(epoch FROM now())/86400)");
	add_machine("MTA-A", 2, (double)today);
	/* A machine's clock that is ahead takes nothing away. */
	put(today + 30, 0);
	put(today - 2, 86399);
	put(today - 4, 86399);
	put(today, 0);
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 1);
	ck_assert(!is_kept(today - 4));
	ck_assert(is_kept(today));
	ck_assert(is_kept(today + 30));
}

/* check_nobody_writes - check that nothing is dropped when nobody is known to
 * write */
static void
check_nobody_writes(void)
{
	begin_tables();
	put(DAY - 100, 0);
	put(DAY, 0);
	ck_assert_int_eq(drop(), 0);
	ck_assert_int_eq(days.oldest, 0);
	ck_assert(is_kept(DAY - 100));
}

/* check_days_that_stay - check that a day on which a view depends, or which
 * somebody reads, keeps no other from being dropped */
static void
check_days_that_stay(void)
{
	begin_tables();
	add_machine("MTA-A", 5, DAY);
	for (int64_t day = DAY - 8; day <= DAY; day++)
		put(day, 43200);
	postgres_run(&postgres,
	    "CREATE VIEW fourpost.own AS SELECT * FROM "
	    "fourpost.event_20240926");
	postgres_run(&postgres,
	    "BEGIN;"
	    "LOCK TABLE fourpost.event_20240927 IN ACCESS SHARE MODE");
	ck_assert_int_lt(drop(), 0);
	ck_assert_uint_eq(dropped, 2);
	ck_assert(is_kept(DAY - 8));
	ck_assert(is_kept(DAY - 7));
	ck_assert(!is_kept(DAY - 6));
	postgres_run(&postgres, "COMMIT; DROP VIEW fourpost.own");
	ck_assert_int_eq(drop(), 0);
	ck_assert_uint_eq(dropped, 2);
}

/* check_reader_over_midnight - check that a day is made while somebody reads
 * for long, as pg_dump does */
static void
check_reader_over_midnight(void)
{
	begin_tables();
	put(DAY, 0);
	postgres_run(&postgres,
	    "BEGIN; LOCK TABLE fourpost.event,fourpost.recipient"
	    " IN ACCESS SHARE MODE");
	need(DAY + 1);
	ck_assert(is_kept(DAY + 1));
	postgres_run(&postgres, "COMMIT");
	put(DAY + 1, 0);
	ck_assert_int_eq(number("SELECT count(*) FROM pg_indexes"
				" WHERE tablename='event_20241005'"),
	    number("SELECT count(*) FROM pg_indexes"
		   " WHERE tablename='event'"));
}

/* check_day_that_went - check that a day which was dropped, or detached, behind
 * our back is made, or attached, once we look again; a constraint of others is
 * no hindrance */
static void
check_day_that_went(void)
{
	begin_tables();
	postgres_run(&postgres,
	    "ALTER TABLE fourpost.event ADD CONSTRAINT o CHECK(page>0)");
	put(DAY, 0);
	put(DAY + 1, 0);
	postgres_run(&postgres,
	    "ALTER TABLE fourpost.event DETACH PARTITION"
	    " fourpost.event_20241004;"
	    "DROP TABLE fourpost.recipient_20241005,fourpost.event_20241005");
	days_forget(&days);
	need(DAY);
	need(DAY + 1);
	ck_assert(is_kept(DAY));
	ck_assert(is_kept(DAY + 1));
	ck_assert_int_eq(number("SELECT count(*) FROM fourpost.event"), 1);
}

/* check_version_of_the_tables - check that tables of a newer release are left
 * alone */
static void
check_version_of_the_tables(void)
{
	struct diag diag = {0};

	begin_tables();
	ck_assert_int_eq(tables_prepare(&pg, &diag), 0);
	postgres_run(&postgres, "UPDATE fourpost.version SET version=99");
	ck_assert_int_eq(tables_prepare(&pg, &diag), ERR_UNSUPPORTED);
	ck_assert_int_eq(number("SELECT version FROM fourpost.version"), 99);
	postgres_run(&postgres, "DROP SCHEMA fourpost CASCADE");
	ck_assert_int_eq(tables_prepare(&pg, NULL), 0);
	ck_assert_int_eq(number("SELECT version FROM fourpost.version"), 1);
}

START_TEST(what_is_dropped)
{
	if (!begin())
		return;
	check_longest_counts();
	check_boundary();
	check_machine_that_is_gone();
	check_clock_of_the_server();
	check_nobody_writes();
	check_days_that_stay();
	end();
}
END_TEST

START_TEST(what_is_made)
{
	if (!begin())
		return;
	check_reader_over_midnight();
	check_day_that_went();
	check_version_of_the_tables();
	end();
}
END_TEST

TEST_MAIN("tracking-database/days", TEST_LONG(what_is_dropped, 120);
	  TEST_LONG(what_is_made, 120))
