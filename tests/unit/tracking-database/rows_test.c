/* SPDX-License-Identifier: ISC */
/*
 * rows_test.c - pages of tracking as rows of the tables
 */
#include "tracker/copier/rows.h"

#include "tests/unit/test.h"
#include "track/track.h"

#define BAD  "\xef\xbf\xbd"
#define TIME INT64_C(1764500000123) /* 2025-11-30 10:53:20.123 */

static struct rows rows;
static struct buffer records, page;

/* setup - begin without rows */
static void
setup(void)
{
	rows_init(&rows);
	buffer_init(&records, (size_t)1024 * 1024);
	buffer_init(&page, TRACK_PAGE_MAX);
}

/* teardown - give everything back */
static void
teardown(void)
{
	rows_fini(&rows);
	buffer_fini(&records);
	buffer_fini(&page);
}

/* put - append a record to the next page */
static void
put(const struct track_record *record)
{
	ck_assert_int_eq(track_encode(record, &records), 0);
}

/* add - add the page of the records so far as that of a queue */
static int
add(int64_t queue, uint64_t number, int64_t oldest)
{
	struct slice rest = buffer_slice(&records);

	ck_assert_int_eq(track_make_page(&rest, &page), 0);
	ck_assert_uint_eq(rest.len, 0);
	buffer_reset(&records);
	return rows_add(&rows, queue, number, buffer_slice(&page), oldest);
}

/* is - check what a buffer holds */
static void
is(const struct buffer *buffer, const char *text)
{
	struct slice got = buffer_slice(buffer);

	ck_assert_msg(slice_equal_string(got, text), "%.*s instead of %s",
	    (int)got.len, (const char *)got.data, text);
}

START_TEST(a_message)
{
	struct slice to[] = {slice_of_string("S=Bob;P=Q;A=A;C=xx"),
	    slice_of_string("S=Eve;P=Q;A=A;C=xx")};
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = TIME,
	    .mts_id = slice_of_string("[C=XX;A=A;1]"),
	    .message = 7,
	    .priority = 1,
	    .size = 1000,
	    .link = slice_of_string("rome"),
	    .content_id = slice_of_string("Cid 1"),
	    .content_type = slice_of_string("22"),
	    .originator = slice_of_string("S=Al;P=P;A=A;C=XX"),
	    .trace = slice_of_string("C=XX;A=A"),
	    .to = slice_of_string("paris"),
	    .delay_plus = 6,
	    .recipients = to,
	    .recipient_count = 2};
	const struct track_record report = {.event = TRACK_REPORT,
	    .time = TIME,
	    .message = 7,
	    .reason_plus = 1,
	    .diagnostic_plus = 12,
	    .text = slice_of_string("unknown"),
	    .by = slice_of_string("uid 0")};

	setup();
	put(&record);
	put(&report);
	ck_assert_int_eq(add(3, 99, 0), 0);
	is(&rows.events,
	    "2025-11-30 10:53:20.123+00\t3\t99\t0\t0\t0\t[C=XX;A=A;1]\t7\t0\t"
	    "rome\t1000\t\\N\t\\N\t\\N\t\\N\t\\N\t5\t\\N\t\\N\t"
	    "S=Al;P=P;A=A;C=XX\t;C=XX;A=A;P=P;S=AL;\tCid 1\t22\t1\tC=XX;A=A\t"
	    "\\N\tparis\n"
	    "2025-11-30 10:53:20.123+00\t3\t99\t1\t3\t0\t\t7\t0\t"
	    "\\N\t0\t0\t11\tunknown\tuid 0\t\\N\t\\N\t\\N\t\\N\t"
	    "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n");
	is(&rows.recipients,
	    "2025-11-30 10:53:20.123+00\t3\t99\t0\t0\tS=Bob;P=Q;A=A;C=xx\t"
	    ";C=XX;A=A;P=Q;S=BOB;\n"
	    "2025-11-30 10:53:20.123+00\t3\t99\t0\t1\tS=Eve;P=Q;A=A;C=xx\t"
	    ";C=XX;A=A;P=Q;S=EVE;\n");
	ck_assert_uint_eq(rows.count, 2);
	ck_assert_uint_eq(rows.day_count, 1);
	ck_assert_int_eq(rows.days[0], days_of(TIME));
	teardown();
}
END_TEST

/* A report goes to whom its arrival names as originator. */
START_TEST(a_report)
{
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = TIME,
	    .kind = MTS_REPORT,
	    .mts_id = slice_of_string("r"),
	    .subject = slice_of_string("m"),
	    .originator = slice_of_string("S=Al;A=A;C=XX")};

	setup();
	put(&record);
	ck_assert_int_eq(add(1, 1, 0), 0);
	is(&rows.events,
	    "2025-11-30 10:53:20.123+00\t1\t1\t0\t0\t2\tr\t0\t0\t"
	    "\\N\t0\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"
	    "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\tm\t\\N\n");
	is(&rows.recipients,
	    "2025-11-30 10:53:20.123+00\t1\t1\t0\t0\tS=Al;A=A;C=XX\t"
	    ";C=XX;A=A;S=AL;\n");
	teardown();
}
END_TEST

/* Whatever octets a stranger chose, the server gets UTF-8 without a NUL, and
 * rows that are whole. */
START_TEST(octets_of_strangers)
{
	static const char text[] =
	    "a\tb\nc\rd\\e\0f\xff\xc3\xa4\xc3\xe2\x82\xac"
	    "\xed\xa0\x80\xc0\x80\xf0\x9f\x98\x80"
	    "\xf4\x90\x80\x80\xe2\x82";
	static const char want[] =
	    "\ta\\tb\\nc\\rd\\\\e" BAD "f" BAD "\xc3\xa4" BAD
	    "\xe2\x82\xac" BAD BAD BAD BAD BAD
	    "\xf0\x9f\x98\x80" BAD BAD BAD BAD BAD BAD "\t";
	struct track_record record = {.event = TRACK_HOLD,
	    .time = TIME,
	    .mts_id = slice_of_string("x"),
	    .text = slice_of(text, sizeof(text) - 1)};
	struct slice got;

	setup();
	put(&record);
	ck_assert_int_eq(add(1, 1, 0), 0);
	got = buffer_slice(&rows.events);
	ck_assert_ptr_nonnull(
	    memmem(got.data, got.len, want, sizeof(want) - 1));
	teardown();
}
END_TEST

START_TEST(days)
{
	struct track_record record = {
	    .event = TRACK_HOLD, .mts_id = slice_of_string("x")};

	ck_assert_int_eq(days_of(-1), -1);
	ck_assert_int_eq(days_of(0), 0);
	ck_assert_int_eq(days_of(DAYS_MS - 1), 0);
	ck_assert_int_eq(days_of(DAYS_MS), 1);
	setup();
	for (int day = 0; day < 3; day++) {
		record.time = day * DAYS_MS + 5;
		put(&record);
	}
	/* A record of a day that was dropped keeps its place. */
	ck_assert_int_eq(add(1, 1, 1), 0);
	ck_assert_uint_eq(rows.day_count, 2);
	ck_assert_uint_eq(rows.count, 2);
	is(&rows.events,
	    "1970-01-02 00:00:00.005+00\t1\t1\t1\t4\t0\tx\t0\t0\t\\N\t0\t\\N\t"
	    "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"
	    "\\N\t\\N\n"
	    "1970-01-03 00:00:00.005+00\t1\t1\t2\t4\t0\tx\t0\t0\t\\N\t0\t\\N\t"
	    "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"
	    "\\N\t\\N\n");
	/* A page for which there is no room leaves nothing behind. */
	rows_reset(&rows);
	for (int day = 0; day < ROWS_DAYS; day++)
		rows.days[rows.day_count++] = 100 + day;
	record.time = 5;
	put(&record);
	ck_assert_int_eq(add(1, 2, 0), ERR_LIMIT);
	is(&rows.events, "");
	ck_assert_uint_eq(rows.day_count, ROWS_DAYS);
	/* The end of time has a day as well. */
	rows_reset(&rows);
	record.time = INT64_MAX;
	put(&record);
	ck_assert_int_eq(add(1, 3, 0), 0);
	ck_assert_int_eq(rows.days[0], days_of(INT64_C(253402300799999)));
	teardown();
}
END_TEST

START_TEST(nonsense)
{
	setup();
	ck_assert_int_eq(
	    rows_add(&rows, 1, 1, slice_of_string("nonsense"), 0), 0);
	is(&rows.events, "");
	teardown();
}
END_TEST

TEST_MAIN("tracker/copier/rows", TEST(a_message); TEST(a_report);
	  TEST(octets_of_strangers); TEST(days); TEST(nonsense))
