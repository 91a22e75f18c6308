/* SPDX-License-Identifier: ISC */
/*
 * outgoing.c - pages that the database of many machines does not have yet
 */
#include "tracker/outgoing.h"

/* outgoing_add - add a page */
int
outgoing_add(
    struct database *db, const struct outgoing_page *page, int64_t time)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_OUTGOING_ADD);

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, (int64_t)page->number);
	(void)sqlite3_bind_blob(
	    s, 2, page->queue.data, (int)page->queue.len, SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 3, time);
	(void)sqlite3_bind_blob(
	    s, 4, page->octets.data, (int)page->octets.len, SQLITE_STATIC);
	return database_run(db, s);
}

/* blob_of - get a column as octets */
static struct slice
blob_of(sqlite3_stmt *s, int column)
{
	const void *octets = sqlite3_column_blob(s, column);

	return slice_of(octets,
	    octets == NULL ? 0 : (size_t)sqlite3_column_bytes(s, column));
}

/* outgoing_next - find the first page behind that of an id */
int
outgoing_next(struct database *db, int64_t after, struct outgoing_page *page)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_OUTGOING_NEXT);
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, after);
	rc = database_step(db, s);
	if (rc == 1)
		*page = (struct outgoing_page){.id = sqlite3_column_int64(s, 0),
		    .number = (uint64_t)sqlite3_column_int64(s, 1),
		    .queue = blob_of(s, 2),
		    .octets = blob_of(s, 3)};
	return rc;
}

/* outgoing_delete - delete all pages up to that of an id */
int
outgoing_delete(struct database *db, int64_t until)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_OUTGOING_DELETE);

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, until);
	return database_run(db, s);
}

/* outgoing_count - count the pages */
int
outgoing_count(struct database *db, int64_t *count)
{
	/* Their ids are consecutive: to count a million rows would take
	 * seconds. */
	return sqlite_file_number(db->db,
	    "SELECT coalesce((SELECT max(id) FROM outgoing)-"
	    "(SELECT min(id) FROM outgoing)+1,0)",
	    count);
}

/* outgoing_forget - delete pages from before a time */
int
outgoing_forget(struct database *db, int64_t before, int most)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_OUTGOING_FORGET);
	int rc;

	if (s == NULL)
		return database_error(db);
	(void)sqlite3_bind_int64(s, 1, before);
	(void)sqlite3_bind_int(s, 2, most);
	rc = database_run(db, s);
	return rc == 0 ? sqlite3_changes(db->db) : rc;
}

/* outgoing_octets - get the octets of all pages */
int
outgoing_octets(struct database *db, uint64_t *octets)
{
	sqlite3_stmt *s = database_statement(db, STATEMENT_OUTGOING_SIZE);
	int rc = database_step(db, s);

	if (rc == 1) {
		*octets = (uint64_t)sqlite3_column_int64(s, 0);
		(void)sqlite3_reset(s);
		return 0;
	}
	return rc < 0 ? rc : ERR_CORRUPT;
}

/* outgoing_curb - delete the oldest pages while all are more than so many
 * octets */
int
outgoing_curb(struct database *db, uint64_t octets, int most)
{
	uint64_t now;
	int rc, count = 0;

	for (;;) {
		rc = outgoing_octets(db, &now);
		if (rc != 0 || now <= octets || count == most)
			return rc != 0 ? rc : count;
		rc = database_run(
		    db, database_statement(db, STATEMENT_OUTGOING_FIRST));
		if (rc != 0)
			return rc;
		count++;
	}
}
