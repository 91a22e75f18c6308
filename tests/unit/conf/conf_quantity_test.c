/* SPDX-License-Identifier: ISC */
/*
 * conf_quantity_test.c - numbers, intervals and sizes as text
 */
#include "conf/conf_quantity.h"

#include <inttypes.h>

#include "tests/unit/test.h"

typedef int parser(const char *, uint64_t *);
typedef int formatter(uint64_t, struct buffer *);

/* both_ways - check that text is value, and value is written as canonical */
static void
both_ways(parser *parse, formatter *format, const char *text, uint64_t value,
    const char *canonical)
{
	struct buffer out;
	uint64_t got = 12345;

	ck_assert_int_eq(parse(text, &got), 0);
	ck_assert_msg(got == value, "%s is %" PRIu64, text, got);
	buffer_init(&out, 64);
	ck_assert_int_eq(format(got, &out), 0);
	ck_assert_msg(slice_equal_string(buffer_slice(&out), canonical),
	    "%s: %.*s", text, (int)buffer_length(&out),
	    (const char *)buffer_slice(&out).data);
	buffer_fini(&out);
}

/* refused - check that text is refused, and the result is left alone */
static void
refused(parser *parse, const char *text, int error)
{
	uint64_t got = 12345;

	ck_assert_msg(parse(text, &got) == error, "%s", text);
	ck_assert_uint_eq(got, 12345);
}

START_TEST(numbers)
{
	both_ways(conf_number_parse, conf_number_format, "0", 0, "0");
	both_ways(conf_number_parse, conf_number_format, "007", 7, "7");
	both_ways(conf_number_parse, conf_number_format, "18446744073709551615",
	    UINT64_MAX, "18446744073709551615");
	refused(conf_number_parse, "18446744073709551616", ERR_VALUE);
	refused(conf_number_parse, "", ERR_SYNTAX);
	refused(conf_number_parse, "-1", ERR_SYNTAX);
	refused(conf_number_parse, "+1", ERR_SYNTAX);
	refused(conf_number_parse, " 1", ERR_SYNTAX);
	refused(conf_number_parse, "1 ", ERR_SYNTAX);
	refused(conf_number_parse, "0x10", ERR_SYNTAX);
	refused(conf_number_parse, "1.5", ERR_SYNTAX);
}
END_TEST

START_TEST(intervals)
{
	static const struct {
		const char *text;
		uint64_t value;
		const char *canonical;
	} cases[] = {
	    {"0", 0, "0"},
	    {"600", 600000, "600"},
	    {"0.5", 500, "0.5"},
	    {"0.050", 50, "0.05"},
	    {"1.25s", 1250, "1.25"},
	    {"10m", 600000, "600"},
	    {"90m", 5400000, "5400"},
	    {"1.5h", 5400000, "5400"},
	    {"2h", 7200000, "2h"},
	    {"7d", 604800000, "7d"},
	    {"168h", 604800000, "7d"},
	    {"0.0001", 0, "0"},
	    {"0.123456789d", 10666666, "10666.666"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		both_ways(conf_interval_parse, conf_interval_format,
		    cases[i].text, cases[i].value, cases[i].canonical);
	refused(conf_interval_parse, "", ERR_SYNTAX);
	refused(conf_interval_parse, ".5", ERR_SYNTAX);
	refused(conf_interval_parse, "1.", ERR_SYNTAX);
	refused(conf_interval_parse, "1..5", ERR_SYNTAX);
	refused(conf_interval_parse, "1,5", ERR_SYNTAX);
	refused(conf_interval_parse, "-1", ERR_SYNTAX);
	refused(conf_interval_parse, "1w", ERR_SYNTAX);
	refused(conf_interval_parse, "1 h", ERR_SYNTAX);
	refused(conf_interval_parse, "1hh", ERR_SYNTAX);
	refused(conf_interval_parse, "1H", ERR_SYNTAX);
	refused(conf_interval_parse, "0.1234567890", ERR_SYNTAX);
	refused(conf_interval_parse, "1e3", ERR_SYNTAX);
	refused(conf_interval_parse, "18446744073709552", ERR_VALUE);
	refused(conf_interval_parse, "99999999999999999999", ERR_VALUE);
}
END_TEST

START_TEST(sizes)
{
	both_ways(conf_size_parse, conf_size_format, "0", 0, "0");
	both_ways(conf_size_parse, conf_size_format, "30K", 30720, "30K");
	both_ways(conf_size_parse, conf_size_format, "1024K", 1 << 20, "1M");
	both_ways(conf_size_parse, conf_size_format, "16G", UINT64_C(16) << 30,
	    "16G");
	both_ways(conf_size_parse, conf_size_format, "1025", 1025, "1025");
	refused(conf_size_parse, "", ERR_SYNTAX);
	refused(conf_size_parse, "K", ERR_SYNTAX);
	refused(conf_size_parse, "1.5M", ERR_SYNTAX);
	refused(conf_size_parse, "1KB", ERR_SYNTAX);
	refused(conf_size_parse, "1k", ERR_SYNTAX);
	refused(conf_size_parse, "-1", ERR_SYNTAX);
	refused(conf_size_parse, "99999999999T", ERR_VALUE);
}
END_TEST

TEST_MAIN("conf/conf_quantity", TEST(numbers); TEST(intervals); TEST(sizes))
