/* SPDX-License-Identifier: ISC */
/*
 * smtp_client_test.c - what an SMTP server is sent, for what it replies
 */
#include "smtp/smtp_client.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/random.h"
#include "tests/unit/test.h"

#define EHLO "EHLO mta\r\n"

#define CONTENT_MAX 400

static const struct smtp_recipient recipients[] = {
    {"d@e.f", "SUCCESS,FAILURE", "x400;/S+3Dd/"}, {"g@h.i", "NEVER", NULL}};

static const struct smtp_transaction message = {.from = "a@b.c",
    .envid = "id+2B1",
    .ret = "HDRS",
    .size = 12,
    .eight_bit = true,
    .recipients = recipients,
    .count = 2};

static struct smtp_client client;

/* says - have the server say something; the events that follow, a letter for
 * each */
static const char *
says(const char *text)
{
	static const char letters[] = "-RrCSNTXLB";
	static char events[32];
	enum smtp_event event;
	size_t len = 0;

	ck_assert_int_eq(smtp_client_push(&client, slice_of_string(text)), 0);
	while ((event = smtp_client_next(&client)) != SMTP_NOTHING) {
		ck_assert_uint_lt(len, sizeof(events) - 1);
		events[len++] = letters[event];
		/* A content must be sent before anything else happens. */
		if (event == SMTP_CONTENT)
			break;
	}
	events[len] = '\0';
	return events;
}

/* sent - check what the server got since the last time */
static void
sent(const char *expected)
{
	struct slice out = buffer_slice(&client.out);

	ck_assert_msg(slice_equal_string(out, expected), "%.*s", (int)out.len,
	    (const char *)out.data);
	buffer_reset(&client.out);
}

/* begin - begin with a server that has these extensions */
static void
begin(enum smtp_tls tls, const char *extensions)
{
	smtp_client_init(&client, "mta", tls);
	ck_assert_str_eq(says("220-hello\r\n220 relay ESMTP\r\n"), "");
	sent(EHLO);
	ck_assert_str_eq(says(extensions), "R");
	sent("");
}

#define ALL                                                                \
	"250-relay\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n" \
	"250 DSN\r\n"
#define BEGUN                                                               \
	"MAIL FROM:<a@b.c> SIZE=12 BODY=8BITMIME RET=HDRS ENVID=id+2B1\r\n" \
	"RCPT TO:<d@e.f> NOTIFY=SUCCESS,FAILURE ORCPT=x400;/S+3Dd/\r\n"     \
	"RCPT TO:<g@h.i> NOTIFY=NEVER\r\nDATA\r\n"

START_TEST(pipelined)
{
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_uint_eq(client.server_size, 1000);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	sent(BEGUN);
	ck_assert_str_eq(says("250 2.1.0 ok\r\n250 2.1.5 ok\r\n"), "r");
	ck_assert_uint_eq(client.recipient, 0);
	ck_assert_uint_eq(client.reply.code, 250);
	ck_assert_str_eq(says("452 4.5.3 too many\r\n354 go\r\n"), "rC");
	ck_assert_uint_eq(client.recipient, 1);
	ck_assert_int_eq(
	    smtp_client_content(&client, slice_of_string("a\r\n.b\r")), 0);
	ck_assert_int_eq(
	    smtp_client_content(&client, slice_of_string("\n.\r\nc")), 0);
	ck_assert(!smtp_client_in_doubt(&client));
	ck_assert_int_eq(smtp_client_content_end(&client), 0);
	sent("a\r\n..b\r\n..\r\nc\r\n.\r\n");
	ck_assert(smtp_client_in_doubt(&client));
	ck_assert_str_eq(says("250-2.0.0 taken as\r\n250 2.0.0 17\r\n"), "SR");
	ck_assert_str_eq(client.reply.text, "taken as\n17\n");
	ck_assert_uint_eq(client.reply.class, 2);
	ck_assert(!smtp_client_in_doubt(&client));
	ck_assert_int_eq(smtp_client_quit(&client), 0);
	sent("QUIT\r\n");
	ck_assert_str_eq(says("221 bye\r\n"), "L");
	smtp_client_fini(&client);
}
END_TEST

START_TEST(one_by_one)
{
	begin(SMTP_TLS_NONE, "250 relay\r\n");
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	sent("MAIL FROM:<a@b.c>\r\n");
	ck_assert_str_eq(says("250 ok\r\n"), "");
	sent("RCPT TO:<d@e.f>\r\n");
	ck_assert_str_eq(says("550 5.1.1 nobody\r\n"), "r");
	ck_assert_uint_eq(client.reply.detail, 1);
	sent("RCPT TO:<g@h.i>\r\n");
	ck_assert_str_eq(says("250 ok\r\n"), "r");
	sent("DATA\r\n");
	ck_assert_str_eq(says("354 go\r\n"), "C");
	ck_assert_int_eq(smtp_client_content_end(&client), 0);
	sent(".\r\n");
	ck_assert_str_eq(says("554 5.7.1 no\r\n"), "SR");
	ck_assert_uint_eq(client.reply.code, 554);
	smtp_client_fini(&client);
}
END_TEST

START_TEST(nobody_taken)
{
	/* together: the server may wait for a message all the same */
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	sent(BEGUN);
	ck_assert_str_eq(
	    says("250 ok\r\n550 5.1.1 no\r\n450 4.2.1 later\r\n354 go\r\n"),
	    "rr");
	sent(".\r\n");
	ck_assert(!smtp_client_in_doubt(&client));
	ck_assert_str_eq(says("554 5.5.1 no recipients\r\n"), "N");
	ck_assert_uint_eq(client.reply.code, 450);
	sent("RSET\r\n");
	ck_assert_str_eq(says("250 ok\r\n"), "R");
	/* MAIL refused: one event, not one for each recipient */
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	sent(BEGUN);
	ck_assert_str_eq(
	    says("451 4.7.1 grey\r\n503 no\r\n503 no\r\n503 no\r\n"), "N");
	ck_assert_uint_eq(client.reply.code, 451);
	smtp_client_fini(&client);
	/* DATA is not sent */
	begin(SMTP_TLS_NONE, "250 relay\r\n");
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(says("250 ok\r\n550 no\r\n551 no\r\n"), "rrN");
	sent("MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nRCPT TO:<g@h.i>\r\n"
	     "RSET\r\n");
	smtp_client_fini(&client);
}
END_TEST

START_TEST(tls)
{
	begin(SMTP_TLS_MAY, "250 relay\r\n");
	smtp_client_fini(&client);
	/* required, and not there */
	smtp_client_init(&client, "mta", SMTP_TLS_REQUIRE);
	ck_assert_str_eq(says("220 relay\r\n250 relay\r\n"), "X");
	smtp_client_fini(&client);
	/* octets from before the handshake are dropped */
	smtp_client_init(&client, "mta", SMTP_TLS_MAY);
	ck_assert_str_eq(says("220 relay\r\n"), "");
	sent(EHLO);
	ck_assert_str_eq(says("250-relay\r\n250 STARTTLS\r\n"), "");
	sent("STARTTLS\r\n");
	ck_assert_str_eq(says("220 go\r\n250-evil\r\n250 DSN\r\n"), "T");
	ck_assert_int_eq(smtp_client_secured(&client), 0);
	sent(EHLO);
	ck_assert_str_eq(says("250-relay\r\n250 STARTTLS\r\n"), "R");
	ck_assert_uint_eq(client.extensions, SMTP_HAS_STARTTLS);
	smtp_client_fini(&client);
}
END_TEST

START_TEST(bad_servers)
{
	static const char *const broken[] = {"junk\r\n", "999 x\r\n",
	    "220-a\r\n250 b\r\n", "220x\r\n", "\r\n", "150 x\r\n"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		smtp_client_init(&client, "mta", SMTP_TLS_NONE);
		ck_assert_str_eq(says(broken[i]), "B");
		ck_assert_str_eq(says("220 x\r\n"), "");
		smtp_client_fini(&client);
	}
	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	ck_assert_str_eq(says("554 no\r\n"), "X");
	smtp_client_fini(&client);
	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	ck_assert_str_eq(says("421 later\r\n"), "L");
	smtp_client_fini(&client);
	/* a line, and a reply, without an end */
	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	ck_assert_int_eq(smtp_client_push(&client, slice_of_string("220-")), 0);
	for (unsigned i = 0; i < SMTP_REPLY_LINE_MAX; i++)
		ck_assert_int_eq(
		    smtp_client_push(&client, slice_of_string("x")), 0);
	ck_assert_int_eq(smtp_client_next(&client), SMTP_BROKEN);
	smtp_client_fini(&client);
	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	for (unsigned i = 0; i < SMTP_REPLY_LINES; i++)
		ck_assert_int_eq(
		    smtp_client_push(&client, slice_of_string("220-x\r\n")), 0);
	ck_assert_int_eq(smtp_client_next(&client), SMTP_BROKEN);
	smtp_client_fini(&client);
	/* a reply to nothing */
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_str_eq(says("250 x\r\n"), "B");
	smtp_client_fini(&client);
	/* refused in the middle of the content */
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(says("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"), "rrC");
	ck_assert_str_eq(says("552 5.3.4 too large\r\n"), "N");
	smtp_client_fini(&client);
}
END_TEST

/* A server that knows no EHLO. */
START_TEST(old_server)
{
	smtp_client_init(&client, "mta", SMTP_TLS_MAY);
	ck_assert_str_eq(says("220 relay\r\n502 what\r\n"), "");
	sent(EHLO "HELO mta\r\n");
	ck_assert_str_eq(says("250-relay\r\n250 DSN\r\n"), "R");
	smtp_client_fini(&client);
	smtp_client_init(&client, "mta", SMTP_TLS_NONE);
	ck_assert_str_eq(says("220 relay\r\n502 what\r\n502 what\r\n"), "X");
	smtp_client_fini(&client);
}
END_TEST

/* A probe ends before there is a message, however the server behaves. */
START_TEST(probe)
{
	struct smtp_transaction t = message;

	t.probe = true;
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &t), 0);
	ck_assert_str_eq(says("250 a\r\n250 b\r\n550 c\r\n"), "rrN");
	sent("MAIL FROM:<a@b.c> SIZE=12 BODY=8BITMIME RET=HDRS "
	     "ENVID=id+2B1\r\n"
	     "RCPT TO:<d@e.f> NOTIFY=SUCCESS,FAILURE ORCPT=x400;/S+3Dd/\r\n"
	     "RCPT TO:<g@h.i> NOTIFY=NEVER\r\nRSET\r\n");
	ck_assert_str_eq(says("250 d\r\n"), "R");
	ck_assert_int_eq(smtp_client_begin(&client, &t), 0);
	ck_assert_str_eq(says("550 5.7.1 no\r\n250 ok\r\n"), "NR");
	smtp_client_fini(&client);
}
END_TEST

/* Whatever code of success a server says, nobody is forgotten: those who were
 * taken get the message. */
START_TEST(odd_codes)
{
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(says("252 a\r\n252 b\r\n299 c\r\n354 d\r\n"), "rrC");
	ck_assert_int_eq(smtp_client_content_end(&client), 0);
	/* other octets than a reply tell nothing of the message */
	ck_assert_str_eq(says("hello\r\n"), "B");
	ck_assert(smtp_client_in_doubt(&client));
	smtp_client_fini(&client);
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(says("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"), "rrC");
	ck_assert_int_eq(smtp_client_content_end(&client), 0);
	ck_assert_str_eq(says("421 4.3.2 going\r\n"), "L");
	ck_assert(!smtp_client_in_doubt(&client));
	smtp_client_fini(&client);
	/* a recipient taken without a sender: nothing is sent to him */
	begin(SMTP_TLS_NONE, ALL);
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(
	    says("500 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n"), "N");
	ck_assert_uint_eq(client.reply.code, 500);
	smtp_client_fini(&client);
}
END_TEST

/* No text of ours can be two commands, and no content ends early. */
START_TEST(injection)
{
	static const struct smtp_recipient bad[] = {
	    {"x@y.z>\r\nRCPT TO:<evil@x.y", NULL, NULL}};
	struct smtp_transaction t = message;

	begin(SMTP_TLS_NONE, ALL);
	t.recipients = bad;
	t.count = 1;
	ck_assert_int_eq(smtp_client_begin(&client, &t), ERR_VALUE);
	t = message;
	t.from = "a@b.c>\nDATA";
	ck_assert_int_eq(smtp_client_begin(&client, &t), ERR_VALUE);
	t.from = "\xc3\xa4@b.c";
	ck_assert_int_eq(smtp_client_begin(&client, &t), ERR_VALUE);
	sent("");
	ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
	ck_assert_str_eq(says("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"), "rrC");
	sent(BEGUN);
	ck_assert_int_eq(
	    smtp_client_content(&client, slice_of_string("a\n.\n")), ERR_VALUE);
	ck_assert_int_eq(
	    smtp_client_content(&client, slice_of_string("a\rb")), ERR_VALUE);
	sent("");
	ck_assert_int_eq(
	    smtp_client_content(&client, slice_of_string("a\r")), 0);
	ck_assert_int_eq(smtp_client_content_end(&client), ERR_VALUE);
	smtp_client_fini(&client);
}
END_TEST

/* random_content - make a content of lines, dots, and seldom a CR or LF that
 * stands alone; how long it is */
static size_t
random_content(uint64_t *seed, char content[CONTENT_MAX])
{
	size_t wanted = random_below(seed, CONTENT_MAX - 2), len = 0;

	while (len < wanted) {
		size_t what = random_below(seed, 300);

		if (what < 40) {
			content[len++] = '\r';
			content[len++] = '\n';
		} else {
			content[len++] = what == 299 ? '\r'
			    : what == 298	     ? '\n'
			    : what < 100	     ? '.'
						     : 'x';
		}
	}
	return len;
}

/* escaped - write what the server is to get for a content, octet by octet;
 * false: it has a bare end of line */
static bool
escaped(const char *content, size_t len, char out[2 * CONTENT_MAX])
{
	for (size_t i = 0; i < len; i++) {
		char before = i == 0 ? '\0' : content[i - 1];

		if ((content[i] == '\n') != (before == '\r'))
			return false;
		if (content[i] == '.' && (i == 0 || before == '\n'))
			*out++ = '.';
		*out++ = content[i];
	}
	*out = '\0';
	return true;
}

/* Contents are sent alike in whatever pieces, though many octets are looked at
 * together. */
START_TEST(contents)
{
	char content[CONTENT_MAX], expected[2 * CONTENT_MAX];
	uint64_t seed = 1;

	for (unsigned i = 0; i < 3000; i++) {
		size_t len = random_content(&seed, content), at = 0, most;
		int error = 0;

		begin(SMTP_TLS_NONE, ALL);
		ck_assert_int_eq(smtp_client_begin(&client, &message), 0);
		sent(BEGUN);
		ck_assert_str_eq(
		    says("250 a\r\n250 b\r\n250 c\r\n354 d\r\n"), "rrC");
		most = 1 + random_below(&seed, CONTENT_MAX);
		while (error == 0 && at < len) {
			size_t piece = random_below(&seed, most + 1);

			piece = piece < len - at ? piece : len - at;
			error = smtp_client_content(
			    &client, slice_of(content + at, piece));
			at += piece;
		}
		if (escaped(content, len, expected)) {
			ck_assert_int_eq(error, 0);
			sent(expected);
		} else {
			ck_assert_int_eq(error, ERR_VALUE);
		}
		smtp_client_fini(&client);
	}
}
END_TEST

TEST_MAIN("smtp/smtp_client", TEST(pipelined); TEST(one_by_one);
	  TEST(nobody_taken); TEST(tls); TEST(bad_servers); TEST(old_server);
	  TEST(probe); TEST(odd_codes); TEST(injection); TEST(contents))
