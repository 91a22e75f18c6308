/* SPDX-License-Identifier: ISC */
/*
 * db.h - private to store/: the environment, its databases, single values
 *
 * Everything that touches LMDB goes through these few functions, so that
 * errors are translated, fault points reached and the octets staged counted
 * in one place.  Only the files that implement them include lmdb.h, so that
 * common/check can read and write a queue without it.  A slice that db_get or
 * a cursor gives out lies in the map: it is good until the next change, or
 * db_leave.
 */
#ifndef FOURPOST_STORE_DB_H
#define FOURPOST_STORE_DB_H

#include "ber/writer.h"
#include "store/key.h"
#include "store/store.h"

struct MDB_cursor;
struct MDB_env;
struct MDB_txn;

enum db_name {
	DB_HEADER,
	DB_MESSAGES,
	DB_READY,
	DB_DEFERRED,
	DB_HELD,
	DB_OBJECTS,
	DB_SLICES,
	DB_PARTIAL,
	DB_REAP,
	DB_COUNTS,
	DB_LINKS,
	DB_SESSIONS,
	DB_BATCHES,
	DB_INTAKE,
	DB_DELIVERY,
	DB_TRACKING,
	DB_MEMORY,
	DB_EXPIRING,
	DB_COUNT
};

/* The environment and its one transaction. */
struct db {
	struct MDB_env *env;
	/* of MDB_dbi; 0: an older queue that is only read does not have it,
	 * and it is empty */
	unsigned dbi[DB_COUNT];
	struct MDB_txn *write; /* NULL: none open */
	struct MDB_txn *read;  /* reset between uses; NULL before the first */
	unsigned within;       /* depth of db_enter */
	/* snapshot.c: a read transaction that stays; what was freed since, and
	 * where to go on counting it */
	struct MDB_txn *snapshot;
	uint64_t pinned, pinned_from;
	int lock;      /* descriptor with our lock, or -1 */
	int directory; /* descriptor of the directory */
	bool read_only;
	bool fresh;  /* it was made by this open */
	bool failed; /* write can only be aborted */
	bool dead;   /* no transaction can begin any more */
	size_t staged;
	size_t page; /* octets of a page of LMDB's */
	struct diag reason;
	/* trouble.c: the receiver of troubles, and their number by kind */
	void (*trouble)(void *arg, enum store_trouble kind, const char *text);
	void *trouble_arg;
	uint64_t troubles[STORE_TROUBLES];
	/* Whoever hears of the waits for the disk, or NULL. */
	void (*wait)(void *arg, enum store_wait wait);
	void *wait_arg;
};

/*
 * db_open - lock the directory and open the environment in it
 *
 * read_only: nothing is written nor made.  *db is initialised even if this
 * fails; db_close it in either case.
 */
int db_open(struct db *db, const char *directory,
    const struct store_options *options, struct diag *diag) WARN_UNUSED;
void db_close(struct db *db);

/*
 * db_copy - copy the database of a directory into another one, which is there,
 * without the pages that hold nothing
 *
 * The caller has the lock.  ERR_FULL, ERR_IO
 */
int
db_copy(const char *directory, const char *to, struct diag *diag) WARN_UNUSED;

/*
 * db_lock - take the lock on the queue in db->directory.  ERR_BUSY, ERR_IO
 *
 * The lock is on the directory itself: nobody can remove it.
 */
int
db_lock(struct db *db, const char *directory, struct diag *diag) WARN_UNUSED;

/* db_wait - tell whoever wants to know that the disk is waited for, or no
 * longer */
void db_wait(const struct db *db, enum store_wait wait);

/* db_begin, db_commit, db_abort - begin and end the write transaction */
int db_begin(struct db *db) WARN_UNUSED;
int db_commit(struct db *db) WARN_UNUSED;
void db_abort(struct db *db);

/*
 * db_enter - make reading possible, in the write transaction if one is open
 *
 * Each success needs its db_leave.
 */
int db_enter(struct db *db) WARN_UNUSED;
void db_leave(struct db *db);

/* db_writable - check that changes are possible: 0, or ERR_STATE */
int db_writable(struct db *db) WARN_UNUSED;

/* db_get - get a value; between db_enter and db_leave.  ERR_NOTFOUND */
int db_get(struct db *db, enum db_name name, const struct db_key *key,
    struct slice *value) WARN_UNUSED;

/* db_put - write a value of at most STORE_SLICE octets */
int db_put(struct db *db, enum db_name name, const struct db_key *key,
    struct slice value) WARN_UNUSED;

/* db_append - put a value under a key beyond all others */
int db_append(struct db *db, enum db_name name, const struct db_key *key,
    struct slice value) WARN_UNUSED;

/* db_delete - remove a value.  ERR_NOTFOUND, which changed nothing */
int db_delete(
    struct db *db, enum db_name name, const struct db_key *key) WARN_UNUSED;

/* db_cursor - open a cursor in the transaction of db_enter; db_cursor_close -
 * close it, before db_leave */
int db_cursor(
    struct db *db, enum db_name name, struct MDB_cursor **cursor) WARN_UNUSED;
void db_cursor_close(struct MDB_cursor *cursor);

/*
 * db_seek - find the first entry at or after key; db_step - the next
 * one.  ERR_NOTFOUND; value may be NULL
 */
int db_seek(struct db *db, struct MDB_cursor *cursor, const struct db_key *at,
    struct slice *key, struct slice *value) WARN_UNUSED;
int db_step(struct db *db, struct MDB_cursor *cursor, struct slice *key,
    struct slice *value) WARN_UNUSED;

/* db_before - find the last entry before key.  ERR_NOTFOUND */
int db_before(struct db *db, struct MDB_cursor *cursor, const struct db_key *at,
    struct slice *key, struct slice *value) WARN_UNUSED;

/* db_cursor_delete - delete the entry that the cursor is at; db_step goes on */
int db_cursor_delete(struct db *db, struct MDB_cursor *cursor) WARN_UNUSED;

/* db_find - find the key of the first entry at or after key, and copy it out;
 * enters and leaves by itself.  ERR_NOTFOUND */
int db_find(struct db *db, enum db_name name, const struct db_key *at,
    struct db_key *found) WARN_UNUSED;

/* db_entries - count the values of a database */
int db_entries(struct db *db, enum db_name name, uint64_t *count) WARN_UNUSED;

/* db_table_octets - count the octets of the pages of one database */
int
db_table_octets(struct db *db, enum db_name name, uint64_t *octets) WARN_UNUSED;

/* db_pages - count the octets of all pages that hold something, and of those
 * in the file that hold nothing and are used before it grows */
int db_pages(struct db *db, uint64_t *octets, uint64_t *spare) WARN_UNUSED;

/* db_trouble - report what is wrong */
void db_trouble(struct db *db, enum store_trouble kind, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* db_error - note the reason of LMDB's or the system's code and translate it */
int db_error(struct db *db, int code, const char *what);

/* db_fail - fail the transaction: what was done so far cannot stand */
int db_fail(struct db *db, int code);

/* identity_lost - check whether a database was lost: ERR_CORRUPT if the
 * identity file (NULL: there is none) says that there was a queue, else 0;
 * called where there is no database */
int identity_lost(
    const char *directory, const char *identity, struct diag *diag) WARN_UNUSED;

/* identity_make - make the identity file if there is none.  ERR_IO */
int identity_make(const char *identity, struct diag *diag) WARN_UNUSED;

/*
 * tables_open - open the handles of the databases, which are good for all
 * transactions
 *
 * The version of the queue is looked at first: what a later release made is
 * ERR_UNSUPPORTED, whatever it consists of.  A database that older releases
 * of this version do not make is made.  fresh is set where there is nothing.
 */
int tables_open(struct db *db, const char *directory, const char *identity,
    struct diag *diag) WARN_UNUSED;

/* tail_is_free - tell whether all pages that a database's file does not reach
 * hold nothing */
bool tail_is_free(int directory, const char *name);

/* map_note - note where the file of an environment is mapped */
void map_note(struct MDB_env *env);

/* db_name - get the name of a database on disk */
const char *db_name(enum db_name name);

#endif
