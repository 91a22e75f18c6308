/* SPDX-License-Identifier: ISC */
/*
 * search_test.c - items are found by what is known of them; figures
 *
 * The long form has a million recipients and prints how long a search by the
 * beginning of an address takes.
 */
#include "tracker/search.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tracker/keep.h"
#include "tracker/row.h"
#include "tracker/stats.h"

#define FOUND_MAX 4096

static struct database db;
static struct search search;
static int64_t found[FOUND_MAX];
static size_t found_count, room;

/* open_new - open a new database in a directory of its own */
static void
open_new(void)
{
	pages_enter();
	ck_assert_int_eq(database_open(&db, NULL), 0);
	search = (struct search){.below = 0};
	room = FOUND_MAX;
}

/* close_it - close and remove it */
static void
close_it(void)
{
	database_close(&db);
	pages_leave();
}

/* on_found - note an item */
static int
on_found(void *arg, int64_t item)
{
	(void)arg;
	if (found_count == room)
		return ERR_AGAIN;
	found[found_count++] = item;
	return 0;
}

/* look - take one step: how many were found */
static size_t
look(int64_t *next)
{
	found_count = 0;
	ck_assert_int_eq(search_step(&db, &search, on_found, NULL, next), 0);
	return found_count;
}

/* look_all - take all steps: how many were found, each once */
static size_t
look_all(void)
{
	size_t total = 0;
	int64_t last = INT64_MAX;

	search.below = 0;
	do {
		total += look(&search.below);
		for (size_t i = 0; i < found_count; i++) {
			ck_assert_int_lt(found[i], last);
			last = found[i];
		}
	} while (search.below != 0);
	return total;
}

/* set_to - search for a recipient */
static void
set_to(const char *text)
{
	search.has_to = true;
	ck_assert_int_eq(
	    address_pattern_parse(slice_of_string(text), &search.to), 0);
}

/* set_from - search for an originator */
static void
set_from(const char *text)
{
	search.has_from = true;
	ck_assert_int_eq(
	    address_pattern_parse(slice_of_string(text), &search.from), 0);
}

/* fill - keep so many messages between a few people */
static void
fill(unsigned count)
{
	char from[64], to[64];

	for (unsigned n = 0; n < count; n++) {
		(void)snprintf(from, sizeof(from),
		    "S=Sender%u;P=A%u;A=TEST;C=XX", n % 7, n % 2);
		(void)snprintf(to, sizeof(to),
		    "S=Taker%u;O=Org%u;P=B;A=TEST;C=XX", n % 11, n % 3);
		pages_message(n, from, to);
		if (n % 5 == 4 || n + 1 == count)
			pages_keep(&db, n + 1);
	}
}

START_TEST(each_way_of_asking)
{
	open_new();
	fill(300);
	ck_assert_uint_eq(look_all(), 300);
	set_to("C=XX;A=TEST;P=B;O=Org1");
	ck_assert_uint_eq(look_all(), 100);
	set_to("C=XX;A=TEST;P=B;O=Org");
	ck_assert_uint_eq(look_all(), 300);
	set_to("S=Taker4;O=Org1;P=B;A=TEST;C=XX");
	ck_assert_uint_eq(look_all(), 9);
	set_to("taker4");
	ck_assert_uint_eq(look_all(), 27);
	set_from("C=XX;A=TEST;P=A1");
	ck_assert_uint_eq(look_all(), 13);
	search.has_to = false;
	ck_assert_uint_eq(look_all(), 150);
	search.has_from = false;
	search.id = slice_of_string("[C=XX;A=TEST;n000042]");
	ck_assert_uint_eq(look_all(), 1);
	search.id = slice_of_string("[C=XX;A=TEST;n00000");
	ck_assert_uint_eq(look_all(), 10);
	search.id = slice_of_string("10017");
	ck_assert_uint_eq(look_all(), 1);
	search.id = slice_of_string("nothing");
	ck_assert_uint_eq(look_all(), 0);
	search.id = slice_of(NULL, 0);
	search.content_id = slice_of_string("Cid 1");
	ck_assert_uint_eq(look_all(), 200); /* bounded */
	close_it();
}
END_TEST

START_TEST(time_link_and_state)
{
	open_new();
	fill(100);
	search.since = PAGES_BEGIN + 10 * 1000;
	ck_assert_uint_eq(look_all(), 90);
	search.until = PAGES_BEGIN + 19 * 1000 + 999;
	ck_assert_uint_eq(look_all(), 10);
	search.since = 0;
	ck_assert_uint_eq(look_all(), 20);
	search.until = 0;
	search.link = slice_of_string("paris");
	ck_assert_uint_eq(look_all(), 100);
	search.link = slice_of_string("rome");
	ck_assert_uint_eq(look_all(), 100);
	search.link = slice_of_string("oslo");
	ck_assert_uint_eq(look_all(), 0);
	search.link = slice_of(NULL, 0);
	search.has_state = true;
	search.state = PARTY_TRANSFERRED;
	ck_assert_uint_eq(look_all(), 100);
	search.state = PARTY_HELD;
	ck_assert_uint_eq(look_all(), 0);
	close_it();
}
END_TEST

START_TEST(an_answer_in_pieces_has_each_once)
{
	open_new();
	fill(300);
	room = 7;
	ck_assert_uint_eq(look_all(), 300);
	set_to("C=XX;A=TEST;P=B;O=Org1");
	ck_assert_uint_eq(look_all(), 100);
	close_it();
}
END_TEST

/* More addresses than are merged. */
START_TEST(many_addresses)
{
	char to[64];

	open_new();
	for (unsigned n = 0; n < 9000; n++) {
		(void)snprintf(to, sizeof(to), "S=T%u;P=B;A=TEST;C=XX", n);
		pages_message(n, "S=S;P=A;A=TEST;C=XX", to);
		if (n % 5 == 4)
			pages_keep(&db, n + 1);
	}
	set_to("C=XX;A=TEST;P=B");
	ck_assert_uint_eq(look_all(), 9000);
	set_to("C=XX;A=TEST;P=B;S=T77");
	ck_assert_uint_eq(look_all(), 111);
	close_it();
}
END_TEST

/* text_of - get a text of a row */
static struct slice
text_of(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].octets;
	return slice_of(NULL, 0);
}

/* number_of - get a number of a row */
static int64_t
number_of(const struct row *row, const char *name)
{
	for (size_t i = 0; i < row->count; i++)
		if (slice_equal_string(row->fields[i].name, name))
			return row->fields[i].number;
	return -1;
}

static unsigned figures;

/* on_figures - check a row of figures by link */
static int
on_figures(void *arg, struct row *row)
{
	bool paris = slice_equal_string(text_of(row, "name"), "paris");

	(void)arg;
	figures++;
	ck_assert_int_eq(number_of(row, "sent"), paris ? 100 : 0);
	ck_assert_int_eq(number_of(row, "received"), paris ? 0 : 100);
	ck_assert_int_eq(number_of(row, "octets"), paris ? 100000 : 0);
	/* 100 to 109 ms, in classes of a twelfth */
	ck_assert_int_ge(number_of(row, "delay_median"), paris ? 96 : 0);
	ck_assert_int_le(number_of(row, "delay_p99"), paris ? 118 : 0);
	return 0;
}

/* on_any - count a row of figures */
static int
on_any(void *arg, struct row *row)
{
	(void)arg;
	(void)row;
	figures++;
	return 0;
}

START_TEST(figures_add_up)
{
	struct stats stats = {.by = STATS_BY_LINK};
	struct arena arena;

	open_new();
	fill(100);
	arena_init(&arena, (size_t)1024 * 1024);
	figures = 0;
	ck_assert_int_eq(stats_run(&db, &stats, &arena, on_figures, NULL), 0);
	ck_assert_uint_eq(figures, 2);
	figures = 0;
	stats.by = STATS_BY_DAY;
	ck_assert_int_eq(stats_run(&db, &stats, &arena, on_any, NULL), 0);
	ck_assert_uint_eq(figures, 1);
	figures = 0;
	stats.by = STATS_BY_SENDER;
	ck_assert_int_eq(stats_run(&db, &stats, &arena, on_any, NULL), 0);
	ck_assert_uint_eq(figures, 14);
	figures = 0;
	stats.by = STATS_BY_RECIPIENT;
	ck_assert_int_eq(stats_run(&db, &stats, &arena, on_any, NULL), 0);
	ck_assert_uint_eq(figures, 33);
	arena_fini(&arena);
	close_it();
}
END_TEST

/* fill_million - keep a million recipients, 20,000 of whom are different */
static void
fill_million(unsigned count)
{
	char from[96], to[96];
	uint64_t page = 0;
	struct slice octets;
	struct arena arena;
	bool unreadable;

	arena_init(&arena, (size_t)1024 * 1024);
	for (unsigned n = 0; n < count; n++) {
		if (n % 320 == 0)
			ck_assert_int_eq(database_begin(&db), 0);
		(void)snprintf(from, sizeof(from),
		    "G=G%u;S=Sender%u;P=A%u;A=TEST;C=XX", n % 13, n % 5000,
		    n % 20);
		(void)snprintf(to, sizeof(to),
		    "G=G%u;S=Taker%u;O=Org%u;P=B%u;A=TEST;C=XX", n % 17,
		    n * 7919 % 20000, n % 400, n % 50);
		pages_message(n, from, to);
		if (n % 5 == 4) {
			octets = pages_make();
			ck_assert_int_eq(keep_page(&db, ++page, octets, &arena,
					     &unreadable, NULL),
			    0);
			arena_reset(&arena);
		}
		if (n % 320 == 319 || n + 1 == count)
			ck_assert_int_eq(database_commit(&db), 0);
	}
	arena_fini(&arena);
}

/* print_time - print how long the first 50 of a search took */
static void
print_time(const char *what)
{
	uint64_t before = clock_monotonic();
	int64_t next;

	room = 50;
	(void)look(&next);
	printf("figure: 1,000,000 recipients, %s: %zu of them in %" PRIu64
	       " ms\n",
	    what, found_count, clock_monotonic() - before);
}

#define ORGANIZATIONS 300 /* that are asked for */

/* compare_times - compare two times, for qsort */
static int
compare_times(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* print_times - print how long the first 50 of many organizations took */
static void
print_times(void)
{
	static uint64_t times[ORGANIZATIONS];
	char to[64];
	int64_t next;

	room = 50;
	for (unsigned i = 0; i < ORGANIZATIONS; i++) {
		uint64_t before = clock_monotonic();

		(void)snprintf(to, sizeof(to), "C=XX;A=TEST;P=B%u;O=Org%u",
		    i * 7 % 50, i * 3 % 40 + 1);
		set_to(to);
		(void)look(&next);
		times[i] = clock_monotonic() - before;
	}
	qsort(times, ORGANIZATIONS, sizeof(times[0]), compare_times);
	printf("figure: 1,000,000 recipients, by the beginning of %d "
	       "organizations: median %" PRIu64 " ms, p99 %" PRIu64 " ms\n",
	    ORGANIZATIONS, times[ORGANIZATIONS / 2],
	    times[ORGANIZATIONS * 99 / 100]);
}

START_TEST(a_million_recipients)
{
	uint64_t before = clock_monotonic();

	if (getenv("FOURPOST_TEST_LONG") == NULL)
		return;
	open_new();
	ck_assert_int_eq(
	    sqlite3_exec(db.db, "PRAGMA synchronous=OFF", NULL, NULL, NULL),
	    SQLITE_OK);
	fill_million(1000000);
	printf("figure: 1,000,000 messages tracked in %" PRIu64 " s, %" PRId64
	       " MB\n",
	    (clock_monotonic() - before) / 1000,
	    pages_count(&db, "SELECT page_count FROM pragma_page_count") *
		4096 / 1000000);
	set_to("C=XX;A=TEST;P=B7;O=Org1");
	print_time("by the beginning of an organization");
	print_times();
	set_to("C=XX;A=TEST;P=B7");
	print_time("by domain");
	set_to("C=XX;A=TEST");
	print_time("by country and ADMD");
	set_to("S=Taker1234");
	print_time("by surname");
	set_to("S=Taker1234;C=XX;A=TEST;P=B7");
	print_time("by surname in a domain");
	set_to("nobody at all");
	print_time("by a text that is not there");
	close_it();
}
END_TEST

TEST_MAIN("tracker/search", TEST(each_way_of_asking), TEST(time_link_and_state),
    TEST(an_answer_in_pieces_has_each_once), TEST(many_addresses),
    TEST(figures_add_up), TEST_LONG(a_million_recipients, 600))
