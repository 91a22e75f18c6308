/* SPDX-License-Identifier: ISC */
/*
 * session_state.h - private to store/: sessions and transfers in memory, and
 * as records
 */
#ifndef FOURPOST_STORE_SESSION_STATE_H
#define FOURPOST_STORE_SESSION_STATE_H

#include "store/state.h"

/* A transfer, in its session's slot and in the table by key. */
struct transfer {
	struct table_link link;
	struct session *session;
	struct transfer *replaced; /* kept while its end can be undone */
	uint64_t last_activity;	   /* of the session, before */
	uint64_t activity;
	uint64_t message;
	struct store_key key;
};

struct session {
	RB_ENTRY(session) id_tree;
	RB_ENTRY(session) name_tree;
	RB_ENTRY(session) link_tree;
	RB_ENTRY(session) references_tree;
	uint64_t id;
	uint64_t last_activity;
	int64_t ended;
	uint32_t link;
	unsigned transfers;
	struct slice peer; /* borrows from octets */
	struct session_references references;
	struct store_binding binding;
	struct transfer *slot[STORE_SESSION_TRANSFERS]; /* owned */
	uint8_t octets[];
};

/* The records of a session and of a transfer; slices borrow. */
struct session_record {
	struct slice peer;
	struct session_references references;
	uint32_t link;
	int64_t ended;
	struct store_binding binding;
};
struct transfer_record {
	uint64_t activity;
	uint64_t message;
	struct store_key key;
};

/* session_slot - compute the slot of an activity, from 0 */
static inline unsigned
session_slot(uint64_t activity)
{
	return (unsigned)(activity % STORE_SESSION_TRANSFERS);
}

/* The records as BER. */
int session_record_decode(struct slice value, struct session_record *record,
    struct diag *diag) WARN_UNUSED;
int transfer_decode(struct slice value, struct transfer_record *record,
    struct diag *diag) WARN_UNUSED;
int session_record_encode(
    const struct session_record *record, struct buffer *out) WARN_UNUSED;
int transfer_encode(
    const struct transfer_record *record, struct buffer *out) WARN_UNUSED;
int batch_decode(struct slice value, struct store_batch *batch,
    struct diag *diag) WARN_UNUSED;
int
batch_encode(const struct store_batch *batch, struct buffer *out) WARN_UNUSED;

/*
 * The sessions in memory.  session_new makes one that is in no tree yet, or
 * gives NULL; session_free takes one that is in none, with its transfers;
 * session_enlist and session_delist put both where they are found, and away.
 */
struct session *session_new(uint64_t id, const struct session_record *record);
void session_free(struct session *session);
void session_enlist(struct store *store, struct session *session);
void session_delist(struct store *store, struct session *session);

/* By id, by name, the one after an id: or NULL. */
struct session *session_by_id(const struct store *store, uint64_t id);
struct session *session_by_name(const struct store *store, struct slice peer,
    uint32_t link, const struct session_references *references);
struct session *session_after(const struct store *store, uint64_t id);

/* session_set_ended - say when a session ended, 0: it is open; in memory */
void session_set_ended(struct store *store, struct session *s, int64_t ended);

/* session_of_link - find the session of a link with the least id above one, or
 * NULL */
struct session *
session_of_link(const struct store *store, uint32_t link, uint64_t id);
/* session_by_references - find the first session with these references, in
 * order of id, whoever its peer is; session_same_references - find the next
 * one with the same; or NULL */
struct session *session_by_references(
    const struct store *store, const struct session_references *references);
struct session *session_same_references(struct session *session);

/* The table of transfers by key. */
void transfers_link(struct sessions *sessions, struct transfer *transfer);
void transfers_unlink(struct sessions *sessions, struct transfer *transfer);
struct transfer *transfers_find(const struct sessions *sessions, uint32_t link,
    const struct store_key *key);

#endif
