/* SPDX-License-Identifier: ISC */
/*
 * source_test.c - what each source has in the queue
 *
 * queue_end checks the queue: x4check recounts what sources hold.
 */
#include "base/fault.h"
#include "tests/unit/store/queue.h"

static uint8_t octets[20000];

/* from - get a message that came from a source */
static struct store_message
from(uint32_t link, uint32_t source)
{
	struct store_message m = queue_message(link);

	m.from_link = source;
	return m;
}

/* held - get the octets that a source holds */
static uint64_t
held(const struct store *store, uint32_t source)
{
	return store_source_total(store, source).octets;
}

/* reap - free all that waits for it */
static void
reap(struct store *store)
{
	int rc = 1;

	while (rc == 1) {
		QUEUE_OK(store_begin(store));
		rc = store_reap_step(store, STORE_STAGE_MAX);
		QUEUE_OK(store_commit(store));
	}
	ck_assert_int_eq(rc, 0);
}

/* begin_content - make a partial content of a source, committed */
static uint64_t
begin_content(struct store *store, uint32_t source, size_t len)
{
	uint64_t id;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, source, &id));
	QUEUE_OK(store_content_append(store, id, slice_of(octets, len)));
	QUEUE_OK(store_commit(store));
	return id;
}

START_TEST(records_count_for_their_source_while_they_are_there)
{
	struct store *store;
	struct store_message m;
	uint32_t a, b;
	uint64_t one, own;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	m = from(a, b);
	own = STORE_RECORD_COST + m.envelope.len + m.content.len;
	one = queue_add(store, &m);
	ck_assert_uint_eq(held(store, b), own);
	ck_assert_uint_eq(held(store, a), 0);
	ck_assert_uint_eq(store_source_at(store, b, a).messages, 1);
	/* deferred, for another link: still b's */
	m.state = STORE_DEFERRED;
	m.next_try = QUEUE_TIME + 1;
	m.link = b;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(held(store, b), own);
	ck_assert_uint_eq(store_source_at(store, b, a).messages, 0);
	ck_assert_uint_eq(store_source_at(store, b, b).messages, 1);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(held(store, b), own);
	ck_assert_uint_eq(store_source_at(store, b, b).messages, 1);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, one));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(held(store, b), 0);
	ck_assert_uint_eq(store_source_total(store, b).messages, 0);
	queue_end(store);
}
END_TEST

START_TEST(a_report_counts_for_who_caused_it)
{
	struct store *store;
	struct store_message m;
	uint32_t a, b;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	m = from(a, STORE_LINK_NONE);
	m.kind = MTS_REPORT;
	m.source = b;
	queue_add(store, &m);
	ck_assert_uint_gt(held(store, b), 0);
	ck_assert_uint_eq(held(store, STORE_LINK_NONE), 0);
	m.state = STORE_HELD;
	m.source = 0;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_gt(held(store, b), 0);
	queue_end(store);
}
END_TEST

START_TEST(a_content_counts_once_until_it_is_reaped)
{
	struct store *store;
	struct store_message m;
	uint32_t a, b;
	uint64_t id, records;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	id = begin_content(store, b, 10000);
	ck_assert_uint_eq(held(store, b), 10000);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_append(store, id, slice_of(octets, 5000)));
	QUEUE_OK(store_content_seal(store, id, 15000));
	m = from(a, b);
	m.content = slice_of(NULL, 0);
	m.content_id = id;
	m.content_length = 15000;
	QUEUE_OK(store_message_add(store, &m));
	m.link = b;
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_commit(store));
	records = 2 * (STORE_RECORD_COST + m.envelope.len);
	ck_assert_uint_eq(held(store, b), 15000 + records);
	/* towards a link's share each copy is a whole one */
	ck_assert_uint_gt(store_source_at(store, b, a).octets, 15000);
	ck_assert_uint_gt(store_source_at(store, b, b).octets, 15000);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, m.id));
	QUEUE_OK(store_message_delete(store, m.id - 1));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(held(store, b), 15000);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(held(store, b), 15000);
	reap(store);
	ck_assert_uint_eq(held(store, b), 0);
	queue_end(store);
}
END_TEST

START_TEST(partial_contents_count_over_a_restart_or_go)
{
	struct store *store;
	uint32_t b;
	uint64_t marked;
	struct arena arena;
	struct store_partial mark = {.session = 1,
	    .activity = 1,
	    .time = QUEUE_TIME,
	    .offset = 9,
	    .envelope = slice_of_string("e"),
	    .state = slice_of_string("s")};

	queue_make();
	store = queue_open();
	b = queue_link(store, "b");
	mark.content = marked = begin_content(store, b, 7000);
	mark.link = b;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_partial_mark(store, &mark));
	QUEUE_OK(store_commit(store));
	begin_content(store, b, 3000);
	ck_assert_uint_eq(held(store, b), 10000);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	/* The one without a mark is given up, and counts until it is reaped. */
	ck_assert_uint_eq(held(store, b), 10000);
	reap(store);
	ck_assert_uint_eq(held(store, b), 7000);
	arena_init(&arena, 65536);
	QUEUE_OK(store_partial_next(store, 0, &arena, &mark));
	ck_assert_uint_eq(mark.content, marked);
	ck_assert_uint_eq(mark.source, b);
	arena_fini(&arena);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_discard(store, marked));
	QUEUE_OK(store_commit(store));
	reap(store);
	ck_assert_uint_eq(held(store, b), 0);
	queue_end(store);
}
END_TEST

/* change_all - do one of each change that counts for a source */
static int
change_all(
    struct store *store, uint32_t a, uint32_t b, uint64_t old, uint64_t content)
{
	struct store_message m = from(a, b);
	uint64_t id;
	int rc = store_begin(store);

	if (rc == 0)
		rc = store_message_add(store, &m);
	if (rc == 0)
		rc = store_message_delete(store, old);
	if (rc == 0)
		rc = store_content_create(store, b, &id);
	if (rc == 0)
		rc = store_content_append(store, id, slice_of(octets, 9000));
	if (rc == 0)
		rc = store_content_discard(store, content);
	if (rc == 0)
		rc = store_reap_step(store, STORE_STAGE_MAX);
	if (rc < 0) {
		store_abort(store);
		return rc;
	}
	return store_commit(store);
}

START_TEST(what_fails_counts_for_nobody)
{
	struct store *store;
	struct store_message m;
	struct store_total before, after;
	uint32_t a, b;
	uint64_t content;
	char spec[32];
	unsigned n;
	int rc = ERR_IO;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	m = from(a, b);
	queue_add(store, &m);
	content = begin_content(store, b, 12000);
	before = store_source_total(store, b);
	for (n = 1; rc != 0; n++) {
		ck_assert_uint_lt(n, 1000);
		snprintf(spec, sizeof(spec), "*:%u:fail", n);
		QUEUE_OK(fault_arm(spec));
		rc = change_all(store, a, b, m.id, content);
		ck_assert_int_eq(rc == 0, fault_state == FAULT_ARMED);
		QUEUE_OK(fault_arm(NULL));
		after = store_source_total(store, b);
		if (rc != 0)
			ck_assert_mem_eq(&before, &after, sizeof(before));
		ck_assert_uint_eq(store_source_at(store, b, a).messages, 1);
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_eq(held(store, b), before.octets - 12000 + 9000);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	reap(store);
	ck_assert_uint_eq(held(store, b), before.octets - 12000);
	queue_end(store);
}
END_TEST

/* copy_vector - copy a queue that an older release made */
static void
copy_vector(const char *name)
{
	char path[256];
	FILE *from, *to;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/vectors/queue/%s",
	    TEST_SOURCE_DIR, name);
	from = fopen(path, "r");
	ck_assert_msg(from != NULL, "%s", path);
	snprintf(path, sizeof(path), "%s/data.mdb", queue_directory);
	to = fopen(path, "w");
	ck_assert_ptr_nonnull(to);
	while ((len = fread(octets, 1, sizeof(octets), from)) > 0)
		ck_assert_uint_eq(fwrite(octets, 1, len, to), len);
	fclose(from);
	ck_assert_int_eq(fclose(to), 0);
}

START_TEST(an_older_queue_is_counted_at_its_first_start)
{
	struct store *store;
	uint64_t messages = 0, counted;

	queue_make();
	copy_vector("65fc5d6.mdb");
	store = queue_open();
	for (uint32_t i = 0; i <= store_link_count(store); i++)
		messages += store_source_total(store, i).messages;
	ck_assert_uint_gt(messages, 0);
	ck_assert_uint_eq(messages, store_total(store).messages);
	counted = held(store, STORE_LINK_NONE);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	ck_assert_uint_eq(held(store, STORE_LINK_NONE), counted);
	queue_end(store);
}
END_TEST

TEST_MAIN(
    "store/source", TEST(records_count_for_their_source_while_they_are_there);
    TEST(a_report_counts_for_who_caused_it);
    TEST(a_content_counts_once_until_it_is_reaped);
    TEST(partial_contents_count_over_a_restart_or_go);
    TEST(what_fails_counts_for_nobody);
    TEST(an_older_queue_is_counted_at_its_first_start))
