/* SPDX-License-Identifier: ISC */
/*
 * counts.c - how much is queued, by link, priority, state and hour
 *
 * See counts.h; tally.h has what these counts share with those of sources.
 */
#include "store/record.h"
#include "store/state.h"

/* key_of - make the key of a place */
static struct tally_key
key_of(const struct store_count *count)
{
	return (struct tally_key){.link = count->link,
	    .priority = (uint8_t)count->priority,
	    .state = (uint8_t)count->state,
	    .number = count->hour};
}

/* count_of - make a count of the key and value of a tally */
static struct store_count
count_of(const struct tally_key *key, const struct tally_value *value)
{
	return (struct store_count){.link = key->link,
	    .priority = (enum store_priority)key->priority,
	    .state = (enum store_state)key->state,
	    .hour = key->number,
	    .total = {value->messages, value->octets, value->recipients,
		value->waiting}};
}

/* move_total - bring a sum from the old value of a count to the new */
static void
move_total(struct store_total *total, const struct tally_value *old,
    const struct tally_value *now)
{
	tally_move(&total->messages, old->messages, now->messages);
	tally_move(&total->octets, old->octets, now->octets);
	tally_move(&total->recipients, old->recipients, now->recipients);
	tally_move(&total->waiting, old->waiting, now->waiting);
}

/* sum_counts - keep the sums of the queue, a link, and its states */
static void
sum_counts(struct store *store, const struct tally_key *key,
    struct tally_value old, struct tally_value now)
{
	struct link_entry *link = &store->links.entry[key->link];

	move_total(&store->counts.total, &old, &now);
	move_total(&link->total, &old, &now);
	move_total(&link->by[key->state][key->priority], &old, &now);
}

/* counts_init - prepare for the counts */
void
counts_init(struct store *store)
{
	tally_init(&store->counts.table, sum_counts);
}

/* count_decode - decode the record of a count */
int
count_decode(struct slice key, struct slice value, struct store_count *count,
    struct diag *diag)
{
	struct tally_value v;
	struct tally_key k;
	int rc = tally_decode(key, value, "count", &k, &v, diag);

	if (rc != 0)
		return rc;
	if (k.priority >= STORE_PRIORITIES || k.state >= STORE_STATES)
		return diag_set(diag, ERR_CORRUPT, "count: bad key");
	*count = count_of(&k, &v);
	return 0;
}

/* count_load - load the record of a count, or of a source's */
static int
count_load(struct store *store, struct slice key, struct slice value,
    struct diag *diag)
{
	struct store_count loaded;
	struct tally_key at;
	int rc;

	/* Counts of sources share the database and are told by their key. */
	if (key.len == 10 && key_number(key, 4, 1) == KEY_SOURCE)
		return source_load_row(store, key, value, diag);
	rc = count_decode(key, value, &loaded, diag);
	if (rc != 0)
		return rc;
	/* A count of a link that is not known would be written outside the
	 * array below. */
	if (loaded.link > store->links.count)
		return diag_set(diag, ERR_CORRUPT, "count: there is no link %u",
		    loaded.link);
	at = key_of(&loaded);
	return tally_load(store, &store->counts.table, &at,
	    (struct tally_value){.messages = loaded.total.messages,
		.octets = loaded.total.octets,
		.recipients = loaded.total.recipients,
		.waiting = loaded.total.waiting});
}

/* counts_load - load all counts; the links are there */
int
counts_load(struct store *store, struct diag *diag)
{
	return store_load(store, DB_COUNTS, count_load, diag);
}

/* place_of - make the key of a message's place */
static struct tally_key
place_of(const struct store_message *m)
{
	/* Hours let x4queue show how old a backlog is without reading it. */
	return (struct tally_key){.link = m->link,
	    .priority = (uint8_t)m->priority,
	    .state = (uint8_t)m->state,
	    .number = (uint32_t)(m->arrival / STORE_HOUR_MS)};
}

/* waits - tell whether a message waits for the time that its originator
 * chose, and for nothing else */
static bool
waits(const struct store_message *m)
{
	/* A message that an older release queued was not counted so. */
	return m->state == STORE_DEFERRED && m->kind == MTS_MESSAGE &&
	    m->attempts == 0 && m->transfer_attempts == 0 &&
	    m->deferrals == 0 && m->recipients > 0;
}

/* value_of - make what one message counts */
static struct tally_value
value_of(const struct store_message *m)
{
	return (struct tally_value){.messages = 1,
	    .octets = m->content_length,
	    .recipients = m->recipients,
	    .waiting = waits(m)};
}

/* counts_add - count a message that came to its place */
int
counts_add(struct store *store, const struct store_message *message)
{
	struct tally_key key = place_of(message);

	return tally_add(store, &store->counts.table, &key, value_of(message));
}

/* counts_remove - count a message that left its place */
int
counts_remove(struct store *store, const struct store_message *message)
{
	struct tally_key key = place_of(message);

	return tally_take(store, &store->counts.table, &key, value_of(message));
}

/* counts_move - count a message in its new place, if that is another */
int
counts_move(struct store *store, const struct store_message *old,
    const struct store_message *message)
{
	int rc;

	if (old->link == message->link && old->priority == message->priority &&
	    old->state == message->state && waits(old) == waits(message))
		return 0;
	rc = counts_remove(store, old);
	return rc == 0 ? counts_add(store, message) : rc;
}

/* counts_renew - clear those on disk, so that all are written */
int
counts_renew(struct store *store)
{
	/* Deleted first: a count that is zero now has no record, and an old one
	 * would come back. */
	struct db_key at = {.len = 1}, found;
	int rc;

	while ((rc = db_find(&store->db, DB_COUNTS, &at, &found)) == 0) {
		rc = db_delete(&store->db, DB_COUNTS, &found);
		if (rc != 0)
			return rc;
	}
	store->counts.derived = false;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* store_count_next - get the next count that is not zero */
int
store_count_next(
    const struct store *store, bool *started, struct store_count *count)
{
	const struct tally_key none = {.link = 0}, key = key_of(count);
	const struct tally *at = *started
	    ? tally_after(&store->counts.table, &key)
	    : tally_from(&store->counts.table, &none);

	/* Places that became empty in this transaction are kept until it is
	 * committed; they are not shown. */
	while (at != NULL && at->now.messages == 0)
		at = tally_next(at);
	if (at == NULL)
		return 0;
	*started = true;
	*count = count_of(&at->key, &at->now);
	return 1;
}

/* counts_find - find the total of a place: whether there is one */
bool
counts_find(const struct store *store, struct store_count *count)
{
	struct tally_key key = key_of(count);
	const struct tally *at = tally_find(&store->counts.table, &key);

	if (at != NULL)
		*count = count_of(&at->key, &at->now);
	return at != NULL;
}

/* store_total - get how much is in the queue */
struct store_total
store_total(const struct store *store)
{
	return store->counts.total;
}

/* store_link_total - get how much is queued for a link */
struct store_total
store_link_total(const struct store *store, uint32_t link)
{
	/* Stand-ins have numbers too, so this only rejects what is made up. */
	if (link > store->links.count)
		return (struct store_total){0};
	return store->links.entry[link].total;
}

/* store_link_state - get how much is queued for a link in this state and
 * priority */
struct store_total
store_link_state(const struct store *store, uint32_t link,
    enum store_state state, enum store_priority priority)
{
	if (link > store->links.count || (unsigned)state >= STORE_STATES ||
	    (unsigned)priority >= STORE_PRIORITIES)
		return (struct store_total){0};
	return store->links.entry[link].by[state][priority];
}
