/* SPDX-License-Identifier: ISC */
/*
 * first_start_test.c - a first start that was cut off leaves nothing behind
 * that stops the next
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store/queue.h"

static char identity[512], data[512];

/* leave - leave so many octets in the place of a database */
static void
leave(off_t size)
{
	int fd;

	(void)mkdir(queue_directory, 0700);
	fd = open(data, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	close(fd);
}

/* try_open - open the queue, which has an identity file or is to have one */
static int
try_open(void)
{
	struct store_options options = {.queue_size = QUEUE_SIZE,
	    .mode = STORE_READ_WRITE,
	    .identity = identity};
	struct store *store;
	int rc = store_open(queue_directory, &options, &store, NULL);

	if (rc == 0)
		store_close(store);
	return rc;
}

/* A power cut may leave any sectors of LMDB's first two pages, and after that
 * the queue never opened.  The simulator found it. */
START_TEST(what_was_never_made_is_made)
{
	queue_make();
	snprintf(data, sizeof(data), "%s/data.mdb", queue_directory);
	snprintf(identity, sizeof(identity), "%s.identity", queue_directory);
	for (off_t size = 512; size <= 8192; size += 1536) {
		leave(size);
		ck_assert_int_eq(try_open(), 0);
		ck_assert_int_eq(access(identity, F_OK), 0);
		/* What was made once is not made again. */
		leave(size);
		ck_assert_int_eq(try_open(), ERR_CORRUPT);
		ck_assert_int_eq(unlink(identity), 0);
	}
	/* More than that is more than a first start leaves. */
	leave(12288);
	ck_assert_int_eq(try_open(), ERR_CORRUPT);
	queue_remove();
}
END_TEST

TEST_MAIN("store/first_start", TEST(what_was_never_made_is_made))
