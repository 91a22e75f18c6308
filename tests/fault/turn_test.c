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
#include "tests/unit/test.h"

/* Of each side: enough for a step to come on each connection that is cut, with
 * a batch of its own, and on one more. */
#define BACKLOG	     (suite_long() ? 100U : 60U)
#define BACKLOG_TEXT (suite_long() ? "100" : "60")

#define MORE_THAN_BACKLOG "1000"

static struct turn_peer peers[TURN_STEPS];

/* name_peers - name a peer for each step */
static void
name_peers(void)
{
	for (size_t i = 0; i < TURN_STEPS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "peer%zu", i);
		turn_peer(&peers[i], name);
		peers[i].step = turn_steps[i];
		peers[i].messages = BACKLOG_TEXT;
		peers[i].patience = "1000";
	}
}

/* feed_peers - queue what the suite has for each of the peers */
static void
feed_peers(void)
{
	pid_t sources[TURN_STEPS];

	for (size_t i = 0; i < TURN_STEPS; i++)
		sources[i] = turn_feed(&peers[i], BACKLOG, "normal");
	for (size_t i = 0; i < TURN_STEPS; i++)
		load_wait_source(sources[i], 60);
}

/* end_peers - check that all was exchanged, and every cut has come */
static void
end_peers(void)
{
	for (size_t i = 0; i < TURN_STEPS; i++) {
		ck_assert_msg(turn_cuts(&peers[i]) == turn_kinds(),
		    "%s: %llu cuts", turn_steps[i],
		    (unsigned long long)turn_cuts(&peers[i]));
		turn_end(&peers[i]);
	}
	turn_finish("peer*");
}

/*
 * await_exchange - wait until each side has all, and both know it
 *
 * Who has taken all may have been cut off before the other side heard so: they
 * go on until the suite has nothing left, and each peer has noted what it sent.
 */
static void
await_exchange(void)
{
	for (size_t i = 0; i < TURN_STEPS; i++) {
		turn_wait_taken(&peers[i], BACKLOG, 240);
		turn_wait_sent(&peers[i], BACKLOG, 240);
	}
	load_wait_noted(&turn_good, TURN_STEPS * BACKLOG, 240);
	suite_wait_empty(&turn_suite, 240);
}

/* peers call the suite, and are cut off */
START_TEST(callers_are_cut)
{
	turn_begin("turn-callers");
	name_peers();
	for (size_t i = 0; i < TURN_STEPS; i++)
		turn_calls(&peers[i]);
	turn_start();
	feed_peers();
	for (size_t i = 0; i < TURN_STEPS; i++) {
		peers[i].expected = MORE_THAN_BACKLOG;
		turn_call(&peers[i], turn_suite.port);
	}
	await_exchange();
	end_peers();
}
END_TEST

/* the suite calls peers, and is cut off */
START_TEST(called_are_cut)
{
	turn_begin("turn-called");
	name_peers();
	for (size_t i = 0; i < TURN_STEPS; i++)
		turn_is_called(&peers[i]);
	turn_start();
	feed_peers();
	for (size_t i = 0; i < TURN_STEPS; i++)
		turn_reach(&peers[i]);
	await_exchange();
	end_peers();
}
END_TEST

/* who takes the last message asks for the turn with the same breath, and gets
 * it, though nothing follows */
START_TEST(asked_behind_a_confirmation)
{
	struct turn_peer *peer = &peers[0];

	turn_begin("turn-behind");
	turn_peer(peer, "behind");
	peer->messages = "20";
	peer->expected = "40";
	peer->patience = "3600000";
	turn_calls(peer);
	turn_start();
	load_wait_source(turn_feed(peer, 40, "normal"), 60);
	turn_call(peer, turn_suite.port);
	load_wait_source(peer->pid, 30);
	peer->pid = 0;
	turn_end(peer);
	turn_finish("behind");
}
END_TEST

/* what comes over an association proves that it is of use: that it is lost
 * again and again, with nothing of ours to send, makes nobody wait for the
 * next one */
START_TEST(what_comes_is_fruit)
{
	struct turn_peer *peer = &peers[0];

	turn_begin("turn-fruit");
	turn_peer(peer, "fruit");
	peer->messages = "30";
	peer->mishap = "reset:responder-start:0:4";
	peer->times = "8";
	peer->open_interval = "600";
	turn_is_called(peer);
	turn_reach(peer);
	turn_start();
	load_wait_noted(&turn_good, 30, 60);
	turn_wait_sent(peer, 30, 60);
	ck_assert_uint_eq(load_said(peer->output, "befell:"), 8);
	turn_end(peer);
	turn_finish("fruit");
}
END_TEST

/* Peers that abuse the turn, and whether they ever send what they have. */
static const struct {
	const char *mishap;
	bool sends;
} abuses[] = {{"keep-turn", true}, {"idle-turn", true}, {"toss-turn", false},
    {"beg-turn", true}};

#define ABUSES (sizeof(abuses) / sizeof(abuses[0]))

/* name_abuses - name a peer for each abuse */
static void
name_abuses(void)
{
	for (size_t i = 0; i < ABUSES; i++) {
		turn_peer(&peers[i], abuses[i].mishap);
		peers[i].mishap = abuses[i].mishap;
		peers[i].messages = "20";
		peers[i].patience = "3600000";
	}
}

/* end_abuses - check that all has arrived, but what was never sent */
static void
end_abuses(void)
{
	for (size_t i = 0; i < ABUSES; i++)
		turn_wait_taken(&peers[i], 40, 60);
	load_wait_noted(&turn_good, (ABUSES - 1) * 20, 60);
	for (size_t i = 0; i < ABUSES; i++)
		if (abuses[i].sends)
			turn_wait_sent(&peers[i], 20, 60);
	suite_wait_empty(&turn_suite, 60);
	for (size_t i = 0; i < ABUSES; i++) {
		ck_assert_uint_eq(
		    load_noted(peers[i].sent), abuses[i].sends ? 20 : 0);
		turn_end(&peers[i]);
	}
	turn_finish("*-turn");
}

START_TEST(callers_abuse_the_turn)
{
	turn_begin("turn-abused");
	name_abuses();
	for (size_t i = 0; i < ABUSES; i++)
		turn_calls(&peers[i]);
	turn_start();
	for (size_t i = 0; i < ABUSES; i++) {
		load_wait_source(turn_feed(&peers[i], 40, "normal"), 60);
		peers[i].expected = "40";
		turn_call(&peers[i], turn_suite.port);
	}
	for (size_t i = 0; i < ABUSES; i++)
		if (abuses[i].sends) {
			load_wait_source(peers[i].pid, 60);
			peers[i].pid = 0;
		}
	end_abuses();
}
END_TEST

START_TEST(called_abuse_the_turn)
{
	turn_begin("turn-abused");
	name_abuses();
	for (size_t i = 0; i < ABUSES; i++)
		turn_is_called(&peers[i]);
	turn_start();
	for (size_t i = 0; i < ABUSES; i++) {
		load_wait_source(turn_feed(&peers[i], 40, "normal"), 60);
		turn_reach(&peers[i]);
	}
	end_abuses();
}
END_TEST

/* place_of - count how many lines are before the first that begins with this */
static unsigned
place_of(const char *path, const char *beginning)
{
	char *text = suite_read(path, NULL), *rest = text, *line;
	unsigned place = 0;

	ck_assert_ptr_nonnull(text);
	while ((line = strsep(&rest, "\n")) != NULL &&
	    strncmp(line, beginning, strlen(beginning)) != 0)
		place++;
	ck_assert_msg(line != NULL, "%s: no %s", path, beginning);
	free(text);
	return place;
}

/* Lines about what a peer sent and took begin with these, in one file. */
#define SENT  "["
#define TAKEN "message\t"

/* place_at_end - find the place in what a peer noted, and end the peer and
 * the suite.  The peer's file has both what it sent and what it took, so
 * these cannot be compared */
static unsigned
place_at_end(struct turn_peer *peer, const char *beginning)
{
	unsigned place = place_of(peer->taken, beginning);

	turn_end(peer);
	suite_stop(&turn_suite);
	load_sink_stop(&turn_good);
	suite_end();
	return place;
}

/* called_among - find in which place the one message of a peer that is
 * called goes, by its priority, of a backlog */
static unsigned
called_among(const char *name, const char *priority)
{
	struct turn_peer *peer = &peers[0];

	turn_begin("turn-priority");
	turn_peer(peer, name);
	peer->messages = "1";
	peer->expected = "4"; /* it asks once the backlog is on its way */
	peer->priority = priority;
	peer->one_file = true;
	turn_is_called(peer);
	turn_start();
	load_wait_source(turn_feed(peer, BACKLOG, "normal"), 60);
	turn_reach(peer);
	turn_wait_taken(peer, BACKLOG + 1, 60);
	load_wait_noted(&turn_good, 1, 20);
	return place_at_end(peer, SENT);
}

/* the suite has a backlog and the turn: urgent messages of the peer overtake
 * it, others have theirs after a batch of it */
START_TEST(called_by_priority)
{
	unsigned place = called_among("urgent", "urgent");

	ck_assert_uint_lt(place, 16);
	place = called_among("other", "non-urgent");
	ck_assert_uint_ge(place, 16);
	ck_assert_uint_lt(place, BACKLOG);
}
END_TEST

/* caller_among - find in which place a peer with a backlog takes ours */
static unsigned
caller_among(const char *name, const char *priority)
{
	struct turn_peer *peer = &peers[0];

	turn_begin("turn-priority");
	turn_peer(peer, name);
	peer->messages = BACKLOG_TEXT;
	peer->expected = "1";
	peer->one_file = true;
	turn_calls(peer);
	turn_start();
	load_wait_source(turn_feed(peer, 1, priority), 60);
	turn_call(peer, turn_suite.port);
	load_wait_source(peer->pid, 60);
	peer->pid = 0;
	return place_at_end(peer, TAKEN);
}

/* the peer has a backlog and the turn: the suite says how urgent its own is */
START_TEST(caller_by_priority)
{
	unsigned place = caller_among("urgent", "urgent");

	/* the peer gives the turn after a burst, or to what is more urgent */
	ck_assert_uint_lt(place, 8);
	place = caller_among("other", "non-urgent");
	ck_assert_uint_ge(place, 8);
	ck_assert_uint_lt(place, BACKLOG);
}
END_TEST

/* decoded - read what the independent decoder says, filtered by a command */
static char *
decoded(
    const char *pcap, uint16_t port, const char *options, const char *filter)
{
	char *output;

	suite_shell(&output,
	    "tshark -r '%s' -d tcp.port==%u,tpkt %s 2>/dev/null | %s", pcap,
	    port, options, filter);
	return output;
}

/* A message of each priority waits for its own caller: the suite asks for the
 * turn as urgently as that. A caller that has nothing to send gives the turn at
 * once, and asks for it to release. */
START_TEST(requests_are_decoded)
{
	static const char *const names[] = {
	    "urgent", "normal", "non-urgent", "release"};
	char pcap[SUITE_PATH], target[32], output[SUITE_PATH], *text;
	uint16_t port;
	pid_t record;

	turn_begin("turn-decoded");
	for (size_t i = 0; i < 4; i++) {
		turn_peer(&peers[i], names[i]);
		peers[i].messages = i < 3 ? "20" : "0";
		turn_calls(&peers[i]);
	}
	turn_start();
	snprintf(pcap, sizeof(pcap), "%s/pcap", suite_directory());
	snprintf(output, sizeof(output), "%s/record", suite_directory());
	snprintf(target, sizeof(target), "127.0.0.1:%u", turn_suite.port);
	record =
	    suite_spawn(output, "peers/record", "-w", pcap, "-t", target, NULL);
	port = suite_port_of(output);
	for (size_t i = 0; i < 4; i++) {
		load_wait_source(
		    turn_feed(&peers[i], 1, i < 3 ? names[i] : "normal"), 60);
		peers[i].expected = "1";
		turn_call(&peers[i], port);
		load_wait_source(peers[i].pid, 30);
		peers[i].pid = 0;
		turn_end(&peers[i]);
	}
	ck_assert_int_eq(suite_reap(record), 0);
	text = decoded(pcap, turn_suite.port,
	    "-T fields -e rtse.rttp_apdu -Y rtse.rttp_apdu",
	    "tr , '\\n' | sort -u | tr '\\n' ' '");
	ck_assert_str_eq(text, "0 1 2 3 ");
	free(text);
	/* Nothing malformed, and no warning of any layer but one: the decoder
	 * does not know what unidentified content is. */
	text = decoded(pcap, turn_suite.port,
	    "-Y '_ws.malformed || (_ws.expert.severity >= 0x600000 && "
	    "!(_ws.expert.message contains \"P1 Unknown Content\"))'",
	    "cat");
	ck_assert_str_eq(text, "");
	free(text);
	turn_finish("*r*");
}
END_TEST

TEST_MAIN("fault/turn", TEST_LONG(callers_are_cut, 900),
    TEST_LONG(called_are_cut, 900), TEST_LONG(asked_behind_a_confirmation, 60),
    TEST_LONG(what_comes_is_fruit, 100), TEST_LONG(callers_abuse_the_turn, 100),
    TEST_LONG(called_abuse_the_turn, 100), TEST_LONG(called_by_priority, 100),
    TEST_LONG(caller_by_priority, 100), TEST_LONG(requests_are_decoded, 60))
