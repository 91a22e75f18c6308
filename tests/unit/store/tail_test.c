/* SPDX-License-Identifier: ISC */
/*
 * tail_test.c - a database whose file ends before its last page
 */
#include <sys/stat.h>

#include <lmdb.h>

#include "tests/unit/store/queue.h"

#define MESSAGES 50

static char data_file[256];

/* data_size - count the octets of the database's file */
static off_t
data_size(void)
{
	struct stat st;

	snprintf(data_file, sizeof(data_file), "%s/data.mdb", queue_directory);
	ck_assert_int_eq(stat(data_file, &st), 0);
	return st.st_size;
}

/* leave_tail - take pages behind the last one and give them back, in one
 * transaction: the header counts them, and LMDB writes none of them */
static void
leave_tail(void)
{
	static uint8_t octets[200 * 1024];
	char key[] = "k";
	MDB_val k = {1, key}, v = {sizeof(octets), octets};
	MDB_envinfo info;
	MDB_stat stat;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	QUEUE_OK(mdb_env_create(&env));
	QUEUE_OK(mdb_env_set_mapsize(env, QUEUE_SIZE));
	QUEUE_OK(mdb_env_open(env, queue_directory, 0, 0600));
	QUEUE_OK(mdb_txn_begin(env, NULL, 0, &txn));
	QUEUE_OK(mdb_dbi_open(txn, NULL, 0, &dbi));
	QUEUE_OK(mdb_put(txn, dbi, &k, &v, 0));
	QUEUE_OK(mdb_del(txn, dbi, &k, NULL));
	QUEUE_OK(mdb_txn_commit(txn));
	QUEUE_OK(mdb_env_info(env, &info));
	QUEUE_OK(mdb_env_stat(env, &stat));
	mdb_env_close(env);
	ck_assert_uint_le(
	    (uint64_t)data_size() / stat.ms_psize, info.me_last_pgno);
}

/* fill - make a queue with some messages */
static void
fill(void)
{
	struct store *store;
	struct store_message m;

	queue_make();
	store = queue_open();
	m = queue_message(queue_link(store, "paris"));
	for (unsigned i = 0; i < MESSAGES; i++)
		queue_add(store, &m);
	store_close(store);
}

/* Pages that hold nothing may be missing: the queue opens, whole. */
START_TEST(free_pages_are_not_missed)
{
	struct store *store;

	fill();
	leave_tail();
	store = queue_open();
	queue_end(store);
}
END_TEST

/* Beside them a page that is in use may not. */
START_TEST(used_pages_are_missed)
{
	struct store *store;
	struct diag diag = {0};

	fill();
	leave_tail();
	ck_assert_int_eq(truncate(data_file, data_size() / 2), 0);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, &diag), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "cut short"));
	queue_remove();
}
END_TEST

TEST_MAIN("store/tail", TEST(free_pages_are_not_missed);
	  TEST(used_pages_are_missed))
