/* SPDX-License-Identifier: ISC */
/*
 * tail.c - a database whose file ends before its last page
 */
#include "tests/unit/store/tail.h"

#include <sys/stat.h>

#include <lmdb.h>
#include <stdio.h>

#include "tests/unit/test.h"

#define MAP_SIZE ((size_t)64 * 1024 * 1024)

long
tail_size(const char *directory)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", directory);
	ck_assert_int_eq(stat(path, &st), 0);
	return (long)st.st_size;
}

void
tail_leave(const char *directory)
{
	static uint8_t octets[200 * 1024];
	char key[] = "k";
	MDB_val k = {1, key}, v = {sizeof(octets), octets};
	MDB_envinfo info;
	MDB_stat stat;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	ck_assert_int_eq(mdb_env_create(&env), 0);
	ck_assert_int_eq(mdb_env_set_mapsize(env, MAP_SIZE), 0);
	ck_assert_int_eq(mdb_env_open(env, directory, MDB_NOLOCK, 0600), 0);
	ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
	ck_assert_int_eq(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	ck_assert_int_eq(mdb_put(txn, dbi, &k, &v, 0), 0);
	ck_assert_int_eq(mdb_del(txn, dbi, &k, NULL), 0);
	ck_assert_int_eq(mdb_txn_commit(txn), 0);
	ck_assert_int_eq(mdb_env_info(env, &info), 0);
	ck_assert_int_eq(mdb_env_stat(env, &stat), 0);
	mdb_env_close(env);
	ck_assert_uint_le(
	    (size_t)tail_size(directory) / stat.ms_psize, info.me_last_pgno);
}
