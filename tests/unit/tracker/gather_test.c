/* SPDX-License-Identifier: ISC */
/*
 * gather_test.c - a question to PostgreSQL finds the same as one to the file of
 * a machine
 *
 * Random records, of all kinds, go into both; random questions, with all
 * arguments, are asked of both: the rows are the same, octet by octet.
 */
#include "tracker/gather.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ipc/row_json.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"
#include "tests/unit/tracker/postgres.h"
#include "tracker/asked.h"
#include "tracker/item.h"
#include "tracker/keep.h"
#include "worker/tracking_source.h"

#define ROWS_MAX  4096
#define QUESTIONS 40
#define MESSAGES  60

static struct postgres postgres;
static struct worker worker;
static struct postgresql pg;
static struct question question = {.pg = &pg};
static struct fold fold;
static struct candidates candidates;
static struct arena records, rows;
static uint32_t seed = 1;

/* An answer: a line of JSON for each row. */
struct answer {
	char *lines[ROWS_MAX]; /* owned */
	size_t count;
	size_t room; /* rows of a step */
	struct database *db;
	const struct search *search;
};

/* draw - draw a number below a bound */
static unsigned
draw(unsigned below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* begin - start PostgreSQL and make what a search needs; false: there is
 * none */
static bool
begin(void)
{
	struct diag diag = {0};

	if (!postgres_start(&postgres))
		return false;
	pages_enter();
	worker_init(&worker, "test");
	arena_init(&records, (size_t)8 * 1024 * 1024);
	arena_init(&rows, (size_t)8 * 1024 * 1024);
	ck_assert_int_eq(fold_init(&fold, &diag), 0);
	pg = postgres_open(&postgres,
	    (struct postgresql_io){tracking_source_wait, &worker},
	    POSTGRESQL_READS);
	return true;
}

/* end - end it */
static void
end(void)
{
	postgresql_close(&pg);
	fold_fini(&fold);
	arena_fini(&records);
	arena_fini(&rows);
	pages_leave();
	postgres_stop(&postgres);
}

/* compare_addresses - compare two recipients by their first field, for qsort */
static int
compare_addresses(const void *a, const void *b)
{
	const struct ipc_row *x = a, *y = b;
	struct slice p = x->fields[0].octets, q = y->fields[0].octets;
	int order = memcmp(p.data, q.data, p.len < q.len ? p.len : q.len);

	return order != 0 ? order : (int)p.len - (int)q.len;
}

/* sort_recipients - sort the recipients of a row and of its events: their order
 * is that in which a database came to know them */
static void
sort_recipients(const struct ipc_row *row)
{
	for (size_t i = 0; i < row->field_count; i++) {
		const struct ipc_field *field = &row->fields[i];

		if (slice_equal_string(field->name, "recipients"))
			qsort((void *)(uintptr_t)field->rows, field->row_count,
			    sizeof(field->rows[0]), compare_addresses);
		if (slice_equal_string(field->name, "events"))
			for (size_t n = 0; n < field->row_count; n++)
				sort_recipients(&field->rows[n]);
	}
}

/* keep_line - keep a row as a line of JSON */
static void
keep_line(struct answer *answer, struct row *row)
{
	const struct ipc_row copy = row_copy(row);
	struct buffer out;

	ck_assert_uint_lt(answer->count, ROWS_MAX);
	sort_recipients(&copy);
	buffer_init(&out, (size_t)1024 * 1024);
	ck_assert_int_eq(row_json_append(&copy, &out), 0);
	answer->lines[answer->count++] =
	    strndup((const char *)out.data, buffer_length(&out));
	buffer_fini(&out);
}

/* to_of - get the recipients that are asked for */
static const struct address_pattern *
to_of(const struct search *search)
{
	return search->has_to ? &search->to : NULL;
}

/* on_here - take an item of the file */
static int
on_here(void *arg, int64_t item)
{
	struct answer *answer = arg;
	struct row row;

	arena_reset(&rows);
	row_init(&row, &rows);
	ck_assert_int_eq(
	    item_get(answer->db, item, to_of(answer->search), 64, &row), 0);
	keep_line(answer, &row);
	return 0;
}

/* on_there - take an item of PostgreSQL's */
static int
on_there(void *arg, const struct candidate *candidate)
{
	struct answer *answer = arg;
	struct row row;

	if (answer->room-- == 0)
		return ERR_AGAIN;
	ck_assert_uint_gt(strlen(candidate->machine), 0);
	arena_reset(&rows);
	row_init(&row, &rows);
	ck_assert_int_eq(fold_row(&fold, to_of(answer->search), 64, &row), 0);
	keep_line(answer, &row);
	return 0;
}

/* ask_here - ask the file */
static void
ask_here(struct database *db, struct search search, struct answer *answer)
{
	answer->count = 0;
	answer->db = db;
	answer->search = &search;
	do
		ck_assert_int_eq(
		    search_step(db, &search, on_here, answer, &search.below),
		    0);
	while (search.below != 0);
}

/* ask_there - ask PostgreSQL, so many rows at a time */
static void
ask_there(const struct search *search, size_t room, struct answer *answer)
{
	const struct gather gather = {.candidates = &candidates,
	    .fold = &fold,
	    .arena = &records,
	    .found = on_there,
	    .arg = answer};
	struct diag diag = {0};
	uint64_t cursor = 0;
	size_t done = 0;

	answer->count = 0;
	answer->search = search;
	do {
		answer->room = room;
		ck_assert_msg(candidates_begin(&candidates, search, cursor,
				  &question, &diag) == 0,
		    "%s", diag_text(&diag));
		do {
			done = 0;
			ck_assert_msg(
			    candidates_next(&candidates, &question, &diag) == 0,
			    "%s", diag_text(&diag));
			if (candidates.count > 0)
				ck_assert_msg(gather_items(&gather, &question,
						  &done, &diag) == 0,
				    "%s", diag_text(&diag));
		} while (!candidates.over && done == candidates.count);
		cursor = candidates_cursor(&candidates, done);
	} while (cursor != 0);
}

/* forget - forget an answer */
static void
forget(struct answer *answer)
{
	while (answer->count > 0)
		free(answer->lines[--answer->count]);
}

/* compare_lines - compare two lines, for qsort */
static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* check_same - check that both have the same rows */
static void
check_same(struct answer *here, struct answer *there, const char *what)
{
	qsort(here->lines, here->count, sizeof(char *), compare_lines);
	qsort(there->lines, there->count, sizeof(char *), compare_lines);
	for (size_t i = 0; i < here->count || i < there->count; i++) {
		const char *a = i < here->count ? here->lines[i] : "";
		const char *b = i < there->count ? there->lines[i] : "";

		if (strcmp(a, b) == 0)
			continue;
		printf("%s\nhere:  %s\nthere: %s\n", what, a, b);
		(void)fflush(stdout);
		ck_abort_msg(
		    "%zu rows here, %zu there", here->count, there->count);
	}
}

/* set_arguments - set what is asked for, as a tool does */
static void
set_arguments(struct asked *asked, char texts[][128], size_t count)
{
	struct slice list[16];
	const struct ipc_request request = {
	    .arguments = list, .argument_count = count};

	for (size_t i = 0; i < count; i++)
		list[i] = slice_of_string(texts[i]);
	ck_assert_msg(asked_parse(asked, &request), "%s", asked->problem);
}

/* address_text - write one of the addresses that take part */
static void
address_text(unsigned n, char text[128])
{
	static const char *const names[] = {"Doe", "M\xc3\xbcller", "100%_\\ o",
	    "O'Brien; DROP TABLE", "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", "x"};

	(void)snprintf(text, 128, "G=G%u;S=%s%u;O=Org%u;P=P%u;A=TEST;C=XX",
	    n % 3, names[n % 6], n % 5, n % 4, n % 2);
}

static char address_texts[40][128];

/* record_random - make a random record of a message */
static void
record_random(
    struct track_record *record, struct slice *list, unsigned n, int64_t time)
{
	static const char *const links[] = {"paris", "rome", "po1", ""};
	static char id[64], cid[32];

	(void)snprintf(id, sizeof(id), "[C=XX;A=TEST;%06u]", n);
	(void)snprintf(cid, sizeof(cid), "Cid %u", n % 20);
	*record = (struct track_record){.event = draw(TRACK_EVENTS),
	    .time = time,
	    .mts_id = slice_of_string(id),
	    .message = draw(3) == 0 ? 0 : 10000 + n * 4 + draw(3),
	    .kind = n % 9 == 0 ? MTS_REPORT : MTS_MESSAGE,
	    .link = slice_of_string(links[draw(4)]),
	    .recipients = list,
	    .recipient_count = draw(3)};
	for (size_t i = 0; i < record->recipient_count; i++)
		list[i] = slice_of_string(address_texts[draw(40)]);
	if (draw(3) == 0) {
		record->text = slice_of_string("\xc3\xa4 'quoted' \\ text");
		record->reason_plus = draw(4);
		record->diagnostic_plus = draw(50);
		record->by = slice_of_string("uid 0 (root)");
	}
	if (record->event == TRACK_TRANSFER ||
	    record->event == TRACK_DELIVERY) {
		record->size = draw(100000);
		record->delay_plus = draw(5000);
		record->delay_queue_plus = draw(300);
	}
	if (record->event == TRACK_REDIRECTION ||
	    record->event == TRACK_EXPANSION)
		record->other = slice_of_string(address_texts[draw(40)]);
	if (record->event != TRACK_ARRIVAL && record->event != TRACK_DISCARD)
		return;
	record->originator = slice_of_string(address_texts[draw(40)]);
	record->content_id = slice_of_string(cid);
	record->content_type = slice_of_string("p22");
	record->priority = draw(3);
	record->size = draw(100000);
	record->trace = slice_of_string("C=XX;A=TEST MTA-A");
	if (record->event == TRACK_ARRIVAL && draw(3) == 0)
		record->to = slice_of_string(links[draw(3)]);
}

/* set_first - have most messages begin with an arrival, as they do, and the
 * others have none */
static void
set_first(struct track_record *record, unsigned which)
{
	static enum {
		FIRST_UNSEEN,
		FIRST_ARRIVED,
		FIRST_LATER
	} firsts[MESSAGES];

	if (firsts[which] == FIRST_UNSEEN)
		firsts[which] = draw(10) > 0 ? FIRST_ARRIVED : FIRST_LATER;
	else if (firsts[which] == FIRST_ARRIVED)
		return;
	else if (record->event != TRACK_ARRIVAL)
		return;
	record->event =
	    firsts[which] == FIRST_ARRIVED ? TRACK_ARRIVAL : TRACK_TRANSFER;
	record->originator = firsts[which] == FIRST_ARRIVED
	    ? slice_of_string(address_texts[draw(40)])
	    : slice_of(NULL, 0);
	record->content_id = record->content_type = record->trace = record->to =
	    slice_of(NULL, 0);
	record->priority = firsts[which] == FIRST_ARRIVED ? draw(3) : 0;
}

/* fill_random - put random records into the file and PostgreSQL */
static void
fill_random(struct database *db, int queue)
{
	struct slice list[8], page;
	struct track_record record;
	struct arena arena;
	char subject[64];
	uint64_t number = 0;
	bool unreadable = false;
	int64_t time = PAGES_BEGIN;

	for (unsigned i = 0; i < 40; i++)
		address_text(i * 7 + i / 6, address_texts[i]);
	arena_init(&arena, (size_t)1024 * 1024);
	for (unsigned n = 0; n < MESSAGES * 4; n++) {
		unsigned which = n / 4 < 8 ? n / 4 : n / 4 - draw(8);

		time += draw(200000);
		record_random(&record, list, which, time);
		set_first(&record, which);
		if (record.event == TRACK_ARRIVAL &&
		    record.kind == MTS_REPORT && which > 0) {
			(void)snprintf(subject, sizeof(subject),
			    "[C=XX;A=TEST;%06u]", which / 2);
			record.subject = slice_of_string(subject);
		}
		pages_record(&record);
		if (n % 4 != 3)
			continue;
		page = pages_make();
		ck_assert_int_eq(database_begin(db), 0);
		ck_assert_int_eq(
		    keep_page(db, ++number, page, &arena, &unreadable, NULL),
		    0);
		ck_assert(!unreadable);
		ck_assert_int_eq(database_commit(db), 0);
		arena_reset(&arena);
		postgres_put(&postgres, queue, number, page);
	}
	arena_fini(&arena);
}

/* ask_random - draw what is asked for: how many arguments */
static size_t
ask_random(char texts[][128])
{
	static const char *const states[] = {"queued", "transferred",
	    "delivered", "failed", "held", "quarantined", "redirected",
	    "expanded", "deleted", "returned", "expired", "discarded"};
	static const char *const to[] = {"C=XX", "C=XX;A=TEST;P=P1",
	    "C=XX;A=TEST;P=P0;O=Org", "S=Doe", "m\xc3\xbcll", "100%_", "\\ o",
	    "O'Brien", "drop table", "nobody", "G=G1;S=x;C=XX",
	    "C=XX;A=TEST;P=P1;O=Org3;S=Doe", "\xd0\x98\xd0\xb2"};
	static const char *const links[] = {"paris", "rome", "po1", "oslo"};
	size_t count = 0;
	int64_t span = (int64_t)MESSAGES * 4 * 100000;

	if (draw(3) == 0)
		(void)snprintf(texts[count++], 128, "to=%s", to[draw(13)]);
	if (draw(4) == 0)
		(void)snprintf(texts[count++], 128, "from=%s", to[draw(13)]);
	if (draw(4) == 0)
		(void)snprintf(
		    texts[count++], 128, "state=%s", states[draw(12)]);
	if (draw(5) == 0)
		(void)snprintf(texts[count++], 128, "link=%s", links[draw(4)]);
	if (draw(5) == 0)
		(void)snprintf(texts[count++], 128, "since=%" PRId64,
		    PAGES_BEGIN + span / 100 * draw(100));
	if (draw(8) == 0)
		(void)snprintf(
		    texts[count++], 128, "content-id=Cid %u", draw(22));
	if (draw(8) == 0)
		(void)snprintf(
		    texts[count++], 128, "id=[C=XX;A=TEST;000%u", draw(4));
	return count;
}

/* describe - put arguments into one text */
static void
describe(char texts[][128], size_t count, char what[2048])
{
	size_t len = 0;

	what[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len +=
		    (size_t)snprintf(what + len, 2048 - len, "%s ", texts[i]);
}

START_TEST(the_same_rows)
{
	static struct database db;
	static struct answer here, there;
	static struct asked asked;
	static char texts[16][128], what[2048];
	size_t count, total = 0;

	if (!begin())
		return;
	ck_assert_int_eq(database_open(&db, NULL), 0);
	fill_random(&db, postgres_queue(&postgres, "MTA-A", "berlin"));
	postgres_run(&postgres, "ANALYZE");
	for (unsigned n = 0; n < QUESTIONS; n++) {
		count = ask_random(texts);
		describe(texts, count, what);
		set_arguments(&asked, texts, count);
		ask_here(&db, asked.search, &here);
		ask_there(&asked.search, n % 4 == 0 ? 23 : 1000, &there);
		total += there.count;
		check_same(&here, &there, what);
		forget(&here);
		forget(&there);
	}
	ck_assert_uint_gt(total, QUESTIONS);
	printf("figure: %zu rows of %u questions\n", total, QUESTIONS);
	database_close(&db);
	end();
}
END_TEST

START_TEST(a_text_with_a_nul)
{
	static struct asked asked;
	struct slice text = slice_of("to=a\0b", 6);
	const struct ipc_request request = {
	    .arguments = &text, .argument_count = 1};

	ck_assert(!asked_parse(&asked, &request));
	text.len = 4;
	ck_assert(asked_parse(&asked, &request));
}
END_TEST

TEST_MAIN("tracker/gather", TEST(the_same_rows), TEST(a_text_with_a_nul))
