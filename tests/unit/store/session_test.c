/* SPDX-License-Identifier: ISC */
/*
 * session_test.c - what is remembered of associations, on both sides
 */
#include "tests/references.h"
#include "tests/unit/store/queue.h"

#define DAY ((int64_t)24 * QUEUE_HOUR)

/* references - make three references, identified by a number */
static struct session_references
references(unsigned number)
{
	char text[16], digits[16];

	snprintf(text, sizeof(text), "us %u", number / 1000);
	snprintf(digits, sizeof(digits), "%u", number % 1000);
	return references_of(text, "991231235959Z", digits);
}

/* key - make a key, identified by a number */
static struct store_key
key(uint64_t number)
{
	struct store_key k;

	memset(&k, 0, sizeof(k));
	memcpy(k.octets, &number, sizeof(number));
	return k;
}

/* begin - open a session of this number, in a transaction of its own */
static uint64_t
begin(struct store *store, unsigned number, bool *resumed)
{
	struct session_references r = references(number);
	uint64_t id = 0;
	unsigned dropped = 9;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_open(store, slice_of_string("MTA-PARIS"),
	    STORE_LINK_NONE, &r, &id, resumed, &dropped));
	ck_assert_uint_eq(dropped, 0);
	QUEUE_OK(store_commit(store));
	return id;
}

/* note - note transfers from activity first to last, keys being their
 * numbers */
static void
note(struct store *store, uint64_t session, uint64_t first, uint64_t last)
{
	struct store_key k;

	QUEUE_OK(store_begin(store));
	for (; first <= last; first++) {
		k = key(session << 32 | first);
		QUEUE_OK(store_session_note_transfer(
		    store, session, first, &k, 1000 + first));
	}
	QUEUE_OK(store_commit(store));
}

/* assert_noted - check whether a transfer is remembered */
static void
assert_noted(
    struct store *store, uint64_t session, uint64_t activity, bool remembered)
{
	struct store_key k = key(session << 32 | activity);
	struct store_transfer t, u;
	int rc = store_transfer_find(store, STORE_LINK_NONE, &k, &t);

	ck_assert_int_eq(rc, remembered ? 0 : ERR_NOTFOUND);
	ck_assert_int_eq(
	    store_session_activity(store, session, activity, &u), rc);
	if (!remembered)
		return;
	ck_assert_uint_eq(t.session, session);
	ck_assert_uint_eq(t.activity, activity);
	ck_assert_uint_eq(t.message, 1000 + activity);
	ck_assert_uint_eq(u.message, t.message);
}

/* state_of - get a session, which must be there */
static struct store_session
state_of(struct store *store, uint64_t id)
{
	struct store_session s;

	QUEUE_OK(store_session_get(store, id, &s));
	return s;
}

START_TEST(the_last_32_are_remembered)
{
	struct store *store;
	uint64_t id, i;
	int again;

	queue_make();
	store = queue_open();
	id = begin(store, 1, NULL);
	note(store, id, 1, 100);
	for (again = 0; again < 2; again++) {
		for (i = 1; i <= 68; i++)
			assert_noted(store, id, i, false);
		for (; i <= 100; i++)
			assert_noted(store, id, i, true);
		ck_assert_uint_eq(state_of(store, id).transfers, 32);
		ck_assert_uint_eq(state_of(store, id).last_activity, 100);
		store_close(store);
		ck_assert_uint_eq(queue_assert_clean().sessions, 1);
		store = queue_open();
	}
	queue_end(store);
}
END_TEST

START_TEST(a_session_is_found_by_peer_and_all_references)
{
	struct store *store;
	struct store_session s;
	struct session_references r;
	uint64_t one, two;
	bool resumed = true;

	queue_make();
	store = queue_open();
	one = begin(store, 1, &resumed);
	ck_assert(!resumed);
	two = begin(store, 2, &resumed);
	ck_assert(!resumed);
	ck_assert_uint_ne(one, two);
	r = references(2);
	QUEUE_OK(store_session_find(
	    store, slice_of_string("MTA-PARIS"), STORE_LINK_NONE, &r, &s));
	ck_assert_uint_eq(s.id, two);
	ck_assert_int_eq(store_session_find(store, slice_of_string("MTA-ROME"),
			     STORE_LINK_NONE, &r, &s),
	    ERR_NOTFOUND);
	r.common[11] = '8';
	ck_assert_int_eq(store_session_find(store, slice_of_string("MTA-PARIS"),
			     STORE_LINK_NONE, &r, &s),
	    ERR_NOTFOUND);
	r = references(1);
	r.calling_len = 0;
	ck_assert_int_eq(store_session_find(store, slice_of_string("MTA-PARIS"),
			     STORE_LINK_NONE, &r, &s),
	    ERR_NOTFOUND);
	queue_end(store);
}
END_TEST

START_TEST(orderly_release_forgets_and_loss_does_not)
{
	struct store *store;
	struct store_session s;
	uint64_t one, two;
	bool resumed = false;

	queue_make();
	store = queue_open();
	one = begin(store, 1, NULL);
	two = begin(store, 2, NULL);
	note(store, one, 1, 5);
	note(store, two, 1, 5);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_close(
	    store, one, STORE_SESSION_RELEASED, QUEUE_TIME));
	QUEUE_OK(
	    store_session_close(store, two, STORE_SESSION_LOST, QUEUE_TIME));
	ck_assert_int_eq(
	    store_session_close(store, 99, STORE_SESSION_LOST, QUEUE_TIME),
	    ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	assert_noted(store, one, 3, false);
	assert_noted(store, two, 3, true);
	ck_assert_int_eq(store_session_get(store, one, &s), ERR_NOTFOUND);
	ck_assert_int_eq(state_of(store, two).ended, QUEUE_TIME);
	ck_assert_uint_eq(begin(store, 2, &resumed), two);
	ck_assert(resumed);
	ck_assert_int_eq(state_of(store, two).ended, 0);
	assert_noted(store, two, 3, true);
	queue_end(store);
}
END_TEST

START_TEST(those_lost_long_ago_expire)
{
	struct store *store;
	uint64_t id[10];
	unsigned i;

	queue_make();
	store = queue_open();
	for (i = 0; i < 10; i++) {
		id[i] = begin(store, i, NULL);
		note(store, id[i], 1, 40);
	}
	QUEUE_OK(store_begin(store));
	for (i = 0; i < 8; i++)
		QUEUE_OK(store_session_close(
		    store, id[i], STORE_SESSION_LOST, QUEUE_TIME + i * DAY));
	ck_assert_int_eq(
	    store_session_expire(store, QUEUE_TIME + 5 * DAY, 3), 3);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(
	    store_session_expire(store, QUEUE_TIME + 5 * DAY, 100), 2);
	store_abort(store);
	ck_assert_uint_eq(queue_sessions(store), 7);
	assert_noted(store, id[2], 40, false);
	assert_noted(store, id[4], 40, true);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(
	    store_session_expire(store, QUEUE_TIME + 5 * DAY, 100), 2);
	ck_assert_int_eq(
	    store_session_expire(store, QUEUE_TIME + 5 * DAY, 100), 0);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(queue_sessions(store), 5);
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().sessions, 5);
	store = queue_open();
	for (i = 5; i < 10; i++)
		assert_noted(store, id[i], 40, true);
	queue_end(store);
}
END_TEST

START_TEST(those_open_at_a_crash_have_ended)
{
	struct store *store;
	uint64_t id;

	queue_make();
	store = queue_open();
	id = begin(store, 1, NULL);
	note(store, id, 1, 2);
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).sessions, 1);
	ck_assert_int_gt(state_of(store, id).ended, QUEUE_TIME);
	assert_noted(store, id, 2, true);
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).sessions, 0);
	queue_end(store);
}
END_TEST

/* A session with a token may have a worker still: it stays open, with all that
 * it is bound to. A record of an older release has none of that (the test
 * above). */
START_TEST(those_with_a_token_stay_open)
{
	const struct store_binding binding = {.address_len = 9,
	    .token_len = STORE_TOKEN_LEN,
	    .address = "127.0.0.1",
	    .token = "sixteen octets..",
	    .recovers = 7};
	struct store_binding kept;
	struct store *store;
	uint64_t id;

	queue_make();
	store = queue_open();
	id = begin(store, 1, NULL);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_bind(store, id, &binding));
	store_abort(store);
	ck_assert_uint_eq(state_of(store, id).binding.token_len, 0);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_bind(store, id, &binding));
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).sessions, 0);
	ck_assert_int_eq(state_of(store, id).ended, 0);
	kept = state_of(store, id).binding;
	ck_assert_mem_eq(kept.address, "127.0.0.1", kept.address_len);
	ck_assert_mem_eq(kept.token, binding.token, STORE_TOKEN_LEN);
	ck_assert_uint_eq(kept.recovers, 7);
	ck_assert(!kept.shared);
	queue_end(store);
}
END_TEST

/* by_references - return how a search by the references of number 1 alone
 * ends */
static int
by_references(struct store *store)
{
	struct session_references r = references(1);
	struct store_session s;

	return store_session_by_references(store, &r, &s);
}

/* References that two sessions have name none, be it two peers' or two of one
 * peer that were open at once. */
START_TEST(references_of_two_name_none)
{
	struct session_references r = references(1);
	struct store *store;
	uint64_t id, other;

	queue_make();
	store = queue_open();
	ck_assert_int_eq(by_references(store), ERR_NOTFOUND);
	id = begin(store, 1, NULL);
	(void)begin(store, 2, NULL);
	ck_assert_int_eq(by_references(store), 0);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_open(store, slice_of_string("MTA-ROME"),
	    STORE_LINK_NONE, &r, &other, NULL, NULL));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(by_references(store), ERR_EXISTS);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_close(
	    store, other, STORE_SESSION_RELEASED, QUEUE_TIME));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(by_references(store), 0);
	ck_assert_uint_eq(begin(store, 1, NULL), id);
	ck_assert_int_eq(by_references(store), ERR_EXISTS);
	store_close(store);
	store = queue_open();
	ck_assert_int_eq(by_references(store), ERR_EXISTS);
	queue_end(store);
}
END_TEST

START_TEST(an_abort_undoes_all)
{
	struct store *store;
	struct session_references r = references(7);
	struct store_session s;
	struct store_key k;
	uint64_t id, other = 0;

	queue_make();
	store = queue_open();
	id = begin(store, 1, NULL);
	note(store, id, 1, 40);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_open(
	    store, slice_of_string("X"), 0, &r, &other, NULL, NULL));
	k = key(7);
	QUEUE_OK(store_session_note_transfer(store, other, 7, &k, 1));
	/* in the slot of activity 41 - 32, twice */
	k = key(id << 32 | 41);
	QUEUE_OK(store_session_note_transfer(store, id, 41, &k, 1));
	QUEUE_OK(store_session_note_transfer(store, id, 41, &k, 2));
	QUEUE_OK(store_session_close(store, id, STORE_SESSION_LOST, 5));
	QUEUE_OK(store_session_close(store, id, STORE_SESSION_RELEASED, 5));
	ck_assert_uint_eq(queue_sessions(store), 1);
	store_abort(store);
	ck_assert_uint_eq(queue_sessions(store), 1);
	ck_assert_int_eq(store_session_get(store, other, &s), ERR_NOTFOUND);
	k = key(7);
	ck_assert_int_eq(store_transfer_find(store, STORE_LINK_NONE, &k, NULL),
	    ERR_NOTFOUND);
	assert_noted(store, id, 41, false);
	assert_noted(store, id, 9, true);
	assert_noted(store, id, 40, true);
	ck_assert_uint_eq(state_of(store, id).last_activity, 40);
	ck_assert_uint_eq(state_of(store, id).transfers, 32);
	ck_assert_int_eq(state_of(store, id).ended, 0);
	/* the same, committed */
	QUEUE_OK(store_begin(store));
	k = key(id << 32 | 41);
	QUEUE_OK(store_session_note_transfer(store, id, 41, &k, 1041));
	QUEUE_OK(store_commit(store));
	assert_noted(store, id, 41, true);
	assert_noted(store, id, 9, false);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_note_transfer(store, id, 73, &k, 1));
	QUEUE_OK(store_session_note_transfer(store, id, 105, &k, 2));
	QUEUE_OK(store_session_close(store, id, STORE_SESSION_RELEASED, 5));
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(store_transfer_find(store, STORE_LINK_NONE, &k, NULL),
	    ERR_NOTFOUND);
	queue_end(store);
}
END_TEST

START_TEST(the_oldest_go_when_there_are_too_many)
{
	struct store *store;
	struct store_session s;
	struct session_references r;
	uint64_t id = 0, first = 0;
	unsigned i, dropped = 0;

	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	for (i = 0; i < STORE_SESSIONS_MAX; i++) {
		r = references(i);
		QUEUE_OK(store_session_open(
		    store, slice_of_string("P"), 0, &r, &id, NULL, &dropped));
		ck_assert_uint_eq(dropped, 0);
		if (i == 0)
			first = id;
	}
	/* the first is open, the second and third have ended */
	QUEUE_OK(store_session_close(store, first + 1, STORE_SESSION_LOST, 9));
	QUEUE_OK(store_session_close(store, first + 2, STORE_SESSION_LOST, 5));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	r = references(i);
	QUEUE_OK(store_session_open(
	    store, slice_of_string("P"), 0, &r, &id, NULL, &dropped));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(dropped, 2);
	ck_assert_uint_eq(queue_sessions(store), STORE_SESSIONS_MAX - 1);
	ck_assert_int_eq(store_session_get(store, first + 1, &s), ERR_NOTFOUND);
	QUEUE_OK(store_session_get(store, first, &s));
	queue_end(store);
}
END_TEST

/* Half of the sessions of a busy peer are not those of a quiet one. */
START_TEST(a_peer_loses_its_own_oldest_and_no_others)
{
	struct store *store;
	struct store_session s;
	struct session_references r;
	struct store_key key = {{7}};
	uint64_t quiet, id = 0;
	uint32_t a, b;
	unsigned i, dropped = 0, lost = 0;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	r = references(0);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_open(
	    store, slice_of_string("A"), a, &r, &quiet, NULL, &dropped));
	QUEUE_OK(store_session_note_transfer(store, quiet, 1, &key, 5));
	QUEUE_OK(store_session_close(store, quiet, STORE_SESSION_LOST, 1));
	QUEUE_OK(store_commit(store));
	for (i = 1; i <= STORE_SESSIONS_MAX + 100; i++) {
		if (i % 100 == 1)
			QUEUE_OK(store_begin(store));
		r = references(i);
		QUEUE_OK(store_session_open(
		    store, slice_of_string("B"), b, &r, &id, NULL, &dropped));
		QUEUE_OK(store_session_close(store, id, STORE_SESSION_LOST, 2));
		lost += dropped;
		if (i % 100 == 0)
			QUEUE_OK(store_commit(store));
	}
	ck_assert_uint_eq(queue_sessions(store), 1 + STORE_SESSIONS_LINK);
	ck_assert_uint_eq(lost, STORE_SESSIONS_MAX + 100 - STORE_SESSIONS_LINK);
	store_close(store);
	store = queue_open();
	QUEUE_OK(store_session_get(store, quiet, &s));
	QUEUE_OK(store_transfer_find(store, a, &key, NULL));
	ck_assert_int_eq(
	    store_transfer_find(store, b, &key, NULL), ERR_NOTFOUND);
	QUEUE_OK(store_session_get(store, id, &s));
	queue_end(store);
}
END_TEST

/* Where no session of the link that has the most has ended, its oldest open one
 * gives way, and nobody else's. */
START_TEST(the_largest_gives_way)
{
	struct session_references r = references(0);
	struct store_session s;
	struct store *store;
	uint64_t quiet = 0, first = 0, id = 0;
	unsigned dropped, lost = 0;
	uint32_t a, b;

	queue_make();
	store = queue_open();
	a = queue_link(store, "a");
	b = queue_link(store, "b");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_session_open(
	    store, slice_of_string("A"), a, &r, &quiet, NULL, &dropped));
	for (unsigned i = 1; i <= STORE_SESSIONS_MAX; i++) {
		r = references(i);
		QUEUE_OK(store_session_open(
		    store, slice_of_string("B"), b, &r, &id, NULL, &dropped));
		lost += dropped;
		if (i == 1)
			first = id;
	}
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(lost, 1);
	ck_assert_uint_eq(queue_sessions(store), STORE_SESSIONS_MAX);
	ck_assert_int_eq(store_session_get(store, first, &s), ERR_NOTFOUND);
	QUEUE_OK(store_session_get(store, first + 1, &s));
	QUEUE_OK(store_session_get(store, quiet, &s));
	queue_end(store);
}
END_TEST

START_TEST(batches_are_kept_until_removed)
{
	struct store *store;
	struct store_batch batch = {.link = 0,
	    .references = references(1),
	    .first_activity = 17,
	    .time = 1700000000123,
	    .count = 16};
	struct store_batch got;
	struct arena arena;
	unsigned i;

	queue_make();
	store = queue_open();
	arena_init(&arena, 65536);
	for (i = 0; i < 16; i++)
		batch.messages[i] = i == 3 ? 0 : (uint64_t)1 << i;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_batch_add(store, &batch));
	ck_assert_uint_eq(batch.id, 1);
	batch.count = 1;
	batch.time = 0;
	QUEUE_OK(store_batch_add(store, &batch));
	batch.count = 17;
	ck_assert_int_eq(store_batch_add(store, &batch), ERR_LIMIT);
	batch.count = 0;
	ck_assert_int_eq(store_batch_add(store, &batch), ERR_LIMIT);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_recovery(store).batches, 2);
	QUEUE_OK(store_batch_next(store, 0, &arena, &got));
	ck_assert_uint_eq(got.id, 1);
	ck_assert_uint_eq(got.count, 16);
	ck_assert_uint_eq(got.first_activity, 17);
	ck_assert_uint_eq(got.messages[15], 32768);
	ck_assert_uint_eq(got.messages[3], 0);
	ck_assert_int_eq(got.time, 1700000000123);
	ck_assert(reference_is(&got.references, SESSION_ADDITIONAL, "1"));
	QUEUE_OK(store_batch_next(store, got.id, &arena, &got));
	ck_assert_uint_eq(got.count, 1);
	ck_assert_int_eq(got.time, 0);
	ck_assert_int_eq(
	    store_batch_next(store, got.id, &arena, &got), ERR_NOTFOUND);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_batch_remove(store, 1));
	QUEUE_OK(store_batch_remove(store, 2));
	ck_assert_int_eq(store_batch_remove(store, 2), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	ck_assert_int_eq(
	    store_batch_next(store, 0, &arena, &got), ERR_NOTFOUND);
	arena_fini(&arena);
	queue_end(store);
}
END_TEST

TEST_MAIN(
    "store/session", TEST(the_last_32_are_remembered);
    TEST(a_session_is_found_by_peer_and_all_references);
    TEST(orderly_release_forgets_and_loss_does_not);
    TEST(those_lost_long_ago_expire); TEST(those_open_at_a_crash_have_ended);
    TEST(those_with_a_token_stay_open); TEST(references_of_two_name_none);
    TEST(an_abort_undoes_all); TEST(the_oldest_go_when_there_are_too_many);
    TEST(a_peer_loses_its_own_oldest_and_no_others);
    TEST(the_largest_gives_way); TEST(batches_are_kept_until_removed))
