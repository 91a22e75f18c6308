/* SPDX-License-Identifier: ISC */
/*
 * delays_test.c - how long messages took, counted in classes
 */
#include "tracker/delays.h"

#include "tests/unit/test.h"

static struct delays delays;

/* note - note a record with delays in ms; -1: it has none */
static void
note(enum track_event event, int64_t all, int64_t queue)
{
	const struct track_record record = {.event = event,
	    .delay_plus = (uint64_t)(all + 1),
	    .delay_queue_plus = (uint64_t)(queue + 1)};

	delays_note(&delays, &record);
}

/* count - get the count of a class, "below" a bound in ms */
static int64_t
count(const char *stage, int64_t below, int64_t *total)
{
	struct arena arena;
	int64_t found = -1;

	arena_init(&arena, 1 << 20);
	for (size_t i = 0;; i++) {
		struct row row;

		row_init(&row, &arena);
		if (delays_row(&delays, i, &row) != 0)
			break;
		ck_assert_int_eq(row.error, 0);
		if (slice_equal_string(row.fields[0].octets, stage) &&
		    row.fields[1].number == below) {
			found = row.fields[2].number;
			*total = row.fields[3].number;
		}
	}
	arena_fini(&arena);
	return found;
}

START_TEST(classes_include_the_smaller)
{
	int64_t total;

	delays = (struct delays){0};
	note(TRACK_TRANSFER, 0, -1);
	note(TRACK_DELIVERY, 100, 50);
	note(TRACK_TRANSFER, 101, -1);
	note(TRACK_TRANSFER, (int64_t)400 * 86400 * 1000, -1);
	/* An arrival took no time here, whatever it took before. */
	note(TRACK_ARRIVAL, 7, 7);
	/* Notes count when they are kept. */
	ck_assert_int_eq(count("all", 0, &total), 0);
	delays_keep(&delays);
	ck_assert_int_eq(count("all", 100, &total), 2);
	ck_assert_int_eq(count("all", 1000, &total), 3);
	ck_assert_int_eq(count("all", 86400000, &total), 3);
	ck_assert_int_eq(count("all", 0, &total), 4);
	ck_assert_int_eq(total, 201 + (int64_t)400 * 86400 * 1000);
	ck_assert_int_eq(count("queue", 0, &total), 1);
	ck_assert_int_eq(total, 50);
	ck_assert_int_eq(count("transfer", 0, &total), 0);
}
END_TEST

/* A transaction that failed comes again: it counts once. */
START_TEST(failed_transactions_count_once)
{
	int64_t total;

	delays = (struct delays){0};
	note(TRACK_TRANSFER, 5, -1);
	delays_forget(&delays);
	note(TRACK_TRANSFER, 5, -1);
	delays_keep(&delays);
	delays_keep(&delays);
	ck_assert_int_eq(count("all", 0, &total), 1);
}
END_TEST

TEST_MAIN("tracker/delays", TEST(classes_include_the_smaller);
	  TEST(failed_transactions_count_once))
