/* SPDX-License-Identifier: ISC */
/*
 * turn_test.c - associations that carry messages both ways are cut, and their
 * turn is abused
 *
 * They are cut where the turn is asked for, given and taken, and within
 * transfers from the responder to the initiator; peers keep the turn, waste
 * it, toss it back, beg for it.  Messages go on without a hand, each is once
 * at the far end, and what is urgent overtakes.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fault/turn_peers.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

/* Of each side: enough for a step to come on five connections, each with a
 * batch of its own. */
#define BACKLOG	     100
#define BACKLOG_TEXT "100"

static const char *const steps[] = {"initiator-please", "initiator-give",
    "initiator-given", "responder-please", "responder-give", "responder-given",
    "responder-start", "responder-data", "responder-checkpoint",
    "initiator-checkpoint-confirm", "responder-end", "initiator-before-confirm",
    "initiator-after-confirm"};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct turn_peer peers[STEPS];

/* name_peers - one for each step */
static void
name_peers(void)
{
	for (size_t i = 0; i < STEPS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "peer%zu", i);
		turn_peer(&peers[i], name);
		peers[i].step = steps[i];
		peers[i].messages = peers[i].expected = BACKLOG_TEXT;
		peers[i].patience = "1000";
	}
}

/* end_peers - all was exchanged, and every cut has come */
static void
end_peers(void)
{
	for (size_t i = 0; i < STEPS; i++) {
		ck_assert_msg(turn_cuts(&peers[i]) == TURN_CUTS,
		    "%s: %llu cuts", steps[i],
		    (unsigned long long)turn_cuts(&peers[i]));
		turn_end(&peers[i]);
	}
	turn_finish("peer*");
}

/* peers call the suite, and are cut off */
START_TEST(callers_are_cut)
{
	turn_begin("turn-callers");
	name_peers();
	for (size_t i = 0; i < STEPS; i++)
		turn_calls(&peers[i]);
	turn_start();
	for (size_t i = 0; i < STEPS; i++)
		turn_feed(&peers[i], BACKLOG, "normal");
	for (size_t i = 0; i < STEPS; i++)
		turn_call(&peers[i], turn_suite.port);
	for (size_t i = 0; i < STEPS; i++) {
		load_wait_source(peers[i].pid, 100);
		peers[i].pid = 0;
	}
	end_peers();
}
END_TEST

/* the suite calls peers, and is cut off */
START_TEST(called_are_cut)
{
	turn_begin("turn-called");
	name_peers();
	for (size_t i = 0; i < STEPS; i++)
		turn_is_called(&peers[i]);
	turn_start();
	for (size_t i = 0; i < STEPS; i++)
		turn_feed(&peers[i], BACKLOG, "normal");
	for (size_t i = 0; i < STEPS; i++)
		turn_reach(&peers[i]);
	for (size_t i = 0; i < STEPS; i++)
		turn_wait_taken(&peers[i], BACKLOG, 100);
	load_wait_noted(&turn_good, STEPS * BACKLOG, 100);
	end_peers();
}
END_TEST

TEST_MAIN("fault/turn", TEST_LONG(callers_are_cut, 200),
    TEST_LONG(called_are_cut, 200))
