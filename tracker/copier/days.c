/* SPDX-License-Identifier: ISC */
/*
 * days.c - the partitions of days
 */
#include "tracker/copier/days.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "track/track_tables.h"

#define DAY_SECONDS 86400
#define DROP_MOST   16 /* days in one transaction */
#define BUSY_MOST   2  /* that are waited for in one */
#define SQL_MAX	    1024
#define DAY_NAME    40 /* octets for the end of a partition's name */

/* days_of - tell of which day a time is */
int64_t
days_of(int64_t time)
{
	return time / DAYS_MS - (time % DAYS_MS < 0);
}

/* days_forget - begin with nothing known */
void
days_forget(struct days *days)
{
	*days = (struct days){.count = 0};
}

/* is_known - tell whether the partitions of a day are there */
static bool
is_known(const struct days *days, int64_t day)
{
	for (unsigned i = 0; i < days->count; i++)
		if (days->known[i] == day)
			return true;
	return false;
}

/* note_day - note that the partitions of a day are there */
static void
note_day(struct days *days, int64_t day)
{
	days->known[days->next] = day;
	days->next = (days->next + 1) % DAYS_KNOWN;
	if (days->count < DAYS_KNOWN)
		days->count++;
}

/* name_day - write the end of the names of a day's partitions */
static const char *
name_day(int64_t day, char name[DAY_NAME])
{
	struct calendar date;

	calendar_from_seconds(day * DAY_SECONDS, &date);
	(void)snprintf(
	    name, DAY_NAME, "%04d%02d%02d", date.year, date.month, date.day);
	return name;
}

/* format_partition - write the statements that make a partition of a day, if it
 * is not there, and attach it */
static void
format_partition(const char *table, int64_t day, char sql[SQL_MAX])
{
	struct calendar from, to;
	char name[DAY_NAME];

	calendar_from_seconds(day * DAY_SECONDS, &from);
	calendar_from_seconds((day + 1) * DAY_SECONDS, &to);
	(void)name_day(day, name);
	(void)snprintf(sql, SQL_MAX,
	    "CREATE TABLE IF NOT EXISTS fourpost.%s_%s"
	    "(LIKE fourpost.%s INCLUDING DEFAULTS INCLUDING GENERATED"
	    " INCLUDING CONSTRAINTS);"
	    "ALTER TABLE fourpost.%s ATTACH PARTITION"
	    " fourpost.%s_%s FOR VALUES"
	    " FROM ('%04d-%02d-%02d 00:00:00+00')"
	    " TO ('%04d-%02d-%02d 00:00:00+00')",
	    table, name, table, table, table, name, from.year, from.month,
	    from.day, to.year, to.month, to.day);
}

/* has_partition - tell whether a table has the partition of a day: 1, 0, or an
 * error */
static int
has_partition(
    struct postgresql *pg, const char *table, int64_t day, struct diag *diag)
{
	int64_t count = 0;
	char sql[SQL_MAX], name[DAY_NAME];
	int rc;

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM pg_inherits"
	    " WHERE inhparent=to_regclass('fourpost.%s')"
	    " AND inhrelid=to_regclass('fourpost.%s_%s')",
	    table, table, name_day(day, name));
	rc = postgresql_number(pg, sql, 0, NULL, &count, diag);
	return rc != 0 ? rc : count > 0;
}

/* make_partition - make the partition of a day, unless it is there */
static int
make_partition(
    struct postgresql *pg, const char *table, int64_t day, struct diag *diag)
{
	char sql[SQL_MAX];
	int rc = has_partition(pg, table, day, diag);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	/* To create a partition of a table waits for all its readers, and all
	 * who come later wait behind us; to attach one does not. */
	format_partition(table, day, sql);
	return postgresql_run(pg, sql, diag);
}

/* make_day - make the partitions of a day, in a transaction */
static int
make_day(struct postgresql *pg, int64_t day, struct diag *diag)
{
	/* Another machine may be at it, and nobody waits behind us for that. */
	int rc = postgresql_run(pg,
	    "SET LOCAL lock_timeout='20s';"
	    "SELECT pg_advisory_xact_lock(" TRACK_TABLES_LOCK ");"
	    "SET LOCAL lock_timeout='500ms'",
	    diag);

	if (rc == 0)
		rc = make_partition(pg, "event", day, diag);
	return rc == 0 ? make_partition(pg, "recipient", day, diag) : rc;
}

/* has_day - tell whether the partitions of a day are there: 1, 0, or an
 * error */
static int
has_day(struct postgresql *pg, int64_t day, struct diag *diag)
{
	int rc = has_partition(pg, "event", day, diag);

	return rc == 1 ? has_partition(pg, "recipient", day, diag) : rc;
}

/* days_need - see that the partitions of a day are there */
int
days_need(
    struct postgresql *pg, struct days *days, int64_t day, struct diag *diag)
{
	int rc;

	if (is_known(days, day))
		return 0;
	rc = has_day(pg, day, diag);
	if (rc == 0) {
		rc = postgresql_run(pg, "BEGIN", diag);
		if (rc == 0)
			rc = make_day(pg, day, diag);
		rc = postgresql_end(pg, rc, diag);
	}
	if (rc < 0)
		return rc;
	note_day(days, day);
	return 0;
}

/* find_oldest - find the oldest day that is kept, 0: all are */
static int
find_oldest(struct postgresql *pg, int64_t *oldest, struct diag *diag)
{
	int rc = postgresql_number(pg,
	    "SELECT floor(extract(epoch FROM max(today))/86400)-max(days)"
	    " FROM fourpost.queue,(SELECT least(now(),"
	    "max(time)+interval '1 day') AS today FROM fourpost.event) e"
	    " WHERE last>today-make_interval(days=>days)",
	    0, NULL, oldest, diag);

	/* There is no record yet, or no machine. */
	if (rc == ERR_NOTFOUND)
		*oldest = 0;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* day_of_name - tell the day of a partition by its name, -1: it is none */
static int64_t
day_of_name(const char *name)
{
	struct calendar date = {0};
	int64_t seconds;

	if (sscanf(name, "event_%4d%2d%2d", &date.year, &date.month,
		&date.day) != 3 ||
	    calendar_to_seconds(&date, &seconds) != 0)
		return -1;
	return seconds / DAY_SECONDS;
}

/* drop_day - drop the partitions of a day, or undo that alone */
static int
drop_day(struct postgresql *pg, int64_t day, struct diag *diag)
{
	char sql[SQL_MAX], name[DAY_NAME];
	int rc;

	(void)name_day(day, name);
	(void)snprintf(sql, sizeof(sql),
	    "SAVEPOINT day;"
	    "DROP TABLE IF EXISTS fourpost.event_%s,fourpost.recipient_%s;"
	    "RELEASE SAVEPOINT day",
	    name, name);
	rc = postgresql_run(pg, sql, diag);
	if (rc != 0 && !postgresql_is_gone(pg))
		(void)!postgresql_run(pg, "ROLLBACK TO SAVEPOINT day", NULL);
	return rc;
}

/* Progress with the days that are too old. */
struct dropping {
	int64_t oldest; /* that is kept */
	unsigned dropped, busy;
	struct diag failure; /* of the first that cannot be dropped, or 0 */
};

/* try_day - drop the partitions of a day, if that can be done */
static int
try_day(struct postgresql *pg, struct dropping *dropping, int64_t day,
    struct diag *diag)
{
	struct diag why = {0};
	int rc = drop_day(pg, day, &why);

	if (postgresql_is_gone(pg))
		return diag_set(diag, rc, "%s", diag_text(&why));
	if (rc == 0)
		dropping->dropped++;
	else if (rc == ERR_BUSY)
		/* A day that is in use now is dropped another time. */
		dropping->busy++;
	else if (dropping->failure.code == 0)
		dropping->failure = why;
	return 0;
}

/* drop_all - drop the partitions of days before the oldest, in a transaction
 * and with the lock */
static int
drop_all(struct postgresql *pg, struct dropping *dropping, struct diag *diag)
{
	PGresult *rows;
	int rc = postgresql_ask(pg,
	    "SELECT c.relname FROM pg_inherits i JOIN pg_class c"
	    " ON c.oid=i.inhrelid"
	    " WHERE i.inhparent='fourpost.event'::regclass ORDER BY 1",
	    0, NULL, &rows, diag);

	if (rc != 0)
		return rc;
	for (int i = 0; rc == 0 && i < PQntuples(rows); i++) {
		int64_t day = day_of_name(PQgetvalue(rows, i, 0));

		if (dropping->dropped == DROP_MOST ||
		    dropping->busy == BUSY_MOST)
			break;
		if (day >= 0 && day < dropping->oldest)
			rc = try_day(pg, dropping, day, diag);
	}
	PQclear(rows);
	return rc;
}

/* drop_alone - drop what is too old, unless another machine is at it */
static int
drop_alone(struct postgresql *pg, struct dropping *dropping, struct diag *diag)
{
	int64_t alone = 0;
	/* A reader keeps a table from being dropped; whoever writes or reads
	 * next waits behind us for as long as we wait. */
	int rc = postgresql_run(pg, "SET LOCAL lock_timeout='500ms'", diag);

	if (rc == 0)
		rc = postgresql_number(pg,
		    "SELECT pg_try_advisory_xact_lock(" TRACK_TABLES_LOCK
		    ")::int",
		    0, NULL, &alone, diag);
	return rc != 0 || alone == 0 ? rc : drop_all(pg, dropping, diag);
}

/* days_drop - drop the partitions of days that no machine keeps any more */
int
days_drop(struct postgresql *pg, struct days *days, unsigned *dropped,
    struct diag *diag)
{
	struct dropping dropping = {.oldest = 0};
	int rc = find_oldest(pg, &dropping.oldest, diag);

	*dropped = 0;
	if (rc != 0)
		return rc;
	days->oldest = dropping.oldest;
	if (dropping.oldest == 0)
		return 0;
	rc = postgresql_run(pg, "BEGIN", diag);
	if (rc == 0)
		rc = drop_alone(pg, &dropping, diag);
	rc = postgresql_end(pg, rc, diag);
	if (rc != 0)
		return rc == ERR_BUSY ? 0 : rc;
	*dropped = dropping.dropped;
	return dropping.failure.code == 0
	    ? 0
	    : diag_set(diag, dropping.failure.code, "%s",
		  diag_text(&dropping.failure));
}
