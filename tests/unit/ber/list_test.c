/* SPDX-License-Identifier: ISC */
/*
 * list_test.c - ber/list: the members of a list, as an array
 */
#include "ber/list.h"
#include "tests/unit/ber/hex.h"
#include "tests/unit/test.h"

static struct diag diag;
static struct arena arena;

/* The items that the reader gave. */
static int64_t *items;
static size_t count;

static size_t least; /* members that there must be */

/* get_number - get a member that is an INTEGER below 100 */
static int
get_number(const struct ber_reader *reader, const struct ber_element *el,
    const char *name, struct arena *in, void *item)
{
	ck_assert_ptr_eq(in, &arena);
	ck_assert_int_eq(*(int64_t *)item, 0);
	return ber_get_integer(reader, el, name, 0, 99, item);
}

/* list - read a list from octets, which are one element, at most three
 * members */
static int
list(const char *octets, const char *member, size_t spare)
{
	const struct ber_list_kind kind = {.member = member,
	    .size = sizeof(int64_t),
	    .least = least,
	    .most = 3,
	    .spare = spare,
	    .get = get_number};
	static int64_t before[1];
	struct ber_reader reader;
	struct ber_element el;
	void *got = before;
	struct hex hex;
	int n;

	diag_clear(&diag);
	arena_reset(&arena);
	count = 4711;
	ber_reader_init(&reader, hex_parse(&hex, octets), &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	n = ber_get_list(&reader, &el, "numbers", &kind, &arena, &got, &count);
	if (n != 0) {
		ck_assert_uint_eq(count, 4711);
		ck_assert_ptr_eq(got, before);
	}
	items = got;
	return n;
}

/* says - tell whether the error's text has this */
static bool
says(const char *what)
{
	return strstr(diag_text(&diag), what) != NULL;
}

START_TEST(members)
{
	arena_init(&arena, 65536);
	ck_assert_int_eq(list("30 09 020101 020102 020163", NULL, 0), 0);
	ck_assert_uint_eq(count, 3);
	ck_assert_int_eq(items[0], 1);
	ck_assert_int_eq(items[1], 2);
	ck_assert_int_eq(items[2], 99);
	/* of indefinite length, and a SET OF */
	ck_assert_int_eq(list("30 80 020107 0000", NULL, 0), 0);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(items[0], 7);
	ck_assert_int_eq(list("31 03 020108", NULL, 0), 0);
	ck_assert_int_eq(items[0], 8);
	arena_fini(&arena);
}
END_TEST

START_TEST(empty)
{
	arena_init(&arena, 65536);
	ck_assert_int_eq(list("30 00", NULL, 0), 0);
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_null(items);
	/* room for what the caller adds */
	ck_assert_int_eq(list("30 00", NULL, 2), 0);
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_nonnull(items);
	ck_assert_int_eq(items[1], 0);
	arena_fini(&arena);
}
END_TEST

START_TEST(errors)
{
	arena_init(&arena, 65536);
	ck_assert_int_eq(list("04 00", NULL, 0), ERR_SYNTAX);
	ck_assert_int_eq(
	    list("30 0c 020101 020101 020101 020101", NULL, 0), ERR_LIMIT);
	ck_assert(says("more than 3"));
	ck_assert_int_eq(list("30 06 020101 020164", NULL, 0), ERR_VALUE);
	ck_assert(!says("number 2"));
	least = 2;
	ck_assert_int_eq(list("30 03 020101", NULL, 0), ERR_SYNTAX);
	ck_assert(says("fewer than 2"));
	ck_assert_int_eq(list("30 06 020101 020101", NULL, 0), 0);
	ck_assert_int_eq(list("30 06 020101 020164", "number", 0), ERR_VALUE);
	ck_assert(says("number 2"));
	ck_assert_int_lt(list("30 05 020101 0204", NULL, 0), 0);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("ber/list", TEST(members), TEST(empty), TEST(errors))
