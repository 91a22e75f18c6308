/* SPDX-License-Identifier: ISC */
/*
 * intake_test.c - pages reach the database, whatever state that is in
 */
#include "tracker/intake.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/unit/test.h"
#include "tests/unit/tracker/pages.h"

#define ALICE "S=Alice;P=A;A=TEST;C=XX"
#define BOB   "S=Bob;P=B;A=TEST;C=XX"

static struct intake intake;
static uint64_t acknowledged;

/* acknowledge - note what was acknowledged */
static int
acknowledge(void *arg, uint64_t number)
{
	(void)arg;
	acknowledged = number;
	return 0;
}

/* begin - begin without a database */
static void
begin(void)
{
	pages_enter();
	acknowledged = 0;
	intake_init(&intake);
	intake.acknowledge = acknowledge;
}

/* end - give everything back */
static void
end(void)
{
	intake_fini(&intake);
	pages_leave();
}

/* give - give a page with one message */
static void
give(uint64_t number)
{
	struct ipc_track_page page = {.number = number};

	pages_message(number, ALICE, BOB);
	page.page = pages_make();
	ck_assert_int_eq(intake_take(&intake, &page), 0);
}

/* commit - keep what was given now */
static void
commit(void)
{
	ck_assert_int_eq(intake_commit(&intake), 0);
}

/* damage - write nonsense over a file, from an offset */
static void
damage(const char *name, off_t at)
{
	char nonsense[4096];
	int fd = open(name, O_WRONLY);

	memset(nonsense, 'x', sizeof(nonsense));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, nonsense, sizeof(nonsense), at),
	    (ssize_t)sizeof(nonsense));
	(void)close(fd);
}

/* items - count the items that are kept */
static int64_t
items(void)
{
	return pages_count(&intake.db, "SELECT count(*) FROM item");
}

START_TEST(pages_are_kept_and_acknowledged)
{
	begin();
	give(1);
	ck_assert_uint_eq(acknowledged, 0);
	give(4);
	commit();
	ck_assert_uint_eq(acknowledged, 4);
	ck_assert_int_eq(items(), 2);
	/* the second time after the acknowledgement was lost */
	give(1);
	give(4);
	give(5);
	commit();
	ck_assert_uint_eq(acknowledged, 5);
	ck_assert_int_eq(items(), 3);
	end();
}
END_TEST

START_TEST(a_batch_is_kept_at_once)
{
	begin();
	for (uint64_t n = 1; n <= INTAKE_BATCH; n++)
		give(n);
	ck_assert_uint_eq(intake_next(&intake), 0);
	ck_assert_int_eq(intake_work(&intake), 0);
	ck_assert_uint_eq(acknowledged, INTAKE_BATCH);
	end();
}
END_TEST

START_TEST(nonsense_is_set_aside)
{
	struct stat st;

	begin();
	ck_assert_int_eq(
	    close(open(DATABASE_FILE, O_CREAT | O_WRONLY, 0600)), 0);
	damage(DATABASE_FILE, 0);
	give(1);
	commit();
	ck_assert_uint_eq(acknowledged, 1);
	ck_assert_int_eq(items(), 1);
	ck_assert_int_eq(stat(DATABASE_ASIDE, &st), 0);
	end();
}
END_TEST

START_TEST(damage_while_it_is_open_is_met)
{
	struct stat st;

	begin();
	for (uint64_t n = 1; n <= 20; n++)
		give(n);
	commit();
	/* so that nothing is read from the log or from memory */
	database_close(&intake.db);
	ck_assert_int_eq(stat(DATABASE_FILE, &st), 0);
	for (off_t at = 4096 * 2; at < st.st_size; at += 4096)
		damage(DATABASE_FILE, at);
	give(21);
	commit();
	if (acknowledged != 21) /* the page that it was in is met now */
		commit();
	ck_assert_uint_eq(acknowledged, 21);
	ck_assert_int_eq(items(), 1);
	ck_assert_int_eq(stat(DATABASE_ASIDE, &st), 0);
	end();
}
END_TEST

START_TEST(one_that_was_removed_is_made_again)
{
	begin();
	give(1);
	commit();
	ck_assert_int_eq(unlink(DATABASE_FILE), 0);
	give(2);
	commit();
	ck_assert_uint_eq(acknowledged, 2);
	ck_assert_int_eq(items(), 1);
	ck_assert_int_eq(access(DATABASE_FILE, F_OK), 0);
	end();
}
END_TEST

START_TEST(a_full_disk_is_waited_for)
{
	begin();
	give(1);
	commit();
	ck_assert_int_eq(sqlite3_exec(intake.db.db, "PRAGMA max_page_count=1",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	for (uint64_t n = 2; n < 2 + TRACK_WINDOW; n++)
		give(n);
	commit();
	ck_assert_uint_eq(acknowledged, 1);
	ck_assert_uint_eq(intake.count, TRACK_WINDOW);
	ck_assert_uint_gt(intake_next(&intake), clock_monotonic());
	/* more than a window is the other side's error */
	ck_assert_int_eq(
	    intake_take(&intake, &(struct ipc_track_page){.number = 99}),
	    ERR_LIMIT);
	/* there is room again */
	intake.retry_at = 0;
	commit();
	ck_assert_uint_eq(acknowledged, 1 + TRACK_WINDOW);
	ck_assert_int_eq(items(), 1 + TRACK_WINDOW);
	end();
}
END_TEST

START_TEST(one_that_is_locked_is_waited_for)
{
	sqlite3 *other = NULL;

	begin();
	give(1);
	commit();
	ck_assert_int_eq(sqlite3_open(DATABASE_FILE, &other), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
	    SQLITE_OK);
	give(2);
	commit();
	ck_assert_uint_eq(acknowledged, 1);
	ck_assert_int_eq(
	    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
	intake.retry_at = 0;
	commit();
	ck_assert_uint_eq(acknowledged, 2);
	ck_assert_int_eq(items(), 2);
	end();
}
END_TEST

START_TEST(a_newer_release_is_left_alone)
{
	struct stat st;

	begin();
	give(1);
	commit();
	ck_assert_int_eq(sqlite3_exec(intake.db.db, "PRAGMA user_version=2",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	database_close(&intake.db);
	give(2);
	commit();
	ck_assert_uint_eq(acknowledged, 1);
	ck_assert_ptr_null(intake.db.db);
	ck_assert_int_ne(stat(DATABASE_ASIDE, &st), 0);
	end();
}
END_TEST

TEST_MAIN("tracker/intake", TEST(pages_are_kept_and_acknowledged),
    TEST(a_batch_is_kept_at_once), TEST(nonsense_is_set_aside),
    TEST(damage_while_it_is_open_is_met),
    TEST(one_that_was_removed_is_made_again), TEST(a_full_disk_is_waited_for),
    TEST(one_that_is_locked_is_waited_for), TEST(a_newer_release_is_left_alone))
