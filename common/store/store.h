/* SPDX-License-Identifier: ISC */
/*
 * store.h - the queue on disk: opening it, transactions, room
 *
 * One process has the queue open, qmgr or an offline tool: an exclusive lock
 * on a file in its directory sees to that.  All is in one LMDB environment;
 * every change is durable when store_commit has returned 0, and not before.
 * Nobody else includes lmdb.h.  What the records look like is queue.asn.
 *
 * Use, for each commit of qmgr's loop:
 *
 *   store_begin(store)
 *   store_message_add … _update … store_session_note_transfer …
 *   store_commit(store)            then answer all that is in it
 *
 * A change that fails with ERR_FULL, ERR_IO or ERR_NOMEM has failed its
 * transaction: all that can be done is store_abort, after which disk and
 * memory are as before store_begin; then try the members singly.  Other
 * errors (ERR_NOTFOUND, ERR_LIMIT, ERR_VALUE, ERR_EXISTS, a record that is
 * damaged or of another version) changed nothing and leave the transaction as
 * it was, unless they show only after a part of the change was made: then
 * every further change and store_commit give ERR_STATE.  ERR_IO from
 * store_commit may mean that the environment is dead (store_dead): exit and
 * let the next qmgr recover.
 *
 * store.h includes the other headers of the layer.
 *
 * THE LEGAL STATES ON DISK, AND WHAT store_open DOES WITH EACH.  Transactions
 * are atomic, so a crash leaves the state after one commit or another.
 *
 *   no directory, or no or an empty data.mdb   a new queue is made
 *   an LMDB file that is shorter than it says, or not one     ERR_CORRUPT
 *   header of another version                            ERR_UNSUPPORTED
 *   message, state ready, in ready           queued, or it was active when
 *       we died: it is dispatched again; the last batch that names it
 *       tells where it may have been completed
 *   message, deferred, in deferred           waits for its time
 *   message, held or quarantined, in held    waits for a person
 *   content sealed, references > 0           in use
 *   content in partial, with a mark          a transfer that was cut: kept,
 *       until its owner continues it or gives it up
 *   content in partial, sealed or not        nobody took responsibility for
 *       it: moved to reap
 *   content in reap, with or without slices  reaped in steps by its owner
 *   session, ended 0                         it was open when we died: ended
 *       now, kept for duplicate-memory, open again if the peer resumes it
 *   session, ended                           kept until expired
 *   batch                                    its messages may be, or have been,
 *       sent by these names, which were not given to anything before: the
 *       peer is asked for one before that message is sent again.  Messages
 *       that have left the queue need it no more, nor does one whose fate
 *       with the peer was settled since; to ask once too often does no harm.
 *       With all of them gone, or older than duplicate-memory, it is removed
 *   intake note                              the file may still be there: it
 *       is not taken again, removed instead
 *   delivery prepared                        the file may exist under that
 *       name: it is the same message
 *   delivery done                            the file exists; the message has
 *       only to leave the queue
 *   counts, of links and of sources          equal to a recount, always
 *   a page of tracking                       the tracker has not
 *       acknowledged it, or that was not committed: it is handed on again
 *   header with copied                       a copy that nobody has accepted:
 *       it opens, and qmgr ends (snapshot.h)
 *   header with an owner                     that host's: no other opens it
 *       without being told that it may (owner.h)
 *   header with a drain                      nothing new enters (drain.h)
 *   a database "values", empty               a queue that an older release
 *       made has it: it is left alone
 *   a page of "memory"                       likewise, of mixer-memory
 *   no database "tracking", "memory" or "expiring"   likewise: it is made
 *
 * All else that is found is damage.  It costs what it hit and no more: a
 * record that cannot be decoded, a content or an index entry that is missing,
 * is reported (enum store_trouble) and can be set aside (store_message_aside)
 * and deleted; counts, links and the next numbers are derived again when the
 * queue is opened.  A page that LMDB cannot read fails what needs it, and the
 * opening of the queue where that needs it.  x4check --repair mends all of it.
 */
#ifndef FOURPOST_STORE_STORE_H
#define FOURPOST_STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "store/content.h"
#include "store/counts.h"
#include "store/drain.h"
#include "store/intake.h"
#include "store/keyed.h"
#include "store/link.h"
#include "store/message.h"
#include "store/owner.h"
#include "store/paged.h"
#include "store/partial.h"
#include "store/queue_uuid.h"
#include "store/session.h"
#include "store/source.h"

/* Beyond queue_size, for outcomes, deletions and reports alone. */
#define STORE_RESERVE ((uint64_t)64 * 1024 * 1024)
/* The bounds of queue_size. */
#define STORE_SIZE_MIN	 ((uint64_t)16 * 1024 * 1024)
#define STORE_SIZE_LIMIT ((uint64_t)16 << 40)
/* Commit when store_staged has reached this.  One step is never divided: the
 * copies of a message with a large envelope go beyond, up to 128 MB. */
#define STORE_STAGE_MAX ((size_t)1024 * 1024)

enum store_mode {
	STORE_READ_WRITE,
	/* Nothing is written, nothing recovered; for offline readers.  The lock
	 * is taken all the same. */
	STORE_READ_ONLY
};

/* The name of the identity file in the state directory, see store_options. */
#define STORE_IDENTITY "queue.identity"

/* Faults that are found while the queue is open. */
enum store_trouble {
	STORE_RECORD_DAMAGED, /* a record, or its entry; it alone is lost */
	STORE_DERIVED,	      /* counts, links or numbers were made again */
	STORE_PAGE_DAMAGED,   /* LMDB cannot read a page */
	STORE_WRITE_FAILED,   /* the system refused a write or a flush */
	STORE_TROUBLES
};

/* A wait for the disk, which lasts for as long as the disk wants. */
enum store_wait {
	STORE_WAIT_BEGINS,
	STORE_WAIT_ENDS
};

struct store_options {
	uint64_t queue_size; /* octets; STORE_SIZE_MIN at least */
	enum store_mode mode;
	/*
	 * A file that says that there was a queue here; NULL: none is kept.
	 * Made when a queue is opened for writing.  Where this file is there
	 * and the database is not, or is empty, opening is refused
	 * (ERR_CORRUPT): an empty queue in the place of a lost one would hide
	 * the loss.
	 */
	const char *identity;
	/*
	 * Which host this is; NULL: nobody is asked, and nothing noted.  The
	 * queue of another one is refused (ERR_STATE, the text names it) or
	 * taken over; opened for writing it is this host's from then on.
	 */
	const struct host *host;
	enum store_owner_rule owner;
	/* Called for each trouble, with a text that is printable, or NULL.
	 * It must not call the store. */
	void (*trouble)(void *arg, enum store_trouble kind, const char *text);
	void *trouble_arg;
	/* Called before and after each commit, or NULL.  It must not call the
	 * store. */
	void (*wait)(void *arg, enum store_wait wait);
	void *wait_arg;
};

/* The recovery that store_open had to do. */
struct store_recovery {
	uint64_t partial;  /* contents that nobody took responsibility for */
	uint64_t sessions; /* that were open */
	uint64_t batches;  /* that were being sent */
	uint64_t reap;	   /* contents that wait to be reaped */
};

/*
 * store_open - open the queue in a directory, which is made if need be
 *
 * ERR_BUSY (the text names the pid that has it), ERR_CORRUPT, ERR_UNSUPPORTED,
 * ERR_IO, ERR_DENIED, ERR_FULL, ERR_NOMEM, ERR_VALUE; ERR_NOTFOUND (read-only,
 * and there is none); ERR_STATE (another host has it).
 */
int store_open(const char *directory, const struct store_options *options,
    struct store **store, struct diag *diag) WARN_UNUSED;

/* store_close - abort an open transaction, and free the store; NULL does
 * nothing */
void store_close(struct store *store);

/* store_troubles - count how often a trouble was reported since store_open */
uint64_t store_troubles(const struct store *store, enum store_trouble kind);

/* store_fault_is_page - test whether an address that could not be read lies in
 * the database that was opened last; safe in a signal handler */
bool store_fault_is_page(const void *address);

/* store_recovery - get what store_open found */
struct store_recovery store_recovery(const struct store *store);

/* store_begin - begin a transaction; there is one at a time.  ERR_STATE,
 * ERR_IO, ERR_NOMEM */
int store_begin(struct store *store) WARN_UNUSED;

/* store_commit - make the transaction durable.  On an error it is aborted:
 * nothing of it happened.  ERR_FULL, ERR_IO, ERR_NOMEM, ERR_STATE */
int store_commit(struct store *store) WARN_UNUSED;

/* store_abort - undo the transaction, on disk and in memory; without one it
 * does nothing */
void store_abort(struct store *store);

/* store_staged - estimate the octets that the transaction writes and frees */
size_t store_staged(const struct store *store);

/* store_reason - get what the last failure was, in words */
const char *store_reason(const struct store *store);

/* store_dead - test whether nothing can be committed any more: exit */
bool store_dead(const struct store *store);

/*
 * store_newest - get the newest time that was noted, wall clock ms, or 0
 * store_note_time - have the transaction note the time, within ten minutes
 *
 * The next start believes the time that was noted, so the time of a doubted
 * clock is not noted.  An earlier time replaces a later one.
 */
int64_t store_newest(const struct store *store);
void store_note_time(struct store *store, int64_t now);

/* For whom room is asked. */
enum store_class {
	STORE_INTAKE_WAITING, /* intake for a link that is not up: 3/4 */
	STORE_INTAKE_UP,      /* intake for a link that is up: queue_size */
	STORE_OUTCOME	      /* outcomes, deletions, reports: the reserve */
};

/*
 * store_room - check that octets more may be stored
 *
 * 0 or ERR_FULL (store_reason tells whether queue or disk is full).  Asked
 * before each message of intake; no operation asks by itself.
 */
int store_room(
    struct store *store, enum store_class class, uint64_t octets) WARN_UNUSED;

/* store_usage - get the octets in use and queue_size */
void store_usage(struct store *store, uint64_t *used, uint64_t *size);

/* store_disk_low - test whether the file system is low, with what is free
 * inside the database counted as free; looked at once a second, and again once
 * store_room has let in a sixteenth of STORE_RESERVE since */
bool store_disk_low(struct store *store);

/* store_disk - get the octets that were free when store_disk_low looked last,
 * and how many it wants */
void store_disk(const struct store *store, uint64_t *left, uint64_t *needed);

#endif
