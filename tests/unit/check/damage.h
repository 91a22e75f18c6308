/* SPDX-License-Identifier: ISC */
/*
 * damage.h - a queue with one of each thing, and changes behind its back
 *
 * The queue is made through the store's interface; a value of its database is
 * changed through LMDB.
 */
#ifndef FOURPOST_TESTS_CHECK_DAMAGE_H
#define FOURPOST_TESTS_CHECK_DAMAGE_H

#include <lmdb.h>

#include "store/db.h"
#include "tests/unit/store/queue.h"

static uint8_t octets[20000];

/* add - add a message in the open transaction */
static inline uint64_t
add(struct store *store, enum store_state state, uint64_t content, uint64_t len)
{
	struct store_message m = queue_message(1);

	m.state = state;
	m.next_try = state == STORE_DEFERRED ? QUEUE_TIME : 0;
	if (content != 0) {
		m.content = slice_of(NULL, 0);
		m.content_id = content;
		m.content_length = len;
	}
	if (state == STORE_HELD)
		m.envelope = slice_of(octets, sizeof(octets));
	QUEUE_OK(store_message_add(store, &m));
	return m.id;
}

/*
 * make - make a queue with one of each thing, and close it
 *
 * Messages: 1 ready, 2 deferred, 3 held with its body outside, 4 quarantined,
 * 5 ready with content 1.  Content 2 is partial.
 */
static inline void
make(void)
{
	struct session_references r = {.calling = "a", .calling_len = 1};
	struct store_batch b = {
	    .references = r, .count = 1, .link = 1, .messages = {1}};
	struct store_file f = {
	    .postoffice = 1, .name = slice_of_string("A.P1")};
	struct store_delivery d = {.message = 1, .name = slice_of_string("n")};
	struct store_key key = {.octets = {7}};
	struct store *store;
	uint64_t id = 0;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
	add(store, STORE_READY, 0, 0);
	add(store, STORE_DEFERRED, 0, 0);
	add(store, STORE_HELD, 0, 0);
	add(store, STORE_QUARANTINED, 0, 0);
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(
	    store_content_append(store, id, slice_of(octets, sizeof(octets))));
	QUEUE_OK(store_content_seal(store, id, sizeof(octets)));
	add(store, STORE_READY, id, sizeof(octets));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(store_content_append(store, id, slice_of(octets, 5000)));
	QUEUE_OK(store_session_open(
	    store, slice_of_string("P"), 1, &r, &id, NULL, NULL));
	QUEUE_OK(store_session_note_transfer(store, id, 1, &key, 1));
	QUEUE_OK(store_batch_add(store, &b));
	QUEUE_OK(store_intake_note(store, &f, 1));
	QUEUE_OK(store_delivery_note(store, &d));
	QUEUE_OK(store_commit(store));
	store_close(store);
}

/* A change behind the store's back. */
struct mutation {
	const char *database;
	const char *key;     /* hex */
	const char *value;   /* hex; NULL: delete; "": empty */
	const char *finding; /* some of what is found */
};

/* unhex - convert hex digits to octets, and count them */
static inline size_t
unhex(const char *hex, uint8_t *out)
{
	unsigned octet;
	size_t len = 0;

	for (; hex[0] != '\0'; hex += 2) {
		ck_assert_int_eq(sscanf(hex, "%2x", &octet), 1);
		out[len++] = (uint8_t)octet;
	}
	return len;
}

/* mutate - do it, through LMDB */
static inline void
mutate(const struct mutation *m)
{
	uint8_t key[64], value[256];
	MDB_val k = {unhex(m->key, key), key}, v = {0, value};
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	QUEUE_OK(mdb_env_create(&env));
	QUEUE_OK(mdb_env_set_maxdbs(env, 32));
	QUEUE_OK(mdb_env_open(env, queue_directory, 0, 0600));
	QUEUE_OK(mdb_txn_begin(env, NULL, 0, &txn));
	QUEUE_OK(mdb_dbi_open(txn, m->database, 0, &dbi));
	if (m->value != NULL) {
		v.mv_size = unhex(m->value, value);
		QUEUE_OK(mdb_put(txn, dbi, &k, &v, 0));
	} else {
		QUEUE_OK(mdb_del(txn, dbi, &k, NULL));
	}
	QUEUE_OK(mdb_txn_commit(txn));
	mdb_env_close(env);
}

#define ID(n)	 "000000000000000" #n
#define PART0(n) ID(n) "0000"
#define HEADER	 "686561646572"

#endif
