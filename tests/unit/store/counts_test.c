/* SPDX-License-Identifier: ISC */
/*
 * counts_test.c - links, and what is counted of their messages
 */
#include "tests/unit/store/queue.h"

START_TEST(links_have_lasting_numbers)
{
	struct store *store;
	struct store_link link;
	uint32_t paris, po1, again = 0;
	char name[STORE_LINK_NAME_MAX + 1];

	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	po1 = queue_link(store, "msmail/po1");
	ck_assert_uint_eq(paris, 1);
	ck_assert_uint_eq(po1, 2);
	ck_assert_uint_eq(queue_link(store, "paris"), paris);
	memset(name, 'n', sizeof(name));
	name[STORE_LINK_NAME_MAX] = '\0';
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_link_create(store, name, &again), ERR_VALUE);
	ck_assert_int_eq(store_link_create(store, "", &again), ERR_VALUE);
	ck_assert_int_eq(store_link_set_flags(store, 3, 1), ERR_NOTFOUND);
	ck_assert_int_eq(store_link_set_flags(store, 0, 1), ERR_NOTFOUND);
	QUEUE_OK(store_link_set_flags(
	    store, paris, STORE_LINK_DISABLED | STORE_LINK_HELD));
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_link_set_flags(store, paris, 0));
	QUEUE_OK(store_link_set_flags(store, po1, STORE_LINK_HELD));
	QUEUE_OK(store_link_create(store, "rome", &again));
	ck_assert_uint_eq(again, 3);
	store_abort(store);
	store_close(store);
	store = queue_open();
	ck_assert_uint_eq(store_link_count(store), 2);
	QUEUE_OK(store_link_find(store, "paris", &link));
	ck_assert_uint_eq(link.number, paris);
	ck_assert_uint_eq(link.flags, STORE_LINK_DISABLED | STORE_LINK_HELD);
	QUEUE_OK(store_link_get(store, po1, &link));
	ck_assert_str_eq(link.name, "msmail/po1");
	ck_assert_uint_eq(link.flags, 0);
	QUEUE_OK(store_link_get(store, STORE_LINK_NONE, &link));
	ck_assert_str_eq(link.name, "");
	ck_assert_int_eq(store_link_find(store, "rome", &link), ERR_NOTFOUND);
	ck_assert_int_eq(store_link_get(store, 3, &link), ERR_NOTFOUND);
	queue_end(store);
}
END_TEST

START_TEST(there_is_an_end_to_links)
{
	struct store *store;
	uint32_t number = 0, i;
	char name[16];

	queue_make();
	store = queue_open();
	QUEUE_OK(store_begin(store));
	for (i = 1; i <= STORE_LINKS_MAX; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		QUEUE_OK(store_link_create(store, name, &number));
		ck_assert_uint_eq(number, i);
	}
	ck_assert_int_eq(store_link_create(store, "more", &number), ERR_LIMIT);
	QUEUE_OK(store_link_create(store, "l7", &number));
	ck_assert_uint_eq(number, 7);
	QUEUE_OK(store_commit(store));
	queue_end(store);
}
END_TEST

/* add - add a message in a transaction that is open */
static uint64_t
add(struct store *store, uint32_t link, enum store_priority priority, int hour,
    size_t len)
{
	static uint8_t octets[STORE_INLINE_MAX];
	struct store_message m = queue_message(link);

	m.priority = priority;
	m.arrival += hour * (int64_t)QUEUE_HOUR + 1234;
	m.content = slice_of(octets, len);
	m.content_length = len;
	QUEUE_OK(store_message_add(store, &m));
	return m.id;
}

#define TOTAL_EQ(total, m, o)                          \
	do {                                           \
		struct store_total total_ = (total);   \
		ck_assert_uint_eq(total_.messages, m); \
		ck_assert_uint_eq(total_.octets, o);   \
	} while (0)

START_TEST(counts_are_by_link_priority_state_and_hour)
{
	struct store *store;
	struct store_message m;
	struct store_count count;
	uint32_t paris, rome;
	uint64_t id;
	bool started = false;
	int i;

	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	rome = queue_link(store, "rome");
	QUEUE_OK(store_begin(store));
	add(store, rome, STORE_URGENT, 5, 100);
	add(store, rome, STORE_NORMAL, 2, 200);
	add(store, rome, STORE_NORMAL, 2, 300);
	id = add(store, rome, STORE_NON_URGENT, 1, 400);
	add(store, paris, STORE_NORMAL, 9, 1);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	m = queue_message(rome);
	m.id = id;
	m.priority = STORE_NON_URGENT;
	m.state = STORE_HELD;
	QUEUE_OK(store_message_update(store, &m));
	QUEUE_OK(store_commit(store));
	for (i = 0; i < 2; i++) {
		TOTAL_EQ(store_total(store), 5, 1001);
		TOTAL_EQ(store_link_total(store, rome), 4, 1000);
		TOTAL_EQ(store_link_total(store, paris), 1, 1);
		TOTAL_EQ(store_link_total(store, 0), 0, 0);
		TOTAL_EQ(store_link_total(store, 99), 0, 0);
		TOTAL_EQ(
		    store_link_state(store, rome, STORE_READY, STORE_NORMAL), 2,
		    500);
		TOTAL_EQ(store_link_state(
			     store, rome, STORE_READY, STORE_NON_URGENT),
		    0, 0);
		TOTAL_EQ(
		    store_link_state(store, rome, STORE_HELD, STORE_NON_URGENT),
		    1, 400);
		store_close(store);
		queue_assert_clean();
		store = queue_open();
	}
	ck_assert_int_eq(store_count_next(store, &started, &count), 1);
	ck_assert_uint_eq(count.link, paris);
	ck_assert_int_eq(store_count_next(store, &started, &count), 1);
	ck_assert_int_eq(count.priority, STORE_URGENT);
	ck_assert_int_eq(store_count_next(store, &started, &count), 1);
	TOTAL_EQ(count.total, 2, 500);
	ck_assert_uint_eq(count.hour, QUEUE_TIME / QUEUE_HOUR + 2);
	ck_assert_int_eq(store_count_next(store, &started, &count), 1);
	ck_assert_int_eq(count.state, STORE_HELD);
	ck_assert_int_eq(store_count_next(store, &started, &count), 0);
	queue_end(store);
}
END_TEST

START_TEST(counts_come_back_to_nothing)
{
	struct store *store;
	struct store_count count;
	uint32_t link;
	uint64_t id[40];
	bool started = false;
	int i;

	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
	for (i = 0; i < 40; i++)
		id[i] = add(store, link, (enum store_priority)(i % 3), i, 10);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	for (i = 0; i < 40; i++)
		QUEUE_OK(store_message_delete(store, id[i]));
	ck_assert_uint_eq(store_total(store).messages, 0);
	ck_assert_int_eq(store_count_next(store, &started, &count), 0);
	store_abort(store);
	TOTAL_EQ(store_total(store), 40, 400);
	/* A message that came and went in one transaction leaves no trace. */
	QUEUE_OK(store_begin(store));
	QUEUE_OK(
	    store_message_delete(store, add(store, link, STORE_NORMAL, 99, 5)));
	for (i = 0; i < 40; i++)
		QUEUE_OK(store_message_delete(store, id[i]));
	QUEUE_OK(store_commit(store));
	TOTAL_EQ(store_total(store), 0, 0);
	TOTAL_EQ(store_link_total(store, link), 0, 0);
	started = false;
	ck_assert_int_eq(store_count_next(store, &started, &count), 0);
	queue_end(store);
}
END_TEST

/* recipients_are - check how many are queued for, and how many messages wait
 * for their time, in all and for a link */
static void
recipients_are(const struct store *store, uint32_t link, uint64_t recipients,
    uint64_t waiting)
{
	ck_assert_uint_eq(store_total(store).recipients, recipients);
	ck_assert_uint_eq(store_total(store).waiting, waiting);
	ck_assert_uint_eq(store_link_total(store, link).recipients, recipients);
	ck_assert_uint_eq(store_link_total(store, link).waiting, waiting);
}

START_TEST(recipients_are_counted)
{
	struct store_message many, later;
	struct store *store;
	uint32_t link;

	queue_make();
	store = queue_open();
	link = queue_link(store, "paris");
	many = queue_message(link);
	many.recipients = 100;
	queue_add(store, &many);
	later = queue_message(link);
	later.recipients = 3;
	later.state = STORE_DEFERRED;
	later.next_try = QUEUE_TIME + QUEUE_HOUR;
	queue_add(store, &later);
	recipients_are(store, link, 103, 1);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	recipients_are(store, link, 103, 1);
	/* Its time has come, and a try fails: it waits for the next one. */
	QUEUE_OK(store_begin(store));
	later.attempts = 1;
	QUEUE_OK(store_message_update(store, &later));
	recipients_are(store, link, 103, 0);
	store_abort(store);
	recipients_are(store, link, 103, 1);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_update(store, &later));
	QUEUE_OK(store_message_delete(store, many.id));
	QUEUE_OK(store_commit(store));
	recipients_are(store, link, 3, 0);
	store_close(store);
	queue_assert_clean();
	store = queue_open();
	recipients_are(store, link, 3, 0);
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_message_delete(store, later.id));
	QUEUE_OK(store_commit(store));
	recipients_are(store, link, 0, 0);
	queue_end(store);
}
END_TEST

/* resident - read RssAnon of this process in KB */
static long
resident(void)
{
	char line[256];
	long kilobytes = -1;
	FILE *file = fopen("/proc/self/status", "r");

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "RssAnon: %ld", &kilobytes);
	fclose(file);
	return kilobytes;
}

START_TEST(opening_does_not_look_at_messages)
{
	struct store *store;
	uint32_t link;
	long before, after;
	int i;

	queue_make();
	store = queue_open_size((uint64_t)1 << 30);
	link = queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
	for (i = 0; i < 50000; i++) {
		if (store_staged(store) >= STORE_STAGE_MAX) {
			QUEUE_OK(store_commit(store));
			QUEUE_OK(store_begin(store));
		}
		add(store, link, (enum store_priority)(i % 3), i / 500, 2000);
	}
	QUEUE_OK(store_commit(store));
	store_close(store);
	before = resident();
	store = queue_open_size((uint64_t)1 << 30);
	TOTAL_EQ(store_total(store), 50000, 100000000);
	TOTAL_EQ(store_link_state(store, link, STORE_READY, STORE_NORMAL),
	    16667, 33334000);
	after = resident();
	ck_assert_int_lt(after - before, 2048);
	store_close(store);
	ck_assert_uint_eq(queue_assert_clean().messages, 50000);
	queue_remove();
}
END_TEST

TEST_MAIN("store/counts", TEST(links_have_lasting_numbers);
	  TEST(there_is_an_end_to_links);
	  TEST(counts_are_by_link_priority_state_and_hour);
	  TEST(counts_come_back_to_nothing); TEST(recipients_are_counted);
	  TEST_LONG(opening_does_not_look_at_messages, 60))
