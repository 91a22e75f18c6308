/* SPDX-License-Identifier: ISC */
/*
 * hostile_test.c - envelopes that a peer made up: values that are none
 *
 * Worth most under make check-san, where undefined arithmetic ends the test.
 */
#include "qmgr/receiving/intake.h"
#include "tests/references.h"
#include "tests/unit/qmgr/remote.h"

#define TIME_TEXT "700112134640Z" /* 1,000,000 s, as envelope_of has it */

/* A peer that has bound, and one octet string that it sends again and again. */
struct hostile {
	struct harness h;
	struct remote in;
	uint64_t session, activity;
	uint8_t octets[4096];
	size_t len;
};

/* bind_hostile - let the peer in, by a connection of its own */
static void
bind_hostile(struct hostile *t)
{
	struct ipc_record record = {.type = IPC_BIND_CHECK};

	remote_connect_as(&t->h, &t->in, IPC_ROLE_X400IN, "1");
	record.bind_check.name = slice_of_string("MTA-PARIS");
	record.bind_check.password = slice_of_string("pw-paris");
	record.bind_check.authenticated = true;
	record.bind_check.address = slice_of_string("127.0.0.1");
	record.bind_check.references =
	    references_of("caller", "261122200000Z", "");
	remote_send(&t->in, &record);
	remote_expect(&t->in, IPC_BIND_ANSWER, &record);
	ck_assert(record.bind_answer.accepted);
	t->session = record.bind_answer.session;
	t->activity = 0;
}

/* begin - start a queue manager, and make the octets of a message */
static void
begin(struct hostile *t)
{
	const char *to[] = {TO_ROME, TO_LYON};
	struct p1_envelope e;
	struct slice octets;

	*t = (struct hostile){.len = 0};
	harness_init(&t->h);
	bind_hostile(t);
	harness_envelope(&t->h, &e, 2, to);
	e.identifier.domain.prmd = slice_of_string("OTHER");
	e.trace.elements[0].domain = e.identifier.domain;
	e.deferred_time = 2000000;
	ck_assert_int_eq(
	    p1_set_latest_delivery_time(&e.extensions, &t->h.arena, 4000000000),
	    0);
	octets = harness_octets(&t->h, &e);
	ck_assert_uint_le(octets.len, sizeof(t->octets));
	memcpy(t->octets, octets.data, octets.len);
	t->len = octets.len;
}

/* end - give everything back */
static void
end(struct hostile *t)
{
	remote_close(&t->in);
	harness_fini(&t->h);
}

/* send_it - send the octets as they are now; whether they were accepted */
static bool
send_it(struct hostile *t, enum mts_kind kind)
{
	struct ipc_submit_start start = {.kind = kind,
	    .origin = IPC_TRANSFER,
	    .session = t->session,
	    .activity = ++t->activity};
	struct slice content = slice_of_string("12345");
	struct ipc_record record;
	uint64_t submit;
	char key[17];

	snprintf(key, sizeof(key), "%016u", (unsigned)t->activity);
	submit =
	    remote_submit_begin(&t->in, start, slice_of(t->octets, t->len));
	if (kind != MTS_MESSAGE)
		content.len = 0;
	remote_data(&t->in, submit, content);
	remote_submit_end(&t->in, submit, content.len, key);
	do
		remote_next(&t->in, &record);
	while (record.type == IPC_SUBMIT_PROGRESS);
	ck_assert_int_eq(record.type, IPC_SUBMIT_ANSWER);
	return record.submit_answer.result == IPC_SUBMIT_ACCEPTED;
}

/* A first trace element without a time that can be read says nothing of how
 * long the message was on its way. */
START_TEST(arrival_time_unreadable)
{
	struct hostile t;
	uint8_t *at;

	begin(&t);
	ck_assert(send_it(&t, MTS_MESSAGE));
	ck_assert(harness_log_has(&t.h, "delay_before_ms"));
	end(&t);

	begin(&t);
	while ((at = memmem(t.octets, t.len, TIME_TEXT, 13)) != NULL)
		memcpy(at, "999999999999Z", 13);
	ck_assert(send_it(&t, MTS_MESSAGE));
	ck_assert(harness_log_has(&t.h, "message received"));
	ck_assert(!harness_log_has(&t.h, "delay_before_ms"));
	end(&t);
}
END_TEST

/* mutate - change some octets, by a generator that a seed decides */
static void
mutate(uint8_t *octets, size_t len, uint64_t *seed)
{
	unsigned count;

	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	count = 1 + (unsigned)(*seed >> 60) % 4;
	while (count-- > 0) {
		*seed = *seed * 6364136223846793005U + 1442695040888963407U;
		octets[(*seed >> 33) % len] = (uint8_t)(*seed >> 24);
	}
}

/* A hostile envelope does not change how the next one is judged. */
START_TEST(mutated)
{
	unsigned rounds = getenv("FOURPOST_TEST_LONG") != NULL ? 20000 : 600;
	uint8_t good[4096];
	uint64_t seed = 20;
	struct hostile t;

	begin(&t);
	memcpy(good, t.octets, t.len);
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(t.octets, good, t.len);
		mutate(t.octets, t.len, &seed);
		(void)send_it(&t,
		    i % 8 == 0	     ? MTS_PROBE
			: i % 8 == 1 ? MTS_REPORT
				     : MTS_MESSAGE);
	}
	memcpy(t.octets, good, t.len);
	ck_assert(send_it(&t, MTS_MESSAGE));
	end(&t);
}
END_TEST

/* A client that reads nothing is closed in the midst of answers: of what it
 * submits, in the same transaction, nothing is left behind. */
START_TEST(closed_within_a_commit)
{
	struct harness h;
	struct remote tool;
	const struct ipc_submit_start start = {.origin = IPC_SUBMISSION};
	struct client *client;
	struct submit *submit;
	struct p1_envelope e;
	const char *to = TO_ROME;

	harness_init(&h);
	remote_connect_as(&h, &tool, IPC_ROLE_TOOL, "x4send");
	harness_envelope(&h, &e, 1, &to);
	for (int i = 0; i < 3; i++)
		remote_data(&tool,
		    remote_submit_begin(&tool, start, harness_octets(&h, &e)),
		    slice_of_string("content"));
	harness_steps(&h, 3);
	client = TAILQ_FIRST(&h.qmgr.clients);
	ck_assert_uint_eq(client->submit_count, 3);
	/* All are due, and there is no room for an answer. */
	TAILQ_FOREACH(submit, &client->submits, entry)
		submit->since -= SUBMIT_STAGE_TIME;
	client->channel.out.max = 1;
	harness_steps(&h, 10);
	ck_assert(!commit_pending(&h.qmgr));
	ck_assert(TAILQ_EMPTY(&h.qmgr.clients));
	remote_close(&tool);
	harness_close(&h);
	harness_open(&h);
	ck_assert_uint_eq(store_recovery(h.qmgr.store).partial, 0);
	harness_fini(&h);
}
END_TEST

TEST_MAIN(
    "qmgr/hostile", TEST(closed_within_a_commit), TEST(arrival_time_unreadable);
    TEST_LONG(mutated, 300))
