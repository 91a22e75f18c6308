/* SPDX-License-Identifier: ISC */
/*
 * link_test.c - the state machine of a link, and when it opens what
 */
#include "qmgr/links/assoc.h"
#include "qmgr/links/assoc_retire.h"
#include "qmgr/links/demand.h"
#include "qmgr/links/link.h"
#include "qmgr/links/schedule.h"
#include "tests/references.h"
#include "tests/unit/qmgr/link_bench.h"

/* The pairs that change the state; all other pairs leave it as it is. */
static const struct {
	enum link_state from;
	enum link_event event;
	enum link_state to;
} changes[] = {
    {LINK_IDLE, LINK_EV_WORK, LINK_CONNECTING},
    {LINK_IDLE, LINK_EV_BOUND, LINK_UP},
    {LINK_IDLE, LINK_EV_RETRY, LINK_CONNECTING},
    {LINK_IDLE, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_IDLE, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_IDLE, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_CONNECTING, LINK_EV_BOUND, LINK_UP},
    {LINK_CONNECTING, LINK_EV_UNREACHABLE, LINK_WAITING},
    {LINK_CONNECTING, LINK_EV_REFUSED, LINK_WAITING},
    {LINK_CONNECTING, LINK_EV_WORKER, LINK_WAITING},
    {LINK_CONNECTING, LINK_EV_FRUITLESS, LINK_WAITING},
    {LINK_CONNECTING, LINK_EV_ENDED, LINK_IDLE},
    {LINK_CONNECTING, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_CONNECTING, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_CONNECTING, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_UP, LINK_EV_UNREACHABLE, LINK_WAITING},
    {LINK_UP, LINK_EV_REFUSED, LINK_WAITING},
    {LINK_UP, LINK_EV_WORKER, LINK_WAITING},
    {LINK_UP, LINK_EV_FRUITLESS, LINK_WAITING},
    {LINK_UP, LINK_EV_LOST, LINK_RECOVERING},
    {LINK_UP, LINK_EV_ENDED, LINK_IDLE},
    {LINK_UP, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_UP, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_UP, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_RECOVERING, LINK_EV_BOUND, LINK_UP},
    {LINK_RECOVERING, LINK_EV_UNREACHABLE, LINK_WAITING},
    {LINK_RECOVERING, LINK_EV_REFUSED, LINK_WAITING},
    {LINK_RECOVERING, LINK_EV_WORKER, LINK_WAITING},
    {LINK_RECOVERING, LINK_EV_FRUITLESS, LINK_WAITING},
    {LINK_RECOVERING, LINK_EV_ENDED, LINK_IDLE},
    {LINK_RECOVERING, LINK_EV_RETRY, LINK_CONNECTING},
    {LINK_RECOVERING, LINK_EV_CALLED, LINK_CONNECTING},
    {LINK_RECOVERING, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_RECOVERING, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_RECOVERING, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_WAITING, LINK_EV_BOUND, LINK_UP},
    {LINK_WAITING, LINK_EV_TIMER, LINK_CONNECTING},
    {LINK_WAITING, LINK_EV_RETRY, LINK_CONNECTING},
    {LINK_WAITING, LINK_EV_CALLED, LINK_CONNECTING},
    {LINK_WAITING, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_WAITING, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_WAITING, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_REMOTE, LINK_EV_OPEN, LINK_IDLE},
    {LINK_REMOTE, LINK_EV_CLOSE, LINK_CLOSED},
    {LINK_REMOTE, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_CLOSED, LINK_EV_OPEN, LINK_IDLE},
    {LINK_CLOSED, LINK_EV_REMOTE, LINK_REMOTE},
    {LINK_CLOSED, LINK_EV_DISABLE, LINK_DISABLED},
    {LINK_DISABLED, LINK_EV_ENABLE, LINK_IDLE},
};

START_TEST(table)
{
	for (int s = 0; s < LINK_STATES; s++) {
		for (int e = 0; e < LINK_EVENTS; e++) {
			int expected = s;

			for (size_t i = 0;
			     i < sizeof(changes) / sizeof(changes[0]); i++)
				if ((int)changes[i].from == s &&
				    (int)changes[i].event == e)
					expected = (int)changes[i].to;
			ck_assert_msg((int)link_transition((enum link_state)s,
					  (enum link_event)e) == expected,
			    "%s in %s", link_event_name((enum link_event)e),
			    link_state_name((enum link_state)s));
		}
	}
}
END_TEST

/* How many associations so much wants. */
START_TEST(wanted)
{
	struct link_policy policy = {.associations = 10, .threshold = 50};

	ck_assert_uint_eq(demand_wanted(&policy, 0), 0);
	ck_assert_uint_eq(demand_wanted(&policy, 1), 1);
	ck_assert_uint_eq(demand_wanted(&policy, 49), 1);
	ck_assert_uint_eq(demand_wanted(&policy, 50), 2);
	ck_assert_uint_eq(demand_wanted(&policy, 449), 9);
	/* the last one is for urgent messages and reports */
	ck_assert_uint_eq(demand_wanted(&policy, 100000), 9);
	policy.associations = 1;
	ck_assert_uint_eq(demand_wanted(&policy, 100000), 1);
}
END_TEST

/* accept_all - accept every connection that qmgr has made meanwhile */
static unsigned
accept_all(struct bench *b, struct remote *r, unsigned max)
{
	unsigned count = 0;

	for (int i = 0; i < 20; i++) {
		harness_step(&b->h);
		while (
		    count < max && remote_accept(&b->h, b->listener, &r[count]))
			count++;
	}
	return count;
}

/* A single association probes; the others follow when it is open. */
START_TEST(first_then_more)
{
	struct bench b;
	struct remote r[8];
	struct ipc_record record;

	bench_init(&b, "paris");
	for (int i = 0; i < 40; i++)
		(void)bench_submit(&b, TO_PARIS);
	ck_assert_uint_eq(accept_all(&b, r, 8), 1);
	remote_greet(&r[0], IPC_ROLE_X400OUT, "paris");
	ck_assert_uint_eq(accept_all(&b, r + 1, 7), 0);
	remote_event(&r[0], IPC_LINK_BOUND, "");
	/* threshold 2, four associations, the last for urgent ones */
	ck_assert_uint_eq(accept_all(&b, r + 1, 7), 2);
	/* a batch and no more */
	for (int i = 0; i < ASSOC_JOBS_MAX; i++)
		remote_expect(&r[0], IPC_JOB, &record);
	remote_quiet(&r[0]);
	for (int i = 0; i < 3; i++)
		remote_close(&r[i]);
	bench_fini(&b);
}
END_TEST

/* called - make an x400in whose association paris has opened, and let in; by
 * this session connection, or "": by none.  Its session */
static uint64_t
called(struct harness *h, struct remote *in, const char *calling)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	remote_connect_as(h, in, IPC_ROLE_X400IN, "1");
	record.bind_check.authenticated = true;
	record.bind_check.name = slice_of_string("MTA-PARIS");
	record.bind_check.password = slice_of_string("pw-paris");
	record.bind_check.address = slice_of_string("127.0.0.1");
	if (*calling != '\0') {
		record.bind_check.references =
		    references_of(calling, "261127091831Z", "");
	}
	remote_send(in, &record);
	remote_expect(in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	return record.bind_answer.session;
}

/* call - open an association with us as the peer of the link */
static void
call(struct harness *h, struct remote *in)
{
	(void)called(h, in, "");
	remote_event(in, IPC_LINK_BOUND, "");
}

/* The class of a failure decides, not its words. */
static const struct {
	enum ipc_failure failure;
	const char *reason;
	enum link_failure class;
	bool refused; /* event 1290 */
} failures[] = {
    {IPC_FAILURE_REFUSED, "nein", LINK_FAILURE_REFUSED, true},
    {IPC_FAILURE_BUSY, "later", LINK_FAILURE_REFUSED, true},
    {IPC_FAILURE_UNREACHABLE, "bind: refused: busy", LINK_FAILURE_UNREACHABLE,
	false},
    {IPC_FAILURE_DENIED, "x: refused", LINK_FAILURE_UNREACHABLE, false},
};

START_TEST(classes_of_failure)
{
	struct bench b;
	struct remote r;
	struct ipc_record record = {.type = IPC_LINK_EVENT,
	    .link_event = {.state = IPC_LINK_FAILED,
		.stage = slice_of_string("worker"),
		.reason = slice_of_string(failures[_i].reason),
		.failure = failures[_i].failure}};

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_accept(&b, &r);
	remote_send(&r, &record);
	remote_close(&r);
	harness_steps(&b.h, 5);
	ck_assert_int_eq(b.link->state, LINK_WAITING);
	ck_assert_int_eq(b.link->failure, failures[_i].class);
	ck_assert(harness_log_has(&b.h, ": 1290 ") == failures[_i].refused);
	bench_fini(&b);
}
END_TEST

/* A link that fails waits; retry, and a call of the peer, end that at once;
 * its failures are said once, and its recovery with their count. */
START_TEST(waiting_ends)
{
	struct bench b;
	struct remote in, r;
	struct ipc_record record;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_fail(&b, &r);
	ck_assert_int_eq(b.link->state, LINK_WAITING);
	ck_assert_str_eq(b.link->last_error, "association: connection refused");
	ck_assert(harness_log_has(&b.h, " 289 "));
	ck_assert(harness_log_has(&b.h, " 301 "));
	ck_assert_uint_eq(accept_all(&b, &r, 1), 0);

	ck_assert(schedule_event(&b.h.qmgr, b.link, LINK_EV_RETRY));
	bench_fail(&b, &r);
	ck_assert_int_eq(b.link->state, LINK_WAITING);
	ck_assert_uint_eq(b.link->open_failures, 2);

	call(&b.h, &in);
	bench_open(&b, &r);
	remote_expect(&r, IPC_JOB, &record);
	ck_assert_int_eq(b.link->state, LINK_UP);
	ck_assert_uint_eq(b.link->open_failures, 0);
	ck_assert(harness_log_has(&b.h, "failures=2"));
	remote_close(&r);
	remote_close(&in);
	bench_fini(&b);
}
END_TEST

/* When the peer calls while an attempt from before it hangs, another one is
 * begun: that one may fail for what is over by now. */
START_TEST(called_while_one_hangs)
{
	struct bench b;
	struct remote in, r[8];

	bench_init(&b, "paris");
	for (int i = 0; i < 40; i++)
		(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &r[0]);
	ck_assert_uint_eq(accept_all(&b, r + 1, 7), 2);
	for (int i = 1; i < 3; i++)
		remote_greet(&r[i], IPC_ROLE_X400OUT, "paris");
	remote_close(&r[0]);
	ck_assert_uint_eq(accept_all(&b, r + 3, 5), 0);
	ck_assert_int_eq(b.link->state, LINK_RECOVERING);
	remote_event(&r[1], IPC_LINK_FAILED, "no answer to TCP");
	ck_assert_uint_eq(accept_all(&b, r + 3, 5), 0);
	remote_close(&r[1]);
	ck_assert_int_eq(b.link->state, LINK_RECOVERING);

	call(&b.h, &in);
	ck_assert_uint_eq(accept_all(&b, r + 3, 5), 1);
	remote_event(&r[2], IPC_LINK_FAILED, "no answer to TCP");
	remote_greet(&r[3], IPC_ROLE_X400OUT, "paris");
	remote_event(&r[3], IPC_LINK_BOUND, "");
	harness_steps(&b.h, 10);
	ck_assert_int_eq(b.link->state, LINK_UP);
	for (int i = 2; i < 4; i++)
		remote_close(&r[i]);
	remote_close(&in);
	bench_fini(&b);
}
END_TEST

/* No worker can be connected to: the link waits, nothing spins. */
START_TEST(no_worker)
{
	struct harness h;
	struct remote tool;
	struct link *link;

	harness_init(&h);
	link = harness_link(&h, "paris");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	harness_steps(&h, 100);
	ck_assert_int_eq(link->state, LINK_WAITING);
	ck_assert_uint_eq(link->counters.failed, 1);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A peer that drops each association before anything was transferred makes
 * its link wait, after a few. */
START_TEST(fruitless)
{
	struct bench b;
	struct remote r;
	int opened = 0;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	while (b.link->state != LINK_WAITING) {
		bench_open(&b, &r);
		harness_steps(&b.h, 5);
		remote_close(&r);
		ck_assert_int_lt(++opened, 10);
	}
	ck_assert_int_ge(opened, 2);
	bench_fini(&b);
}
END_TEST

/* An association that has nothing to do is told to go after its lifetime,
 * and not while an outcome is not committed. */
START_TEST(idle_retires)
{
	struct bench b;
	struct remote r;
	struct ipc_record record;
	struct assoc *assoc;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &r);
	remote_expect(&r, IPC_JOB, &record);
	assoc = TAILQ_FIRST(&b.link->assocs);
	assoc_tick(&b.h.qmgr, b.link, clock_monotonic() + 86400000);
	remote_quiet(&r);
	remote_outcome(&r, record.job.job, IPC_TRANSFERRED);
	bench_drain(&b);
	ck_assert_uint_eq(assoc->finishing, 0);
	bench_outlive(&b);
	remote_expect(&r, IPC_RETIRE, &record);
	remote_event(&r, IPC_LINK_RELEASED, "");
	remote_close(&r);
	ck_assert_int_eq(b.link->state, LINK_IDLE);
	ck_assert_uint_eq(b.link->open_failures, 0);
	bench_fini(&b);
}
END_TEST

/* carry - carry one message, over a new association */
static void
carry(struct bench *b, struct remote *r)
{
	struct ipc_record record;

	(void)bench_submit(b, TO_PARIS);
	bench_open(b, r);
	remote_expect(r, IPC_JOB, &record);
	remote_outcome(r, record.job.job, IPC_TRANSFERRED);
	bench_drain(b);
}

/* Mail that arrives while a peer is slow to let an association go does not wait
 * for that: another association is opened. */
START_TEST(slow_release)
{
	struct bench b;
	struct remote r, second;
	struct ipc_record record;

	bench_init(&b, "paris");
	carry(&b, &r);
	bench_outlive(&b);
	remote_expect(&r, IPC_RETIRE, &record);
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &second);
	remote_expect(&second, IPC_JOB, &record);
	remote_quiet(&r);
	ck_assert_uint_eq(b.h.qmgr.associations_extra, 0);
	remote_close(&second);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* The same of a link that was disabled and is enabled again. */
START_TEST(slow_release_enabled)
{
	struct bench b;
	struct remote r, second;
	struct ipc_record record;

	bench_init(&b, "paris");
	carry(&b, &r);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_DISABLE);
	remote_expect(&r, IPC_RETIRE, &record);
	schedule_event(&b.h.qmgr, b.link, LINK_EV_ENABLE);
	(void)bench_submit(&b, TO_PARIS);
	bench_open(&b, &second);
	remote_expect(&second, IPC_JOB, &record);
	ck_assert_int_eq(b.link->state, LINK_UP);
	remote_close(&second);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* both_ways - say that it is open, and two-way alternate */
static void
both_ways(struct remote *in)
{
	struct ipc_record record = {.type = IPC_LINK_EVENT};

	record.link_event.state = IPC_LINK_BOUND;
	record.link_event.two_way = true;
	record.link_event.references =
	    references_of("MTA-PARIS", "261127091831Z", "");
	remote_send(in, &record);
}

/* A link that is disabled while its peer is being let in sends nothing. */
START_TEST(disabled_meanwhile)
{
	struct harness h;
	struct remote tool, in;
	struct ipc_record record;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)called(&h, &in, "MTA-PARIS");
	schedule_event(&h.qmgr, harness_link(&h, "paris"), LINK_EV_DISABLE);
	(void)remote_submit_to(&h, &tool, "C=FR;A= ;P=BNP;S=Petit");
	both_ways(&in);
	remote_expect(&in, IPC_RETIRE, &record);
	remote_quiet(&in);
	remote_close(&in);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* A link whose times begin while the peer has an association open is up. */
START_TEST(times_begin_when_open)
{
	struct harness h;
	struct remote tool, in;
	struct ipc_record record;
	struct link *link;

	harness_init(&h);
	link = harness_link(&h, "paris");
	schedule_event(&h.qmgr, link, LINK_EV_CLOSE);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	(void)called(&h, &in, "MTA-PARIS");
	both_ways(&in);
	while (link->bound == 0)
		harness_step(&h);
	ck_assert_int_eq(link->state, LINK_CLOSED);
	schedule_event(&h.qmgr, link, LINK_EV_OPEN);
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	remote_expect(&in, IPC_JOB, &record);
	ck_assert_int_eq(link->state, LINK_UP);
	remote_close(&in);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

/* An association on which the peer sends is not idle, though we do not. */
START_TEST(not_idle_while_receiving)
{
	struct bench b;
	struct remote r;
	struct ipc_record record, check = {.type = IPC_BIND_CHECK};
	struct ipc_submit_start start = {
	    .kind = MTS_MESSAGE, .origin = IPC_TRANSFER};
	const char *to = TO_ROME;
	struct p1_envelope e;
	struct assoc *assoc;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_accept(&b, &r);
	check.bind_check.two_way = true;
	check.bind_check.authenticated = true;
	check.bind_check.name = slice_of_string("MTA-PARIS");
	check.bind_check.password = slice_of_string("pw-paris");
	check.bind_check.references = references_of("MTA-TEST", "", "");
	remote_send(&r, &check);
	remote_expect(&r, IPC_BIND_ANSWER, &record);
	start.session = record.bind_answer.session;
	start.activity = 1;
	remote_event(&r, IPC_LINK_BOUND, "");
	remote_expect(&r, IPC_JOB, &record);
	remote_outcome(&r, record.job.job, IPC_TRANSFERRED);
	bench_drain(&b);
	assoc = TAILQ_FIRST(&b.link->assocs);
	harness_envelope(&b.h, &e, 1, &to);
	assoc->idle_since = 0;
	(void)remote_submit_begin(&r, start, harness_octets(&b.h, &e));
	harness_steps(&b.h, 5);
	ck_assert_uint_gt(assoc->idle_since, 0);
	bench_outlive(&b);
	remote_quiet(&r);
	ck_assert_int_eq(assoc->state, ASSOC_BOUND);
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* Of a peer that answers our bind without saying who it is the event says so,
 * and not that it says another name. */
START_TEST(answers_without_a_name)
{
	struct ipc_record record, check = {.type = IPC_BIND_CHECK};
	struct bench b;
	struct remote r;

	bench_init(&b, "paris");
	(void)bench_submit(&b, TO_PARIS);
	bench_accept(&b, &r);
	check.bind_check.references = references_of("MTA-TEST", "", "");
	remote_send(&r, &check);
	remote_expect(&r, IPC_BIND_ANSWER, &record);
	ck_assert(!record.bind_answer.accepted);
	ck_assert(harness_log_has(&b.h, "it does not say who it is"));
	ck_assert(!harness_log_has(&b.h, "another name"));
	remote_close(&r);
	bench_fini(&b);
}
END_TEST

/* A peer that has released an association is given nothing on it any more,
 * though it is slow to disconnect. */
START_TEST(released_by_the_peer)
{
	struct harness h;
	struct remote tool, in;
	uint64_t session;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	session = called(&h, &in, "MTA-PARIS");
	both_ways(&in);
	harness_steps(&h, 5);
	ck_assert_uint_eq(harness_link(&h, "paris")->bound, 1);
	remote_send(&in,
	    &(struct ipc_record){
		.type = IPC_SESSION_CLOSED, .session_closed = {session, true}});
	harness_steps(&h, 5);
	(void)remote_submit_to(&h, &tool, TO_PARIS);
	remote_quiet(&in);
	remote_close(&in);
	remote_close(&tool);
	harness_fini(&h);
}
END_TEST

TEST_MAIN("qmgr/link", TEST(table), TEST(wanted), TEST(first_then_more),
    TEST_LOOP(classes_of_failure, 4), TEST(waiting_ends),
    TEST(called_while_one_hangs), TEST(no_worker), TEST(fruitless),
    TEST(idle_retires), TEST(slow_release), TEST(slow_release_enabled),
    TEST(disabled_meanwhile), TEST(times_begin_when_open),
    TEST(not_idle_while_receiving), TEST(answers_without_a_name),
    TEST(released_by_the_peer))
