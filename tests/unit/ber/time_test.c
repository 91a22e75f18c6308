/* SPDX-License-Identifier: ISC */
/*
 * time_test.c - ber/time: the forms of UTCTime and GeneralizedTime
 */
#include "ber/time.h"
#include "tests/unit/test.h"

/* utc - read the seconds of a UTCTime, or the error */
static int64_t
utc(const char *text)
{
	int64_t seconds = 4711;
	int error = utc_time_parse(slice_of_string(text), &seconds);

	if (error != 0)
		ck_assert_int_eq(seconds, 4711);
	return error != 0 ? error : seconds;
}

/* generalized - read the seconds of a GeneralizedTime, or the error */
static int64_t
generalized(const char *text)
{
	int64_t seconds = 4711;
	int error = generalized_time_parse(slice_of_string(text), &seconds);

	if (error != 0)
		ck_assert_int_eq(seconds, 4711);
	return error != 0 ? error : seconds;
}

START_TEST(utc_forms)
{
	ck_assert_int_eq(utc("700101000000Z"), 0);
	ck_assert_int_eq(utc("7001010000Z"), 0);
	ck_assert_int_eq(utc("231114221320Z"), 1700000000);
	ck_assert_int_eq(utc("2311142213Z"), 1700000000 - 20);
	ck_assert_int_eq(utc("231114231320+0100"), 1700000000);
	ck_assert_int_eq(utc("2311142313+0100"), 1700000000 - 20);
	ck_assert_int_eq(utc("231114164320-0530"), 1700000000);
	ck_assert_int_eq(utc("231115000000+0000"), 1700006400);
	/* into another day, month and year */
	ck_assert_int_eq(utc("240101003000+0100"), utc("231231233000Z"));
	ck_assert_int_eq(utc("231231233000-0100"), utc("240101003000Z"));
	/* the century */
	ck_assert_int_eq(utc("700101000000Z"), 0);
	ck_assert_int_eq(utc("691231235959Z"), 3155759999);
	ck_assert_int_eq(utc("000229000000Z"), 951782400);
}
END_TEST

START_TEST(utc_malformed)
{
	static const char *const syntax[] = {"", "Z", "231114", "2311142213",
	    "231114221320", "23111422132Z", "231114221320z", "231114221320ZZ",
	    "231114221320Z ", " 231114221320Z", "231114221320.5Z",
	    "231114221320+01", "231114221320+010", "231114221320+01000",
	    "231114221320+", "2311142213200Z", "23111422132xZ", "2311142213+Z",
	    "20231114221320Z", "231114221320+01-0"};
	static const char *const value[] = {"230014221320Z", "231314221320Z",
	    "231100221320Z", "231131221320Z", "230229221320Z", "231114241320Z",
	    "231114226020Z", "231114221360Z", "231114221320+2400",
	    "231114221320+0160"};
	size_t i;

	for (i = 0; i < sizeof(syntax) / sizeof(syntax[0]); i++)
		ck_assert_msg(
		    utc(syntax[i]) == ERR_SYNTAX, "\"%s\"", syntax[i]);
	for (i = 0; i < sizeof(value) / sizeof(value[0]); i++)
		ck_assert_msg(utc(value[i]) == ERR_VALUE, "\"%s\"", value[i]);
}
END_TEST

START_TEST(utc_back)
{
	char text[UTC_TIME_LEN + 1];
	int64_t seconds, back;

	/* Every five and a half days of the century that has two digits. */
	for (seconds = 0; seconds < 3155760000; seconds += 477773) {
		utc_time_format(seconds, text);
		ck_assert_uint_eq(strlen(text), UTC_TIME_LEN);
		back = utc(text);
		ck_assert_int_eq(back, seconds);
	}
	utc_time_format(-1, text);
	ck_assert_str_eq(text, "700101000000Z");
	utc_time_format(3155760000, text);
	ck_assert_str_eq(text, "691231235959Z");
	utc_time_format(INT64_MIN, text);
	ck_assert_str_eq(text, "700101000000Z");
	utc_time_format(INT64_MAX, text);
	ck_assert_str_eq(text, "691231235959Z");
}
END_TEST

START_TEST(generalized_forms)
{
	ck_assert_int_eq(generalized("20231114221320Z"), 1700000000);
	ck_assert_int_eq(generalized("20231114221320"), 1700000000);
	ck_assert_int_eq(generalized("20231114221320.999Z"), 1700000000);
	ck_assert_int_eq(
	    generalized("20231114221320,123456789012345Z"), 1700000000);
	ck_assert_int_eq(generalized("20231114231320+01"), 1700000000);
	ck_assert_int_eq(generalized("20231114231320.0+0100"), 1700000000);
	ck_assert_int_eq(generalized("2023111422Z"), 1699999200);
	ck_assert_int_eq(generalized("2023111422.5Z"), 1699999200 + 1800);
	ck_assert_int_eq(generalized("2023111422.25"), 1699999200 + 900);
	ck_assert_int_eq(generalized("202311142213.5Z"), 1699999200 + 810);
	ck_assert_int_eq(generalized("18500101000000Z"), -3786825600);
	ck_assert_int_eq(generalized("99991231235959Z"), 253402300799);
	ck_assert_int_eq(generalized("2023"), ERR_SYNTAX);
	ck_assert_int_eq(generalized("20231114"), ERR_SYNTAX);
	ck_assert_int_eq(generalized("20231114221320."), ERR_SYNTAX);
	ck_assert_int_eq(generalized("20231114221320.Z"), ERR_SYNTAX);
	ck_assert_int_eq(generalized("20231114221320Zx"), ERR_SYNTAX);
	ck_assert_int_eq(generalized("2023111422132Z"), ERR_SYNTAX);
	ck_assert_int_eq(generalized("00000101000000Z"), ERR_VALUE);
	ck_assert_int_eq(generalized("20230229000000Z"), ERR_VALUE);
	ck_assert_int_eq(generalized("20231114221320+2400"), ERR_VALUE);
}
END_TEST

TEST_MAIN("ber/time", TEST(utc_forms), TEST(utc_malformed), TEST(utc_back),
    TEST(generalized_forms))
