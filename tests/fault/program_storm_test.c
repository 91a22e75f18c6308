/* SPDX-License-Identifier: ISC */
/*
 * program_storm_test.c - a program in a storm: every object has one fate
 *
 * One program submits; two others, one at a directory and one at a socket, are
 * given the messages and answer each of the results at random
 * (program_storm.py).  They are killed, stopped and cut off, and so are the
 * workers, qmgr, the tracker and master.  At the end programs, reports and
 * tracking agree on each recipient, and nothing is left in the queue.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/program.h"
#include "tests/unit/test.h"

#define DOMAIN	      "C=XX;A=TEST;P=STORM"
#define SHORT	      100 /* messages */
#define LONG	      10000
#define SEED	      "4711"
#define PAUSE_MS      150 /* between two blows */
#define STOP_MS	      1500
#define TIMEOUT_SHORT "2s"

enum blow {
	BLOW_TAKER,
	BLOW_TAKER_STOPPED,
	BLOW_FEEDER,
	BLOW_OUT,
	BLOW_CONNECTION, /* the worker of one */
	BLOW_IN,
	BLOW_QMGR,
	BLOW_TRACKER,
	BLOW_MASTER,
	BLOWS
};

/* A program of program_storm.py. */
struct storming {
	const char *what;
	pid_t pid;
	char place[SUITE_PATH + 16], journal[SUITE_PATH + 16];
};

static struct suite storm;
static struct storming feeder = {.what = "feed"};
static struct storming takers[] = {{.what = "take"}, {.what = "take"}};
static unsigned messages, struck[BLOWS];
static const char *script;

/* start - start a program, or start it again */
static void
start(struct storming *program)
{
	char count[16];

	(void)snprintf(count, sizeof(count), "%u", messages);
	program->pid = fork();
	ck_assert_int_ge(program->pid, 0);
	if (program->pid != 0)
		return;
	/* The socket is for whoever started the suite. */
	if (program != &takers[1])
		program_become();
	if (program == &feeder)
		(void)execlp("python3", "python3", script, program->what,
		    program->place, count, SEED, program->journal,
		    (char *)NULL);
	else
		(void)execlp("python3", "python3", script, program->what,
		    program->place, SEED, program->journal, (char *)NULL);
	_exit(127);
}

/* finish - kill a program */
static void
finish(struct storming *program)
{
	int status;

	(void)kill(program->pid, SIGKILL);
	ck_assert_int_eq(waitpid(program->pid, &status, 0), program->pid);
	/* A program that ended by itself has failed. */
	ck_assert_msg(WIFSIGNALED(status), "%s: exit %d", program->what,
	    WEXITSTATUS(status));
}

/* make_journal - name and make the journal of a program */
static void
make_journal(struct storming *program, const char *name)
{
	(void)snprintf(program->journal, sizeof(program->journal),
	    "%s/%s.journal", suite_directory(), name);
	suite_write(program->journal, "", 0);
	suite_give(program->journal);
}

/* make_place - make the directory of an application, and name its files */
static void
make_place(struct storming *program, const char *name)
{
	(void)snprintf(program->place, sizeof(program->place), "%s/%s",
	    suite_directory(), name);
	ck_assert_int_eq(mkdir(program->place, 0700), 0);
	suite_give(program->place);
	make_journal(program, name);
}

/* kill_worker - kill a process of the suite whose name begins so, if it is
 * there */
static void
kill_worker(const char *beginning)
{
	json_t *rows = suite_rows(&storm, "x4ctl", "-j", "status", NULL);
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "name"));
		json_int_t pid =
		    json_integer_value(json_object_get(row, "pid"));

		if (pid > 0 && name != NULL &&
		    strncmp(name, beginning, strlen(beginning)) == 0) {
			(void)kill((pid_t)pid, SIGKILL);
			break;
		}
	}
	json_decref(rows);
}

/* has_ended - tell whether a process is gone, or a corpse */
static bool
has_ended(void *arg)
{
	char path[32], *text, *end;
	bool dead;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", *(int *)arg);
	text = suite_read_proc(path);
	end = text == NULL ? NULL : strrchr(text, ')');
	dead = end == NULL || strncmp(end, ") Z", 3) == 0;
	free(text);
	return dead;
}

/* kill_master - kill master, and start the suite again as a user would */
static void
kill_master(void)
{
	char *text = suite_read(suite_path(&storm, "run/master.pid"), NULL);
	int pid = text == NULL ? 0 : atoi(text);

	free(text);
	ck_assert_int_gt(pid, 0);
	(void)kill(pid, SIGKILL);
	suite_wait("master to be dead", 20, has_ended, &pid);
	suite_start(&storm);
}

/* pass - let time pass, in which the programs work */
static void
pass(long milliseconds)
{
	const struct timespec time = {.tv_sec = milliseconds / 1000,
	    .tv_nsec = milliseconds % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

/* strike - have something happen to somebody */
static void
strike(enum blow blow)
{
	struct storming *taker = &takers[struck[blow]++ % 2];

	switch (blow) {
	case BLOW_TAKER:
		finish(taker);
		start(taker);
		break;
	case BLOW_TAKER_STOPPED:
		(void)kill(taker->pid, SIGSTOP);
		pass(STOP_MS);
		(void)kill(taker->pid, SIGCONT);
		break;
	case BLOW_CONNECTION:
		kill_worker("app/sok");
		break;
	case BLOW_FEEDER:
		finish(&feeder);
		start(&feeder);
		break;
	case BLOW_OUT:
		kill_worker(
		    struck[blow] % 2 == 0 ? "app-out/edi" : "app-out/src");
		break;
	case BLOW_IN:
		kill_worker("app-in/src");
		break;
	case BLOW_QMGR:
		kill_worker("qmgr");
		break;
	case BLOW_TRACKER:
		kill_worker("tracker");
		break;
	case BLOW_MASTER:
		kill_master();
		break;
	case BLOWS:
		break;
	}
}

/* check_running - check that a program has not ended by itself */
static void
check_running(const struct storming *program)
{
	int status;

	ck_assert_msg(waitpid(program->pid, &status, WNOHANG) == 0,
	    "%s has ended", program->what);
}

/* answers - count the submissions that are answered */
static unsigned
answers(void)
{
	char *text;
	unsigned count;

	(void)suite_shell(&text,
	    "grep '^answer' %s 2>/dev/null | sort -u | wc -l", feeder.journal);
	count = (unsigned)strtoul(text, NULL, 10);
	free(text);
	return count;
}

/* is_busy - tell whether much is left to be submitted, or to be answered */
static bool
is_busy(void)
{
	check_running(&feeder);
	return answers() < messages ||
	    suite_queued(&storm) > (int64_t)messages / 20;
}

/* begin - start a suite with three applications, and their programs */
static void
begin(const char *timeout)
{
	char sections[2048];

	suite_begin("program-storm");
	(void)program_copy("examples/fourpost_client.py");
	script = program_copy("tests/fault/program_storm.py");
	make_place(&feeder, "src");
	make_place(&takers[0], "edi");
	make_journal(&takers[1], "sok");
	(void)snprintf(sections, sizeof(sections),
	    "application \"src\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=SRC\"}\n}\n"
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n"
	    "  answer-timeout = \"%s\"\n}\n"
	    "application \"sok\" {\n  socket = \"sok\"\n"
	    "  address-space = {\"" DOMAIN ";O=SOK\"}\n"
	    "  answer-timeout = \"%s\"\n}\n",
	    feeder.place, takers[0].place, timeout, timeout);
	suite_configure(&storm, "s", DOMAIN,
	    "retry-interval = \"0.2s\" tracking-days = 1\n", sections);
	(void)snprintf(takers[1].place, sizeof(takers[1].place), "%s",
	    suite_path(&storm, "run/sok"));
	suite_start(&storm);
	start(&feeder);
	start(&takers[0]);
	start(&takers[1]);
}

/* is_over - tell whether all is done; what is held because the program did not
 * answer three times is released */
static bool
is_over(void *arg)
{
	(void)arg;
	check_running(&feeder);
	check_running(&takers[0]);
	check_running(&takers[1]);
	if (answers() < messages)
		return false;
	(void)suite_tool(&storm, NULL, "x4queue", "release", "--state", "held",
	    "--all", "--yes", NULL);
	return suite_queued(&storm) == 0;
}

/* has_tracked_all - tell whether tracking has come to rest: no message is said
 * to be in the queue */
static bool
has_tracked_all(void *arg)
{
	char *text;
	int found;

	(void)arg;
	(void)suite_tool(&storm, &text, "x4track", "-j", "--state", "queued",
	    "-n", "1", NULL);
	found = text[0] != '\0';
	free(text);
	return !found;
}

/* judge - hold the journals against what tracking says */
static void
judge(void)
{
	char tracked[SUITE_PATH + 32], *output, *said;
	int status;

	(void)snprintf(
	    tracked, sizeof(tracked), "%s/tracked", suite_directory());
	suite_wait("tracking to know all", 60, has_tracked_all, NULL);
	ck_assert_int_eq(suite_tool(&storm, &output, "x4track", "-j", NULL), 0);
	suite_write(tracked, output, strlen(output));
	free(output);
	status = suite_shell(&said, "python3 %s judge %u " SEED " %s %s %s %s",
	    script, messages, tracked, feeder.journal, takers[0].journal,
	    takers[1].journal);
	ck_assert_msg(status == 0, "%.3000s", said);
	printf("%s", said);
	free(said);
}

/* Everybody is killed and stopped while messages go through a program: each
 * recipient has one fate, and program, reports and tracking agree on it. */
START_TEST(one_fate)
{
	unsigned random = 1;

	messages = suite_long() ? LONG : SHORT;
	begin(suite_long() ? "5s" : TIMEOUT_SHORT);
	/* Each of them once, then by chance, as long as there is much to do. */
	for (unsigned n = 0; n < BLOWS || (suite_long() && is_busy()); n++) {
		random = random * 1103515245 + 12345;
		strike((enum blow)(n < BLOWS ? n : (random >> 16) % BLOWS));
		pass(PAUSE_MS);
	}
	suite_wait(
	    "all to be answered", suite_long() ? 600 : 60, is_over, NULL);
	judge();
	finish(&feeder);
	finish(&takers[0]);
	finish(&takers[1]);
	suite_stop(&storm);
	ck_assert_int_eq(suite_tool(&storm, NULL, "x4check", NULL), 0);
	printf(
	    "figure: killed: programs %u, stopped %u, feeder %u, app-out %u, "
	    "app %u, app-in %u, qmgr %u, tracker %u, master %u\n",
	    struck[BLOW_TAKER], struck[BLOW_TAKER_STOPPED], struck[BLOW_FEEDER],
	    struck[BLOW_OUT], struck[BLOW_CONNECTION], struck[BLOW_IN],
	    struck[BLOW_QMGR], struck[BLOW_TRACKER], struck[BLOW_MASTER]);
	suite_end();
}
END_TEST

TEST_MAIN("fault/program_storm", TEST_LONG(one_fate, 3600))
