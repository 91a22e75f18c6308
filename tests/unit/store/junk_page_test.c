/* SPDX-License-Identifier: ISC */
/*
 * junk_page_test.c - values whose pages say that they are many
 *
 * LMDB frees as many pages as the header of a value's page says.  What is not
 * as the store wrote it is not freed, nor read; all else goes on.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/store/queue.h"

#define PAGE	 4096
#define FLAGS_AT 10
#define PAGES_AT 12
#define OVERFLOW 0x04
#define SLICES	 5
#define SLICE	 ((size_t)4080)

/* spoil - have each page of a value that begins with this octet say that it is
 * that many; count them */
static unsigned
spoil(uint8_t first, uint32_t pages)
{
	char path[160];
	uint8_t page[PAGE];
	unsigned count = 0;
	uint16_t flags;
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	for (off_t at = 0; pread(fd, page, PAGE, at) == PAGE; at += PAGE) {
		memcpy(&flags, page + FLAGS_AT, sizeof(flags));
		if (flags != OVERFLOW || page[16] != first ||
		    page[PAGE - 1] != first)
			continue;
		ck_assert_int_eq(
		    pwrite(fd, &pages, sizeof(pages), at + PAGES_AT),
		    sizeof(pages));
		count++;
	}
	close(fd);
	return count;
}

/* add_content - add a content that nobody uses, each slice of an octet of its
 * own */
static void
add_content(struct store *store)
{
	static uint8_t octets[SLICES * SLICE];
	uint64_t id;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(200 + i / SLICE);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(
	    store_content_append(store, id, slice_of(octets, sizeof(octets))));
	QUEUE_OK(store_content_discard(store, id));
	QUEUE_OK(store_commit(store));
}

/* Of an object that is given up the slices that can be read are freed, and
 * others behind it on the list. */
START_TEST(slices)
{
	struct store_check_result result;
	struct store *store;
	struct diag diag = {0};
	unsigned steps = 0;
	int rc = 1;

	queue_make();
	store = queue_open();
	add_content(store);
	add_content(store);
	store_close(store);
	/* The middle one of both. */
	ck_assert_uint_eq(spoil(202, 100), 2);
	store = queue_open();
	while (rc == 1 && steps++ < 1000) {
		QUEUE_OK(store_begin(store));
		rc = store_reap_step(store, SLICE);
		ck_assert_int_ge(rc, 0);
		QUEUE_OK(store_commit(store));
	}
	ck_assert_int_eq(rc, 0);
	store_close(store);
	/* Two slices without an object are left, and nothing else. */
	QUEUE_OK(store_check(queue_directory, queue_row, NULL, &result, &diag));
	ck_assert_uint_eq(result.findings, 2);
	queue_remove();
}
END_TEST

TEST_MAIN("store/junk_page", TEST(slices))
