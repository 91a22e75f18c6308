/* SPDX-License-Identifier: ISC */
/*
 * turn_suites_test.c - two suites with one association for both directions
 * are cut at each step of the turn
 *
 * A calls, B is called; what B has for A goes when B has the turn.  Letters
 * drop in on both sides until each cut has come, and arrive once.
 */
#include "tests/fault/turn_peers.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

/* Of turn_steps; the turn's own come first. */
#define RESPONDER_PLEASE 3
#define SHORT		 6
#define RESPONDER_DATA	 7

static struct pair pair;

/* Some checkpoints, which the other side must confirm one by one. */
static uint8_t attachment[4000];

#define LINK                                                                \
	"dialogue = \"two-way-alternate\" associations = 1\n"               \
	"  open-timeout = 1 disconnect-timeout = \"0.5\"\n"                 \
	"  transfer-timeout-normal = \"0.1\" transfer-timeout-urgent = 1\n" \
	"  transfer-timeout-non-urgent = 1 transfer-retries = 1000\n"       \
	"  checkpoint-size = \"1K\" window-size = 1 "                       \
	"association-lifetime = 2\n"
#define CALLED "  schedule = \"remote-initiated\"\n"

/* letters - send numbered letters each way, until both have arrived */
static void
letters(unsigned number)
{
	char name[32], subject[32];

	snprintf(name, sizeof(name), "%05u.MSG", number);
	snprintf(subject, sizeof(subject), "number %u", number);
	pair_answer(&pair, name, '3', subject, attachment, sizeof(attachment));
	pair_letter(&pair, name, PAIR_BOB, '3', subject, "text\r\n", NULL, 0);
	pair_wait_files(pair.a_out, number, 60);
	pair_wait_files(pair.b_out, number, 60);
}

static struct turn_peer relay;

/* relay_pair - relay two suites, which are cut at some steps, one after
 * another */
static void
relay_pair(const char *kind, size_t first, size_t count)
{
	char port[16], number_text[16], cuts[TURN_STEPS][64];
	const char *m[TURN_STEPS];

	turn_peer(&relay, "pair");
	pair.relay_port = suite_free_port();
	snprintf(port, sizeof(port), "%u", pair.relay_port);
	snprintf(number_text, sizeof(number_text), "%zu", count);
	pair_start_as(&pair, PAIR_RELAYED, LINK, LINK CALLED);
	for (size_t i = 0; i < TURN_STEPS; i++) {
		snprintf(cuts[i], sizeof(cuts[i]), "%s:%s", kind,
		    turn_steps[(first + i) % TURN_STEPS]);
		m[i] = cuts[i];
	}
	relay.relay = load_relay("pair", pair.b.port, relay.relay_output,
	    &relay.port, "-l", port, "-N", number_text, "-M", m[0], "-M", m[1],
	    "-M", m[2], "-M", m[3], "-M", m[4], "-M", m[5], "-M", m[6], "-M",
	    m[7], "-M", m[8], "-M", m[9], "-M", m[10], "-M", m[11], "-M", m[12],
	    NULL);
}

/* end_pair - stop both suites and the relay, and check that nothing is amiss */
static void
end_pair(void)
{
	ck_assert_int_eq(suite_reap(relay.relay), 0);
	pair_stop(&pair);
	pair_check(&pair);
}

/* suites_cut - send letters until each cut has come; check each arrived once */
static void
suites_cut(const char *kind, size_t first, size_t count)
{
	unsigned number = 0;

	suite_begin("turn-suites");
	relay_pair(kind, first, count);
	while (turn_cuts(&relay) < count) {
		ck_assert_uint_lt(number, 10 * TURN_STEPS);
		letters(++number);
	}
	letters(++number);
	pair_wait_empty(&pair, 30);
	end_pair();
	ck_assert_uint_eq(suite_count_files(pair.a_out), number);
	ck_assert_uint_eq(suite_count_files(pair.b_out), number);
	suite_end();
}

START_TEST(suites_are_reset)
{
	suites_cut("reset", 0, suite_long() ? TURN_STEPS : SHORT);
}
END_TEST

/* In the modes of 1984 the turn is asked for in other octets. */
START_TEST(old_modes_are_reset)
{
	static const char *const modes[] = {"1988-x410", "1984"};

	pair_mode = modes[_i];
	suites_cut("reset", 0, suite_long() ? TURN_STEPS : SHORT);
}
END_TEST

START_TEST(suites_are_silenced)
{
	suites_cut("silence", 0, TURN_STEPS);
}
END_TEST

START_TEST(suites_are_closed)
{
	suites_cut("fin", 0, TURN_STEPS);
}
END_TEST

START_TEST(suites_are_truncated)
{
	suites_cut("truncate", 0, TURN_STEPS);
}
END_TEST

/* silent - check that B's answer arrives although B is silent once, at a
 * step */
static void
silent(size_t step)
{
	suite_begin("turn-silent");
	relay_pair("silence", step, 1);
	pair_answer(
	    &pair, "1.MSG", '3', "answer", attachment, sizeof(attachment));
	pair_wait_files(pair.a_out, 1, 60);
	pair_wait_empty(&pair, 30);
	ck_assert_uint_eq(turn_cuts(&relay), 1);
	end_pair();
	ck_assert_uint_eq(suite_count_files(pair.a_out), 1);
	suite_end();
}

/* B's request is not heard, and A, which may call, has nothing to send: A calls
 * again when its release is not answered. */
START_TEST(release_is_not_answered)
{
	silent(RESPONDER_PLEASE);
}
END_TEST

/* B is gone within its transfer, and A has nothing that waits for the turn. */
START_TEST(silent_within_a_transfer)
{
	silent(RESPONDER_DATA);
}
END_TEST

TEST_MAIN("fault/turn_suites", TEST_LONG(suites_are_reset, 200),
    TEST_LOOP_LONG(old_modes_are_reset, 2, 200),
    TEST_LONG(release_is_not_answered, 100),
    TEST_LONG(silent_within_a_transfer, 100),
    suite_long() ? TEST_LONG(suites_are_silenced, 200) : (void)0,
    suite_long() ? TEST_LONG(suites_are_closed, 200) : (void)0,
    suite_long() ? TEST_LONG(suites_are_truncated, 200) : (void)0)
