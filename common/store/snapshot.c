/* SPDX-License-Identifier: ISC */
/*
 * snapshot.c - a copy of the queue that is made while it is in use
 *
 * See snapshot.h.  mdb_env_copy() does the same in one go, which would stop the
 * loop for as long as a disk takes to write the queue.
 *
 * LMDB keeps what transaction K freed as a list by the key K, and uses it again
 * when no reader is older than K.  While the snapshot of N lasts, lists from N
 * on only grow, so that each is looked at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/snapshot.h"
#include "store/state.h"

#define DATA_FILE "data.mdb"
#define FREE_DBI  0 /* LMDB's own: the lists of free pages */

/* read_meta - read the pages of the file that the next commits write over */
static int
read_meta(struct store_snapshot *snapshot)
{
	size_t len = STORE_SNAPSHOT_META * snapshot->page, got = 0;

	snapshot->meta = malloc(len);
	if (snapshot->meta == NULL)
		return ENOMEM;
	while (got < len) {
		ssize_t n = pread(
		    snapshot->fd, snapshot->meta + got, len - got, (off_t)got);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return EIO;
		got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* take - begin the read transaction, and note what belongs to it */
static int
take(struct store *store, struct store_snapshot *snapshot)
{
	struct db *db = &store->db;
	MDB_envinfo info;
	int rc;

	/* Without the descriptor there would be nothing to copy. */
	snapshot->fd =
	    openat(db->directory, DATA_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (snapshot->fd < 0)
		return errno;
	rc = mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->snapshot);
	if (rc != 0)
		return rc;
	db->pinned_from = mdb_txn_id(db->snapshot);
	db->pinned = 0;
	/* Nothing is committed between these calls, so that the last page is
	 * that of the transaction. */
	rc = mdb_env_info(db->env, &info);
	snapshot->pages = info.me_last_pgno + 1;
	return rc == 0 ? read_meta(snapshot) : rc;
}

/* store_snapshot_begin - begin */
int
store_snapshot_begin(
    struct store *store, struct store_snapshot *snapshot, struct diag *diag)
{
	int rc;

	if (store->db.snapshot != NULL)
		return diag_set(diag, ERR_BUSY, "a copy is being made already");
	*snapshot = (struct store_snapshot){.fd = -1,
	    .page = store->db.page,
	    .messages = store_total(store).messages};
	rc = take(store, snapshot);
	if (rc != 0)
		rc = diag_set(diag, db_error(&store->db, rc, "snapshot"), "%s",
		    store_reason(store));
	else
		rc = store_snapshot_check(store, diag);
	if (rc != 0)
		store_snapshot_end(store, snapshot);
	return rc;
}

/* store_snapshot_end - let go of its pages */
void
store_snapshot_end(struct store *store, struct store_snapshot *snapshot)
{
	if (store->db.snapshot != NULL)
		mdb_txn_abort(store->db.snapshot);
	store->db.snapshot = NULL;
	store->db.pinned = 0;
	if (snapshot->fd >= 0)
		(void)close(snapshot->fd);
	free(snapshot->meta);
	*snapshot = (struct store_snapshot){.fd = -1};
}

/* count_pinned - count the pages that were freed since the last look */
static int
count_pinned(struct db *db)
{
	size_t from = db->pinned_from, count;
	MDB_val key = {sizeof(from), &from}, value;
	MDB_cursor *cursor;
	int rc = db_enter(db);

	if (rc != 0)
		return rc;
	rc = mdb_cursor_open(db->read, FREE_DBI, &cursor);
	if (rc == 0) {
		rc = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
		while (rc == 0) {
			/* A list begins with its length. */
			memcpy(&count, value.mv_data, sizeof(count));
			memcpy(&from, key.mv_data, sizeof(from));
			db->pinned += count;
			db->pinned_from = from + 1;
			rc = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
		}
		mdb_cursor_close(cursor);
	}
	db_leave(db);
	return rc == MDB_NOTFOUND ? 0 : db_error(db, rc, "free pages");
}

/* store_snapshot_check - check after a commit whether it may go on */
int
store_snapshot_check(struct store *store, struct diag *diag)
{
	uint64_t used, size, pinned;
	int rc = count_pinned(&store->db);

	if (rc != 0)
		return diag_set(diag, rc, "%s", store_reason(store));
	store_usage(store, &used, &size);
	pinned = store->db.pinned * store->db.page;
	/* The reserve stays free, or nothing could leave the queue. */
	if (used + pinned > size)
		return diag_set(diag, ERR_FULL,
		    "queue is full: %llu octets are in use, and %llu were "
		    "freed meanwhile",
		    (unsigned long long)used, (unsigned long long)pinned);
	if (store_disk_low(store))
		return diag_set(diag, ERR_FULL, "disk space is low");
	return 0;
}

/* store_copy_mark - mark the queue in a directory as a copy */
int
store_copy_mark(const char *directory, int64_t made, struct diag *diag)
{
	/* The size of the map is that of the file, if it is larger. */
	const struct store_options options = {
	    .queue_size = STORE_SIZE_MIN, .mode = STORE_READ_WRITE};
	struct store *store;
	int rc = store_open(directory, &options, &store, diag);

	if (rc != 0)
		return rc;
	rc = store_begin(store);
	if (rc == 0) {
		store->numbers.copied = (uint64_t)made;
		/* Whoever accepts the copy has it, on whatever host. */
		store->numbers.owner = (struct store_owner){.since = 0};
		rc = store_commit(store);
	}
	if (rc != 0)
		(void)diag_set(diag, rc, "%s", store_reason(store));
	store_close(store);
	return rc;
}

/* store_copied - get when the queue was copied */
int64_t
store_copied(const struct store *store)
{
	return (int64_t)store->numbers.copied;
}

/* store_restored - get when a copy that was accepted had been made */
int64_t
store_restored(const struct store *store)
{
	return (int64_t)store->numbers.restored;
}

/* store_copy_accept - have the transaction accept a copy as the queue */
int
store_copy_accept(struct store *store)
{
	struct numbers *numbers = &store->numbers;

	if (numbers->copied == 0)
		return store_error(
		    store, ERR_STATE, "the queue is no copy of another");
	/* Numbers given since the copy was made are in logs, and in names
	 * of files. */
	for (unsigned i = 0; i < NEXT_COUNT; i++)
		numbers->next[i] += NUMBERS_GAP;
	numbers->restored = numbers->copied;
	numbers->copied = 0;
	memset(numbers->uuid, 0, sizeof(numbers->uuid));
	return 0;
}

/* store_copy_told - have the transaction note that it was told of a copy */
void
store_copy_told(struct store *store)
{
	store->numbers.restored = 0;
}
