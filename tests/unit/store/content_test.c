/* SPDX-License-Identifier: ISC */
/*
 * content_test.c - contents in slices: made, used, shared, given up, reaped
 */
#include "tests/unit/store/queue.h"

#define MEGABYTE ((size_t)1024 * 1024)

static uint8_t octets[2 * 1024 * 1024];

/* fill - fill in octets that differ by their place */
static void
fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 + i / 4080 + i / 65536);
}

/* make - make a sealed content of len octets, appended in pieces; not
 * committed */
static uint64_t
make(struct store *store, size_t len, size_t piece)
{
	uint64_t id = 0;
	size_t at, some;

	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	for (at = 0; at < len; at += some) {
		some = len - at < piece ? len - at : piece;
		QUEUE_OK(store_content_append(
		    store, id, slice_of(octets + at, some)));
	}
	QUEUE_OK(store_content_seal(store, id, len));
	return id;
}

/* use - add a message that uses a content; not committed */
static uint64_t
use(struct store *store, uint64_t content, uint64_t len)
{
	struct store_message m = queue_message(STORE_LINK_NONE);

	m.content = slice_of(NULL, 0);
	m.content_id = content;
	m.content_length = len;
	QUEUE_OK(store_message_add(store, &m));
	return m.id;
}

/* assert_content - check all of a content, read in pieces */
static void
assert_content(struct store *store, uint64_t id, size_t len, size_t piece)
{
	struct buffer buffer;
	size_t at, got = 1;

	buffer_init(&buffer, MEGABYTE);
	for (at = 0; got != 0; at += got) {
		buffer_reset(&buffer);
		QUEUE_OK(
		    store_content_read(store, id, at, piece, &buffer, &got));
		ck_assert_uint_eq(buffer_length(&buffer), got);
		ck_assert(slice_equal(
		    buffer_slice(&buffer), slice_of(octets + at, got)));
		ck_assert(got == piece || at + got == len);
	}
	ck_assert_uint_eq(at, len);
	buffer_fini(&buffer);
}

/* reap_all - free all that nobody uses, and count the steps */
static unsigned
reap_all(struct store *store, size_t max)
{
	unsigned steps = 0;
	int rc = 1;

	while (rc == 1) {
		QUEUE_OK(store_begin(store));
		rc = store_reap_step(store, max);
		ck_assert_int_ge(rc, 0);
		ck_assert_uint_le(
		    store_staged(store), max + max / 16 + 4 * STORE_SLICE);
		QUEUE_OK(store_commit(store));
		ck_assert_uint_lt(++steps, 100000);
	}
	ck_assert_uint_eq(store_reap_pending(store), 0);
	return steps;
}

START_TEST(pieces_of_any_size_make_the_same)
{
	static const size_t lens[] = {
	    0, 1, 4079, 4080, 4081, 8160, 12345, 100000};
	static const size_t pieces[] = {333, 4080, 4096, 65536};
	struct store *store;
	uint64_t id, length;
	size_t i, p;

	fill();
	queue_make();
	store = queue_open();
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (p = 0; p < 4; p++) {
			QUEUE_OK(store_begin(store));
			id = make(store, lens[i], pieces[p]);
			use(store, id, lens[i]);
			QUEUE_OK(store_commit(store));
			QUEUE_OK(store_content_length(store, id, &length));
			ck_assert_uint_eq(length, lens[i]);
			assert_content(store, id, lens[i], 4000);
			assert_content(store, id, lens[i], 65536);
		}
	}
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().contents, 32);
	queue_remove();
}
END_TEST

START_TEST(it_grows_over_transactions)
{
	struct store *store;
	uint64_t id = 0, length = 0;
	size_t at;

	fill();
	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(store_commit(store));
	for (at = 0; at < 100000; at += 10000) {
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_content_append(
		    store, id, slice_of(octets + at, 10000)));
		if (at == 50000) {
			store_abort(store);
			QUEUE_OK(store_content_length(store, id, &length));
			ck_assert_uint_eq(length, at);
			QUEUE_OK(store_begin(store));
			QUEUE_OK(store_content_append(
			    store, id, slice_of(octets + at, 10000)));
		}
		QUEUE_OK(store_commit(store));
	}
	assert_content(store, id, 100000, 30000);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_content_seal(store, id, 99999), ERR_VALUE);
	QUEUE_OK(store_content_seal(store, id, 100000));
	ck_assert_int_eq(store_content_seal(store, id, 100000), ERR_STATE);
	ck_assert_int_eq(
	    store_content_append(store, id, slice_of("x", 1)), ERR_STATE);
	use(store, id, 100000);
	QUEUE_OK(store_commit(store));
	queue_end(store);
}
END_TEST

START_TEST(it_lives_as_long_as_it_has_users)
{
	struct store *store;
	struct store_message m;
	uint64_t id, length, first, second;

	fill();
	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	id = make(store, 50000, 65536);
	first = use(store, id, 50000);
	second = use(store, id, 50000);
	m = queue_message(STORE_LINK_NONE);
	m.content = slice_of(NULL, 0);
	m.content_id = id;
	m.content_length = 49999;
	ck_assert_int_eq(store_message_add(store, &m), ERR_VALUE);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_content_discard(store, id), ERR_STATE);
	QUEUE_OK(store_message_delete(store, first));
	QUEUE_OK(store_commit(store));
	assert_content(store, id, 50000, 7000);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, second));
	store_abort(store);
	ck_assert_uint_eq(store_reap_pending(store), 0);
	assert_content(store, id, 50000, 7000);
	/* the last goes, and a report with the content comes, at once */
	QUEUE_OK(store_begin(store));
	first = use(store, id, 50000);
	QUEUE_OK(store_message_delete(store, second));
	QUEUE_OK(store_commit(store));
	assert_content(store, id, 50000, 7000);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, first));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_reap_pending(store), 1);
	ck_assert_int_eq(
	    store_content_length(store, id, &length), ERR_NOTFOUND);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).reap, 1);
	reap_all(store, STORE_STAGE_MAX);
	queue_end(store);
}
END_TEST

START_TEST(what_is_partial_goes_at_start)
{
	struct store *store;
	uint64_t open = 0, sealed, given = 0, length, used;

	fill();
	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &open));
	QUEUE_OK(store_content_append(store, open, slice_of(octets, 9999)));
	sealed = make(store, 5000, 5000);
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &given));
	QUEUE_OK(store_content_append(store, given, slice_of(octets, 5)));
	used = make(store, 6000, 6000);
	use(store, used, 6000);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_discard(store, given));
	ck_assert_int_eq(store_content_discard(store, given), ERR_NOTFOUND);
	ck_assert_int_eq(
	    store_content_append(store, given, slice_of(octets, 5)),
	    ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_reap_pending(store), 1);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).partial, 2);
	ck_assert_uint_eq(store_reap_pending(store), 3);
	ck_assert_int_eq(
	    store_content_length(store, open, &length), ERR_NOTFOUND);
	ck_assert_int_eq(
	    store_content_length(store, sealed, &length), ERR_NOTFOUND);
	assert_content(store, used, 6000, 6000);
	reap_all(store, 4096);
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().contents, 1);
	queue_remove();
}
END_TEST

START_TEST(sixty_four_megabytes_pass_in_slices)
{
	struct store *store;
	struct buffer buffer;
	uint64_t id = 0, used, size, at, total = 64 * MEGABYTE;
	uint64_t message;
	unsigned steps;
	size_t got;

	fill();
	queue_make();
	store = queue_open_size(128 * MEGABYTE);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	for (at = 0; at < total; at += MEGABYTE) {
		QUEUE_OK(store_content_append(
		    store, id, slice_of(octets + at / MEGABYTE, MEGABYTE)));
		QUEUE_OK(store_commit(store));
		QUEUE_OK(store_begin(store));
	}
	QUEUE_OK(store_content_seal(store, id, total));
	message = use(store, id, total);
	QUEUE_OK(store_commit(store));
	store_usage(store, &used, &size);
	ck_assert_uint_lt(used, total + total / 50);
	buffer_init(&buffer, MEGABYTE);
	for (at = 0; at < total; at += MEGABYTE) {
		buffer_reset(&buffer);
		QUEUE_OK(
		    store_content_read(store, id, at, MEGABYTE, &buffer, &got));
		ck_assert_uint_eq(got, MEGABYTE);
		ck_assert(slice_equal(buffer_slice(&buffer),
		    slice_of(octets + at / MEGABYTE, MEGABYTE)));
	}
	buffer_fini(&buffer);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, message));
	ck_assert_uint_lt(store_staged(store), 65536);
	QUEUE_OK(store_commit(store));
	steps = reap_all(store, MEGABYTE);
	ck_assert_uint_ge(steps, 64);
	ck_assert_uint_le(steps, 67);
	store_usage(store, &used, &size);
	ck_assert_uint_lt(used, MEGABYTE);
	queue_end(store);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
	struct store *store;
	struct buffer buffer;
	uint64_t length;

	queue_make();
	store = queue_open();
	buffer_init(&buffer, 100);
	ck_assert_int_eq(
	    store_content_read(store, 1, 0, 10, &buffer, NULL), ERR_NOTFOUND);
	ck_assert_int_eq(store_content_length(store, 1, &length), ERR_NOTFOUND);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_content_seal(store, 1, 0), ERR_NOTFOUND);
	ck_assert_int_eq(
	    store_content_append(store, 1, slice_of("x", 1)), ERR_NOTFOUND);
	ck_assert_int_eq(store_content_discard(store, 1), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	buffer_fini(&buffer);
	queue_end(store);
}
END_TEST

TEST_MAIN("store/content", TEST(pieces_of_any_size_make_the_same);
	  TEST(it_grows_over_transactions);
	  TEST(it_lives_as_long_as_it_has_users);
	  TEST(what_is_partial_goes_at_start);
	  TEST_LONG(sixty_four_megabytes_pass_in_slices, 60);
	  TEST(what_is_not_there_is_not_found))
