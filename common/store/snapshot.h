/* SPDX-License-Identifier: ISC */
/*
 * snapshot.h - a copy of the queue that is made while it is in use
 *
 * A snapshot is a read transaction that stays: LMDB gives none of the pages
 * that were in use when it began to anybody while it lasts, so that whoever has
 * the descriptor can read them from the file at leisure, another process even.
 * Those pages with the first two of then are a whole database.  What is freed
 * meanwhile is room that cannot be used: the owner looks after each commit
 * whether that may go on.
 *
 * Whoever has copied the pages marks the copy.  A marked queue is not to be
 * started as it is, since what has left in the meantime would go out again:
 * qmgr refuses it until store_copy_accept.
 */
#ifndef FOURPOST_STORE_SNAPSHOT_H
#define FOURPOST_STORE_SNAPSHOT_H

#include "store/store.h"

#define STORE_SNAPSHOT_META 2 /* pages that the file has by now written over */

struct store_snapshot {
	int fd;		   /* owned: the file, to be read */
	size_t page;	   /* octets of a page */
	uint64_t pages;	   /* from the first of the file */
	uint8_t *meta;	   /* owned: the first STORE_SNAPSHOT_META of them */
	uint64_t messages; /* that are queued in it */
};

/* store_snapshot_begin - begin; there is one at a time.  ERR_BUSY, ERR_FULL (no
 * room to do without what is freed), ERR_IO, ERR_NOMEM */
int store_snapshot_begin(struct store *store, struct store_snapshot *snapshot,
    struct diag *diag) WARN_UNUSED;

/* store_snapshot_end - let go of its pages; without one it does nothing */
void store_snapshot_end(struct store *store, struct store_snapshot *snapshot);

/* store_snapshot_check - check after a commit whether it may go on.  ERR_FULL:
 * what was freed since is more than the queue, or the disk, can do without */
int store_snapshot_check(struct store *store, struct diag *diag) WARN_UNUSED;

/* store_copy_mark - mark the queue in a directory as a copy made at a time,
 * wall clock ms.  ERR_BUSY, ERR_CORRUPT, ERR_IO, ERR_UNSUPPORTED and others */
int store_copy_mark(
    const char *directory, int64_t made, struct diag *diag) WARN_UNUSED;

/* store_copied - get when the queue was copied if it is a marked copy, else 0;
 * store_restored - likewise when a copy that was accepted, until that is
 * told */
int64_t store_copied(const struct store *store);
int64_t store_restored(const struct store *store);

/*
 * store_copy_accept - have the transaction accept a copy as the queue: the
 * numbers of messages go on with a gap, so that none is given twice
 *
 * ERR_STATE: it is none.
 */
int store_copy_accept(struct store *store) WARN_UNUSED;

/* store_copy_told - have the transaction note that it was told of a copy that
 * was accepted */
void store_copy_told(struct store *store);

#endif
