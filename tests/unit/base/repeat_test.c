/* SPDX-License-Identifier: ISC */
/*
 * repeat_test.c - what happens again and again is said once, then counted
 */
#include <stdio.h>

#include "base/repeat.h"
#include "tests/unit/test.h"

static struct repeat repeat;

/* Said, counted while it repeats, said again after an hour with the count. */
START_TEST(once_an_hour)
{
	unsigned more = 77;

	repeat = (struct repeat){0};
	ck_assert(repeat_say(&repeat, "a", 1000, &more));
	ck_assert_uint_eq(more, 0);
	for (uint64_t i = 1; i <= 500; i++)
		ck_assert(!repeat_say(&repeat, "a", 1000 + i, &more));
	ck_assert(repeat_say(&repeat, "b", 1501, &more));
	ck_assert_uint_eq(more, 0);
	ck_assert(repeat_say(&repeat, "a", 1000 + REPEAT_PAUSE, &more));
	ck_assert_uint_eq(more, 500);
	ck_assert(repeat_say(&repeat, "a", 1000 + 2 * REPEAT_PAUSE, &more));
	ck_assert_uint_eq(more, 0);
}
END_TEST

/* With more of them than are remembered each is said again at the worst. */
START_TEST(many)
{
	char text[32];
	unsigned more;

	repeat = (struct repeat){0};
	for (unsigned i = 0; i < 3 * REPEAT_TEXTS; i++) {
		snprintf(text, sizeof(text), "text %u", i);
		ck_assert(repeat_say(&repeat, text, i, &more));
	}
	ck_assert(!repeat_say(&repeat, text, 1000, &more));
	ck_assert(repeat_say(&repeat, "text 0", 1000, &more));
	ck_assert_uint_eq(more, 0);
}
END_TEST

TEST_MAIN("base/repeat", TEST(once_an_hour), TEST(many))
