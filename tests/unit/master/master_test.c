/* SPDX-License-Identifier: ISC */
/*
 * master_test.c - master as a whole: start, stop, workers on demand, rubbish
 */
#include "tests/unit/master/reign.h"

START_TEST(starts_and_stops)
{
	long qmgr, msmi;
	int status;

	reign_setup_ready();
	ck_assert_int_ne(reign_pid("qmgr"), 0);
	until(reign_state_is("qmgr", "running"));
	until(reign_state_is("msmi-in/po1", "running"));
	ck_assert_int_eq(reign_pid("master"), reign_master);
	ck_assert(reign_has_line("run/configuration", "secret"));
	until(reign_has_line("run/told", "hello"));
	qmgr = reign_pid("qmgr");
	msmi = reign_pid("msmi-in/po1");
	ck_assert_int_eq(reign_ask("stop", NULL).status, 0);
	ck_assert_int_eq(waitpid(reign_master, &status, 0), reign_master);
	reign_master = -1;
	ck_assert_int_eq(status, 0);
	ck_assert(reign_is_gone(qmgr) && reign_is_gone(msmi));
	/* sockets and pid file are gone */
	ck_assert_int_eq(reign_connect("master"), -1);
	ck_assert(!reign_has_line("run/master.pid", ""));
	ck_assert_int_eq(reign_connect("x400out.paris"), -1);
	/* workers ended before qmgr, which was told */
	ck_assert(reign_has_line("run/told", "ended msmi-in/po1 status 0"));
	reign_teardown();
}
END_TEST

START_TEST(second_start_is_refused)
{
	char text[64];
	int status;
	pid_t second;

	reign_setup_ready();
	second = reign_start();
	ck_assert_int_eq(waitpid(second, &status, 0), second);
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	snprintf(text, sizeof(text), "pid %ld", (long)reign_master);
	ck_assert(reign_has_line("log", text));
	/* and the first is unharmed */
	ck_assert_int_eq(reign_ask("status", NULL).status, 0);
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	reign_teardown();
}
END_TEST

START_TEST(on_demand)
{
	int first, second, other, tcp;
	long pid1, pid2, pid3;

	reign_setup_ready();
	ck_assert_int_eq(reign_pid("x400out/paris#1"), 0);
	first = reign_connect("x400out.paris");
	pid1 = reign_serving_pid(first);
	ck_assert_int_gt(pid1, 0);
	ck_assert_int_eq(reign_pid("x400out/paris#1"), pid1);
	until(reign_state_is("x400out/paris#1", "busy"));
	second = reign_connect("x400out.paris");
	pid2 = reign_serving_pid(second);
	ck_assert_int_eq(reign_pid("x400out/paris#2"), pid2);
	other = reign_connect("x400out.rome");
	ck_assert_int_eq(reign_serving_pid(other), reign_pid("x400out/rome#1"));
	tcp = reign_connect_port();
	pid3 = reign_serving_pid(tcp);
	ck_assert_int_gt(pid3, 0);
	ck_assert_int_eq(reign_pid("x400in#1"), pid3);
	/* the smallest free number is used again */
	close(first);
	until(reign_pid("x400out/paris#1") == 0);
	first = reign_connect("x400out.paris");
	pid1 = reign_serving_pid(first);
	ck_assert_int_eq(reign_pid("x400out/paris#1"), pid1);
	ck_assert_int_eq(reign_pid("x400out/paris#2"), pid2);
	reign_teardown();
}
END_TEST

/* No more workers than connections: an idle one takes the next. */
START_TEST(no_worker_too_many)
{
	int fds[20], i;
	long pids[20];

	reign_setup_ready();
	for (i = 0; i < 10; i++)
		fds[i] = reign_connect_port();
	for (i = 0; i < 10; i++)
		pids[i] = reign_serving_pid(fds[i]);
	for (i = 1; i < 10; i++)
		ck_assert_int_ne(pids[i], pids[0]);
	ck_assert_int_ne(reign_pid("x400in#10"), 0);
	ck_assert_int_eq(reign_pid("x400in#11"), 0);
	reign_teardown();
}
END_TEST

/* There is a worker for each link, for max-associations and 64 more; when all
 * are at work callers wait, and an event says so once. */
START_TEST(all_workers_are_bound)
{
	unsigned most = 1 + 2 + 64, i;

	reign_setup();
	reign_configure(" max-associations = 1\n", "", "");
	reign_master = reign_start();
	until(reign_has_line("log", "open for business"));
	reign_write("run/dummy.busy", "bound");
	for (i = 0; i < most; i++) {
		ck_assert(!reign_has_line("log", ": 20120 warn"));
		ck_assert_int_gt(reign_serving_pid(reign_connect_port()), 0);
	}
	until(reign_has_line("log", ": 20120 warn"));
	ck_assert_int_eq(reign_pid("x400in#68"), 0);
	reign_teardown();
}
END_TEST

/* Strangers who only connect do not keep others out. */
START_TEST(strangers_make_room)
{
	int fds[58], last;
	unsigned i;
	long bound, oldest;

	reign_setup_ready();
	reign_write("run/dummy.busy", "bound");
	bound = reign_serving_pid(reign_connect_port());
	ck_assert_int_gt(bound, 0);
	reign_write("run/dummy.busy", "serve");
	for (i = 0; i < 50; i++)
		ck_assert_int_gt(
		    reign_serving_pid(fds[i] = reign_connect_from(2 + i / 10)),
		    0);
	oldest = reign_pid("x400in#2");
	ck_assert_int_ne(oldest, 0);
	for (; i < 58; i++)
		ck_assert_int_gt(
		    reign_serving_pid(fds[i] = reign_connect_from(2 + i / 10)),
		    0);
	until(reign_is_gone(oldest));
	last = reign_connect_from(9);
	ck_assert_int_gt(reign_serving_pid(last), 0);
	ck_assert_int_eq(reign_pid("x400in#1"), bound);
	ck_assert_int_eq(reign_pid("x400in#66"), 0);
	reign_teardown();
}
END_TEST

/* Rubbish on the control socket costs that connection alone. */
START_TEST(rubbish_on_control)
{
	char octets[64];
	int fds[50], i;

	reign_setup_ready();
	for (i = 0; i < 50; i++) {
		fds[i] = reign_connect("master");
		ck_assert_int_ge(fds[i], 0);
		if (i % 2 == 0)
			ck_assert_int_eq(
			    write(fds[i], "\xa0\x03\x80\x01x", 5), 5);
	}
	while (read(fds[48], octets, sizeof(octets)) > 0)
		;
	ck_assert_int_eq(reign_ask("status", NULL).status, 0);
	reign_teardown();
}
END_TEST

REIGN_MAIN("master/master", TEST(starts_and_stops),
    TEST(second_start_is_refused), TEST(on_demand), TEST(no_worker_too_many),
    TEST(all_workers_are_bound), TEST(strangers_make_room),
    TEST(rubbish_on_control))
