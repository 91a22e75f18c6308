/* SPDX-License-Identifier: ISC */
/*
 * partial_test.c - transfers that came in part, to be gone on with
 */
#include "tests/unit/store/queue.h"

static uint8_t octets[8192];

/* begin_one - create a content of some octets with a mark; not committed */
static struct store_partial
begin_one(struct store *store, uint64_t session, uint64_t activity)
{
	struct store_partial partial = {.session = session,
	    .activity = activity,
	    .link = 3,
	    .kind = MTS_REPORT,
	    .time = QUEUE_TIME,
	    .offset = 100 + 5000,
	    .envelope = slice_of(octets, 100),
	    .state = slice_of(octets + 1, 200)};

	QUEUE_OK(
	    store_content_create(store, STORE_LINK_NONE, &partial.content));
	QUEUE_OK(store_content_append(
	    store, partial.content, slice_of(octets, 5000)));
	QUEUE_OK(store_partial_mark(store, &partial));
	return partial;
}

/* assert_is - check that what is found is what was marked */
static void
assert_is(const struct store_partial *got, const struct store_partial *expected)
{
	ck_assert_uint_eq(got->content, expected->content);
	ck_assert_uint_eq(got->session, expected->session);
	ck_assert_uint_eq(got->activity, expected->activity);
	ck_assert_uint_eq(got->old_session, expected->old_session);
	ck_assert_uint_eq(got->old_activity, expected->old_activity);
	ck_assert_uint_eq(got->link, expected->link);
	ck_assert_int_eq(got->kind, expected->kind);
	ck_assert_int_eq(got->time, expected->time);
	ck_assert_uint_eq(got->offset, expected->offset);
	ck_assert(slice_equal(got->envelope, expected->envelope));
	ck_assert(slice_equal(got->state, expected->state));
}

/* fill - fill in octets that differ by their place */
static void
fill(void)
{
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 + i / 256);
}

START_TEST(what_is_marked_outlives_us)
{
	struct store_partial one, two, got;
	struct store *store;
	struct arena arena;
	uint64_t plain = 0, length;

	fill();
	arena_init(&arena, 65536);
	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	one = begin_one(store, 7, 1);
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &plain));
	two = begin_one(store, 8, 1);
	QUEUE_OK(store_commit(store));
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).partial, 1);
	ck_assert_int_eq(
	    store_content_length(store, plain, &length), ERR_NOTFOUND);
	QUEUE_OK(store_partial_find(store, 7, 1, &arena, &got));
	assert_is(&got, &one);
	QUEUE_OK(store_partial_find(store, 8, 1, &arena, &got));
	assert_is(&got, &two);
	QUEUE_OK(store_content_length(store, two.content, &length));
	ck_assert_uint_eq(length, 5000);
	ck_assert_int_eq(
	    store_partial_find(store, 7, 2, &arena, &got), ERR_NOTFOUND);
	ck_assert_int_eq(
	    store_partial_find(store, 0, 0, &arena, &got), ERR_NOTFOUND);
	/* The transfer continues, under another name as well. */
	one.old_session = one.session;
	one.old_activity = one.activity;
	one.session = 9;
	one.activity = 4;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_partial_mark(store, &one));
	QUEUE_OK(store_content_discard(store, two.content));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_partial_find(store, 7, 1, &arena, &got));
	assert_is(&got, &one);
	QUEUE_OK(store_partial_find(store, 9, 4, &arena, &got));
	assert_is(&got, &one);
	ck_assert_int_eq(
	    store_partial_find(store, 8, 1, &arena, &got), ERR_NOTFOUND);
	arena_fini(&arena);
	queue_end(store);
}
END_TEST

START_TEST(marks_that_cannot_be)
{
	struct store_partial one;
	struct store *store;

	fill();
	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	one = begin_one(store, 7, 1);
	one.state = slice_of(octets, STORE_MARK_MAX - 99);
	ck_assert_int_eq(store_partial_mark(store, &one), ERR_LIMIT);
	one.state = slice_of(octets, STORE_MARK_MAX - 100);
	QUEUE_OK(store_partial_mark(store, &one));
	one.offset = 99;
	ck_assert_int_eq(store_partial_mark(store, &one), ERR_VALUE);
	one.offset = 5100;
	one.content++;
	ck_assert_int_eq(store_partial_mark(store, &one), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	store_close(store);
	queue_assert_clean();
	queue_remove();
}
END_TEST

/* What came in part is added up by its source; what is nobody's is not. */
START_TEST(sums_by_source)
{
	struct store_partial_total totals[2];
	struct store_partial one;
	struct store *store;
	uint32_t link;

	fill();
	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	ck_assert_uint_eq(link, 1);
	QUEUE_OK(store_begin(store));
	(void)begin_one(store, 7, 1);
	for (unsigned i = 0; i < 2; i++) {
		one = (struct store_partial){.session = 8,
		    .activity = i + 1,
		    .link = link,
		    .time = QUEUE_TIME - i,
		    .offset = 100 + 2000,
		    .envelope = slice_of(octets, 100),
		    .state = slice_of(octets, 10)};
		QUEUE_OK(store_content_create(store, link, &one.content));
		QUEUE_OK(store_content_append(
		    store, one.content, slice_of(octets, 2000)));
		QUEUE_OK(store_partial_mark(store, &one));
	}
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_partial_sum(store, totals, 2));
	ck_assert_uint_eq(totals[1].contents, 2);
	ck_assert_uint_eq(totals[1].octets, 4000);
	ck_assert_int_eq(totals[1].oldest, QUEUE_TIME - 1);
	QUEUE_OK(store_partial_sum(store, totals, 1));
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/partial", TEST(what_is_marked_outlives_us);
	  TEST(marks_that_cannot_be); TEST(sums_by_source))
