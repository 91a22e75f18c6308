/* SPDX-License-Identifier: ISC */
/*
 * message_test.c - records in the queue: added, got, changed, deleted
 */
#include "tests/unit/store/queue.h"

static uint8_t large[STORE_ENVELOPE_MAX + 1];

/* fill - fill in octets that differ by their place */
static void
fill(void)
{
	size_t i;

	for (i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)(i * 31 + i / 251);
}

/* assert_same - check that two records say the same */
static void
assert_same(const struct store_message *a, const struct store_message *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->state, b->state);
	ck_assert_int_eq(a->priority, b->priority);
	ck_assert_uint_eq(a->link, b->link);
	ck_assert_uint_eq(a->from_link, b->from_link);
	ck_assert_int_eq(a->arrival, b->arrival);
	ck_assert_int_eq(a->next_try, b->next_try);
	ck_assert_int_eq(a->expires, b->expires);
	ck_assert_uint_eq(a->attempts, b->attempts);
	ck_assert_uint_eq(a->transfer_attempts, b->transfer_attempts);
	ck_assert_uint_eq(a->crashes, b->crashes);
	ck_assert_uint_eq(a->deferrals, b->deferrals);
	ck_assert_uint_eq(a->content_id, b->content_id);
	ck_assert_uint_eq(a->content_length, b->content_length);
	QUEUE_SLICE_EQ(a->mts_id, b->mts_id);
	QUEUE_SLICE_EQ(a->names, b->names);
	QUEUE_SLICE_EQ(a->reason, b->reason);
	QUEUE_SLICE_EQ(a->extra, b->extra);
	QUEUE_SLICE_EQ(a->envelope, b->envelope);
	QUEUE_SLICE_EQ(a->content, b->content);
}

/* assert_stored - check that get gives what was added */
static void
assert_stored(struct store *store, const struct store_message *m)
{
	struct arena arena;
	struct store_message got;

	arena_init(&arena, 4 * STORE_ENVELOPE_MAX);
	QUEUE_OK(store_message_get(store, m->id, STORE_WHOLE, &arena, &got));
	assert_same(&got, m);
	arena_fini(&arena);
}

/* assert_pieces - check that pieces of the envelope are what was added, across
 * the ends of parts too */
static void
assert_pieces(struct store *store, const struct store_message *m)
{
	const size_t at[] = {0, 1, 4079, 4080, 4081, 12000, m->envelope.len / 2,
	    m->envelope.len};
	struct buffer out;

	buffer_init(&out, 65536);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		size_t len;

		if (at[i] > m->envelope.len)
			continue;
		len = m->envelope.len - at[i];
		if (len > 49152)
			len = 49152;
		buffer_reset(&out);
		QUEUE_OK(
		    store_message_envelope(store, m->id, at[i], len, &out));
		QUEUE_SLICE_EQ(buffer_slice(&out),
		    slice_of(m->envelope.data + at[i], len));
	}
	ck_assert_int_eq(
	    store_message_envelope(store, m->id, m->envelope.len, 1, &out),
	    ERR_VALUE);
	ck_assert_int_eq(
	    store_message_envelope(store, m->id + 1000, 0, 1, &out),
	    ERR_NOTFOUND);
	buffer_fini(&out);
}

/* everything - make a message with each field set */
static struct store_message
everything(uint32_t link)
{
	return (struct store_message){.kind = MTS_REPORT,
	    .state = STORE_DEFERRED,
	    .priority = STORE_NON_URGENT,
	    .link = link,
	    .from_link = link,
	    .arrival = QUEUE_TIME,
	    .next_try = QUEUE_TIME + 5,
	    .expires = QUEUE_TIME + 7,
	    .attempts = UINT32_MAX,
	    .transfer_attempts = 2,
	    .crashes = 3,
	    .deferrals = 4,
	    .content_length = 4,
	    .mts_id = slice_of(large, STORE_MTS_ID_MAX),
	    .names = slice_of(large + 2, STORE_NAMES_MAX),
	    .reason = slice_of(large + 1, STORE_REASON_MAX),
	    .envelope = slice_of_string("e"),
	    .content = slice_of_string("cont")};
}

START_TEST(every_field_survives)
{
	struct store *store;
	struct store_message m;
	uint32_t link;

	fill();
	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	m = everything(link);
	queue_add(store, &m);
	ck_assert_uint_eq(m.id, 1);
	assert_stored(store, &m);
	store_close(store);
	store = queue_open();
	assert_stored(store, &m);
	queue_end(store);
}
END_TEST

START_TEST(bodies_of_every_size)
{
	static const size_t sizes[] = {0, 1, 500, 1000, 3900, 3990, 4000, 4010,
	    4079, 4080, 4081, 8159, 8160, 8161, 100000, STORE_ENVELOPE_MAX};
	struct store *store;
	struct store_message m;
	size_t i, c;
	uint32_t link;

	fill();
	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (c = 0; c <= STORE_INLINE_MAX; c += STORE_INLINE_MAX / 2) {
			m = queue_message(link);
			m.envelope = slice_of(large, sizes[i]);
			m.content = slice_of(large + 77, c);
			m.content_length = c;
			queue_add(store, &m);
			assert_stored(store, &m);
			assert_pieces(store, &m);
		}
	}
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().messages, 3 * 16);
	store = queue_open();
	QUEUE_OK(store_begin(store));
	for (i = 1; i <= 48; i++)
		QUEUE_OK(store_message_delete(store, i));
	QUEUE_OK(store_commit(store));
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().messages, 0);
	queue_remove();
}
END_TEST

START_TEST(what_is_too_much_is_refused)
{
	struct store *store;
	struct store_message m;
	uint32_t link;

	fill();
	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
#define REFUSED(change, error)                                 \
	m = queue_message(link);                               \
	change;                                                \
	ck_assert_int_eq(store_message_add(store, &m), error); \
	ck_assert_uint_eq(m.id, 0)
	REFUSED(m.envelope.len = STORE_ENVELOPE_MAX + 1, ERR_LIMIT);
	REFUSED(m.mts_id = slice_of(large, STORE_MTS_ID_MAX + 1), ERR_LIMIT);
	REFUSED(m.names = slice_of(large, STORE_NAMES_MAX + 1), ERR_LIMIT);
	REFUSED(m.reason = slice_of(large, STORE_REASON_MAX + 1), ERR_LIMIT);
	REFUSED(m.content = slice_of(large, STORE_INLINE_MAX + 1);
		m.content_length = STORE_INLINE_MAX + 1, ERR_LIMIT);
	REFUSED(m.content_length++, ERR_VALUE);
	REFUSED(m.link = link + 1, ERR_VALUE);
	REFUSED(m.from_link = link + 1, ERR_VALUE);
	REFUSED(m.arrival = -1, ERR_VALUE);
	REFUSED(m.next_try = -1, ERR_VALUE);
	REFUSED(m.state = (enum store_state)4, ERR_VALUE);
	REFUSED(m.priority = (enum store_priority)3, ERR_VALUE);
	REFUSED(m.content_id = 5, ERR_VALUE);
	REFUSED(m.content_id = 5; m.content.len = 0, ERR_NOTFOUND);
#undef REFUSED
	/* none of that spoilt the transaction */
	m = queue_message(link);
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(m.id, 1);
	ck_assert_uint_eq(store_total(store).messages, 1);
	queue_end(store);
}
END_TEST

START_TEST(changes_need_a_transaction)
{
	struct store *store;
	struct store_message m;

	queue_make();
	store = queue_open();
	m = queue_message(STORE_LINK_NONE);
	ck_assert_int_eq(store_message_add(store, &m), ERR_STATE);
	ck_assert_int_eq(store_message_update(store, &m), ERR_STATE);
	ck_assert_int_eq(store_message_delete(store, 1), ERR_STATE);
	ck_assert_int_eq(store_commit(store), ERR_STATE);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_begin(store), ERR_STATE);
	ck_assert_int_eq(store_message_delete(store, 1), ERR_NOTFOUND);
	m.id = 1;
	ck_assert_int_eq(store_message_update(store, &m), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	queue_end(store);
}
END_TEST

START_TEST(ready_is_first_in_first_out_by_link_and_priority)
{
	struct store *store;
	struct store_message m;
	uint32_t paris, rome;
	uint64_t id = 0, next = 0;
	int i;

	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	rome = queue_link(store, "rome");
	for (i = 0; i < 12; i++) {
		m = queue_message(i % 2 == 0 ? paris : rome);
		m.priority = i % 3 == 0 ? STORE_URGENT : STORE_NORMAL;
		queue_add(store, &m);
	}
	/* ids 1, 3, 5 … are paris's; of them 1 and 7 are urgent */
	QUEUE_OK(store_ready_next(store, paris, STORE_URGENT, 0, &id));
	ck_assert_uint_eq(id, 1);
	QUEUE_OK(store_ready_next(store, paris, STORE_URGENT, id, &id));
	ck_assert_uint_eq(id, 7);
	ck_assert_int_eq(store_ready_next(store, paris, STORE_URGENT, id, &id),
	    ERR_NOTFOUND);
	ck_assert_uint_eq(id, 7);
	for (id = 0, i = 0;
	     store_ready_next(store, paris, STORE_NORMAL, id, &next) == 0;
	     id = next, i++)
		ck_assert_uint_gt(next, id);
	ck_assert_int_eq(i, 4);
	ck_assert_int_eq(
	    store_ready_next(store, paris, STORE_NON_URGENT, 0, &id),
	    ERR_NOTFOUND);
	for (id = 0, i = 0; store_message_next(store, id, &next) == 0;
	     id = next)
		ck_assert_uint_eq(next, (uint64_t)++i);
	ck_assert_int_eq(i, 12);
	queue_end(store);
}
END_TEST

START_TEST(an_update_moves_the_entry)
{
	struct store *store;
	struct store_message m;
	struct arena arena;
	uint32_t paris, rome;
	uint64_t id;
	int64_t when = -1;

	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	rome = queue_link(store, "rome");
	m = queue_message(paris);
	queue_add(store, &m);
	m.state = STORE_DEFERRED;
	m.next_try = QUEUE_TIME + 1000;
	m.link = rome;
	m.reason = slice_of_string("refused");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	/* seen inside the transaction, too */
	ck_assert_int_eq(
	    store_ready_next(store, paris, STORE_NORMAL, 0, &id), ERR_NOTFOUND);
	QUEUE_OK(store_commit(store));
	assert_stored(store, &m);
	id = 0;
	QUEUE_OK(store_deferred_next(store, &when, &id));
	ck_assert_int_eq(when, QUEUE_TIME + 1000);
	ck_assert_uint_eq(id, m.id);
	ck_assert_int_eq(store_deferred_next(store, &when, &id), ERR_NOTFOUND);
	ck_assert_uint_eq(store_link_total(store, paris).messages, 0);
	ck_assert_uint_eq(store_link_total(store, rome).messages, 1);

	/* as head alone, which keeps the body and what is fixed */
	arena_init(&arena, 65536);
	QUEUE_OK(store_message_get(store, m.id, STORE_HEAD, &arena, &m));
	ck_assert_uint_eq(m.envelope.len, 0);
	m.state = STORE_QUARANTINED;
	m.arrival = 5;
	m.kind = MTS_PROBE;
	m.from_link = rome;
	m.content_length = 12345;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_message_get(store, m.id, STORE_WHOLE, &arena, &m));
	ck_assert_int_eq(m.arrival, QUEUE_TIME);
	ck_assert_int_eq(m.kind, MTS_MESSAGE);
	ck_assert_uint_eq(m.from_link, 0);
	ck_assert_uint_eq(m.content_length, 9);
	QUEUE_SLICE_EQ(m.envelope, slice_of_string("an envelope"));
	QUEUE_SLICE_EQ(m.content, slice_of_string("a content"));
	QUEUE_SLICE_EQ(m.reason, slice_of_string("refused"));
	arena_fini(&arena);
	queue_end(store);
}
END_TEST

/* A record in the place of another has its number, whatever either was; what
 * both have of their contents is as it was before. */
START_TEST(one_takes_the_place_of_another)
{
	struct store *store;
	struct store_message m, with, beside;
	uint32_t paris, rome;
	uint64_t content, id;

	fill();
	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	rome = queue_link(store, "rome");
	beside = queue_message(paris);
	m = queue_message(paris);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, paris, &content));
	QUEUE_OK(store_content_append(store, content, slice_of(large, 9000)));
	QUEUE_OK(store_content_seal(store, content, 9000));
	m.content_id = content;
	m.content_length = 9000;
	m.content = slice_of(NULL, 0);
	m.envelope = slice_of(large, 20000);
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_message_add(store, &beside));
	QUEUE_OK(store_commit(store));

	with = m;
	with.envelope = slice_of(large + 7, 5000);
	with.link = rome;
	with.from_link = paris;
	with.arrival = QUEUE_TIME + 3;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_replace(store, &with));
	QUEUE_OK(store_commit(store));
	assert_stored(store, &with);
	ck_assert_uint_eq(store_link_total(store, paris).messages, 1);
	ck_assert_uint_eq(store_link_total(store, rome).messages, 1);
	QUEUE_OK(store_ready_next(store, rome, STORE_NORMAL, 0, &id));
	ck_assert_uint_eq(id, m.id);
	store_close(store);
	(void)queue_assert_clean();

	store = queue_open();
	with = queue_message(paris);
	with.id = m.id;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_replace(store, &with));
	QUEUE_OK(store_commit(store));
	assert_stored(store, &with);
	with.id = 77;
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_message_replace(store, &with), ERR_NOTFOUND);
	store_abort(store);
	queue_end(store);
}
END_TEST

START_TEST(a_growing_head_pushes_the_body_out)
{
	struct store *store;
	struct store_message m;
	uint32_t link;
	size_t envelope;

	fill();
	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	for (envelope = 850; envelope < 1000; envelope += 10) {
		m = queue_message(link);
		m.envelope = slice_of(large, envelope);
		m.content = slice_of(large + 1000, STORE_INLINE_MAX);
		m.content_length = STORE_INLINE_MAX;
		queue_add(store, &m);
		m.reason = slice_of(large + 5, 500);
		m.state = STORE_HELD;
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_update(store, &m));
		QUEUE_OK(store_commit(store));
		assert_stored(store, &m);
		m.reason = slice_of(NULL, 0);
		m.state = STORE_READY;
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_update(store, &m));
		QUEUE_OK(store_commit(store));
		assert_stored(store, &m);
	}
	queue_end(store);
}
END_TEST

/* envelope_object - write an object, in two transactions; not sealed */
static uint64_t
envelope_object(struct store *store, size_t len)
{
	uint64_t id = 0;

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &id));
	QUEUE_OK(store_content_append(store, id, slice_of(large, len / 3)));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_append(
	    store, id, slice_of(large + len / 3, len - len / 3)));
	QUEUE_OK(store_commit(store));
	return id;
}

/* add_with_object - add a message whose envelope is an object */
static void
add_with_object(struct store *store, struct store_message *m, size_t len)
{
	m->content = slice_of(large, STORE_INLINE_MAX);
	m->content_length = STORE_INLINE_MAX;
	m->envelope = slice_of(NULL, 0);
	m->envelope_id = envelope_object(store, len);
	m->envelope_length = len;
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_message_add(store, m), ERR_NOTFOUND);
	QUEUE_OK(store_content_seal(store, m->envelope_id, len));
	m->envelope_length--;
	ck_assert_int_eq(store_message_add(store, m), ERR_VALUE);
	m->envelope_length++;
	m->envelope = slice_of(large, 1);
	ck_assert_int_eq(store_message_add(store, m), ERR_VALUE);
	m->envelope = slice_of(NULL, 0);
	QUEUE_OK(store_message_add(store, m));
	QUEUE_OK(store_commit(store));
}

/* An envelope that is an object is as one that lies in the record, but that it
 * is staged before and reaped after. */
START_TEST(an_envelope_may_be_an_object)
{
	const size_t len = 3 * 1024 * 1024 + 17;
	struct store_message m, got;
	struct store *store;
	struct buffer content;
	struct arena arena;

	fill();
	queue_make();
	store = queue_open();
	m = queue_message(queue_link(store, "paris"));
	add_with_object(store, &m, len);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	QUEUE_OK(store_message_sound(store, m.id));
	m.reason = slice_of_string("refused");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	arena_init(&arena, 65536);
	QUEUE_OK(store_message_get(store, m.id, STORE_BRIEF, &arena, &got));
	ck_assert_uint_eq(got.envelope.len + got.content.len, 0);
	ck_assert_uint_eq(got.envelope_length, len);
	arena_fini(&arena);
	m.envelope = slice_of(large, len);
	assert_stored(store, &m);
	assert_pieces(store, &m);
	buffer_init(&content, 2 * STORE_INLINE_MAX);
	QUEUE_OK(store_message_content(store, m.id, 5, 9999, &content));
	QUEUE_SLICE_EQ(
	    buffer_slice(&content), slice_of(large + 5, STORE_INLINE_MAX - 5));
	buffer_fini(&content);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, m.id));
	ck_assert_uint_lt(store_staged(store), 64 * 1024);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store_reap_pending(store), 1);
	queue_end(store);
}
END_TEST

START_TEST(ids_go_on_after_a_restart)
{
	struct store *store;
	struct store_message m;
	uint32_t link;

	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	m = queue_message(link);
	queue_add(store, &m);
	m = queue_message(link);
	queue_add(store, &m);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, 1));
	QUEUE_OK(store_message_delete(store, 2));
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	m = queue_message(link);
	ck_assert_uint_eq(queue_add(store, &m), 3);
	queue_end(store);
}
END_TEST

START_TEST(an_abort_undoes_all)
{
	struct store *store;
	struct store_message m, n;
	uint32_t link, other;

	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	m = queue_message(link);
	queue_add(store, &m);
	QUEUE_OK(store_begin(store));
	n = queue_message(link);
	QUEUE_OK(store_message_add(store, &n));
	QUEUE_OK(store_link_create(store, "rome", &other));
	n = queue_message(other);
	QUEUE_OK(store_message_add(store, &n));
	QUEUE_OK(store_message_delete(store, m.id));
	store_abort(store);
	ck_assert_uint_eq(store_link_count(store), 1);
	ck_assert_uint_eq(store_total(store).messages, 1);
	ck_assert_uint_eq(store_link_total(store, link).messages, 1);
	assert_stored(store, &m);
	n = queue_message(link);
	ck_assert_uint_eq(queue_add(store, &n), 2);
	queue_end(store);
}
END_TEST

TEST_MAIN("store/message", TEST(every_field_survives);
	  TEST_LONG(bodies_of_every_size, 60);
	  TEST(what_is_too_much_is_refused); TEST(changes_need_a_transaction);
	  TEST(ready_is_first_in_first_out_by_link_and_priority);
	  TEST(an_update_moves_the_entry); TEST(one_takes_the_place_of_another);
	  TEST(a_growing_head_pushes_the_body_out);
	  TEST(an_envelope_may_be_an_object), TEST(ids_go_on_after_a_restart);
	  TEST(an_abort_undoes_all))
