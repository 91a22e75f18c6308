/* SPDX-License-Identifier: ISC */
/*
 * keyed.h - what an application handed in under a key, and what it passed on;
 * for whom a gateway handed in a message under a key
 *
 * Submitted: noted in the transaction that holds the message, so that the same
 * key gets the same answer when the message has left long ago.  Passed on: a
 * message that it was given, and on which it will report itself.
 *
 * Notes are kept until store_keyed_expire, and STORE_KEYED_MAX of them at most
 * (one for each STORE_KEYED_ROOM octets of the queue's size, if that is less);
 * an application has half.  Beyond that its oldest goes, which
 * store_keyed_displaced tells.  On disk they are
 * intake notes (queue.asn).  Changes need a transaction; errors as in
 * message.h.
 */
#ifndef FOURPOST_STORE_KEYED_H
#define FOURPOST_STORE_KEYED_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

#define STORE_KEYED_MAX	   1000000
#define STORE_KEYED_ROOM   8192
#define STORE_KEYED_DIGEST 32
#define STORE_KEYED_ANSWER 3400			    /* octets */
#define STORE_KEYED_HASH   16			    /* octets, of a recipient */
#define STORE_KEYED_LIST   (212 * STORE_KEYED_HASH) /* of one note */
#define STORE_KEYED_PARTS  8 /* notes on the recipients of one message */

struct store;

enum store_keyed_kind {
	STORE_KEYED_SUBMISSION = 0, /* its name is the key */
	STORE_KEYED_PASSED = 1, /* its name is the MTS identifier, as text */
	/* its name is a key, which others may have, for other recipients: they
	 * differ by message, and by part where those are many */
	STORE_KEYED_RECIPIENTS = 2
};

struct store_keyed {
	uint32_t application; /* link number */
	enum store_keyed_kind kind;
	struct slice name;   /* 1 to STORE_FILE_NAME_MAX octets */
	uint64_t message;    /* queue id; 0: none is left */
	uint64_t part;	     /* of recipients: below STORE_KEYED_PARTS */
	int64_t time;	     /* wall clock ms */
	struct slice digest; /* submission: STORE_KEYED_DIGEST octets */
	struct slice mts_id; /* submission, as text: <= STORE_MTS_ID_MAX */
	struct slice answer; /* the caller's: <= STORE_KEYED_ANSWER */
	struct slice
	    recipients; /* hashes of those taken: <= STORE_KEYED_LIST */
};

/* store_keyed_note - note that; a note of the same application, kind and name
 * is an error.  ERR_EXISTS, ERR_LIMIT, ERR_VALUE (no such link) */
int store_keyed_note(
    struct store *store, const struct store_keyed *note) WARN_UNUSED;

/* store_keyed_find - find the note of note->application, kind and name, and
 * fill in the rest, which lies in the arena.  ERR_NOTFOUND */
int store_keyed_find(struct store *store, struct store_keyed *note,
    struct arena *arena) WARN_UNUSED;

/* store_keyed_by_mts_id - find the submission of note->application that got
 * note->mts_id, likewise.  ERR_NOTFOUND */
int store_keyed_by_mts_id(struct store *store, struct store_keyed *note,
    struct arena *arena) WARN_UNUSED;

/* store_keyed_next - find the next note of note->application, kind
 * STORE_KEYED_RECIPIENTS and name that is beyond note->message and part, which
 * are 0 at first, and fill in the rest, likewise.  ERR_NOTFOUND */
int store_keyed_next(struct store *store, struct store_keyed *note,
    struct arena *arena) WARN_UNUSED;

/* store_keyed_forget - forget the notes of note->application, name and message,
 * of kind STORE_KEYED_RECIPIENTS.  ERR_NOTFOUND */
int store_keyed_forget(
    struct store *store, const struct store_keyed *note) WARN_UNUSED;

/* store_keyed_displaced - get the time of the newest note that had to make room
 * since this was asked last; 0: none had */
int64_t store_keyed_displaced(struct store *store);

/* store_keyed_expire - forget notes from before then (wall clock ms), at most
 * so many; returns how many, or an error */
int store_keyed_expire(
    struct store *store, int64_t before, unsigned most) WARN_UNUSED;

#endif
