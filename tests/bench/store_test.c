/* SPDX-License-Identifier: ISC */
/*
 * store_test.c - figures: what the store alone can do
 *
 * Messages of 2 KB are put into a queue and taken out again, 1, 10 and 100 a
 * commit, by nothing but the store: what a suite relays is held against this.
 */
#include <stdio.h>

#include "base/clock.h"
#include "store/store.h"
#include "tests/bench/relay.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define SECONDS 2
#define MOST	100 /* messages of a commit */

static struct store *store;
static uint32_t paris;

/* commit - put messages into the queue, or take them out, in one commit */
static void
commit(uint64_t *ids, unsigned count, bool put)
{
	static const uint8_t octets[2048];

	ck_assert_int_eq(store_begin(store), 0);
	for (unsigned i = 0; i < count; i++) {
		struct store_message message = {.state = STORE_READY,
		    .priority = STORE_NORMAL,
		    .link = paris,
		    .arrival = clock_wall(),
		    .content_length = sizeof(octets),
		    .mts_id = slice_of_string("[C=DE;A=X;1]"),
		    .envelope = slice_of(octets, 200),
		    .content = slice_of(octets, sizeof(octets))};

		if (!put) {
			ck_assert_int_eq(
			    store_message_delete(store, ids[i]), 0);
			continue;
		}
		ck_assert_int_eq(store_message_add(store, &message), 0);
		ids[i] = message.id;
	}
	ck_assert_int_eq(store_commit(store), 0);
}

/* cycle - measure so many messages a commit */
static void
cycle(unsigned count)
{
	double begun = suite_now(), seconds;
	uint64_t ids[MOST];
	unsigned commits = 0;

	do {
		commit(ids, count, true);
		commit(ids, count, false);
		commits += 2;
		seconds = suite_now() - begun;
	} while (seconds < SECONDS);
	printf("%3u messages a commit: %6.0f commits/s, %7.0f messages/s in "
	       "and out\n",
	    count, commits / seconds, commits * count / seconds / 2);
}

START_TEST(cycles)
{
	const struct store_options options = {.queue_size = (uint64_t)1 << 30};
	char path[SUITE_PATH + 16];
	struct diag diag = {0};

	suite_begin("bench");
	printf("disk: %.0f durable writes of 4 KB a second\n", relay_disk());
	snprintf(path, sizeof(path), "%s/queue", suite_directory());
	ck_assert_int_eq(store_open(path, &options, &store, &diag), 0);
	ck_assert_int_eq(store_begin(store), 0);
	ck_assert_int_eq(store_link_create(store, "paris", &paris), 0);
	ck_assert_int_eq(store_commit(store), 0);
	cycle(1);
	cycle(10);
	cycle(MOST);
	store_close(store);
	suite_end();
}
END_TEST

TEST_MAIN("bench/store", TEST_LONG(cycles, 60))
