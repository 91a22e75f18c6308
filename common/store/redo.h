/* SPDX-License-Identifier: ISC */
/*
 * redo.h - private to store/: the journal ahead of LMDB
 *
 * A commit of LMDB costs two flushes and writes each page that a change
 * touched.  The changes of a turn are written to a journal instead, one record
 * and one flush, while one long transaction of LMDB holds them; it is committed
 * (a checkpoint, checkpoint.c) when the journal is long, or nothing is to be
 * done.  After a crash the journal is applied to what LMDB committed last.
 *
 * The file journal.IDENTITY stands beside data.mdb.  Its octets are written
 * once, as zeros, and then over and over: a flush has no new size or extent to
 * write.  A record begins at a multiple of REDO_BLOCK, the first at 0:
 *
 *   octets
 *    0  8  magic
 *    8  8  epoch: grows with every checkpoint
 *   16  8  number in this epoch, from 1
 *   24  4  octets of the changes
 *   28  4  number of the changes
 *   32  8  checksum (XXH3) of octets 0..31 and the changes; its seed depends on
 *          the epoch and the checksum of the record before
 *   40  8  checksum of octets 0..39; its seed is the identity
 *   48 16  zeros
 *   64     changes: database (1), octets of the key (1), octets of the value
 *          (2; 0xffff: it is deleted), key, value
 *          zeros up to the next multiple of REDO_BLOCK
 *
 * Numbers have the least significant octet first; databases are numbered as in
 * enum db_name.  A checkpoint writes nothing: records of another epoch count
 * for nothing, and the next record goes to 0 again.
 *
 * LMDB's record "journal" (struct redo_stamp) says which journal belongs to the
 * database, and to which time of it.  THE LEGAL STATES:
 *
 *   no stamp, or its epoch is 0      a queue of an older release, or a copy:
 *       there is no journal yet, and what is in a file of that name is nothing
 *   the first record is of the stamp's epoch       it and those behind it, up
 *       to the first that is not whole, are applied: the rest of the file was
 *       never confirmed to anybody
 *   the first record is of the epoch that the stamp calls "written", or there
 *       is none where that is 0      nothing was confirmed since the checkpoint
 *
 * All else is damage: the file is missing; its first record is of another
 * epoch, so that file and database were not copied at one time; a whole record
 * of the epoch stands behind one that is not.  Opening the queue is refused
 * then (ERR_CORRUPT), because an older state would look like a whole one.
 */
#ifndef FOURPOST_STORE_REDO_H
#define FOURPOST_STORE_REDO_H

#include "base/error.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDO_IDENTITY 16
#define REDO_BLOCK    4096
#define REDO_HEAD     64
/* The changes of one record.  A turn of more is committed to LMDB at once, so
 * that what is large is not written twice. */
#define REDO_TURN_MAX	((size_t)64 * 1024)
#define REDO_RECORD_MAX (REDO_TURN_MAX + REDO_BLOCK)
/* Time for a checkpoint: octets and changes of the journal. */
#define REDO_CHECKPOINT ((uint64_t)2 * 1024 * 1024)
#define REDO_CHANGES	4000
/* The octets of the file. */
#define REDO_FILE (REDO_CHECKPOINT + 2 * REDO_RECORD_MAX)
/* "journal." and the identity in hexadecimal digits */
#define REDO_NAME_MAX (8 + 2 * REDO_IDENTITY + 1)

/* Which journal belongs to the database, and to which time of it. */
struct redo_stamp {
	uint8_t identity[REDO_IDENTITY];
	uint64_t epoch;	  /* of the records to be applied; 0: no journal yet */
	uint64_t written; /* epoch of the record at the file's beginning before
			   * the first of this epoch is written; 0: zeros */
	bool known;	  /* there is an identity */
};

/* How far a journal was written, or read. */
struct redo_place {
	uint64_t offset;   /* of the next record */
	uint64_t number;   /* of the last record; 0: none in this epoch */
	uint64_t checksum; /* of that */
	uint64_t changes;  /* in all records so far */
};

/* One change; value.data NULL: the key is deleted. */
struct redo_change {
	unsigned database;
	struct slice key, value;
};

/* The changes of a turn, as they come. */
struct redo_turn {
	uint8_t *record; /* owned, REDO_RECORD_MAX octets */
	size_t len;	 /* octets of changes in it, from REDO_HEAD on */
	uint64_t changes;
	bool large; /* they did not fit: they are counted alone */
};

/* redo_turn_init - allocate the memory of a turn.  ERR_NOMEM; redo_turn_fini */
int redo_turn_init(struct redo_turn *turn) WARN_UNUSED;
void redo_turn_fini(struct redo_turn *turn);

/* redo_turn_begin - begin with no change */
void redo_turn_begin(struct redo_turn *turn);

/* redo_turn_add - add a change: a key of at most 255 octets, and a value of
 * less than 65,535 */
void redo_turn_add(struct redo_turn *turn, const struct redo_change *change);

/*
 * redo_turn_seal - make a record of a turn that is not large: its octets, up to
 * a multiple of REDO_BLOCK, which are the turn's
 *
 * place is where the last record ended, and is moved behind this one.
 */
struct slice redo_turn_seal(struct redo_turn *turn,
    const struct redo_stamp *stamp, struct redo_place *place);

/* The beginning of a record. */
struct redo_head {
	uint64_t epoch, number;
	size_t len; /* octets of the changes, at most REDO_TURN_MAX */
	uint64_t changes;
};

enum redo_found {
	REDO_WHOLE, /* it is one of this journal */
	REDO_NONE,  /* zeros */
	REDO_OTHER  /* something else */
};

/* redo_head_read - read REDO_HEAD octets as the beginning of a record; *head is
 * set if it is whole */
enum redo_found redo_head_read(const uint8_t *octets,
    const struct redo_stamp *stamp, struct redo_head *head);

/*
 * redo_record_read - check that a record is the next one of the stamp's epoch
 *
 * octets: from its beginning, with all of its changes.  place is moved behind
 * it.  False: it is another, or not whole.
 */
bool redo_record_read(struct slice octets, const struct redo_stamp *stamp,
    struct redo_place *place, struct slice *changes);

/* redo_change_next - take the next change of a record: 1, 0 at the end,
 * ERR_CORRUPT; it borrows */
int
redo_change_next(struct slice *changes, struct redo_change *change) WARN_UNUSED;

/* redo_record_octets - get the octets of a record with so many of changes */
static inline size_t
redo_record_octets(size_t changes)
{
	return (REDO_HEAD + changes + REDO_BLOCK - 1) / REDO_BLOCK * REDO_BLOCK;
}

/* The journal of a database that is open. */
struct redo {
	int fd; /* -1: there is none: each commit is one of LMDB */
	char name[REDO_NAME_MAX];
	struct redo_stamp stamp; /* as LMDB has it */
	struct redo_place place;
	bool begun; /* the file begins with a record of the stamp's epoch, be it
		     * whole or torn */
	struct redo_turn turn;
	uint8_t *reading; /* owned, REDO_RECORD_MAX octets */
	uint64_t replays; /* how often records were applied since it was
			   * opened */
};

/* redo_init - allocate the memory.  ERR_NOMEM; redo_fini frees it, and closes
 * the file; one that is all zeros has neither */
int redo_init(struct redo *redo) WARN_UNUSED;
void redo_fini(struct redo *redo);

/* redo_close - close the file, if it is open */
void redo_close(struct redo *redo);

/* redo_identify - give a journal a new identity, and none of its past.  ERR_IO:
 * no random numbers */
int redo_identify(struct redo *redo) WARN_UNUSED;

/* redo_name - write the name of the file that belongs to a stamp */
void redo_name(const struct redo_stamp *stamp, char name[REDO_NAME_MAX]);

/* redo_create - make the file in a directory, all zeros and flushed; one of
 * this name is written over.  ERR_FULL, ERR_IO, ERR_DENIED */
int
redo_create(struct redo *redo, int directory, struct diag *diag) WARN_UNUSED;

enum redo_access {
	REDO_READ,
	REDO_READ_WRITE
};

/*
 * redo_open - open the file that belongs to the stamp
 *
 * *pending: it has records that are to be applied.  ERR_CORRUPT: it is missing
 * or of another time; ERR_IO, ERR_DENIED
 */
int redo_open(struct redo *redo, int directory, enum redo_access access,
    bool *pending, struct diag *diag) WARN_UNUSED;

/* redo_append - write the turn as the next record, and flush it: 0, or errno.
 * Then nobody knows what is on disk, and the next process is to look. */
int redo_append(struct redo *redo) WARN_UNUSED;

/* redo_next - read the next record to be applied, behind redo->place: 1; 0
 * there is none.  ERR_IO, ERR_CORRUPT (one behind it is whole) */
int redo_next(
    struct redo *redo, struct slice *changes, struct diag *diag) WARN_UNUSED;

/* redo_rewind - go to the first record again, to read */
void redo_rewind(struct redo *redo);

/* redo_restart - go on in a new epoch, whose stamp LMDB has committed */
void redo_restart(struct redo *redo, const struct redo_stamp *stamp);

#endif
