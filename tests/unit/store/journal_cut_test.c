/* SPDX-License-Identifier: ISC */
/*
 * journal_cut_test.c - what a power cut leaves of the journal, and what is
 * undone
 */
#include "store/state.h"
#include "tests/unit/store/journal.h"

#define SECTOR	 512
#define MESSAGES 5

static uint8_t octets[6000], salt;

/* add - add a message whose record takes so many octets, about */
static void
add(struct store *store, size_t len)
{
	struct store_message m = queue_message(1);

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 + salt);
	m.envelope = slice_of(octets, len);
	(void)queue_add(store, &m);
}

/* add_some - add messages, a turn each, with records of one block and two */
static void
add_some(struct store *store)
{
	for (size_t i = 0; i < MESSAGES; i++)
		add(store, 100 + (i + 1) % 2 * 4000);
}

/* prepare - make a queue whose journal has records of an earlier epoch */
static void
prepare(void)
{
	struct store *store;

	queue_make();
	store = queue_open();
	(void)queue_link(store, "paris");
	store_close(store);
	/* No sector of that is like one that is written over it. */
	salt = 1;
	journal_leave(add_some);
	salt = 0;
	store = queue_open();
	for (uint64_t id = 0; store_message_next(store, id, &id) == 0;) {
		QUEUE_OK(store_begin(store));
		QUEUE_OK(store_message_delete(store, id));
		QUEUE_OK(store_commit(store));
	}
	store_close(store);
}

/* assert_messages - check that so many messages are there, whoever opens the
 * queue, and what is left by whoever died when it was open */
static void
assert_messages(uint64_t count)
{
	struct journal_pair pair = journal_take();
	struct store *store;

	ck_assert_uint_eq(queue_assert_clean().messages, count);
	journal_assert_same(&pair);
	journal_free(&pair);
	journal_leave(NULL);
	ck_assert_uint_eq(queue_assert_clean().messages, count);
	store = queue_open();
	ck_assert_uint_eq(store_total(store).messages, count);
	add(store, 10);
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().messages, count + 1);
}

/* Whatever sectors of the last record are missing, all before it are there. */
START_TEST(at_each_sector)
{
	struct journal_pair before, after;
	struct journal_image journal;
	size_t offset = 0, used, records = 0;

	prepare();
	before = journal_take();
	journal_leave(add_some);
	after = journal_take();
	journal = after.journal;
	journal.octets = malloc(journal.len);
	ck_assert_ptr_nonnull(journal.octets);
	while (records < MESSAGES) {
		used = journal_used(&after.journal, offset);
		ck_assert_uint_gt(used, REDO_HEAD);
		for (size_t cut = offset; cut < offset + used; cut += SECTOR) {
			memcpy(
			    journal.octets, before.journal.octets, journal.len);
			memcpy(journal.octets, after.journal.octets, cut);
			/* By turns the sectors behind that got there. */
			if (cut / SECTOR % 2 == 1)
				memcpy(journal.octets + cut + SECTOR,
				    after.journal.octets + cut + SECTOR,
				    redo_record_octets(used - REDO_HEAD) +
					offset - cut - SECTOR);
			journal_write(&after.data);
			journal_write(&journal);
			assert_messages(records);
		}
		offset += redo_record_octets(used - REDO_HEAD);
		records++;
	}
	journal_put_back(&after);
	assert_messages(MESSAGES);
	free(journal.octets);
	journal_free(&before);
	journal_free(&after);
	queue_remove();
}
END_TEST

/* undo_one - add a message in a turn that is undone */
static void
undo_one(struct store *store)
{
	struct store_message m = queue_message(1);

	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_add(store, &m));
	store_abort(store);
}

/* The first turn that is undone has the journal applied again; those behind it
 * have nothing to apply, until there is another turn. */
START_TEST(undone_at_the_cost_of_one)
{
	struct store *store;

	prepare();
	store = queue_open();
	undo_one(store);
	ck_assert_uint_eq(store->db.redo.replays, 0);
	for (unsigned n = 1; n <= 3; n++) {
		add_some(store);
		for (unsigned i = 0; i < 5; i++)
			undo_one(store);
		ck_assert_uint_eq(store->db.redo.replays, n);
		ck_assert_uint_eq(
		    store_total(store).messages, (uint64_t)n * MESSAGES);
	}
	/* Nothing was changed: there is nothing to undo. */
	add_some(store);
	QUEUE_OK(store_begin(store));
	store_abort(store);
	ck_assert_uint_eq(store->db.redo.replays, 3);
	store_close(store);
	assert_messages(4 * MESSAGES);
	queue_remove();
}
END_TEST

/* undo_amid - undo a turn between others */
static void
undo_amid(struct store *store)
{
	add_some(store);
	undo_one(store);
	add(store, 100);
	undo_one(store);
	add(store, 100);
}

/* What was undone is not there after a crash either. */
START_TEST(undone_for_good)
{
	prepare();
	journal_leave(undo_amid);
	assert_messages(MESSAGES + 2);
	queue_remove();
}
END_TEST

/* add_large - add a message whose turn is no record */
static void
add_large(struct store *store)
{
	struct store_message m = queue_message(1);

	add(store, 100);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_content_create(store, STORE_LINK_NONE, &m.content_id));
	for (unsigned i = 0; i < 12; i++)
		QUEUE_OK(store_content_append(
		    store, m.content_id, slice_of(octets, sizeof(octets))));
	m.content = slice_of(NULL, 0);
	m.content_length = 12 * sizeof(octets);
	QUEUE_OK(store_content_seal(store, m.content_id, m.content_length));
	QUEUE_OK(store_message_add(store, &m));
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(store->db.redo.place.number, 0);
	add(store, 100);
}

/* A turn beyond the size of a record is there with all before it. */
START_TEST(large_turn)
{
	prepare();
	journal_leave(add_large);
	assert_messages(3);
	queue_remove();
}
END_TEST

/* fill - add messages until the journal has been applied twice */
static void
fill(struct store *store)
{
	uint64_t epoch = store->db.redo.stamp.epoch + 2;

	for (unsigned i = 0; store->db.redo.stamp.epoch < epoch; i++) {
		ck_assert_uint_lt(i, 20000);
		add(store, sizeof(octets));
		ck_assert_uint_lt(store->db.redo.place.offset, REDO_CHECKPOINT);
		ck_assert_uint_lt(store->db.redo.place.changes, REDO_CHANGES);
	}
	add(store, 100);
}

/* A journal that is long is applied, and begins anew. */
START_TEST(applied_when_long)
{
	struct journal_pair pair;
	struct store *store;
	uint64_t messages;

	prepare();
	journal_leave(fill);
	pair = journal_take();
	ck_assert_uint_eq(pair.journal.len, REDO_FILE);
	journal_free(&pair);
	messages = queue_assert_clean().messages;
	ck_assert_uint_gt(messages, 2 * REDO_CHECKPOINT / 12288);
	assert_messages(messages);
	/* A queue that is closed leaves nothing to be applied. */
	store = queue_open();
	add_some(store);
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store->db.redo.replays, 0);
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/journal_cut", TEST_LONG(at_each_sector, 60);
	  TEST(undone_at_the_cost_of_one); TEST(undone_for_good);
	  TEST(large_turn); TEST_LONG(applied_when_long, 60))
