/* SPDX-License-Identifier: ISC */
/*
 * journal_test.c - a queue that was left with a journal to be applied, and the
 * offline tools
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "check/repair.h"
#include "tests/unit/store/journal.h"

#define FIRST	 50 /* messages that LMDB has */
#define LEFT	 10 /* of these left since */
#define CAME	 5
#define MESSAGES (FIRST - LEFT + CAME)

static char out[192];

/* add - add messages, a turn each */
static void
add(struct store *store, unsigned count)
{
	struct store_message m = queue_message(1);

	for (unsigned i = 0; i < count; i++)
		(void)queue_add(store, &m);
}

/* go_on - have messages leave and come, a turn each */
static void
go_on(struct store *store)
{
	uint64_t id = 0;

	for (int i = 0; i < LEFT; i++) {
		QUEUE_OK(store_message_next(store, id, &id));
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_delete(store, id));
		QUEUE_OK(store_commit(store));
	}
	add(store, CAME);
}

/* prepare - make a queue whose journal is to be applied; both files of before
 * that */
static struct journal_pair
prepare(void)
{
	struct journal_pair before;
	struct store *store;

	queue_make();
	snprintf(out, sizeof(out), "%s/out", queue_directory);
	store = queue_open();
	(void)queue_link(store, "paris");
	add(store, FIRST);
	store_close(store);
	before = journal_take();
	journal_leave(go_on);
	return before;
}

/* repair - repair the queue, and check what is left */
static struct store_repair_result
repair(void)
{
	struct store_repair_result result;
	struct diag diag = {.code = 0};
	int rc =
	    store_repair(queue_directory, out, queue_row, NULL, &result, &diag);

	ck_assert_msg(rc == 0, "repair: %s", diag_text(&diag));
	ck_assert_uint_eq(queue_assert_clean().messages, result.messages);
	return result;
}

/* assert_held - check that so many messages are held, and all others ready */
static void
assert_held(uint64_t count)
{
	struct store *store = queue_open();
	uint64_t held = 0;

	for (int p = 0; p < STORE_PRIORITIES; p++)
		held += store_link_state(
		    store, 1, STORE_HELD, (enum store_priority)p)
			    .messages;
	ck_assert_uint_eq(held, count);
	store_close(store);
}

/* The check applies what the journal has to what it reads, and writes
 * nothing. */
START_TEST(checked)
{
	struct journal_pair before = prepare(), pair = journal_take();

	ck_assert_uint_eq(queue_assert_clean().messages, MESSAGES);
	ck_assert_uint_eq(queue_assert_clean().messages, MESSAGES);
	journal_assert_same(&pair);
	journal_free(&pair);
	journal_free(&before);
	queue_remove();
}
END_TEST

/* give - let everybody read the queue, and nobody write it */
static void
give(const struct journal_pair *pair)
{
	char path[192];

	ck_assert_int_eq(chmod(pair->data.path, 0444), 0);
	ck_assert_int_eq(chmod(pair->journal.path, 0444), 0);
	snprintf(path, sizeof(path), "%s/lock", queue_directory);
	(void)unlink(path);
	ck_assert_int_eq(chmod(queue_directory, 0555), 0);
}

/* Where the database cannot be written there is nothing to apply a journal to,
 * and whoever reads is told what to do; with an empty one it is read. */
START_TEST(not_writable)
{
	struct journal_pair before = prepare(), pair;
	int status;
	pid_t pid;

	if (_i == 1)
		store_close(queue_open());
	pair = journal_take();
	give(&pair);
	pid = fork();
	if (pid == 0) {
		struct store_check_result result;
		struct diag diag = {.code = 0};
		int rc;

		if (chdir(queue_directory) != 0 ||
		    (geteuid() == 0 && setuid(65534) != 0))
			_exit(2);
		rc = store_check(".", queue_row, NULL, &result, &diag);
		if (_i == 1)
			_exit(rc == 0 && result.verdict == STORE_CLEAN &&
				    result.messages == MESSAGES
				? 0
				: 3);
		printf("%d: %s\n", rc, diag_text(&diag));
		fflush(stdout);
		_exit(rc != 0 &&
			    strstr(diag_text(&diag), "copy both files first") !=
				NULL
			? 0
			: 4);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	journal_assert_same(&pair);
	ck_assert_int_eq(chmod(queue_directory, 0755), 0);
	journal_free(&pair);
	journal_free(&before);
	queue_remove();
}
END_TEST

/* A repair has what the journal has, and gives the new database another. */
START_TEST(repaired)
{
	struct journal_pair before = prepare(), pair;
	struct store_repair_result result = repair();

	ck_assert_uint_eq(result.messages, MESSAGES);
	ck_assert_uint_eq(result.held, 0);
	ck_assert(!result.lost);
	pair = journal_take();
	ck_assert_str_ne(pair.journal.path, before.journal.path);
	ck_assert_int_ne(access(out, F_OK), 0);
	assert_held(0);
	journal_free(&pair);
	journal_free(&before);
	queue_remove();
}
END_TEST

enum loss {
	LOSS_MISSING,
	LOSS_OTHER_TIME,
	LOSS_BEGINNING,
	LOSS_WITHIN,
	LOSS_STAMP, /* which journal it is */
	LOSSES
};

/* spoil_stamp - damage the record that names the journal, wherever a page has
 * it */
static void
spoil_stamp(struct journal_pair *pair)
{
	const char *hex = strrchr(pair->journal.path, '.') + 1;
	uint8_t identity[REDO_IDENTITY], *at = pair->data.octets;
	unsigned octet, found = 0;
	size_t left;

	for (size_t i = 0; i < REDO_IDENTITY; i++) {
		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &octet), 1);
		identity[i] = (uint8_t)octet;
	}
	for (;; at++, found++) {
		left = pair->data.len - (size_t)(at - pair->data.octets);
		at = memmem(at, left, identity, sizeof(identity));
		if (at == NULL)
			break;
		/* SEQUENCE, version, the tag and length of the identity */
		ck_assert_uint_eq(at[-7], 0x30);
		at[-7] = 0x31;
	}
	ck_assert_uint_gt(found, 0);
	journal_write(&pair->data);
}

/* lose - have the journal of the queue be lost, or a part of it */
static void
lose(enum loss loss, struct journal_pair *before)
{
	struct journal_pair pair = journal_take();
	struct store *store;

	switch (loss) {
	case LOSS_MISSING:
		ck_assert_int_eq(unlink(pair.journal.path), 0);
		break;
	case LOSS_OTHER_TIME:
		/* Another epoch passes, of which only the journal is left. */
		store = queue_open();
		store_close(store);
		journal_leave(go_on);
		journal_free(before);
		*before = journal_take();
		journal_write(&pair.data);
		journal_write(&before->journal);
		break;
	case LOSS_BEGINNING:
		pair.journal.octets[10] ^= 1;
		journal_write(&pair.journal);
		break;
	case LOSS_WITHIN:
		/* The third of the records, of a block each. */
		pair.journal.octets[2 * REDO_BLOCK + REDO_HEAD] ^= 1;
		journal_write(&pair.journal);
		break;
	case LOSS_STAMP:
		spoil_stamp(&pair);
		break;
	case LOSSES:
		break;
	}
	journal_free(&pair);
}

/* Where changes are lost any message may have left: all are held, the old files
 * are kept, and nothing is thrown away unsaid. */
START_TEST(lost)
{
	struct journal_pair before = prepare();
	struct store_repair_result result;
	char path[512];

	lose((enum loss)_i, &before);
	result = repair();
	ck_assert(result.lost);
	ck_assert_uint_ge(result.messages, MESSAGES - CAME);
	ck_assert_uint_eq(result.held, result.messages);
	assert_held(result.messages);
	snprintf(path, sizeof(path), "%s/data.mdb", out);
	ck_assert_int_eq(access(path, R_OK), 0);
	snprintf(path, sizeof(path), "%s/%s", out,
	    strrchr(before.journal.path, '/') + 1);
	ck_assert_int_eq(access(path, R_OK) == 0, _i != LOSS_MISSING);
	journal_free(&before);
	queue_remove();
}
END_TEST

/* A compact queue has all that the journal had, and another journal. */
START_TEST(compacted)
{
	struct journal_pair before = prepare(), pair;
	struct diag diag = {.code = 0};

	ck_assert_msg(
	    store_compact(queue_directory, &diag) == 0, "%s", diag_text(&diag));
	ck_assert_uint_eq(queue_assert_clean().messages, MESSAGES);
	pair = journal_take();
	ck_assert_str_ne(pair.journal.path, before.journal.path);
	journal_free(&pair);
	assert_held(0);
	journal_leave(go_on);
	journal_free(&before);
	queue_remove();
}
END_TEST

TEST_MAIN("check/journal", TEST(checked); TEST_LOOP(not_writable, 2);
	  TEST(repaired); TEST_LOOP(lost, LOSSES); TEST(compacted))
