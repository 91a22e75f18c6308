/* SPDX-License-Identifier: ISC */
/*
 * throttle_test.c - 1, 2, 4 … 60 seconds
 */
#include "master/throttle.h"
#include "tests/unit/test.h"

START_TEST(delays)
{
	static const uint64_t seconds[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct throttle throttle = {0};
	size_t i;

	ck_assert(!throttle_passed(&throttle));
	ck_assert_uint_eq(throttle_remaining(&throttle, 5), 0);
	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		ck_assert_uint_eq(
		    throttle_failed(&throttle, 1000 * i), seconds[i] * 1000);
	ck_assert_uint_eq(throttle_remaining(&throttle, 8000), 60000);
	ck_assert_uint_eq(throttle_remaining(&throttle, 67999), 1);
	ck_assert_uint_eq(throttle_remaining(&throttle, 68000), 0);
	ck_assert(throttle_passed(&throttle));
	ck_assert_uint_eq(throttle_remaining(&throttle, 8000), 0);
	ck_assert_uint_eq(throttle_failed(&throttle, 0), 1000);
}
END_TEST

START_TEST(never_overflows)
{
	struct throttle throttle = {0};
	int i;

	for (i = 0; i < 1000; i++)
		ck_assert_uint_le(throttle_failed(&throttle, 0), 60000);
}
END_TEST

TEST_MAIN("master/throttle", TEST(delays); TEST(never_overflows))
