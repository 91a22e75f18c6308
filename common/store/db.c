/* SPDX-License-Identifier: ISC */
/*
 * db.c - single values of the queue's databases
 *
 * See db.h.  An error that leaves LMDB's transaction unusable (all of writing
 * but "no such key") sets failed, after which only db_abort is possible.
 */
#include <errno.h>
#include <lmdb.h>

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

	if (code == MDB_MAP_FULL)
		db->map_full = true;
	/* LMDB fails a transaction that met a page it cannot read. */
	if (code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND ||
	    code == MDB_BAD_TXN)
		db->spoiled = true;
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

/* db_wait - tell that the disk is waited for, or no longer */
void
db_wait(const struct db *db, enum store_wait wait)
{
	if (db->wait != NULL)
		db->wait(db->wait_arg, wait);
}

/* db_fail - fail the transaction: what was done so far cannot stand */
int
db_fail(struct db *db, int code)
{
	if (db->turn)
		db->failed = true;
	return code;
}

/* db_state_error - note that a call is not possible now */
int
db_state_error(struct db *db, const char *text)
{
	diag_clear(&db->reason);
	return diag_set(&db->reason, ERR_STATE, "queue: %s", text);
}

/* db_writable - check that changes are possible */
int
db_writable(struct db *db)
{
	if (!db->turn)
		return db_state_error(db, "no transaction is open");
	if (db->failed)
		return db_state_error(db, "the transaction has failed");
	return 0;
}

/* db_current - get the transaction to read in */
MDB_txn *
db_current(const struct db *db)
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
	rc = mdb_get(db_current(db), db->dbi[name], &k, &v);

	if (rc == 0)
		rc = take_value(db, &v, value);
	return rc == 0 ? 0 : db_error(db, rc, db_name(name));
}

/* note - have the journal know a change of the turn */
static void
note(struct db *db, enum db_name name, struct slice key, struct slice value)
{
	const struct redo_change change = {
	    .database = (unsigned)name, .key = key, .value = value};

	redo_turn_add(&db->redo.turn, &change);
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
	/* No data at all says in a change that there is no value. */
	note(db, name, slice_of(key->octets, key->len),
	    value.len == 0 ? slice_of_string("") : value);
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
	note(db, name, slice_of(key->octets, key->len), slice_of(NULL, 0));
	db->staged += OVERHEAD;
	return 0;
}

/* db_apply - make a change that is no part of a turn */
int
db_apply(struct db *db, const struct redo_change *change)
{
	MDB_val k = val_of(change->key), v = val_of(change->value);
	MDB_dbi dbi;
	int rc;

	if (change->database >= DB_COUNT || db->dbi[change->database] == 0 ||
	    change->key.len > KEY_MAX || change->value.len > STORE_SLICE)
		return ERR_CORRUPT;
	dbi = db->dbi[change->database];
	rc = change->value.data != NULL ? mdb_put(db->write, dbi, &k, &v, 0)
					: mdb_del(db->write, dbi, &k, NULL);
	return rc == 0
	    ? 0
	    : db_error(db, rc, db_name((enum db_name)change->database));
}

/* db_cursor - open a cursor in the transaction of db_enter */
int
db_cursor(struct db *db, enum db_name name, MDB_cursor **cursor)
{
	int rc;

	if (db->dbi[name] == 0)
		return ERR_NOTFOUND;
	rc = mdb_cursor_open(db_current(db), db->dbi[name], cursor);

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

/* name_of - get which database a cursor is in */
static enum db_name
name_of(const struct db *db, MDB_cursor *cursor)
{
	MDB_dbi dbi = mdb_cursor_dbi(cursor);
	int name = 0;

	while (db->dbi[name] != dbi)
		name++;
	return (enum db_name)name;
}

/* db_cursor_delete - delete the entry that the cursor is at */
int
db_cursor_delete(struct db *db, MDB_cursor *cursor)
{
	enum db_name name = name_of(db, cursor);
	MDB_val k = {0, NULL}, v;
	struct db_key key = {.len = 0};
	int rc = db_writable(db);

	if (rc != 0)
		return rc;
	rc = FAULT_POINT("store.delete")
	    ? EIO
	    : mdb_cursor_get(cursor, &k, &v, MDB_GET_CURRENT);
	/* Copied out: the key goes with its entry. */
	if (rc == 0 && k.mv_size <= KEY_MAX) {
		memcpy(key.octets, k.mv_data, k.mv_size);
		key.len = k.mv_size;
	} else if (rc == 0)
		rc = MDB_BAD_VALSIZE;
	if (rc == 0)
		rc = mdb_cursor_del(cursor, 0);
	if (rc != 0)
		return db_fail(db, db_error(db, rc, "delete"));
	note(db, name, slice_of(key.octets, key.len), slice_of(NULL, 0));
	db->staged += OVERHEAD;
	return 0;
}
