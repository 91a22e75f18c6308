/* SPDX-License-Identifier: ISC */
/*
 * arena_test.c - base/arena: zeroed, aligned, apart, and never over the cap
 */
#include <malloc.h>

#include "base/arena.h"
#include "tests/unit/test.h"

#define ALIGN _Alignof(max_align_t)

/* is_zero - tell whether all octets are zero */
static bool
is_zero(const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0 && *p == 0)
		p++, len--;
	return len == 0;
}

START_TEST(zeroed_aligned_apart)
{
	struct arena arena;
	uint8_t *got[400];
	size_t size[400], i, k, wrong = 0;
	int round;

	arena_init(&arena, 10 << 20);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 400; i++) {
			size[i] = i * 37 % 5000;
			got[i] = arena_alloc(&arena, size[i]);
			ck_assert_ptr_nonnull(got[i]);
			ck_assert_uint_eq((uintptr_t)got[i] % ALIGN, 0);
			ck_assert(is_zero(got[i], size[i]));
			memset(got[i], (int)(i % 255 + 1), size[i]);
		}
		for (i = 0; i < 400; i++)
			for (k = 0; k < size[i]; k++)
				wrong += got[i][k] != i % 255 + 1;
		ck_assert_uint_eq(wrong, 0);
		/* Octets that are used again after a reset are zeroed again. */
		arena_reset(&arena);
		ck_assert_uint_eq(arena.used, 0);
	}
	arena_fini(&arena);
}
END_TEST

START_TEST(maximum)
{
	struct arena arena;
	size_t count = 0;

	arena_init(&arena, 1000);
	ck_assert_ptr_null(arena_alloc(&arena, 1001));
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX - 8));
	while (arena_alloc(&arena, 1) != NULL)
		count++;
	ck_assert_uint_eq(count, 1000 / ALIGN);
	ck_assert_uint_le(arena.used, 1000);
	arena_reset(&arena);
	ck_assert_ptr_nonnull(arena_alloc(&arena, 992));
	ck_assert_ptr_null(arena_alloc(&arena, 16));
	arena_fini(&arena);
	arena_init(&arena, 0);
	ck_assert_ptr_null(arena_alloc(&arena, 0));
	arena_fini(&arena);
}
END_TEST

START_TEST(array_overflow)
{
	struct arena arena;

	arena_init(&arena, SIZE_MAX);
	ck_assert_ptr_null(arena_array(&arena, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(
	    arena_array(&arena, (size_t)1 << 33, (size_t)1 << 31));
	ck_assert_ptr_nonnull(arena_array(&arena, 0, 8));
	ck_assert_ptr_nonnull(arena_array(&arena, 8, 0));
	ck_assert_ptr_nonnull(arena_array(&arena, 100, 100));
	arena_fini(&arena);
}
END_TEST

START_TEST(copies)
{
	struct slice from = slice_of_string("Grüße"), to;
	struct arena arena;
	char *string;

	arena_init(&arena, 10000);
	ck_assert_int_eq(arena_slice(&arena, from, &to), 0);
	ck_assert(slice_equal(from, to));
	ck_assert_ptr_ne(from.data, to.data);
	ck_assert_int_eq(arena_slice(&arena, slice_of(NULL, 0), &to), 0);
	ck_assert_uint_eq(to.len, 0);
	string = arena_string(&arena, from);
	ck_assert_str_eq(string, "Grüße");
	string = arena_string(&arena, slice_of(NULL, 0));
	ck_assert_str_eq(string, "");
	string = arena_printf(&arena, "%s/%d", "x400out", 7);
	ck_assert_str_eq(string, "x400out/7");
	string = arena_printf(&arena, "%8000d", 1);
	ck_assert_uint_eq(strlen(string), 8000);
	ck_assert_ptr_null(arena_printf(&arena, "%8000d", 1));
	to = from;
	ck_assert_int_eq(
	    arena_slice(&arena, slice_of(string, 8000), &to), ERR_LIMIT);
	ck_assert_ptr_eq(to.data, from.data);
	arena_fini(&arena);
}
END_TEST

START_TEST(many_small_ones_cost_few_chunks)
{
	struct mallinfo2 before = mallinfo2(), after;
	struct arena arena;
	size_t i, taken;

	/* 11 MB in small pieces: no more than a tenth is lost. */
	arena_init(&arena, 16 << 20);
	for (i = 0; i < 100000; i++)
		ck_assert_ptr_nonnull(arena_alloc(&arena, 112));
	ck_assert_uint_eq(arena.used, 100000 * 112);
	after = mallinfo2();
	taken = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	ck_assert_uint_lt(taken, arena.used + arena.used / 10);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("base/arena", TEST(zeroed_aligned_apart), TEST(maximum),
    TEST(array_overflow), TEST(copies), TEST(many_small_ones_cost_few_chunks))
