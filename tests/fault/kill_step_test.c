/* SPDX-License-Identifier: ISC */
/*
 * kill_step_test.c - processes of the suite are killed at every step (F2)
 *
 * At each protocol step of an association a peer holds still, out and in, all
 * of them at the same time, with small messages before it and behind it.
 * Then the workers, or qmgr, or the whole suite are killed as by a power cut.
 * They come back, or are started again, and every message is noted at the far
 * end exactly once.  Out, the sinks remember what they noted; in, it is the
 * suite that has to, and its own sink sees no duplicate.
 */
#include <sys/types.h>

#include <signal.h>
#include <string.h>

#include "tests/fault/load.h"
#include "tests/unit/test.h"

#define MESSAGES 12 /* of each link and source, in each of two rounds */

/* Every message has one of two checkpoints or more. No peer is given up before
 * all hold still. */
#define SETTINGS                                                           \
	"associations = 1 open-interval = \"0.1\" open-retries = 100000\n" \
	"  transfer-interval = \"0.1\" transfer-retries = 1000 "           \
	"checkpoint-size = \"1K\"\n  association-lifetime = \"0.1\" "      \
	"disconnect-timeout = 5 open-timeout = 120"

/* The first four come once in an association, as do the last two. */
static const char *const steps[] = {"cr", "cc", "cn", "bind", "start", "data",
    "checkpoint", "checkpoint-confirm", "end", "before-confirm",
    "after-confirm", "release", "released"};

#define STEPS	    (sizeof(steps) / sizeof(steps[0]))
#define FIRST_OFTEN 4
#define LAST_OFTEN  (STEPS - 3)

/* The processes of the suite that are killed. */
enum victim {
	WORKERS,
	QMGR,
	ALL
};

struct held_suite {
	struct load_sink out[STEPS], good;
	char outputs[STEPS][SUITE_PATH + 64]; /* of the sources */
	pid_t sources[STEPS];
};

static struct suite tested;
static struct held_suite held;
static char sections[16384];

/* hold_at - fall silent at a step, when it comes for the time-th time */
static void
hold_at(size_t step, unsigned time, char text[64])
{
	bool often = step >= FIRST_OFTEN && step <= LAST_OFTEN;

	snprintf(text, 64, "silence:%s:0:%u", steps[step], often ? time : 1);
}

/* start - start a suite with a link of each step, and one for what comes in */
static void
start(unsigned time)
{
	load_source_link(sections, sizeof(sections));
	for (size_t i = 0; i < STEPS; i++) {
		char name[16], hold[64];

		snprintf(name, sizeof(name), "out%zu", i);
		hold_at(i, time, hold);
		load_sink(&held.out[i], name, 0, "-c", "1", "-M", hold, "-N",
		    "1", NULL);
		load_link(sections, sizeof(sections), name, held.out[i].port,
		    SETTINGS);
	}
	load_sink(&held.good, "good", 0, NULL);
	load_link(sections, sizeof(sections), "good", held.good.port, SETTINGS);
	suite_configure(&tested, "kill", "C=XX;A=TEST;P=F", "", sections);
	suite_start(&tested);
	/* incoming messages stay until the kills are over, so that their
	 * sending is not disturbed */
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "disable", "good", NULL), 0);
}

/* send_out - send a round of messages to each link, until the suite has them */
static void
send_out(void)
{
	char output[SUITE_PATH + 64];
	pid_t sources[STEPS];

	for (size_t i = 0; i < STEPS; i++)
		sources[i] = load_source(
		    &tested, held.out[i].name, MESSAGES, output, NULL);
	for (size_t i = 0; i < STEPS; i++)
		load_wait_source(sources[i], 60);
}

/* octets_at - choose the size of a message that comes in: so small ones are
 * confirmed at their end alone that the confirmation of a checkpoint needs a
 * larger one */
static const char *
octets_at(size_t step)
{
	return strcmp(steps[step], "checkpoint-confirm") == 0 ? "200000"
							      : "2048";
}

/* hold_all - wait until every peer holds still at its step */
static void
hold_all(unsigned time)
{
	send_out();
	for (size_t i = 0; i < STEPS; i++)
		load_wait_held(held.out[i].output, 1, 60);
	for (size_t i = 0; i < STEPS; i++) {
		char hold[64];

		hold_at(i, time, hold);
		held.sources[i] = load_source(&tested, "good", MESSAGES,
		    held.outputs[i], "-s", octets_at(i), "-c", "1", "-L",
		    "3000", "-R", "100", "-I", "100", "-M", hold, "-M", "none",
		    "-M", "none", NULL);
	}
	for (size_t i = 0; i < STEPS; i++)
		load_wait_held(held.outputs[i], 1, 60);
}

/* is_meant - tell whether a worker of that name is to be killed */
static bool
is_meant(const char *name, enum victim victim)
{
	switch (victim) {
	case WORKERS:
		return strncmp(name, "x400", 4) == 0;
	case QMGR:
		return strcmp(name, "qmgr") == 0;
	case ALL:
		break;
	}
	return true;
}

/* is_gone - tell whether a process is, or nobody has asked for its status
 * yet */
static bool
is_gone(void *arg)
{
	char path[64], *text, *state;
	bool gone;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)*(pid_t *)arg);
	text = suite_read_proc(path);
	state = text != NULL ? strrchr(text, ')') : NULL;
	gone = state == NULL || state[1] == '\0' || state[2] == 'Z';
	free(text);
	return gone;
}

/* kill_them - kill all of them at once, by SIGKILL; count them */
static unsigned
kill_them(enum victim victim)
{
	json_t *rows = suite_rows(&tested, "x4ctl", "-j", "status", NULL);
	json_t *row;
	pid_t pids[8 * STEPS];
	unsigned count = 0;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *kind =
		    json_string_value(json_object_get(row, "kind"));
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		json_int_t pid =
		    json_integer_value(json_object_get(row, "pid"));

		if (strcmp(kind, "worker") != 0 || pid == 0 ||
		    !is_meant(name, victim))
			continue;
		ck_assert_uint_lt(count, 8 * STEPS);
		pids[count++] = (pid_t)pid;
	}
	json_decref(rows);
	for (unsigned n = 0; n < count; n++)
		kill(pids[n], SIGKILL);
	for (unsigned n = 0; n < count; n++)
		suite_wait("a killed process to end", 10, is_gone, &pids[n]);
	return count;
}

/* finish - send a second round, and check that all arrived, each exactly
 * once */
static void
finish(void)
{
	char pattern[64];

	for (size_t i = 0; i < STEPS; i++)
		load_wait_source(held.sources[i], 60);
	send_out();
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4ctl", "enable", "good", NULL), 0);
	suite_wait_empty(&tested, 60);
	for (size_t i = 0; i < STEPS; i++) {
		load_sink_stop(&held.out[i]);
		snprintf(pattern, sizeof(pattern), "%s.source*.lines",
		    held.out[i].name);
		load_same(&held.out[i], pattern);
	}
	load_sink_stop(&held.good);
	load_same(&held.good, "good.source*.lines");
	ck_assert_uint_eq(load_figure(held.good.output, "duplicates"), 0);
	suite_stop(&tested);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4check", NULL), 0);
}

/* kill_at_every_step - kill one kind of process at every step */
static void
kill_at_every_step(enum victim victim)
{
	const unsigned times = suite_long() ? 6 : 1;

	for (unsigned time = 3; time < 3 + times; time++) {
		suite_begin("kill-step");
		start(time);
		hold_all(time);
		/* master, qmgr, and of each step one out and one in */
		ck_assert_uint_ge(
		    kill_them(victim), victim == QMGR ? 1 : 2 * STEPS);
		if (victim == ALL)
			suite_start(&tested);
		finish();
		suite_end();
	}
}

START_TEST(workers_are_killed)
{
	kill_at_every_step(WORKERS);
}
END_TEST

START_TEST(qmgr_is_killed)
{
	kill_at_every_step(QMGR);
}
END_TEST

START_TEST(all_are_killed)
{
	kill_at_every_step(ALL);
}
END_TEST

TEST_MAIN("fault/kill_step", TEST_LONG(workers_are_killed, 600),
    TEST_LONG(qmgr_is_killed, 600), TEST_LONG(all_are_killed, 600))
