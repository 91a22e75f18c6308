/* SPDX-License-Identifier: ISC */
/*
 * ended_test.c - workers and masters that end, by whatever cause
 */
#include "tests/unit/master/reign.h"

START_TEST(replaced_after_sigkill)
{
	long qmgr, msmi, worker;
	int fd;

	setup_ready();
	fd = connect_local("x400out.paris");
	worker = serving_pid(fd);
	until((msmi = pid_of("msmi-in/po1")) != 0);
	qmgr = pid_of("qmgr");
	kill((pid_t)qmgr, SIGKILL);
	until(pid_of("qmgr") != qmgr && pid_of("qmgr") != 0);
	until(state_is("qmgr", "running"));
	kill((pid_t)msmi, SIGKILL);
	until(pid_of("msmi-in/po1") != msmi && pid_of("msmi-in/po1") != 0);
	/* and nobody else */
	ck_assert_int_eq(pid_of("x400out/paris#1"), worker);
	until(has_line("run/told", "throttled x400out/paris no left 1"));
	until(has_line("run/told", "ended qmgr status -9 item 0 counted 0"));
	until(has_line(
	    "run/told", "ended msmi-in/po1 status -9 item 0 counted 0"));
	/* an on-demand one by the next connection */
	kill((pid_t)worker, SIGKILL);
	until(pid_of("x400out/paris#1") == 0);
	ck_assert_int_ne(serving_pid(connect_local("x400out.paris")), worker);
	teardown();
}
END_TEST

START_TEST(crash_counts_against_item)
{
	int fd;
	long pid;

	setup_ready();
	write_file("run/dummy.busy", "item 42");
	fd = connect_local("x400out.paris");
	pid = serving_pid(fd);
	kill((pid_t)pid, SIGSEGV);
	until(has_line(
	    "run/told", "ended x400out/paris#1 status -11 item 42 counted 1"));
	/* killed by somebody: innocent */
	write_file("run/dummy.busy", "item 43");
	until((fd = connect_local("x400out.rome")) >= 0);
	pid = serving_pid(fd);
	kill((pid_t)pid, SIGKILL);
	until(has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 43 counted 0"));
	teardown();
}
END_TEST

/* waits - whether the worker of this number only waits for signals by now */
static bool
waits(long pid)
{
	char line[32];

	snprintf(line, sizeof(line), "%ld waits", pid);
	return has_line("run/waits", line);
}

START_TEST(crashing_postoffice_names_the_file)
{
	long pid;

	setup();
	write_file("run/dummy.msmi", "item 77");
	master_pid = start_master();
	until(has_line("log", "open for business"));
	until((pid = pid_of("msmi-in/po1")) != 0);
	until(waits(pid));
	kill((pid_t)pid, SIGSEGV);
	until(has_line(
	    "run/told", "ended msmi-in/po1 status -11 item 77 counted 1"));
	until(has_line("log", "file=77"));
	/* the next one is told which file it was */
	until(has_line("run/told", "file-removed"));
	teardown();
}
END_TEST

/* One that leaves in an orderly way is replaced at once, but not for ever. */
START_TEST(orderly_ends)
{
	long pid;
	int i;

	setup_ready();
	for (i = 0; i < 4; i++) {
		until((pid = pid_of("msmi-in/po1")) != 0);
		until(waits(pid));
		kill((pid_t)pid, SIGUSR1);
		if (i == 3)
			break;
		until(
		    pid_of("msmi-in/po1") != pid && pid_of("msmi-in/po1") != 0);
		ck_assert(!has_line("log", "delayed"));
	}
	until(state_is("msmi-in/po1", "throttled"));
	teardown();
}
END_TEST

START_TEST(throttled)
{
	long paris;
	int fd;

	setup_ready();
	paris = serving_pid(connect_local("x400out.paris"));
	write_file("run/dummy.x400out", "crash");
	fd = connect_local("x400out.rome");
	until(has_line("run/told", "throttled x400out/rome yes"));
	until(state_is("x400out/rome", "throttled"));
	until(has_line("log", "seconds=2"));
	ck_assert(!has_line("log", "seconds=8"));
	/* that service alone */
	ck_assert_int_gt(serving_pid(connect_port()), 0);
	ck_assert_int_eq(pid_of("x400out/paris#1"), paris);
	/* mended it serves the connection that waited */
	write_file("run/dummy.x400out", "serve");
	ck_assert_int_gt(serving_pid(fd), 0);
	until(has_line("run/told", "throttled x400out/rome no"));
	teardown();
}
END_TEST

START_TEST(qmgr_that_does_not_start)
{
	int status;

	setup();
	write_file("run/dummy.qmgr", "exit 1");
	master_pid = start_master();
	ck_assert_int_eq(waitpid(master_pid, &status, 0), master_pid);
	master_pid = -1;
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert(has_line("log", "qmgr does not start (exit status 1)"));
	teardown();
}
END_TEST

START_TEST(watchdog)
{
	int fd, other;
	long pid;

	setup_ready();
	write_file("run/dummy.busy", "hang");
	fd = connect_local("x400out.paris");
	until((pid = pid_of("x400out/paris#1")) != 0);
	until(has_line(
	    "run/told", "ended x400out/paris#1 status -6 item 0 counted 1"));
	until(is_gone(pid));
	close(fd);
	/* SIGABRT does not help: SIGKILL */
	write_file("run/dummy.busy", "stubborn");
	other = connect_local("x400out.rome");
	until(has_line(
	    "run/told", "ended x400out/rome#1 status -9 item 0 counted 1"));
	close(other);
	/* a stopped process, too */
	write_file("run/dummy.busy", "serve");
	pid = pid_of("msmi-in/po1");
	kill((pid_t)pid, SIGSTOP);
	until(pid_of("msmi-in/po1") != pid && pid_of("msmi-in/po1") != 0);
	until(is_gone(pid));
	teardown();
}
END_TEST

/* A new master takes over from one that was killed. */
START_TEST(master_killed)
{
	long qmgr, paris, tcp;

	setup_ready();
	qmgr = pid_of("qmgr");
	paris = serving_pid(connect_local("x400out.paris"));
	tcp = serving_pid(connect_port());
	kill(master_pid, SIGKILL);
	ck_assert_int_eq(waitpid(master_pid, NULL, 0), master_pid);
	unlink("log");
	master_pid = start_master();
	until(connect_local("master") >= 0);
	until(state_is("qmgr", "running"));
	ck_assert_int_ne(pid_of("qmgr"), qmgr);
	/* its workers saw it and went */
	until(is_gone(qmgr) && is_gone(paris) && is_gone(tcp));
	ck_assert_int_gt(serving_pid(connect_local("x400out.paris")), 0);
	ck_assert_int_gt(serving_pid(connect_port()), 0);
	teardown();
}
END_TEST

REIGN_MAIN("master/ended", TEST(replaced_after_sigkill),
    TEST(crash_counts_against_item), TEST(crashing_postoffice_names_the_file),
    TEST(orderly_ends), TEST(throttled), TEST(qmgr_that_does_not_start),
    TEST(watchdog), TEST(master_killed))
