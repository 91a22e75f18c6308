/* SPDX-License-Identifier: ISC */
/*
 * conf_schedule_test.c - when a link calls
 */
#include "conf/conf_schedule.h"

#include "tests/unit/test.h"

/* 2024-01-01 was a Monday. */
#define MONDAY	1704067200
#define HOUR	3600
#define DAY	(24 * HOUR)
#define QUARTER 900

/* schedule_of - parse a text that is right */
static struct conf_schedule
schedule_of(const char *text)
{
	struct conf_schedule schedule;
	struct diag diag = {0};

	ck_assert_msg(conf_schedule_parse(text, &schedule, &diag) == 0, "%s",
	    diag_text(&diag));
	return schedule;
}

/* refused - check that a text is refused, with its code */
static void
refused(const char *text, int code)
{
	struct conf_schedule schedule;
	struct diag diag = {0};

	ck_assert_msg(
	    conf_schedule_parse(text, &schedule, &diag) == code, "%s", text);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), text));
}

/* formats_as - check a text's canonical form, which means the same */
static void
formats_as(const char *text, const char *canonical)
{
	struct conf_schedule schedule = schedule_of(text), again;
	struct buffer out;

	buffer_init(&out, 65536);
	ck_assert_int_eq(conf_schedule_format(&schedule, &out), 0);
	ck_assert_msg(slice_equal_string(buffer_slice(&out), canonical),
	    "%s: %.*s", text, (int)buffer_length(&out),
	    (const char *)buffer_slice(&out).data);
	again = schedule_of(canonical);
	ck_assert_mem_eq(
	    again.quarters, schedule.quarters, sizeof(again.quarters));
	ck_assert_int_eq(again.kind, schedule.kind);
	buffer_fini(&out);
}

START_TEST(words)
{
	struct conf_schedule schedule = schedule_of("always");
	time_t next;

	ck_assert(conf_schedule_open(&schedule, MONDAY));
	ck_assert(!conf_schedule_next(&schedule, MONDAY, &next));
	schedule = schedule_of("never");
	ck_assert_int_eq(schedule.kind, CONF_SCHEDULE_NEVER);
	ck_assert(!conf_schedule_open(&schedule, MONDAY));
	schedule = schedule_of("remote-initiated");
	ck_assert_int_eq(schedule.kind, CONF_SCHEDULE_REMOTE_INITIATED);
	ck_assert(!conf_schedule_open(&schedule, MONDAY));
	ck_assert(!conf_schedule_next(&schedule, MONDAY, &next));
	formats_as("always", "always");
	formats_as("never", "never");
	formats_as("remote-initiated", "remote-initiated");
}
END_TEST

START_TEST(times)
{
	struct conf_schedule s;

	setenv("TZ", "UTC", 1);
	tzset();
	s = schedule_of("Mon-Fri 08:00-18:00, Sat 10:00-12:15");
	ck_assert(!conf_schedule_open(&s, MONDAY + 8 * HOUR - 1));
	ck_assert(conf_schedule_open(&s, MONDAY + 8 * HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + 18 * HOUR - 1));
	ck_assert(!conf_schedule_open(&s, MONDAY + 18 * HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + 4 * DAY + 12 * HOUR));
	ck_assert(!conf_schedule_open(&s, MONDAY + 5 * DAY + 9 * HOUR));
	ck_assert(
	    conf_schedule_open(&s, MONDAY + 5 * DAY + 12 * HOUR + QUARTER - 1));
	ck_assert(
	    !conf_schedule_open(&s, MONDAY + 5 * DAY + 12 * HOUR + QUARTER));
	ck_assert(!conf_schedule_open(&s, MONDAY + 6 * DAY + 10 * HOUR));
}
END_TEST

START_TEST(wrapping)
{
	struct conf_schedule s;

	setenv("TZ", "UTC", 1);
	tzset();
	s = schedule_of("Sun 22:00-02:00");
	ck_assert(conf_schedule_open(&s, MONDAY + 6 * DAY + 23 * HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + 7 * DAY + HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + HOUR));
	ck_assert(!conf_schedule_open(&s, MONDAY + 2 * HOUR));
	s = schedule_of("Sat-Mon 12:00-13:00");
	ck_assert(conf_schedule_open(&s, MONDAY + 12 * HOUR));
	ck_assert(!conf_schedule_open(&s, MONDAY + DAY + 12 * HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + 5 * DAY + 12 * HOUR));
	ck_assert(conf_schedule_open(&s, MONDAY + 6 * DAY + 12 * HOUR));
}
END_TEST

START_TEST(next_change)
{
	struct conf_schedule s;
	time_t next = 0;

	setenv("TZ", "UTC", 1);
	tzset();
	s = schedule_of("Mon 08:00-09:00");
	ck_assert(conf_schedule_next(&s, MONDAY + 5, &next));
	ck_assert_int_eq(next, MONDAY + 8 * HOUR);
	ck_assert(conf_schedule_next(&s, MONDAY + 8 * HOUR, &next));
	ck_assert_int_eq(next, MONDAY + 9 * HOUR);
	ck_assert(conf_schedule_next(&s, MONDAY + 9 * HOUR, &next));
	ck_assert_int_eq(next, MONDAY + 7 * DAY + 8 * HOUR);
	s = schedule_of("00:00-24:00");
	ck_assert(conf_schedule_open(&s, MONDAY));
	ck_assert(!conf_schedule_next(&s, MONDAY, &next));
}
END_TEST

/* zones of half an hour: where another MTA's timers expired at once
 * (Q254818) */
START_TEST(half_hour_zone)
{
	struct conf_schedule s = schedule_of("Mon 05:30-06:00");
	time_t next = 0;

	setenv("TZ", "IST-5:30", 1);
	tzset();
	ck_assert(conf_schedule_open(&s, MONDAY));
	ck_assert(!conf_schedule_open(&s, MONDAY - 1));
	ck_assert(conf_schedule_next(&s, MONDAY - HOUR, &next));
	ck_assert_int_eq(next, MONDAY);
}
END_TEST

START_TEST(formatted)
{
	formats_as("Mon-Tue 08:00-18:00,wed  09:15 - 10:00",
	    "Mon 08:00-18:00, Tue 08:00-18:00, Wed 09:15-10:00");
	formats_as("Sun 22:00-02:00", "Mon 00:00-02:00, Sun 22:00-24:00");
	formats_as("Mon 08:00-09:00, Mon 08:30-10:00", "Mon 08:00-10:00");
}
END_TEST

START_TEST(malformed)
{
	refused("", ERR_SYNTAX);
	refused("Always", ERR_SYNTAX);
	refused("Mon", ERR_SYNTAX);
	refused("Mon 8:00-9:00", ERR_SYNTAX);
	refused("Mon 08:00", ERR_SYNTAX);
	refused("Mon 08:00-", ERR_SYNTAX);
	refused("Mon 08:00-09", ERR_SYNTAX);
	refused("Monday 08:00-09:00", ERR_SYNTAX);
	refused("Mon- 08:00-09:00", ERR_SYNTAX);
	refused("Mon 08:00-09:00,", ERR_SYNTAX);
	refused("Mon 08:00-09:00 x", ERR_SYNTAX);
	refused("Mon 08:00-09:00; Tue 08:00-09:00", ERR_SYNTAX);
	refused("Mon 08:10-09:00", ERR_VALUE);
	refused("Mon 08:60-09:00", ERR_VALUE);
	refused("Mon 08:00-25:00", ERR_VALUE);
	refused("Mon 08:00-24:15", ERR_VALUE);
	refused("Mon 24:00-08:00", ERR_VALUE);
	refused("Mon 08:00-08:00", ERR_VALUE);
}
END_TEST

TEST_MAIN("conf/conf_schedule", TEST(words); TEST(times); TEST(wrapping);
	  TEST(next_change); TEST(half_hour_zone); TEST(formatted);
	  TEST(malformed))
