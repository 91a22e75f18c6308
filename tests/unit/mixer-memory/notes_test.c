/* SPDX-License-Identifier: ISC */
/*
 * notes_test.c - notes reach the database and come back, whatever its state
 */
#include "mixer/memory/notes.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"

#define MTS "XX TEST P 1-1"

static char directory[32];
static struct notes notes;
static struct arena arena;

/* begin - begin without a database, in a directory of our own */
static void
begin(void)
{
	(void)strlcpy(directory, "/tmp/notes_test.XXXXXX", sizeof(directory));
	ck_assert_ptr_nonnull(mkdtemp(directory));
	ck_assert_int_eq(chdir(directory), 0);
	arena_init(&arena, 1 << 20);
	notes_init(&notes);
}

/* end - give everything back */
static void
end(void)
{
	static const char *const names[] = {REMEMBER_FILE, REMEMBER_FILE "-wal",
	    REMEMBER_FILE "-shm", REMEMBER_ASIDE};

	notes_fini(&notes);
	arena_fini(&arena);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(directory), 0);
}

/* give - give a page with one note */
static void
give(uint64_t number, char kind, const char *rest, const char *value)
{
	struct ipc_track_page record = {.number = number};
	struct buffer octets, page;
	struct slice all;

	buffer_init(&octets, 65536);
	buffer_init(&page, MEMORY_PAGE_MAX);
	ck_assert_int_eq(
	    memory_note_put(kind, rest, slice_of_string(value), &octets), 0);
	all = buffer_slice(&octets);
	ck_assert_int_eq(memory_note_page(MTS, &all, &page), 0);
	ck_assert_uint_eq(all.len, 0);
	record.page = buffer_slice(&page);
	ck_assert_int_eq(notes_take(&notes, &record), 0);
	buffer_fini(&octets);
	buffer_fini(&page);
}

/* finds - check what is remembered under a key; NULL: nothing */
static void
finds(char kind, const char *mts_id, const char *rest, const char *value)
{
	struct slice key = memory_note_key(kind, mts_id, rest, &arena), found;

	notes_answer(&notes, &key, 1, &found);
	ck_assert_msg(
	    value == NULL ? found.len == 0 : slice_equal_string(found, value),
	    "%c%s: %.*s", kind, rest, (int)found.len, (const char *)found.data);
}

START_TEST(remembered)
{
	begin();
	give(7, MEMORY_ID, "abc.HASH", "abc@example.org");
	give(9, MEMORY_CAME, "", "Fid");
	give(10, MEMORY_CAME, "3", "rfc822;jo@a.example");
	ck_assert(notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 10);
	finds(MEMORY_ID, "", "abc.HASH", "abc@example.org");
	finds(MEMORY_CAME, MTS, "", "Fid");
	finds(MEMORY_CAME, MTS, "3", "rfc822;jo@a.example");
	finds(MEMORY_CAME, MTS, "2", NULL);
	finds(MEMORY_PASSED, MTS, "", NULL);
	/* the same page again, and another value */
	give(9, MEMORY_CAME, "", "Hother");
	ck_assert(notes_keep(&notes));
	finds(MEMORY_CAME, MTS, "", "Hother");
	ck_assert(!notes_keep(&notes));
	end();
}
END_TEST

/* What is older than its time is forgotten, what a clock far ahead says not. */
START_TEST(forgotten)
{
	int64_t now = clock_wall(), day = (int64_t)86400 * 1000;

	begin();
	notes.memory = (uint64_t)(90 * day);
	give(1, MEMORY_ID, "new", "n");
	ck_assert(notes_keep(&notes));
	ck_assert_int_eq(remember_put(&notes.db, slice_of_string("#old"),
			     slice_of_string("o"), now - 91 * day),
	    0);
	ck_assert_int_eq(remember_put(&notes.db, slice_of_string("#not yet"),
			     slice_of_string("o"), now - 89 * day),
	    0);
	ck_assert_int_eq(remember_put(&notes.db, slice_of_string("@a"),
			     slice_of_string("o"), now - 31 * day),
	    0);
	notes.forget_at = 0;
	ck_assert(!notes_work(&notes));
	finds(MEMORY_ID, "", "new", "n");
	finds(MEMORY_ID, "", "old", NULL);
	finds(MEMORY_ID, "", "not yet", "o");
	finds(MEMORY_CAME, "", "a", NULL);
	end();
}
END_TEST

/* damage - write nonsense over the database */
static void
damage(void)
{
	char nonsense[8192];
	int fd = open(REMEMBER_FILE, O_WRONLY);

	memset(nonsense, 'x', sizeof(nonsense));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, nonsense, sizeof(nonsense), 0),
	    (ssize_t)sizeof(nonsense));
	(void)close(fd);
}

START_TEST(damaged)
{
	begin();
	give(1, MEMORY_ID, "a", "b");
	ck_assert(notes_keep(&notes));
	remember_close(&notes.db);
	damage();
	give(2, MEMORY_ID, "c", "d");
	ck_assert(notes_keep(&notes));
	finds(MEMORY_ID, "", "a", NULL);
	finds(MEMORY_ID, "", "c", "d");
	ck_assert_int_eq(access(REMEMBER_ASIDE, F_OK), 0);
	end();
}
END_TEST

START_TEST(removed)
{
	begin();
	give(1, MEMORY_ID, "a", "b");
	ck_assert(notes_keep(&notes));
	ck_assert_int_eq(unlink(REMEMBER_FILE), 0);
	give(2, MEMORY_ID, "c", "d");
	ck_assert(notes_keep(&notes));
	finds(MEMORY_ID, "", "a", NULL);
	finds(MEMORY_ID, "", "c", "d");
	end();
}
END_TEST

/* A file that another process has locked: pages wait, questions do not. */
START_TEST(locked)
{
	sqlite3 *other = NULL;

	begin();
	give(1, MEMORY_ID, "a", "b");
	ck_assert(notes_keep(&notes));
	ck_assert_int_eq(sqlite3_open(REMEMBER_FILE, &other), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
	    SQLITE_OK);
	give(2, MEMORY_ID, "c", "d");
	ck_assert(!notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 1);
	finds(MEMORY_ID, "", "c", NULL);
	ck_assert_int_eq(
	    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
	notes.retry_at = 0;
	ck_assert(notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 2);
	finds(MEMORY_ID, "", "c", "d");
	end();
}
END_TEST

/* A full disk: pages wait, and what is there is found all the same. */
START_TEST(full)
{
	static char large[1400];

	begin();
	memset(large, 'l', sizeof(large) - 1);
	give(1, MEMORY_ID, "a", "b");
	ck_assert(notes_keep(&notes));
	/* as many pages as there are, and no more */
	ck_assert_int_eq(sqlite3_exec(notes.db.db, "PRAGMA max_page_count=1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	for (uint64_t i = 2; i < 40; i++) {
		char rest[16];

		(void)snprintf(rest, sizeof(rest), "%u", (unsigned)i);
		give(i, MEMORY_ID, rest, large);
	}
	ck_assert(!notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 1);
	ck_assert_int_eq(notes.said, ERR_FULL);
	/* there is room again, when the file is opened again */
	notes.retry_at = 0;
	finds(MEMORY_ID, "", "a", "b");
	ck_assert(notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 39);
	ck_assert_int_eq(notes.said, 0);
	finds(MEMORY_ID, "", "39", large);
	ck_assert_int_ne(access(REMEMBER_ASIDE, F_OK), 0);
	end();
}
END_TEST

/* More pages than qmgr hands on are refused, and what is no page is dropped. */
START_TEST(bounded)
{
	struct ipc_track_page nonsense = {
	    .number = 1, .page = slice_of_string("nonsense")};

	begin();
	for (int i = 0; i < NOTES_WINDOW; i++)
		ck_assert_int_eq(notes_take(&notes, &nonsense), 0);
	ck_assert_int_eq(notes_take(&notes, &nonsense), ERR_LIMIT);
	ck_assert(notes_keep(&notes));
	ck_assert_uint_eq(notes.kept, 1);
	end();
}
END_TEST

TEST_MAIN("mixer-memory/notes", TEST(remembered), TEST(forgotten),
    TEST(damaged), TEST(removed), TEST(locked), TEST(full), TEST(bounded))
