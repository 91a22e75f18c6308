/* SPDX-License-Identifier: ISC */
/*
 * journal_pair_test.c - the database and a journal that does not belong to it
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "store/snapshot.h"
#include "store/state.h"
#include "tests/unit/store/journal.h"

/* add_two - add two messages, a turn each */
static void
add_two(struct store *store)
{
	struct store_message m = queue_message(1);

	(void)queue_add(store, &m);
	(void)queue_add(store, &m);
}

/* prepare - make a queue that was left with a journal to be applied */
static struct journal_pair
prepare(void)
{
	struct store *store;

	queue_make();
	store = queue_open();
	(void)queue_link(store, "paris");
	store_close(store);
	journal_leave(add_two);
	return journal_take();
}

/* assert_refused - check that nobody opens the queue, that all are told by what
 * file, and that nothing is changed by that */
static void
assert_refused(const char *file, const char *words)
{
	static const enum store_mode modes[] = {
	    STORE_READ_ONLY, STORE_READ_WRITE};
	struct store_check_result result;
	struct journal_pair pair = {.data.len = 0};
	bool missing = strcmp(words, "missing") == 0;
	const char *name = strrchr(file, '/') + 1;

	if (!missing)
		pair = journal_take();
	for (int i = 0; i < 2; i++) {
		const struct store_options options = {
		    .queue_size = QUEUE_SIZE, .mode = modes[i]};
		struct diag diag = {0};
		struct store *store;

		ck_assert_int_eq(
		    store_open(queue_directory, &options, &store, &diag),
		    ERR_CORRUPT);
		ck_assert_msg(strstr(diag_text(&diag), name) != NULL &&
			strstr(diag_text(&diag), words) != NULL,
		    "%s", diag_text(&diag));
	}
	QUEUE_OK(store_check(queue_directory, queue_row, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, STORE_UNUSABLE);
	if (!missing)
		journal_assert_same(&pair);
	journal_free(&pair);
}

/* Without its journal the database is not the queue. */
START_TEST(missing)
{
	struct journal_pair pair = prepare();
	struct store *store;

	ck_assert_int_eq(unlink(pair.journal.path), 0);
	assert_refused(pair.journal.path, "missing");
	journal_put_back(&pair);
	store = queue_open();
	ck_assert_uint_eq(store_total(store).messages, 2);
	store_close(store);
	/* It belongs to it even if it has nothing to be applied. */
	ck_assert_int_eq(unlink(pair.journal.path), 0);
	assert_refused(pair.journal.path, "missing");
	journal_free(&pair);
	queue_remove();
}
END_TEST

/* Both files of another time, each. */
START_TEST(of_another_time)
{
	struct journal_pair older = prepare(), newer;

	journal_leave(add_two);
	journal_leave(add_two);
	newer = journal_take();
	ck_assert_uint_eq(queue_assert_clean().messages, 6);
	journal_write(&older.journal);
	assert_refused(older.journal.path, "another time");
	journal_put_back(&older);
	ck_assert_uint_eq(queue_assert_clean().messages, 2);
	journal_write(&newer.journal);
	assert_refused(older.journal.path, "another time");
	journal_put_back(&newer);
	ck_assert_uint_eq(queue_assert_clean().messages, 6);
	journal_free(&older);
	journal_free(&newer);
	queue_remove();
}
END_TEST

/* That of another queue, under its own name and under that of ours. */
START_TEST(of_another_queue)
{
	struct journal_pair theirs = prepare(), ours;
	char path[320];

	queue_remove();
	ours = prepare();
	ck_assert_str_ne(
	    strrchr(ours.journal.path, '/'), strrchr(theirs.journal.path, '/'));
	/* Beside ours it is of no account. */
	snprintf(path, sizeof(path), "%s%s", queue_directory,
	    strrchr(theirs.journal.path, '/'));
	snprintf(theirs.journal.path, sizeof(path), "%s", path);
	journal_write(&theirs.journal);
	ck_assert_uint_eq(queue_assert_clean().messages, 2);
	ck_assert_int_eq(unlink(ours.journal.path), 0);
	assert_refused(ours.journal.path, "missing");
	ck_assert_int_eq(rename(path, ours.journal.path), 0);
	assert_refused(ours.journal.path, "damaged");
	journal_free(&theirs);
	journal_free(&ours);
	queue_remove();
}
END_TEST

/* A copy that was marked has a journal of its own: that of the original does
 * not go with it, nor its own with the original. */
START_TEST(of_a_copy)
{
	struct journal_pair original, copy;
	struct diag diag = {0};
	struct store *store;

	original = prepare();
	journal_free(&original);
	/* As x4ctl copy does: the database, when its journal has nothing. */
	store_close(queue_open());
	original = journal_take();
	ck_assert_int_eq(unlink(original.journal.path), 0);
	ck_assert_msg(store_copy_mark(queue_directory, 1234567, &diag) == 0,
	    "%s", diag_text(&diag));
	copy = journal_take();
	ck_assert_str_ne(copy.journal.path, original.journal.path);
	ck_assert_uint_eq(queue_assert_clean().messages, 2);
	journal_leave(add_two);
	ck_assert_uint_eq(queue_assert_clean().messages, 4);
	store = queue_open();
	ck_assert_int_eq(store_copied(store), 1234567);
	store_close(store);
	/* The journal of the original in the place of the copy's. */
	ck_assert_int_eq(unlink(copy.journal.path), 0);
	journal_write(&original.journal);
	assert_refused(copy.journal.path, "missing");
	ck_assert_int_eq(rename(original.journal.path, copy.journal.path), 0);
	assert_refused(copy.journal.path, "damaged");
	/* And the other way round. */
	ck_assert_int_eq(unlink(copy.journal.path), 0);
	journal_write(&copy.journal);
	journal_write(&original.data);
	assert_refused(original.journal.path, "missing");
	ck_assert_int_eq(rename(copy.journal.path, original.journal.path), 0);
	assert_refused(original.journal.path, "damaged");
	journal_free(&original);
	journal_free(&copy);
	queue_remove();
}
END_TEST

TEST_MAIN("store/journal_pair", TEST(missing); TEST(of_another_time);
	  TEST(of_another_queue); TEST(of_a_copy))
