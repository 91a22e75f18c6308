/* SPDX-License-Identifier: ISC */
/*
 * session.h - what must be remembered of associations so that nothing is
 * transferred twice
 *
 * The receiver's side: of each session, by authenticated peer, link and all
 * three references (X.228 7.1.2, X.225 8.1): the last completed activity, and
 * the keys of its last STORE_SESSION_TRANSFERS transfers, until its orderly
 * release, else for a time (duplicate-memory).  All is in memory too, so a
 * look-up costs no disk: over all sessions that are kept, O(1).
 *
 * Each link has a share of that memory: a peer that opens more sessions than
 * STORE_SESSIONS_LINK loses its own oldest that ended, never another's.  Open
 * ones are bounded by the associations that a peer may have.
 *
 * The sender's side: the batches, written before they are sent: which session,
 * which activities, which messages.
 *
 * Changes need a transaction.  Errors as in message.h.
 */
#ifndef FOURPOST_STORE_SESSION_H
#define FOURPOST_STORE_SESSION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "osi/session_references.h"

#define STORE_SESSION_TRANSFERS 32
#define STORE_SESSION_PEER_MAX	128
#define STORE_SESSIONS_MAX	10000 /* in all, or _LINK for each link */
#define STORE_SESSIONS_LINK	256   /* of one link, open ones besides */
#define STORE_ADDRESS_MAX	64    /* of an address as text */
#define STORE_TOKEN_LEN		16
#define STORE_BATCH_MAX		16
#define STORE_BATCHES_MAX	16384

struct store;

/* The key that makes transfers equal: a hash that the caller made. */
struct store_key {
	uint8_t octets[16];
};

/*
 * What a session is bound to besides its name.
 *
 * A record of an older release has none of it: its session cannot be
 * recovered, nor claimed by a worker.
 */
struct store_binding {
	uint8_t address_len; /* 0: nobody called, or it is not known */
	uint8_t token_len;   /* 0, or STORE_TOKEN_LEN */
	bool shared;	     /* two associations were open by its references */
	char address[STORE_ADDRESS_MAX]; /* that called: no port, no 0 */
	uint8_t token[STORE_TOKEN_LEN];	 /* its worker knows it, nobody else */
	uint64_t recovers; /* the session that it recovers; 0: it was bound */
};

struct store_session {
	uint64_t id;
	uint32_t link;		/* 0: not a configured one */
	int64_t ended;		/* ms; 0: it is open */
	uint64_t last_activity; /* completed; 0: none */
	unsigned transfers;	/* kept */
	struct store_binding binding;
};

struct store_transfer {
	uint64_t session;
	uint64_t activity;
	uint64_t message; /* the id it was given; it may have left since */
};

/*
 * store_session_open - remember a session that began
 *
 * peer is the authenticated name.  If one with this peer, link and references
 * is kept, that one is open again, with its memory, and *resumed is true
 * (NULL: nobody asks).  If it was open it is shared from now on.  *dropped
 * counts the old ones of the same link that had to go to keep it within its
 * share: an event is due.  ERR_LIMIT (peer is too long).
 */
int store_session_open(struct store *store, struct slice peer, uint32_t link,
    const struct session_references *references, uint64_t *id, bool *resumed,
    unsigned *dropped) WARN_UNUSED;

/* store_session_bind - note what a session is bound to, in the transaction
 * that opens it; shared stays what it is.  ERR_NOTFOUND */
int store_session_bind(struct store *store, uint64_t id,
    const struct store_binding *binding) WARN_UNUSED;

/* store_session_by_references - find the session with these references,
 * whoever its peer is.  ERR_NOTFOUND; ERR_EXISTS: more than one, or it is
 * shared */
int store_session_by_references(const struct store *store,
    const struct session_references *references,
    struct store_session *session) WARN_UNUSED;

/* store_session_references - get the three references of a session, borrowed
 * until it is forgotten. ERR_NOTFOUND */
int store_session_references(const struct store *store, uint64_t id,
    struct session_references *references) WARN_UNUSED;

/* store_session_next - get the next session in order of id, begin with after =
 * 0.  ERR_NOTFOUND at the end */
int store_session_next(const struct store *store, uint64_t after,
    struct store_session *session) WARN_UNUSED;

/* store_session_find - find the session of this peer on this link with these
 * references.  ERR_NOTFOUND */
int store_session_find(const struct store *store, struct slice peer,
    uint32_t link, const struct session_references *references,
    struct store_session *session) WARN_UNUSED;

/* store_session_get - get a session by id.  ERR_NOTFOUND */
int store_session_get(const struct store *store, uint64_t id,
    struct store_session *session) WARN_UNUSED;

/*
 * store_session_note_transfer - note that this transaction completes an
 * activity
 *
 * In the transaction that holds the message.  Slot activity mod 32 is
 * overwritten.  ERR_NOTFOUND.
 */
int
store_session_note_transfer(struct store *store, uint64_t id, uint64_t activity,
    const struct store_key *key, uint64_t message) WARN_UNUSED;

/* store_transfer_find - find whether a transfer with this key is remembered of
 * any session of this link; transfer may be NULL.  ERR_NOTFOUND */
int store_transfer_find(const struct store *store, uint32_t link,
    const struct store_key *key, struct store_transfer *transfer) WARN_UNUSED;

/* store_session_activity - find the transfer of this activity of this session,
 * if it is among the last 32.  ERR_NOTFOUND */
int store_session_activity(const struct store *store, uint64_t id,
    uint64_t activity, struct store_transfer *transfer) WARN_UNUSED;

enum store_session_end {
	STORE_SESSION_RELEASED, /* orderly: forget it */
	STORE_SESSION_LOST	/* keep it for duplicate-memory */
};

/* store_session_close - note that a session ended at now (wall clock, ms).
 * ERR_NOTFOUND */
int store_session_close(struct store *store, uint64_t id,
    enum store_session_end how, int64_t now) WARN_UNUSED;

/* store_session_expire - forget sessions that ended before a time, at most max:
 * how many, or an error */
int store_session_expire(
    struct store *store, int64_t before, unsigned max) WARN_UNUSED;

/*
 * What was, or is being, sent on one of our own associations.
 *
 * Each message may have been begun as that activity of the session connection
 * with these references: its name.  Where two batches name one message, the
 * later one holds; of the same references a later batch takes all numbers from
 * its first on.
 */
struct store_batch {
	uint64_t id;
	uint32_t link;
	struct session_references references;
	uint64_t first_activity; /* activities follow the order of messages */
	int64_t time;		 /* it was written, ms; 0: not known */
	unsigned count;
	uint64_t messages[STORE_BATCH_MAX]; /* 0: none is named by it */
};

/* store_batch_add - write a batch before anything of it is sent; sets
 * batch->id. ERR_LIMIT */
int store_batch_add(struct store *store, struct store_batch *batch) WARN_UNUSED;

/* store_batch_remove - remove a batch whose outcomes are in this transaction.
 * ERR_NOTFOUND */
int store_batch_remove(struct store *store, uint64_t id) WARN_UNUSED;

/* store_batch_next - get the next batch in order of id, begin with after = 0;
 * slices lie in the arena.  ERR_NOTFOUND at the end */
int store_batch_next(struct store *store, uint64_t after, struct arena *arena,
    struct store_batch *batch) WARN_UNUSED;

#endif
