/* SPDX-License-Identifier: ISC */
/*
 * state.h - private to store/: what the store keeps in memory
 *
 * Each part belongs to the file named beside it.  Memory follows the disk: a
 * change in memory is made after the change on disk has been put into the
 * transaction, and undone if that is aborted (undo.h).
 */
#ifndef FOURPOST_STORE_STATE_H
#define FOURPOST_STORE_STATE_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "store/db.h"
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
};

/* link.c */
struct link_entry {
	struct store_link link;
	struct store_total total; /* counts.c */
	struct store_total by[STORE_STATES][STORE_PRIORITIES];
};

struct links {
	struct link_entry *entry; /* owned; [0] is no link */
	uint32_t count;		  /* without [0] */
	uint32_t named; /* the highest in a message, where one is damaged */
	uint32_t capacity;
};

/* counts.c */
struct count {
	RB_ENTRY(count) tree;
	SLIST_ENTRY(count) changed_next;
	struct store_count count;
	struct store_total committed;
	bool changed; /* in this transaction */
};
RB_HEAD(count_tree, count);
SLIST_HEAD(count_list, count);

struct counts {
	struct count_tree tree;
	struct count_list changed;
	struct store_total total;
	bool derived; /* they were when the queue was opened, not yet on disk */
};

/* session.c */
struct session;
struct transfer;
RB_HEAD(session_ids, session);
RB_HEAD(session_names, session);
RB_HEAD(session_links, session);

struct sessions {
	struct session_ids ids;
	struct session_names names;
	struct session_links links;
	unsigned count;
	struct transfer **bucket; /* owned; chains by key */
	size_t buckets;		  /* a power of two, or 0 */
	size_t transfers;
	uint64_t seed;
};

/* intake.c */
struct intake;
RB_HEAD(intake_files, intake);
RB_HEAD(intake_notes, intake);

struct intakes {
	struct intake_files files;
	struct intake_notes notes;
	unsigned count;
};

struct each;

struct store {
	struct db db;
	struct each *each; /* store.c; during store_load_each */
	uint64_t queue_size;
	struct numbers numbers, committed_numbers;
	struct links links;
	struct counts counts;
	struct sessions sessions;
	struct intakes intakes;
	struct undo undo;
	uint64_t reap_pending; /* content.c */
	struct store_recovery recovery;
	struct buffer record; /* one record while it is being encoded */
	struct buffer body;   /* envelope and content while they are moved */
	uint64_t disk_looked; /* room.c; monotonic ms, 0: never */
	bool disk_low;
};

/* numbers_load, numbers_flush - numbers.c: the header record */
int numbers_load(struct store *store, struct diag *diag) WARN_UNUSED;
int numbers_flush(struct store *store) WARN_UNUSED;

/* numbers_take - the next number of a kind; given back by an abort */
uint64_t numbers_take(struct store *store, enum store_number kind);

/* links_load - all of them; links_fini - their memory */
int links_load(struct store *store, struct diag *diag) WARN_UNUSED;
void links_fini(struct store *store);

/* links_fill - stand-ins for links up to a number whose names are lost; the
 * name of one begins so */
#define LINK_LOST "lost-"
int links_fill(struct store *store, uint32_t number) WARN_UNUSED;

/* link_decode - one record, for links_load and x4check */
int link_decode(struct slice key, struct slice value, struct store_link *link,
    struct diag *diag) WARN_UNUSED;

/* counts_load, counts_fini */
int counts_load(struct store *store, struct diag *diag) WARN_UNUSED;
void counts_fini(struct store *store);

/* count_decode - one record */
int count_decode(struct slice key, struct slice value,
    struct store_count *count, struct diag *diag) WARN_UNUSED;

/* counts_find - the total of a place into *count: whether there is one */
bool counts_find(const struct store *store, struct store_count *count);

/* counts_add, counts_remove - a message came to, or left, its place */
int counts_add(
    struct store *store, const struct store_message *message) WARN_UNUSED;
int counts_remove(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/* counts_flush - write those that changed; counts_committed, counts_undo -
 * how the transaction ended */
int counts_flush(struct store *store) WARN_UNUSED;
void counts_committed(struct store *store);
void counts_undo(struct store *store);

/* sessions_load, sessions_fini; sessions_recover - end those that were open */
int sessions_load(struct store *store, struct diag *diag) WARN_UNUSED;
int sessions_recover(struct store *store, int64_t now) WARN_UNUSED;
void sessions_fini(struct store *store);

/* intakes_load, intakes_fini */
int intakes_load(struct store *store, struct diag *diag) WARN_UNUSED;
void intakes_fini(struct store *store);

/* contents_load - what waits; contents_recover - what is partial goes */
int contents_load(struct store *store, struct diag *diag) WARN_UNUSED;
int contents_recover(struct store *store) WARN_UNUSED;

/* content_use - take a reference to a sealed object of this length;
 * content_release - give it back */
int content_use(struct store *store, uint64_t id, uint64_t length) WARN_UNUSED;
int content_release(struct store *store, uint64_t id) WARN_UNUSED;

/* partial_decode - the record of a partial content: 1 if it has a mark, 0 if
 * not; slices borrow */
int partial_decode(struct slice value, struct store_partial *partial,
    struct diag *diag) WARN_UNUSED;

/* object_decode - the record of a content object */
int object_decode(struct slice value, uint64_t *length, uint64_t *references,
    struct diag *diag) WARN_UNUSED;

/* intake_decode, delivery_decode - one record; names borrow from value */
int intake_decode(struct slice value, struct store_file *file,
    uint64_t *message, struct diag *diag) WARN_UNUSED;
int delivery_decode(struct slice value, struct store_delivery *delivery,
    struct diag *diag) WARN_UNUSED;

/* message_delete_parts - delete the parts of a body from a part on */
int message_delete_parts(
    struct store *store, uint64_t id, unsigned part) WARN_UNUSED;

/* message_delete_damaged - aside.c: delete a record that cannot be decoded,
 * and all entries that name it */
int message_delete_damaged(struct store *store, uint64_t id) WARN_UNUSED;

/* content_exists - 0 if a sealed object can be used, else the error */
int content_exists(struct store *store, uint64_t id) WARN_UNUSED;

/* message_decode - a record in the map, with its reason if it cannot be */
struct record_body;
int message_decode(struct store *store, uint64_t id, struct slice value,
    struct store_message *message, struct record_body *body) WARN_UNUSED;

/* index_add, index_remove - index.c: the one entry that a record has */
int
index_add(struct store *store, const struct store_message *message) WARN_UNUSED;
int index_remove(
    struct store *store, const struct store_message *message) WARN_UNUSED;

/* index_key - that entry: its database and key */
enum db_name index_key(const struct store_message *message, struct db_key *key);

/* store_error - note a reason in words and return code */
int store_error(struct store *store, int code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* store_load - call row for every entry of a database; what it returns other
 * than 0 ends that, with the entry named in diag */
typedef int (*store_load_row)(struct store *store, struct slice key,
    struct slice value, struct diag *diag);
int store_load(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag) WARN_UNUSED;

/* store_load_each - as store_load, but a record that row finds damaged is told
 * (STORE_RECORD_DAMAGED) and left out */
int store_load_each(struct store *store, enum db_name name, store_load_row row,
    struct diag *diag) WARN_UNUSED;

/* store_is_damage - whether a code says that one record is not readable */
static inline bool
store_is_damage(int code)
{
	return code == ERR_CORRUPT || code == ERR_UNSUPPORTED;
}

/* derive_numbers - derive.c: the next numbers from all that is in the queue,
 * with a gap that no number given since can have crossed */
int derive_numbers(struct store *store, struct diag *diag) WARN_UNUSED;

/* counts_derive - make the counts from the messages, in memory */
int counts_derive(struct store *store, struct diag *diag) WARN_UNUSED;

/* counts_renew - in a transaction: clear those on disk, write all */
int counts_renew(struct store *store) WARN_UNUSED;

/* counts_recount - in a transaction: make the counts from the messages that
 * can be read, after a record left that cannot */
int counts_recount(struct store *store) WARN_UNUSED;

#endif
