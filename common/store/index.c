/* SPDX-License-Identifier: ISC */
/*
 * index.c - the index entries of each record, and the cursors over them
 *
 * See message.h.  An entry that should be there and is not is told, and no
 * reason to refuse what is done to its record.
 */
#include "store/state.h"

/* index_key - compute the database and key of the entry that a record has */
enum db_name
index_key(const struct store_message *message, struct db_key *key)
{
	switch (message->state) {
	case STORE_READY:
		*key = key_ready(message->link, message->priority, message->id);
		return DB_READY;
	case STORE_DEFERRED:
		*key = key_deferred(message->next_try, message->id);
		return DB_DEFERRED;
	case STORE_HELD:
	case STORE_QUARANTINED:
		break;
	}
	*key = key_held(message->state, message->id);
	return DB_HELD;
}

/* index_expiring - compute the key that a record has by its own time */
struct db_key
index_expiring(const struct store_message *message)
{
	return key_deferred(message->expires, message->id);
}

/* index_add - put the entries of a record */
int
index_add(struct store *store, const struct store_message *message)
{
	struct db_key key;
	enum db_name name = index_key(message, &key);
	/* Entries hold nothing but their key; everything else is in the
	 * record. */
	int rc = db_put(&store->db, name, &key, slice_of(NULL, 0));

	if (rc == 0 && message->own_time) {
		key = index_expiring(message);
		rc = db_put(&store->db, DB_EXPIRING, &key, slice_of(NULL, 0));
	}
	return rc;
}

/* remove_entry - remove an entry; none is told, and no error */
static int
remove_entry(struct store *store, enum db_name name, const struct db_key *key,
    uint64_t id)
{
	int rc = db_delete(&store->db, name, key);

	/* Entries are derived from records: the record may go all the same. */
	if (rc == ERR_NOTFOUND) {
		db_trouble(&store->db, STORE_RECORD_DAMAGED,
		    "message %llu: was not in index %s", (unsigned long long)id,
		    db_name(name));
		return 0;
	}
	return rc;
}

/* index_remove - remove the entries of a record */
int
index_remove(struct store *store, const struct store_message *message)
{
	struct db_key key;
	enum db_name name = index_key(message, &key);
	int rc = remove_entry(store, name, &key, message->id);

	if (rc == 0 && message->own_time) {
		key = index_expiring(message);
		rc = remove_entry(store, DB_EXPIRING, &key, message->id);
	}
	return rc;
}

/* The keys of an index that have ids in order behind a prefix. */
struct order {
	enum db_name name;
	struct db_key prefix;
	size_t len; /* of a whole key; what follows the id is not looked at */
};

/* order_key - compute the key to look for an id from */
static struct db_key
order_key(const struct order *order, uint64_t id)
{
	struct db_key key = order->prefix;

	/* The prefix selects a link and priority, the id orders within: the
	 * oldest comes first. */
	key_put(&key, id, 8);
	key_put(&key, 0, order->len - key.len);
	return key;
}

/* skip_bad - step over a key that has no entry's form */
static void
skip_bad(struct store *store, enum db_name name, struct db_key *found)
{
	db_trouble(
	    &store->db, STORE_RECORD_DAMAGED, "%s: bad key", db_name(name));
	/* The next longer key follows directly, so no sound key in between is
	 * passed over. */
	if (found->len < KEY_MAX)
		found->octets[found->len++] = 0;
	else
		found->octets[KEY_MAX - 1]++;
}

/* find_id - find the first id from one on.  ERR_NOTFOUND */
static int
find_id(
    struct store *store, const struct order *order, uint64_t from, uint64_t *id)
{
	struct db_key at = order_key(order, from), found;
	int rc;

	for (;;) {
		rc = db_find(&store->db, order->name, &at, &found);
		if (rc != 0)
			return rc;
		/* Beyond the prefix begins what belongs to another link. */
		if (found.len < order->prefix.len ||
		    memcmp(found.octets, at.octets, order->prefix.len) != 0)
			return ERR_NOTFOUND;
		if (found.len == order->len)
			break;
		skip_bad(store, order->name, &found);
		at = found;
	}
	*id =
	    key_number(slice_of(found.octets, found.len), order->prefix.len, 8);
	return 0;
}

/*
 * leap - find the first id behind a page that cannot be read
 *
 * from falls into that page.  Ever larger steps find an id that does not, then
 * halving finds the first such: a page costs some dozens of descents.
 */
static int
leap(
    struct store *store, const struct order *order, uint64_t from, uint64_t *id)
{
	uint64_t low = from, high, mid, step = 1, got;
	int rc;

	do {
		/* No message has a number that was not given yet, so the search
		 * ends there. */
		if (low >= store->numbers.next[NEXT_MESSAGE])
			return ERR_NOTFOUND;
		high = low + step;
		step *= 2;
		rc = find_id(store, order, high, &got);
		if (store_is_damage(rc))
			low = high;
	} while (store_is_damage(rc));
	/* Halving finds where readable keys begin again; jumping further would
	 * lose messages that can be read. */
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		if (store_is_damage(find_id(store, order, mid, &got)))
			low = mid;
		else
			high = mid;
	}
	return find_id(store, order, high, id);
}

/* next_id - find the next id in order, past what cannot be read */
static int
next_id(struct store *store, const struct order *order, uint64_t after,
    uint64_t *id)
{
	int rc;

	if (after == UINT64_MAX)
		return ERR_NOTFOUND;
	rc = find_id(store, order, after + 1, id);
	/* In a transaction LMDB does nothing more after a page was damaged. */
	if (store_is_damage(rc) && store->db.write == NULL)
		rc = leap(store, order, after + 1, id);
	return rc;
}

/* store_message_next - get the next message in order of id */
int
store_message_next(struct store *store, uint64_t after, uint64_t *id)
{
	static const struct order order = {.name = DB_MESSAGES, .len = 10};

	return next_id(store, &order, after, id);
}

/* store_ready_next - get the next ready message of a link and priority */
int
store_ready_next(struct store *store, uint32_t link,
    enum store_priority priority, uint64_t after, uint64_t *id)
{
	struct order order = {.name = DB_READY, .len = 13};

	key_put(&order.prefix, link, 4);
	key_put(&order.prefix, priority, 1);
	return next_id(store, &order, after, id);
}

/* store_held_next - get the next message that is held or quarantined */
int
store_held_next(
    struct store *store, enum store_state state, uint64_t after, uint64_t *id)
{
	const struct db_key first = key_held(state, 0);
	struct order order = {.name = DB_HELD, .len = first.len};

	key_put(&order.prefix, state, first.len - 8);
	return next_id(store, &order, after, id);
}

/* timed_next - get the next entry of an index by time, the earliest first */
static int
timed_next(struct store *store, enum db_name name, int64_t *time, uint64_t *id)
{
	struct db_key at, found;
	struct slice key;
	int rc;

	/* Entries with one time are in the order of their ids; go on behind
	 * this one. */
	at = *time < 0 ? key_deferred(0, 0) : key_deferred(*time, *id + 1);
	for (;;) {
		rc = db_find(&store->db, name, &at, &found);
		if (rc != 0)
			return rc;
		key = slice_of(found.octets, found.len);
		if (key.len == 16 && key_number(key, 0, 8) <= INT64_MAX)
			break;
		skip_bad(store, name, &found);
		at = found;
	}
	*time = (int64_t)key_number(key, 0, 8);
	*id = key_number(key, 8, 8);
	return 0;
}

/* store_deferred_next - get the next deferred message, the earliest first */
int
store_deferred_next(struct store *store, int64_t *time, uint64_t *id)
{
	return timed_next(store, DB_DEFERRED, time, id);
}

/* store_expiring_next - get the next message that has a time of its own */
int
store_expiring_next(struct store *store, int64_t *time, uint64_t *id)
{
	return timed_next(store, DB_EXPIRING, time, id);
}

/* store_expiring_forget - remove an entry whose message is not there */
int
store_expiring_forget(struct store *store, int64_t time, uint64_t id)
{
	const struct db_key key = key_deferred(time, id);
	int rc = db_writable(&store->db);

	if (rc == 0)
		rc = db_delete(&store->db, DB_EXPIRING, &key);
	return rc == 0 || rc == ERR_NOTFOUND ? 0 : db_fail(&store->db, rc);
}

/* remove_if - delete a key that may be there; *removed counts */
static int
remove_if(struct store *store, enum db_name name, const struct db_key *key,
    unsigned *removed)
{
	int rc = db_delete(&store->db, name, key);

	if (rc == 0)
		++*removed;
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/* remove_timed - delete the entries of an id in an index by time */
static int
remove_timed(
    struct store *store, enum db_name name, uint64_t id, unsigned *removed)
{
	struct db_key key;
	int64_t time = -1;
	uint64_t at = 0;
	int rc;

	while ((rc = timed_next(store, name, &time, &at)) == 0) {
		if (at != id)
			continue;
		key = key_deferred(time, id);
		rc = remove_if(store, name, &key, removed);
		if (rc != 0)
			return rc;
	}
	return rc == ERR_NOTFOUND ? 0 : rc;
}

/*
 * index_remove_all - delete every entry that names an id
 *
 * Where a record cannot be decoded nothing tells which entry it has, so that
 * all that could be are looked for: the ready ones by every link and priority,
 * those held by state, those by time one by one.  That is slow, and rare.
 */
int
index_remove_all(struct store *store, uint64_t id, unsigned *removed)
/* Quarantining is rare, and this is the price of entries that hold no back
 * reference. */
{
	struct db_key key;
	uint32_t link;
	unsigned p;
	int rc = 0;

	for (link = 0; link <= store->links.count && rc == 0; link++)
		for (p = 0; p < STORE_PRIORITIES && rc == 0; p++) {
			key = key_ready(link, p, id);
			rc = remove_if(store, DB_READY, &key, removed);
		}
	for (p = STORE_HELD; p <= STORE_QUARANTINED && rc == 0; p++) {
		key = key_held(p, id);
		rc = remove_if(store, DB_HELD, &key, removed);
	}
	if (rc == 0)
		rc = remove_timed(store, DB_DEFERRED, id, removed);
	return rc == 0 ? remove_timed(store, DB_EXPIRING, id, removed) : rc;
}

/* store_priority_name - get the name of a priority */
const char *
store_priority_name(enum store_priority priority)
{
	switch (priority) {
	case STORE_URGENT:
		return "urgent";
	case STORE_NON_URGENT:
		return "non-urgent";
	case STORE_NORMAL:
		break;
	}
	return "normal";
}

/* store_state_name - get the name of a state */
const char *
store_state_name(enum store_state state)
{
	switch (state) {
	case STORE_READY:
		return "ready";
	case STORE_DEFERRED:
		return "deferred";
	case STORE_HELD:
		return "held";
	case STORE_QUARANTINED:
		return "quarantined";
	}
	return "unknown";
}
