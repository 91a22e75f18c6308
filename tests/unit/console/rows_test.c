/* SPDX-License-Identifier: ISC */
/*
 * rows_test.c - two answers are put together, the newest first
 */
#include "console/rows.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

static struct rows here, others;
static struct buffer out;
static bool more;

/* begin - begin with none, and at most so many of each */
static void
begin(unsigned limit)
{
	rows_init(&here, limit);
	rows_init(&others, limit);
	buffer_init(&out, ROWS_OCTETS);
}

/* end - give everything back */
static void
end(void)
{
	rows_fini(&here);
	rows_fini(&others);
	buffer_fini(&out);
}

/* add - add a row that arrived at a second */
static int
add(struct rows *rows, int64_t second)
{
	const struct ipc_field field = {.name = slice_of_string("arrival"),
	    .type = IPC_FIELD_TIME,
	    .number = second * 1000};
	const struct ipc_row row = {.fields = &field, .field_count = 1};

	return rows_add(rows, &row);
}

/* expect - check what both are together */
static void
expect(const char *seconds)
{
	char text[512] = "";
	size_t used = 0;

	ck_assert_int_eq(rows_merge(&here, &others, &out, &more), 0);
	for (const char *c = seconds; *c != '\0'; c++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s{\"arrival\":%c}", c == seconds ? "" : ",", *c);
	ck_assert_msg(slice_equal_string(buffer_slice(&out), text),
	    "%.*s and not %s", (int)buffer_length(&out),
	    (const char *)buffer_slice(&out).data, text);
	buffer_reset(&out);
}

START_TEST(the_newest_come_first)
{
	begin(9);
	expect("");
	ck_assert_int_eq(add(&here, 7), 0);
	ck_assert_int_eq(add(&here, 3), 0);
	expect("73");
	ck_assert_int_eq(add(&others, 8), 0);
	ck_assert_int_eq(add(&others, 5), 0);
	ck_assert_int_eq(add(&others, 1), 0);
	expect("87531");
	ck_assert(!more);
	ck_assert_int_eq(here.oldest, 3000);
	end();
}
END_TEST

START_TEST(so_many_of_both)
{
	begin(2);
	ck_assert_int_eq(add(&here, 7), 0);
	ck_assert_int_eq(add(&here, 6), 0);
	expect("76");
	ck_assert(!more);
	ck_assert_int_eq(add(&others, 9), 0);
	expect("97");
	ck_assert(more);
	ck_assert_int_eq(add(&here, 5), ERR_CANCELLED);
	ck_assert_uint_eq(here.count, 2);
	ck_assert(here.more);
	end();
}
END_TEST

TEST_MAIN("console/rows", TEST(the_newest_come_first); TEST(so_many_of_both))
