/* SPDX-License-Identifier: ISC */
/*
 * calendar_test.c - base/calendar against the C library, base/clock's bounds
 */
#include <limits.h>
#include <time.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "tests/unit/test.h"

/* compare - compare our date of a moment with gmtime's, and convert it back */
static void
compare(int64_t seconds)
{
	time_t moment = (time_t)seconds;
	struct calendar date;
	int64_t back = 0;
	struct tm tm;

	ck_assert_ptr_nonnull(gmtime_r(&moment, &tm));
	calendar_from_seconds(seconds, &date);
	ck_assert_msg(date.year == tm.tm_year + 1900 &&
		date.month == tm.tm_mon + 1 && date.day == tm.tm_mday &&
		date.hour == tm.tm_hour && date.minute == tm.tm_min &&
		date.second == tm.tm_sec,
	    "%lld", (long long)seconds);
	ck_assert(calendar_to_seconds(&date, &back) == 0 && back == seconds);
}

START_TEST(as_the_c_library)
{
	int64_t day;

	/* Every day of 1850 to 2150, at changing times of the day. */
	for (day = -43830; day < 65744; day++)
		compare(day * 86400 + (day * 7919 % 86400 + 86400) % 86400);
	compare(-62135596800); /* 0001-01-01T00:00:00Z */
	compare(253402300799); /* 9999-12-31T23:59:59Z */
	compare(-1);
	compare(0);
	compare(951782399); /* the last second of 2000-02-28 */
}
END_TEST

START_TEST(no_such_date)
{
	static const struct calendar bad[] = {{0, 1, 1, 0, 0, 0},
	    {10000, 1, 1, 0, 0, 0}, {2000, 0, 1, 0, 0, 0},
	    {2000, 13, 1, 0, 0, 0}, {2000, 1, 0, 0, 0, 0},
	    {2000, 1, 32, 0, 0, 0}, {2000, 4, 31, 0, 0, 0},
	    {1900, 2, 29, 0, 0, 0}, {2001, 2, 29, 0, 0, 0},
	    {2000, 1, 1, 24, 0, 0}, {2000, 1, 1, 0, 60, 0},
	    {2000, 1, 1, 0, 0, 60}, {2000, 1, 1, -1, 0, 0}};
	const struct calendar leap = {2000, 2, 29, 0, 0, 0};
	int64_t seconds = 42;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(
		    calendar_to_seconds(&bad[i], &seconds), ERR_VALUE);
	ck_assert_int_eq(seconds, 42);
	ck_assert_int_eq(calendar_to_seconds(&leap, &seconds), 0);
	ck_assert_int_eq(seconds, 951782400);
}
END_TEST

START_TEST(extremes)
{
	char text[CALENDAR_TEXT_MAX];

	ck_assert_str_eq(calendar_format(0, text), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(
	    calendar_format(INT64_MAX, text), "9999-12-31T23:59:59Z");
	ck_assert_str_eq(
	    calendar_format(INT64_MIN, text), "0001-01-01T00:00:00Z");
}
END_TEST

START_TEST(deadlines)
{
	uint64_t now = clock_monotonic();
	int left;

	ck_assert_uint_eq(clock_after(UINT64_MAX), CLOCK_NEVER);
	ck_assert_uint_eq(clock_after(UINT64_MAX - 1), CLOCK_NEVER);
	ck_assert_int_eq(clock_remaining(CLOCK_NEVER), -1);
	ck_assert_int_eq(clock_remaining(0), 0);
	ck_assert_int_eq(clock_remaining(now), 0);
	ck_assert_int_eq(clock_remaining(CLOCK_NEVER - 1), INT_MAX);
	left = clock_remaining(clock_after(100000));
	ck_assert_int_le(left, 100000);
	ck_assert_int_gt(left, 50000);
	ck_assert_int_gt(clock_wall(), 1700000000000);
	ck_assert_uint_ge(clock_monotonic(), now);
}
END_TEST

TEST_MAIN("base/calendar", TEST(as_the_c_library), TEST(no_such_date),
    TEST(extremes), TEST(deadlines))
