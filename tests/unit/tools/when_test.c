/* SPDX-License-Identifier: ISC */
/*
 * when_test.c - moments as people write them
 */
#include "tools/when.h"

#include "tests/unit/test.h"

#define NOW INT64_C(1800000000)

START_TEST(from_now)
{
	static const struct {
		const char *text;
		int64_t ahead;
	} cases[] = {{"+0s", 0}, {"+90s", 90}, {"+30m", 1800}, {"+2h", 7200},
	    {"+1d", 86400}, {"+3650d", INT64_C(315360000)}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds = -1;

		ck_assert_int_eq(when_parse(cases[i].text, NOW, &seconds), 0);
		ck_assert_int_eq(seconds, NOW + cases[i].ahead);
	}
}
END_TEST

START_TEST(dates)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {{"1970-01-01T00:00:00Z", 0},
	    {"2026-11-22T10:00:00Z", INT64_C(1795341600)},
	    {"2026-11-22T10:00Z", INT64_C(1795341600)},
	    {"2024-02-29T23:59:59Z", INT64_C(1709251199)}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds = -1;

		ck_assert_int_eq(when_parse(cases[i].text, NOW, &seconds), 0);
		ck_assert_int_eq(seconds, cases[i].seconds);
	}
}
END_TEST

/* Nothing is guessed, and the result is untouched. */
START_TEST(nonsense)
{
	static const char *const cases[] = {"", "+", "+s", "+5", "+5x", "+5ss",
	    "+-5s", "++5s", "+ 5s", "5s", "+3651d", "+99999999999999999999s",
	    "now", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22T10:00:00z",
	    "2026-11-22T10:00:00Z ", " 2026-11-22T10:00:00Z",
	    "2026-11-22 10:00:00Z", "+026-11-22T10:00:00Z",
	    "2026-1-2T10:00:00Z", "2026-13-01T10:00:00Z",
	    "2026-00-10T10:00:00Z", "2025-02-29T10:00:00Z",
	    "2026-04-31T10:00:00Z", "2026-11-22T24:00:01Z",
	    "2026-11-22T10:60:00Z"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds = 4711;
		int error = when_parse(cases[i], NOW, &seconds);

		ck_assert_msg(error == ERR_SYNTAX || error == ERR_VALUE,
		    "\"%s\": %d", cases[i], error);
		ck_assert_int_eq(seconds, 4711);
	}
}
END_TEST

TEST_MAIN("tools/when", TEST(from_now); TEST(dates); TEST(nonsense))
