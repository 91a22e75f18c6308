/* SPDX-License-Identifier: ISC */
/*
 * passed_test.c - what passed in each minute is counted once
 */
#include "tracker/passed.h"

#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"

#define MINUTE ((int64_t)60000)

static struct database db;
static struct arena arena;
static int64_t since, first, last, in, out, octets_in, octets_out;
static unsigned rows;

/* number_of - get a number of a row */
static int64_t
number_of(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].number;
	ck_abort_msg("no %s", name);
}

/* on_row - add up the rows behind the first one */
static int
on_row(void *arg, struct row *row)
{
	(void)arg;
	ck_assert_int_eq(row->error, 0);
	if (rows++ == 0) {
		since = number_of(row, "since");
		return 0;
	}
	last = number_of(row, "minute");
	if (first == 0)
		first = last;
	in += number_of(row, "in");
	out += number_of(row, "out");
	octets_in += number_of(row, "octets_in");
	octets_out += number_of(row, "octets_out");
	return 0;
}

/* count - count what passed from one time to another */
static void
count(int64_t from, int64_t before)
{
	since = first = last = in = out = octets_in = octets_out = 0;
	rows = 0;
	ck_assert_int_eq(
	    passed_run(&db, from, before, &arena, on_row, NULL), 0);
}

/* put - keep what was submitted here by a tool, and its delivery */
static void
put(int64_t time)
{
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = time,
	    .mts_id = slice_of_string("[C=XX;A=TEST;tool]"),
	    .size = 30};

	pages_record(&record);
	record.event = TRACK_DELIVERY;
	record.link = slice_of_string("msmail/po1");
	pages_record(&record);
}

START_TEST(each_minute_once)
{
	int64_t begin = (PAGES_BEGIN / MINUTE + 1) * MINUTE;
	uint64_t skip = (uint64_t)(begin - PAGES_BEGIN) / 1000;

	pages_enter();
	arena_init(&arena, 65536);
	ck_assert_int_eq(database_open(&db, NULL), 0);
	count(0, INT64_MAX);
	ck_assert_int_eq(since, 0);
	ck_assert_uint_eq(rows, 1);
	/* One a second, of 1,000 octets, for three minutes. */
	for (uint64_t n = 0; n < 180; n++) {
		pages_message(skip + n, "S=A;C=XX", "S=B;C=XX");
		if (n % 5 == 4)
			pages_keep(&db, n + 1);
	}
	put(begin + 3 * MINUTE);
	pages_keep(&db, 200);
	count(0, INT64_MAX);
	ck_assert_int_eq(since, begin);
	ck_assert_uint_eq(rows, 5);
	ck_assert_int_eq(first, begin / MINUTE);
	ck_assert_int_eq(last, begin / MINUTE + 3);
	ck_assert_int_eq(in, 180);
	ck_assert_int_eq(out, 181);
	ck_assert_int_eq(octets_in, 180000);
	ck_assert_int_eq(octets_out, 180030);
	/* Times that meet have each message in one of them. */
	count(begin, begin + 90000);
	ck_assert_uint_eq(rows, 3);
	ck_assert_int_eq(out, 90);
	count(begin + 90000, begin + 3 * MINUTE);
	ck_assert_int_eq(out, 90);
	ck_assert_int_eq(first, begin / MINUTE + 1);
	database_close(&db);
	arena_fini(&arena);
	pages_leave();
}
END_TEST

TEST_MAIN("tracker/passed", TEST(each_minute_once))
