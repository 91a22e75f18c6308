/* SPDX-License-Identifier: ISC */
/*
 * wanted_test.c - apps, which are given as many jobs as their programs ask for
 *
 * The test plays two connections of the program of "edi", which has a socket
 * alone.
 */
#include "store/store.h"
#include "tests/unit/qmgr/link_bench.h"

#define EDI "C=DE;A=VIAT;P=ACME;O=EDI;S=Orders"

static const char application[] =
    "application \"edi\" {\n"
    " socket = \"edi\" address-space = {\"C=DE;A=VIAT;P=ACME;O=EDI\"}\n"
    "}\n";

static struct harness h;
static struct remote a, b, tool;

/* begin - make a queue manager and connect */
static void
begin(void)
{
	static char conf[8192];

	snprintf(conf, sizeof(conf), "%s%s", harness_conf, application);
	harness_init_conf(&h, conf);
	remote_connect_as(&h, &a, IPC_ROLE_APP, "edi");
	remote_connect_as(&h, &b, IPC_ROLE_APP, "edi");
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
}

/* end - end it */
static void
end(void)
{
	if (!a.closed)
		remote_close(&a);
	remote_close(&b);
	remote_close(&tool);
	harness_fini(&h);
}

/* want - say how many jobs are wanted, and take the answer, behind these jobs:
 * what waits then */
static uint64_t
want(struct remote *r, uint64_t jobs, unsigned come, struct ipc_job *got)
{
	static uint64_t number;
	const struct ipc_record record = {
	    .type = IPC_WANTED, .wanted = {.number = ++number, .jobs = jobs}};
	struct ipc_record answer;

	remote_send(r, &record);
	for (unsigned i = 0; i < come; i++) {
		remote_expect(r, IPC_JOB, &answer);
		if (got != NULL)
			got[i] = answer.job;
	}
	remote_expect(r, IPC_WANTED, &answer);
	ck_assert_uint_eq(answer.wanted.number, number);
	return answer.wanted.waiting;
}

/* claim - claim a message that was given out before: the answer */
static enum ipc_claim
claim(struct remote *r, uint64_t message, struct ipc_job *job)
{
	const struct ipc_record record = {
	    .type = IPC_JOB_CLAIM, .job_claim = {.message = message}};
	struct ipc_record answer;

	remote_send(r, &record);
	remote_next(r, &answer);
	if (answer.type == IPC_JOB) {
		*job = answer.job;
		remote_next(r, &answer);
	}
	ck_assert_int_eq(answer.type, IPC_JOB_CLAIM);
	ck_assert_uint_eq(answer.job_claim.message, message);
	return answer.job_claim.result;
}

/* note - note something of a job, as a connection does before it gives it
 * back */
static void
note(struct remote *r, uint64_t job)
{
	const struct ipc_record record = {.type = IPC_DELIVERY_NOTE,
	    .delivery_note = {
		.job = job, .note = slice_of_string("application 1 0")}};
	struct ipc_record answer;

	remote_send(r, &record);
	remote_expect(r, IPC_DELIVERY_NOTE, &answer);
}

/* Nothing is given that was not asked for, and nothing beyond it. */
START_TEST(as_many_as_asked)
{
	struct ipc_job jobs[4];

	begin();
	for (int i = 0; i < 4; i++)
		(void)remote_submit_to(&h, &tool, EDI);
	remote_quiet(&a);
	remote_event(&a, IPC_LINK_BOUND, "");
	remote_event(&b, IPC_LINK_BOUND, "");
	remote_quiet(&a);
	ck_assert_uint_eq(want(&a, 0, 0, NULL), 4);
	ck_assert_uint_eq(want(&a, 1, 1, jobs), 3);
	remote_quiet(&a);
	remote_quiet(&b);
	ck_assert_uint_eq(want(&b, 2, 2, jobs + 1), 1);
	/* The connection wants one more, and then not any more. */
	ck_assert_uint_eq(want(&a, 2, 1, jobs + 3), 0);
	ck_assert_uint_eq(want(&a, 3, 0, NULL), 0);
	ck_assert_uint_eq(want(&a, 2, 0, NULL), 0);
	(void)remote_submit_to(&h, &tool, EDI);
	remote_quiet(&a);
	/* What it has goes with it, to whoever asks. */
	remote_close(&a);
	ck_assert_uint_eq(want(&b, 5, 3, NULL), 0);
	end();
}
END_TEST

/* The link is not opened, whatever waits for it, and is no problem. */
START_TEST(never_opened)
{
	const struct link *link;

	begin();
	(void)remote_submit_to(&h, &tool, EDI);
	harness_steps(&h, 20);
	link = harness_link(&h, "application/edi");
	ck_assert_int_eq(link->state, LINK_IDLE);
	ck_assert_uint_eq(link->open_failures, 0);
	schedule_event(
	    &h.qmgr, harness_link(&h, "application/edi"), LINK_EV_RETRY);
	ck_assert_int_eq(link->state, LINK_IDLE);
	remote_event(&a, IPC_LINK_BOUND, "");
	remote_close(&a);
	harness_steps(&h, 20);
	ck_assert_int_eq(link->state, LINK_IDLE);
	ck_assert_uint_eq(link->open_failures, 0);
	end();
}
END_TEST

/* A message is claimed again if it was given out and nobody has it. */
START_TEST(claimed_again)
{
	struct ipc_job job, again;
	uint64_t id;

	begin();
	id = remote_submit_to(&h, &tool, EDI);
	remote_event(&a, IPC_LINK_BOUND, "");
	remote_event(&b, IPC_LINK_BOUND, "");
	ck_assert_int_eq(claim(&a, id, &job), IPC_CLAIM_ELSEWHERE);
	ck_assert_int_eq(claim(&a, id + 1, &job), IPC_CLAIM_UNKNOWN);
	(void)want(&a, 1, 1, &job);
	ck_assert_int_eq(claim(&b, id, &again), IPC_CLAIM_ELSEWHERE);
	note(&a, job.job);
	remote_outcome(&a, job.job, IPC_UNSTARTED);
	ck_assert_int_eq(claim(&b, id, &again), IPC_CLAIM_GIVEN);
	ck_assert_uint_eq(again.message, id);
	/* A claim is beyond what was asked for. */
	(void)remote_submit_to(&h, &tool, EDI);
	remote_quiet(&b);
	(void)want(&b, 2, 1, NULL);
	remote_outcome(&b, again.job, IPC_DELIVERED);
	harness_steps(&h, 20);
	ck_assert_int_eq(claim(&b, id, &again), IPC_CLAIM_UNKNOWN);
	end();
}
END_TEST

/* Who is no app, or has said nothing yet, may not ask. */
START_TEST(who_may_ask)
{
	const struct ipc_record record = {
	    .type = IPC_WANTED, .wanted = {.number = 1, .jobs = 1}};

	begin();
	remote_send(&a, &record);
	remote_dropped(&a);
	a.closed = true;
	remote_send(&tool, &record);
	remote_dropped(&tool);
	end();
}
END_TEST

/* A connection that is told to retire is given nothing more. */
START_TEST(disabled)
{
	struct ipc_record record;

	begin();
	(void)remote_submit_to(&h, &tool, EDI);
	remote_event(&a, IPC_LINK_BOUND, "");
	schedule_event(
	    &h.qmgr, harness_link(&h, "application/edi"), LINK_EV_DISABLE);
	remote_expect(&a, IPC_RETIRE, &record);
	remote_event(&b, IPC_LINK_BOUND, "");
	remote_expect(&b, IPC_RETIRE, &record);
	(void)want(&b, 1, 0, NULL);
	remote_quiet(&b);
	end();
}
END_TEST

TEST_MAIN("qmgr/wanted", TEST(as_many_as_asked); TEST(never_opened);
	  TEST(claimed_again); TEST(who_may_ask); TEST(disabled))
