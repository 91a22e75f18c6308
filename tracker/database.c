/* SPDX-License-Identifier: ISC */
/*
 * database.c - the file in which tracking is kept, by SQLite
 *
 *	state	    the number of the last page that is kept: exactly once
 *	address	    each O/R address: key is folded and turned (address_key.h)
 *	item	    a message, probe or report, by its MTS identifier
 *	party	    a recipient of an item, the copy that is for it (its queue
 *		    id), and where it stands
 *	event	    what happened to an item, in the order of the pages
 *	event_recipient	 to which recipients, where its record names them; else
 *		    to those of the copy of its queue id, or to all
 *	copy	    queue ids, of which an item has one for each link
 *	outgoing    pages that the database of many machines does not have yet
 *		    (outgoing.h); an older release leaves them alone
 *	outgoing_size	 how many octets they are: to add them up would take
 *		    seconds
 *
 * All numbers of rows increase, so that pages are appended to; what is found by
 * an address is random access, once for each recipient.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "tracker/database.h"
#include "tracker/recent.h"

#define APPLICATION  "1179665515" /* "FPTk" */
#define BUSY_MS	     2000
#define PROGRESS_OPS 20000 /* a few ms */

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE state(one INTEGER PRIMARY KEY CHECK(one=1),"
    " page INTEGER NOT NULL);"
    "INSERT INTO state VALUES(1,0);"
    "CREATE TABLE address(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
    " text TEXT NOT NULL);"
    "CREATE TABLE item(id INTEGER PRIMARY KEY, mts_id TEXT NOT NULL,"
    " kind INTEGER NOT NULL, time INTEGER NOT NULL, last INTEGER NOT NULL,"
    " arrived INTEGER NOT NULL, originator INTEGER, content_id TEXT,"
    " content_type TEXT, priority INTEGER, size INTEGER, link TEXT,"
    " trace TEXT, subject TEXT);"
    "CREATE INDEX item_mts ON item(mts_id);"
    "CREATE INDEX item_time ON item(time);"
    "CREATE INDEX item_from ON item(originator);"
    "CREATE INDEX item_content ON item(content_id) WHERE content_id<>'';"
    "CREATE INDEX item_subject ON item(subject) WHERE subject<>'';"
    "CREATE TABLE party(item INTEGER NOT NULL, address INTEGER NOT NULL,"
    " state INTEGER NOT NULL, time INTEGER NOT NULL, link TEXT,"
    " message INTEGER NOT NULL,"
    " PRIMARY KEY(item,address)) WITHOUT ROWID;"
    "CREATE INDEX party_to ON party(address,item);"
    "CREATE TABLE event(id INTEGER PRIMARY KEY, item INTEGER NOT NULL,"
    " message INTEGER NOT NULL, event INTEGER NOT NULL,"
    " time INTEGER NOT NULL, link TEXT, reason INTEGER, diagnostic INTEGER,"
    " text TEXT, who TEXT, other TEXT, size INTEGER, delay INTEGER,"
    " delay_queue INTEGER, delay_transfer INTEGER);"
    "CREATE INDEX event_item ON event(item);"
    "CREATE INDEX event_time ON event(time);"
    "CREATE TABLE event_recipient(event INTEGER NOT NULL,"
    " address INTEGER NOT NULL, PRIMARY KEY(event,address)) WITHOUT ROWID;"
    "CREATE TABLE copy(message INTEGER PRIMARY KEY, item INTEGER NOT NULL);"
    "PRAGMA application_id=" APPLICATION ";"
    "PRAGMA user_version=1;"
    "COMMIT;";

/* Added by a later release, and no other version: nothing else is changed.  An
 * id is never given again, for who was handed pages goes on behind the last. */
static const char addition[] =
    "CREATE TABLE IF NOT EXISTS outgoing("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, page INTEGER NOT NULL, queue BLOB "
    "NOT NULL, time INTEGER NOT NULL,"
    " octets BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS outgoing_time ON outgoing(time);"
    "CREATE TABLE IF NOT EXISTS outgoing_size("
    "one INTEGER PRIMARY KEY CHECK(one=1), octets INTEGER NOT NULL);"
    "INSERT INTO outgoing_size SELECT 1,"
    "(SELECT coalesce(sum(length(octets)),0) FROM outgoing)"
    " WHERE NOT EXISTS(SELECT 1 FROM outgoing_size);"
    "CREATE TRIGGER IF NOT EXISTS outgoing_added AFTER INSERT ON outgoing"
    " BEGIN UPDATE outgoing_size SET octets=octets+length(new.octets); END;"
    "CREATE TRIGGER IF NOT EXISTS outgoing_deleted AFTER DELETE ON outgoing"
    " BEGIN UPDATE outgoing_size SET octets=octets-length(old.octets); END;";

#define EVENT_COLUMNS                                           \
	"e.id,e.item,e.message,e.event,e.time,e.link,e.reason," \
	"e.diagnostic,e.text,e.who,e.other,e.size,e.delay,"     \
	"e.delay_queue,e.delay_transfer"

static const char *const texts[STATEMENTS] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_READ] = "BEGIN",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_PAGE_GET] = "SELECT page FROM state",
    [STATEMENT_PAGE_SET] = "UPDATE state SET page=?",
    [STATEMENT_ADDRESS_GET] = "SELECT id FROM address WHERE key=?",
    [STATEMENT_ADDRESS_ADD] = "INSERT INTO address(key,text) VALUES(?,?)",
    [STATEMENT_ITEM_BY_MTS] = "SELECT id,arrived,last FROM item WHERE mts_id=?"
			      " ORDER BY id DESC LIMIT 1",
    [STATEMENT_ITEM_BY_COPY] =
	"SELECT i.id,i.arrived,i.last FROM copy c JOIN item i"
	" ON i.id=c.item WHERE c.message=?",
    [STATEMENT_ITEM_ADD] = "INSERT INTO item(mts_id,kind,time,last,arrived)"
			   " VALUES(?,?,?,?,0)",
    [STATEMENT_ITEM_TOUCH] = "UPDATE item SET last=max(last,?) WHERE id=?",
    [STATEMENT_ITEM_ARRIVED] =
	"UPDATE item SET arrived=1,time=?,originator=?,content_id=?,"
	"content_type=?,priority=?,size=?,link=?,trace=?,subject=?"
	" WHERE id=?",
    [STATEMENT_COPY_ADD] = "INSERT OR REPLACE INTO copy VALUES(?,?)",
    [STATEMENT_EVENT_ADD] =
	"INSERT INTO event(item,message,event,time,link,reason,diagnostic,"
	"text,who,other,size,delay,delay_queue,delay_transfer)"
	" VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [STATEMENT_EVENT_LAST] = "SELECT id FROM event WHERE item=? AND message=?"
			     " AND event=? ORDER BY id DESC LIMIT 1",
    [STATEMENT_EVENT_RECIPIENT_ADD] =
	"INSERT OR IGNORE INTO event_recipient VALUES(?,?)",
    [STATEMENT_PARTY_ARRIVED] =
	"INSERT OR IGNORE INTO party VALUES(?,?,?,?,?,?)",
    [STATEMENT_PARTY_SET] =
	"INSERT INTO party VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT DO UPDATE"
	" SET state=excluded.state,time=excluded.time,link=excluded.link,"
	"message=CASE ?6 WHEN 0 THEN message ELSE ?6 END",
    /* Recipients that were dealt with stay as they are; the states are those
     * that are queued, held and quarantined. */
    [STATEMENT_PARTY_COPY] =
	"UPDATE party SET state=?1,time=?2,"
	"link=CASE ?3 WHEN '' THEN link ELSE ?3 END WHERE item=?4"
	" AND (?5=0 OR message=?5) AND state IN(0,4,5)",
    [STATEMENT_PARTY_ALL] = "UPDATE party SET message=?,link=? WHERE item=?",
    [STATEMENT_ITEM_GET] =
	"SELECT i.mts_id,i.kind,i.time,coalesce((SELECT max(e.time)"
	" FROM event e WHERE e.item=i.id),i.last),a.text,i.content_id,"
	"i.content_type,i.priority,i.size,i.link,i.trace,i.subject,a.key,"
	"i.arrived FROM item i LEFT JOIN address a ON a.id=i.originator"
	" WHERE i.id=?",
    [STATEMENT_PARTY_LIST] =
	"SELECT a.text,p.state,p.time,p.link,a.key FROM party p"
	" JOIN address a ON a.id=p.address WHERE p.item=?",
    [STATEMENT_EVENT_LIST] =
	"SELECT " EVENT_COLUMNS " FROM event e WHERE e.item=? ORDER BY e.id",
    [STATEMENT_EVENT_RECIPIENTS] =
	"SELECT a.text,a.key FROM event_recipient r JOIN address a"
	" ON a.id=r.address WHERE r.event=?",
    /* The last copy of that number before the event: a message that takes
     * another route keeps its number. */
    [STATEMENT_COPY_RECIPIENTS] =
	"SELECT a.text,a.key FROM event_recipient r JOIN address a"
	" ON a.id=r.address WHERE r.event=(SELECT max(c.id) FROM event c"
	" WHERE c.item=?1 AND c.message=?2 AND c.event=15 AND c.id<=?3)",
    [STATEMENT_REPORT_LIST] =
	"SELECT mts_id,time FROM item WHERE subject=? AND subject<>''"
	" ORDER BY id LIMIT 16",
    [STATEMENT_TO_BELOW] = "SELECT item FROM party WHERE address=? AND item<?"
			   " AND item>? ORDER BY item DESC LIMIT ?",
    [STATEMENT_FROM_BELOW] = "SELECT id FROM item WHERE originator=? AND id<?"
			     " AND id>? ORDER BY id DESC LIMIT ?",
    [STATEMENT_ANY_BELOW] =
	"SELECT id FROM item WHERE id<? AND id>? ORDER BY id DESC LIMIT ?",
    [STATEMENT_ID_SINCE] =
	"SELECT id FROM item WHERE time>=? ORDER BY time LIMIT 1",
    [STATEMENT_ID_UNTIL] =
	"SELECT id FROM item WHERE time<=? ORDER BY time DESC LIMIT 1",
    [STATEMENT_EVENTS_AFTER] =
	"SELECT " EVENT_COLUMNS ",i.mts_id,i.kind,a.text FROM event e"
	" JOIN item i ON i.id=e.item LEFT JOIN address a"
	" ON a.id=i.originator WHERE e.id>? ORDER BY e.id LIMIT 200",
    [STATEMENT_EVENTS_END] = "SELECT coalesce(max(id),0) FROM event",
    [STATEMENT_OUTGOING_ADD] =
	"INSERT INTO outgoing(page,queue,time,octets) VALUES(?,?,?,?)",
    [STATEMENT_OUTGOING_NEXT] = "SELECT id,page,queue,octets FROM outgoing"
				" WHERE id>? ORDER BY id LIMIT 1",
    [STATEMENT_OUTGOING_DELETE] = "DELETE FROM outgoing WHERE id<=?",
    [STATEMENT_OUTGOING_FORGET] =
	"DELETE FROM outgoing WHERE id IN(SELECT id FROM outgoing"
	" WHERE time<?1 ORDER BY time LIMIT ?2)",
    [STATEMENT_OUTGOING_FIRST] =
	"DELETE FROM outgoing WHERE id=(SELECT min(id) FROM outgoing)",
    [STATEMENT_OUTGOING_SIZE] = "SELECT octets FROM outgoing_size",
};

/* database_error - tell what the last call that failed means */
int
database_error(const struct database *db)
{
	return sqlite_file_error(db->db);
}

/* database_words - get the words of the last call that failed */
const char *
database_words(const struct database *db)
{
	return db->db == NULL ? "it is closed" : sqlite3_errmsg(db->db);
}

/* on_progress - tell that we are alive, and end a query that takes too long */
static int
on_progress(void *arg)
{
	struct database *db = arg;

	if (db->tick != NULL)
		db->tick(db->tick_arg);
	return db->deadline != CLOCK_NEVER && clock_monotonic() >= db->deadline;
}

/* prepare_tables - make the tables of a new file, or check whose they are */
static int
prepare_tables(struct database *db, struct diag *diag)
{
	int64_t version = 0, tables = 0;
	int error = sqlite_file_number(db->db, "PRAGMA user_version", &version);

	if (error == 0)
		error = sqlite_file_number(
		    db->db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (error == 0 && version > DATABASE_VERSION)
		return diag_set(diag, ERR_UNSUPPORTED,
		    "version %lld is of a newer release", (long long)version);
	if (error == 0 && version == 0 && tables != 0)
		return diag_set(diag, ERR_CORRUPT, "it is not ours");
	if (error == 0 && version == 0 &&
	    sqlite3_exec(db->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		error = database_error(db);
	if (error == 0 &&
	    sqlite3_exec(db->db, addition, NULL, NULL, NULL) != SQLITE_OK)
		error = database_error(db);
	return error;
}

/* database_open - open the file in the working directory */
int
database_open(struct database *db, struct diag *diag)
{
	uint64_t page;
	int error;

	memset(db->statements, 0, sizeof(db->statements));
	db->deadline = CLOCK_NEVER;
	if (sqlite3_open_v2(DATABASE_FILE, &db->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_NOFOLLOW,
		NULL) != SQLITE_OK) {
		error = db->db == NULL ? ERR_NOMEM : database_error(db);
		goto out;
	}
	(void)sqlite3_extended_result_codes(db->db, 0);
	(void)sqlite3_busy_timeout(db->db, BUSY_MS);
	sqlite3_progress_handler(db->db, PROGRESS_OPS, on_progress, db);
	error = sqlite3_exec(db->db, sqlite_file_settings, NULL, NULL, NULL) ==
		SQLITE_OK
	    ? 0
	    : database_error(db);
	if (error == 0)
		error = prepare_tables(db, diag);
	if (error == 0)
		error = database_page(db, &page);
	if (error == 0)
		error = sqlite_file_note(DATABASE_FILE, &db->file);
	if (error == 0)
		db->recent = recent_new();
out:
	if (error != 0) {
		(void)diag_set(diag, error, "%s", database_words(db));
		database_close(db);
	}
	return error;
}

/* database_open_empty - open an empty database in memory */
int
database_open_empty(struct database *db, struct diag *diag)
{
	int error;

	memset(db->statements, 0, sizeof(db->statements));
	db->deadline = CLOCK_NEVER;
	error = sqlite3_open_v2(":memory:", &db->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			SQLITE_OPEN_NOMUTEX,
		    NULL) == SQLITE_OK
	    ? prepare_tables(db, diag)
	    : ERR_NOMEM;
	if (error != 0) {
		(void)diag_set(diag, error, "%s", database_words(db));
		database_close(db);
	}
	return error;
}

/* database_close - close it */
void
database_close(struct database *db)
{
	if (db->db == NULL)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(db->statements[i]);
	memset(db->statements, 0, sizeof(db->statements));
	(void)sqlite3_close_v2(db->db);
	db->db = NULL;
	recent_free(db->recent);
	db->recent = NULL;
}

/* database_is_there - tell whether the file that is open still has its name */
bool
database_is_there(const struct database *db)
{
	return sqlite_file_is(DATABASE_FILE, &db->file);
}

/* database_set_aside - rename the file */
int
database_set_aside(void)
{
	return sqlite_file_aside(DATABASE_FILE, DATABASE_ASIDE);
}

/* database_statement - get a prepared statement */
sqlite3_stmt *
database_statement(struct database *db, enum statement which)
{
	sqlite3_stmt **statement = &db->statements[which];

	if (db->db == NULL)
		return NULL;
	if (*statement == NULL) {
		if (sqlite3_prepare_v3(db->db, texts[which], -1,
			SQLITE_PREPARE_PERSISTENT, statement,
			NULL) != SQLITE_OK)
			return NULL;
	} else {
		(void)sqlite3_reset(*statement);
		(void)sqlite3_clear_bindings(*statement);
	}
	return *statement;
}

/* database_step - step a statement */
int
database_step(struct database *db, sqlite3_stmt *statement)
{
	int rc;

	if (statement == NULL)
		return database_error(db);
	rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		rc = 0;
	else
		rc = database_error(db);
	/* A statement that is not reset keeps the file locked. */
	(void)sqlite3_reset(statement);
	return rc;
}

/* database_run - run a statement that returns no rows */
int
database_run(struct database *db, sqlite3_stmt *statement)
{
	int rc = database_step(db, statement);

	if (rc == 1)
		(void)sqlite3_reset(statement);
	return rc < 0 ? rc : 0;
}

/* database_begin - begin a transaction */
int
database_begin(struct database *db)
{
	return database_run(db, database_statement(db, STATEMENT_BEGIN));
}

/* database_read - begin a transaction that only reads */
int
database_read(struct database *db)
{
	return database_run(db, database_statement(db, STATEMENT_READ));
}

/* database_commit - make a transaction durable */
int
database_commit(struct database *db)
{
	return database_run(db, database_statement(db, STATEMENT_COMMIT));
}

/* database_sync - make the transactions so far outlive a power cut */
int
database_sync(void)
{
	return sqlite_file_sync(DATABASE_FILE);
}

/* database_rollback - undo a transaction, if SQLite has not done it yet */
void
database_rollback(struct database *db)
{
	/* Rows that were added have no numbers any more. */
	recent_forget(db->recent);
	if (db->db != NULL && sqlite3_get_autocommit(db->db) == 0)
		(void)!database_run(
		    db, database_statement(db, STATEMENT_ROLLBACK));
}

/* database_page - get the number of the last page that is kept */
int
database_page(struct database *db, uint64_t *number)
{
	sqlite3_stmt *statement = database_statement(db, STATEMENT_PAGE_GET);
	int rc = database_step(db, statement);

	if (rc == 1) {
		*number = (uint64_t)sqlite3_column_int64(statement, 0);
		(void)sqlite3_reset(statement);
		return 0;
	}
	return rc < 0 ? rc : ERR_CORRUPT;
}

/* database_bind_text - bind a text */
void
database_bind_text(sqlite3_stmt *statement, int at, struct slice text)
{
	(void)sqlite3_bind_text(statement, at,
	    text.len == 0 ? "" : (const char *)text.data, (int)text.len,
	    SQLITE_STATIC);
}

/* database_text - get a column as text */
struct slice
database_text(sqlite3_stmt *statement, int column)
{
	const void *text = sqlite3_column_text(statement, column);

	return slice_of(text,
	    text == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, column));
}

/* cell_number - get a column of a statement as a number */
static int64_t
cell_number(void *row, int column)
{
	return sqlite3_column_int64(row, column);
}

/* cell_text - get a column of a statement as a text */
static struct slice
cell_text(void *row, int column)
{
	return database_text(row, column);
}

/* database_cells - read the rows of a statement as cells */
struct cells
database_cells(sqlite3_stmt *statement)
{
	return (struct cells){
	    .number = cell_number, .text = cell_text, .row = statement};
}
