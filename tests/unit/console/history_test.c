/* SPDX-License-Identifier: ISC */
/*
 * history_test.c - what passed in each minute of the last day
 */
#include "console/history.h"

#include <jansson.h>

#include "tests/unit/test.h"

#define MINUTE 60000
#define START  ((int64_t)1796031120000) /* a full minute, and quarter + 2 */

static struct history history;

/* add - add counters, of messages alone */
static void
add(int64_t minutes, int64_t in, int64_t out)
{
	const int64_t totals[HISTORY_COUNTERS] = {
	    [HISTORY_IN] = in, [HISTORY_OUT] = out};

	history_add(&history, START + minutes * MINUTE, totals);
}

/* look - get one number of the JSON: -1, null */
static int64_t
look(int64_t minutes, const char *series, const char *counter, int from_end)
{
	struct buffer text;
	json_t *json;
	const json_t *list, *item;
	int64_t number;

	buffer_init(&text, 1 << 20);
	ck_assert_int_eq(
	    history_json(&history, START + minutes * MINUTE, &text), 0);
	json = json_loadb((const char *)buffer_slice(&text).data,
	    buffer_length(&text), 0, NULL);
	ck_assert_ptr_nonnull(json);
	list = json_object_get(json_object_get(json, series), counter);
	item =
	    json_array_get(list, json_array_size(list) - 1 - (size_t)from_end);
	ck_assert_ptr_nonnull(item);
	number = json_is_null(item) ? -1 : json_integer_value(item);
	json_decref(json);
	buffer_fini(&text);
	return number;
}

START_TEST(differences_count)
{
	history = (struct history){0};
	/* Messages before the first look are not known. */
	add(0, 1000, 2000);
	ck_assert_int_eq(look(0, "hour", "in", 0), 0);
	ck_assert_int_eq(look(0, "hour", "in", 1), -1);
	add(0, 1005, 2000);
	add(1, 1006, 2010);
	ck_assert_int_eq(look(1, "hour", "in", 1), 5);
	ck_assert_int_eq(look(1, "hour", "in", 0), 1);
	ck_assert_int_eq(look(1, "hour", "out", 0), 10);
	ck_assert_int_eq(look(1, "day", "in", 0), 6);
	/* Minutes without a look are empty, not unknown. */
	add(5, 1007, 2010);
	ck_assert_int_eq(look(5, "hour", "in", 0), 1);
	ck_assert_int_eq(look(5, "hour", "in", 1), 0);
	ck_assert_int_eq(look(5, "hour", "in", 4), 1);
}
END_TEST

/* Counters begin again with their link or qmgr: nothing negative passed. */
START_TEST(counters_fall)
{
	history = (struct history){0};
	add(0, 1000, 0);
	add(1, 10, 0);
	ck_assert_int_eq(look(1, "hour", "in", 0), 0);
	add(2, 13, 0);
	ck_assert_int_eq(look(2, "hour", "in", 0), 3);
}
END_TEST

/* A day later nothing of the day before is left, and a clock that was set back
 * begins again. */
START_TEST(days_and_clocks)
{
	history = (struct history){0};
	add(0, 0, 0);
	add(0, 7, 0);
	add(HISTORY_MINUTES, 7, 0);
	ck_assert_int_eq(look(HISTORY_MINUTES, "hour", "in", 0), 0);
	for (int i = 0; i < 96; i++)
		ck_assert_int_le(look(HISTORY_MINUTES, "day", "in", i), 0);
	add(HISTORY_MINUTES * 100, 9, 0);
	ck_assert_int_eq(look(HISTORY_MINUTES * 100, "hour", "in", 0), 2);
	add(5, 20, 0);
	ck_assert_int_eq(look(5, "hour", "in", 0), 0);
	ck_assert_int_eq(look(5, "hour", "in", 1), -1);
}
END_TEST

/* fill - fill in messages of a minute before */
static void
fill(int64_t minutes, int64_t in)
{
	const int64_t passed[HISTORY_COUNTERS] = {[HISTORY_IN] = in};

	history_fill(&history, START / MINUTE + minutes, passed);
}

/* What passed before the first look is filled in, the part of its minute
 * too. */
START_TEST(past_is_filled)
{
	history = (struct history){0};
	add(0, 0, 0);
	add(0, 3, 0);
	fill(0, 4);
	fill(-1, 10);
	fill(-30, 20);
	ck_assert_int_eq(look(0, "hour", "in", 1), -1);
	history_reach(&history, START / MINUTE - 40);
	ck_assert_int_eq(look(0, "hour", "in", 0), 7);
	ck_assert_int_eq(look(0, "hour", "in", 1), 10);
	ck_assert_int_eq(look(0, "hour", "in", 2), 0);
	ck_assert_int_eq(look(0, "hour", "in", 30), 20);
	ck_assert_int_eq(look(0, "hour", "in", 41), -1);
	/* A later minute, and one that is a day old, have no place. */
	fill(1, 100);
	fill(-HISTORY_MINUTES, 100);
	add(1, 3, 0);
	ck_assert_int_eq(look(1, "hour", "in", 0), 0);
	ck_assert_int_eq(look(1, "hour", "in", 1), 7);
	history_reach(&history, START / MINUTE);
	ck_assert_int_eq(look(1, "hour", "in", 2), 10);
}
END_TEST

TEST_MAIN("console/history", TEST(differences_count); TEST(counters_fall);
	  TEST(days_and_clocks); TEST(past_is_filled))
