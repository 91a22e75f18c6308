/* SPDX-License-Identifier: ISC */
/*
 * recent_test.c - what was looked up last is known, and only as long as it is
 * true
 */
#include "tracker/recent.h"

#include <stdio.h>

#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tracker/forget.h"
#include "tracker/keep.h"

#define ALICE "S=Alice;P=A;A=TEST;C=XX"
#define BOB   "S=Bob;P=B;A=TEST;C=XX"
#define CAROL "S=Carol;P=B;A=TEST;C=XX"
#define MANY  10000 /* more than there are places */

START_TEST(each_is_found_by_its_own_name)
{
	struct recent *recent = recent_new();
	struct recent_item *item;
	char text[RECENT_TEXT + 2];
	unsigned known = 0;
	int64_t id = 0;

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "[C=XX;n%d]", i);
		recent_keep_address(recent, slice_of_string(text), i);
		recent_keep_item(recent, slice_of_string(text), i, 7, i % 2);
	}
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(text, sizeof(text), "[C=XX;n%d]", i);
		if (recent_address(recent, slice_of_string(text), &id))
			ck_assert_int_eq(id, i);
		item = recent_item(recent, slice_of_string(text));
		if (item == NULL)
			continue;
		known++;
		ck_assert_int_eq(item->id, i);
		ck_assert_int_eq(item->arrived, i % 2);
	}
	ck_assert_uint_gt(known, MANY / 10);
	/* a name that is too long, and any without memory */
	memset(text, 'x', sizeof(text));
	recent_keep_address(recent, slice_of(text, RECENT_TEXT + 1), 1);
	ck_assert(
	    !recent_address(recent, slice_of(text, RECENT_TEXT + 1), &id));
	ck_assert(!recent_address(recent, slice_of(text, RECENT_TEXT), &id));
	recent_keep_address(NULL, slice_of_string("a"), 1);
	ck_assert(!recent_address(NULL, slice_of_string("a"), &id));
	ck_assert_ptr_null(recent_item(NULL, slice_of_string("a")));
	ck_assert(!recent_has_copy(NULL, 1));
	recent_free(recent);
}
END_TEST

START_TEST(copies_of_an_item)
{
	struct recent_item item = {.len = 1};

	ck_assert(!recent_has_copy(&item, 5));
	ck_assert(recent_has_copy(&item, 5));
	ck_assert(!recent_has_copy(&item, 6));
	ck_assert(recent_has_copy(&item, 5));
	ck_assert(!recent_has_copy(&item, 7));
	ck_assert(recent_has_copy(&item, 6));
	ck_assert(recent_has_copy(&item, 7));
}
END_TEST

/* orphans - count what points to a row that is not there */
static int64_t
orphans(struct database *db)
{
	return pages_count(db,
		   "SELECT count(*) FROM party p WHERE NOT EXISTS(SELECT 1"
		   " FROM address a WHERE a.id=p.address) OR NOT EXISTS"
		   "(SELECT 1 FROM item i WHERE i.id=p.item)") +
	    pages_count(db,
		"SELECT count(*) FROM event e WHERE NOT EXISTS(SELECT 1"
		" FROM item i WHERE i.id=e.item)");
}

/* Rows of a transaction that was undone, and rows that were forgotten, give
 * their numbers to others. */
START_TEST(what_is_gone_is_not_known)
{
	struct database db = {.db = NULL};
	struct slice page;
	struct arena arena;
	bool unreadable;

	pages_enter();
	ck_assert_int_eq(database_open(&db, NULL), 0);
	arena_init(&arena, (size_t)1024 * 1024);
	pages_message(1, ALICE, BOB);
	page = pages_make();
	ck_assert_int_eq(database_begin(&db), 0);
	ck_assert_int_eq(keep_page(&db, 1, page, &arena, &unreadable, NULL), 0);
	database_rollback(&db);
	pages_message(2, CAROL, ALICE);
	pages_keep(&db, 2);
	pages_message(1, ALICE, BOB);
	pages_keep(&db, 3);
	ck_assert_int_eq(orphans(&db), 0);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 2);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM address"), 3);
	ck_assert_int_eq(forget_items(&db, INT64_MAX, 10), 2);
	pages_message(1, ALICE, BOB);
	pages_keep(&db, 4);
	ck_assert_int_eq(orphans(&db), 0);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 1);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM address"), 2);
	arena_fini(&arena);
	database_close(&db);
	pages_leave();
}
END_TEST

TEST_MAIN("tracker/recent", TEST(each_is_found_by_its_own_name),
    TEST(copies_of_an_item), TEST(what_is_gone_is_not_known))
