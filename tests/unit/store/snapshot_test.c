/* SPDX-License-Identifier: ISC */
/*
 * snapshot_test.c - a copy that is made while the queue changes
 */
#include "store/snapshot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/unit/store/queue.h"

#define MESSAGES 200

static char copied[160]; /* the directory of the copy */

/* copy_out - write what a snapshot is made of into a queue of its own */
static void
copy_out(const struct store_snapshot *snapshot)
{
	size_t meta = STORE_SNAPSHOT_META * snapshot->page;
	uint64_t end = snapshot->page * snapshot->pages;
	char path[192];
	uint8_t *page = malloc(snapshot->page);
	int fd;

	ck_assert_ptr_nonnull(page);
	snprintf(copied, sizeof(copied), "%s/copy", queue_directory);
	ck_assert_int_eq(mkdir(copied, 0700), 0);
	snprintf(path, sizeof(path), "%s/data.mdb", copied);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, snapshot->meta, meta), (ssize_t)meta);
	for (uint64_t at = meta; at < end; at += snapshot->page) {
		ck_assert_int_eq(
		    pread(snapshot->fd, page, snapshot->page, (off_t)at),
		    (ssize_t)snapshot->page);
		ck_assert_int_eq(
		    write(fd, page, snapshot->page), (ssize_t)snapshot->page);
	}
	close(fd);
	free(page);
}

/* open_copy - open the copy for changes */
static struct store *
open_copy(void)
{
	const struct store_options options = {.queue_size = QUEUE_SIZE};
	struct store *store;
	struct diag diag = {0};

	ck_assert_msg(store_open(copied, &options, &store, &diag) == 0, "%s",
	    diag_text(&diag));
	return store;
}

/* remove_copy - remove the directory of the copy, so that the queue's can be */
static void
remove_copy(void)
{
	static const char *const names[] = {"data.mdb", "lock", "lock.mdb"};
	char path[192];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", copied, names[i]);
		unlink(path);
	}
	ck_assert_int_eq(rmdir(copied), 0);
}

/* churn - replace each message by another, so often, a commit each */
static void
churn(struct store *store, uint64_t *ids, unsigned rounds)
{
	struct store_message m = queue_message(1);

	for (unsigned n = 0; n < rounds; n++)
		for (unsigned i = 0; i < MESSAGES; i++) {
			QUEUE_OK(store_begin(store));
			QUEUE_OK(store_message_delete(store, ids[i]));
			QUEUE_OK(store_commit(store));
			m = queue_message(1);
			ids[i] = queue_add(store, &m);
		}
}

/* All messages of then, and no other, whatever the queue did meanwhile. */
START_TEST(of_one_moment)
{
	struct store_snapshot snapshot;
	struct store_message m;
	uint64_t ids[MESSAGES], first;
	struct store *store;
	struct diag diag = {0};

	queue_make();
	store = queue_open();
	(void)queue_link(store, "paris");
	for (unsigned i = 0; i < MESSAGES; i++) {
		m = queue_message(1);
		ids[i] = queue_add(store, &m);
	}
	first = ids[0];
	QUEUE_OK(store_snapshot_begin(store, &snapshot, &diag));
	ck_assert_uint_eq(snapshot.messages, MESSAGES);
	ck_assert_int_eq(
	    store_snapshot_begin(store, &(struct store_snapshot){0}, &diag),
	    ERR_BUSY);
	churn(store, ids, 3);
	QUEUE_OK(store_snapshot_check(store, NULL));
	copy_out(&snapshot);
	store_snapshot_end(store, &snapshot);
	churn(store, ids, 1);
	store_close(store);

	store = open_copy();
	ck_assert_uint_eq(store_total(store).messages, MESSAGES);
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct arena arena;

		arena_init(&arena, 1 << 20);
		QUEUE_OK(store_message_get(
		    store, first + i, STORE_WHOLE, &arena, &m));
		arena_fini(&arena);
	}
	store_close(store);
	remove_copy();
	queue_assert_clean();
	queue_remove();
}
END_TEST

/* A copy that lasts while the queue turns over is told to end before the
 * reserve is touched, and gives the room back. */
START_TEST(ends_before_it_is_full)
{
	static uint8_t octets[1024 * 1024];
	struct store_snapshot snapshot;
	struct store_message m = queue_message(1);
	struct store *store;
	struct diag diag = {0};
	unsigned n;
	int rc = 0;

	queue_make();
	store = queue_open();
	(void)queue_link(store, "paris");
	QUEUE_OK(store_snapshot_begin(store, &snapshot, &diag));
	for (n = 0; n < 200 && rc == 0; n++) {
		QUEUE_OK(store_begin(store));
		m = queue_message(1);
		QUEUE_OK(store_content_create(
		    store, STORE_LINK_NONE, &m.content_id));
		QUEUE_OK(store_content_append(
		    store, m.content_id, slice_of(octets, sizeof(octets))));
		QUEUE_OK(
		    store_content_seal(store, m.content_id, sizeof(octets)));
		m.content = slice_of(NULL, 0);
		m.content_length = sizeof(octets);
		QUEUE_OK(store_message_add(store, &m));
		QUEUE_OK(store_commit(store));
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_delete(store, m.id));
		QUEUE_OK(store_commit(store));
		while (store_reap_pending(store) > 0) {
			QUEUE_OK(store_begin(store));
			ck_assert_int_ge(
			    store_reap_step(store, STORE_STAGE_MAX), 0);
			QUEUE_OK(store_commit(store));
		}
		rc = store_snapshot_check(store, &diag);
	}
	ck_assert_int_eq(rc, ERR_FULL);
	ck_assert_ptr_nonnull(strstr(diag_text(&diag), "queue is full"));
	/* A queue of 64 MB: nearly as many messages of 1 MB had gone. */
	ck_assert_uint_gt(n, 40);
	store_snapshot_end(store, &snapshot);
	QUEUE_OK(store_snapshot_begin(store, &snapshot, &diag));
	store_snapshot_end(store, &snapshot);
	queue_end(store);
}
END_TEST

/* make_uuid - give a queue a UUID, and copy it */
static void
make_uuid(struct store *store, uint8_t uuid[STORE_UUID_LEN])
{
	ck_assert_uint_eq(store_uuid(store).len, 0);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_uuid_make(store));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_uuid(store).len, STORE_UUID_LEN);
	memcpy(uuid, store_uuid(store).data, STORE_UUID_LEN);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_uuid_make(store));
	QUEUE_OK(store_commit(store));
	ck_assert_mem_eq(store_uuid(store).data, uuid, STORE_UUID_LEN);
}

/* A marked copy says so until it is accepted, and gives no number again. */
START_TEST(marked)
{
	struct store_snapshot snapshot;
	struct store_message m = queue_message(1);
	struct store *store;
	struct diag diag = {0};
	uint8_t uuid[STORE_UUID_LEN], other[STORE_UUID_LEN];
	uint64_t last;

	queue_make();
	store = queue_open();
	(void)queue_link(store, "paris");
	last = queue_add(store, &m);
	make_uuid(store, uuid);
	QUEUE_OK(store_snapshot_begin(store, &snapshot, &diag));
	copy_out(&snapshot);
	store_snapshot_end(store, &snapshot);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_copy_accept(store), ERR_STATE);
	store_abort(store);
	store_close(store);

	QUEUE_OK(store_copy_mark(copied, 1234567, &diag));
	store = open_copy();
	ck_assert_int_eq(store_copied(store), 1234567);
	ck_assert_mem_eq(store_uuid(store).data, uuid, STORE_UUID_LEN);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_copy_accept(store));
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = open_copy();
	ck_assert_int_eq(store_copied(store), 0);
	ck_assert_int_eq(store_restored(store), 1234567);
	/* It is another queue now. */
	ck_assert_uint_eq(store_uuid(store).len, 0);
	make_uuid(store, other);
	ck_assert_mem_ne(other, uuid, STORE_UUID_LEN);
	m = queue_message(1);
	ck_assert_uint_gt(queue_add(store, &m), last + 1000000);
	QUEUE_OK(store_begin(store));
	store_copy_told(store);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = open_copy();
	ck_assert_int_eq(store_restored(store), 0);
	ck_assert_mem_eq(store_uuid(store).data, other, STORE_UUID_LEN);
	store_close(store);
	remove_copy();
	queue_remove();
}
END_TEST

TEST_MAIN("store/snapshot", TEST(of_one_moment); TEST(ends_before_it_is_full);
	  TEST(marked))
