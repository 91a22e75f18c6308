/* SPDX-License-Identifier: ISC */
/*
 * fold_test.c - events whose number others decide on are said, then counted
 *
 * The clock is the test's: each case says when an event comes.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/fold.h"
#include "tests/unit/test.h"

#define SECOND ((uint64_t)1000)

static const struct fold_rule once = {FOLD_LINES, 5, FOLD_HOUR};
static const struct fold_rule each = {FOLD_LINES, 20, 0};

static struct fold fold;
static struct fold_summary summary;

/* say - note an event of the category: whether it was to be said */
static bool
say(const struct fold_rule *rule, unsigned who, uint32_t detail, uint64_t now)
{
	char name[32];
	uint64_t before;

	snprintf(name, sizeof(name), "127.0.%u.%u", who / 256, who % 256);
	return fold_say(&fold, rule, name, detail, now, &before);
}

/* The first is said, the same is counted for an hour, then said with the
 * count; another detail of the same peer is said at once. */
START_TEST(same_again)
{
	uint64_t before = 77;

	ck_assert(fold_say(&fold, &once, "a", 1, SECOND, &before));
	ck_assert_uint_eq(before, 0);
	for (uint64_t i = 1; i <= 500; i++)
		ck_assert(!fold_say(&fold, &once, "a", 1, SECOND + i, &before));
	ck_assert(fold_say(&fold, &once, "a", 2, 2 * SECOND, &before));
	ck_assert_uint_eq(before, 0);
	ck_assert(fold_say(&fold, &once, "a", 1, SECOND + FOLD_HOUR, &before));
	ck_assert_uint_eq(before, 500);
}
END_TEST

/* A state is said each time, up to the rate. */
START_TEST(states)
{
	unsigned said = 0;

	for (unsigned i = 0; i < 100; i++)
		said += say(&each, 1, 1, SECOND + i);
	ck_assert_uint_eq(said, 20);
	ck_assert(say(&each, 2, 1, 2 * SECOND));
	ck_assert(say(&each, 1, 1, SECOND + FOLD_MINUTE));
}
END_TEST

/* A peer whose details all differ leaves room for another peer's first. */
START_TEST(one_peer_many_details)
{
	unsigned said = 0;

	for (uint32_t i = 0; i < 10000; i++)
		said += say(&once, 1, i, SECOND + i / 10);
	ck_assert_uint_eq(said, 5);
	ck_assert(say(&once, 2, 1, 2 * SECOND));
}
END_TEST

/* An hour of changing addresses, a hundred a second: in no minute, wherever it
 * begins, are there more than 60 lines, summaries among them; and every event
 * is said or counted. */
START_TEST(changing_addresses)
{
	static uint64_t lines[60 * 60];
	uint64_t all = 0, said = 0, told = 0;
	unsigned count = 0, first = 0;

	for (uint64_t now = SECOND; now < SECOND + FOLD_HOUR; now += 10) {
		bool line = say(&once, (unsigned)(now / 10 % 60000), 1, now);

		all++;
		said += line;
		if (!line && fold_due(&fold, now, &summary)) {
			told += summary.count;
			line = true;
		}
		if (!line)
			continue;
		ck_assert_uint_lt(count, sizeof(lines) / sizeof(lines[0]));
		lines[count++] = now;
		while (now - lines[first] >= FOLD_MINUTE)
			first++;
		ck_assert_uint_le(count - first, 60);
	}
	ck_assert_uint_gt(said, 0);
	if (fold_due(&fold, CLOCK_NEVER, &summary))
		told += summary.count;
	ck_assert_uint_eq(said + told, all);
}
END_TEST

/* Among many that come once the one that comes always is named, with no more
 * than it did. */
START_TEST(worst)
{
	unsigned of_one = 0;

	for (unsigned i = 0; i < 4000; i++) {
		say(&once, 1000 + i, 1, SECOND + i);
		if (i % 4 == 0) {
			say(&once, 7, 1, SECOND + i);
			of_one++;
		}
	}
	ck_assert(!fold_due(&fold, 10 * SECOND, &summary));
	ck_assert(fold_due(&fold, 70 * SECOND, &summary));
	ck_assert_str_eq(summary.worst, "127.0.0.7");
	ck_assert_uint_le(summary.worst_count, of_one);
	ck_assert_uint_gt(summary.worst_count, of_one / 2);
	ck_assert_uint_gt(summary.count, 4000);
	ck_assert(!fold_due(&fold, 80 * SECOND, &summary));
}
END_TEST

/* Summaries come after one, two, four ... minutes, at last once an hour, and
 * after a quiet time after one again. */
START_TEST(summaries)
{
	uint64_t now = SECOND, last = now, pause = FOLD_MINUTE;

	say(&once, 1, 1, now);
	for (; now < 10 * FOLD_HOUR; now += SECOND) {
		(void)say(&once, 1, 1, now);
		if (!fold_due(&fold, now, &summary))
			continue;
		ck_assert_uint_ge(now - last, pause);
		ck_assert_uint_le(now - last, pause + 2 * SECOND);
		last = now;
		pause = pause * 2 < FOLD_HOUR ? pause * 2 : FOLD_HOUR;
	}
	ck_assert_uint_eq(pause, FOLD_HOUR);
	now += FOLD_HOUR;
	(void)fold_due(&fold, now, &summary);
	now += FOLD_HOUR;
	(void)say(&once, 1, 1, now);
	(void)say(&once, 1, 1, now + 1);
	ck_assert(!fold_due(&fold, now + 2, &summary));
	ck_assert(fold_due(&fold, now + FOLD_MINUTE + 1, &summary));
	ck_assert_uint_eq(summary.count, 1);
}
END_TEST

/* Events still folded are summarized at the end; where none is, no summary is
 * written. */
START_TEST(at_the_end)
{
	ck_assert(!fold_due(&fold, CLOCK_NEVER, &summary));
	say(&once, 1, 1, SECOND);
	ck_assert(!fold_due(&fold, CLOCK_NEVER, &summary));
	say(&once, 1, 1, SECOND);
	ck_assert(fold_due(&fold, CLOCK_NEVER, &summary));
	ck_assert_uint_eq(summary.count, 1);
	ck_assert_uint_eq(summary.worst_count, 1);
	ck_assert(!fold_due(&fold, CLOCK_NEVER, &summary));
}
END_TEST

TEST_MAIN("base/fold", TEST(same_again), TEST(states),
    TEST(one_peer_many_details), TEST(changing_addresses), TEST(worst),
    TEST(summaries), TEST(at_the_end))
