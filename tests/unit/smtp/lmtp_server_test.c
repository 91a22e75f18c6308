/* SPDX-License-Identifier: ISC */
/*
 * lmtp_server_test.c - what an LMTP client gets for what it sends
 *
 * Every dialogue is pushed whole, and again octet by octet: the replies and the
 * content must be the same.
 */
#include "smtp/lmtp_server.h"

#include <stdio.h>
#include <string.h>

#include "tests/lmtp_push.h"
#include "tests/unit/random.h"
#include "tests/unit/test.h"

#define HELLO	 "LHLO c\r\n"
#define GREETING "220 mta LMTP\r\n"
#define ANNOUNCED                                                  \
	"250-mta\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n" \
	"250-8BITMIME\r\n250-DSN\r\n250 SIZE 100\r\n"

/* A client that was served: what it got, and what came of it. */
struct served {
	struct lmtp_server server;
	char out[65536];
	size_t len;
	char content[4096];
	size_t content_len;
	unsigned ended, abandoned;
	bool closed;
	struct lmtp_mail mail;
	struct lmtp_recipient recipient; /* the last */
};

/* is_known - tell whether the caller takes a recipient: those with "no" in
 * their names are refused */
static bool
is_known(const char *to)
{
	return strstr(to, "no") == NULL;
}

/* on_event - do as a caller does */
static void
on_event(struct served *served, enum lmtp_event event)
{
	struct lmtp_server *server = &served->server;
	unsigned due;

	switch (event) {
	case LMTP_MAIL:
		served->mail = server->mail;
		served->content_len = 0;
		lmtp_server_reply(server, 250, "2.1.0", "sender");
		break;
	case LMTP_RECIPIENT:
		served->recipient = server->recipient;
		if (is_known(server->recipient.to))
			lmtp_server_reply(server, 250, "2.1.5", "recipient");
		else
			lmtp_server_reply(server, 550, "5.1.1", "unknown");
		break;
	case LMTP_CONTENT:
		ck_assert_uint_lt(served->content_len + server->content.len,
		    sizeof(served->content));
		memcpy(served->content + served->content_len,
		    server->content.data, server->content.len);
		served->content_len += server->content.len;
		break;
	case LMTP_END:
		served->ended++;
		due = server->recipients;
		for (unsigned i = 0; i < due; i++)
			lmtp_server_reply(server, i == 0 ? 250 : 451,
			    i == 0 ? "2.6.0" : "4.3.0", "answered");
		break;
	case LMTP_ABANDONED:
		served->abandoned++;
		/* How much of it had come out by then may differ. */
		served->content_len = 0;
		break;
	case LMTP_CLOSE:
		served->closed = true;
		break;
	case LMTP_NOTHING:
		break;
	}
}

static uint64_t max_size = 100;

/* serve - push octets in pieces of a length */
static void
serve(struct served *served, const char *text, size_t len, size_t piece)
{
	memset(served, 0, sizeof(*served));
	ck_assert_int_eq(lmtp_server_init(&served->server, "mta", max_size), 0);
	for (size_t i = 0; i < len && !served->closed; i += piece) {
		size_t some = len - i < piece ? len - i : piece;
		struct slice out;
		enum lmtp_event event;

		ck_assert_int_eq(
		    lmtp_push(&served->server, slice_of(text + i, some)), 0);
		while (!served->closed &&
		    (event = lmtp_server_next(&served->server)) != LMTP_NOTHING)
			on_event(served, event);
		out = buffer_slice(&served->server.out);
		ck_assert_uint_lt(served->len + out.len, sizeof(served->out));
		memcpy(served->out + served->len, out.data, out.len);
		served->len += out.len;
		buffer_consume(&served->server.out, out.len);
	}
	lmtp_server_fini(&served->server);
}

/* check - check what is replied to a dialogue, behind the greeting */
static void
check(struct served *served, const char *text, const char *expected)
{
	static struct served slow;
	size_t len = strlen(text);

	serve(served, text, len, len);
	serve(&slow, text, len, 1);
	ck_assert_str_eq(served->out, slow.out);
	ck_assert_uint_eq(served->content_len, slow.content_len);
	ck_assert_mem_eq(served->content, slow.content, slow.content_len);
	ck_assert_uint_eq(served->ended, slow.ended);
	ck_assert_uint_eq(served->abandoned, slow.abandoned);
	ck_assert_int_eq(strncmp(served->out, GREETING, strlen(GREETING)), 0);
	ck_assert_str_eq(served->out + strlen(GREETING), expected);
}

static struct served got;

START_TEST(a_message)
{
	check(&got,
	    HELLO "MAIL FROM:<a@b.c> SIZE=20 BODY=8BITMIME RET=HDRS "
		  "ENVID=x+2By\r\n"
		  "RCPT TO:<d@e.f> NOTIFY=SUCCESS,FAILURE "
		  "ORCPT=rfc822;D+40e.f\r\n"
		  "RCPT TO:<no@e.f>\r\nRCPT TO:<g@h.i>\r\nDATA\r\n"
		  "one\r\n..two\r\n.three\r\n\r\n.\r\nQUIT\r\n",
	    ANNOUNCED "250 2.1.0 sender\r\n250 2.1.5 recipient\r\n"
		      "550 5.1.1 unknown\r\n250 2.1.5 recipient\r\n"
		      "354 go on\r\n250 2.6.0 answered\r\n"
		      "451 4.3.0 answered\r\n221 2.0.0 bye\r\n");
	got.content[got.content_len] = '\0';
	ck_assert_str_eq(got.content, "one\r\n.two\r\nthree\r\n\r\n");
	ck_assert_uint_eq(got.ended, 1);
	ck_assert_str_eq(got.mail.from, "a@b.c");
	ck_assert_uint_eq(got.mail.size, 20);
	ck_assert(got.mail.eight_bit);
	ck_assert_int_eq(got.mail.ret, LMTP_RET_HDRS);
	ck_assert_uint_eq(got.mail.envid_len, 3);
	ck_assert_mem_eq(got.mail.envid, "x+y", 3);
	ck_assert_str_eq(got.recipient.to, "g@h.i");
	ck_assert(got.closed);
}
END_TEST

START_TEST(parameters)
{
	check(&got,
	    HELLO "mail from:<\"a b>\\\"c\"@d.e>\r\n"
		  "rcpt to:<x@y.z> notify=never orcpt=X400;/S+3Da/\r\n"
		  "RSET\r\nMAIL FROM:<>\r\nRSET\r\n",
	    ANNOUNCED "250 2.1.0 sender\r\n250 2.1.5 recipient\r\n"
		      "250 2.0.0 done\r\n250 2.1.0 sender\r\n"
		      "250 2.0.0 done\r\n");
	ck_assert_uint_eq(got.recipient.notify, LMTP_NOTIFY_NEVER);
	ck_assert_str_eq(got.recipient.orcpt_type, "X400");
	ck_assert_uint_eq(got.recipient.orcpt_len, 5);
	ck_assert_mem_eq(got.recipient.orcpt, "/S=a/", 5);
	ck_assert_str_eq(got.mail.from, "");
	ck_assert_uint_eq(got.abandoned, 2);
}
END_TEST

START_TEST(wrong_arguments)
{
	static const struct {
		const char *command, *reply;
	} cases[] = {
	    {"MAIL", "501 5.5.4 syntax"},
	    {"MAIL FROM", "501 5.5.4 syntax"},
	    {"MAIL FROM:a@b.c", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<a@b.c", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<@x:a@b.c>", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<a@b.c>x", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<\"a@b.c>", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<\xc3\xa4@b.c>", "501 5.1.7 no sender address"},
	    {"MAIL FROM:<a@b.c> SIZE=",
		"501 5.5.4 a parameter with a wrong "
		"value"},
	    {"MAIL FROM:<a@b.c> SIZE=1x",
		"501 5.5.4 a parameter with a wrong "
		"value"},
	    {"MAIL FROM:<a@b.c> SIZE=101",
		"552 5.3.4 message larger than is "
		"taken"},
	    {"MAIL FROM:<a@b.c> BODY=X",
		"501 5.5.4 a parameter with a wrong "
		"value"},
	    {"MAIL FROM:<a@b.c> RET=X",
		"501 5.5.4 a parameter with a wrong "
		"value"},
	    {"MAIL FROM:<a@b.c> ENVID=+4",
		"501 5.5.4 a parameter with a "
		"wrong value"},
	    {"MAIL FROM:<a@b.c> SMTPUTF8",
		"555 5.5.4 a parameter that was "
		"not announced"},
	    {"RCPT TO:<a@b.c>", "503 5.5.1 MAIL comes first"},
	    {"DATA", "503 5.5.1 MAIL comes first"},
	    {"EHLO x", "500 5.5.1 this is LMTP: LHLO"},
	    {"VRFY x", "252 2.5.2 not verified; RCPT tells"},
	    {"", "500 5.5.2 no such command"},
	};
	char text[512], expected[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), HELLO "%s\r\n", cases[i].command);
		(void)snprintf(expected, sizeof(expected), ANNOUNCED "%s\r\n",
		    cases[i].reply);
		check(&got, text, expected);
	}
	check(&got, "MAIL FROM:<a@b.c>\r\n", "503 5.5.1 LHLO comes first\r\n");
	check(&got,
	    HELLO "MAIL FROM:<a@b.c>\r\nMAIL FROM:<a@b.c>\r\nDATA\r\n"
		  "RCPT TO:<>\r\nRCPT TO:<a> NOTIFY=NEVER,DELAY\r\n"
		  "RCPT TO:<a> NOTIFY=DELAY,\r\nRCPT TO:<a> ORCPT=x\r\n",
	    ANNOUNCED "250 2.1.0 sender\r\n503 5.5.1 MAIL was there already\r\n"
		      "503 5.5.1 no recipient was taken\r\n"
		      "501 5.1.3 no mailbox address\r\n"
		      "501 5.5.4 a parameter with a wrong value\r\n"
		      "501 5.5.4 a parameter with a wrong value\r\n"
		      "501 5.5.4 a parameter with a wrong value\r\n");
}
END_TEST

/* What does not begin as LMTP, or sends octets that must not be read as
 * commands, is sent away before its next line. */
START_TEST(sent_away)
{
	static const char *const others[] = {
	    "GET / HTTP/1.1", "POST / HTTP/1.1", "\x16\x03\x01", "", "NOPE"};
	char text[256];

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s\r\n" HELLO, others[i]);
		check(&got, text, "500 5.5.2 no such command\r\n");
		ck_assert(got.closed);
	}
	check(&got, HELLO "MAIL FROM:<a@b.c>\r\nBDAT 6\r\nRSET\r\n",
	    ANNOUNCED "250 2.1.0 sender\r\n500 5.5.1 no BDAT here\r\n");
	ck_assert(got.closed);
}
END_TEST

#define BEGUN                                                               \
	HELLO "MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<g@h.i>\r\n" \
	      "DATA\r\n"
#define BEGUN_REPLIES                                           \
	ANNOUNCED "250 2.1.0 sender\r\n250 2.1.5 recipient\r\n" \
		  "250 2.1.5 recipient\r\n354 go on\r\n"

/* What another server would take for the end of a message is part of it, and
 * what follows is no command. */
START_TEST(smuggled)
{
	static const char *const ends[] = {"\n.\n", "\r.\r", "\n.\r\n",
	    "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\r\n.\r\n"};
	char text[512];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		bool ends_so = strcmp(ends[i], "\r\r\n.\r\n") == 0;

		(void)snprintf(text, sizeof(text),
		    BEGUN "x%s%sMAIL FROM:<evil@x.y>\r\n%s", ends[i],
		    ends_so ? "" : "x", ends_so ? "" : ".\r\n");
		check(&got, text,
		    ends_so ? BEGUN_REPLIES
			"550 5.6.0 a CR or LF that stands alone\r\n"
			"550 5.6.0 a CR or LF that stands alone\r\n"
			"250 2.1.0 sender\r\n"
			    : BEGUN_REPLIES
			"550 5.6.0 a CR or LF that stands alone\r\n"
			"550 5.6.0 a CR or LF that stands alone\r\n");
		ck_assert_uint_eq(got.ended, 0);
		ck_assert_uint_eq(got.abandoned, 1);
	}
	check(&got, HELLO "NOOP\nQUIT\r\n",
	    ANNOUNCED "500 5.5.2 a line that ends without CR LF\r\n");
	ck_assert(got.closed);
	check(&got, HELLO "NOOP \rQUIT\r\n",
	    ANNOUNCED "500 5.5.2 a line that ends without CR LF\r\n");
}
END_TEST

START_TEST(limits)
{
	static char text[40000], expected[8192];
	size_t len;

	/* a content beyond the size that was announced */
	(void)snprintf(text, sizeof(text), BEGUN "%0120d\r\n.\r\nNOOP\r\n", 7);
	check(&got, text,
	    BEGUN_REPLIES "552 5.3.4 message larger than is taken\r\n"
			  "552 5.3.4 message larger than is taken\r\n"
			  "250 2.0.0 done\r\n");
	ck_assert_uint_eq(got.ended, 0);
	/* a line without an end */
	(void)snprintf(text, sizeof(text), HELLO "NOOP %08000d", 7);
	check(&got, text, ANNOUNCED "500 5.5.2 line too long\r\n");
	ck_assert(got.closed);
	/* many faults */
	strcpy(text, HELLO);
	strcpy(expected, ANNOUNCED);
	for (unsigned i = 0; i < LMTP_ERRORS_MAX; i++) {
		strcat(text, "X\r\n");
		strcat(expected, "500 5.5.2 no such command\r\n");
	}
	strcat(text, "X\r\nNOOP\r\n");
	strcat(expected, "421 4.7.0 too many errors\r\n");
	check(&got, text, expected);
	ck_assert(got.closed);
	/* more recipients than a message may have */
	len = (size_t)snprintf(text, sizeof(text), HELLO "MAIL FROM:<>\r\n");
	for (unsigned i = 0; i <= LMTP_RECIPIENTS_MAX; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "RCPT TO:<a@b.c>\r\n");
	serve(&got, text, len, 1000);
	ck_assert_ptr_nonnull(
	    strstr(got.out, "452 4.5.3 too many recipients\r\n"));
}
END_TEST

/* compose - write a content of which little is random, as a client sends it;
 * plain gets it without its dots.  False: a CR or LF stands alone */
static bool
compose(uint64_t *random, char *sent, char *plain)
{
	static const char odd[] = "\r\n..";
	size_t lines = 1 + random_below(random, 8);
	bool right = true;

	sent[0] = plain[0] = '\0';
	for (size_t i = 0; i < lines; i++) {
		char line[300] = "";
		size_t len = random_below(random, 4) == 0
		    ? random_below(random, 4)
		    : random_below(random, 200);

		memset(line, 'a', len);
		if (len > 0 && random_below(random, 4) == 0)
			line[random_below(random, len)] =
			    odd[random_below(random, 4)];
		right = right && strpbrk(line, "\r\n") == NULL;
		if (line[0] == '.')
			strcat(sent, ".");
		strcat(sent, line);
		strcat(sent, "\r\n");
		strcat(plain, line);
		strcat(plain, "\r\n");
	}
	strcat(sent, ".\r\n");
	return right;
}

START_TEST(contents)
{
	static char text[8192], plain[4096];
	uint64_t random = 1;

	max_size = 0;
	for (unsigned i = 0; i < 1000; i++) {
		size_t begun = (size_t)snprintf(text, sizeof(text), BEGUN);
		bool right = compose(&random, text + begun, plain);

		for (unsigned n = 0; n < 3; n++) {
			serve(&got, text, strlen(text),
			    n == 0 ? strlen(text)
				   : 1 + random_below(&random, 100));
			ck_assert_uint_eq(got.ended, right);
			ck_assert_uint_eq(got.abandoned, !right);
			if (!right)
				continue;
			ck_assert_uint_eq(got.content_len, strlen(plain));
			ck_assert_mem_eq(got.content, plain, got.content_len);
		}
	}
}
END_TEST

TEST_MAIN("smtp/lmtp_server", TEST(a_message); TEST(parameters);
	  TEST(wrong_arguments); TEST(sent_away); TEST(smuggled); TEST(limits);
	  TEST(contents))
