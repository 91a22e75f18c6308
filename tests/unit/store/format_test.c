/* SPDX-License-Identifier: ISC */
/*
 * format_test.c - queues of other releases: older ones are converted, those of
 * the future are refused as they are
 */
#include <lmdb.h>
#include <stdlib.h>

#include "tests/unit/store/queue.h"

/* copy_vector - copy the queue that release 65fc5d6 made */
static void
copy_vector(void)
{
	char command[512];

	snprintf(command, sizeof(command),
	    "cp '%s/tests/vectors/queue/65fc5d6.mdb' '%s/data.mdb' && "
	    "chmod 600 '%s/data.mdb'",
	    TEST_SOURCE_DIR, queue_directory, queue_directory);
	ck_assert_int_eq(system(command), 0);
}

/* change - change the database with LMDB alone */
static void
change(void (*how)(MDB_txn *txn))
{
	MDB_env *env;
	MDB_txn *txn;
	char path[192];

	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_maxdbs(env, 64), 0);
	ck_assert_int_eq(mdb_env_set_mapsize(env, QUEUE_SIZE), 0);
	ck_assert_int_eq(mdb_env_open(env, queue_directory, 0, 0600), 0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	how(txn);
	ck_assert_int_eq(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	snprintf(path, sizeof(path), "%s/lock.mdb", queue_directory);
	unlink(path);
}

/* raise_version - give the header the version of a later release */
static void
raise_version(MDB_txn *txn)
{
	char name[] = "header";
	MDB_val key = {sizeof(name) - 1, name}, value;
	uint8_t octets[512];
	MDB_dbi header;

	ck_assert_int_eq(mdb_dbi_open(txn, "header", 0, &header), 0);
	ck_assert_int_eq(mdb_get(txn, header, &key, &value), 0);
	ck_assert_uint_lt(value.mv_size, sizeof(octets));
	memcpy(octets, value.mv_data, value.mv_size);
	/* SEQUENCE, its length, INTEGER of one octet: the version */
	ck_assert_int_eq(octets[2], 0x02);
	ck_assert_int_eq(octets[4], 1);
	octets[4] = 7;
	value.mv_data = octets;
	ck_assert_int_eq(mdb_put(txn, header, &key, &value, 0), 0);
}

/* make_future - make the queue one of a later release, which has other tables
 * too */
static void
make_future(MDB_txn *txn)
{
	char name[32];
	MDB_dbi table;

	raise_version(txn);
	ck_assert_int_eq(mdb_dbi_open(txn, "messages", 0, &table), 0);
	ck_assert_int_eq(mdb_drop(txn, table, 1), 0);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "future-%d", i);
		ck_assert_int_eq(
		    mdb_dbi_open(txn, name, MDB_CREATE, &table), 0);
	}
}

/* octets_of - read the whole database file; its length */
static size_t
octets_of(uint8_t *octets, size_t size)
{
	char path[192];
	FILE *in;
	size_t len;

	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	len = fread(octets, 1, size, in);
	ck_assert_uint_lt(len, size);
	fclose(in);
	return len;
}

/* refused - open a queue of the future, which must say so */
static void
refused(enum store_mode mode)
{
	const struct store_options options = {
	    .queue_size = QUEUE_SIZE, .mode = mode};
	struct store *store;
	struct diag diag = {0};

	ck_assert_int_eq(store_open(queue_directory, &options, &store, &diag),
	    ERR_UNSUPPORTED);
	ck_assert_msg(
	    strstr(diag_text(&diag), "version 7 is not known") != NULL, "%s",
	    diag_text(&diag));
}

/* A queue of a later release is refused by its version, whatever it consists
 * of, and nothing of it is changed. */
START_TEST(of_the_future)
{
	static uint8_t before[2 * 1024 * 1024], after[sizeof(before)];
	size_t len;

	queue_make();
	copy_vector();
	change(_i == 0 ? raise_version : make_future);
	len = octets_of(before, sizeof(before));
	refused(STORE_READ_ONLY);
	refused(STORE_READ_WRITE);
	ck_assert_uint_eq(octets_of(after, sizeof(after)), len);
	ck_assert_int_eq(memcmp(before, after, len), 0);
	queue_remove();
}
END_TEST

/* version_of - read the version in the header */
static int
version_of(void)
{
	char name[] = "header";
	MDB_val key = {sizeof(name) - 1, name}, value;
	MDB_dbi header;
	MDB_env *env;
	MDB_txn *txn;
	int version;

	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_maxdbs(env, 64), 0);
	/* The store has it open in this process: no lock of its is touched. */
	ck_assert_int_eq(
	    mdb_env_open(env, queue_directory, MDB_RDONLY | MDB_NOLOCK, 0600),
	    0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn), 0);
	ck_assert_int_eq(mdb_dbi_open(txn, "header", 0, &header), 0);
	ck_assert_int_eq(mdb_get(txn, header, &key, &value), 0);
	version = ((const uint8_t *)value.mv_data)[4];
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return version;
}

/* add_objects - add two messages that share an envelope which is an object */
static void
add_objects(struct store *store, struct store_message m[2])
{
	static const uint8_t octets[100];
	uint64_t id;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(store_content_append(store, id, slice_of(octets, 100)));
	QUEUE_OK(store_content_seal(store, id, 100));
	for (int i = 0; i < 2; i++) {
		m[i].envelope = slice_of(NULL, 0);
		m[i].envelope_id = id;
		m[i].envelope_length = 100;
		QUEUE_OK(store_message_add(store, &m[i]));
	}
	QUEUE_OK(store_commit(store));
}

/* remove_one - delete a message */
static void
remove_one(struct store *store, uint64_t id)
{
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, id));
	QUEUE_OK(store_commit(store));
}

/* While an envelope is an object the header has version 2: a release that
 * would read it as empty knows version 1 alone, and refuses the queue. */
START_TEST(older_releases_refuse_objects)
{
	struct store_message m[2];
	struct store *store;

	queue_make();
	store = queue_open();
	m[0] = m[1] = queue_message(queue_link(store, "paris"));
	ck_assert_int_eq(version_of(), 1);
	add_objects(store, m);
	ck_assert_int_eq(version_of(), 2);
	remove_one(store, m[0].id);
	ck_assert_int_eq(version_of(), 2);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_int_eq(version_of(), 2);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, m[1].id));
	store_abort(store);
	ck_assert_int_eq(version_of(), 2);
	remove_one(store, m[1].id);
	ck_assert_int_eq(version_of(), 1);
	queue_end(store);
}
END_TEST

/* tables_gone - take the tables that older releases did not have */
static void
tables_gone(MDB_txn *txn)
{
	static const char *const names[] = {"tracking", "memory", "expiring"};
	MDB_dbi table;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mdb_dbi_open(txn, names[i], 0, &table) == 0)
			ck_assert_int_eq(mdb_drop(txn, table, 1), 0);
}

/* A queue of an older release is converted at the first opening, and is then
 * like any other: looked at before, it is as it was. */
START_TEST(of_an_older_release)
{
	static uint8_t before[2 * 1024 * 1024], after[sizeof(before)];
	const struct store_options options = {
	    .queue_size = QUEUE_SIZE, .mode = STORE_READ_ONLY};
	struct store *store;
	struct diag diag = {0};
	uint64_t messages, number, note;
	size_t len;

	queue_make();
	copy_vector();
	change(tables_gone);
	len = octets_of(before, sizeof(before));
	ck_assert_msg(store_open(queue_directory, &options, &store, &diag) == 0,
	    "%s", diag_text(&diag));
	messages = store_total(store).messages;
	ck_assert_uint_eq(messages, 11);
	store_close(store);
	ck_assert_uint_eq(octets_of(after, sizeof(after)), len);
	ck_assert_int_eq(memcmp(before, after, len), 0);

	store = queue_open();
	ck_assert_uint_eq(store_total(store).messages, messages);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_append(
	    store, STORE_PAGED_TRACKING, slice_of_string("page"), &number));
	QUEUE_OK(store_paged_append(
	    store, STORE_PAGED_MEMORY, slice_of_string("note"), &note));
	ck_assert_uint_gt(note, number);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, 0, &number));
	QUEUE_OK(store_paged_next(store, STORE_PAGED_MEMORY, 0, &number));
	ck_assert_uint_eq(number, note);
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, 0, &number));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_delete(store, STORE_PAGED_TRACKING, number));
	QUEUE_OK(store_paged_delete(store, STORE_PAGED_MEMORY, note));
	QUEUE_OK(store_commit(store));
	queue_end(store);
}
END_TEST

TEST_MAIN("store/format", TEST_LOOP(of_the_future, 2);
	  TEST(of_an_older_release); TEST(older_releases_refuse_objects))
