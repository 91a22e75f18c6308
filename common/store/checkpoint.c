/* SPDX-License-Identifier: ISC */
/*
 * checkpoint.c - the long transaction is committed to LMDB, and the journal
 * begins anew
 *
 * LMDB's record "journal" (QueueJournal of queue.asn) is committed with it and
 * names the next epoch, so that no record of the journal counts any more.
 */
#include <errno.h>
#include <lmdb.h>

#include "base/clock.h"
#include "ber/reader.h"
#include "store/db.h"

#define STAMP_VERSION 1
#define STAMP_MAX     128
#define EPOCH_MAX     INT64_MAX

/* When a checkpoint that was not possible is tried again, and when the journal
 * of a queue that rests is applied: ms. */
#define AGAIN 1000
#define REST  5000

/* So many pages of LMDB's a change may make dirty beyond its own octets: a leaf
 * and its branch. */
#define DIRTY_PAGES 2

/* read_number - read a number of the stamp */
static int
read_number(
    struct ber_reader *reader, unsigned tag, const char *name, uint64_t *number)
{
	struct ber_element el;
	int64_t value = 0;
	int rc = ber_expect(reader, BER_CTX(tag), name, &el);

	if (rc == 0)
		rc = ber_get_integer(reader, &el, name, 0, EPOCH_MAX, &value);
	*number = (uint64_t)value;
	return rc;
}

/* stamp_decode - decode the stamp */
int
stamp_decode(struct slice value, struct redo_stamp *stamp)
{
	struct ber_reader outer, inner;
	struct ber_element el;
	int64_t version;
	int rc;

	ber_reader_init(&outer, value, NULL);
	rc = ber_expect(&outer, BER_UNI(BER_SEQUENCE), "journal", &el);
	if (rc == 0)
		rc = ber_enter(&outer, &el, &inner);
	if (rc == 0)
		rc = ber_expect(&inner, BER_UNI(BER_INTEGER), "version", &el);
	if (rc == 0)
		rc = ber_get_integer(&inner, &el, "version", STAMP_VERSION,
		    STAMP_VERSION, &version);
	if (rc == 0)
		rc = ber_expect(&inner, BER_CTX(0), "identity", &el);
	if (rc == 0 && el.contents.len != REDO_IDENTITY)
		rc = ERR_CORRUPT;
	if (rc == 0) {
		memcpy(stamp->identity, el.contents.data, REDO_IDENTITY);
		rc = read_number(&inner, 1, "epoch", &stamp->epoch);
	}
	if (rc == 0)
		rc = read_number(&inner, 2, "written", &stamp->written);
	stamp->known = rc == 0;
	return rc;
}

/* stamp_load - read which journal belongs to the database */
int
stamp_load(struct db *db)
{
	struct db_key key = key_name(STAMP_NAME);
	struct redo_stamp stamp = {.known = false};
	MDB_val name = {key.len, key.octets}, value;
	MDB_txn *txn;
	int rc = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &txn);

	if (rc != 0)
		return db_error(db, rc, "read");
	rc = mdb_get(txn, db->dbi[DB_HEADER], &name, &value);
	rc = rc == 0 || rc == MDB_NOTFOUND ? rc : db_error(db, rc, "header");
	if (rc == 0 &&
	    stamp_decode(slice_of(value.mv_data, value.mv_size), &stamp) != 0) {
		diag_clear(&db->reason);
		rc = diag_set(&db->reason, ERR_CORRUPT,
		    "queue: the record of the journal cannot be read");
	}
	mdb_txn_abort(txn);
	if (rc != 0 && rc != MDB_NOTFOUND)
		return rc;
	db->redo.stamp = stamp;
	return 0;
}

/* stamp_write - put the stamp into the transaction */
static int
stamp_write(struct db *db, const struct redo_stamp *stamp)
{
	struct db_key key = key_name(STAMP_NAME);
	struct buffer out;
	struct ber_writer w;
	int rc;

	buffer_init(&out, STAMP_MAX);
	ber_writer_init(&w, &out);
	ber_begin(&w, BER_UNI(BER_SEQUENCE));
	ber_put_integer(&w, BER_UNI(BER_INTEGER), STAMP_VERSION);
	ber_put(&w, BER_CTX(0), slice_of(stamp->identity, REDO_IDENTITY));
	ber_put_integer(&w, BER_CTX(1), (int64_t)stamp->epoch);
	ber_put_integer(&w, BER_CTX(2), (int64_t)stamp->written);
	ber_end_element(&w);
	rc = ber_finish(&w);
	if (rc == 0)
		rc = db_apply(db,
		    &(struct redo_change){.database = DB_HEADER,
			.key = slice_of(key.octets, key.len),
			.value = buffer_slice(&out)});
	buffer_fini(&out);
	return rc;
}

/* stamp_next - compute the stamp after a checkpoint */
static struct redo_stamp
stamp_next(const struct redo *redo)
{
	struct redo_stamp next = redo->stamp;

	if (redo->begun)
		next.written = next.epoch;
	next.epoch = redo->fd >= 0 ? next.epoch + 1 : 0;
	return next;
}

/* commit - commit the transaction to LMDB, which is its end in any case */
static int
commit(struct db *db)
{
	int rc;

	db_wait(db, STORE_WAIT_BEGINS);
	errno = 0;
	rc = mdb_txn_commit(db->write);
	/* LMDB calls a write EIO that was cut short, as by a full disk. */
	if (rc == EIO && errno == 0)
		rc = ENOSPC;
	db_wait(db, STORE_WAIT_ENDS);
	db->write = NULL;
	if (rc == 0)
		return 0;
	rc = db_error(db, rc, "commit");
	/* Nobody knows what a disk that fails has written. */
	if (rc != ERR_FULL && rc != ERR_NOMEM)
		db->dead = true;
	return rc;
}

/* restore - go on with what LMDB and the journal have, or with nothing */
static void
restore(struct db *db)
{
	struct diag diag = {.code = 0};

	if (!db->dead && db_restore(db, db->redo.place.number, &diag) == 0)
		return;
	db->dead = true;
	if (diag.code != 0)
		db->reason = diag;
}

/* db_checkpoint - commit the transaction to LMDB, and begin the next one */
int
db_checkpoint(struct db *db)
{
	struct redo_stamp next = stamp_next(&db->redo);
	int rc = next.known ? stamp_write(db, &next) : 0;

	db->lengthened = false;
	if (rc == 0)
		rc = commit(db);
	if (rc == 0)
		redo_restart(&db->redo, &next);
	restore(db);
	return rc == 0 && db->dead ? ERR_IO : rc;
}

/* db_begin_journal - have a journal without a record in it */
int
db_begin_journal(struct db *db, struct diag *diag)
{
	bool makes = db->redo.fd < 0;
	int rc = makes ? redo_create(&db->redo, db->directory, diag) : 0;

	if (rc == 0 && (makes || db->redo.place.number > 0))
		rc = db_checkpoint(db);
	db->opening = false;
	return rc;
}

/* db_settle - make a checkpoint if the journal has anything */
void
db_settle(struct db *db)
{
	int rc = db->redo.place.number == 0 ? 0 : db_checkpoint(db);

	/* For want of a longer map, which there is now. */
	if (rc == ERR_FULL && !db->dead && db->lengthened)
		rc = db_checkpoint(db);
	if (rc == 0 && db->refusing) {
		db->refusing = false;
		db_trouble(db, STORE_APPLIED, "%s", db->redo.name);
	} else if (rc != 0 && !db->dead) {
		if (!db->refusing)
			db_trouble(db, STORE_NOT_APPLIED, "%s",
			    diag_text(&db->reason));
		db->refusing = true;
		db->again = clock_after(AGAIN);
	}
}

/* db_rest - do what was put off, if it is time */
void
db_rest(struct db *db)
{
	uint64_t now = clock_monotonic();

	if (db->turn || db->dead || db->write == NULL || db->redo.fd < 0)
		return;
	if (db->refusing ? now >= db->again : now - db->appended >= REST)
		db_settle(db);
}

/* db_unapplied - get the octets by which the next checkpoint may lengthen the
 * database */
uint64_t
db_unapplied(const struct db *db)
{
	return db->redo.place.offset +
	    db->redo.place.changes * DIRTY_PAGES * db->page;
}
