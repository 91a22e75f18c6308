/* SPDX-License-Identifier: ISC */
/*
 * remember.c - values under keys, in a file of SQLite
 *
 * Contract in remember.h.
 */
#include "mixer/memory/remember.h"

#include <string.h>

#define APPLICATION  "1179665517" /* "FPTm" */
#define BUSY_MS	     100	  /* a question waits for 200 ms */
#define PROGRESS_OPS 20000	  /* a few ms */

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE note(key BLOB PRIMARY KEY, kind INTEGER NOT NULL,"
    " time INTEGER NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX note_time ON note(kind,time);"
    "PRAGMA application_id=" APPLICATION ";"
    "PRAGMA user_version=1;"
    "COMMIT;";

static const char *const texts[REMEMBER_STATEMENTS] = {
    [REMEMBER_BEGIN] = "BEGIN IMMEDIATE",
    [REMEMBER_COMMIT] = "COMMIT",
    [REMEMBER_ROLLBACK] = "ROLLBACK",
    [REMEMBER_PUT] = "INSERT OR REPLACE INTO note(key,kind,time,value)"
		     " VALUES(?,?,?,?)",
    [REMEMBER_FIND] = "SELECT value FROM note WHERE key=?",
    [REMEMBER_NEWEST] = "SELECT max(coalesce((SELECT max(time) FROM note"
			" WHERE kind=35),0),coalesce((SELECT max(time)"
			" FROM note WHERE kind=62),0),coalesce((SELECT"
			" max(time) FROM note WHERE kind=64),0))",
    [REMEMBER_FORGET] = "DELETE FROM note WHERE key IN (SELECT key FROM note"
			" WHERE kind=? AND time<? LIMIT ?)",
};

/* on_progress - tell that we are alive */
static int
on_progress(void *arg)
{
	struct remember *remember = arg;

	if (remember->tick != NULL)
		remember->tick(remember->tick_arg);
	return 0;
}

/* prepare_tables - make the tables of a new file, or check whose they are */
static int
prepare_tables(struct remember *remember, struct diag *diag)
{
	int64_t version = 0, tables = 0;
	int error =
	    sqlite_file_number(remember->db, "PRAGMA user_version", &version);

	if (error == 0)
		error = sqlite_file_number(remember->db,
		    "SELECT count(*) FROM sqlite_schema", &tables);
	if (error == 0 && version > REMEMBER_VERSION)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "version %lld is of a newer release", (long long)version);
	if (error == 0 && version == 0 && tables != 0)
		return diag_set(diag, ERR_CORRUPT, "it is not ours");
	if (error == 0 && version == 0 &&
	    sqlite3_exec(remember->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		error = sqlite_file_error(remember->db);
	return error;
}

/* prepare_statements - prepare all statements, which proves the tables */
static int
prepare_statements(struct remember *remember)
{
	for (int i = 0; i < REMEMBER_STATEMENTS; i++)
		if (sqlite3_prepare_v3(remember->db, texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &remember->statements[i],
			NULL) != SQLITE_OK)
			return sqlite_file_error(remember->db);
	return 0;
}

/* remember_open - open the file in the working directory */
int
remember_open(struct remember *remember, struct diag *diag)
{
	int error = 0;

	memset(remember->statements, 0, sizeof(remember->statements));
	if (sqlite3_open_v2(REMEMBER_FILE, &remember->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOFOLLOW,
		NULL) != SQLITE_OK)
		error = remember->db == NULL ? ERR_NOMEM
					     : sqlite_file_error(remember->db);
	if (error == 0) {
		(void)sqlite3_busy_timeout(remember->db, BUSY_MS);
		sqlite3_progress_handler(
		    remember->db, PROGRESS_OPS, on_progress, remember);
		if (sqlite3_exec(remember->db, sqlite_file_settings, NULL, NULL,
			NULL) != SQLITE_OK)
			error = sqlite_file_error(remember->db);
	}
	if (error == 0)
		error = prepare_tables(remember, diag);
	if (error == 0)
		error = prepare_statements(remember);
	if (error == 0)
		error = sqlite_file_note(REMEMBER_FILE, &remember->file);
	if (error != 0) {
		(void)diag_set(diag, error, "%s", remember_words(remember));
		remember_close(remember);
	}
	return error;
}

/* remember_close - close it */
void
remember_close(struct remember *remember)
{
	if (remember->db == NULL)
		return;
	for (int i = 0; i < REMEMBER_STATEMENTS; i++)
		(void)sqlite3_finalize(remember->statements[i]);
	memset(remember->statements, 0, sizeof(remember->statements));
	(void)sqlite3_close_v2(remember->db);
	remember->db = NULL;
}

/* remember_words - get the words of the last call that failed */
const char *
remember_words(const struct remember *remember)
{
	return remember->db == NULL ? "no memory"
				    : sqlite3_errmsg(remember->db);
}

/* get_statement - get a statement, reset and without values */
static sqlite3_stmt *
get_statement(struct remember *remember, enum remember_statement which)
{
	sqlite3_stmt *s = remember->statements[which];

	(void)sqlite3_reset(s);
	(void)sqlite3_clear_bindings(s);
	return s;
}

/* run - step a statement that returns no rows */
static int
run(struct remember *remember, sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);

	rc = rc == SQLITE_DONE || rc == SQLITE_ROW
	    ? 0
	    : sqlite_file_error(remember->db);
	/* A statement that is not reset keeps the file locked. */
	(void)sqlite3_reset(s);
	return rc;
}

/* remember_begin - begin a transaction */
int
remember_begin(struct remember *remember)
{
	return run(remember, get_statement(remember, REMEMBER_BEGIN));
}

/* remember_commit - end a transaction */
int
remember_commit(struct remember *remember)
{
	return run(remember, get_statement(remember, REMEMBER_COMMIT));
}

/* remember_rollback - undo a transaction, if SQLite has not done it yet */
void
remember_rollback(struct remember *remember)
{
	if (remember->db != NULL && sqlite3_get_autocommit(remember->db) == 0)
		(void)!run(
		    remember, get_statement(remember, REMEMBER_ROLLBACK));
}

/* bind_octets - bind octets, which must stay until the step */
static void
bind_octets(sqlite3_stmt *s, int at, struct slice octets)
{
	(void)sqlite3_bind_blob(s, at,
	    octets.len == 0 ? "" : (const char *)octets.data, (int)octets.len,
	    SQLITE_STATIC);
}

/* remember_put - note a value */
int
remember_put(struct remember *remember, struct slice key, struct slice value,
    int64_t time)
{
	sqlite3_stmt *s = get_statement(remember, REMEMBER_PUT);

	bind_octets(s, 1, key);
	(void)sqlite3_bind_int(s, 2, key.data[0]);
	(void)sqlite3_bind_int64(s, 3, time);
	bind_octets(s, 4, value);
	return run(remember, s);
}

/* remember_find - find a value */
int
remember_find(struct remember *remember, struct slice key, struct arena *arena,
    struct slice *value)
{
	sqlite3_stmt *s = get_statement(remember, REMEMBER_FIND);
	int rc;

	bind_octets(s, 1, key);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		rc = arena_slice(arena,
		    slice_of(sqlite3_column_blob(s, 0),
			(size_t)sqlite3_column_bytes(s, 0)),
		    value);
	else
		rc = rc == SQLITE_DONE ? ERR_NOTFOUND
				       : sqlite_file_error(remember->db);
	(void)sqlite3_reset(s);
	return rc;
}

/* remember_newest - find when something was noted last */
int
remember_newest(struct remember *remember, int64_t *time)
{
	sqlite3_stmt *s = get_statement(remember, REMEMBER_NEWEST);
	int rc = sqlite3_step(s);

	if (rc == SQLITE_ROW) {
		*time = sqlite3_column_int64(s, 0);
		rc = 0;
	} else {
		rc = sqlite_file_error(remember->db);
	}
	(void)sqlite3_reset(s);
	return rc;
}

/* remember_forget - forget notes of a kind from before then */
int
remember_forget(struct remember *remember, char kind, int64_t before)
{
	sqlite3_stmt *s = get_statement(remember, REMEMBER_FORGET);
	int rc;

	(void)sqlite3_bind_int(s, 1, kind);
	(void)sqlite3_bind_int64(s, 2, before);
	(void)sqlite3_bind_int(s, 3, REMEMBER_STEP);
	rc = run(remember, s);
	return rc == 0 ? sqlite3_changes(remember->db) : rc;
}
