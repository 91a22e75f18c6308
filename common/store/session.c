/* SPDX-License-Identifier: ISC */
/*
 * session.c - what must be remembered of associations, the receiver's side
 *
 * See session.h.  A session has one record, and one for each of its last 32
 * transfers under keys that follow it: noting a transfer is one small put.
 */
#include <stdlib.h>

#include "store/session_state.h"

/* Sessions beyond a link's share that one more of it drives out. */
#define DROP_STEP 2

/* session_write - put a session's record */
static int
session_write(struct store *store, const struct session *s)
{
	struct db_key key = key_session(s->id, 0);
	struct session_record record = {.peer = s->peer,
	    .references = s->references,
	    .link = s->link,
	    .ended = s->ended,
	    .binding = s->binding};
	int rc;

	buffer_reset(&store->record);
	rc = session_record_encode(&record, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_SESSIONS, &key, buffer_slice(&store->record));
}

/* load_session - load the record of a session */
static int
load_session(
    struct store *store, uint64_t id, struct slice value, struct diag *diag)
{
	struct session_record record;
	struct session *s;
	int rc = session_record_decode(value, &record, diag);

	if (rc != 0)
		return rc;
	/* A session is found by these three, so a second record of them is
	 * damage. */
	if (session_by_name(
		store, record.peer, record.link, &record.references) != NULL)
		return diag_set(diag, ERR_CORRUPT,
		    "session %llu: is there twice", (unsigned long long)id);
	s = session_new(id, &record);
	if (s == NULL)
		return ERR_NOMEM;
	session_enlist(store, s);
	return 0;
}

/* load_transfer - load the record of a transfer, whose session was loaded
 * before */
static int
load_transfer(struct store *store, uint64_t id, uint64_t slot,
    struct slice value, struct diag *diag)
{
	struct session *s = session_by_id(store, id);
	struct transfer_record record;
	struct transfer *t;
	int rc = transfer_decode(value, &record, diag);

	/* A transfer without its session, or in another's slot, cannot be asked
	 * for. */
	if (rc == 0 && (s == NULL || session_slot(record.activity) + 1 != slot))
		rc = diag_set(diag, ERR_CORRUPT,
		    "session %llu: slot %llu is damaged",
		    (unsigned long long)id, (unsigned long long)slot);
	if (rc != 0)
		return rc;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ERR_NOMEM;
	t->session = s;
	t->activity = record.activity;
	t->message = record.message;
	t->key = record.key;
	/* Slots are reused, so the record on disk of an older activity is the
	 * same place. */
	s->slot[slot - 1] = t;
	s->transfers++;
	if (t->activity > s->last_activity)
		s->last_activity = t->activity;
	transfers_link(&store->sessions, t);
	return 0;
}

/* session_load - load the record of a session or of a transfer */
static int
session_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	uint64_t id, slot;

	/* Eight octets of the session and one of the slot; 0 is the session
	 * itself. */
	if (key.len != 9)
		return diag_set(diag, ERR_CORRUPT, "session: bad key");
	id = key_number(key, 0, 8);
	slot = key_number(key, 8, 1);
	if (slot == 0)
		return load_session(store, id, value, diag);
	return load_transfer(store, id, slot, value, diag);
}

/* sessions_load - load all sessions */
int
sessions_load(struct store *store, struct diag *diag)
{
	/* A damaged session costs the memory of its transfers, not the
	 * start. */
	return store_load_each(store, DB_SESSIONS, session_load, diag);
}

/* undo_open - undo opening a session */
static void
undo_open(struct store *store, void *object, uint64_t number)
{
	(void)number;
	session_delist(store, object);
	session_free(object);
}

/* undo_forget - undo forgetting a session */
static void
undo_forget(struct store *store, void *object, uint64_t number)
{
	(void)number;
	session_enlist(store, object);
}

/* session_forgotten - free a session whose forgetting was committed */
static void
session_forgotten(struct store *store, void *object, uint64_t number)
{
	(void)store;
	(void)number;
	session_free(object);
}

/* undo_end - undo ending a session, or opening it again */
static void
undo_end(struct store *store, void *object, uint64_t number)
{
	struct session *s = object;

	session_set_ended(store, s, (int64_t)number);
}

/* set_ended - set when a session ended, on disk and in memory */
static int
set_ended(struct store *store, struct session *s, int64_t ended)
{
	struct undo_entry note = {
	    .undo = undo_end, .object = s, .number = (uint64_t)s->ended};
	int rc;

	/* Nothing is written for a state that is there already. */
	if (s->ended == ended)
		return 0;
	/* Memory for the undo is taken first: what is changed must be possible
	 * to put back. */
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	/* In memory before the record is written from there; the undo takes it
	 * back. */
	session_set_ended(store, s, ended);
	undo_note(&store->undo, note);
	rc = session_write(store, s);
	return rc;
}

/* undo_bind - undo a binding: object is the one before */
static void
undo_bind(struct store *store, void *object, uint64_t number)
{
	struct session *s = session_by_id(store, number);

	if (s != NULL)
		s->binding = *(struct store_binding *)object;
	free(object);
}

/* binding_committed - free the binding that was replaced, when the new one
 * is committed */
static void
binding_committed(struct store *store, void *object, uint64_t number)
{
	(void)store;
	(void)number;
	free(object);
}

/* set_binding - set the binding of a session, on disk and in memory */
static int
set_binding(
    struct store *store, struct session *s, const struct store_binding *binding)
{
	struct undo_entry entry = {
	    .undo = undo_bind, .done = binding_committed, .number = s->id};
	struct store_binding *before = malloc(sizeof(*before));

	/* Copied before the change, so that an abort can put it back. */
	if (before == NULL || undo_reserve(&store->undo, 1) != 0) {
		free(before);
		return db_fail(&store->db, ERR_NOMEM);
	}
	*before = s->binding;
	s->binding = *binding;
	entry.object = before;
	undo_note(&store->undo, entry);
	return session_write(store, s);
}

/* mark_shared - mark a session that is opened while it is open: who has
 * which part of it cannot be told any more */
static int
/* Two associations with one session mean that the peer used its references
 * twice: which of them has which transfer cannot be told. */
mark_shared(struct store *store, struct session *s)
{
	struct store_binding binding = s->binding;

	if (s->ended != 0 || binding.shared)
		return 0;
	binding.shared = true;
	return set_binding(store, s, &binding);
}

/* session_forget - remove a session from disk and memory */
static int
session_forget(struct store *store, struct session *s)
{
	struct db_key key = key_session(s->id, 0);
	unsigned i;
	int rc;

	/* The record first and the transfers with it, in one transaction: a
	 * crash leaves either all or none. */
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	rc = db_delete(&store->db, DB_SESSIONS, &key);
	for (i = 0; i < STORE_SESSION_TRANSFERS && rc == 0; i++) {
		if (s->slot[i] == NULL)
			continue;
		key = key_session(s->id, i + 1);
		rc = db_delete(&store->db, DB_SESSIONS, &key);
	}
	if (rc != 0)
		return db_fail(&store->db, rc);
	/* Freed only when the commit is certain. */
	session_delist(store, s);
	undo_note(&store->undo,
	    (struct undo_entry){
		.undo = undo_forget, .done = session_forgotten, .object = s});
	return 0;
}

/* oldest_ended - find the oldest session of a link that ended, or NULL */
static struct session *
oldest_ended(const struct store *store, uint32_t link)
{
	struct session *s;

	/* No session of this link has ended, so none can be given up without
	 * harm. */
	if (store->links.entry[link].ended == 0)
		return NULL;
	for (s = session_of_link(store, link, 0); s != NULL && s->ended == 0;)
		s = session_of_link(store, link, s->id);
	return s;
}

/* largest_link - find the link that has the most sessions */
static uint32_t
largest_link(const struct store *store)
{
	const struct link_entry *entry = store->links.entry;
	uint32_t link, largest = 0;

	/* The largest gives way, so that a link that opens many sessions harms
	 * itself. */
	for (link = 1; link <= store->links.count; link++)
		if (entry[link].sessions > entry[largest].sessions)
			largest = link;
	return largest;
}

/* sessions_max - compute the bound of all sessions together */
static unsigned
sessions_max(const struct store *store)
{
	unsigned max = store->links.count * STORE_SESSIONS_LINK;

	/* Every link has its share even if the total bound is smaller. */
	return max > STORE_SESSIONS_MAX ? max : STORE_SESSIONS_MAX;
}

/*
 * drop_oldest - make room for one more session of a link
 *
 * A link that has more than its share, of a queue that was written without
 * this bound, gets there in steps: a transaction stays small.
 */
static int
drop_oldest(struct store *store, uint32_t link, unsigned *dropped)
{
	struct session *s;
	int rc;

	*dropped = 0;
	if (link > store->links.count)
		return ERR_VALUE;
	/* In steps, because each forgetting deletes up to 33 records. */
	while (store->links.entry[link].sessions >= STORE_SESSIONS_LINK &&
	    *dropped < DROP_STEP && (s = oldest_ended(store, link)) != NULL) {
		rc = session_forget(store, s);
		if (rc != 0)
			return rc;
		++*dropped;
	}
	while (store->sessions.count >= sessions_max(store)) {
		link = largest_link(store);
		s = oldest_ended(store, link);
		/* Where a link has no session that ended, its oldest open one
		 * goes; the peer sends again and may be told that it is
		 * unknown. */
		if (s == NULL)
			s = session_of_link(store, link, 0);
		rc = s != NULL ? session_forget(store, s) : ERR_LIMIT;
		if (rc != 0)
			return rc;
		++*dropped;
	}
	return 0;
}

/* open_new - open a session that is not known yet */
static int
open_new(struct store *store, const struct session_record *record, uint64_t *id,
    unsigned *dropped)
{
	struct session *s;
	int rc = drop_oldest(store, record->link, dropped);

	if (rc != 0)
		return rc;
	if (undo_reserve(&store->undo, 1) != 0)
		return db_fail(&store->db, ERR_NOMEM);
	/* A number that was taken is not given again, even if the transaction
	 * is aborted. */
	s = session_new(numbers_take(store, NEXT_SESSION), record);
	if (s == NULL)
		return db_fail(&store->db, ERR_NOMEM);
	rc = session_write(store, s);
	if (rc != 0) {
		session_free(s);
		return rc;
	}
	session_enlist(store, s);
	undo_note(
	    &store->undo, (struct undo_entry){.undo = undo_open, .object = s});
	*id = s->id;
	return 0;
}

/* store_session_open - remember a session that began */
int
store_session_open(struct store *store, struct slice peer, uint32_t link,
    const struct session_references *references, uint64_t *id, bool *resumed,
    unsigned *dropped)
{
	struct session_record record = {
	    .peer = peer, .references = *references, .link = link};
	struct session *s;
	unsigned gone = 0;
	uint64_t number = 0;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* A longer name would not be read back. */
	if (peer.len > STORE_SESSION_PEER_MAX)
		return store_error(store, ERR_LIMIT, "session: name too long");
	s = session_by_name(store, peer, link, references);
	if (s != NULL) {
		/* Opened again by the same references: the earlier worker may
		 * still be there. */
		rc = mark_shared(store, s);
		if (rc == 0)
			rc = set_ended(store, s, 0);
		number = s->id;
	} else {
		rc = open_new(store, &record, &number, &gone);
	}
	if (rc != 0)
		return rc;
	*id = number;
	if (resumed != NULL)
		*resumed = s != NULL;
	if (dropped != NULL)
		*dropped = gone;
	return 0;
}

/* describe - describe a session for a caller */
static int
describe(const struct session *s, struct store_session *session)
{
	if (s == NULL)
		return ERR_NOTFOUND;
	*session = (struct store_session){.id = s->id,
	    .link = s->link,
	    .ended = s->ended,
	    .last_activity = s->last_activity,
	    .transfers = s->transfers,
	    .binding = s->binding};
	return 0;
}

/* store_session_bind - note what a session is bound to */
int
store_session_bind(
    struct store *store, uint64_t id, const struct store_binding *binding)
{
	struct session *s = session_by_id(store, id);
	struct store_binding to = *binding;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (s == NULL)
		return ERR_NOTFOUND;
	/* The record is read with the same bounds. */
	if (to.address_len > STORE_ADDRESS_MAX ||
	    (to.token_len != 0 && to.token_len != STORE_TOKEN_LEN))
		return store_error(store, ERR_LIMIT, "session: binding");
	/* A binding never stops being shared: the peer's earlier use of these
	 * references does not come back. */
	to.shared = s->binding.shared;
	return set_binding(store, s, &to);
}

/* store_session_by_references - find the session with these references */
int
store_session_by_references(const struct store *store,
    const struct session_references *references, struct store_session *session)
{
	struct session *s = session_by_references(store, references);

	/* References that two sessions have had prove nothing: the caller must
	 * not get what the other sent. */
	if (s != NULL &&
	    (s->binding.shared || session_same_references(s) != NULL))
		return ERR_EXISTS;
	return describe(s, session);
}

/* store_session_references - get the three references of a session */
int
store_session_references(const struct store *store, uint64_t id,
    struct session_references *references)
{
	const struct session *s = session_by_id(store, id);

	if (s == NULL)
		return ERR_NOTFOUND;
	*references = s->references;
	return 0;
}

/* store_session_next - get the next session in order of id */
int
store_session_next(
    const struct store *store, uint64_t after, struct store_session *session)
{
	return describe(session_after(store, after), session);
}

/* store_session_find - find the session of a peer on a link with these
 * references */
int
store_session_find(const struct store *store, struct slice peer, uint32_t link,
    const struct session_references *references, struct store_session *session)
{
	return describe(
	    session_by_name(store, peer, link, references), session);
}

/* store_session_get - get a session by id */
int
store_session_get(
    const struct store *store, uint64_t id, struct store_session *session)
{
	return describe(session_by_id(store, id), session);
}

/* store_session_close - note that a session ended */
int
store_session_close(
    struct store *store, uint64_t id, enum store_session_end how, int64_t now)
{
	struct session *s = session_by_id(store, id);
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	if (s == NULL)
		return ERR_NOTFOUND;
	/* Released in good order means that both sides have agreed on
	 * everything: nothing is left to remember. */
	if (how == STORE_SESSION_RELEASED)
		return session_forget(store, s);
	return set_ended(store, s, now > 0 ? now : 1);
}

/* store_session_expire - forget those that ended before a time */
int
store_session_expire(struct store *store, int64_t before, unsigned max)
{
	struct session *s, *next;
	int count = 0, rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	for (s = session_after(store, 0); s != NULL; s = next) {
		/* The next one is found before this one is freed. */
		next = session_after(store, s->id);
		/* Bounded, as each forgetting deletes up to 33 records. */
		if ((unsigned)count == max)
			break;
		if (s->ended == 0 || s->ended >= before)
			continue;
		rc = session_forget(store, s);
		if (rc != 0)
			return rc;
		count++;
	}
	return count;
}

/*
 * sessions_recover - end the sessions that were open when the last process
 * died
 *
 * Where a worker may still be at work, and has a token to prove that, the
 * session stays open: qmgr waits for it and ends it if nobody comes.
 */
int
sessions_recover(struct store *store, int64_t now)
{
	struct session *s;
	uint64_t id;
	int rc;

	for (id = 0; (s = session_after(store, id)) != NULL; id = s->id) {
		/* Without a token nobody can prove to have the session: it
		 * ended with the process. */
		if (s->ended != 0 || s->binding.token_len > 0)
			continue;
		rc = set_ended(store, s, now > 0 ? now : 1);
		if (rc != 0)
			return rc;
		store->recovery.sessions++;
	}
	return 0;
}
