/* SPDX-License-Identifier: ISC */
/*
 * recovery_test.c - a link whose association was lost inside an activity
 */
#include "qmgr/explain.h"
#include "qmgr/links/link.h"
#include "qmgr/links/recovery.h"
#include "qmgr/links/schedule.h"
#include "tests/unit/qmgr/link_bench.h"

/* A link that is up, with one job at work. */
struct cut {
	struct bench b;
	struct remote r;
	uint64_t id, job;
};

/* work - queue a message, which its worker has */
static void
work(struct cut *c, const char *references)
{
	struct ipc_record record;

	bench_open_by(&c->b, &c->r, references);
	remote_expect(&c->r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, c->id);
	c->job = record.job.job;
	ck_assert_int_eq(c->b.link->state, LINK_UP);
}

static void
cut_init(struct cut *c)
{
	bench_init(&c->b, "paris");
	c->id = bench_submit(&c->b, TO_PARIS);
	work(c, "1");
}

/* quiet - check that qmgr opens nothing */
static void
quiet(struct cut *c)
{
	struct remote none;

	for (int i = 0; i < 20; i++) {
		harness_step(&c->b.h);
		ck_assert(!remote_accept(&c->b.h, c->b.listener, &none));
	}
}

/* due - wait until the pause between two attempts is over */
static void
due(struct cut *c)
{
	c->b.link->recover_next = 0;
	link_touch(&c->b.h.qmgr, c->b.link);
}

/* A worker that goes with jobs at work: opened again at once, then now and
 * then, and what fails meanwhile is not counted; after the recovery timeout it
 * is. */
START_TEST(by_us)
{
	struct cut c;
	uint64_t now;

	cut_init(&c);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_RECOVERING);
	bench_fail(&c.b, &c.r);
	now = clock_monotonic();
	ck_assert_int_eq(c.b.link->state, LINK_RECOVERING);
	ck_assert_uint_gt(c.b.link->recover_next, now + 3000);
	ck_assert_uint_le(c.b.link->recover_next, now + 5000);
	ck_assert_int_gt(c.b.link->next_open, clock_wall());
	quiet(&c);
	due(&c);
	bench_fail(&c.b, &c.r);
	ck_assert_int_eq(c.b.link->state, LINK_RECOVERING);
	ck_assert_uint_eq(c.b.link->open_failures, 0);
	ck_assert_uint_eq(c.b.link->counters.failed, 0);
	ck_assert(!harness_log_has(&c.b.h, " 289 "));
	recovery_over(c.b.link);
	due(&c);
	bench_fail(&c.b, &c.r);
	ck_assert_int_eq(c.b.link->state, LINK_WAITING);
	ck_assert_uint_eq(c.b.link->open_failures, 1);
	ck_assert(harness_log_has(&c.b.h, " 289 "));
	ck_assert(harness_log_has(&c.b.h, "from=up event=lost to=recovering"));
	bench_fini(&c.b);
}
END_TEST

/* The association comes back, and the jobs at work go on. */
START_TEST(back_again)
{
	struct cut c;

	cut_init(&c);
	remote_close(&c.r);
	bench_fail(&c.b, &c.r);
	due(&c);
	work(&c, "2");
	ck_assert_str_eq(c.b.link->last_error, "");
	ck_assert_int_eq(c.b.link->next_open, 0);
	ck_assert(harness_log_has(&c.b.h, "from=recovering event=bound to=up"));
	remote_close(&c.r);
	bench_fini(&c.b);
}
END_TEST

/* A worker that recovers its association itself is let, and given nothing
 * meanwhile; new jobs follow those that it has. */
START_TEST(by_its_worker)
{
	struct cut c;
	struct ipc_record record;
	struct store_message message = {.priority = STORE_NORMAL};
	char text[VIEW_TEXT_MAX];
	uint64_t more;

	cut_init(&c);
	remote_event(&c.r, IPC_LINK_RECOVERING, "reset by peer");
	quiet(&c);
	ck_assert_int_eq(c.b.link->state, LINK_RECOVERING);
	ck_assert_str_eq(c.b.link->last_error,
	    "reset by peer, in the transfer of message 1");
	more = bench_submit(&c.b, TO_PARIS);
	remote_quiet(&c.r);
	message.id = more;
	message.link = c.b.link->number;
	explain(&c.b.h.qmgr, &message, text);
	ck_assert_str_eq(text,
	    "it waits for link paris, whose association was lost within a "
	    "transfer and is being recovered (reset by peer, in the "
	    "transfer of message 1)");
	remote_bound(&c.r, IPC_LINK_BOUND, "", "2");
	remote_expect(&c.r, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, more);
	ck_assert_uint_eq(record.job.activity, 2);
	ck_assert_int_eq(c.b.link->state, LINK_UP);
	ck_assert_uint_eq(c.b.link->bound, 1);
	remote_outcome(&c.r, c.job, IPC_TRANSFERRED);
	remote_outcome(&c.r, record.job.job, IPC_TRANSFERRED);
	harness_steps(&c.b.h, 20);
	ck_assert_uint_eq(harness_queued(&c.b.h), 0);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_IDLE);
	bench_fini(&c.b);
}
END_TEST

/* A worker that gives up has tried for as long as we would; one that dies has
 * not. */
START_TEST(worker_gives_up)
{
	struct cut c;

	cut_init(&c);
	remote_event(&c.r, IPC_LINK_RECOVERING, "reset by peer");
	quiet(&c);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_RECOVERING);
	work(&c, "2");
	remote_event(&c.r, IPC_LINK_RECOVERING, "reset by peer");
	remote_event(&c.r, IPC_LINK_LOST, "no answer");
	quiet(&c);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_WAITING);
	ck_assert_uint_eq(c.b.link->open_failures, 1);
	ck_assert_str_eq(c.b.link->last_error, "association: no answer");
	bench_fini(&c.b);
}
END_TEST

/* An administrator need not wait either; and one that is disabled is not
 * recovered. */
START_TEST(not_left_alone)
{
	struct cut c;

	cut_init(&c);
	remote_close(&c.r);
	bench_fail(&c.b, &c.r);
	quiet(&c);
	ck_assert(schedule_event(&c.b.h.qmgr, c.b.link, LINK_EV_RETRY));
	work(&c, "2");
	remote_close(&c.r);
	bench_fail(&c.b, &c.r);
	ck_assert(schedule_event(&c.b.h.qmgr, c.b.link, LINK_EV_DISABLE));
	c.b.link->recover_next = 0;
	quiet(&c);
	ck_assert_int_eq(c.b.link->state, LINK_DISABLED);
	bench_fini(&c.b);
}
END_TEST

/* Not every loss is one: without a timeout, or with nothing at work. */
START_TEST(not_recovered)
{
	struct cut c;

	cut_init(&c);
	c.b.link->policy.recovery_timeout = 0;
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_CONNECTING);
	work(&c, "2");
	c.b.link->policy.recovery_timeout = 60000;
	remote_outcome(&c.r, c.job, IPC_TRANSFERRED);
	harness_steps(&c.b.h, 10);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_IDLE);
	ck_assert(!harness_log_has(&c.b.h, "recovering"));
	bench_fini(&c.b);
}
END_TEST

/* The messages to be sent are gone meanwhile: nothing needs the link. */
START_TEST(nothing_left)
{
	struct cut c;

	cut_init(&c);
	remote_close(&c.r);
	bench_fail(&c.b, &c.r);
	ck_assert_int_eq(store_begin(c.b.h.qmgr.store), 0);
	ck_assert_int_eq(store_message_delete(c.b.h.qmgr.store, c.id), 0);
	ck_assert_int_eq(store_commit(c.b.h.qmgr.store), 0);
	due(&c);
	quiet(&c);
	ck_assert_int_eq(c.b.link->state, LINK_IDLE);
	bench_fini(&c.b);
}
END_TEST

/* both_ways - make the link's associations carry messages both ways */
static void
both_ways(struct cut *c)
{
	struct conf *conf = c->b.h.qmgr.conf;

	for (size_t i = 0; i < conf->link_count; i++)
		if (&conf->links[i] == c->b.link->x400)
			conf->links[i].dialogue =
			    CONF_DIALOGUE_TWO_WAY_ALTERNATE;
	ck_assert(link_two_way(c->b.link));
}

/* A peer that asked for the turn when it was released waits for our call: it
 * comes at once, and not when there is something for it. */
START_TEST(awaited)
{
	struct ipc_record released = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = IPC_LINK_RELEASED, .two_way = true}};
	struct cut c;

	cut_init(&c);
	both_ways(&c);
	remote_outcome(&c.r, c.job, IPC_TRANSFERRED);
	bench_drain(&c.b);
	bench_outlive(&c.b);
	remote_expect(&c.r, IPC_RETIRE, &(struct ipc_record){0});
	remote_send(&c.r, &released);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_CONNECTING);
	bench_open(&c.b, &c.r);
	while (c.b.link->state != LINK_UP)
		harness_step(&c.b.h);
	released.link_event.two_way = false;
	bench_outlive(&c.b);
	remote_expect(&c.r, IPC_RETIRE, &(struct ipc_record){0});
	remote_send(&c.r, &released);
	remote_close(&c.r);
	ck_assert_int_eq(c.b.link->state, LINK_IDLE);
	bench_fini(&c.b);
}
END_TEST

TEST_MAIN("qmgr/recovery", TEST(by_us), TEST(back_again), TEST(by_its_worker),
    TEST(worker_gives_up), TEST(not_left_alone), TEST(not_recovered),
    TEST(nothing_left), TEST(awaited))
