/* SPDX-License-Identifier: ISC */
/*
 * resume_test.c - a transfer that is cut goes on (F2)
 *
 * A message of 1 MB crosses from one suite to another through a relay that
 * cuts the connection at an octet of either direction, or while which a
 * process is killed.  It arrives exactly once, soon, and after the cut hardly
 * more passes the relay than what followed the last confirmed checkpoint.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/cutter.h"
#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define SIZE	   ((size_t)1024 * 1024)
#define CHECKPOINT ((uint64_t)30 * 1024)
#define WINDOW	   (5 * CHECKPOINT)

/* The piece that a checkpoint was in the middle of, the bind, the headers. */
#define SLACK ((uint64_t)40 * 1024)

/* A message that cannot be resumed comes again at once; ten seconds for a
 * megabyte. */
#define LINK                                   \
	"association-lifetime = 0\n"           \
	"transfer-timeout-normal = \"0.01\"\n" \
	"open-timeout = \"1.5\"\n"

static struct pair pair;
static struct cutter *cutter;
static uint8_t data[SIZE];
static size_t size = SIZE;
static unsigned sent, cuts;
static uint64_t whole[2]; /* octets that pass for one message, uncut */

/* start_as - start two suites and the relay between them, with these
 * settings of both links */
static void
start_as(const char *name, const char *link)
{
	suite_begin(name);
	cutter = cutter_start();
	pair.relay_port = cutter->port;
	pair_start(&pair, PAIR_RELAYED, link);
	atomic_store(&cutter->target, pair.b.port);
}

/* start - start two suites with the settings of most tests */
static void
start(const char *name)
{
	start_as(name, LINK);
}

/* recoveries - count how often B let a session be recovered without a
 * password */
static unsigned long
recoveries(void)
{
	char *output;
	unsigned long count;

	(void)suite_shell(
	    &output, "grep -c ' 20100 ' '%s/state/log'", pair.b.directory);
	count = strtoul(output, NULL, 10);
	free(output);
	return count;
}

/* stop - stop the suites, and check that all arrived and the queues are
 * sound */
static void
stop(void)
{
	pair_wait_empty(&pair, 30);
	ck_assert_uint_eq(suite_count_files(pair.b_out), sent);
	pair_stop(&pair);
	pair_check(&pair);
	cutter_stop(cutter);
	suite_end();
}

/* send - send one message more, of octets that are its own */
static void
send(void)
{
	char file[32], subject[32];

	letter_fill(data, size, ++sent);
	snprintf(file, sizeof(file), "%05u.MSG", sent);
	snprintf(subject, sizeof(subject), "resume %u", sent);
	pair_letter(
	    &pair, file, PAIR_BOB, '3', subject, "text\r\n", data, size);
}

/* arrived - check that all that was sent arrived, none twice; the count is
 * looked at again at the end */
static void
arrived(void)
{
	pair_wait_files(pair.b_out, sent, 30);
	ck_assert_uint_eq(suite_count_files(pair.b_out), sent);
}

/* measure - measure what passes for a message that nothing happens to */
static void
measure(void)
{
	cutter_plan(cutter, CUTTER_PASS, 0, 0);
	send();
	arrived();
	for (int side = 0; side < 2; side++)
		whole[side] = atomic_load(&cutter->first[side]);
	ck_assert_uint_gt(whole[0], size);
}

/* cut_at - cut one message once; measure how much of it came again */
static void
cut_at(enum cutter_how how, int side, uint64_t at)
{
	/* Others take confirmations along that had not been read yet. */
	uint64_t slack = how == CUTTER_FIN ? SLACK : SLACK + WINDOW;
	uint64_t confirmed, after;

	/* Until the one before it is confirmed its answers would count. */
	pair_wait_empty(&pair, 30);
	cutter_plan(cutter, how, side, at);
	send();
	arrived();
	/* How much is answered differs: fewer checkpoints, if it is slow. */
	if (atomic_load(&cutter->done) == 0 && side == 1)
		return;
	ck_assert_int_eq(atomic_load(&cutter->done), 1);
	cuts++;
	confirmed = atomic_load(&cutter->confirmed) * CHECKPOINT;
	after = atomic_load(&cutter->after[0]);
	ck_assert_msg(after <= whole[0] + slack - confirmed,
	    "cut %d of side %d at %llu of %llu: %llu octets after it, with "
	    "%llu confirmed",
	    how, side, (unsigned long long)at, (unsigned long long)whole[side],
	    (unsigned long long)after, (unsigned long long)confirmed);
}

/*
 * next_cut - choose where the next message is cut
 *
 * Before a window is full the other side has taken nothing: on an association
 * that had carried nothing either there is nothing to recover, and the attempt
 * counts as a failure.  After ten of them recoveries are looked at once a
 * second (guard.h), but the long form cuts ten times a second.
 */
static uint64_t
next_cut(uint64_t at, uint64_t step)
{
	return at + (suite_long() && at < WINDOW ? 5 * step : step);
}

/* Between the octets where the message begins and ends, in a stream of it. */
START_TEST(cut_at_every_octet)
{
	uint64_t step = suite_long() ? 4093 : 98299;

	start("resume");
	measure();
	for (uint64_t at = 1; at < whole[0]; at = next_cut(at, step))
		cut_at(at / step % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, 0, at);
	ck_assert_uint_ge(recoveries(), 1);
	printf("figure: %u cuts of what was sent\n", cuts);
	stop();
}
END_TEST

/* Towards our own kind, and where recovery is not wanted, a bind is made
 * instead: what was cut goes on behind it. */
START_TEST(cut_and_bound)
{
	const char *const links[] = {
	    LINK "peer = \"fourpost\"\n", LINK "recovery = \"never\"\n"};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		start_as("bound", links[i]);
		measure();
		cut_at(CUTTER_FIN, 0, SIZE / 2);
		cut_at(CUTTER_RESET, 0, SIZE - SIZE / 8);
		ck_assert_uint_eq(recoveries(), 0);
		stop();
		sent = 0;
	}
	ck_assert_uint_eq(cuts, 4);
}
END_TEST

START_TEST(cut_at_every_answer)
{
	uint64_t step = suite_long() ? 7 : 61;

	start("answers");
	measure();
	for (uint64_t at = 1; at < whole[1]; at += step)
		cut_at(at / step % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, 1, at);
	ck_assert_uint_ge(cuts, 3);
	printf("figure: %u cuts of what was answered\n", cuts);
	stop();
}
END_TEST

/* the network goes silent: both ends notice by their time limits alone */
START_TEST(silent_at_every_octet)
{
	uint64_t parts = suite_long() ? 24 : 2;

	size = suite_long() ? SIZE : SIZE / 8;
	start("silent");
	measure();
	for (int side = 0; side < 2; side++)
		for (uint64_t i = 0; i < parts; i++)
			cut_at(
			    CUTTER_SILENCE, side, 1 + whole[side] * i / parts);
	printf("figure: %u silences\n", cuts);
	stop();
}
END_TEST

/* is_held - tell whether the relay holds the transfer */
static bool
is_held(void *arg)
{
	(void)arg;
	return atomic_load(&cutter->held) != 0;
}

/* is_gone - tell whether no process has this pid, or only a corpse */
static bool
is_gone(void *arg)
{
	char path[64], *text, *end;
	bool gone;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)*(pid_t *)arg);
	text = suite_read_proc(path);
	end = text != NULL ? strrchr(text, ')') : NULL;
	gone = end == NULL || end[2] == 'Z' || end[2] == 'X';
	free(text);
	return gone;
}

/* kill_all - kill master and qmgr, and with them the suite, and start it
 * again */
static void
kill_all(struct suite *suite)
{
	pid_t qmgr = suite_pid(suite, "qmgr");
	pid_t master = suite_pid(suite, "master");

	kill(master, SIGKILL);
	kill(qmgr, SIGKILL);
	suite_wait("master to be gone", 10, is_gone, &master);
	suite_wait("qmgr to be gone", 10, is_gone, &qmgr);
	suite_start(suite);
}

/* killed - send one message, in the middle of which a process is killed */
static void
killed(struct suite *suite, const char *service, uint64_t at)
{
	pair_wait_empty(&pair, 30);
	cutter_plan(cutter, CUTTER_HOLD, 0, at);
	send();
	suite_wait("the relay to hold", 20, is_held, NULL);
	if (strcmp(service, "all") == 0)
		kill_all(suite);
	else
		kill(suite_worker(suite, service), SIGKILL);
	cutter_release(cutter);
	arrived();
}

/* killed_midway - kill at three quarters; measure how much came again */
static void
killed_midway(struct suite *suite, const char *service, uint64_t slack)
{
	uint64_t confirmed, after;

	killed(suite, service, SIZE * 3 / 4);
	confirmed = atomic_load(&cutter->confirmed) * CHECKPOINT;
	after = atomic_load(&cutter->after[0]);
	ck_assert_uint_gt(confirmed, SIZE / 4);
	ck_assert_msg(after <= whole[0] + slack - confirmed,
	    "kill of %s: %llu octets after it, with %llu confirmed", service,
	    (unsigned long long)after, (unsigned long long)confirmed);
}

/* In the modes of 1984 it is no other. */
START_TEST(in_old_modes)
{
	static const char *const modes[] = {"1988-x410", "1984"};
	unsigned parts = suite_long() ? 24 : 3;

	pair_mode = modes[_i];
	start("old-modes");
	measure();
	for (int side = 0; side < 2; side++)
		for (unsigned i = 0; i < parts; i++)
			cut_at(i % 2 == 0 ? CUTTER_FIN : CUTTER_RESET, side,
			    1 + whole[side] * (2 * i + 1) / (2 * parts));
	ck_assert_uint_ge(recoveries(), 1);
	killed_midway(&pair.b, "x400in", 8 * SLACK);
	killed_midway(&pair.a, "x400out/b", 16 * SLACK);
	printf("figure: %u cuts in mode %s\n", cuts, pair_mode);
	stop();
}
END_TEST

/* Octets on their way when the line was held pass too, and the receiver does
 * not take them. */
START_TEST(receiver_killed)
{
	start("killed");
	measure();
	killed_midway(&pair.b, "qmgr", 8 * SLACK);
	killed_midway(&pair.b, "x400in", 8 * SLACK);
	stop();
}
END_TEST

/* Octets that were confirmed since the last note come again as well. */
START_TEST(sender_killed)
{
	start("killed");
	measure();
	killed_midway(&pair.a, "x400out/b", 16 * SLACK);
	killed_midway(&pair.a, "qmgr", 16 * SLACK);
	stop();
}
END_TEST

/* every process of both sides, and both suites, at one octet after another */
START_TEST(killed_at_every_octet)
{
	struct {
		struct suite *suite;
		const char *service;
	} victims[] = {{&pair.a, "x400out/b"}, {&pair.b, "x400in"},
	    {&pair.a, "qmgr"}, {&pair.b, "qmgr"}, {&pair.a, "all"},
	    {&pair.b, "all"}};
	unsigned parts = suite_long() ? 17 : 1, kills = 0;

	start("killed-at");
	measure();
	for (size_t v = 0; v < sizeof(victims) / sizeof(victims[0]); v++)
		for (unsigned i = 0; i < parts; i++, kills++)
			killed(victims[v].suite, victims[v].service,
			    1 + whole[0] * (i * 6 + v) / (parts * 6));
	printf("figure: %u kills\n", kills);
	stop();
}
END_TEST

TEST_MAIN("fault/resume", TEST_LONG(cut_at_every_octet, 600);
	  TEST_LONG(cut_and_bound, 120); TEST_LONG(cut_at_every_answer, 600);
	  TEST_LOOP_LONG(in_old_modes, 2, 300); TEST_LONG(receiver_killed, 120);
	  TEST_LONG(sender_killed, 120); TEST_LONG(silent_at_every_octet, 600);
	  TEST_LONG(killed_at_every_octet, 600))
