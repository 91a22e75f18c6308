/* SPDX-License-Identifier: ISC */
/*
 * tail_test.c - a database whose file ends before its last page
 */
#include "tests/unit/store/queue.h"
#include "tests/unit/store/tail.h"

#define MESSAGES 50

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
	tail_leave(queue_directory);
	store = queue_open();
	queue_end(store);
}
END_TEST

/* Beside them a page that is in use may not. */
START_TEST(used_pages_are_missed)
{
	struct store *store;
	struct diag diag = {0};
	char path[256];

	fill();
	tail_leave(queue_directory);
	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	ck_assert_int_eq(truncate(path, tail_size(queue_directory) / 2), 0);
	ck_assert_int_eq(queue_try(QUEUE_SIZE, &store, &diag), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "cut short"));
	queue_remove();
}
END_TEST

TEST_MAIN("store/tail", TEST(free_pages_are_not_missed);
	  TEST(used_pages_are_missed))
