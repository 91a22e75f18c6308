/* SPDX-License-Identifier: ISC */
/*
 * message.h - the records of messages, probes and reports in the queue
 *
 * A record is one copy for one link: what it owes to its recipients is in its
 * envelope, which is canonical BER that the store does not look into.  Each
 * record has exactly one index entry by its state:
 *
 *   ready        link, priority, id    first in, first out for each of these
 *   deferred     next_try, id          it waits for itself, until then
 *   held         id                    it waits for a person
 *   quarantined  id                    it waits for a person: it crashed us
 *
 * A record whose originator chose when its time is over (own_time) has another:
 *
 *   expiring     expires, id
 *
 * That a message is being worked on ("active") is in qmgr's memory alone: on
 * disk it stays ready.  That its link waits is a state of the link.
 *
 * All that is stored is bounded below; more is ERR_LIMIT before anything is
 * written.  Except where said, functions that change something need a
 * transaction (store_begin), others work inside and outside of one; inside,
 * they see what it changed.  Slices that are given out lie in the caller's
 * arena, never in the map.
 *
 * Errors of all: ERR_FULL, ERR_IO, ERR_NOMEM, ERR_CORRUPT, ERR_STATE (no
 * transaction, or one that failed); each function names its other errors.
 */
#ifndef FOURPOST_STORE_MESSAGE_H
#define FOURPOST_STORE_MESSAGE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "mhs/mts_kind.h"

#define STORE_ENVELOPE_MAX ((size_t)32 * 1024 * 1024)
#define STORE_INLINE_MAX   ((size_t)3072) /* content within the record */
#define STORE_MTS_ID_MAX   ((size_t)192)
#define STORE_REASON_MAX   ((size_t)512)
#define STORE_NAMES_MAX	   ((size_t)384)
#define STORE_EXTRA_MAX	   ((size_t)512)

struct store;

enum store_state {
	STORE_READY = 0,
	STORE_DEFERRED = 1,
	STORE_HELD = 2,
	STORE_QUARANTINED = 3
};
#define STORE_STATES 4

enum store_priority {
	STORE_URGENT = 0,
	STORE_NORMAL = 1,
	STORE_NON_URGENT = 2
};
#define STORE_PRIORITIES 3

/*
 * One record.  Times are wall-clock milliseconds since 1970, not negative.
 * "Fixed" fields are set by store_message_add and kept by _update.
 */
struct store_message {
	uint64_t id;	    /* fixed; increasing from 1, never used twice */
	enum mts_kind kind; /* fixed */
	enum store_state state;
	enum store_priority priority;
	uint32_t link;	    /* where it is to go; 0: not routed */
	uint32_t from_link; /* fixed: where it came from; 0: submitted here */
	uint32_t source;    /* fixed: for which it counts, 0: from_link */
	uint32_t strip;	    /* fixed: what of the envelope is not sent */
	bool explicit;	    /* fixed: its extensions are tagged explicitly */
	int64_t arrival;    /* fixed */
	int64_t next_try;   /* of a deferred one; else for show */
	int64_t expires;    /* 0: never */
	bool own_time;	    /* fixed: its originator chose when it expires */
	uint32_t attempts;  /* to open an association for it */
	uint32_t transfer_attempts; /* on an association that was open */
	uint32_t deferrals;  /* times that recipients could not have it yet */
	uint64_t expanded;   /* of a list: members that have it (lists.h) */
	uint32_t crashes;    /* ends of a process that count against it */
	uint64_t content_id; /* fixed; a content object, or 0 */
	uint64_t content_length; /* fixed; in octets, inline or not */
	uint64_t envelope_id; /* fixed; an object that is the envelope, or 0 */
	size_t envelope_length; /* fixed; in octets, wherever it is */
	uint32_t recipients; /* fixed: for whom this copy is; 0: not counted */
	struct slice mts_id; /* fixed; as text, <= STORE_MTS_ID_MAX */
	struct slice names;  /* fixed; for the log, <= STORE_NAMES_MAX */
	struct slice reason; /* the last error, as text, <= STORE_REASON_MAX */
	struct slice extra;  /* elements of a later version, kept as they are */
	struct slice envelope; /* fixed; <= STORE_ENVELOPE_MAX */
	struct slice content;  /* fixed; inline content, <= STORE_INLINE_MAX */
};

/* How much of a record to get. */
enum store_part {
	STORE_HEAD, /* all but envelope and content, which are empty */
	/* As STORE_WHOLE where the envelope has at most STORE_BRIEF_MAX octets,
	 * else as STORE_HEAD: a large one is read in pieces. */
	STORE_BRIEF,
	STORE_WHOLE
};
#define STORE_BRIEF_MAX ((size_t)64 * 1024)

/*
 * store_message_add - put a message in the queue
 *
 * Sets message->id.  content_id names a sealed content object, of which a
 * reference is taken (content_length must be its length), or is 0: then
 * content is the content, at most STORE_INLINE_MAX octets, and
 * content_length its length.  Likewise envelope_id names an object that is the
 * envelope, of envelope_length octets, or is 0: then envelope is it, and its
 * length is set.  What message points to is copied.
 * ERR_LIMIT, ERR_VALUE (an enum or time out of range, no such link),
 * ERR_NOTFOUND (no such content, or not sealed).
 */
int store_message_add(
    struct store *store, struct store_message *message) WARN_UNUSED;

/*
 * store_message_replace - put a message in the place of message->id
 *
 * The old record goes as store_message_delete has it, with its delivery note;
 * the new one has its number, and all fields are those of message.  Neither
 * envelope nor content may lie in the map.  ERR_NOTFOUND, and the errors of
 * store_message_add; after any of them the transaction has to be aborted.
 */
int store_message_replace(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/* store_message_get - get the record of id into *message.  ERR_NOTFOUND,
 * ERR_UNSUPPORTED (a version that we do not know) */
int store_message_get(struct store *store, uint64_t id, enum store_part part,
    struct arena *arena, struct store_message *message) WARN_UNUSED;

/*
 * store_message_envelope - append len octets of the envelope of id, from an
 * offset in it, to out
 *
 * For an envelope that is sent in pieces: of one that lies outside of the
 * record only the parts that hold these octets are read.  ERR_NOTFOUND,
 * ERR_VALUE (beyond its end).
 */
int store_message_envelope(struct store *store, uint64_t id, size_t offset,
    size_t len, struct buffer *out) WARN_UNUSED;

/* store_message_content - append up to len octets of the inline content of id,
 * from an offset in it, to out; none beyond its end.  ERR_NOTFOUND */
int store_message_content(struct store *store, uint64_t id, uint64_t offset,
    size_t len, struct buffer *out) WARN_UNUSED;

/*
 * store_message_update - write what changed of message->id
 *
 * All fields but the fixed ones and the body (envelope, content), which need
 * not be there: a record got as STORE_HEAD can be changed and given back.
 * The index entry moves in the same transaction.  ERR_NOTFOUND, ERR_LIMIT,
 * ERR_VALUE.
 */
int store_message_update(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/*
 * store_message_delete - take a message out of the queue
 *
 * Gives back its reference to a content object, which is reaped when that
 * was the last, and forgets its delivery note.  A record that cannot be
 * decoded goes too, with all entries that name it; the content it had is left
 * for x4check.  ERR_NOTFOUND.
 */
int store_message_delete(struct store *store, uint64_t id) WARN_UNUSED;

/*
 * store_message_aside - take a damaged message out of the way
 *
 * One whose head can be decoded is quarantined, with a reason, wherever its
 * entry was.  One that cannot be decoded keeps its octets for x4check; its
 * entries are replaced by one among the quarantined, and it is counted nowhere.
 * An entry of no record goes.  ERR_NOTFOUND: there was neither.
 */
int store_message_aside(
    struct store *store, uint64_t id, const char *reason) WARN_UNUSED;

/*
 * store_message_sound - check that a message can be sent: its record can be
 * decoded, has its index entry and its content object
 *
 * 0, also for what was set aside or held; ERR_CORRUPT or ERR_UNSUPPORTED with
 * a reason, ERR_NOTFOUND (no record).  Body and slices are not looked at.
 */
int store_message_sound(struct store *store, uint64_t id) WARN_UNUSED;

/*
 * The cursors: 0 and the next in order, or ERR_NOTFOUND at the end.  Nothing
 * is held between calls; each costs one descent whatever the queue's length.
 * Begin with after = 0.
 */

/* store_message_next - get the next message in order of id, whatever the
 * state */
int store_message_next(
    struct store *store, uint64_t after, uint64_t *id) WARN_UNUSED;

/* store_message_last - get the id that was given last; 0: none was yet */
uint64_t store_message_last(const struct store *store);

/* store_ready_next - get the next ready message of a link and priority */
int store_ready_next(struct store *store, uint32_t link,
    enum store_priority priority, uint64_t after, uint64_t *id) WARN_UNUSED;

/* store_held_next - get the next message that is held or quarantined, in order
 * of id */
int store_held_next(struct store *store, enum store_state state, uint64_t after,
    uint64_t *id) WARN_UNUSED;

/*
 * store_deferred_next - get the next deferred message, the earliest first
 *
 * *time and *id are both where to go on after and the result; begin with -1
 * and 0.
 */
int store_deferred_next(
    struct store *store, int64_t *time, uint64_t *id) WARN_UNUSED;

/* store_expiring_next - get the next message that has its own time, likewise;
 * the message may be gone, where an older release deleted it */
int store_expiring_next(
    struct store *store, int64_t *time, uint64_t *id) WARN_UNUSED;

/* store_expiring_forget - remove such an entry of a message that is gone; 0 if
 * there is none */
int store_expiring_forget(
    struct store *store, int64_t time, uint64_t id) WARN_UNUSED;

/* store_priority_name - get the name of a priority: "urgent" and so on */
const char *store_priority_name(enum store_priority priority);

/* store_state_name - get the name of a state: "ready" and so on */
const char *store_state_name(enum store_state state);

#endif
