/* SPDX-License-Identifier: ISC */
/*
 * silence_test.c - the far machine is gone without a word, at every step (F2)
 *
 * Neither FIN nor RST tells of it: a gate before the peer takes what comes,
 * or not even that, and says nothing any more.  Out, it is the suite's time
 * limits that end the association, and the messages go by the next one; in,
 * the peer's machine comes back and calls again while the suite still holds
 * what it believes to be open.  Every message is noted exactly once.
 *
 * Each step has a link, or a source, of its own, so that all are silent at
 * the same time.  Short form: short time limits; long form: those that a link
 * has by itself, but for transfers.
 */
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

/* Of 20 checkpoints. */
#define OCTETS "20000"

#define SETTINGS                                                           \
	"associations = 1 open-interval = \"0.2\" open-retries = 100000\n" \
	"  transfer-interval = \"0.2\" transfer-retries = 1000\n"          \
	"  checkpoint-size = \"1K\" association-lifetime = \"0.2\"\n"

#define LIMITS_SHORT                                                      \
	SETTINGS "  open-timeout = \"0.5\" disconnect-timeout = \"0.5\" " \
		 "transfer-timeout-normal = \"0.05\""
#define LIMITS_LONG SETTINGS "  transfer-timeout-normal = \"1\""

/* The behaviour of a step's peer, one connection after another: both are
 * silence. */
#define GONE 2

/* Messages of a round; some steps come at the end of one. */
#define MESSAGES 3

static const char *const steps[] = {"accept", "cr", "cc", "cn", "bind", "start",
    "data", "checkpoint", "checkpoint-confirm", "end", "before-confirm",
    "after-confirm", "release", "released"};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* The last two: when all that there is has been confirmed. */
#define TRANSFER_STEPS (STEPS - 2)

static struct suite tested;
static char sections[16384];

/* is_settled - tell whether nothing is queued and no association is open */
static bool
is_settled(void *arg)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row;
	json_int_t left = 0;
	size_t i;

	(void)arg;
	json_array_foreach(rows, i, row) left +=
	    json_integer_value(json_object_get(row, "associations")) +
	    json_integer_value(json_object_get(row, "queued"));
	json_decref(rows);
	return left == 0;
}

/* mishaps_of - write silence and stall at a step, as options' texts */
static void
mishaps_of(const char *step, char silence[64], char stall[64])
{
	snprintf(silence, 64, "silence:%s", step);
	snprintf(stall, 64, "stall:%s", step);
}

/* start_out - start a link and a sink for each step, and the suite */
static void
start_out(struct load_sink sinks[STEPS])
{
	load_source_link(sections, sizeof(sections));
	for (size_t i = 0; i < STEPS; i++) {
		char name[16], silence[64], stall[64];

		snprintf(name, sizeof(name), "out%zu", i);
		mishaps_of(steps[i], silence, stall);
		load_sink(&sinks[i], name, 0, "-c", "1", "-M", silence, "-M",
		    stall, "-N", "2", NULL);
		load_link(sections, sizeof(sections), name, sinks[i].port,
		    suite_long() ? LIMITS_LONG : LIMITS_SHORT);
	}
	suite_configure(&tested, "silence", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* send_round - send messages to each link, until all have gone */
static void
send_round(const struct load_sink sinks[STEPS], unsigned round)
{
	char output[SUITE_PATH + 64];
	pid_t sources[STEPS];

	for (size_t i = 0; i < STEPS; i++)
		sources[i] = load_source(&tested, sinks[i].name, MESSAGES,
		    output, "-s", OCTETS, NULL);
	for (size_t i = 0; i < STEPS; i++)
		load_wait_source(sources[i], 60);
	for (size_t i = 0; i < STEPS; i++)
		load_wait_noted(&sinks[i], (uint64_t)round * MESSAGES, 400);
	suite_wait("the associations to end", 400, is_settled, NULL);
}

START_TEST(out)
{
	struct load_sink sinks[STEPS];
	char pattern[64];

	suite_begin("silence-out");
	start_out(sinks);
	/* after as many rounds as there are silences comes a healthy one */
	for (unsigned round = 1; round <= GONE + 1; round++)
		send_round(sinks, round);
	for (size_t i = 0; i < STEPS; i++) {
		load_wait_held(sinks[i].output, GONE, 1);
		load_sink_stop(&sinks[i]);
		ck_assert_msg(
		    load_figure(sinks[i].output, "connections") > GONE,
		    "%s: not called again", steps[i]);
		snprintf(pattern, sizeof(pattern), "%s.source*.lines",
		    sinks[i].name);
		load_same(&sinks[i], pattern);
	}
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}
END_TEST

/* start_in - start a suite with one sink, to which all goes */
static void
start_in(struct load_sink *sink)
{
	load_source_link(sections, sizeof(sections));
	load_sink(sink, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", sink->port,
	    "checkpoint-size = \"1K\" association-lifetime = \"0.2\"");
	suite_configure(&tested, "silence", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
}

/* finish_in - check that every message has come, and none of them twice */
static void
finish_in(struct load_sink *sink, uint64_t messages)
{
	load_wait_noted(sink, messages, 60);
	suite_wait("the associations to end", 400, is_settled, NULL);
	load_sink_stop(sink);
	load_same(sink, "good.source*.lines");
	ck_assert_uint_eq(load_figure(sink->output, "duplicates"), 0);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
	suite_end();
}

/* The source of each step is silent twice, and then as it should be. */
START_TEST(in)
{
	char outputs[STEPS][SUITE_PATH + 64];
	pid_t sources[STEPS];
	struct load_sink sink;

	suite_begin("silence-in");
	start_in(&sink);
	for (size_t i = 0; i < STEPS; i++) {
		char silence[64], stall[64];

		mishaps_of(steps[i], silence, stall);
		sources[i] = load_source(&tested, "good", MESSAGES, outputs[i],
		    "-s", OCTETS, "-c", "1", "-L", "1000", "-R", "20", "-I",
		    "50", "-M", silence, "-M", stall, "-M", "none", NULL);
	}
	for (size_t i = 0; i < STEPS; i++) {
		load_wait_source(sources[i], 60);
		/* a peer that releases has nothing to send again */
		ck_assert_msg(load_figure(outputs[i], "failures") >=
			(i < TRANSFER_STEPS ? GONE : 0),
		    "%s: not silent", steps[i]);
	}
	finish_in(&sink, STEPS * MESSAGES);
}
END_TEST

/* A peer that waits for ever: it is the suite that gives up, after half a
 * minute before the bind, and after ten without an octet within a transfer.
 * Only then does the source try again.  Between transfers a peer may be silent
 * for as long as it likes: if its machine is gone TCP finds out. */
START_TEST(suite_gives_up)
{
	static const char *const mishaps[] = {"silence:accept", "silence:cr",
	    "silence:cn", "stall:cc", "silence:data", "silence:end"};
	char output[SUITE_PATH + 64];
	pid_t sources[sizeof(mishaps) / sizeof(mishaps[0])];
	const size_t count = sizeof(mishaps) / sizeof(mishaps[0]);
	struct load_sink sink;

	suite_begin("silence-wait");
	start_in(&sink);
	for (size_t i = 0; i < count; i++)
		sources[i] = load_source(&tested, "good", MESSAGES, output,
		    "-s", OCTETS, "-c", "1", "-L", "3600000", "-R", "5", "-I",
		    "50", "-M", mishaps[i], "-M", "none", NULL);
	for (size_t i = 0; i < count; i++)
		load_wait_source(sources[i], 900);
	finish_in(&sink, count * MESSAGES);
}
END_TEST

/* ten minutes are for the long form alone */
TEST_MAIN("fault/silence", TEST_LONG(out, 1200), TEST_LONG(in, 200),
    suite_long() ? TEST_LONG(suite_gives_up, 1000) : (void)0)
