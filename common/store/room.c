/* SPDX-License-Identifier: ISC */
/*
 * room.c - whether the queue, and the disk under it, have room for more
 *
 * See store.h.  What is in use is counted in pages that hold something, which
 * LMDB knows of each database without looking.  Pages that are free within
 * the file are room: LMDB never gives them back to the file system and takes
 * them before the file grows.  After a backlog the file is large, the disk may
 * be full of it, and there is room all the same.
 */
#include <sys/statvfs.h>

#include "base/clock.h"
#include "store/state.h"

/* A content of n octets takes a page for 4,080 of them, and its keys. */
#define PAGE_OF_SLICE 4096
/* Leaf pages that are being filled, and the record itself. */
#define MARGIN 16384
/* How long a look at the file system is good for, in ms, and for how many
 * octets: a fast source takes more than the reserve within a second. */
#define LOOK_INTERVAL 1000
#define LOOK_OCTETS   (STORE_RESERVE / 16)

/* store_usage - get the octets in use and queue_size */
void
store_usage(struct store *store, uint64_t *used, uint64_t *size)
{
	uint64_t octets, spare;

	*size = store->queue_size;
	/* Where the pages cannot be counted there is no room. */
	if (db_pages(&store->db, &octets, &spare) != 0)
		octets = store->queue_size;
	*used = octets;
}

/* store_disk_low - test whether the file system is low; looked at once a
 * second, and again when much was let in since */
bool
store_disk_low(struct store *store)
{
	uint64_t now = clock_monotonic(), used, spare;
	struct statvfs fs;

	/* Statfs costs a system call for each message; within a second the
	 * answer hardly changes. */
	if (store->disk_looked != 0 &&
	    now - store->disk_looked < LOOK_INTERVAL &&
	    store->disk_let_in < LOOK_OCTETS)
		return store->disk_low;
	store->disk_looked = now == 0 ? 1 : now;
	store->disk_let_in = 0;
	if (fstatvfs(store->db.directory, &fs) != 0)
		return store->disk_low;
	if (db_pages(&store->db, &used, &spare) != 0)
		spare = 0;
	/* A copy under way keeps what was freed since it began. */
	spare -= spare < store->db.pinned * store->db.page
	    ? spare
	    : store->db.pinned * store->db.page;
	/* Free pages of the file count: the file system is not asked for
	 * them. */
	store->disk_left = (uint64_t)fs.f_bavail * fs.f_frsize + spare;
	store->disk_low = store->disk_left < STORE_RESERVE;
	return store->disk_low;
}

/* store_disk - get what was free at the last look, and what is wanted */
void
store_disk(const struct store *store, uint64_t *left, uint64_t *needed)
{
	*left = store->disk_left;
	*needed = STORE_RESERVE;
}

/* store_room - check that octets more may be stored */
int
store_room(struct store *store, enum store_class class, uint64_t octets)
{
	uint64_t used, limit, need;

	store_usage(store, &used, &limit);
	switch (class) {
	/* Intake that only waits leaves a quarter for mail that can be sent at
	 * once. */
	case STORE_INTAKE_WAITING:
		limit -= limit / 4;
		break;
	case STORE_INTAKE_UP:
		break;
	case STORE_OUTCOME:
		/* The reserve is for outcomes alone: what leaves must always be
		 * written, or a full queue could not empty. */
		limit += STORE_RESERVE;
		break;
	}
	if (octets > INT64_MAX)
		octets = INT64_MAX;
	/* Whole pages are counted, since that is what LMDB takes. */
	need = octets / STORE_SLICE * PAGE_OF_SLICE + MARGIN;
	if (used > limit || need > limit - used)
		return store_error(store, ERR_FULL,
		    "queue is full: %llu of %llu octets are in use",
		    (unsigned long long)used,
		    (unsigned long long)store->queue_size);
	/* Outcomes are written all the same: refusing them would fill the disk
	 * further. */
	if (class != STORE_OUTCOME && store_disk_low(store))
		return store_error(store, ERR_FULL, "disk space is low");
	store->disk_let_in += need;
	return 0;
}
