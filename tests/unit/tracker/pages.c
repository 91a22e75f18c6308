/* SPDX-License-Identifier: ISC */
/*
 * pages.c - make pages of tracking records for tests
 */
#include "tests/unit/tracker/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"
#include "tracker/keep.h"

static char directory[64];
static struct buffer records, page;

/* pages_enter - make an empty directory and go there */
void
pages_enter(void)
{
	(void)snprintf(
	    directory, sizeof(directory), "/tmp/tracker_test.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	buffer_init(&records, (size_t)1024 * 1024);
	buffer_init(&page, TRACK_PAGE_MAX);
}

/* pages_leave - remove the directory */
void
pages_leave(void)
{
	static const char *const names[] = {DATABASE_FILE, DATABASE_FILE "-wal",
	    DATABASE_FILE "-shm", DATABASE_ASIDE};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(directory), 0);
	buffer_fini(&records);
	buffer_fini(&page);
}

/* pages_record - append a record to what pages_make takes */
void
pages_record(const struct track_record *record)
{
	ck_assert_int_eq(track_encode(record, &records), 0);
}

/* pages_make - make the page of the records so far */
struct slice
pages_make(void)
{
	struct slice rest = buffer_slice(&records);

	ck_assert_int_eq(track_make_page(&rest, &page), 0);
	ck_assert_uint_eq(rest.len, 0);
	buffer_reset(&records);
	return buffer_slice(&page);
}

/* pages_keep - keep the page of the records so far, in a transaction */
void
pages_keep(struct database *db, uint64_t number)
{
	struct diag diag = {0};
	struct arena arena;
	bool unreadable = false;

	arena_init(&arena, (size_t)1024 * 1024);
	ck_assert_int_eq(database_begin(db), 0);
	ck_assert_int_eq(
	    keep_page(db, number, pages_make(), &arena, &unreadable, &diag), 0);
	ck_assert_msg(!unreadable, "%s", diag_text(&diag));
	ck_assert_int_eq(database_commit(db), 0);
	arena_fini(&arena);
}

/* pages_message - add the records of a message that was transferred */
void
pages_message(uint64_t n, const char *from, const char *to)
{
	char id[64];
	struct slice recipient = slice_of_string(to);
	struct track_record record = {.event = TRACK_ARRIVAL,
	    .time = PAGES_BEGIN + (int64_t)n * 1000,
	    .priority = 1,
	    .size = 1000,
	    .link = slice_of_string("rome"),
	    .content_id = slice_of_string("Cid 1"),
	    .originator = slice_of_string(from),
	    .recipients = &recipient,
	    .recipient_count = 1};

	(void)snprintf(id, sizeof(id), "[C=XX;A=TEST;n%06u]", (unsigned)n);
	record.mts_id = slice_of_string(id);
	pages_record(&record);
	record.event = TRACK_COPY;
	record.message = 10000 + n;
	record.link = slice_of_string("paris");
	record.originator = record.content_id = slice_of(NULL, 0);
	pages_record(&record);
	record.event = TRACK_TRANSFER;
	record.recipient_count = 0;
	record.delay_plus = 100 + n % 10 + 1;
	pages_record(&record);
}

/* pages_count - count the rows of a table, or what a query gives */
int64_t
pages_count(struct database *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t count;

	ck_assert_int_eq(
	    sqlite3_prepare_v2(db->db, sql, -1, &s, NULL), SQLITE_OK);
	ck_assert_int_eq(database_step(db, s), 1);
	count = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	return count;
}
