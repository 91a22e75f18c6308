/* SPDX-License-Identifier: ISC */
/*
 * db.c - single values of the queue's databases, and the transaction
 *
 * See db.h.  An error that leaves LMDB's transaction unusable (all of writing
 * but "no such key") sets failed, after which only db_abort is possible.
 */
#include <errno.h>
#include <lmdb.h>
#include <sys/statvfs.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/db.h"

static const char *const names[DB_COUNT] = {
    [DB_HEADER] = "header",
    [DB_MESSAGES] = "messages",
    [DB_READY] = "ready",
    [DB_DEFERRED] = "deferred",
    [DB_HELD] = "held",
    [DB_OBJECTS] = "objects",
    [DB_SLICES] = "slices",
    [DB_PARTIAL] = "partial",
    [DB_REAP] = "reap",
    [DB_COUNTS] = "counts",
    [DB_LINKS] = "links",
    [DB_SESSIONS] = "sessions",
    [DB_BATCHES] = "batches",
    [DB_INTAKE] = "intake",
    [DB_DELIVERY] = "delivery",
    [DB_TRACKING] = "tracking",
    [DB_MEMORY] = "memory",
    [DB_EXPIRING] = "expiring",
};

/* db_name - get the name of a database on disk */
const char *
db_name(enum db_name name)
{
	return names[name];
}

/* The cost of a put or a delete beyond its value: key, node, share of page. */
#define OVERHEAD 96

/* LMDB's pages, of which a value can have one for itself.  Flags of a page that
 * is being written say nothing of what it is. */
#define PAGE_HEADER   16
#define PAGE_FLAGS    10
#define PAGE_PAGES    12 /* of a value: how many, where others have bounds */
#define PAGE_OVERFLOW 0x04
#define PAGE_WRITING  (0x10 | 0x4000 | 0x8000)

/* db_error - note the reason of a code and translate it */
int
db_error(struct db *db, int code, const char *what)
{
	int error;

	switch (code) {
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		error = ERR_FULL;
		break;
	case ENOMEM:
		error = ERR_NOMEM;
		break;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
	case MDB_BAD_VALSIZE:
	/* Append is used for numbers that only grow. */
	case MDB_KEYEXIST: /* of db_append: the numbers went back */
		error = ERR_CORRUPT;
		break;
	case MDB_VERSION_MISMATCH:
		error = ERR_UNSUPPORTED;
		break;
	case MDB_BAD_TXN:
		error = ERR_STATE;
		break;
	case EACCES:
	case EPERM:
		error = ERR_DENIED;
		break;
	case MDB_PANIC:
		/* LMDB accepts nothing after this, whatever is asked;
		 * store_dead tells the owner to end. */
		db->dead = true;
		error = ERR_IO;
		break;
	default:
		error = ERR_IO;
		break;
	}
	/* The reason of the newest failure counts: it is what the caller is
	 * about to report. */
	diag_clear(&db->reason);
	diag_set(&db->reason, error, "queue: %s: %s", what, mdb_strerror(code));
	/* A write that is tried again, and then works, is told all the same:
	 * the disk is failing. */
	if (code > 0 && code != ENOMEM)
		db_trouble(db, STORE_WRITE_FAILED, "%s: %s (errno %d)", what,
		    mdb_strerror(code), code);
	else if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND)
		db_trouble(
		    db, STORE_PAGE_DAMAGED, "%s: %s", what, mdb_strerror(code));
	return error;
}

/* db_fail - fail the transaction: what was done so far cannot stand */
int
db_fail(struct db *db, int code)
{
	if (db->write != NULL)
		db->failed = true;
	return code;
}

/* state_error - refuse a call that needs a transaction */
static int
state_error(struct db *db, const char *text)
{
	diag_clear(&db->reason);
	return diag_set(&db->reason, ERR_STATE, "queue: %s", text);
}

/* db_begin - begin the write transaction */
int
db_begin(struct db *db)
{
	int rc;

	/* LMDB has one write transaction at a time; finding a second one here
	 * is a fault of ours. */
	if (db->write != NULL)
		return state_error(db, "a transaction is open already");
	if (db->read_only)
		return state_error(db, "it is open for reading only");
	rc = FAULT_POINT("store.begin") ? EIO : 0;
	if (rc == 0)
		rc = mdb_txn_begin(db->env, NULL, 0, &db->write);
	if (rc != 0) {
		db->write = NULL;
		return db_error(db, rc, "begin");
	}
	db->failed = false;
	db->staged = 0;
	return 0;
}

/* write_error - translate an error of a write: LMDB calls one cut short by a
 * full disk EIO */
static int
write_error(struct db *db, int code)
{
	struct statvfs fs;

	if (code == EIO && fstatvfs(db->directory, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < STORE_STAGE_MAX)
		return ENOSPC;
	return code;
}

/* db_wait - tell that the disk is waited for, or no longer */
void
db_wait(const struct db *db, enum store_wait wait)
{
	if (db->wait != NULL)
		db->wait(db->wait_arg, wait);
}

/* db_commit - make the transaction durable, or abort it */
int
db_commit(struct db *db)
{
	int rc;

	if (db->write == NULL)
		return state_error(db, "no transaction is open");
	/* Part of the changes was made and part was not; committing would make
	 * the difference durable. */
	if (db->failed) {
		db_abort(db);
		return ERR_STATE;
	}
	rc = FAULT_POINT("store.commit") ? EIO : 0;
	if (rc != 0) {
		db_abort(db);
		return db_error(db, rc, "commit");
	}
	db_wait(db, STORE_WAIT_BEGINS);
	rc = mdb_txn_commit(db->write);
	db_wait(db, STORE_WAIT_ENDS);
	/* LMDB frees the transaction whether it commits or not. */
	db->write = NULL;
	return rc == 0 ? 0 : db_error(db, write_error(db, rc), "commit");
}

/* db_abort - undo the transaction */
void
db_abort(struct db *db)
{
	if (db->write != NULL)
		mdb_txn_abort(db->write);
	db->write = NULL;
	db->failed = false;
}

/* db_enter - make reading possible */
int
db_enter(struct db *db)
{
	int rc;

	/* After a failed write LMDB's transaction gives wrong answers even to
	 * reads. */
	if (db->write != NULL && db->failed)
		return state_error(db, "the transaction has failed");
	/* Within a write transaction reading goes through it, so that it sees
	 * its own changes. */
	if (db->write == NULL && db->within == 0) {
		/* Kept and renewed between reads, because a new one takes a
		 * slot in the lock file each time. */
		if (db->read == NULL)
			rc =
			    mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->read);
		else
			rc = mdb_txn_renew(db->read);
		if (rc != 0)
			return db_error(db, rc, "read");
	}
	db->within++;
	return 0;
}

/* db_leave - end reading */
void
db_leave(struct db *db)
{
	if (db->within == 0)
		panic("store: left what was not entered");
	if (--db->within == 0 && db->write == NULL)
		/* Reset at the end: a reader that stays pins every page that
		 * was freed since, and the file grows. */
		mdb_txn_reset(db->read);
}

/* db_writable - check that changes are possible */
int
db_writable(struct db *db)
{
	if (db->write == NULL)
		return state_error(db, "no transaction is open");
	if (db->failed)
		return state_error(db, "the transaction has failed");
	return 0;
}

/* current_txn - get the transaction to read in */
static MDB_txn *
current_txn(struct db *db)
{
	return db->write != NULL ? db->write : db->read;
}

/* val_of - convert a slice for LMDB, which only reads through it */
static MDB_val
val_of(struct slice slice)
{
	union {
		const void *in;
		void *out;
	} data = {.in = slice.data};

	return (MDB_val){.mv_size = slice.len, .mv_data = data.out};
}

/* val_of_key - convert a key for LMDB */
static MDB_val
val_of_key(const struct db_key *key)
{
	return val_of(slice_of(key->octets, key->len));
}

/*
 * take_value - convert a value that LMDB gives out, or return MDB_CORRUPTED
 *
 * A value that fills a page of its own begins right behind that page's header,
 * which LMDB does not look at: one that the disk lost would be sent as it is,
 * and to delete it would free as many pages as the header says.
 */
static int
take_value(const struct db *db, const MDB_val *from, struct slice *value)
{
	const uint8_t *data = from->mv_data, *page = data - PAGE_HEADER;
	uint32_t pages;
	uint16_t flags;

	if (from->mv_size > db->page / 2 &&
	    (uintptr_t)data % db->page == PAGE_HEADER) {
		memcpy(&flags, page + PAGE_FLAGS, sizeof(flags));
		memcpy(&pages, page + PAGE_PAGES, sizeof(pages));
		if ((flags & ~PAGE_WRITING) != PAGE_OVERFLOW || pages != 1)
			return MDB_CORRUPTED;
	}
	*value = slice_of(data, from->mv_size);
	return 0;
}

/* db_get - get a value */
int
db_get(struct db *db, enum db_name name, const struct db_key *key,
    struct slice *value)
{
	MDB_val k = val_of_key(key), v;
	int rc;

	/* A database of a newer release, which an older queue opened for
	 * reading does not have. */
	if (db->dbi[name] == 0)
		return ERR_NOTFOUND;
	rc = mdb_get(current_txn(db), db->dbi[name], &k, &v);

	if (rc == 0)
		rc = take_value(db, &v, value);
	return rc == 0 ? 0 : db_error(db, rc, db_name(name));
}

/* put_value - write a value */
static int
put_value(struct db *db, enum db_name name, const struct db_key *key,
    struct slice value, unsigned flags)
{
	MDB_val k = val_of_key(key), v = val_of(value);
	int rc = db_writable(db);

	if (rc != 0)
		return rc;
	/* A value beyond a page would need several free pages in a row; see
	 * env.c. */
	if (value.len > STORE_SLICE)
		panic("store: a value of %zu octets", value.len);
	rc = FAULT_POINT("store.put") ? EIO : 0;
	if (rc == 0)
		rc = mdb_put(db->write, db->dbi[name], &k, &v, flags);
	if (rc != 0)
		return db_fail(db, db_error(db, rc, db_name(name)));
	/* Counted, so that the owner can end a transaction before its pages
	 * fill the memory. */
	db->staged += value.len + OVERHEAD;
	return 0;
}

/* db_put - write a value */
int
db_put(struct db *db, enum db_name name, const struct db_key *key,
    struct slice value)
{
	return put_value(db, name, key, value, 0);
}

/* db_append - put a value under a key beyond all others */
int
db_append(struct db *db, enum db_name name, const struct db_key *key,
    struct slice value)
{
	return put_value(db, name, key, value, MDB_APPEND);
}

/* db_delete - remove a value */
int
db_delete(struct db *db, enum db_name name, const struct db_key *key)
{
	MDB_val k = val_of_key(key);
	struct slice value;
	int rc = db_writable(db);

	if (rc != 0)
		return rc;
	/* Looked up first: LMDB would free the pages of a damaged value as its
	 * header says, see take_value. */
	rc = db_get(db, name, key, &value);
	if (rc != 0)
		return rc == ERR_NOTFOUND ? rc : db_fail(db, rc);
	rc = FAULT_POINT("store.delete") ? EIO : 0;
	if (rc == 0)
		rc = mdb_del(db->write, db->dbi[name], &k, NULL);
	if (rc == MDB_NOTFOUND)
		return ERR_NOTFOUND;
	if (rc != 0)
		return db_fail(db, db_error(db, rc, db_name(name)));
	db->staged += OVERHEAD;
	return 0;
}

/* db_cursor - open a cursor in the transaction of db_enter */
int
db_cursor(struct db *db, enum db_name name, MDB_cursor **cursor)
{
	int rc;

	if (db->dbi[name] == 0)
		return ERR_NOTFOUND;
	rc = mdb_cursor_open(current_txn(db), db->dbi[name], cursor);

	return rc == 0 ? 0 : db_error(db, rc, db_name(name));
}

/* db_cursor_close - close a cursor */
void
db_cursor_close(struct MDB_cursor *cursor)
{
	mdb_cursor_close(cursor);
}

/* move - move a cursor and give out where it is */
static int
move(struct db *db, MDB_cursor *cursor, const struct db_key *at,
    MDB_cursor_op op, struct slice *key, struct slice *value)
{
	MDB_val k = {0, NULL}, v = {0, NULL};
	int rc;

	/* LMDB takes a key only to seek; a step goes on from where the cursor
	 * is. */
	if (at != NULL)
		k = val_of_key(at);
	rc = mdb_cursor_get(cursor, &k, &v, op);
	if (rc != 0)
		return db_error(db, rc, "cursor");
	*key = slice_of(k.mv_data, k.mv_size);
	rc = value == NULL ? 0 : take_value(db, &v, value);
	return rc == 0 ? 0 : db_error(db, rc, "cursor");
}

/* db_seek - find the first entry at or after a key */
int
db_seek(struct db *db, MDB_cursor *cursor, const struct db_key *at,
    struct slice *key, struct slice *value)
{
	return move(db, cursor, at, MDB_SET_RANGE, key, value);
}

/* db_step - go on to the next entry */
int
db_step(
    struct db *db, MDB_cursor *cursor, struct slice *key, struct slice *value)
{
	return move(db, cursor, NULL, MDB_NEXT, key, value);
}

/* db_before - find the last entry before a key */
int
db_before(struct db *db, MDB_cursor *cursor, const struct db_key *at,
    struct slice *key, struct slice *value)
{
	int rc = move(db, cursor, at, MDB_SET_RANGE, key, value);

	/* At or after the key: the one before it is a step back, or the last of
	 * all. */
	if (rc == 0)
		return move(db, cursor, NULL, MDB_PREV, key, value);
	if (rc == ERR_NOTFOUND)
		return move(db, cursor, NULL, MDB_LAST, key, value);
	return rc;
}

/* db_cursor_delete - delete the entry that the cursor is at */
int
db_cursor_delete(struct db *db, MDB_cursor *cursor)
{
	int rc = db_writable(db);

	if (rc != 0)
		return rc;
	rc = FAULT_POINT("store.delete") ? EIO : 0;
	if (rc == 0)
		rc = mdb_cursor_del(cursor, 0);
	if (rc != 0)
		return db_fail(db, db_error(db, rc, "delete"));
	db->staged += OVERHEAD;
	return 0;
}

/* db_find - find the key of the first entry at or after a key, and copy it
 * out */
int
db_find(struct db *db, enum db_name name, const struct db_key *at,
    struct db_key *found)
{
	MDB_cursor *cursor;
	struct slice key;
	int rc = db_enter(db);

	if (rc != 0)
		return rc;
	rc = db_cursor(db, name, &cursor);
	if (rc == 0) {
		rc = db_seek(db, cursor, at, &key, NULL);
		/* A key that is too long for our buffer cannot be ours. */
		if (rc == 0 && key.len > KEY_MAX)
			rc = db_error(db, MDB_CORRUPTED, db_name(name));
		if (rc == 0) {
			/* Copied out: the key lies in the map, and the caller
			 * deletes it next. */
			memcpy(found->octets, key.data, key.len);
			found->len = key.len;
		}
		mdb_cursor_close(cursor);
	}
	db_leave(db);
	return rc;
}

/* db_entries - count the values of a database */
int
db_entries(struct db *db, enum db_name name, uint64_t *count)
{
	MDB_stat stat = {.ms_entries = 0};
	int rc = db_enter(db);

	if (rc != 0)
		return rc;
	if (db->dbi[name] != 0)
		rc = mdb_stat(current_txn(db), db->dbi[name], &stat);
	if (rc == 0)
		*count = stat.ms_entries;
	db_leave(db);
	return rc == 0 ? 0 : db_error(db, rc, db_name(name));
}

/* pages_of - count the pages of a database */
static uint64_t
pages_of(const MDB_stat *stat)
{
	return stat->ms_branch_pages + stat->ms_leaf_pages +
	    stat->ms_overflow_pages;
}

/* db_table_octets - count the octets of the pages of one database */
int
db_table_octets(struct db *db, enum db_name name, uint64_t *octets)
{
	MDB_stat stat = {.ms_psize = 0};
	int rc = db_enter(db);

	if (rc != 0)
		return rc;
	if (db->dbi[name] != 0)
		rc = mdb_stat(current_txn(db), db->dbi[name], &stat);
	if (rc == 0)
		*octets = pages_of(&stat) * stat.ms_psize;
	db_leave(db);
	return rc == 0 ? 0 : db_error(db, rc, db_name(name));
}

/* db_pages - count the octets of pages that hold something, and of those that
 * do not */
int
db_pages(struct db *db, uint64_t *octets, uint64_t *spare)
{
	MDB_envinfo info = {.me_last_pgno = 0};
	MDB_stat stat;
	uint64_t pages = 2; /* the meta pages */
	MDB_dbi dbi;
	int i, rc = db_enter(db);

	if (rc != 0)
		return rc;
	/* LMDB's own two, of free pages and of names, are numbers 0 and 1 */
	for (i = -2; i < DB_COUNT && rc == 0; i++) {
		dbi = i < 0 ? (MDB_dbi)(i + 2) : db->dbi[i];
		if (i >= 0 && dbi == 0)
			continue;
		rc = mdb_stat(current_txn(db), dbi, &stat);
		if (rc == 0)
			pages += pages_of(&stat);
	}
	if (rc == 0)
		rc = mdb_env_info(db->env, &info);
	if (rc == 0) {
		*octets = pages * stat.ms_psize;
		/* Free pages within the file are room: LMDB uses them before
		 * the file grows. */
		*spare = info.me_last_pgno + 1 < pages
		    ? 0
		    : (info.me_last_pgno + 1 - pages) * stat.ms_psize;
	}
	db_leave(db);
	return rc == 0 ? 0 : db_error(db, rc, "statistics");
}
