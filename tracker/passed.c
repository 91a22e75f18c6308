/* SPDX-License-Identifier: ISC */
/*
 * passed.c - what passed in each minute
 *
 * The events are those of track.asn: 0 an arrival, 1 a transfer, 2 a delivery.
 * What tools submit, and reports that are made here, come by no link.
 */
#include "tracker/passed.h"

static const char oldest_sql[] = "SELECT coalesce(min(time),0) FROM event";

static const char passed_sql[] =
    "SELECT time/60000,sum(event=0),sum(event<>0),"
    "sum(CASE event WHEN 0 THEN size ELSE 0 END),"
    "sum(CASE event WHEN 0 THEN 0 ELSE size END) FROM event"
    " WHERE time>=?1 AND time<?2 AND event<3 AND (event<>0 OR link<>'')"
    " GROUP BY 1 ORDER BY 1";

/* give_oldest - give the row of the oldest event */
static int
give_oldest(struct database *db, sqlite3_stmt *s, struct row *row)
{
	int rc = database_step(db, s);

	if (rc == 1)
		row_time(row, "since", sqlite3_column_int64(s, 0));
	return rc < 0 ? rc : 0;
}

/* fill_minute - fill the row of a minute */
static void
fill_minute(sqlite3_stmt *s, struct row *row)
{
	row_number(row, "minute", sqlite3_column_int64(s, 0));
	row_number(row, "in", sqlite3_column_int64(s, 1));
	row_number(row, "out", sqlite3_column_int64(s, 2));
	row_number(row, "octets_in", sqlite3_column_int64(s, 3));
	row_number(row, "octets_out", sqlite3_column_int64(s, 4));
}

/* tell_oldest - give since when something is kept */
static int
tell_oldest(
    struct database *db, struct arena *arena, passed_row_fn *give, void *arg)
{
	sqlite3_stmt *s = NULL;
	struct row row;
	int rc;

	if (sqlite3_prepare_v2(db->db, oldest_sql, -1, &s, NULL) != SQLITE_OK)
		return database_error(db);
	arena_reset(arena);
	row_init(&row, arena);
	rc = give_oldest(db, s, &row);
	(void)sqlite3_finalize(s);
	return rc != 0 ? rc : give(arg, &row);
}

/* passed_run - count what passed, and give the rows */
int
passed_run(struct database *db, int64_t from, int64_t before,
    struct arena *arena, passed_row_fn *give, void *arg)
{
	sqlite3_stmt *s = NULL;
	struct row row;
	int given = 0, rc = tell_oldest(db, arena, give, arg);

	if (rc != 0)
		return rc;
	if (sqlite3_prepare_v2(db->db, passed_sql, -1, &s, NULL) != SQLITE_OK)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, from);
	(void)sqlite3_bind_int64(s, 2, before);
	while (given == 0 && (rc = database_step(db, s)) == 1) {
		arena_reset(arena);
		row_init(&row, arena);
		fill_minute(s, &row);
		given = give(arg, &row);
	}
	(void)sqlite3_finalize(s);
	return given != 0 ? given : rc;
}
