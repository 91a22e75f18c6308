/* SPDX-License-Identifier: ISC */
/*
 * paged_test.c - pages that wait for another process
 */
#include "store/paged.h"

#include <lmdb.h>

#include "tests/unit/store/queue.h"

/* append - append a page of one text, in a transaction of its own */
static uint64_t
append(struct store *store, const char *text)
{
	uint64_t number = 0;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_append(
	    store, STORE_PAGED_TRACKING, slice_of_string(text), &number));
	QUEUE_OK(store_commit(store));
	return number;
}

/* is_there - compare the page of a number */
static void
is_there(struct store *store, uint64_t number, const char *text)
{
	struct buffer page;

	buffer_init(&page, 4096);
	QUEUE_OK(store_paged_read(store, STORE_PAGED_TRACKING, number, &page));
	QUEUE_SLICE_EQ(buffer_slice(&page), slice_of_string(text));
	buffer_fini(&page);
}

START_TEST(pages_keep_their_order_and_leave)
{
	struct store *store;
	uint64_t first, second, third, number = 0;

	queue_make();
	store = queue_open();
	first = append(store, "one");
	second = append(store, "two");
	ck_assert_uint_gt(second, first);
	store_close(store);
	store = queue_open();
	third = append(store, "three");
	ck_assert_uint_gt(third, second);
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, 0, &number));
	ck_assert_uint_eq(number, first);
	is_there(store, first, "one");
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, first, &number));
	ck_assert_uint_eq(number, second);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_delete(store, STORE_PAGED_TRACKING, first));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, 0, &number));
	ck_assert_uint_eq(number, second);
	is_there(store, third, "three");
	ck_assert_int_eq(
	    store_paged_next(store, STORE_PAGED_TRACKING, third, &number),
	    ERR_NOTFOUND);
	store_close(store);
	queue_remove();
}
END_TEST

START_TEST(what_is_undone_leaves_no_page)
{
	struct store *store;
	uint64_t before, undone = 0, after, number = 0;

	queue_make();
	store = queue_open();
	before = append(store, "before");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_append(
	    store, STORE_PAGED_TRACKING, slice_of_string("undone"), &undone));
	QUEUE_OK(store_paged_delete(store, STORE_PAGED_TRACKING, before));
	store_abort(store);
	after = append(store, "after");
	ck_assert_uint_eq(after, undone);
	is_there(store, after, "after");
	QUEUE_OK(store_paged_next(store, STORE_PAGED_TRACKING, 0, &number));
	ck_assert_uint_eq(number, before);
	store_close(store);
	queue_remove();
}
END_TEST

START_TEST(numbers_go_on_when_all_pages_left)
{
	struct store *store;
	uint64_t last;

	queue_make();
	store = queue_open();
	/* a time that the clock will not reach */
	QUEUE_OK(store_begin(store));
	store_paged_skip(store, UINT64_C(1) << 60);
	QUEUE_OK(store_commit(store));
	last = append(store, "page");
	ck_assert_uint_gt(last, UINT64_C(1) << 60);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_paged_delete(store, STORE_PAGED_TRACKING, last));
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	ck_assert_uint_gt(append(store, "page"), last);
	store_close(store);
	queue_remove();
}
END_TEST

/* change_table - remove a database of a queue that is closed, or add one */
static void
change_table(const char *name, unsigned flags)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	QUEUE_OK(mdb_env_create(&env));
	QUEUE_OK(mdb_env_set_maxdbs(env, 32));
	QUEUE_OK(mdb_env_open(env, queue_directory, 0, 0600));
	QUEUE_OK(mdb_txn_begin(env, NULL, 0, &txn));
	QUEUE_OK(mdb_dbi_open(txn, name, flags, &dbi));
	if (flags == 0)
		QUEUE_OK(mdb_drop(txn, dbi, 1));
	QUEUE_OK(mdb_txn_commit(txn));
	mdb_env_close(env);
}

START_TEST(a_queue_without_the_table_gets_it)
{
	const struct store_options read = {.mode = STORE_READ_ONLY};
	struct store *store;
	struct store_message message;
	struct diag diag = {0};
	uint64_t number, octets = 1;

	queue_make();
	store = queue_open();
	message = queue_message(queue_link(store, "paris"));
	queue_add(store, &message);
	store_close(store);
	change_table("tracking", 0);
	/* who only reads finds it empty, and does not make it */
	queue_assert_clean();
	QUEUE_OK(store_open(queue_directory, &read, &store, &diag));
	ck_assert_int_eq(
	    store_paged_next(store, STORE_PAGED_TRACKING, 0, &number),
	    ERR_NOTFOUND);
	QUEUE_OK(store_paged_octets(store, STORE_PAGED_TRACKING, &octets));
	ck_assert_uint_eq(octets, 0);
	store_close(store);
	store = queue_open();
	ck_assert_uint_gt(append(store, "page"), 0);
	ck_assert_uint_eq(store_total(store).messages, 1);
	store_close(store);
	/* any other is missed, and what a later release added is not */
	change_table("later", MDB_CREATE);
	store = queue_open();
	store_close(store);
	change_table("held", 0);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, &diag), ERR_CORRUPT);
	queue_remove();
}
END_TEST

TEST_MAIN("store/paged", TEST(pages_keep_their_order_and_leave);
	  TEST(what_is_undone_leaves_no_page);
	  TEST(numbers_go_on_when_all_pages_left);
	  TEST(a_queue_without_the_table_gets_it))
