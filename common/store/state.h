/* SPDX-License-Identifier: ISC */
/*
 * state.h - private to store/: what the store keeps in memory
 *
 * The files of this directory have an order: each calls only files that stand
 * before it here, and tests/lint/calls keeps it so.
 *
 *   what LMDB knows    undo trouble map identity pages db tables tail env load
 *                      room
 *   records as BER     record content_record session_record
 *   in memory          transfers session_table
 *   what they hold     numbers index tally source link passed counts content
 *                      reap partial session session_transfer batch intake
 *                      delivery tracking derive
 *   messages           message aside message_delete
 *   the queue          store
 *
 * Each part of the memory belongs to the file named beside it.  Memory follows
 * the disk: a change in memory is made after the change on disk has been put
 * into the transaction, and undone if that is aborted (undo.h).
 */
#ifndef FOURPOST_STORE_STATE_H
#define FOURPOST_STORE_STATE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "base/table.h"
#include "store/db.h"
#include "store/tally.h"
#include "store/undo.h"

/* RB_GENERATE_STATIC asks for an __unused that Linux has no room for. */
#define TREE_GENERATE(name, type, field, cmp) \
	RB_GENERATE_INTERNAL(                 \
	    name, type, field, cmp, static __attribute__((unused)))

/* The next number of each kind, in the header record. */
enum store_number {
	NEXT_MESSAGE,
	NEXT_CONTENT,
	NEXT_SESSION,
	NEXT_BATCH,
	NEXT_NOTE,
	NEXT_COUNT
};

struct numbers {
	uint64_t next[NEXT_COUNT];
	uint64_t newest; /* wall clock ms; 0: not known */
	bool derived; /* they were when the queue was opened, not yet on disk */
	uint64_t sources;   /* 1: what sources hold is counted; source.c */
	uint64_t page;	    /* the next of tracking; 0: none was made */
	uint64_t envelopes; /* messages whose envelope is an object */
	/* wall clock ms, snapshot.c: this queue is a copy made then, which
	 * nobody has accepted; or it was one, and qmgr has not told that */
	uint64_t copied, restored;
	struct store_owner owner;     /* owner.c */
	struct store_drain drain;     /* drain.c */
	uint8_t uuid[STORE_UUID_LEN]; /* queue_uuid.c; 0: none yet */
};

/* link.c */
struct link_entry {
	struct store_link link;
	struct store_total total; /* counts.c */
	struct store_total by[STORE_STATES][STORE_PRIORITIES];
	struct store_total source; /* source.c: what came from it */
	unsigned intakes;	   /* intake.c: notes of a postoffice */
	/* keyed.c: those of an application, and how many */
	struct intake *oldest, *newest;
	unsigned keyed;
	unsigned sessions, ended; /* session_table.c: all, those that ended */
	struct store_traffic committed; /* of link.traffic */
	uint32_t passed_next; /* the next whose traffic changed; 0: the last */
	bool passed;	      /* its traffic changed in this transaction */
};

struct links {
	struct link_entry *entry; /* owned; [0] is no link */
	uint32_t count;		  /* without [0] */
	uint32_t named; /* the highest in a message, where one is damaged */
	uint32_t capacity;
	uint32_t passed; /* the first whose traffic changed; 0: none */
};

/* counts.c: hours of arrival are counted */
#define STORE_HOUR_MS 3600000

struct counts {
	struct tally_table table;
	struct store_total total;
	bool derived; /* they were when the queue was opened, not yet on disk */
};

/* session.c */
struct session;
struct transfer;
RB_HEAD(session_ids, session);
RB_HEAD(session_names, session);
RB_HEAD(session_links, session);
RB_HEAD(session_claims, session);

struct sessions {
	struct session_ids ids;
	struct session_names names;
	struct session_links links;
	struct session_claims claims;
	unsigned count;
	struct table transfers; /* struct transfer by key */
	uint64_t seed;		/* 0: none yet */
};

/* intake.c */
struct intake {
	RB_ENTRY(intake) file_tree;
	uint64_t number;
	uint64_t message;
	struct store_file file; /* its name borrows from name */
	/* keyed.c: of an application; time 0: of a file */
	int64_t time;
	struct intake *older, *newer; /* of its application */
	struct table_link by_mts_id;  /* of a submission */
	uint8_t name[];
};

RB_HEAD(intake_files, intake);

struct intakes {
	struct intake_files files;
	unsigned count;	      /* of files */
	unsigned keyed;	      /* of applications */
	int64_t displaced;    /* keyed.c: the newest that made room, or 0 */
	struct table mts_ids; /* of submissions */
};

struct each;

struct store {
	struct db db;
	struct each *each; /* store.c; during store_load_each */
	uint64_t queue_size;
	struct numbers numbers, committed_numbers;
	struct links links;
	struct counts counts;
	struct tally_table sources; /* source.c */
	struct sessions sessions;
	struct intakes intakes;
	struct undo undo;
	uint64_t reap_pending; /* content.c */
	struct store_recovery recovery;
	enum store_owner_end owner_end; /* owner.c: as store_open found it */
	struct buffer record; /* one record while it is being encoded */
	struct buffer body;   /* envelope and content while they are moved */
	uint64_t disk_looked; /* room.c; monotonic ms, 0: never */
	bool disk_low;
	uint64_t disk_left;   /* octets, at that look */
	uint64_t disk_let_in; /* octets for which there was room since */
};

/* numbers_load, numbers_flush - read and write the header record, numbers.c */
int numbers_load(struct store *store, struct diag *diag) WARN_UNUSED;
int numbers_flush(struct store *store) WARN_UNUSED;

/* numbers_decode - decode the header record */
int numbers_decode(
    struct slice value, struct numbers *numbers, struct diag *diag) WARN_UNUSED;

/* owner_decode, owner_encode - owner.c: whose the queue is, in the header */
int owner_decode(struct ber_reader *header, unsigned tag,
    struct store_owner *owner) WARN_UNUSED;
void owner_encode(
    struct ber_writer *header, unsigned tag, const struct store_owner *owner);

/* drain_decode, drain_encode - drain.c: likewise whether it is drained */
int drain_decode(struct ber_reader *header, unsigned tag,
    struct store_drain *drain) WARN_UNUSED;
void drain_encode(
    struct ber_writer *header, unsigned tag, const struct store_drain *drain);

/* owner_judge - check that this host may open the queue.  ERR_STATE */
int owner_judge(const struct store *store, const struct store_options *options,
    struct diag *diag) WARN_UNUSED;

/* owner_take - have the transaction note that the queue is this host's */
void owner_take(
    struct store *store, const struct store_options *options, int64_t now);

/* numbers_take - take the next number of a kind; given back by an abort */
uint64_t numbers_take(struct store *store, enum store_number kind);

/* links_load - load all links; links_fini - free their memory */
int links_load(struct store *store, struct diag *diag) WARN_UNUSED;
void links_fini(struct store *store);

/* links_fill - make stand-ins for links up to a number whose names are lost;
 * the name of one begins so */
#define LINK_LOST "lost-"
int links_fill(struct store *store, uint32_t number) WARN_UNUSED;

/* link_write - put a link's record */
int link_write(struct store *store, const struct store_link *link) WARN_UNUSED;

/* passed_flush - write the links whose traffic changed in this transaction */
int passed_flush(struct store *store) WARN_UNUSED;

enum passed_end {
	PASSED_COMMITTED,
	PASSED_UNDONE
};

/* passed_settle - take what this transaction counted as committed, or put back
 * what was before */
void passed_settle(struct store *store, enum passed_end end);

/* link_decode - decode one record, for links_load and x4check */
int link_decode(struct slice key, struct slice value, struct store_link *link,
    struct diag *diag) WARN_UNUSED;

/* counts_init - prepare for the counts; counts_load - load them from disk */
void counts_init(struct store *store);
int counts_load(struct store *store, struct diag *diag) WARN_UNUSED;

/* count_decode - decode one record */
int count_decode(struct slice key, struct slice value,
    struct store_count *count, struct diag *diag) WARN_UNUSED;

/* counts_find - find the total of a place into *count: whether there is one */
bool counts_find(const struct store *store, struct store_count *count);

/* counts_add, counts_remove - count a message that came to its place, or left
 * it */
int counts_add(
    struct store *store, const struct store_message *message) WARN_UNUSED;
int counts_remove(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/* counts_move - count a message in its new place, if that is another */
int counts_move(struct store *store, const struct store_message *old,
    const struct store_message *message) WARN_UNUSED;

/* sources_init - prepare for the counts of sources */
void sources_init(struct store *store);

/* source_load_row - take over a count of a source; its key fits */
int source_load_row(struct store *store, struct slice key, struct slice value,
    struct diag *diag) WARN_UNUSED;

enum source_way {
	SOURCE_ADD,
	SOURCE_REMOVE
};
struct record_body;

/* source_record - count a record for its source, or no more */
int source_record(struct store *store, const struct store_message *message,
    const struct record_body *body, enum source_way way) WARN_UNUSED;

/* source_content - count contents and octets for a source, or no more */
int source_content(struct store *store, uint32_t source, enum source_way way,
    uint64_t contents, uint64_t octets) WARN_UNUSED;

/* derive_sources - make these counts from all that is in the queue, in a
 * transaction: those of an older queue, or damaged ones */
int derive_sources(struct store *store) WARN_UNUSED;

/* source_compare - take a count of the disk's from those in memory.
 * ERR_CORRUPT: they are not equal.  source_missing - whether one remains */
int source_compare(struct store *store, struct slice key, struct slice value,
    struct diag *diag) WARN_UNUSED;
bool
source_missing(const struct store *store, uint32_t *source, uint32_t *link);

/* sessions_load, sessions_fini; sessions_recover - end the open sessions */
int sessions_load(struct store *store, struct diag *diag) WARN_UNUSED;
int sessions_recover(struct store *store, int64_t now) WARN_UNUSED;
void sessions_fini(struct store *store);

/* intakes_load, intakes_fini */
int intakes_load(struct store *store, struct diag *diag) WARN_UNUSED;
void intakes_fini(struct store *store);

/* contents_load - count what waits to be reaped; contents_recover - give up
 * what is partial */
int contents_load(struct store *store, struct diag *diag) WARN_UNUSED;
int contents_recover(struct store *store) WARN_UNUSED;

/* content_use - take a reference to a sealed object of this length;
 * content_release - give it back */
int content_use(struct store *store, uint64_t id, uint64_t length) WARN_UNUSED;
int content_release(struct store *store, uint64_t id) WARN_UNUSED;

/* content_copy - copy the first len octets of an object into room */
int content_copy(
    struct store *store, uint64_t id, uint8_t *room, size_t len) WARN_UNUSED;

/*
 * Records of contents, content_record.c.  A source is STORE_SOURCE_NOBODY
 * where the record has none.
 */
struct object_record {
	uint64_t length;
	uint64_t references;
	uint32_t source;
};

/* reap_decode - decode the record of an object that is to be reaped: what is
 * given back to its source then */
int reap_decode(struct slice value, uint32_t *source, uint64_t *octets,
    struct diag *diag) WARN_UNUSED;
int
reap_encode(uint32_t source, uint64_t octets, struct buffer *out) WARN_UNUSED;

/* partial_decode - decode the record of a partial content: 1 if it has a mark,
 * 0 if it has only its source; slices borrow */
int partial_decode(struct slice value, struct store_partial *partial,
    struct diag *diag) WARN_UNUSED;
int partial_encode(
    const struct store_partial *partial, struct buffer *out) WARN_UNUSED;

/* partial_encode_source - write the record of a content without a mark */
int partial_encode_source(uint32_t source, struct buffer *out) WARN_UNUSED;

/* object_decode - decode the record of a content object */
int object_decode(struct slice value, struct object_record *object,
    struct diag *diag) WARN_UNUSED;
int object_encode(
    const struct object_record *object, struct buffer *out) WARN_UNUSED;

/* intake_hash - hash an MTS identifier; 0: there is none */
uint64_t intake_hash(struct slice mts_id);

/* intake_find - find the note of a file, or NULL */
struct intake *
intake_find(const struct store *store, const struct store_file *file);

/* intake_find_next - find the first note that is not before a file, or NULL;
 * intake_behind: the one behind a note */
const struct intake *
intake_find_next(struct store *store, const struct store_file *file);
const struct intake *intake_behind(const struct intake *in);

/* intake_add - write a note, and keep it in memory; keyed NULL: of a file.
 * ERR_LIMIT, ERR_EXISTS */
int intake_add(struct store *store, const struct store_file *file,
    uint64_t message, const struct store_keyed *keyed) WARN_UNUSED;

/* intake_remove - delete a note */
int intake_remove(struct store *store, struct intake *in) WARN_UNUSED;

/* keyed_list_enter, keyed_list_leave - keyed_list.c: keep an application's note
 * in memory where it is found, or take it away */
void keyed_list_enter(struct store *store, struct intake *in);
void keyed_list_leave(struct store *store, struct intake *in);

/* intake_decode_keyed - decode what stands in a note of an application beyond
 * intake_decode: all but application, kind, name and message */
int intake_decode_keyed(struct slice value, struct store_keyed *keyed,
    struct diag *diag) WARN_UNUSED;

/* intake_decode, delivery_decode - decode one record; names borrow from
 * value */
int intake_decode(struct slice value, struct store_file *file,
    uint64_t *message, struct diag *diag) WARN_UNUSED;
int delivery_decode(struct slice value, struct store_delivery *delivery,
    struct diag *diag) WARN_UNUSED;

/* paged_recover - go on with numbers that no queue of ours gave before */
int paged_recover(struct store *store, int64_t now) WARN_UNUSED;

/* content_exists - check that a sealed object can be used: 0, or the error */
int content_exists(struct store *store, uint64_t id) WARN_UNUSED;

/* Where a record is put. */
enum message_place {
	MESSAGE_OVER,  /* over an older one */
	MESSAGE_BEYOND /* behind all others, which costs less */
};

/* message_prepare - check a new message, set the length of its envelope, and
 * count its use of its objects */
int message_prepare(struct store *store, struct store_message *m) WARN_UNUSED;

/* message_insert - write a record that is not there, and count it */
int message_insert(struct store *store, const struct store_message *m,
    enum message_place place) WARN_UNUSED;

/* message_load - find a record in the map and decode it.  ERR_NOTFOUND */
struct record_body;
int message_load(struct store *store, uint64_t id,
    struct store_message *message, struct record_body *body) WARN_UNUSED;

/* message_decode - decode a record in the map, with its reason if it cannot
 * be */
struct record_body;
int message_decode(struct store *store, uint64_t id, struct slice value,
    struct store_message *message, struct record_body *body) WARN_UNUSED;

/* index_add, index_remove - index.c: the entries that a record has */
int
index_add(struct store *store, const struct store_message *message) WARN_UNUSED;
int index_remove(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/* index_remove_all - delete every entry that names an id; *removed is raised
 * by their number */
int index_remove_all(
    struct store *store, uint64_t id, unsigned *removed) WARN_UNUSED;

/* index_key - compute the database and key of the entry by its state
 * index_expiring - that of the one in DB_EXPIRING, where it has its own time */
enum db_name index_key(const struct store_message *message, struct db_key *key);
struct db_key index_expiring(const struct store_message *message);

/* store_error - note a reason in words and return code */
int store_error(struct store *store, int code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* store_load - call row for every entry of a database; what it returns other
 * than 0 ends that, with the entry named in diag */
typedef int (*store_load_row)(struct store *store, struct slice key,
    struct slice value, struct diag *diag);
int store_load(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag) WARN_UNUSED;

/* store_load_each - call row as store_load does, but a record that row finds
 * damaged is told (STORE_RECORD_DAMAGED) and left out */
int store_load_each(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag) WARN_UNUSED;

/* store_is_damage - test whether a code says that one record is not readable */
static inline bool
store_is_damage(int code)
{
	return code == ERR_CORRUPT || code == ERR_UNSUPPORTED;
}

/* By how much next numbers that are made again go beyond the highest found:
 * more than a queue gives without leaving a trace; so little that a message's
 * number keeps within the eight hexadecimal digits of which the names of a
 * postoffice's files are made. */
#define NUMBERS_GAP ((uint64_t)1 << 24)

/* derive_numbers - derive.c: the next numbers from all that is in the queue,
 * with a gap that no number given since can have crossed */
int derive_numbers(struct store *store, struct diag *diag) WARN_UNUSED;

/* counts_derive - make the counts from the messages, in memory */
int counts_derive(struct store *store, struct diag *diag) WARN_UNUSED;

/* counts_renew - clear the counts on disk in a transaction, and write all */
int counts_renew(struct store *store) WARN_UNUSED;

/* counts_recount - make the counts again in a transaction, from the messages
 * that can be read, after a record left that cannot */
int counts_recount(struct store *store) WARN_UNUSED;

#endif
