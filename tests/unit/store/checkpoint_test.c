/* SPDX-License-Identifier: ISC */
/*
 * checkpoint_test.c - when the journal is applied, and what of a turn that is
 * undone, or for which there is no room
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/state.h"
#include "tests/unit/store/queue.h"

static uint8_t octets[STORE_INLINE_MAX];
static unsigned told[STORE_TROUBLES];

/* hear - count troubles */
static void
hear(void *arg, enum store_trouble kind, const char *text)
{
	(void)arg;
	(void)text;
	told[kind]++;
}

/* begin - make a queue with one link */
static struct store *
begin(uint64_t size)
{
	const struct store_options options = {
	    .queue_size = size, .trouble = hear};
	struct store *store;
	struct diag diag = {.code = 0};

	memset(told, 0, sizeof(told));
	queue_make();
	ck_assert_msg(store_open(queue_directory, &options, &store, &diag) == 0,
	    "%s", diag_text(&diag));
	(void)queue_link(store, "paris");
	return store;
}

/* add - add a message as a turn of its own */
static uint64_t
add(struct store *store)
{
	struct store_message m = queue_message(1);

	return queue_add(store, &m);
}

/* records - count the records that are to be applied */
static uint64_t
records(const struct store *store)
{
	return store->db.redo.place.number;
}

/* fail_turn - begin a turn, change something, and undo it */
static void
fail_turn(struct store *store)
{
	struct store_message m = queue_message(1);

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, &m));
	store_abort(store);
}

/* Whoever has a turn undone tries its members one by one: the journal is
 * applied once, however many of them fail. */
START_TEST(undone)
{
	struct store *store = begin(QUEUE_SIZE);
	uint64_t id = add(store), epoch = store->db.redo.stamp.epoch;
	struct store_message m;
	struct arena arena;

	ck_assert_uint_eq(records(store), 2);
	ck_assert_uint_eq(store->db.redo.replays, 0);
	for (int i = 0; i < 10; i++)
		fail_turn(store);
	ck_assert_uint_eq(store->db.redo.replays, 1);
	ck_assert_uint_eq(store->db.redo.stamp.epoch, epoch + 1);
	ck_assert_uint_eq(records(store), 0);
	arena_init(&arena, 4096);
	QUEUE_OK(store_message_get(store, id, STORE_HEAD, &arena, &m));
	ck_assert_int_eq(
	    store_message_get(store, id + 1, STORE_HEAD, &arena, &m),
	    ERR_NOTFOUND);
	arena_fini(&arena);
	/* A turn that changed nothing has nothing to be undone. */
	(void)add(store);
	QUEUE_OK(store_begin(store));
	store_abort(store);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(records(store), 1);
	ck_assert_uint_eq(store->db.redo.replays, 1);
	queue_end(store);
}
END_TEST

/* A journal that is long is applied. */
START_TEST(long_enough)
{
	struct store *store = begin(QUEUE_SIZE);
	uint64_t epoch = store->db.redo.stamp.epoch, count = 0;
	struct store_message m = queue_message(1);

	m.content = slice_of(octets, _i == 0 ? 10 : sizeof(octets));
	m.content_length = m.content.len;
	while (store->db.redo.stamp.epoch == epoch) {
		(void)queue_add(store, &m);
		count++;
		ck_assert_uint_lt(count, REDO_CHANGES);
	}
	ck_assert_uint_eq(records(store), 0);
	/* A record is at least a block. */
	ck_assert_uint_le(count, REDO_CHECKPOINT / REDO_BLOCK);
	ck_assert_uint_gt(count, 200);
	ck_assert_uint_eq(store_total(store).messages, count);
	queue_end(store);
}
END_TEST

/* So is one of many changes. */
START_TEST(many_changes)
{
	struct store *store = begin(QUEUE_SIZE);
	uint64_t epoch = store->db.redo.stamp.epoch;
	struct store_message m;

	while (store->db.redo.stamp.epoch == epoch) {
		ck_assert_uint_lt(store->db.redo.place.offset, REDO_CHECKPOINT);
		QUEUE_OK(store_begin(store));
		for (int i = 0; i < 50; i++) {
			m = queue_message(1);
			QUEUE_OK(store_message_add(store, &m));
		}
		QUEUE_OK(store_commit(store));
	}
	ck_assert_uint_ge(store_total(store).messages, REDO_CHANGES / 4);
	ck_assert_uint_le(store_total(store).messages, REDO_CHANGES);
	queue_end(store);
}
END_TEST

/* What is large goes to the database at once, and what was in the journal
 * before with it. */
START_TEST(large_turn)
{
	struct store *store = begin(QUEUE_SIZE);
	uint64_t epoch = store->db.redo.stamp.epoch, id;
	static const uint8_t content[100000];

	(void)add(store);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(store_content_append(
	    store, id, slice_of(content, sizeof(content))));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store->db.redo.stamp.epoch, epoch + 1);
	ck_assert_uint_eq(records(store), 0);
	(void)add(store);
	ck_assert_uint_eq(records(store), 1);
	queue_end(store);
}
END_TEST

/* A queue that rests has an empty journal after a while, and so has one that
 * was closed. */
START_TEST(at_rest)
{
	const struct store_options options = {.mode = STORE_READ_ONLY};
	struct store *store = begin(QUEUE_SIZE);

	(void)add(store);
	store_rest(store);
	ck_assert_uint_eq(records(store), 2);
	QUEUE_OK(store_begin(store));
	store->db.appended = 0;
	store_rest(store);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(records(store), 2);
	store_rest(store);
	ck_assert_uint_eq(records(store), 0);
	(void)add(store);
	ck_assert_uint_eq(records(store), 1);
	store_close(store);
	QUEUE_OK(store_open(queue_directory, &options, &store, NULL));
	ck_assert_ptr_null(store->db.write);
	ck_assert_uint_eq(store_total(store).messages, 2);
	queue_end(store);
}
END_TEST

/* limit - have no file grow beyond what the database and the journal have
 * now */
static void
limit(struct rlimit *before)
{
	char path[192];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	ck_assert_int_eq(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	QUEUE_OK(getrlimit(RLIMIT_FSIZE, before));
	QUEUE_OK(setrlimit(RLIMIT_FSIZE,
	    &(struct rlimit){(rlim_t)st.st_size > REDO_FILE ? (rlim_t)st.st_size
							    : (rlim_t)REDO_FILE,
		before->rlim_max}));
}

/* Without room for a checkpoint nothing that was confirmed is lost, and no turn
 * begins, until there is. */
START_TEST(no_room)
{
	struct store *store = begin(QUEUE_SIZE);
	struct store_message m = queue_message(1);
	struct rlimit before;
	uint64_t count = 0;

	m.content = slice_of(octets, sizeof(octets));
	m.content_length = m.content.len;
	/* Longer than the journal's file, so that the limit is the
	 * database's. */
	for (; count < 1000; count++)
		(void)queue_add(store, &m);
	store->db.appended = 0;
	store_rest(store);
	ck_assert_uint_eq(records(store), 0);
	limit(&before);
	while (!store_refuses(store)) {
		ck_assert_uint_lt(count, 10000);
		(void)queue_add(store, &m);
		count++;
	}
	ck_assert(!store_dead(store));
	ck_assert_uint_gt(records(store), 0);
	ck_assert_uint_eq(told[STORE_NOT_APPLIED], 1);
	for (int i = 0; i < 3; i++) {
		store->db.again = 0;
		ck_assert_int_eq(store_begin(store), ERR_FULL);
		ck_assert_ptr_nonnull(strstr(store_reason(store), "no room"));
	}
	store_rest(store);
	ck_assert_uint_eq(told[STORE_NOT_APPLIED], 1);
	ck_assert_uint_eq(told[STORE_APPLIED], 0);
	ck_assert_uint_eq(store_total(store).messages, count);
	QUEUE_OK(setrlimit(RLIMIT_FSIZE, &before));
	store->db.again = 0;
	if (_i == 0)
		(void)add(store);
	else
		store_rest(store);
	ck_assert_uint_eq(told[STORE_APPLIED], 1);
	ck_assert(!store_refuses(store));
	ck_assert_uint_eq(store_total(store).messages, count + (_i == 0));
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_total(store).messages, count + (_i == 0));
	queue_end(store);
}
END_TEST

/* A queue that is full to the last octet of its reserve empties, whatever is
 * taken first. */
START_TEST(full)
{
	struct store *store = begin(STORE_SIZE_MIN);
	struct store_message m = queue_message(1);
	uint64_t id, step = 97, left;
	int rc = 0;

	m.content = slice_of(octets, sizeof(octets));
	m.content_length = m.content.len;
	/* Many in a turn, for the time that flushes take. */
	while (rc == 0 &&
	    store_room(store, STORE_OUTCOME, 14 * sizeof(octets)) == 0) {
		QUEUE_OK(store_begin(store));
		for (int i = 0; i < 14 && rc == 0; i++)
			rc = store_message_add(store, &m);
		if (rc == 0)
			rc = store_commit(store);
		else
			store_abort(store);
	}
	ck_assert(rc == 0 || rc == ERR_FULL);
	left = store_total(store).messages;
	ck_assert_uint_gt(left, 10000);
	for (uint64_t from = 1; from <= step; from++) {
		QUEUE_OK(store_begin(store));
		for (id = from; id <= store_message_last(store); id += step) {
			QUEUE_OK(store_message_delete(store, id));
			left--;
		}
		QUEUE_OK(store_commit(store));
		ck_assert(!store_refuses(store));
	}
	ck_assert_uint_eq(left, 0);
	ck_assert_uint_eq(store_total(store).messages, 0);
	ck_assert_uint_eq(told[STORE_NOT_APPLIED], 0);
	queue_end(store);
}
END_TEST

TEST_MAIN("store/checkpoint", TEST(undone); TEST_LOOP(long_enough, 2);
	  TEST(many_changes); TEST(large_turn); TEST(at_rest);
	  TEST_LOOP(no_room, 2); TEST_LONG(full, 120))
