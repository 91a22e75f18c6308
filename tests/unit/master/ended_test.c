/* SPDX-License-Identifier: ISC */
/*
 * ended_test.c - workers and masters that end, by whatever cause
 */
#include "tests/unit/master/reign.h"

/* told_of - wait until qmgr was told who a process is */
static void
told_of(const char *who, long pid)
{
	char line[128];

	snprintf(line, sizeof(line), "started %s pid %ld ticket 16", who, pid);
	until(reign_has_line("run/told", line));
}

/* qmgr is told of each worker, and a new one of all that there are. */
START_TEST(qmgr_knows_its_workers)
{
	long qmgr, msmi, worker;

	reign_setup_ready();
	worker = reign_serving_pid(reign_connect("x400out.paris"));
	until((msmi = reign_pid("msmi-in/po1")) != 0);
	told_of("x400out \"paris\" 1", worker);
	told_of("msmi-in \"po1\" 0", msmi);
	reign_write("run/told", "");
	qmgr = reign_pid("qmgr");
	kill((pid_t)qmgr, SIGKILL);
	until(reign_pid("qmgr") != qmgr && reign_pid("qmgr") != 0);
	told_of("x400out \"paris\" 1", worker);
	told_of("msmi-in \"po1\" 0", msmi);
	reign_teardown();
}
END_TEST

START_TEST(replaced_after_sigkill)
{
	long qmgr, msmi, worker;
	int fd;

	reign_setup_ready();
	fd = reign_connect("x400out.paris");
	worker = reign_serving_pid(fd);
	until((msmi = reign_pid("msmi-in/po1")) != 0);
	qmgr = reign_pid("qmgr");
	kill((pid_t)qmgr, SIGKILL);
	until(reign_pid("qmgr") != qmgr && reign_pid("qmgr") != 0);
	until(reign_state_is("qmgr", "running"));
	kill((pid_t)msmi, SIGKILL);
	until(
	    reign_pid("msmi-in/po1") != msmi && reign_pid("msmi-in/po1") != 0);
	/* and nobody else */
	ck_assert_int_eq(reign_pid("x400out/paris#1"), worker);
	until(reign_has_line("run/told", "left x400out/paris 1"));
	until(reign_has_line(
	    "run/told", "ended qmgr status -9 item 0 counted 0"));
	until(reign_has_line(
	    "run/told", "ended msmi-in/po1 status -9 item 0 counted 0"));
	/* an on-demand one by the next connection */
	kill((pid_t)worker, SIGKILL);
	until(reign_pid("x400out/paris#1") == 0);
	ck_assert_int_ne(
	    reign_serving_pid(reign_connect("x400out.paris")), worker);
	reign_teardown();
}
END_TEST

START_TEST(crash_counts_against_item)
{
	int fd;
	long pid;

	reign_setup_ready();
	reign_write("run/dummy.busy", "item 42");
	fd = reign_connect("x400out.paris");
	pid = reign_serving_pid(fd);
	kill((pid_t)pid, SIGSEGV);
	until(reign_has_line(
	    "run/told", "ended x400out/paris#1 status -11 item 42 counted 1"));
	/* killed by somebody: innocent */
	reign_write("run/dummy.busy", "item 43");
	until((fd = reign_connect("x400out.rome")) >= 0);
	pid = reign_serving_pid(fd);
	kill((pid_t)pid, SIGKILL);
	until(reign_has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 43 counted 0"));
	reign_teardown();
}
END_TEST

/* waits - tell whether the worker of this number only waits for signals by
 * now */
static bool
waits(long pid)
{
	char line[32];

	snprintf(line, sizeof(line), "%ld waits", pid);
	return reign_has_line("run/waits", line);
}

START_TEST(crashing_postoffice_names_the_file)
{
	long pid;

	reign_setup();
	reign_write("run/dummy.msmi", "item 77");
	reign_master = reign_start();
	until(reign_has_line("log", "open for business"));
	until((pid = reign_pid("msmi-in/po1")) != 0);
	until(waits(pid));
	kill((pid_t)pid, SIGSEGV);
	until(reign_has_line(
	    "run/told", "ended msmi-in/po1 status -11 item 77 counted 1"));
	until(reign_has_line("log", "file=77"));
	/* the next one is told which file it was */
	until(reign_has_line("run/told", "file-removed"));
	reign_teardown();
}
END_TEST

/* A worker that leaves in an orderly way is replaced at once, but not for
 * ever. */
START_TEST(orderly_ends)
{
	long pid;
	int i;

	reign_setup_ready();
	for (i = 0; i < 4; i++) {
		until((pid = reign_pid("msmi-in/po1")) != 0);
		until(waits(pid));
		kill((pid_t)pid, SIGUSR1);
		if (i == 3)
			break;
		until(reign_pid("msmi-in/po1") != pid &&
		    reign_pid("msmi-in/po1") != 0);
		ck_assert(!reign_has_line("log", "delayed"));
	}
	until(reign_state_is("msmi-in/po1", "throttled"));
	reign_teardown();
}
END_TEST

START_TEST(throttled)
{
	long paris;
	int fd;

	reign_setup_ready();
	paris = reign_serving_pid(reign_connect("x400out.paris"));
	reign_write("run/dummy.x400out", "crash");
	fd = reign_connect("x400out.rome");
	until(reign_has_line("run/told", "throttled x400out/rome yes"));
	until(reign_state_is("x400out/rome", "throttled"));
	until(reign_has_line("log", "seconds=2"));
	ck_assert(!reign_has_line("log", "seconds=8"));
	/* only that service is affected */
	ck_assert_int_gt(reign_serving_pid(reign_connect_port()), 0);
	ck_assert_int_eq(reign_pid("x400out/paris#1"), paris);
	/* mended it serves the connection that waited */
	reign_write("run/dummy.x400out", "serve");
	ck_assert_int_gt(reign_serving_pid(fd), 0);
	until(reign_has_line("run/told", "throttled x400out/rome no"));
	reign_teardown();
}
END_TEST

START_TEST(qmgr_that_does_not_start)
{
	int status;

	reign_setup();
	reign_write("run/dummy.qmgr", "exit 1");
	reign_master = reign_start();
	ck_assert_int_eq(waitpid(reign_master, &status, 0), reign_master);
	reign_master = -1;
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert(reign_has_line("log", "qmgr does not start (exit status 1)"));
	reign_teardown();
}
END_TEST

START_TEST(watchdog)
{
	int fd, other;
	long pid;

	reign_setup_ready();
	reign_write("run/dummy.busy", "hang");
	fd = reign_connect("x400out.paris");
	until((pid = reign_pid("x400out/paris#1")) != 0);
	until(reign_has_line(
	    "run/told", "ended x400out/paris#1 status -6 item 0 counted 1"));
	until(reign_is_gone(pid));
	close(fd);
	/* SIGABRT does not help: SIGKILL */
	reign_write("run/dummy.busy", "stubborn");
	other = reign_connect("x400out.rome");
	until(reign_has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 0 counted 1"));
	close(other);
	/* a stopped process, too */
	reign_write("run/dummy.busy", "serve");
	pid = reign_pid("msmi-in/po1");
	kill((pid_t)pid, SIGSTOP);
	until(reign_pid("msmi-in/po1") != pid && reign_pid("msmi-in/po1") != 0);
	until(reign_is_gone(pid));
	reign_teardown();
}
END_TEST

/* A new master takes over from one that was killed. */
START_TEST(master_killed)
{
	long qmgr, paris, tcp;

	reign_setup_ready();
	qmgr = reign_pid("qmgr");
	paris = reign_serving_pid(reign_connect("x400out.paris"));
	tcp = reign_serving_pid(reign_connect_port());
	kill(reign_master, SIGKILL);
	ck_assert_int_eq(waitpid(reign_master, NULL, 0), reign_master);
	unlink("log");
	reign_master = reign_start();
	until(reign_connect("master") >= 0);
	until(reign_state_is("qmgr", "running"));
	ck_assert_int_ne(reign_pid("qmgr"), qmgr);
	/* the workers of that master saw it and ended */
	until(
	    reign_is_gone(qmgr) && reign_is_gone(paris) && reign_is_gone(tcp));
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	ck_assert_int_gt(reign_serving_pid(reign_connect_port()), 0);
	reign_teardown();
}
END_TEST

REIGN_MAIN("master/ended", TEST(qmgr_knows_its_workers),
    TEST(replaced_after_sigkill), TEST(crash_counts_against_item),
    TEST(crashing_postoffice_names_the_file), TEST(orderly_ends),
    TEST(throttled), TEST(qmgr_that_does_not_start), TEST(watchdog),
    TEST(master_killed))
