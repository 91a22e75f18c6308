/* SPDX-License-Identifier: ISC */
/*
 * partial.c - transfers that came in part and can be continued
 *
 * See partial.h.  There are never more of them than associations within a
 * recovery timeout, so one is found by reading all.
 */
#include "store/partial.h"

#include "store/record.h"
#include "store/state.h"

/* put_mark - write a mark over the record of a content, which stays with its
 * source */
static int
put_mark(struct store *store, const struct db_key *key,
    const struct store_partial *partial, struct slice old)
{
	struct store_partial was = {.source = STORE_SOURCE_NOBODY};
	struct store_partial mark = *partial;
	struct diag diag = {.code = 0};
	int rc = partial_decode(old, &was, &diag);

	/* The mark replaces the whole record, so a record that cannot be read
	 * must not be written over. */
	if (rc < 0)
		return store_error(store, rc, "content %llu: %s",
		    (unsigned long long)partial->content, diag_text(&diag));
	/* The sender of the first octets stays the source: the caller may not
	 * move them to another share. */
	mark.source = was.source;
	buffer_reset(&store->record);
	rc = partial_encode(&mark, &store->record);
	if (rc != 0)
		return db_fail(&store->db, rc);
	return db_put(
	    &store->db, DB_PARTIAL, key, buffer_slice(&store->record));
}

/* store_partial_mark - give a content its mark */
int
store_partial_mark(struct store *store, const struct store_partial *partial)
{
	struct db_key key = key_id(partial->content);
	struct slice value;
	int rc = db_writable(&store->db);

	if (rc != 0)
		return rc;
	/* Envelope and state are what a transfer is resumed with: a mark
	 * without them is of no use. */
	if (partial->envelope.len == 0 || partial->state.len == 0 ||
	    partial->offset < partial->envelope.len ||
	    partial->offset > RECORD_NUMBER_MAX ||
	    partial->activity > RECORD_NUMBER_MAX)
		return store_error(store, ERR_VALUE, "mark: out of range");
	/* Compared by subtraction, since the sum could wrap. */
	if (partial->envelope.len > STORE_MARK_MAX ||
	    partial->state.len > STORE_MARK_MAX - partial->envelope.len)
		return store_error(store, ERR_LIMIT, "mark: too long");
	rc = db_get(&store->db, DB_PARTIAL, &key, &value);
	return rc == 0 ? put_mark(store, &key, partial, value) : rc;
}

/* partial_at - get and decode the record of a content: 1 if it has a mark */
static int
partial_at(struct store *store, const struct db_key *key, struct arena *arena,
    struct store_partial *partial)
{
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	rc = db_get(&store->db, DB_PARTIAL, key, &value);
	if (rc == 0)
		rc = arena_slice(arena, value, &value);
	db_leave(&store->db);
	if (rc != 0)
		return rc;
	rc = partial_decode(value, partial, &diag);
	if (rc < 0)
		return store_error(store, rc, "content %llu: %s",
		    (unsigned long long)partial->content, diag_text(&diag));
	return rc;
}

/* store_partial_next - get the next content with a mark */
int
store_partial_next(struct store *store, uint64_t after, struct arena *arena,
    struct store_partial *partial)
{
	struct store_partial p;
	struct db_key at, found;
	int rc;

	for (;;) {
		/* The last number has none after it, and adding to it would
		 * begin again. */
		if (after == UINT64_MAX)
			return ERR_NOTFOUND;
		at = key_id(after + 1);
		rc = db_find(&store->db, DB_PARTIAL, &at, &found);
		if (rc != 0)
			return rc;
		if (found.len != 8)
			return store_error(
			    store, ERR_CORRUPT, "partial: bad key");
		after = key_number(slice_of(found.octets, found.len), 0, 8);
		p = (struct store_partial){.content = after};
		rc = partial_at(store, &found, arena, &p);
		if (rc < 0)
			return rc;
		/* A content without a mark cannot be continued, and is passed
		 * over. */
		if (rc == 1) {
			*partial = p;
			return 0;
		}
	}
}

/* store_partial_find - find the content of an activity of a session */
int
store_partial_find(struct store *store, uint64_t session, uint64_t activity,
    struct arena *arena, struct store_partial *partial)
{
	struct store_partial p = {.content = 0};
	int rc;

	for (;;) {
		arena_reset(arena);
		rc = store_partial_next(store, p.content, arena, &p);
		if (rc != 0)
			return rc;
		/* A transfer that was resumed once is asked for by its newer
		 * name or by the older one. */
		if ((p.session == session && p.activity == activity) ||
		    (p.old_session == session && p.old_activity == activity &&
			session != 0))
			break;
	}
	*partial = p;
	return 0;
}

/* add_partial - add one content to the total of its source */
static void
add_partial(struct store *store, const struct store_partial *partial,
    struct store_partial_total *total)
{
	uint64_t length = 0;

	if (store_content_length(store, partial->content, &length) != 0)
		return;
	total->contents++;
	total->octets += length;
	/* The oldest mark says for how long the peer has not come back. */
	if (partial->time != 0 &&
	    (total->oldest == 0 || partial->time < total->oldest))
		total->oldest = partial->time;
}

/* store_partial_sum - add up the partial contents of each source */
int
store_partial_sum(
    struct store *store, struct store_partial_total *totals, uint32_t count)
{
	struct db_key at = key_id(0), found;
	struct store_partial partial;
	struct diag diag = {.code = 0};
	struct slice value;
	int rc = db_enter(&store->db);

	if (rc != 0)
		return rc;
	memset(totals, 0, count * sizeof(*totals));
	while ((rc = db_find(&store->db, DB_PARTIAL, &at, &found)) == 0 &&
	    found.len == 8) {
		partial = (struct store_partial){
		    .content =
			key_number(slice_of(found.octets, found.len), 0, 8),
		    .source = STORE_SOURCE_NOBODY};
		at = key_id(partial.content + 1);
		if (db_get(&store->db, DB_PARTIAL, &found, &value) == 0 &&
		    partial_decode(value, &partial, &diag) >= 0 &&
		    partial.source < count)
			add_partial(store, &partial, &totals[partial.source]);
	}
	db_leave(&store->db);
	return rc == ERR_NOTFOUND ? 0 : rc;
}
