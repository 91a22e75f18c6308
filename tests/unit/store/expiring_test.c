/* SPDX-License-Identifier: ISC */
/*
 * expiring_test.c - messages whose originators chose when they expire have an
 * entry by that time
 */
#include "check/repair.h"
#include "tests/unit/check/damage.h"

#define EARLY (QUEUE_TIME + QUEUE_HOUR)
#define LATE  (QUEUE_TIME + 2 * QUEUE_HOUR)

/* expect - check which entries there are, by time */
static void
expect(struct store *store, unsigned count, const uint64_t *ids)
{
	int64_t time = -1;
	uint64_t id = 0;

	for (unsigned i = 0; i < count; i++) {
		QUEUE_OK(store_expiring_next(store, &time, &id));
		ck_assert_uint_eq(id, ids[i]);
	}
	ck_assert_int_eq(store_expiring_next(store, &time, &id), ERR_NOTFOUND);
}

/* add_chosen - add a message that expires at a time of its own */
static uint64_t
add_chosen(struct store *store, int64_t expires)
{
	struct store_message m = queue_message(1);

	m.own_time = true;
	m.expires = expires;
	return queue_add(store, &m);
}

/* set_expires - have a message expire at another time, and be held */
static void
set_expires(struct store *store, uint64_t id, int64_t expires)
{
	struct store_message m;
	struct arena arena;

	arena_init(&arena, 65536);
	QUEUE_OK(store_message_get(store, id, STORE_HEAD, &arena, &m));
	ck_assert(m.own_time);
	m.expires = expires;
	m.state = STORE_HELD;
	m.own_time = false; /* which no update changes */
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	arena_fini(&arena);
}

/* An entry comes with its message, moves with its time, and goes with it. */
START_TEST(entries_follow)
{
	struct store_message m;
	struct store *store;
	uint64_t a, b;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	m = queue_message(1);
	(void)queue_add(store, &m);
	expect(store, 0, NULL);
	b = add_chosen(store, LATE);
	a = add_chosen(store, EARLY);
	expect(store, 2, (const uint64_t[]){a, b});
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	set_expires(store, a, LATE + 1);
	expect(store, 2, (const uint64_t[]){b, a});
	m = queue_message(1);
	m.id = b;
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_replace(store, &m));
	QUEUE_OK(store_commit(store));
	expect(store, 1, &a);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, a));
	store_abort(store);
	expect(store, 1, &a);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, a));
	QUEUE_OK(store_commit(store));
	expect(store, 0, NULL);
	queue_end(store);
}
END_TEST

/* An entry whose message an older release took is found, and can be
 * removed. */
START_TEST(without_message)
{
	static const struct mutation stale = {
	    "expiring", "0000018bcfe56800" ID(9), "", ""};
	struct store_check_result result;
	struct store *store;
	int64_t time = -1;
	uint64_t id = 0;

	make();
	mutate(&stale);
	QUEUE_OK(store_check(queue_directory, queue_row, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, STORE_NEEDS_REPAIR);
	store = queue_open();
	QUEUE_OK(store_expiring_next(store, &time, &id));
	ck_assert_uint_eq(id, 9);
	ck_assert_int_eq(store_expiring_forget(store, time, id), ERR_STATE);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_expiring_forget(store, time, id));
	QUEUE_OK(store_expiring_forget(store, time, id));
	QUEUE_OK(store_commit(store));
	expect(store, 0, NULL);
	queue_end(store);
}
END_TEST

/* An entry that is missing is found, and a repair makes it again. */
START_TEST(missing)
{
	struct store_repair_result repaired;
	struct store_check_result result;
	struct mutation gone = {"expiring", "", NULL, ""};
	struct diag diag = {.code = 0};
	struct store *store;
	char out[192], key[40];
	uint64_t id;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	id = add_chosen(store, EARLY);
	store_close(store);
	snprintf(key, sizeof(key), "%016llx%016llx", (unsigned long long)EARLY,
	    (unsigned long long)id);
	gone.key = key;
	mutate(&gone);
	QUEUE_OK(store_check(queue_directory, queue_row, NULL, &result, NULL));
	ck_assert_int_eq(result.verdict, STORE_NEEDS_REPAIR);
	snprintf(out, sizeof(out), "%s/out", queue_directory);
	ck_assert_msg(store_repair(queue_directory, out, NULL, NULL, &repaired,
			  &diag) == 0,
	    "repair: %s", diag_text(&diag));
	ck_assert(!repaired.lost);
	store = queue_open();
	expect(store, 1, &id);
	queue_end(store);
}
END_TEST

/* A record that cannot be read leaves no entry behind when it is set aside. */
START_TEST(set_aside)
{
	struct mutation damage = {"messages", "", "30", ""};
	struct store *store;
	char key[24];
	uint64_t id;

	queue_make();
	store = queue_open();
	queue_link(store, "paris");
	id = add_chosen(store, EARLY);
	store_close(store);
	snprintf(key, sizeof(key), "%016llx0000", (unsigned long long)id);
	damage.key = key;
	mutate(&damage);
	store = queue_open();
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_aside(store, id, "damaged"));
	QUEUE_OK(store_commit(store));
	expect(store, 0, NULL);
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/expiring", TEST(entries_follow); TEST(without_message);
	  TEST(missing); TEST(set_aside))
