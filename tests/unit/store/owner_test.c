/* SPDX-License-Identifier: ISC */
/*
 * owner_test.c - a queue is one host's, and another one is told so
 */
#include "store/snapshot.h"

#include "tests/unit/store/queue.h"

static const struct host node1 = {"node1", "0123", "boot-1"};
static const struct host node1_again = {"node1", "0123", "boot-2"};
static const struct host renamed = {"node2", "0123", "boot-1"};
static const struct host other = {"node1", "4567", "boot-1"};

/* open_as - open the queue as a host; what came of it */
static int
open_as(const struct host *host, enum store_owner_rule rule,
    struct store **store, struct diag *diag)
{
	const struct store_options options = {
	    .queue_size = QUEUE_SIZE, .host = host, .owner = rule};

	diag_clear(diag);
	return store_open(queue_directory, &options, store, diag);
}

/* expect_end - open the queue as its host, and check how it had been left */
static struct store *
expect_end(const struct host *host, enum store_owner_end end)
{
	struct store *store;
	struct diag diag = {0};

	ck_assert_msg(open_as(host, STORE_OWNER_REFUSE, &store, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(store_owner_end(store), end);
	return store;
}

/* expect_refused - check that a host gets no queue, and hears why */
static void
expect_refused(const struct host *host, const char *words)
{
	struct store *store;
	struct diag diag = {0};

	ck_assert_int_eq(
	    open_as(host, STORE_OWNER_REFUSE, &store, &diag), ERR_STATE);
	ck_assert_msg(
	    strstr(diag_text(&diag), words) != NULL, "%s", diag_text(&diag));
}

/* stop - close the queue in order */
static void
stop(struct store *store)
{
	QUEUE_OK(store_begin(store));
	store_owner_stop(store, QUEUE_TIME);
	QUEUE_OK(store_commit(store));
	store_close(store);
}

START_TEST(of_one_host)
{
	struct store *store;

	queue_make();
	/* An older release says nothing of hosts, nor do offline tools. */
	store_close(queue_open());
	store_close(expect_end(&node1, STORE_OWNER_NEW));
	store_close(queue_open());
	store_close(expect_end(&node1, STORE_OWNER_ENDED));
	store = expect_end(&node1_again, STORE_OWNER_REBOOTED);
	stop(store);
	stop(expect_end(&node1_again, STORE_OWNER_STOPPED));
	queue_assert_clean();
	queue_remove();
}
END_TEST

START_TEST(of_another_host)
{
	struct store *store;
	struct diag diag = {0};

	queue_make();
	store_close(expect_end(&node1, STORE_OWNER_NEW));
	expect_refused(&renamed, "host node1, which has had it since 2");
	expect_refused(&other, "and has not stopped");
	expect_refused(&other, "x4ctl start --take-over");
	/* A refusal changes nothing. */
	stop(expect_end(&node1, STORE_OWNER_ENDED));
	expect_refused(&renamed, "host node1, which stopped with it at 2023-");
	QUEUE_OK(open_as(&renamed, STORE_OWNER_TAKE_OVER, &store, &diag));
	ck_assert_str_eq(store_owner_earlier(store), "node1");
	store_close(store);
	/* Told once, by the next one of the host. */
	store = expect_end(&renamed, STORE_OWNER_ENDED);
	ck_assert_str_eq(store_owner_earlier(store), "node1");
	QUEUE_OK(store_begin(store));
	store_owner_told(store);
	QUEUE_OK(store_commit(store));
	store_close(store);
	store = expect_end(&renamed, STORE_OWNER_ENDED);
	ck_assert_ptr_null(store_owner_earlier(store));
	store_close(store);
	expect_refused(&node1, "host node2");
	queue_assert_clean();
	queue_remove();
}
END_TEST

/* Whoever accepts a copy has it. */
START_TEST(of_nobody)
{
	struct store *store;
	struct diag diag = {0};

	queue_make();
	store_close(expect_end(&node1, STORE_OWNER_NEW));
	ck_assert_msg(store_copy_mark(queue_directory, QUEUE_TIME, &diag) == 0,
	    "%s", diag_text(&diag));
	store = expect_end(&renamed, STORE_OWNER_NEW);
	ck_assert_ptr_null(store_owner_earlier(store));
	store_close(store);
	queue_remove();
}
END_TEST

TEST_MAIN("store/owner", TEST(of_one_host); TEST(of_another_host);
	  TEST(of_nobody))
