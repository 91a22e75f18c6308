/* SPDX-License-Identifier: ISC */
/*
 * measure.c - one look at the queue's databases: their first entry at a key,
 * their size
 *
 * See db.h.
 */
#include <lmdb.h>

#include "store/db.h"

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
		db_cursor_close(cursor);
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
		rc = mdb_stat(db_current(db), db->dbi[name], &stat);
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
		rc = mdb_stat(db_current(db), db->dbi[name], &stat);
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
		rc = mdb_stat(db_current(db), dbi, &stat);
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
