/* SPDX-License-Identifier: ISC */
/*
 * link_test.c - what is known of a link's peer outlives a restart
 */
#include "store/link.h"

#include "tests/unit/store/queue.h"

/* known - read what is known of a link */
static struct store_link
known(const struct store *store, uint32_t number)
{
	struct store_link link;

	QUEUE_OK(store_link_get(store, number, &link));
	return link;
}

/* note - note a state of the tagging, in the transaction */
static void
note(struct store *store, uint32_t number, enum store_tagging tagging,
    uint64_t refused)
{
	const struct store_link link = {
	    .number = number, .tagging = tagging, .refused = refused};

	QUEUE_OK(store_link_set_tagging(store, &link));
}

START_TEST(tagging_outlives_a_restart)
{
	struct store *store;
	uint32_t number;

	queue_make();
	store = queue_open();
	number = queue_link(store, "paris");
	ck_assert_int_eq(known(store, number).tagging, STORE_TAGGING_UNKNOWN);
	QUEUE_OK(store_begin(store));
	note(store, number, STORE_TAGGING_DOUBTED, 77);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	ck_assert_int_eq(known(store, number).tagging, STORE_TAGGING_DOUBTED);
	ck_assert_uint_eq(known(store, number).refused, 77);
	ck_assert_str_eq(known(store, number).name, "paris");
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_link_set_flags(store, number, STORE_LINK_DISABLED));
	note(store, number, STORE_TAGGING_EXPLICIT, 0);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	ck_assert_int_eq(known(store, number).tagging, STORE_TAGGING_EXPLICIT);
	ck_assert_uint_eq(known(store, number).flags, STORE_LINK_DISABLED);
	queue_end(store);
}
END_TEST

START_TEST(an_abort_undoes_it)
{
	struct store *store;
	uint32_t number;

	queue_make();
	store = queue_open();
	number = queue_link(store, "paris");
	QUEUE_OK(store_begin(store));
	note(store, number, STORE_TAGGING_DOUBTED, 5);
	store_abort(store);
	ck_assert_int_eq(known(store, number).tagging, STORE_TAGGING_UNKNOWN);
	QUEUE_OK(store_begin(store));
	note(store, number, STORE_TAGGING_DOUBTED, 6);
	QUEUE_OK(store_commit(store));
	QUEUE_OK(store_begin(store));
	note(store, number, STORE_TAGGING_EXPLICIT, 0);
	store_abort(store);
	ck_assert_int_eq(known(store, number).tagging, STORE_TAGGING_DOUBTED);
	ck_assert_uint_eq(known(store, number).refused, 6);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_link_set_tagging(
			     store, &(struct store_link){.number = number + 1}),
	    ERR_NOTFOUND);
	store_abort(store);
	queue_end(store);
}
END_TEST

/* pass - count messages out and in, in the transaction */
static void
pass(struct store *store, uint32_t number, uint64_t out, uint64_t in)
{
	const struct store_traffic more = {.messages_out = out,
	    .octets_out = 10 * out,
	    .messages_in = in,
	    .octets_in = 20 * in,
	    .recipients_out = 3 * out,
	    .recipients_in = 4 * in,
	    .reports_out = out > 0};

	QUEUE_OK(store_link_passed(store, number, &more));
}

START_TEST(traffic_outlives_a_restart)
{
	struct store_traffic traffic;
	struct store *store;
	uint32_t paris, rome;

	queue_make();
	store = queue_open();
	paris = queue_link(store, "paris");
	rome = queue_link(store, "rome");
	ck_assert_int_eq(known(store, paris).traffic.since, 0);
	QUEUE_OK(store_begin(store));
	pass(store, paris, 3, 0);
	pass(store, rome, 0, 1);
	pass(store, paris, 0, 2);
	QUEUE_OK(store_commit(store));
	/* a transaction that is undone has counted nothing */
	QUEUE_OK(store_begin(store));
	pass(store, paris, 5, 5);
	pass(store, rome, 5, 5);
	ck_assert_uint_eq(known(store, paris).traffic.messages_out, 8);
	store_abort(store);
	ck_assert_uint_eq(known(store, paris).traffic.messages_out, 3);
	/* the others that are set leave this alone */
	QUEUE_OK(store_begin(store));
	QUEUE_OK(store_link_set_flags(store, paris, STORE_LINK_DISABLED));
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = queue_open();
	traffic = known(store, paris).traffic;
	ck_assert_int_gt(traffic.since, 0);
	ck_assert_uint_eq(traffic.messages_out, 3);
	ck_assert_uint_eq(traffic.octets_out, 30);
	ck_assert_uint_eq(traffic.reports_out, 1);
	ck_assert_uint_eq(traffic.messages_in, 2);
	ck_assert_uint_eq(traffic.octets_in, 40);
	ck_assert_uint_eq(traffic.recipients_out, 9);
	ck_assert_uint_eq(traffic.recipients_in, 8);
	ck_assert_uint_eq(known(store, paris).flags, STORE_LINK_DISABLED);
	QUEUE_OK(store_begin(store));
	pass(store, paris, 1, 0);
	QUEUE_OK(store_commit(store));
	ck_assert_uint_eq(known(store, paris).traffic.messages_out, 4);
	ck_assert_int_eq(known(store, paris).traffic.since, traffic.since);
	ck_assert_uint_eq(known(store, rome).traffic.messages_in, 1);
	QUEUE_OK(store_begin(store));
	ck_assert_int_eq(store_link_passed(store, 99, &traffic), ERR_NOTFOUND);
	store_abort(store);
	queue_end(store);
}
END_TEST

TEST_MAIN("store/link", TEST(tagging_outlives_a_restart);
	  TEST(an_abort_undoes_it); TEST(traffic_outlives_a_restart))
