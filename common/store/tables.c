/* SPDX-License-Identifier: ISC */
/*
 * tables.c - the databases of the queue: its version, and those that are
 * missing
 *
 * See tables_open in db.h.  An older release of the same version made a
 * database more, which is left alone, or one less, which is made; where nothing
 * is written the latter stays without a handle and is empty.
 */
#include <lmdb.h>

#include "ber/reader.h"
#include "store/db.h"
#include "store/record.h"

#define HEADER_KEY "header"

/* is_added - tell whether older releases of this version lack a database */
static bool
is_added(enum db_name name)
{
	return name == DB_TRACKING || name == DB_MEMORY || name == DB_EXPIRING;
}

/*
 * check_version - check that the header is of a version of ours
 *
 * A header that cannot be read, or is not there, is left to whoever reads all
 * of it: the next numbers can be derived.
 */
static int
check_version(
    MDB_txn *txn, MDB_dbi dbi, const char *directory, struct diag *diag)
{
	char name[] = HEADER_KEY;
	MDB_val key = {sizeof(name) - 1, name}, value;
	struct ber_reader outer, inner;
	struct ber_element el;
	int64_t version;

	/* A header that is missing is seen by numbers_load, which decides
	 * whether the queue is new. */
	if (mdb_get(txn, dbi, &key, &value) != 0)
		return 0;
	ber_reader_init(&outer, slice_of(value.mv_data, value.mv_size), NULL);
	if (ber_expect(&outer, BER_UNI(BER_SEQUENCE), "header", &el) != 0 ||
	    ber_enter(&outer, &el, &inner) != 0 ||
	    ber_expect(&inner, BER_UNI(BER_INTEGER), "version", &el) != 0 ||
	    ber_get_integer(&inner, &el, "version", 0, INT32_MAX, &version) !=
		0 ||
	    (version >= RECORD_VERSION && version <= RECORD_VERSION_OBJECTS))
		return 0;
	return diag_set(diag, ERR_UNSUPPORTED,
	    "queue %s: version %lld is not known: another release made it",
	    directory, (long long)version);
}

/* look_for_any - tell whether a file has any database: sets fresh */
static int
look_for_any(struct db *db, MDB_txn *txn)
{
	MDB_stat stat;
	MDB_dbi main;
	int rc = mdb_dbi_open(txn, NULL, 0, &main);

	if (rc == 0)
		rc = mdb_stat(txn, main, &stat);
	if (rc != 0)
		return rc;
	/* A first start that was killed leaves LMDB's first page and nothing of
	 * ours. */
	/* killed between LMDB's first page and our first commit */
	if (stat.ms_entries == 0)
		db->fresh = true;
	return db->fresh && db->read_only ? MDB_NOTFOUND : 0;
}

/* open_table - open the handle of one database, or make it */
static int
open_table(struct db *db, MDB_txn *txn, enum db_name name)
{
	/* A queue of an older release gets the database that it lacks when it
	 * is first opened for writing. */
	bool makes = db->fresh || (is_added(name) && !db->read_only);
	int rc = mdb_dbi_open(
	    txn, db_name(name), makes ? MDB_CREATE : 0, &db->dbi[name]);

	if (rc != MDB_NOTFOUND)
		return rc;
	db->dbi[name] = 0;
	/* A database without a handle is read as empty and cannot be written,
	 * which is what an older queue is. */
	return is_added(name) ? 0 : MDB_INVALID;
}

/* open_all - open all handles, the header's first.  LMDB's code; or 0 and
 * *refused, with diag */
static int
open_all(struct db *db, MDB_txn *txn, const char *directory, int *refused,
    struct diag *diag)
{
	int i, rc = 0;

	for (i = 0; i < DB_COUNT && rc == 0 && *refused == 0; i++) {
		rc = open_table(db, txn, (enum db_name)i);
		if (rc == 0 && i == DB_HEADER && !db->fresh)
			*refused = check_version(
			    txn, db->dbi[DB_HEADER], directory, diag);
	}
	return rc;
}

/* tables_error - note that LMDB refused */
static int
tables_error(struct db *db, const char *directory, int code, struct diag *diag)
{
	if (code == MDB_NOTFOUND)
		return diag_set(
		    diag, ERR_NOTFOUND, "queue %s: there is none", directory);
	return diag_set(diag, db_error(db, code, "open"), "queue %s: %s",
	    directory, mdb_strerror(code));
}

/* tables_open - open the handles of the databases */
int
tables_open(struct db *db, const char *directory, const char *identity,
    struct diag *diag)
{
	MDB_txn *txn;
	int refused = 0, rc;

	rc = mdb_txn_begin(db->env, NULL, db->read_only ? MDB_RDONLY : 0, &txn);
	if (rc != 0)
		return tables_error(db, directory, rc, diag);
	rc = look_for_any(db, txn);
	/* A fresh directory where the identity file is, is a mail queue that
	 * was lost, not one to make. */
	if (rc == 0 && db->fresh)
		refused = identity_lost(directory, identity, diag);
	if (rc == 0 && refused == 0)
		rc = open_all(db, txn, directory, &refused, diag);
	if (rc != 0 || refused != 0)
		mdb_txn_abort(txn);
	else {
		db_wait(db, STORE_WAIT_BEGINS);
		rc = mdb_txn_commit(txn);
		db_wait(db, STORE_WAIT_ENDS);
	}
	if (refused != 0)
		return refused;
	return rc == 0 ? 0 : tables_error(db, directory, rc, diag);
}
