/* SPDX-License-Identifier: ISC */
/*
 * transaction.c - a turn: its changes are durable together, or undone
 *
 * The changes are made in the long transaction of LMDB as they come.  A turn
 * that is committed is one record of the journal.  To undo one the transaction
 * is given up, and the journal is applied to another: LMDB's transactions
 * within a transaction never use again what an earlier one freed.
 */
#include <errno.h>
#include <lmdb.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/db.h"

/* dead_error - note that nothing is possible any more */
static int
dead_error(struct db *db)
{
	db->dead = true;
	return ERR_IO;
}

/* refuse - refuse a turn while no checkpoint is possible, or try one again */
static int
refuse(struct db *db)
{
	db_rest(db);
	if (db->dead)
		return ERR_IO;
	if (!db->refusing)
		return 0;
	diag_clear(&db->reason);
	return diag_set(&db->reason, ERR_FULL,
	    "queue: there is no room to apply the journal");
}

/* undo - have the transaction as it was before the turn */
static void
undo(struct db *db)
{
	struct diag diag = {.code = 0};
	uint64_t number = db->redo.place.number;

	if (db->dead)
		return;
	if (db_restore(db, number, &diag) != 0) {
		db->reason = diag;
		db->dead = true;
		return;
	}
	/* Whoever had a turn undone tries its members one by one, and more of
	 * them may fail: none of these has anything to be applied again. */
	if (number > 0)
		db_settle(db);
}

/* db_enter - make reading possible */
int
db_enter(struct db *db)
{
	int rc;

	/* After a failed write LMDB's transaction gives wrong answers even to
	 * reads. */
	if (db->failed)
		return db_state_error(db, "the transaction has failed");
	/* Where there is a write transaction reading goes through it: LMDB
	 * committed last what was at the last checkpoint. */
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
	if (--db->within > 0)
		return;
	/* Reset at the end: a reader that stays pins every page that was freed
	 * since, and the file grows. */
	if (db->write == NULL)
		mdb_txn_reset(db->read);
	else if (db->spoiled && !db->turn && !db->read_only)
		undo(db);
}

/* db_begin - begin a turn */
int
db_begin(struct db *db)
{
	int rc;

	/* There is one turn at a time; finding a second one here is a fault of
	 * ours. */
	if (db->turn)
		return db_state_error(db, "a transaction is open already");
	if (db->read_only)
		return db_state_error(db, "it is open for reading only");
	if (FAULT_POINT("store.begin"))
		return db_error(db, EIO, "begin");
	if (db->dead)
		return ERR_IO;
	rc = db->refusing ? refuse(db) : 0;
	if (rc != 0)
		return rc;
	db->turn = true;
	db->failed = false;
	db->staged = 0;
	redo_turn_begin(&db->redo.turn);
	return 0;
}

/* append - make the turn durable in the journal */
static int
append(struct db *db)
{
	struct redo *redo = &db->redo;
	int code;

	db_wait(db, STORE_WAIT_BEGINS);
	code = redo_append(redo);
	db_wait(db, STORE_WAIT_ENDS);
	/* Part of the record, or all of it, may be on disk: only whoever reads
	 * it again knows.  The file's octets are there already, so that this is
	 * no want of room. */
	if (code != 0) {
		(void)db_error(db, code, "journal");
		return dead_error(db);
	}
	db->appended = clock_monotonic();
	if (redo->place.offset >= REDO_CHECKPOINT ||
	    redo->place.changes >= REDO_CHANGES)
		db_settle(db);
	return 0;
}

/* db_commit - make the turn durable, or undo it */
int
db_commit(struct db *db)
{
	const struct redo_turn *turn = &db->redo.turn;

	if (!db->turn)
		return db_state_error(db, "no transaction is open");
	/* Part of the changes was made and part was not; committing would make
	 * the difference durable. */
	if (db->failed) {
		db_abort(db);
		return ERR_STATE;
	}
	if (FAULT_POINT("store.commit")) {
		db_abort(db);
		return db_error(db, EIO, "commit");
	}
	db->turn = false;
	if (turn->changes == 0)
		return 0;
	/* Large content is not written twice. */
	if (db->redo.fd < 0 || db->opening || turn->large)
		return db_checkpoint(db);
	return append(db);
}

/* db_abort - undo the turn */
void
db_abort(struct db *db)
{
	if (!db->turn)
		return;
	db->turn = false;
	if (db->failed || db->spoiled || db->redo.turn.changes > 0)
		undo(db);
	db->failed = false;
}
