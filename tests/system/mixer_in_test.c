/* SPDX-License-Identifier: ISC */
/*
 * mixer_in_test.c - what a mail server hands in by LMTP: nobody twice, nobody
 * missed, wherever the connection is cut
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/mail_peer.h"
#include "tests/system/program.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define DOMAIN	   "C=XX;A=TEST;P=LMTP"
#define RECIPIENTS 4

static struct suite tested;
static struct program edi;
static uint16_t lmtp;

/* begin - start a suite whose gateway has these settings */
static void
begin(const char *test, const char *mta, const char *settings)
{
	char sections[2048], directory[SUITE_PATH + 16];

	suite_begin(test);
	lmtp = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sections, sizeof(sections),
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " DOMAIN ";O=EDI\"}\n  %s\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n}\n"
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" DOMAIN ";O=EDI\"}\n}\n",
	    settings, lmtp, edi.directory);
	suite_configure(&tested, "a", DOMAIN, mta, sections);
	suite_start(&tested);
	program_await(&edi, "in/new");
}

/* end - stop the suite */
static void
end(void)
{
	suite_stop(&tested);
	suite_end();
}

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
	return suite_queued(&tested) > *(const int64_t *)arg;
}

/* send_to - send message n to recipients, in this order, over one connection
 * that is cut there */
static void
send_to(int n, const int *recipients, int count, int cut)
{
	int64_t before = suite_queued(&tested);
	FILE *peer = mail_peer_call(lmtp);
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

	while ((given = program_next(&edi)) != 0) {
		json_t *object = program_claim(&edi, given), *one;
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
		program_answer(
		    &edi, given, "{\"all\":{\"result\":\"delivered\"}}");
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
	suite_wait_empty(&tested, 20);
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

	begin("lmtp-cut", "", "");
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
	end();
}
END_TEST

/* The same recipients come in several transactions of one message, of which one
 * is cut and one ends in order: that one's end does not forget the other's. */
START_TEST(cut_beside)
{
	static const int first[] = {0, 1}, others[] = {2, 3},
			 again[] = {1, 0, 3};
	FILE *peer;

	begin("lmtp-beside", "", "");
	send_to(1, first, 2, CUT_BEFORE_REPLIES);
	send_to(1, others, 2, 2);
	/* With QUIT, and its reply heard: the next are new. */
	peer = mail_peer_call(lmtp);
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
	end();
}
END_TEST

TEST_MAIN("system/mixer_in", TEST_LONG(cut_off, 120); TEST_LONG(cut_beside, 60))
