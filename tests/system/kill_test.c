/* SPDX-License-Identifier: ISC */
/*
 * kill_test.c - every process of both suites is killed while mail flows
 *
 * Files of 1 octet to 5 MB, sizes spread evenly in the logarithm, go from A to
 * B while SIGKILL hits one process after the other at random moments: qmgr,
 * the workers, the masters.  At the end every file is at the far end exactly
 * once, octet for octet, and both queues are empty and clean.  Short form: 200
 * files; long form: 2,000.
 */
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/letter.h"
#include "tests/system/pair.h"
#include "tests/unit/test.h"

#define SIZE_MAX_LOG 15.42 /* ln of 5 MB */
#define PROCESSES    64

struct process {
	pid_t pid;
	char name[64];
};

static struct pair pair;
static uint64_t random_state = 88172645463325252U;
static unsigned kills, qmgr_kills, master_kills;

/* chance - choose a number below n */
static uint64_t
chance(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

/* size_of - compute the size of file number i of n */
static size_t
size_of(unsigned i, unsigned n)
{
	return (size_t)exp(SIZE_MAX_LOG * (i + 1) / n);
}

/* master_pid - read the pid of a suite's master, 0 if it is not there */
static pid_t
master_pid(const struct suite *suite)
{
	char path[SUITE_PATH + 32], *text;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/run/master.pid", suite->directory);
	text = suite_read(path, NULL);
	pid = text != NULL ? (pid_t)strtol(text, NULL, 10) : 0;
	free(text);
	return pid > 0 && kill(pid, 0) == 0 ? pid : 0;
}

/* parent_and_name - read the parent and name of a process; 0 if it is gone */
static pid_t
parent_and_name(pid_t pid, char *name, size_t size)
{
	char path[64], *text, *end;
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	if (text == NULL)
		return 0;
	end = strrchr(text, ')');
	if (end != NULL && sscanf(end, ") %*c %d", &parent) == 1) {
		*end = '\0';
		strlcpy(name, strchr(text, '(') + 1, size);
	}
	free(text);
	return parent;
}

/* processes - list master and its children */
static size_t
processes(const struct suite *suite, struct process *list)
{
	pid_t master = master_pid(suite);
	DIR *proc;
	const struct dirent *entry;
	size_t n = 0;

	if (master == 0)
		return 0;
	list[n].pid = master;
	strlcpy(list[n++].name, "master", sizeof(list[0].name));
	proc = opendir("/proc");
	ck_assert_ptr_nonnull(proc);
	while (n < PROCESSES && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 1 &&
		    parent_and_name(pid, list[n].name, sizeof(list[n].name)) ==
			master)
			list[n++].pid = pid;
	}
	closedir(proc);
	return n;
}

/* state_of - read the state of a process, as ps shows it; X: it is gone */
static char
state_of(pid_t pid)
{
	char path[64], *text, *end, state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = suite_read_proc(path);
	end = text != NULL ? strrchr(text, ')') : NULL;
	state = end != NULL && end[1] == ' ' ? end[2] : 'X';
	free(text);
	return state;
}

/* is_dead - tell whether a process is gone, or a corpse that waits for its
 * parent */
static bool
is_dead(void *arg)
{
	char state = state_of(*(pid_t *)arg);

	return state == 'Z' || state == 'X';
}

/* is_stopped - tell whether a process has stopped */
static bool
is_stopped(void *arg)
{
	return state_of(*(pid_t *)arg) == 'T';
}

/* kill_master - kill master, and start the suite again as a user would */
static void
kill_master(struct suite *suite, pid_t pid)
{
	kill(pid, SIGKILL);
	suite_wait("master to be dead", 10, is_dead, &pid);
	master_kills++;
	suite_start(suite);
}

/* kill_qmgr - kill qmgr, and look at the queue before the next one has it */
static void
kill_qmgr(struct suite *suite, pid_t pid)
{
	pid_t master = master_pid(suite);
	char *output;
	int status;

	kill(master, SIGSTOP);
	/* A master that runs on for a moment would start the next one. */
	suite_wait("master to stop", 10, is_stopped, &master);
	if (is_dead(&pid)) { /* before it was stopped */
		kill(master, SIGCONT);
		return;
	}
	kill(pid, SIGKILL);
	suite_wait("qmgr to be dead", 10, is_dead, &pid);
	status = suite_tool(suite, &output, "x4check", NULL);
	kill(master, SIGCONT);
	ck_assert_msg(status == 0, "x4check after kill of qmgr: exit %d: %s",
	    status, output);
	free(output);
	qmgr_kills++;
}

/* kill_one - kill a process of one suite */
static void
kill_one(struct suite *suite)
{
	struct process list[PROCESSES];
	size_t n = processes(suite, list);
	const struct process *victim;

	if (n < 2)
		return;
	/* masters die too, but not so often that nothing gets done */
	victim = chance(12) == 0 ? &list[0] : &list[1 + chance(n - 1)];
	kills++;
	if (victim == &list[0])
		kill_master(suite, victim->pid);
	else if (strcmp(victim->name, "fourpost-qmgr") == 0)
		kill_qmgr(suite, victim->pid);
	else
		kill(victim->pid, SIGKILL);
}

/* check_file - check that a file at the far end is whole, and which one it
 * is */
static unsigned
check_file(const char *path, unsigned n)
{
	struct letter letter;
	unsigned i = 0;
	uint8_t *data;
	size_t size;

	letter_read(path, &letter);
	ck_assert_msg(sscanf(letter.subject, "kill %u", &i) == 1 && i < n,
	    "%s: subject %s", path, letter.subject);
	size = size_of(i, n);
	data = malloc(size);
	ck_assert_ptr_nonnull(data);
	letter_fill(data, size, i);
	ck_assert_uint_eq(letter.attachment_length, size);
	ck_assert_int_eq(memcmp(letter.attachment, data, size), 0);
	free(data);
	letter_free(&letter);
	return i;
}

/* check_all - check that each came once, octet for octet */
static void
check_all(unsigned n)
{
	unsigned *seen = calloc(n, sizeof(*seen));
	char path[SUITE_PATH + 320];
	DIR *dir = opendir(pair.b_out);
	const struct dirent *entry;

	ck_assert_ptr_nonnull(seen);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(
		    path, sizeof(path), "%s/%s", pair.b_out, entry->d_name);
		seen[check_file(path, n)]++;
	}
	closedir(dir);
	for (unsigned i = 0; i < n; i++)
		ck_assert_msg(
		    seen[i] == 1, "file %u came %u times", i, seen[i]);
	free(seen);
}

/* drop - drop file number i into A's postoffice */
static void
drop(unsigned i, unsigned n)
{
	size_t size = size_of(i, n);
	uint8_t *data = malloc(size);
	char name[32], subject[32];

	ck_assert_ptr_nonnull(data);
	letter_fill(data, size, i);
	snprintf(name, sizeof(name), "%05u.MSG", i);
	snprintf(subject, sizeof(subject), "kill %u", i);
	pair_letter(&pair, name, PAIR_BOB, (char)('1' + i % 5), subject,
	    "text\r\n", data, size);
	free(data);
}

/* flow - drop the files and kill, until all have arrived */
static void
flow(unsigned n)
{
	struct timespec begin, now, pause;
	unsigned dropped = 0;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (suite_count_files(pair.b_out) < n) {
		for (unsigned i = 0; i < 4 && dropped < n; i++)
			drop(dropped++, n);
		/* at least one kill for every other file, then let it end */
		if (kills < n / 2 + 20)
			kill_one(chance(2) == 0 ? &pair.a : &pair.b);
		pause = (struct timespec){
		    .tv_nsec = (long)(20 + chance(200)) * 1000000};
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		ck_assert_msg(now.tv_sec - begin.tv_sec < (long)(120 + n),
		    "%zu of %u files after %ld s",
		    suite_count_files(pair.b_out), n,
		    (long)(now.tv_sec - begin.tv_sec));
	}
}

/* nothing_quarantined - check that nothing is quarantined, and nothing held */
static void
nothing_quarantined(const struct suite *suite)
{
	json_t *rows = suite_rows(
	    suite, "x4queue", "-j", "list", "--state", "quarantined", NULL);

	ck_assert_uint_eq(json_array_size(rows), 0);
	json_decref(rows);
}

START_TEST(killed_at_any_moment)
{
	unsigned n = suite_long() ? 2000 : 200;

	suite_begin("kill");
	pair_start(&pair, PAIR_DIRECT, "");
	flow(n);
	pair_wait_empty(&pair, 60);
	nothing_quarantined(&pair.a);
	nothing_quarantined(&pair.b);
	pair_stop(&pair);
	pair_check(&pair);
	check_all(n);
	ck_assert_uint_eq(suite_count_files(pair.a_in), 0);
	ck_assert_uint_eq(suite_count_files(pair.a_bad), 0);
	ck_assert_uint_eq(suite_count_files(pair.a_out), 0);
	/* the check of the queue after a kill is part of the test */
	ck_assert_uint_gt(qmgr_kills, 0);
	printf("figure: %u files, %u kills, %u of qmgr, %u of master\n", n,
	    kills, qmgr_kills, master_kills);
	suite_end();
}
END_TEST

TEST_MAIN("system/kill", TEST_LONG(killed_at_any_moment, 3600))
