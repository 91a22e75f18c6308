/* SPDX-License-Identifier: ISC */
/*
 * room_test.c - a backlog that filled the disk, and left, leaves room
 *
 * LMDB never gives pages back to the file system, so that the disk stays as
 * full as the largest backlog made it.  A small file system of its own, which
 * takes root, is filled until the queue refuses more, and the queue is emptied.
 */
#include <sys/mount.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>

#include "tests/unit/store/queue.h"

/* More than the reserve that the disk must have, by some messages. */
#define DISK "size=80m"

static uint8_t octets[1024 * 1024];

/* small_disk - attach a small file system for a new queue's directory;
 * whether we may */
static bool
small_disk(void)
{
	queue_make();
	if (unshare(CLONE_NEWNS) != 0) {
		printf("skipped: no mount namespace: %s\n", strerror(errno));
		fflush(stdout);
		return false;
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("room", queue_directory, "tmpfs", 0, DISK) != 0) {
		printf("skipped: no tmpfs: %s\n", strerror(errno));
		fflush(stdout);
		return false;
	}
	return true;
}

/* add - add a message of a megabyte to the queue */
static void
add(struct store *store)
{
	struct store_message m;
	uint64_t content;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &content));
	QUEUE_OK(store_content_append(
	    store, content, slice_of(octets, sizeof(octets))));
	QUEUE_OK(store_content_seal(store, content, sizeof(octets)));
	m = queue_message(1);
	m.content = slice_of(NULL, 0);
	m.content_id = content;
	m.content_length = sizeof(octets);
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_commit(store));
}

/* fill - add messages until the queue has no room: how many */
static unsigned
fill(struct store *store)
{
	unsigned count = 0;

	while (store_room(store, STORE_INTAKE_UP, sizeof(octets)) == 0) {
		add(store);
		count++;
	}
	ck_assert_ptr_nonnull(strstr(store_reason(store), "disk space"));
	return count;
}

/* empty - delete all messages, and reap what they had */
static void
empty(struct store *store)
{
	uint64_t id = 0;
	int rc = 1;

	while (store_message_next(store, id, &id) == 0) {
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_delete(store, id));
		QUEUE_OK(store_commit(store));
	}
	while (rc > 0) {
		QUEUE_OK(store_begin(store));
		rc = store_reap_step(store, STORE_STAGE_MAX);
		ck_assert_int_ge(rc, 0);
		QUEUE_OK(store_commit(store));
	}
}

START_TEST(an_emptied_queue_takes_mail)
{
	struct store *store;
	unsigned count;

	if (!small_disk()) {
		queue_remove();
		return;
	}
	store = queue_open();
	queue_link(store, "paris");
	/* All within a second: the disk is looked at as it fills, not by the
	 * clock alone. */
	count = fill(store);
	ck_assert_uint_ge(count, 4);
	empty(store);
	store_close(store);
	/* Without a hand, and whatever data.mdb has grown to. */
	store = queue_open();
	ck_assert(!store_disk_low(store));
	QUEUE_OK(store_room(store, STORE_INTAKE_UP, sizeof(octets)));
	ck_assert_uint_ge(fill(store), count - 1);
	store_close(store);
	queue_assert_clean();
	ck_assert_int_eq(umount(queue_directory), 0);
	queue_remove();
}
END_TEST

TEST_MAIN("store/room", TEST(an_emptied_queue_takes_mail))
