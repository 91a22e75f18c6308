/* SPDX-License-Identifier: ISC */
/*
 * rounds_test.c - originators take turns where very many messages are returned
 */
#include "qmgr/links/rounds.h"

#include "qmgr/expire.h"
#include "qmgr/links/link.h"
#include "tests/unit/qmgr/remote.h"

#define MANY  (3 * ROUNDS_QUOTA) /* messages of the one who has many */
#define FEW   5U
#define LATER (11LL * 60 * 1000) /* ms */

#define GREEDY "C=FR;A=ATLAS;P=BNP;S=Greedy"
#define MODEST "C=FR;A=ATLAS;P=BNP;S=Modest"

static const char conf[] =
    "mta {\n"
    " name = \"MTA-TEST\" domain = \"C=DE;A=VIAT;P=ACME\"\n"
    " password = \"secret\"\n"
    " state-directory = \"/tmp\" run-directory = \"/tmp\"\n"
    " queue-size = \"64M\"\n"
    " message-lifetime-normal = \"10m\"\n"
    "}\n"
    "link \"rome\" { remote-mta = \"R\" remote-password = \"p\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=IT\"} }\n"
    "link \"paris\" { remote-mta = \"P\" remote-password = \"p\"\n"
    " address = {\"127.0.0.1:1\"} address-space = {\"C=FR\"} }\n";

/* names - write the names of a record: originator, an octet 0, recipient */
static struct slice
names(const char *originator, char text[64])
{
	int len = snprintf(text, 64, "%s%cto", originator, '\0');

	return slice_of(text, (size_t)len);
}

/* give - count the messages of one originator that have their turn, of so
 * many */
static unsigned
give(struct rounds *rounds, const char *originator, unsigned count)
{
	unsigned given = 0;
	char text[64];

	while (count-- > 0)
		given += rounds_has_turn(rounds, names(originator, text));
	return given;
}

/* Each has a quota, which grows; one who is left alone has the rest. */
START_TEST(quotas)
{
	struct rounds *rounds = rounds_new();

	ck_assert_ptr_nonnull(rounds);
	ck_assert_uint_eq(give(rounds, "a", 10000), ROUNDS_QUOTA);
	ck_assert_uint_eq(give(rounds, "b", 10000), ROUNDS_QUOTA);
	ck_assert_uint_eq(give(rounds, "c", 3), 3);
	ck_assert(rounds_again(rounds));
	ck_assert_uint_eq(
	    give(rounds, "a", 9000), ROUNDS_QUOTA * ROUNDS_GROWTH);
	ck_assert_uint_eq(give(rounds, "b", 1000), 1000);
	ck_assert(rounds_again(rounds));
	ck_assert_uint_eq(give(rounds, "a", 100000), 100000);
	ck_assert(!rounds_again(rounds));
	rounds_free(rounds);
	ck_assert(!rounds_again(NULL));
	ck_assert_uint_eq(give(NULL, "a", 1000), 1000);
	rounds_free(NULL);
}
END_TEST

/* submit - submit messages of one originator for Rome */
static void
submit(struct harness *h, struct remote *tool, const char *from, unsigned count)
{
	const char *to = TO_ROME;
	struct ipc_record record;
	struct p1_envelope e;

	while (count-- > 0) {
		arena_reset(&h->arena);
		harness_envelope(h, &e, 1, &to);
		e.originator = harness_name(h, from);
		remote_submit(tool, harness_octets(h, &e),
		    slice_of_string("text"), &record);
		ck_assert_int_eq(
		    record.submit_answer.result, IPC_SUBMIT_ACCEPTED);
	}
}

/* count_before - count the reports that were made before the last to an
 * originator */
static unsigned
count_before(struct harness *h, const char *originator)
{
	struct link *paris = harness_link(h, "paris");
	uint64_t ids[MANY + FEW], last = 0;
	unsigned count = 0, before = 0;

	for (int p = 0; p < STORE_PRIORITIES; p++)
		for (uint64_t id = 0;
		     store_ready_next(h->qmgr.store, paris->number,
			 (enum store_priority)p, id, &id) == 0;) {
			struct store_message message;

			arena_reset(&h->arena);
			ck_assert_int_eq(store_message_get(h->qmgr.store, id,
					     STORE_HEAD, &h->arena, &message),
			    0);
			ck_assert_int_eq(message.kind, MTS_REPORT);
			ck_assert_uint_lt(count, MANY + FEW);
			ids[count++] = id;
			if (memmem(message.names.data, message.names.len,
				originator, strlen(originator)) != NULL &&
			    id > last)
				last = id;
		}
	ck_assert_uint_eq(count, MANY + FEW);
	ck_assert_uint_gt(last, 0);
	for (unsigned i = 0; i < count; i++)
		before += ids[i] < last;
	return before;
}

/* begin - queue messages of somebody who has many, then of one who has few */
static void
begin(struct harness *h, struct remote *tool)
{
	clock_shift(0);
	harness_init_conf(h, conf);
	remote_connect_as(h, tool, IPC_ROLE_TOOL, "x4send");
	submit(h, tool, GREEDY, MANY);
	submit(h, tool, MODEST, FEW);
}

/* end - check that who has few was told of them in the first round, and end */
static void
end(struct harness *h, struct remote *tool)
{
	while (commit_pending(&h->qmgr))
		harness_step(h);
	ck_assert_uint_eq(count_before(h, "S=Modest"), ROUNDS_QUOTA + FEW - 1);
	remote_close(tool);
	harness_fini(h);
}

/* Whose messages expire is told of a few before others are told of very
 * many. */
START_TEST(expired)
{
	struct expire expire = {.due = true};
	struct remote tool;
	struct harness h;

	begin(&h, &tool);
	clock_shift(LATER);
	harness_steps(&h, 3);
	while (expire.due) {
		expire_step(&h.qmgr, &expire);
		harness_step(&h);
	}
	end(&h, &tool);
	clock_shift(0);
}
END_TEST

/* Likewise where a link is gone and nobody else serves its addresses. */
START_TEST(unroutable)
{
	struct remote tool;
	struct harness h;
	struct link *rome;

	begin(&h, &tool);
	rome = harness_link(&h, "rome");
	rome->kind = LINK_GONE;
	link_reroute(&h.qmgr, rome);
	while (rome->rerouting)
		harness_step(&h);
	end(&h, &tool);
}
END_TEST

TEST_MAIN("qmgr/rounds", TEST(quotas), TEST(expired), TEST(unroutable))
