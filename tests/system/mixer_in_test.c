/* SPDX-License-Identifier: ISC */
/*
 * mixer_in_test.c - what a mail server hands in by LMTP: nobody twice, nobody
 * missed, wherever the connection is cut
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/lmtp_suite.h"
#include "tests/system/mail_peer.h"
#include "tests/unit/test.h"

#define RECIPIENTS 4

/* The point at which a connection is cut. */
enum cut {
	CUT_BEFORE_DOT = -2,
	CUT_BEFORE_REPLIES = -1, /* when the message is in the queue */
	CUT_AFTER = 0		 /* so many replies */
};

/* has_more - tell whether there are more messages in the queue than so many */
static bool
has_more(void *arg)
{
	return suite_queued(&lmtp_suite) > *(const int64_t *)arg;
}

/* send_to - send message n to recipients, in this order, over one connection
 * that is cut there */
static void
send_to(int n, const int *recipients, int count, int cut)
{
	int64_t before = suite_queued(&lmtp_suite);
	FILE *peer = mail_peer_call(lmtp_port);
	char line[128];

	mail_peer_say(peer, "LHLO test", "250 ");
	(void)snprintf(
	    line, sizeof(line), "MAIL FROM:<kim@example.org> ENVID=%d", n);
	mail_peer_say(peer, line, "250 ");
	for (int i = 0; i < count; i++) {
		(void)snprintf(line, sizeof(line),
		    "RCPT TO:<user%d@edi.example> "
		    "ORCPT=rfc822;user%d@example.com",
		    recipients[i], recipients[i]);
		mail_peer_say(peer, line, "250 ");
	}
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_ge(fprintf(peer, "Subject: %d\r\n\r\nHello\r\n%s", n,
			     cut == CUT_BEFORE_DOT ? "" : ".\r\n"),
	    0);
	ck_assert_int_eq(fflush(peer), 0);
	if (cut == CUT_BEFORE_REPLIES)
		suite_wait("the message", 20, has_more, &before);
	for (int i = 0; i < cut; i++)
		mail_peer_hear(peer, "250 ");
	(void)fclose(peer);
}

/* take_all - take the objects that there are, and count who got message n */
static void
take_all(int n, unsigned got[RECIPIENTS])
{
	uint64_t given;

	while ((given = program_next(&lmtp_program)) != 0) {
		json_t *object = program_claim(&lmtp_program, given), *one;
		size_t i;

		ck_assert_int_eq(
		    atoi(json_string_value(json_object_get(
			json_object_get(object, "ipm"), "subject"))),
		    n);
		json_array_foreach(
		    json_object_get(object, "recipients"), i, one)
		{
			const char *address =
			    json_string_value(json_object_get(one, "address"));
			const char *user = strstr(address, "user");

			ck_assert_ptr_nonnull(user);
			got[atoi(user + 4)]++;
		}
		json_decref(object);
		program_answer(&lmtp_program, given,
		    "{\"all\":{\"result\":\"delivered\"}}");
	}
}

/* has_all - tell whether all have got something */
static bool
has_all(void *arg)
{
	unsigned *got = arg;

	take_all((int)got[RECIPIENTS], got);
	for (int i = 0; i < RECIPIENTS; i++)
		if (got[i] == 0)
			return false;
	return true;
}

/* check_once - check that all get message n, once */
static void
check_once(int n)
{
	unsigned got[RECIPIENTS + 1] = {[RECIPIENTS] = (unsigned)n};

	suite_wait("the message for all", 20, has_all, got);
	suite_wait_empty(&lmtp_suite, 20);
	take_all(n, got);
	for (int i = 0; i < RECIPIENTS; i++)
		ck_assert_msg(
		    got[i] == 1, "message %d: %u for user%d", n, got[i], i);
}

/* Wherever the connection is cut, and with whom the server comes again: each
 * recipient gets the message once. */
START_TEST(cut_off)
{
	static const int all[RECIPIENTS] = {0, 1, 2, 3};
	static const int turned[RECIPIENTS] = {3, 2, 1, 0};
	int n = 0;

	lmtp_suite_begin("lmtp-cut", "", "");
	for (int cut = CUT_BEFORE_DOT; cut <= RECIPIENTS; cut++)
		/* Postfix comes with those whose reply it has not heard; one
		 * that has died, with all again. */
		for (int again = 0; again < 2; again++) {
			int heard = cut > 0 ? cut : 0;

			n++;
			send_to(n, all, RECIPIENTS, cut);
			if (again)
				heard = 0;
			if (heard < RECIPIENTS)
				send_to(n, turned, RECIPIENTS - heard,
				    RECIPIENTS - heard);
			check_once(n);
		}
	lmtp_suite_end();
}
END_TEST

/* The same recipients come in several transactions of one message, of which one
 * is cut and one ends in order: that one's end does not forget the other's. */
START_TEST(cut_beside)
{
	static const int first[] = {0, 1}, others[] = {2, 3},
			 again[] = {1, 0, 3};
	FILE *peer;

	lmtp_suite_begin("lmtp-beside", "", "");
	send_to(1, first, 2, CUT_BEFORE_REPLIES);
	send_to(1, others, 2, 2);
	/* Then one of the others again, in order. */
	peer = mail_peer_call(lmtp_port);
	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<kim@example.org> ENVID=1", "250 ");
	mail_peer_say(peer,
	    "RCPT TO:<user2@edi.example> ORCPT=rfc822;user2@example.com",
	    "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, "Subject: 1\r\n\r\nHello\r\n.", "250 ");
	mail_peer_say(peer, "QUIT", "221 ");
	(void)fclose(peer);
	send_to(1, again, 3, 3);
	check_once(1);
	lmtp_suite_end();
}
END_TEST

/* has_two - tell whether user0 has got two messages */
static bool
has_two(void *arg)
{
	unsigned *got = arg;

	take_all(1, got);
	return got[0] >= 2;
}

/* begin_long - begin a message to user0 by this command, with so many lines */
static void
begin_long(FILE *peer, const char *mail, int lines)
{
	mail_peer_say(peer, mail, "250 ");
	mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_ge(fprintf(peer, "Subject: 1\r\n\r\n"), 0);
	for (int i = 0; i < lines; i++)
		ck_assert_int_ge(fprintf(peer, "line %05d\r\n", i), 0);
}

/* send_long - send a text of many lines, whose last is this, over a connection
 * that is cut when the message is in the queue, or not */
static void
send_long(const char *last, int cut)
{
	int64_t before = suite_queued(&lmtp_suite);
	FILE *peer = mail_peer_call(lmtp_port);

	mail_peer_say(peer, "LHLO test", "250 ");
	begin_long(peer, "MAIL FROM:<kim@example.org> ENVID=1", 20000);
	ck_assert_int_ge(fprintf(peer, "%s\r\n.\r\n", last), 0);
	ck_assert_int_eq(fflush(peer), 0);
	if (cut == CUT_BEFORE_REPLIES)
		suite_wait("the message", 20, has_more, &before);
	else
		mail_peer_hear(peer, "250 ");
	(void)fclose(peer);
}

/* Long texts of one sender are known by all of their octets: after a cut the
 * same text is known, but another one is not, however late it differs. */
START_TEST(cut_long)
{
	unsigned got[RECIPIENTS] = {0};

	lmtp_suite_begin("lmtp-long", "", "");
	send_long("one", CUT_BEFORE_REPLIES);
	send_long("two", CUT_BEFORE_REPLIES);
	send_long("one", RECIPIENTS);
	send_long("two", RECIPIENTS);
	suite_wait("both", 20, has_two, got);
	suite_wait_empty(&lmtp_suite, 20);
	take_all(1, got);
	ck_assert_uint_eq(got[0], 2);
	lmtp_suite_end();
}
END_TEST

/* send_raw - send octets as they are, so often */
static void
send_raw(FILE *peer, const char *text, int times)
{
	/* A client that is sent away before the end hears so below. */
	(void)fflush(peer);
	for (int i = 0; i < times; i++)
		(void)fputs(text, peer);
	(void)fflush(peer);
}

#define MESSAGE                                                          \
	"MAIL FROM:<kim@example.org>\r\nRCPT TO:<user0@edi.example>\r\n" \
	"DATA\r\n"
#define HELLO "LHLO test\r\n"

/* Bad clients are sent away or told so, and only they notice. */
START_TEST(bad_clients)
{
	static const struct {
		const char *begin, *text;
		int times;
		const char *end, *reply; /* the last one, and then the end */
	} cases[] = {
	    {"", "GET / HTTP/1.1\r\n", 1, MESSAGE, "500 5.5.2"},
	    {"", "x", 5000, "", "500 5.5.2 line too long"},
	    {HELLO, "NOOP\n", 1, MESSAGE, "500 5.5.2 a line"},
	    {HELLO, "BDAT 4\r\n", 1, MESSAGE, "500 5.5.1"},
	    {HELLO, "NOPE\r\n", 21, "", "421 4.7.0"},
	    {HELLO, MESSAGE, 1, "a\r\n.\n" MESSAGE "b\r\n.\r\nQUIT\r\n",
		"550 5.6.0 a CR or LF"},
	    {HELLO MESSAGE "Subject: ", "x", 300000,
		"\r\n\r\n\r\n.\r\nQUIT\r\n", "550 5.6.0 a header is too long"},
	    {HELLO MESSAGE, "X-Many: x\r\n", 30000, "\r\n.\r\nQUIT\r\n",
		"550 5.6.0 a header"},
	    {HELLO "MAIL FROM:<kim@example.org> SIZE=3000000\r\n", "", 1,
		"QUIT\r\n", "552 5.3.4"},
	    {HELLO MESSAGE "\r\n",
		"0123456789012345678901234567890123456789\r\n", 60000,
		".\r\nQUIT\r\n", "552 5.3.4"},
	};
	FILE *good;

	lmtp_suite_begin("lmtp-bad", "", "max-size = \"2M\"");
	good = lmtp_suite_greet();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[1024], last[1024] = "";
		FILE *peer = mail_peer_call(lmtp_port);

		send_raw(peer, cases[i].begin, 1);
		send_raw(peer, cases[i].text, cases[i].times);
		send_raw(peer, cases[i].end, 1);
		while (fgets(line, sizeof(line), peer) != NULL)
			if (strncmp(line, "221 ", 4) != 0)
				(void)strlcpy(last, line, sizeof(last));
		(void)fclose(peer);
		ck_assert_msg(
		    strncmp(last, cases[i].reply, strlen(cases[i].reply)) == 0,
		    "%zu: %s", i, last);
		lmtp_suite_send(good, "1");
	}
	(void)fclose(good);
	ck_assert_int_eq(suite_queued(&lmtp_suite),
	    (int64_t)(sizeof(cases) / sizeof(cases[0])));
	lmtp_suite_await_event(20386);
	lmtp_suite_end();
}
END_TEST

/* A client that says nothing for as long as RFC 5321 has it is told so and sent
 * away, wherever it is, and the worker serves the next one. */
START_TEST(slow_clients)
{
	static const struct {
		const char *fault; /* at which wait its time is over */
		unsigned said;	   /* commands that are answered before */
	} cases[] = {{"lmtp-silent:1:fail", 0}, {"lmtp-silent:3:fail", 2},
	    {"lmtp-silent:6:fail", 4}};
	static const char *const commands[] = {"LHLO test",
	    "MAIL FROM:<kim@example.org>", "RCPT TO:<user0@edi.example>",
	    "DATA", "Subject: 1\r\n\r\nHello"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *peer;
		char line[64];
		pid_t worker;

		ck_assert_int_eq(
		    setenv("FOURPOST_FAULT", cases[i].fault, 1), 0);
		lmtp_suite_begin("lmtp-slow", "", "");
		ck_assert_int_eq(unsetenv("FOURPOST_FAULT"), 0);
		peer = mail_peer_call(lmtp_port);
		worker = suite_worker(&lmtp_suite, "mixer-in/net");
		for (unsigned n = 0; n < cases[i].said; n++)
			mail_peer_say(
			    peer, commands[n], n == 3 ? "354 " : "250 ");
		/* A part of a message is not answered. */
		if (cases[i].said == 4)
			ck_assert_int_ge(fprintf(peer, "%s", commands[4]), 0);
		ck_assert_int_eq(fflush(peer), 0);
		mail_peer_hear(peer, "421 4.4.2 too slow");
		ck_assert_ptr_null(fgets(line, sizeof(line), peer));
		(void)fclose(peer);
		peer = lmtp_suite_greet();
		lmtp_suite_send(peer, "1");
		ck_assert_int_eq(
		    suite_worker(&lmtp_suite, "mixer-in/net"), worker);
		(void)fclose(peer);
		ck_assert_int_eq(suite_queued(&lmtp_suite), 1);
		if (cases[i].said > 0)
			lmtp_suite_await_event(20386);
		lmtp_suite_end();
	}
}
END_TEST

/* A recipient whose way leads back to this gateway is refused at once; only a
 * report may go to an author of the Internet whom we have sent on. */
START_TEST(led_back)
{
	FILE *peer;

	lmtp_suite_begin("lmtp-back", "",
	    "address-space = {\"" LMTP_SUITE_DOMAIN ";O=GW\"}");
	peer = lmtp_suite_greet();
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	mail_peer_say(peer,
	    "RCPT TO:</S=x/O=GW/PRMD=LMTP/ADMD=TEST/C=XX/@x400.example.net>",
	    "550 5.4.6");
	mail_peer_say(peer,
	    "RCPT TO:<\"/RFC-822=lee(a)example.org/O=GW/PRMD=LMTP/ADMD=TEST/"
	    "C=XX/\"@x400.example.net>",
	    "550 5.7.1");
	mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
	mail_peer_say(peer, "RSET", "250 ");
	mail_peer_say(peer, "MAIL FROM:<>", "250 ");
	mail_peer_say(peer,
	    "RCPT TO:</S=x/O=GW/PRMD=LMTP/ADMD=TEST/C=XX/@x400.example.net>",
	    "550 5.4.6");
	mail_peer_say(peer,
	    "RCPT TO:<\"/RFC-822=lee(a)example.org/O=GW/PRMD=LMTP/ADMD=TEST/"
	    "C=XX/\"@x400.example.net>",
	    "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(
	    peer, "Subject: no report\r\n\r\nHello\r\n.", "550 5.7.1");
	(void)fclose(peer);
	ck_assert_int_eq(suite_queued(&lmtp_suite), 0);
	lmtp_suite_end();
}
END_TEST

/* More recipients than one message has are put off, and the others answered
 * for, each. */
START_TEST(many_recipients)
{
	char line[128];
	FILE *peer;

	lmtp_suite_begin("lmtp-many", "", "");
	peer = lmtp_suite_greet();
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	for (int i = 0; i < 1100; i++) {
		(void)snprintf(
		    line, sizeof(line), "RCPT TO:<user%d@edi.example>", i);
		mail_peer_say(peer, line, i < 1000 ? "250 " : "452 4.5.3");
	}
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, "Subject: 1\r\n\r\nHello\r\n.", "250 2.6.0");
	for (int i = 1; i < 1000; i++)
		mail_peer_hear(peer, "250 2.6.0");
	ck_assert_int_eq(suite_queued(&lmtp_suite), 1);
	(void)fclose(peer);
	lmtp_suite_end();
}
END_TEST

#define TEXT 500000

/* What has no room now is put off, never refused; what never fits is refused
 * for good. */
START_TEST(queue_full)
{
	char *text;
	FILE *peer;
	int n = 0;

	lmtp_suite_begin("lmtp-full", "queue-size = \"16M\"\n", "");
	peer = lmtp_suite_greet();
	mail_peer_say(
	    peer, "MAIL FROM:<kim@example.org> SIZE=999000000", "552 5.3.4");
	text = malloc(TEXT);
	ck_assert_ptr_nonnull(text);
	memset(text, 'x', TEXT - 1);
	for (int i = 98; i < TEXT - 10; i += 100)
		memcpy(text + i, "\r\n", 2);
	(void)strlcpy(text + TEXT - 20, "\r\n.", 20);
	for (;;) {
		char line[256];

		ck_assert_int_lt(n++, 100);
		ck_assert_int_ge(
		    fprintf(
			peer, "MAIL FROM:<kim@example.org> SIZE=500000\r\n"),
		    0);
		ck_assert_int_eq(fflush(peer), 0);
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), peer));
		if (strncmp(line, "452 4.3.1", 9) == 0)
			break;
		ck_assert_msg(strncmp(line, "250 ", 4) == 0, "%s", line);
		mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
		mail_peer_say(peer, "DATA", "354 ");
		ck_assert_int_ge(fprintf(peer, "%s\r\n", text), 0);
		ck_assert_int_eq(fflush(peer), 0);
		ck_assert_ptr_nonnull(fgets(line, sizeof(line), peer));
		/* A link that is not up has its share before all is full. */
		if (strncmp(line, "452 4.3.1", 9) == 0)
			break;
		ck_assert_msg(strncmp(line, "250 ", 4) == 0, "%s", line);
	}
	free(text);
	(void)fclose(peer);
	lmtp_suite_end();
}
END_TEST

/* A worker outlives its qmgr, and hands the next message to the next one. */
START_TEST(qmgr_killed)
{
	FILE *peer;

	lmtp_suite_begin("lmtp-killed", "", "");
	peer = lmtp_suite_greet();
	lmtp_suite_send(peer, "1");
	ck_assert_int_eq(kill(suite_pid(&lmtp_suite, "qmgr"), SIGKILL), 0);
	lmtp_suite_send(peer, "2");
	(void)fclose(peer);
	ck_assert_int_eq(suite_queued(&lmtp_suite), 2);
	lmtp_suite_end();
}
END_TEST

/* count_ends - count the ends of workers of LMTP that the log tells of */
static int
count_ends(void)
{
	char *text;
	int count;

	ck_assert_int_eq(
	    suite_shell(&text, "grep ' 20031 ' '%s' | grep -c mixer-in || true",
		suite_path(&lmtp_suite, "state/log")),
	    0);
	count = atoi(text);
	free(text);
	return count;
}

/* A worker that dies in a message is replaced, alone, and its message comes
 * again. */
START_TEST(worker_killed)
{
	FILE *peer, *other;

	lmtp_suite_begin("lmtp-dies", "", "");
	peer = lmtp_suite_greet();
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
	mail_peer_say(peer, "RCPT TO:<user0@edi.example>", "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_eq(
	    kill(suite_worker(&lmtp_suite, "mixer-in/net"), SIGKILL), 0);
	other = lmtp_suite_greet();
	lmtp_suite_send(other, "1");
	(void)fclose(other);
	(void)fclose(peer);
	ck_assert_int_eq(suite_queued(&lmtp_suite), 1);
	ck_assert_int_eq(count_ends(), 1);
	lmtp_suite_end();
}
END_TEST

/* is_taken - tell whether a sender is taken again */
static bool
is_taken(void *arg)
{
	FILE *peer = lmtp_suite_greet();
	char line[256];

	(void)arg;
	(void)fputs("MAIL FROM:<kim@example.org>\r\n", peer);
	(void)fflush(peer);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), peer));
	(void)fclose(peer);
	return strncmp(line, "250 ", 4) == 0;
}

/* has_qmgr - tell whether qmgr runs */
static bool
has_qmgr(void *arg)
{
	(void)arg;
	return suite_pid(&lmtp_suite, "qmgr") != 0;
}

/* While qmgr crashes at each start a client is greeted, and put off at MAIL. */
START_TEST(qmgr_away)
{
	FILE *peer;

	if (!suite_long())
		return;
	lmtp_suite_begin("lmtp-away", "", "");
	for (int i = 0; i < 5; i++) {
		suite_wait("qmgr", 20, has_qmgr, NULL);
		ck_assert_int_eq(
		    kill(suite_pid(&lmtp_suite, "qmgr"), SIGSEGV), 0);
	}
	peer = lmtp_suite_greet();
	mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "451 4.3.0");
	mail_peer_say(peer, "QUIT", "221 ");
	(void)fclose(peer);
	suite_wait("qmgr", 60, is_taken, NULL);
	lmtp_suite_end();
}
END_TEST

/* A long text comes through the file as it was sent. */
START_TEST(spooled)
{
	char line[32], *text, *place;
	uint64_t given;
	FILE *peer;

	lmtp_suite_begin("lmtp-spool", "", "");
	peer = lmtp_suite_greet();
	begin_long(peer, "MAIL FROM:<kim@example.org>", 50000);
	mail_peer_say(peer, ".", "250 ");
	(void)fclose(peer);
	given = program_await_next(&lmtp_program);
	json_decref(program_claim(&lmtp_program, given));
	text = place = suite_read(
	    program_path(&lmtp_program, "out/new/%d.1.part", (int)given), NULL);
	ck_assert_ptr_nonnull(text);
	for (int i = 0; i < 50000; i++) {
		(void)snprintf(line, sizeof(line), "line %05d\r\n", i);
		ck_assert_msg(strncmp(place, line, strlen(line)) == 0,
		    "%.20s instead of %s", place, line);
		place += strlen(line);
	}
	ck_assert_str_eq(place, "");
	free(text);
	lmtp_suite_end();
}
END_TEST

TEST_MAIN("system/mixer_in", TEST_LONG(cut_off, 120); TEST_LONG(cut_beside, 60);
	  TEST_LONG(cut_long, 60); TEST_LONG(bad_clients, 60);
	  TEST_LONG(slow_clients, 60); TEST_LONG(led_back, 60);
	  TEST_LONG(many_recipients, 60); TEST_LONG(queue_full, 60);
	  TEST_LONG(qmgr_killed, 60); TEST_LONG(worker_killed, 60);
	  TEST_LONG(qmgr_away, 120); TEST_LONG(spooled, 60))
