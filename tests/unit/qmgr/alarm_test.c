/* SPDX-License-Identifier: ISC */
/*
 * alarm_test.c - events where too much waits, and where it does no longer
 *
 * Nobody serves the links, so what is submitted waits.
 */
#include "qmgr/alarm.h"
#include "base/clock.h"
#include "tests/unit/qmgr/remote.h"

#define HOUR INT64_C(3600000) /* ms */

static struct harness h;
static struct remote tool;

/* begin - begin with these bounds of paris, and these of all links */
static void
begin(uint32_t length, uint64_t age, uint32_t length_all, uint64_t age_all)
{
	struct conf_link *paris;

	harness_init(&h);
	/* The configuration is the harness's own. */
	paris = (struct conf_link *)(uintptr_t)harness_link(&h, "paris")->x400;
	paris->alarm_length = length;
	paris->alarm_age = age;
	h.qmgr.conf->mta.alarm_length = length_all;
	h.qmgr.conf->mta.alarm_age = age_all;
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
}

/* end - stop */
static void
end(void)
{
	remote_close(&tool);
	harness_fini(&h);
}

/* submit - have so many messages more wait for paris */
static void
submit(unsigned count)
{
	while (count-- > 0)
		(void)remote_submit_to(&h, &tool, TO_PARIS);
}

/* delete_some - take so many messages out again */
static void
delete_some(unsigned count)
{
	uint64_t id = 0;

	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	while (count-- > 0) {
		ck_assert_int_eq(store_ready_next(h.qmgr.store,
				     harness_link(&h, "paris")->number,
				     STORE_NORMAL, 0, &id),
		    0);
		ck_assert_int_eq(store_message_delete(h.qmgr.store, id), 0);
	}
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
}

/* said - look whether the log has this line once more */
static bool
said(const char *text)
{
	alarm_tick(&h.qmgr);
	return harness_log_has(&h, text);
}

START_TEST(length_of_a_link)
{
	begin(4, 0, 0, 0);
	submit(4);
	ck_assert(!said(" 659 "));
	submit(1);
	ck_assert(said(" 659 warn too much waits for a link link=paris "
		       "messages=5 age_s=0 alarm_length=4 alarm_age_s=0"));
	delete_some(2);
	ck_assert(!said(" 660 ")); /* more than half still waits */
	delete_some(1);
	ck_assert(said(" 660 info less waits for a link again link=paris "
		       "messages=2"));
	ck_assert(!said(" 666 "));
	end();
}
END_TEST

START_TEST(age_of_a_link)
{
	begin(0, (uint64_t)HOUR, 0, 0);
	submit(1);
	clock_shift(HOUR - 60000);
	ck_assert(!said(" 659 "));
	clock_shift(HOUR + 60000);
	ck_assert(said(" 659 warn too much waits for a link link=paris "
		       "messages=1 age_s=3660 "));
	delete_some(1);
	ck_assert(said(" 660 info less waits for a link again link=paris "
		       "messages=0 age_s=0 "));
	clock_shift(0);
	end();
}
END_TEST

/* A deferred message counts from the end of the hour in which it came. */
START_TEST(age_of_what_is_deferred)
{
	struct store_message m;
	uint64_t id;

	begin(0, (uint64_t)HOUR, 0, 0);
	id = remote_submit_to(&h, &tool, TO_PARIS);
	arena_reset(&h.arena);
	ck_assert_int_eq(
	    store_message_get(h.qmgr.store, id, STORE_HEAD, &h.arena, &m), 0);
	m.state = STORE_DEFERRED;
	m.next_try = m.arrival + 100 * HOUR;
	ck_assert_int_eq(store_begin(h.qmgr.store), 0);
	ck_assert_int_eq(store_message_update(h.qmgr.store, &m), 0);
	ck_assert_int_eq(store_commit(h.qmgr.store), 0);
	clock_shift(HOUR - 60000);
	ck_assert(!said(" 659 "));
	clock_shift(2 * HOUR + 60000);
	ck_assert(said(" 659 "));
	clock_shift(0);
	end();
}
END_TEST

START_TEST(all_links_together)
{
	begin(0, 0, 3, (uint64_t)HOUR);
	submit(2);
	(void)remote_submit_to(&h, &tool, TO_ROME);
	ck_assert(!said(" 666 "));
	submit(1);
	ck_assert(said(" 666 warn too much is queued messages=4 "));
	delete_some(3);
	ck_assert(said(" 667 info less is queued again messages=1 "));
	clock_shift(2 * HOUR);
	ck_assert(said(" 666 warn too much is queued messages=1 age_s=7200 "));
	ck_assert(!said(" 659 "));
	clock_shift(0);
	end();
}
END_TEST

TEST_MAIN("qmgr/alarm", TEST(length_of_a_link), TEST(age_of_a_link),
    TEST(age_of_what_is_deferred), TEST(all_links_together))
