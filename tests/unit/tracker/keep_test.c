/* SPDX-License-Identifier: ISC */
/*
 * keep_test.c - pages of tracking records become rows, once each
 */
#include "tracker/forget.h"
#include "tracker/keep.h"

#include <stdio.h>

#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tracker/item.h"

#define ALICE "S=Alice;P=A;A=TEST;C=XX"
#define BOB   "S=Bob;P=B;A=TEST;C=XX"
#define CAROL "S=Carol;P=B;A=TEST;C=XX"
#define DAY   ((int64_t)86400 * 1000)

static struct database db;

/* open_new - open a new database in a directory of its own */
static void
open_new(void)
{
	struct diag diag = {0};

	pages_enter();
	ck_assert_msg(database_open(&db, &diag) == 0, "%s", diag_text(&diag));
}

/* close_it - close and remove it */
static void
close_it(void)
{
	database_close(&db);
	pages_leave();
}

/* state_of - tell where the recipient of that name stands */
static const char *
state_of(const char *surname)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT p.state FROM party p JOIN address a ON a.id=p.address"
	    " WHERE a.key LIKE '%%;S=%s;%%'",
	    surname);
	return party_state_name((enum party_state)pages_count(&db, sql));
}

START_TEST(a_page_is_kept_once)
{
	uint64_t page = 0;

	open_new();
	for (int i = 0; i < 3; i++) {
		pages_message(1, ALICE, BOB);
		pages_message(2, ALICE, BOB);
		pages_keep(&db, 17);
	}
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 2);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM event"), 6);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM address"), 2);
	/* an older one too is one that was kept */
	pages_message(3, ALICE, BOB);
	pages_keep(&db, 16);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 2);
	ck_assert_int_eq(database_page(&db, &page), 0);
	ck_assert_uint_eq(page, 17);
	ck_assert_str_eq(state_of("BOB"), "transferred");
	close_it();
}
END_TEST

/* records_of_two - make the records of a message for two links: Bob gets it,
 * Carol's link gives it up */
static void
records_of_two(void)
{
	struct slice both[] = {slice_of_string(BOB), slice_of_string(CAROL)};
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = PAGES_BEGIN,
	    .mts_id = slice_of_string("[C=XX;A=TEST;two]"),
	    .originator = slice_of_string(ALICE),
	    .recipients = both,
	    .recipient_count = 2};

	pages_record(&record);
	record.originator = slice_of(NULL, 0);
	record.event = TRACK_COPY;
	record.recipient_count = 1;
	record.message = 100;
	record.link = slice_of_string("paris");
	pages_record(&record);
	record.message = 101;
	record.recipients = &both[1];
	record.link = slice_of_string("rome");
	pages_record(&record);
	record.event = TRACK_HOLD;
	record.recipient_count = 0;
	pages_record(&record);
}

START_TEST(each_copy_has_its_recipients)
{
	struct slice carol = slice_of_string(CAROL);
	struct track_record record = {.time = PAGES_BEGIN + 1000,
	    .mts_id = slice_of_string("[C=XX;A=TEST;two]")};

	open_new();
	records_of_two();
	pages_keep(&db, 1);
	ck_assert_str_eq(state_of("BOB"), "queued");
	ck_assert_str_eq(state_of("CAROL"), "held");
	record.event = TRACK_DELIVERY;
	record.message = 100;
	pages_record(&record);
	pages_keep(&db, 2);
	ck_assert_str_eq(state_of("BOB"), "delivered");
	ck_assert_str_eq(state_of("CAROL"), "held");
	record.event = TRACK_RELEASE;
	record.message = 101;
	pages_record(&record);
	pages_keep(&db, 3);
	ck_assert_str_eq(state_of("BOB"), "delivered");
	ck_assert_str_eq(state_of("CAROL"), "queued");
	record.event = TRACK_REPORT;
	record.reason_plus = 2;
	record.recipients = &carol;
	record.recipient_count = 1;
	pages_record(&record);
	/* the copy goes, which undoes nothing */
	record.event = TRACK_DELETION;
	record.recipient_count = 0;
	pages_record(&record);
	pages_keep(&db, 4);
	ck_assert_str_eq(state_of("BOB"), "delivered");
	ck_assert_str_eq(state_of("CAROL"), "failed");
	close_it();
}
END_TEST

/* Recipients of one copy that fare differently, before the copy leaves. */
START_TEST(each_fate_has_its_recipients)
{
	struct slice both[] = {slice_of_string(BOB), slice_of_string(CAROL)};
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = PAGES_BEGIN,
	    .mts_id = slice_of_string("[C=XX;A=TEST;fates]"),
	    .originator = slice_of_string(ALICE),
	    .recipients = both,
	    .recipient_count = 2};

	open_new();
	pages_record(&record);
	record.originator = slice_of(NULL, 0);
	record.event = TRACK_COPY;
	record.message = 100;
	record.link = slice_of_string("application/edi");
	pages_record(&record);
	record.event = TRACK_TRANSFER;
	record.recipient_count = 1;
	pages_record(&record);
	pages_keep(&db, 1);
	ck_assert_str_eq(state_of("BOB"), "transferred");
	ck_assert_str_eq(state_of("CAROL"), "queued");
	record.event = TRACK_DELIVERY;
	record.recipient_count = 0;
	pages_record(&record);
	pages_keep(&db, 2);
	ck_assert_str_eq(state_of("BOB"), "transferred");
	ck_assert_str_eq(state_of("CAROL"), "delivered");
	close_it();
}
END_TEST

START_TEST(a_new_route_under_the_same_number)
{
	struct slice both[] = {slice_of_string(BOB), slice_of_string(CAROL)};
	struct track_record record = {.event = TRACK_COPY,
	    .time = PAGES_BEGIN,
	    .message = 100,
	    .mts_id = slice_of_string("[C=XX;A=TEST;part]"),
	    .link = slice_of_string("paris"),
	    .recipients = both,
	    .recipient_count = 2};

	open_new();
	pages_record(&record);
	record.recipient_count = 0;
	record.event = TRACK_REROUTE;
	record.link = slice_of_string("rome");
	record.other = slice_of_string("paris");
	pages_record(&record);
	pages_keep(&db, 1);
	ck_assert_int_eq(pages_count(&db,
			     "SELECT count(*) FROM party WHERE state=0"
			     " AND link='rome'"),
	    2);
	record.other = slice_of(NULL, 0);
	record.event = TRACK_COPY;
	record.recipient_count = 1;
	pages_record(&record);
	record.recipients = &both[1];
	record.message = 101;
	record.link = slice_of_string("lyon");
	pages_record(&record);
	record.event = TRACK_TRANSFER;
	record.message = 100;
	record.recipient_count = 0;
	pages_record(&record);
	pages_keep(&db, 2);
	ck_assert_str_eq(state_of("BOB"), "transferred");
	ck_assert_str_eq(state_of("CAROL"), "queued");
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 1);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM copy"), 2);
	close_it();
}
END_TEST

START_TEST(many_recipients_are_one_event)
{
	enum {
		MANY = 600
	};
	struct slice list[MANY], records;
	struct buffer all, page;
	char texts[MANY][64];
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = PAGES_BEGIN,
	    .mts_id = slice_of_string("[C=XX;A=TEST;many]"),
	    .originator = slice_of_string(ALICE),
	    .recipients = list,
	    .recipient_count = MANY};
	uint64_t number = 0;
	struct arena arena;
	bool unreadable;

	open_new();
	for (unsigned i = 0; i < MANY; i++) {
		/* Names that share little take room. */
		(void)snprintf(texts[i], sizeof(texts[i]),
		    "G=%x;S=%x;P=B;A=TEST;C=XX", (i + 1) * 2654435761U,
		    (i + 1) * 2246822519U);
		list[i] = slice_of_string(texts[i]);
	}
	buffer_init(&all, (size_t)1024 * 1024);
	buffer_init(&page, TRACK_PAGE_MAX);
	arena_init(&arena, (size_t)1024 * 1024);
	ck_assert_int_eq(track_encode(&record, &all), 0);
	for (records = buffer_slice(&all); records.len > 0;) {
		ck_assert_int_eq(track_make_page(&records, &page), 0);
		ck_assert_int_eq(database_begin(&db), 0);
		ck_assert_int_eq(keep_page(&db, ++number, buffer_slice(&page),
				     &arena, &unreadable, NULL),
		    0);
		ck_assert_int_eq(database_commit(&db), 0);
	}
	ck_assert_uint_gt(number, 1);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM event"), 1);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM party"), MANY);
	arena_fini(&arena);
	buffer_fini(&all);
	buffer_fini(&page);
	close_it();
}
END_TEST

/* stands - check how a message as a whole stands, of those recipients that a
 * pattern finds */
static void
stands(int64_t item, const char *to, const char *state, int64_t count,
    int64_t total)
{
	struct address_pattern pattern;
	struct arena arena;
	struct row row;
	const struct ipc_field *field;
	int64_t found[2] = {-1, -1};
	char text[32] = "";

	if (to != NULL)
		ck_assert_int_eq(
		    address_pattern_parse(slice_of_string(to), &pattern), 0);
	arena_init(&arena, 1 << 20);
	row_init(&row, &arena);
	ck_assert_int_eq(
	    item_get(&db, item, to == NULL ? NULL : &pattern, 64, &row), 0);
	for (size_t i = 0; i < row.count; i++) {
		field = &row.fields[i];
		if (slice_equal_string(field->name, "state"))
			(void)snprintf(text, sizeof(text), "%.*s",
			    (int)field->octets.len,
			    (const char *)field->octets.data);
		if (slice_equal_string(field->name, "state_count"))
			found[0] = field->number;
		if (slice_equal_string(field->name, "state_total"))
			found[1] = field->number;
	}
	ck_assert_str_eq(text, state);
	ck_assert_int_eq(found[0], count);
	ck_assert_int_eq(found[1], total);
	arena_fini(&arena);
}

/* Bob's was transferred, Carol's is held: neither may stand for the whole. */
START_TEST(a_message_stands_as_the_worst_of_its_recipients)
{
	struct track_record record = {.event = TRACK_TRANSFER,
	    .time = PAGES_BEGIN + 1,
	    .mts_id = slice_of_string("[C=XX;A=TEST;two]"),
	    .message = 100,
	    .link = slice_of_string("paris")};

	open_new();
	records_of_two();
	pages_record(&record);
	pages_keep(&db, 1);
	stands(1, NULL, "held", 1, 2);
	stands(1, "S=Bob", "transferred", 1, 1);
	stands(1, "S=Carol", "held", 1, 1);
	record.event = TRACK_FAILURE;
	record.message = 101;
	pages_record(&record);
	pages_keep(&db, 2);
	stands(1, NULL, "failed", 1, 2);
	close_it();
}
END_TEST

START_TEST(a_page_of_nonsense_is_passed_over)
{
	static const uint8_t nonsense[] = {0x30, 0x82, 0xff, 0xff, 1, 2, 3};
	struct diag diag = {0};
	struct arena arena;
	bool unreadable = false;
	uint64_t page = 0;

	open_new();
	arena_init(&arena, (size_t)1024 * 1024);
	ck_assert_int_eq(database_begin(&db), 0);
	ck_assert_int_eq(keep_page(&db, 5, slice_of(nonsense, sizeof(nonsense)),
			     &arena, &unreadable, &diag),
	    0);
	ck_assert(unreadable);
	ck_assert_int_ne(diag.code, 0);
	ck_assert_int_eq(database_commit(&db), 0);
	ck_assert_int_eq(database_page(&db, &page), 0);
	ck_assert_uint_eq(page, 5);
	arena_fini(&arena);
	close_it();
}
END_TEST

START_TEST(what_is_old_is_forgotten_in_steps)
{
	open_new();
	for (unsigned n = 0; n < 10; n++)
		pages_message(n * 86400, ALICE, n < 5 ? BOB : CAROL);
	pages_keep(&db, 1);
	ck_assert_int_eq(forget_items(&db, PAGES_BEGIN + 7 * DAY, 3), 3);
	ck_assert_int_eq(forget_items(&db, PAGES_BEGIN + 7 * DAY, 3), 3);
	ck_assert_int_eq(forget_items(&db, PAGES_BEGIN + 7 * DAY, 3), 1);
	ck_assert_int_eq(forget_items(&db, PAGES_BEGIN + 7 * DAY, 3), 0);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM item"), 3);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM event"), 9);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM copy"), 3);
	ck_assert_int_eq(
	    pages_count(&db, "SELECT count(*) FROM event_recipient"), 3);
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM party"), 3);
	/* Bob's are gone, Alice and Carol have others */
	ck_assert_int_eq(pages_count(&db, "SELECT count(*) FROM address"), 2);
	close_it();
}
END_TEST

TEST_MAIN("tracker/keep", TEST(a_page_is_kept_once),
    TEST(each_copy_has_its_recipients), TEST(each_fate_has_its_recipients),
    TEST(a_new_route_under_the_same_number),
    TEST(many_recipients_are_one_event),
    TEST(a_message_stands_as_the_worst_of_its_recipients),
    TEST(a_page_of_nonsense_is_passed_over),
    TEST(what_is_old_is_forgotten_in_steps))
