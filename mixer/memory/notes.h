/* SPDX-License-Identifier: ISC */
/*
 * notes.h - pages from qmgr into the database, and answers out of it, whatever
 * state it is in
 *
 * Pages wait here until a transaction holds them, then they are acknowledged.
 * A database that cannot be written (full disk, locked, input or output error)
 * is opened again after 1, 2, 4 ... 30 s; meanwhile pages wait, here and in the
 * queue.  A file that is damaged is set aside, one that was removed is missed:
 * both are made again.  Without a database nothing is remembered, and mail goes
 * on.
 */
/*
 * notes.h - pages from qmgr into the database, and answers out of it, whatever
 * state it is in
 *
 * Pages wait here until a transaction holds them, then they are acknowledged.
 * A database that cannot be written (full disk, locked, input or output error)
 * is opened again after 1, 2, 4 ... 30 s; meanwhile pages wait, here and in the
 * queue.  A file that is damaged is set aside, one that was removed is missed:
 * both are made again.  Without a database nothing is remembered, and mail
 * goes on.
 */
#ifndef FOURPOST_MIXER_MEMORY_NOTES_H
#define FOURPOST_MIXER_MEMORY_NOTES_H

#include "ipc/record.h"
#include "mixer/memory/remember.h"
#include "mixer/memory_note.h"

/* Pages that qmgr hands on before they are acknowledged. */
#define NOTES_WINDOW 512
#define NOTES_GATHER 100 /* ms */

struct notes_page {
	uint64_t number;
	uint8_t *octets; /* owned */
	size_t len;
};

struct notes {
	struct remember db;
	struct notes_page pages[NOTES_WINDOW];
	size_t count;
	uint64_t kept;	      /* page: all up to this one are in the database */
	uint64_t commit_at;   /* monotonic ms; CLOCK_NEVER: nothing waits */
	uint64_t retry_at;    /* likewise: the database is opened again */
	uint64_t retry_delay; /* ms */
	uint64_t rebuilt_at;  /* when it was last made again; 0: never */
	uint64_t forget_at;   /* when old notes are looked for again */
	uint64_t memory;      /* ms for which identifiers are remembered */
	int said;	      /* the error that was logged and lasts; 0 */
	struct arena arena;
};

/* notes_init, notes_fini - begin with a database that is not open yet; close
 * it and give everything back */
void notes_init(struct notes *notes);
void notes_fini(struct notes *notes);

/* notes_take - take a page over.  ERR_NOMEM; ERR_LIMIT: more than a window */
int
notes_take(struct notes *notes, const struct ipc_track_page *page) WARN_UNUSED;

/* notes_keep - put all pages that are here into the database now; true: they
 * are to be acknowledged, up to notes->kept */
bool notes_keep(struct notes *notes);

/* notes_work - do what is due; true likewise */
bool notes_work(struct notes *notes);

/* notes_next - return when notes_work has something to do next (monotonic
 * ms) */
uint64_t notes_next(const struct notes *notes);

/* notes_answer - find the values of keys, with what came last: empty where
 * there is none.  values: count of them, which live until the next call */
void notes_answer(struct notes *notes, const struct slice *keys, size_t count,
    struct slice *values);

#endif
