/* SPDX-License-Identifier: ISC */
/*
 * keyed_test.c - notes of what applications handed in and passed on
 */
#include "tests/unit/store/queue.h"

static const uint8_t digest[STORE_KEYED_DIGEST] =
    "thirty-two octets of a digest...";
static struct arena arena;

/* note_of - make the note of a submission */
static struct store_keyed
note_of(uint32_t application, const char *key, int64_t time)
{
	return (struct store_keyed){.application = application,
	    .kind = STORE_KEYED_SUBMISSION,
	    .name = slice_of_string(key),
	    .message = 7,
	    .time = time,
	    .digest = slice_of(digest, sizeof(digest)),
	    .mts_id = slice_of_string(key),
	    .answer = slice_of_string("so it was")};
}

/* open_seven - make a queue that has given seven numbers to messages */
static struct store *
open_seven(uint32_t *application)
{
	struct store *store;
	struct store_message m;

	queue_make();
	store = queue_open();
	*application = queue_link(store, "application/edi");
	for (int i = 0; i < 7; i++) {
		m = queue_message(*application);
		queue_add(store, &m);
	}
	return store;
}

/* put - write a note in a transaction of its own */
static int
put(struct store *store, struct store_keyed note)
{
	int rc;

	QUEUE_OK(store_begin(store));
	rc = store_keyed_note(store, &note);
	if (rc == 0)
		QUEUE_OK(store_commit(store));
	else
		store_abort(store);
	return rc;
}

/* is_known - tell whether a submission is known by its key, and by its MTS
 * identifier */
static bool
is_known(struct store *store, uint32_t application, const char *key)
{
	struct store_keyed note = {
	    .application = application, .name = slice_of_string(key)};
	struct store_keyed by_id = {
	    .application = application, .mts_id = slice_of_string(key)};
	int rc;

	arena_init(&arena, 65536);
	rc = store_keyed_find(store, &note, &arena);
	ck_assert_int_eq(store_keyed_by_mts_id(store, &by_id, &arena), rc);
	if (rc == 0) {
		ck_assert_uint_eq(note.message, 7);
		ck_assert(slice_equal_string(note.answer, "so it was"));
		ck_assert(
		    slice_equal(note.digest, slice_of(digest, sizeof(digest))));
		ck_assert(slice_equal_string(note.mts_id, key));
		ck_assert(slice_equal_string(by_id.name, key));
	}
	arena_fini(&arena);
	return rc == 0;
}

START_TEST(a_note_outlives_a_restart)
{
	struct store *store;
	struct store_keyed other;
	uint32_t edi, aftn;

	store = open_seven(&edi);
	aftn = queue_link(store, "application/aftn");
	QUEUE_OK(put(store, note_of(edi, "one", QUEUE_TIME)));
	ck_assert_int_eq(
	    put(store, note_of(edi, "one", QUEUE_TIME + 5)), ERR_EXISTS);
	QUEUE_OK(put(store, note_of(aftn, "two", QUEUE_TIME)));
	other = note_of(edi, "one", QUEUE_TIME);
	other.kind = STORE_KEYED_PASSED;
	other.mts_id = slice_of(NULL, 0);
	QUEUE_OK(put(store, other));
	for (int i = 0; i < 2; i++) {
		ck_assert(is_known(store, edi, "one"));
		ck_assert(!is_known(store, edi, "two"));
		ck_assert(!is_known(store, aftn, "one"));
		ck_assert(is_known(store, aftn, "two"));
		store_close(store);
		ck_assert_uint_eq(queue_assert_clean().findings, 0);
		store = queue_open();
	}
	queue_end(store);
}
END_TEST

START_TEST(an_abort_undoes_note_and_expiry)
{
	struct store *store;
	struct store_keyed note;
	uint32_t edi;

	store = open_seven(&edi);
	QUEUE_OK(put(store, note_of(edi, "one", QUEUE_TIME)));
	QUEUE_OK(put(store, note_of(edi, "two", QUEUE_TIME + 1)));
	QUEUE_OK(store_begin(store));
	note = note_of(edi, "three", QUEUE_TIME + 2);
	QUEUE_OK(store_keyed_note(store, &note));
	ck_assert_int_eq(store_keyed_expire(store, QUEUE_TIME + 1, 10), 1);
	ck_assert(!is_known(store, edi, "one"));
	ck_assert(is_known(store, edi, "three"));
	store_abort(store);
	ck_assert(is_known(store, edi, "one"));
	ck_assert(!is_known(store, edi, "three"));
	/* the oldest is the oldest still */
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_keyed_expire(store, QUEUE_TIME + 2, 1), 1);
	QUEUE_OK(store_commit(store));
	ck_assert(!is_known(store, edi, "one"));
	ck_assert(is_known(store, edi, "two"));
	queue_end(store);
}
END_TEST

/* An application has half of the notes: beyond that its own oldest goes. */
START_TEST(an_application_has_its_share)
{
	const unsigned half = QUEUE_SIZE / STORE_KEYED_ROOM / 2;
	struct store *store;
	struct store_keyed note;
	uint32_t edi, aftn;
	char key[32];

	store = open_seven(&edi);
	aftn = queue_link(store, "application/aftn");
	QUEUE_OK(put(store, note_of(aftn, "first", QUEUE_TIME)));
	QUEUE_OK(store_begin(store));
	for (unsigned i = 0; i < half + 3; i++) {
		snprintf(key, sizeof(key), "key %u", i);
		note = note_of(edi, key, QUEUE_TIME + 1);
		QUEUE_OK(store_keyed_note(store, &note));
	}
	QUEUE_OK(store_commit(store));
	ck_assert(is_known(store, aftn, "first"));
	ck_assert(!is_known(store, edi, "key 2"));
	ck_assert(is_known(store, edi, "key 3"));
	ck_assert_int_eq(store_keyed_displaced(store), QUEUE_TIME + 1);
	ck_assert_int_eq(store_keyed_displaced(store), 0);
	queue_end(store);
}
END_TEST

START_TEST(what_is_out_of_bounds_is_refused)
{
	static const uint8_t large[STORE_KEYED_ANSWER + 1];
	struct store *store;
	struct store_keyed note;
	uint32_t edi;

	store = open_seven(&edi);
	note = note_of(edi, "x", QUEUE_TIME);
	ck_assert_int_eq(store_keyed_note(store, &note), ERR_STATE);
	note.answer = slice_of(large, sizeof(large));
	ck_assert_int_eq(put(store, note), ERR_LIMIT);
	note = note_of(edi, "x", 0);
	ck_assert_int_eq(put(store, note), ERR_LIMIT);
	note = note_of(0, "x", QUEUE_TIME);
	ck_assert_int_eq(put(store, note), ERR_VALUE);
	note = note_of(edi + 1, "x", QUEUE_TIME);
	ck_assert_int_eq(put(store, note), ERR_VALUE);
	note = note_of(edi, "", QUEUE_TIME);
	ck_assert_int_eq(put(store, note), ERR_LIMIT);
	queue_end(store);
}
END_TEST

/* count_of - count the notes that have this name, and check their messages */
static unsigned
count_of(struct store *store, uint32_t application, const char *key)
{
	struct store_keyed note = {.application = application,
	    .kind = STORE_KEYED_RECIPIENTS,
	    .name = slice_of_string(key)};
	unsigned count = 0;
	uint64_t last = 0;

	arena_init(&arena, 1 << 20);
	while (store_keyed_next(store, &note, &arena) == 0) {
		ck_assert_uint_gt(8 * note.message + note.part, last);
		ck_assert_uint_eq(note.recipients.len, STORE_KEYED_LIST);
		last = 8 * note.message + note.part;
		count++;
	}
	arena_fini(&arena);
	return count;
}

/* Several notes of a gateway have one name, and go one by one. */
START_TEST(several_have_a_name)
{
	static const uint8_t list[STORE_KEYED_LIST + STORE_KEYED_HASH];
	struct store *store;
	struct store_keyed note;
	uint32_t net;

	store = open_seven(&net);
	note = note_of(net, "one", QUEUE_TIME);
	note.kind = STORE_KEYED_RECIPIENTS;
	note.recipients = slice_of(list, sizeof(list));
	ck_assert_int_eq(put(store, note), ERR_LIMIT);
	note.recipients.len = STORE_KEYED_LIST;
	for (note.message = 7; note.message > 4; note.message--)
		QUEUE_OK(put(store, note));
	note.message = 6;
	for (note.part = 1; note.part < 3; note.part++)
		QUEUE_OK(put(store, note));
	note.name = slice_of_string("two");
	note.part = 0;
	QUEUE_OK(put(store, note));
	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(count_of(store, net, "one"), 5);
		ck_assert_uint_eq(count_of(store, net, "two"), 1);
		ck_assert_uint_eq(count_of(store, net, "three"), 0);
		store_close(store);
		ck_assert_uint_eq(queue_assert_clean().findings, 0);
		store = queue_open();
	}
	note.name = slice_of_string("one");
	note.message = 6;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_keyed_forget(store, &note));
	ck_assert_int_eq(store_keyed_forget(store, &note), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(count_of(store, net, "one"), 2);
	ck_assert_uint_eq(count_of(store, net, "two"), 1);
	queue_end(store);
}
END_TEST

TEST_MAIN(
    "store/keyed", TEST(several_have_a_name); TEST(a_note_outlives_a_restart);
    TEST(an_abort_undoes_note_and_expiry); TEST(an_application_has_its_share);
    TEST(what_is_out_of_bounds_is_refused))
