/* SPDX-License-Identifier: ISC */
/*
 * table_test.c - a hash table whose entries come and go
 */
#include "base/table.h"
#include "tests/unit/test.h"

struct entry {
	unsigned number;
	struct table_link link;
};

/* find - find the entry of a number, or NULL */
static struct entry *
find(const struct table *table, uint64_t number)
{
	return TABLE_ENTRY(table_find(table, number), struct entry, link);
}

/* Many numbers come and go; each is found while it is there. */
START_TEST(churn)
{
	static struct entry entries[5000];
	struct table_link *any;
	struct table table;

	table_init(&table);
	ck_assert_ptr_null(find(&table, 0));
	for (unsigned i = 0; i < 5000; i++) {
		entries[i].number = i;
		table_add(&table, &entries[i].link, i);
		if (i >= 100)
			table_remove(&table, &entries[i - 100].link);
		if (i >= 150)
			ck_assert_ptr_null(find(&table, i - 150));
		ck_assert_ptr_eq(find(&table, i > 50 ? i - 50 : i),
		    &entries[i > 50 ? i - 50 : i]);
	}
	ck_assert_uint_eq(table.count, 100);
	ck_assert_uint_le(table.size, 1024);
	while ((any = table_any(&table)) != NULL)
		table_remove(&table, any);
	ck_assert_uint_eq(table.count, 0);
	table_fini(&table);
}
END_TEST

/* A burst is found whole, and its memory goes back with it. */
START_TEST(burst)
{
	static struct entry entries[100000];
	struct table table;

	table_init(&table);
	for (unsigned i = 0; i < 100000; i++)
		table_add(&table, &entries[i].link, (uint64_t)i << 40);
	for (unsigned i = 0; i < 100000; i++)
		ck_assert_ptr_eq(find(&table, (uint64_t)i << 40), &entries[i]);
	for (unsigned i = 0; i < 100000; i++)
		table_remove(&table, &entries[i].link);
	ck_assert_ptr_null(table_any(&table));
	ck_assert_uint_eq(table.count, 0);
	ck_assert_uint_le(table.size, 64);
	table_fini(&table);
}
END_TEST

/* Entries of one hash are all found, the latest first, however the table
 * grows. */
START_TEST(equal_hashes)
{
	static struct entry same[10], others[1000];
	struct table table;
	struct table_link *at;

	table_init(&table);
	for (unsigned i = 0; i < 10; i++)
		table_add(&table, &same[i].link, 42);
	for (unsigned i = 0; i < 1000; i++)
		table_add(&table, &others[i].link, 1000 + i);
	at = table_find(&table, 42);
	for (unsigned i = 10; i-- > 0; at = table_more(at))
		ck_assert_ptr_eq(TABLE_ENTRY(at, struct entry, link), &same[i]);
	ck_assert_ptr_null(at);
	table_remove(&table, &same[9].link);
	ck_assert_ptr_eq(find(&table, 42), &same[8]);
	table_fini(&table);
}
END_TEST

TEST_MAIN("base/table", TEST(churn), TEST(burst), TEST(equal_hashes))
