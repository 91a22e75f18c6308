/* SPDX-License-Identifier: ISC */
/*
 * intake.h - pages from qmgr into the database, whatever state that is in
 *
 * Pages are kept in memory until there is half a window of them, or
 * INTAKE_OCTETS, or the first has waited for INTAKE_GATHER_MS.  Then one
 * transaction takes them all, and they are acknowledged.  Few transactions are
 * better than many: each writes to the disk of the queue, and mail waits
 * meanwhile.
 *
 * A database that cannot be written (full disk, locked, input or output error)
 * is opened again after 1, 2, 4 ... 30 s; until then pages wait here and in
 * the queue, and mail goes on.  A damaged one is set aside and made again, and
 * so is one that was removed.  One of a newer release is left alone and waited
 * for.
 */
#ifndef FOURPOST_TRACKER_INTAKE_H
#define FOURPOST_TRACKER_INTAKE_H

#include "base/arena.h"
#include "ipc/record.h"
#include "store/queue_uuid.h"
#include "track/track.h"
#include "tracker/database.h"
#include "tracker/delays.h"
#include "tracker/outgoing.h"

#define INTAKE_GATHER_MS 500
#define INTAKE_BATCH	 (TRACK_WINDOW / 2)
#define INTAKE_OCTETS	 ((size_t)1024 * 1024)

struct intake_page {
	uint64_t number;
	uint8_t queue[STORE_UUID_LEN];
	size_t queue_len; /* 0: it has no name yet */
	uint8_t *octets;  /* owned */
	size_t len;
};

struct intake {
	struct database db;
	struct delays delays; /* since the start */
	struct intake_page pages[TRACK_WINDOW];
	size_t count;
	size_t octets;	    /* of all pages */
	uint64_t commit_at; /* monotonic ms; CLOCK_NEVER: nothing waits */
	uint64_t retry_at;  /* likewise: the database is opened again */
	uint64_t retry_delay;
	uint64_t rebuilt_at; /* when it was last made again; 0: never */
	uint64_t forget_at;  /* when old items are looked for again */
	/* for which items are kept; 0: nothing is tracked, and what is here
	 * stays */
	unsigned days;
	bool onward; /* pages are kept for another database too */
	struct outgoing_bounds bounds; /* of those pages */
	int64_t given_up;	       /* of them, and not logged yet */
	uint64_t tell_at;	       /* monotonic ms: not before */
	unsigned opened;	       /* how often a database was */
	int said; /* the error that was logged and lasts; 0 */
	struct arena arena;
	/* tells qmgr that all pages up to this one are kept */
	int (*acknowledge)(void *arg, uint64_t number);
	void *arg;
};

/* intake_init - begin with a database that is not open yet */
void intake_init(struct intake *intake);

/* intake_fini - close the database and give everything back */
void intake_fini(struct intake *intake);

/* intake_take - take a page over.  ERR_NOMEM; ERR_LIMIT: more than a window */
int intake_take(
    struct intake *intake, const struct ipc_track_page *page) WARN_UNUSED;

/* intake_work - do what is due, which is at most one transaction; fails only if
 * the acknowledgement does */
int intake_work(struct intake *intake) WARN_UNUSED;

/* intake_commit - put all pages that are here into the database now, and fail
 * likewise */
int intake_commit(struct intake *intake) WARN_UNUSED;

/* intake_next - return when intake_work has something to do next (monotonic
 * ms) */
uint64_t intake_next(const struct intake *intake);

/* intake_database - get the database if it is open, else NULL: why is put into
 * words in diag */
struct database *intake_database(struct intake *intake, struct diag *diag);

/* intake_failed - say that a query met an error of the database */
void intake_failed(struct intake *intake, int error);

#endif
