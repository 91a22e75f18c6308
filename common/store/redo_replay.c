/* SPDX-License-Identifier: ISC */
/*
 * redo_replay.c - the transaction as LMDB and the journal have it
 *
 * See db_restore in db.h.
 */
#include <lmdb.h>

#include "store/db.h"

/* apply - apply the changes of one record */
static int
apply(struct db *db, struct slice changes, struct diag *diag)
{
	struct redo_change change;
	int rc;

	while ((rc = redo_change_next(&changes, &change)) == 1) {
		rc = db_apply(db, &change);
		/* Each change was possible once, in the state that the records
		 * before it make. */
		if (rc == ERR_NOTFOUND)
			rc = ERR_CORRUPT;
		if (rc != 0)
			break;
	}
	if (rc == ERR_CORRUPT)
		return diag_set(diag, rc,
		    "record %llu of %s does not fit data.mdb: run x4check "
		    "--repair",
		    (unsigned long long)db->redo.place.number, db->redo.name);
	return rc == 0 ? 0 : diag_set(diag, rc, "%s", diag_text(&db->reason));
}

/* replay - apply the records up to a number */
static int
replay(struct db *db, uint64_t number, struct diag *diag)
{
	struct redo *redo = &db->redo;
	struct slice changes;
	int rc = 1;

	redo_rewind(redo);
	while (rc == 1 && redo->place.number < number) {
		rc = redo_next(redo, &changes, diag);
		if (rc == 1 && (rc = apply(db, changes, diag)) == 0)
			rc = 1;
	}
	redo->replays += redo->place.number > 0;
	if (rc < 0)
		return rc;
	/* Records that were there are not any more. */
	if (number != UINT64_MAX && redo->place.number != number)
		return diag_set(
		    diag, ERR_IO, "%s cannot be read back", redo->name);
	return 0;
}

/*
 * lengthen_map - have LMDB take a longer file
 *
 * What the queue may hold is bounded by store_room.  Pages that were used since
 * the last checkpoint come on top of that, and those that they replace: they
 * are used again after the next one.
 */
static void
lengthen_map(struct db *db)
{
	MDB_envinfo info;

	/* Whoever reads for a copy does so where the map is now. */
	if (db->snapshot != NULL || mdb_env_info(db->env, &info) != 0 ||
	    mdb_env_set_mapsize(
		db->env, info.me_mapsize + (size_t)STORE_RESERVE) != 0)
		return;
	db->lengthened = true;
	db->map_full = false;
	map_note(db->env);
}

/* db_restore - begin the transaction anew, with what the journal has */
int
db_restore(struct db *db, uint64_t number, struct diag *diag)
{
	int rc;

	if (db->write != NULL)
		mdb_txn_abort(db->write);
	db->write = NULL;
	db->spoiled = false;
	if (db->map_full)
		lengthen_map(db);
	rc = mdb_txn_begin(db->env, NULL, 0, &db->write);
	if (rc != 0) {
		db->write = NULL;
		return diag_set(diag, db_error(db, rc, "begin"), "%s",
		    diag_text(&db->reason));
	}
	if (db->redo.fd < 0 || number == 0)
		return 0;
	rc = replay(db, number, diag);
	if (rc == 0)
		return 0;
	mdb_txn_abort(db->write);
	db->write = NULL;
	return rc;
}
