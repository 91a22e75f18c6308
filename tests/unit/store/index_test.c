/* SPDX-License-Identifier: ISC */
/*
 * index_test.c - entries and pages that are damaged hide no others
 */
#include <fcntl.h>

#include "tests/unit/check/damage.h"

#define PAGE	   4096
#define FLAGS_AT   10
#define LOWER_AT   12
#define HEADER_LEN 16
#define LEAF	   0x02
#define OVERFLOW   0x04
#define NODE_LEN   8
#define MESSAGES   2000
#define KEY_LEN	   10 /* of a message: its id, and the part */

/* count_ready - count the ready messages of the link that there is */
static unsigned
count_ready(struct store *store)
{
	unsigned count = 0;
	uint64_t id = 0;

	while (store_ready_next(store, 1, STORE_NORMAL, id, &id) == 0)
		count++;
	return count;
}

/* Keys that have no entry's form are stepped over, and what follows is
 * found. */
START_TEST(bad_keys)
{
	/* Before the entry of message 1, and before that of message 2. */
	static const struct mutation changes[] = {
	    {"ready", "0000000101", "00", NULL},
	    {"ready", "000000010100000000000000", "00", NULL},
	    {"ready", "00000001010000000000000005aa", "00", NULL},
	    {"deferred", "00", "00", NULL},
	    {"deferred", "ff00000000000000" ID(1), "00", NULL}};
	struct store *store;
	int64_t time = -1;
	uint64_t id = 0;

	make();
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		mutate(&changes[i]);
	store = queue_open();
	ck_assert_uint_eq(count_ready(store), 2);
	QUEUE_OK(store_deferred_next(store, &time, &id));
	ck_assert_uint_eq(id, 2);
	ck_assert_int_eq(time, QUEUE_TIME);
	ck_assert_int_eq(store_deferred_next(store, &time, &id), ERR_NOTFOUND);
	store_close(store);
	queue_remove();
}
END_TEST

/* is_middle - tell whether a page has messages from the middle of the queue,
 * as the first key on it says */
static bool
is_middle(const uint8_t page[PAGE])
{
	uint16_t flags, node, len;
	uint64_t id = 0;

	memcpy(&flags, page + FLAGS_AT, sizeof(flags));
	memcpy(&node, page + HEADER_LEN, sizeof(node));
	if (flags != LEAF || node + NODE_LEN + KEY_LEN > PAGE)
		return false;
	memcpy(&len, page + node + NODE_LEN - sizeof(len), sizeof(len));
	for (int i = 0; i < 8; i++)
		id = id << 8 | page[node + NODE_LEN + i];
	return len == KEY_LEN && id > MESSAGES / 2 && id < MESSAGES / 2 + 100;
}

/* spoil - make pages of the middle of the queue something else; how many */
static unsigned
spoil(void)
{
	const uint16_t other = OVERFLOW;
	uint8_t page[PAGE];
	char path[160];
	unsigned count = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	for (off_t at = 0; pread(fd, page, PAGE, at) == PAGE; at += PAGE) {
		if (!is_middle(page))
			continue;
		ck_assert_int_eq(
		    pwrite(fd, &other, sizeof(other), at + FLAGS_AT),
		    sizeof(other));
		count++;
	}
	close(fd);
	return count;
}

/* A page of records that cannot be read hides those on it alone. */
START_TEST(bad_pages)
{
	struct store_message m;
	unsigned pages, count = 0;
	struct store *store;
	uint64_t id = 0, last = 0;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
	for (int i = 0; i < MESSAGES; i++) {
		m = queue_message(1);
		QUEUE_OK(store_message_add(store, &m));
	}
	QUEUE_OK(store_commit(store));
	store_close(store);
	pages = spoil();
	ck_assert_uint_gt(pages, 0);
	store = queue_open();
	while (store_message_next(store, id, &id) == 0) {
		ck_assert_uint_gt(id, last);
		last = id;
		count++;
	}
	ck_assert_uint_eq(last, m.id);
	ck_assert_uint_lt(count, MESSAGES);
	/* A page has no more than so many records. */
	ck_assert_uint_ge(count, MESSAGES - pages * PAGE / 60);
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/index", TEST(bad_keys); TEST(bad_pages))
