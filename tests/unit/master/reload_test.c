/* SPDX-License-Identifier: ISC */
/*
 * reload_test.c - what reload and restart replace, and what they leave
 */
#include "tests/unit/master/reign.h"

START_TEST(restart_of_one)
{
	long before[4], after[4];
	static const char *const names[] = {
	    "qmgr", "msmi-in/po1", "x400out/paris#1", "x400out/paris#2"};
	struct reign_answer answer;
	size_t i;

	reign_setup_ready();
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	for (i = 0; i < 4; i++)
		ck_assert_int_ne(before[i] = reign_pid(names[i]), 0);
	answer = reign_ask("restart", "x400out/paris#1");
	ck_assert_int_eq(answer.status, 0);
	ck_assert(reign_is_gone(before[2]));
	ck_assert_int_eq(reign_pid(names[2]), 0);
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	for (i = 0; i < 4; i++)
		after[i] = reign_pid(names[i]);
	ck_assert_int_eq(before[0], after[0]);
	ck_assert_int_eq(before[1], after[1]);
	ck_assert_int_ne(before[2], after[2]);
	ck_assert_int_ne(after[2], 0);
	ck_assert_int_eq(before[3], after[3]);
	/* a worker that always runs is there again when the answer comes */
	answer = reign_ask("restart", "msmi-in/po1");
	ck_assert_int_eq(answer.status, 0);
	ck_assert_ptr_nonnull(strstr(answer.text, "replaced"));
	ck_assert_int_ne(reign_pid("msmi-in/po1"), before[1]);
	ck_assert_int_ne(reign_pid("msmi-in/po1"), 0);
	ck_assert_int_eq(reign_ask("restart", "x400out/nowhere#1").status, 1);
	ck_assert_int_eq(reign_ask("restart", NULL).status, 64);
	ck_assert_int_eq(reign_ask("dance", NULL).status, 64);
	reign_teardown();
}
END_TEST

/* A worker that does not listen to SIGTERM is killed after its grace. */
START_TEST(restart_of_a_stubborn_one)
{
	long pid;

	reign_setup_ready();
	reign_write("run/dummy.busy", "hang");
	reign_connect("x400out.paris");
	until((pid = reign_pid("x400out/paris#1")) != 0);
	until(reign_state_is("x400out/paris#1", "busy"));
	ck_assert_int_eq(reign_ask("restart", "x400out/paris#1").status, 0);
	ck_assert(reign_is_gone(pid));
	reign_teardown();
}
END_TEST

START_TEST(reload_refused)
{
	long qmgr, paris;
	struct reign_answer answer;

	reign_setup_ready();
	paris = reign_serving_pid(reign_connect("x400out.paris"));
	qmgr = reign_pid("qmgr");
	reign_configure("", " cost = -1\n", "");
	answer = reign_ask("reload", NULL);
	ck_assert_int_eq(answer.status, 78);
	ck_assert_ptr_nonnull(strstr(answer.text, "cost"));
	reign_configure(" queue-size = \"1T\"\n", " no-such-thing = 1\n", "");
	ck_assert_int_eq(reign_ask("reload", NULL).status, 78);
	reign_configure("", "", "link \"x\" {");
	ck_assert_int_eq(reign_ask("reload", NULL).status, 78);
	ck_assert_int_eq(reign_pid("qmgr"), qmgr);
	ck_assert_int_eq(reign_pid("x400out/paris#1"), paris);
	ck_assert(!reign_has_line("run/told", "reload"));
	ck_assert(!reign_has_line("run/told", "ended"));
	/* the same by signal */
	kill(reign_master, SIGHUP);
	until(reign_has_line("log", "bad configuration"));
	ck_assert_int_eq(reign_ask("status", NULL).status, 0);
	reign_teardown();
}
END_TEST

START_TEST(reload_applied)
{
	static const char oslo[] =
	    "link \"oslo\" {\n remote-mta = \"O\"\n remote-password = \"x\"\n"
	    " address = {\"127.0.0.1:1\"}\n address-space = {\"C=NO\"}\n}\n";
	long qmgr, paris, rome, msmi;
	uint16_t before;
	int tcp;

	reign_setup_ready();
	paris = reign_serving_pid(reign_connect("x400out.paris"));
	rome = reign_serving_pid(reign_connect("x400out.rome"));
	qmgr = reign_pid("qmgr");
	msmi = reign_pid("msmi-in/po1");
	ck_assert_int_eq(reign_connect("x400out.oslo"), -1);
	/* a link changed, a link came, another port */
	before = reign_port;
	reign_port = reign_free_port();
	reign_configure("", " cost = 20\n", oslo);
	ck_assert_int_eq(reign_ask("reload", NULL).status, 0);
	until(reign_has_line("run/told", "reload"));
	until(reign_has_line("run/configuration", "oslo"));
	until(reign_is_gone(paris));
	ck_assert_int_eq(reign_pid("x400out/rome#1"), rome);
	ck_assert_int_eq(reign_pid("qmgr"), qmgr);
	ck_assert_int_eq(reign_pid("msmi-in/po1"), msmi);
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.oslo")), 0);
	ck_assert_int_gt(reign_serving_pid(reign_connect("x400out.paris")), 0);
	tcp = reign_connect_port();
	ck_assert_int_gt(reign_serving_pid(tcp), 0);
	ck_assert_int_ne(before, reign_port);
	/* the link goes again, by signal */
	reign_configure("", " cost = 20\n", "");
	kill(reign_master, SIGHUP);
	until(reign_connect("x400out.oslo") == -1);
	until(reign_pid("x400out/oslo#1") == 0);
	/* settings that cannot change while the suite runs */
	reign_configure(" queue-size = \"1G\"\n", "", "");
	ck_assert_int_eq(reign_ask("reload", NULL).status, 0);
	reign_teardown();
}
END_TEST

/* A listening address that is taken refuses the reload as a whole. */
START_TEST(reload_port_taken)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint16_t before;

	reign_setup_ready();
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	before = reign_port;
	reign_port = ntohs(address.sin_port);
	reign_configure("", " cost = 99\n", "");
	ck_assert_int_eq(reign_ask("reload", NULL).status, 78);
	reign_port = before;
	ck_assert_int_gt(reign_serving_pid(reign_connect_port()), 0);
	ck_assert(!reign_has_line("run/told", "reload"));
	reign_teardown();
}
END_TEST

REIGN_MAIN("master/reload", TEST(restart_of_one),
    TEST(restart_of_a_stubborn_one), TEST(reload_refused), TEST(reload_applied),
    TEST(reload_port_taken))
