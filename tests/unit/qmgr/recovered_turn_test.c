/* SPDX-License-Identifier: ISC */
/*
 * recovered_turn_test.c - what we send on a two-way alternate association that
 * the peer has recovered without a password: what was cut, and nothing else
 */
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define COMMON "261129200000Z"

struct turns {
	struct harness h;
	struct remote in;
	uint64_t session, first;
};

/* check_of - make a check with these references, from where the peer is */
static struct ipc_record
check_of(const char *calling)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	record.bind_check.address = slice_of_string("127.0.0.1:4711");
	record.bind_check.references = references_of(calling, COMMON, "");
	record.bind_check.two_way = true;
	return record;
}

/* let_in - take the answer to a check, and say as the worker that it is open */
static void
let_in(struct turns *t, const struct ipc_record *check)
{
	const struct ipc_bind_check *from = &check->bind_check;
	struct ipc_record record;

	remote_connect_as(&t->h, &t->in, IPC_ROLE_X400IN, "1");
	remote_send(&t->in, check);
	remote_expect(&t->in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	t->session = record.bind_answer.session;
	record = (struct ipc_record){.type = IPC_LINK_EVENT,
	    .link_event = {.state = IPC_LINK_BOUND,
		.session = t->session,
		.references = from->references,
		.two_way = true,
		.recovered = from->recover}};
	remote_send(&t->in, &record);
}

/* take_one - transfer a message as the peer, so that its session is kept */
static void
take_one(struct turns *t)
{
	const char *to = TO_ROME;
	struct ipc_record record;
	struct p1_envelope e;
	struct slice octets;
	uint64_t submit;

	harness_envelope(&t->h, &e, 1, &to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	octets = harness_octets(&t->h, &e);
	submit = remote_submit_begin(&t->in,
	    (struct ipc_submit_start){.kind = MTS_MESSAGE,
		.origin = IPC_TRANSFER,
		.session = t->session,
		.activity = 1},
	    octets);
	remote_data(&t->in, submit, slice_of_string("12345"));
	remote_submit_end(&t->in, submit, 5, "0123456789abcdef");
	do
		remote_next(&t->in, &record);
	while (record.type != IPC_SUBMIT_ANSWER);
	ck_assert_int_eq(record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
}

/* lose - lose an association on which two messages are being sent, the first
 * of them under way */
static void
lose(struct turns *t)
{
	struct ipc_record check = check_of("victim"), record;
	struct remote tool;

	*t = (struct turns){.session = 0};
	harness_init(&t->h);
	t->h.qmgr.conf->links[0].dialogue = CONF_DIALOGUE_TWO_WAY_ALTERNATE;
	check.bind_check.authenticated = true;
	check.bind_check.name = slice_of_string("MTA-PARIS");
	check.bind_check.password = slice_of_string("pw-paris");
	let_in(t, &check);
	take_one(t);
	remote_connect_as(&t->h, &tool, IPC_ROLE_TOOL, "test");
	t->first = remote_submit_to(&t->h, &tool, TO_PARIS);
	(void)remote_submit_to(&t->h, &tool, TO_PARIS);
	for (int i = 0; i < 2; i++)
		remote_expect(&t->in, IPC_JOB, &record);
	remote_close(&tool);
	remote_close(&t->in);
	harness_steps(&t->h, 5);
}

/* recover - call again as the peer, and say no password */
static void
recover(struct turns *t)
{
	struct ipc_record check = check_of("the new one");

	check.bind_check.recover = true;
	check.bind_check.recovered = references_of("victim", COMMON, "");
	let_in(t, &check);
}

/* The recovered association is given the message that was under way, by its old
 * name; then it is to end, and the other message waits for a bind. */
START_TEST(only_what_was_cut)
{
	struct ipc_record record;
	struct turns t;

	lose(&t);
	recover(&t);
	remote_expect(&t.in, IPC_JOB, &record);
	ck_assert_uint_eq(record.job.message, t.first);
	ck_assert(reference_is(
	    &record.job.old.references, SESSION_CALLING, "victim"));
	ck_assert_uint_eq(record.job.old.activity, 1);
	remote_quiet(&t.in);
	remote_outcome(&t.in, record.job.job, IPC_TRANSFERRED);
	remote_expect(&t.in, IPC_RETIRE, &record);
	remote_quiet(&t.in);
	/* The other one, and the one that the peer had sent. */
	ck_assert_uint_eq(harness_queued(&t.h), 2);
	remote_close(&t.in);
	harness_fini(&t.h);
}
END_TEST

TEST_MAIN("qmgr/recovered_turn", TEST(only_what_was_cut))
