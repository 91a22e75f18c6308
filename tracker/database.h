/* SPDX-License-Identifier: ISC */
/*
 * database.h - the file in which tracking is kept, by SQLite
 *
 * The head of database.c has the tables.  The database is the tracker's
 * alone while it runs; others may read it (it is in WAL mode).
 *
 * Errors, wherever the database is used: ERR_CORRUPT (make it again, see
 * database_set_aside), ERR_FULL, ERR_BUSY (another process has it locked),
 * ERR_IO, ERR_NOMEM: try later; ERR_TIMEOUT: a query took longer than its
 * deadline; ERR_UNSUPPORTED: of a newer release.
 */
#ifndef FOURPOST_TRACKER_DATABASE_H
#define FOURPOST_TRACKER_DATABASE_H

#include "base/slice.h"
#include "sqlite/sqlite_file.h"
#include "track/party.h"
#include "tracker/cells.h"

#define DATABASE_FILE	 "tracking.db"
#define DATABASE_ASIDE	 "tracking.db.damaged"
#define DATABASE_VERSION 1

/* The statements that are prepared once. */
enum statement {
	STATEMENT_BEGIN,
	STATEMENT_READ,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_PAGE_GET,
	STATEMENT_PAGE_SET,
	STATEMENT_ADDRESS_GET,
	STATEMENT_ADDRESS_ADD,
	STATEMENT_ITEM_BY_MTS,
	STATEMENT_ITEM_BY_COPY,
	STATEMENT_ITEM_ADD,
	STATEMENT_ITEM_TOUCH,
	STATEMENT_ITEM_ARRIVED,
	STATEMENT_COPY_ADD,
	STATEMENT_EVENT_ADD,
	STATEMENT_EVENT_LAST,
	STATEMENT_EVENT_RECIPIENT_ADD,
	STATEMENT_PARTY_ARRIVED,
	STATEMENT_PARTY_SET,
	STATEMENT_PARTY_COPY,
	STATEMENT_PARTY_ALL,
	STATEMENT_ITEM_GET,
	STATEMENT_PARTY_LIST,
	STATEMENT_EVENT_LIST,
	STATEMENT_EVENT_RECIPIENTS,
	STATEMENT_COPY_RECIPIENTS,
	STATEMENT_REPORT_LIST,
	STATEMENT_TO_BELOW,
	STATEMENT_FROM_BELOW,
	STATEMENT_ANY_BELOW,
	STATEMENT_ID_SINCE,
	STATEMENT_ID_UNTIL,
	STATEMENT_EVENTS_AFTER,
	STATEMENT_EVENTS_END,
	STATEMENT_OUTGOING_ADD,
	STATEMENT_OUTGOING_NEXT,
	STATEMENT_OUTGOING_DELETE,
	STATEMENT_OUTGOING_FORGET,
	STATEMENT_OUTGOING_FIRST,
	STATEMENT_OUTGOING_SIZE,
	STATEMENTS
};

struct recent;

struct delays;

struct database {
	sqlite3 *db;	       /* owned; NULL: closed */
	struct recent *recent; /* owned; NULL: no memory for it */
	sqlite3_stmt *statements[STATEMENTS];
	struct sqlite_file file; /* that is open */
	uint64_t deadline;	 /* monotonic ms, of a query; CLOCK_NEVER */
	void (*tick)(void *arg); /* called while long work is done, or NULL */
	void *tick_arg;
	struct delays *delays; /* borrowed; NULL: nobody counts them */
};

/*
 * database_open - open the file in the working directory, made if it is not
 * there
 *
 * db is cleared but for tick and delays.  Nothing stays open after an error.
 */
int database_open(struct database *db, struct diag *diag) WARN_UNUSED;

/* database_open_empty - open an empty database in memory, which its end
 * forgets.  ERR_NOMEM */
int database_open_empty(struct database *db, struct diag *diag) WARN_UNUSED;

/* database_close - close it; nothing if it is closed */
void database_close(struct database *db);

/* database_is_there - tell whether the file that is open still has its name */
bool database_is_there(const struct database *db);

/* database_set_aside - rename the file, so that the next open makes a new
 * one; it must be closed.  ERR_IO */
int database_set_aside(void) WARN_UNUSED;

/* database_statement - get a prepared statement, reset and without values, or
 * NULL: database_error tells why */
sqlite3_stmt *database_statement(struct database *db, enum statement which);

/* database_error - tell what the last call that failed means: never 0 */
int database_error(const struct database *db);

/* database_words - get the words of the last call that failed */
const char *database_words(const struct database *db);

/* database_step - step a statement: 1 a row, 0 done, or an error */
int database_step(struct database *db, sqlite3_stmt *statement) WARN_UNUSED;

/* database_run - run a statement that returns no rows */
int database_run(struct database *db, sqlite3_stmt *statement) WARN_UNUSED;

/* database_begin, database_commit - a transaction; it outlives this process */
int database_begin(struct database *db) WARN_UNUSED;

/* database_read - begin a transaction that only reads, so that each of many
 * statements need not lock the file; database_commit ends it */
int database_read(struct database *db) WARN_UNUSED;
int database_commit(struct database *db) WARN_UNUSED;

/* database_sync - make the transactions so far outlive a power cut.  ERR_IO,
 * ERR_FULL */
int database_sync(void) WARN_UNUSED;

/* database_rollback - undo a transaction, if there is one */
void database_rollback(struct database *db);

/* database_page - get the number of the last page that is kept; 0 none */
int database_page(struct database *db, uint64_t *number) WARN_UNUSED;

/* database_bind_text - bind a text, which must stay until the step */
void database_bind_text(sqlite3_stmt *statement, int at, struct slice text);

/* database_text - get a column as text, valid until the next step */
struct slice database_text(sqlite3_stmt *statement, int column);

/* database_cells - read the row that a statement has come to, each time, as
 * cells */
struct cells database_cells(sqlite3_stmt *statement);

#endif
