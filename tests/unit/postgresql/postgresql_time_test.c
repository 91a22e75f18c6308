/* SPDX-License-Identifier: ISC */
/*
 * postgresql_time_test.c - times as PostgreSQL reads them
 */
#include "postgresql/postgresql_time.h"

#include "tests/unit/test.h"

/* expect - check what becomes of a time */
static void
expect(int64_t ms, const char *wanted)
{
	char text[POSTGRESQL_TIME_MAX];

	ck_assert_str_eq(postgresql_time(ms, text), wanted);
	ck_assert_str_eq(
	    postgresql_time(postgresql_time_within(ms), text), wanted);
}

START_TEST(times)
{
	expect(0, "1970-01-01 00:00:00.000+00");
	expect(1764500000123, "2025-11-30 10:53:20.123+00");
	expect(-1, "1970-01-01 00:00:00.000+00");
	expect(INT64_MIN, "1970-01-01 00:00:00.000+00");
	expect(253402300799999, "9999-12-31 23:59:59.999+00");
	expect(INT64_MAX, "9999-12-31 23:59:59.999+00");
}
END_TEST

TEST_MAIN("postgresql/time", TEST(times))
