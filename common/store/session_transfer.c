/* SPDX-License-Identifier: ISC */
/*
 * session_transfer.c - the transfers that are remembered of a session
 *
 * See session.h.  A session remembers its last 32: each takes the slot, and
 * the record, of the one before it.
 */
#include <stdlib.h>

#include "store/session_state.h"

/* undo_note_transfer - undo noting a transfer */
static void
undo_note_transfer(struct store *store, void *object, uint64_t number)
{
	struct transfer *t = object;
	struct session *s = t->session;

	(void)number;
	/* In the reverse order of remember(). */
	transfers_unlink(&store->sessions, t);
	s->slot[session_slot(t->activity)] = t->replaced;
	if (t->replaced != NULL)
		transfers_link(&store->sessions, t->replaced);
	else
		s->transfers--;
	s->last_activity = t->last_activity;
	free(t);
}

/* transfer_committed - free the transfer that was replaced, when the new one
 * is committed */
static void
transfer_committed(struct store *store, void *object, uint64_t number)
{
	struct transfer *t = object;

	(void)store;
	(void)number;
	free(t->replaced);
	t->replaced = NULL;
}

/* remember - put a transfer in its session's slot, in memory */
static void
remember(struct store *store, struct session *s, struct transfer *t)
{
	/* The slot of an activity is its number within the last 32: the newest
	 * replaces the oldest. */
	struct transfer **slot = &s->slot[session_slot(t->activity)];

	/* The one replaced is kept until the commit, since an abort has to
	 * bring it back. */
	t->session = s;
	t->replaced = *slot;
	t->last_activity = s->last_activity;
	if (t->replaced != NULL)
		transfers_unlink(&store->sessions, t->replaced);
	else
		s->transfers++;
	*slot = t;
	transfers_link(&store->sessions, t);
	if (t->activity > s->last_activity)
		s->last_activity = t->activity;
	undo_note(&store->undo,
	    (struct undo_entry){.undo = undo_note_transfer,
		.done = transfer_committed,
		.object = t});
}

/* store_session_note_transfer - note that this transaction completes an
 * activity */
int
store_session_note_transfer(struct store *store, uint64_t id, uint64_t activity,
    const struct store_key *key, uint64_t message)
{
	struct transfer_record record = {
	    .activity = activity, .message = message, .key = *key};
	struct db_key at = key_session(id, session_slot(activity) + 1);
	struct session *s = session_by_id(store, id);
	struct transfer *t;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (s == NULL)
		return ERR_NOTFOUND;
	/* BER integers are signed, and so are the numbers in the record. */
	if (activity > INT64_MAX || message > INT64_MAX)
		return store_error(store, ERR_VALUE, "transfer: out of range");
	/* All memory is taken before the first write: behind it nothing may
	 * fail but the database. */
	t = calloc(1, sizeof(*t));
	if (t == NULL || undo_reserve(&store->undo, 1) != 0) {
		free(t);
		return db_fail(&store->db, ERR_NOMEM);
	}
	t->activity = activity;
	t->message = message;
	t->key = *key;
	buffer_reset(&store->record);
	rc = transfer_encode(&record, &store->record);
	if (rc == 0)
		rc = db_put(
		    &store->db, DB_SESSIONS, &at, buffer_slice(&store->record));
	if (rc != 0) {
		free(t);
		return db_fail(&store->db, rc);
	}
	/* Last, so that a failed write leaves memory as it was. */
	remember(store, s, t);
	return 0;
}

/* describe_transfer - describe a transfer for a caller */
static int
describe_transfer(const struct transfer *t, struct store_transfer *transfer)
{
	if (t == NULL)
		return ERR_NOTFOUND;
	if (transfer != NULL)
		*transfer = (struct store_transfer){.session = t->session->id,
		    .activity = t->activity,
		    .message = t->message};
	return 0;
}

/* store_transfer_find - find a remembered transfer on a link by its key */
int
store_transfer_find(const struct store *store, uint32_t link,
    const struct store_key *key, struct store_transfer *transfer)
{
	return describe_transfer(
	    transfers_find(&store->sessions, link, key), transfer);
}

/* store_session_activity - find the transfer of an activity of a session */
int
store_session_activity(const struct store *store, uint64_t id,
    uint64_t activity, struct store_transfer *transfer)
{
	const struct session *s = session_by_id(store, id);
	const struct transfer *t;

	/* A slot that was reused has another activity by now. */
	if (s == NULL)
		return ERR_NOTFOUND;
	t = s->slot[session_slot(activity)];
	return t != NULL && t->activity == activity
	    ? describe_transfer(t, transfer)
	    : ERR_NOTFOUND;
}
