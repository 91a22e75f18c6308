/* SPDX-License-Identifier: ISC */
/*
 * mixer_test.c - a gateway between the program of an application and Internet
 * mail: both ways, who is refused, and nobody twice
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/smtp_xtext.h"
#include "tests/system/mail_suite.h"
#include "tests/unit/test.h"

#define CONTENT                                                     \
	"From: Kim <kim@example.org>\r\nTo: jo.doe@edi.example\r\n" \
	"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\n"     \
	"Hello Jo\r\n..dot\r\n."

/* send_both - send a message to two recipients, and those that are refused, and
 * end in order or not */
static void
send_both(bool quit)
{
	FILE *peer = mail_peer_call(mail_suite.lmtp);

	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<kim@example.org> ENVID=1", "250 ");
	mail_peer_say(peer, "RCPT TO:<jo.doe@edi.example>", "250 2.1.5");
	mail_peer_say(peer, "RCPT TO:<x@elsewhere.example>", "550 5.1.2");
	mail_peer_say(peer, "RCPT TO:<x@x400.example.net>", "550 5.1.3");
	mail_peer_say(peer,
	    "RCPT TO:<\"/RFC-822=a(a)b.example/C=XX/ADMD=TEST/\""
	    "@x400.example.net>",
	    "550 5.7.1");
	mail_peer_say(
	    peer, "RCPT TO:</S=x/ADMD=NO/C=FR/@x400.example.net>", "550 5.1.1");
	mail_peer_say(peer, "RCPT TO:<ann@edi.example>", "250 2.1.5");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, CONTENT, "250 2.6.0");
	mail_peer_hear(peer, "250 2.6.0");
	if (quit)
		mail_peer_say(peer, "QUIT", "221 ");
	(void)fclose(peer);
}

START_TEST(from_the_internet)
{
	mail_suite_begin("mixer-in", "");
	send_both(false);
	/* as a client does that has not heard all replies */
	send_both(true);
	ck_assert_int_eq(suite_queued(&mail_suite.suite), 1);
	mail_suite_end();
}
END_TEST

START_TEST(to_the_internet)
{
	char *text, *output;

	mail_suite_begin("mixer-out", "");
	suite_write(
	    suite_path(&mail_suite.suite, "body"), "Hello Kim\n.dot\n", 15);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, &output, "x4send", "-f",
			     MAIL_SUITE_EDI ";S=Jo", "-s", "reply", "-b",
			     suite_path(&mail_suite.suite, "body"), "-t",
			     MAIL_SUITE_GW "kim(a)example.org", "-t",
			     MAIL_SUITE_GW "nobody(a)example.org", "-t",
			     MAIL_SUITE_GW "later(a)example.org", NULL),
	    0);
	free(output);
	text = mail_suite_next();
	mail_suite_has(text, "From: Jo@edi.example\r\n");
	mail_suite_has(text, "To: kim@example.org, nobody@example.org,");
	mail_suite_has(text, "Subject: reply\r\n");
	mail_suite_has(text, "\r\nHello Kim\r\n.dot\r\n");
	free(text);
	text = mail_suite_commands();
	mail_suite_has(text, "MAIL FROM:<Jo@edi.example> RET=FULL ENVID=");
	mail_suite_has(
	    text, "RCPT TO:<kim@example.org> NOTIFY=FAILURE ORCPT=x400;");
	free(text);
	/* a report on the one that is refused; the other waits */
	(void)program_await_next(&mail_suite.edi);
	ck_assert_int_eq(suite_queued(&mail_suite.suite), 2);
	mail_suite_end();
}
END_TEST

/* A report goes to whom the message came from, as Internet mail has it. */
START_TEST(reported)
{
	char *text, *output;
	FILE *peer;

	mail_suite_begin("mixer-report", "");
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	peer = mail_peer_call(mail_suite.lmtp);
	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(
	    peer, "MAIL FROM:<kim@example.org> RET=HDRS ENVID=QQ+2B7", "250 ");
	mail_peer_say(peer,
	    "RCPT TO:<jo.doe@edi.example> ORCPT=rfc822;Jo+2BDoe@edi.example",
	    "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, CONTENT, "250 ");
	(void)fclose(peer);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, &output, "x4queue",
			     "return", "1", NULL),
	    0);
	free(output);
	text = mail_suite_next();
	mail_suite_has(text, "To: kim@example.org\r\n");
	mail_suite_has(text, "Message-ID: <");
	mail_suite_has(text, "Content-Type: multipart/report;");
	mail_suite_has(
	    text, "could NOT be delivered to:\r\n\r\n    jo.doe@edi.example");
	mail_suite_has(text, "Original-Envelope-Id: QQ+7\r\n");
	mail_suite_has(
	    text, "Original-Recipient: rfc822;Jo+Doe@edi.example\r\n");
	mail_suite_has(text, "Final-Recipient: x400; /G=jo/S=doe/O=EDI/");
	mail_suite_has(text, "Action: failed\r\n");
	mail_suite_has(text, "Status: 5.");
	/* the header alone was asked for */
	mail_suite_has(text, "Content-Type: text/rfc822-headers\r\n");
	ck_assert_ptr_null(strstr(text, "Hello Jo"));
	free(text);
	mail_suite_end();
}
END_TEST

/* envelope_id - read the ENVID that the server was given, decoded */
static void
envelope_id(char *text, size_t size)
{
	char *commands, *from;
	int len;

	commands = mail_suite_commands();
	from = strstr(commands, "ENVID=");
	ck_assert_ptr_nonnull(from);
	from += strlen("ENVID=");
	len = smtp_xtext_get(
	    slice_of(from, strcspn(from, " \r\n")), text, size - 1);
	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	free(commands);
}

/* A notification on a message to kim@example.org, by its ENVID. */
#define NOTIFICATION                                               \
	"From: mailer@example.org\r\nSubject: failed\r\n"          \
	"MIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n" \
	" report-type=delivery-status; boundary=b\r\n\r\n"         \
	"--b\r\n\r\nIt failed.\r\n"                                \
	"--b\r\nContent-Type: message/delivery-status\r\n\r\n"     \
	"Reporting-MTA: dns;sink.example\r\n"                      \
	"Original-Envelope-Id: %s\r\n\r\n"                         \
	"Final-Recipient: rfc822;kim@example.org\r\n"              \
	"Action: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n."

/* A notification of the server's is a report to whom the message came from;
 * one about nothing that it was given is a message. */
START_TEST(notified)
{
	static const char *const kinds[] = {"report", "message"};
	char content[4096], id[256];

	mail_suite_begin("mixer-notified", "");
	suite_write(suite_path(&mail_suite.suite, "body"), "Hello\n", 6);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4send", "-f",
			     MAIL_SUITE_EDI ";S=Jo", "-b",
			     suite_path(&mail_suite.suite, "body"), "-t",
			     MAIL_SUITE_GW "kim(a)example.org", NULL),
	    0);
	free(mail_suite_next());
	suite_wait_empty(&mail_suite.suite, 20);
	envelope_id(id, sizeof(id));
	for (int i = 0; i < 2; i++) {
		FILE *peer = mail_peer_call(mail_suite.lmtp);
		json_t *object;
		uint64_t given;

		(void)snprintf(content, sizeof(content), NOTIFICATION,
		    i == 0 ? id : "of somebody else");
		mail_peer_say(peer, "LHLO test", "250 ");
		mail_peer_say(peer, "MAIL FROM:<>", "250 ");
		mail_peer_say(peer, "RCPT TO:<Jo@edi.example>", "250 ");
		mail_peer_say(peer, "DATA", "354 ");
		mail_peer_say(peer, content, "250 ");
		(void)fclose(peer);
		given = program_await_next(&mail_suite.edi);
		object = program_claim(&mail_suite.edi, given);
		ck_assert_str_eq(
		    json_string_value(json_object_get(object, "kind")),
		    kinds[i]);
		json_decref(object);
		program_answer(&mail_suite.edi, given,
		    "{\"all\":{\"result\":\"delivered\"}}");
		suite_wait_empty(&mail_suite.suite, 20);
	}
	mail_suite_end();
}
END_TEST

/* sender - read as whom the server was given the message */
static void
sender(char *text, size_t size)
{
	char *commands, *from;

	commands = mail_suite_commands();
	from = strstr(commands, "MAIL FROM:<");
	ck_assert_ptr_nonnull(from);
	from += strlen("MAIL FROM:<");
	(void)snprintf(text, size, "%.*s", (int)strcspn(from, ">"), from);
	free(commands);
}

/* An author of the Internet whom X.400 sends on hears what became of it: the
 * notification comes to the address of ours that stood for his. */
START_TEST(sent_on)
{
	char content[4096], id[256], from[256], line[300], *text;
	FILE *peer;

	mail_suite_begin("mixer-sent-on", "");
	suite_write(suite_path(&mail_suite.suite, "body"), "Hello\n", 6);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4send", "-f",
			     MAIL_SUITE_GW "lee(a)example.com", "-b",
			     suite_path(&mail_suite.suite, "body"), "-t",
			     MAIL_SUITE_GW "kim(a)example.org", NULL),
	    0);
	free(mail_suite_next());
	suite_wait_empty(&mail_suite.suite, 20);
	envelope_id(id, sizeof(id));
	sender(from, sizeof(from));
	ck_assert_ptr_nonnull(strstr(from, "@x400.example.net"));
	(void)snprintf(line, sizeof(line), "RCPT TO:<%s>", from);
	(void)snprintf(content, sizeof(content), NOTIFICATION, id);
	peer = mail_peer_call(mail_suite.lmtp);
	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<>", "250 ");
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, content, "250 ");
	text = mail_suite_next();
	mail_suite_has(text, "\r\nTo: lee@example.com\r\n");
	mail_suite_has(text, "Content-Type: multipart/report;");
	mail_suite_has(text, "\r\nFinal-Recipient: x400;");
	mail_suite_has(text, "Action: failed\r\nStatus: 5.1.1\r\n");
	free(text);
	/* of nothing that was sent on there is no report */
	(void)snprintf(
	    content, sizeof(content), NOTIFICATION, "of somebody else");
	mail_peer_say(peer, "MAIL FROM:<>", "250 ");
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, content, "550 5.7.1");
	(void)fclose(peer);
	mail_suite_end();
}
END_TEST

/* A message that has been here five times before goes round. */
START_TEST(looping)
{
	static const char visit[] = "X400-Received: by /PRMD=MIX/ADMD=TEST/"
				    "C=XX/; Relayed;\r\n\tMon, 30 Nov 2026 "
				    "12:05:10 +0000\r\n";
	char content[4096];
	FILE *peer;

	mail_suite_begin("mixer-loop", "");
	peer = mail_peer_call(mail_suite.lmtp);
	mail_peer_say(peer, "LHLO test", "250 ");
	for (int visits = 4; visits < 6; visits++) {
		content[0] = '\0';
		for (int i = 0; i < visits; i++)
			(void)strlcat(content, visit, sizeof(content));
		(void)strlcat(content, CONTENT, sizeof(content));
		mail_peer_say(peer, "MAIL FROM:<kim@example.org>", "250 ");
		mail_peer_say(peer, "RCPT TO:<jo.doe@edi.example>", "250 ");
		mail_peer_say(peer, "DATA", "354 ");
		/* fewer visits may have had a reason */
		mail_peer_say(peer, content, visits < 5 ? "250 " : "550 5.4.6");
	}
	(void)fclose(peer);
	mail_suite_end();
}
END_TEST

/* Nobody reaches the Internet through us whom relay-from does not name. */
START_TEST(relayed)
{
	char *text;

	for (int allowed = 0; allowed < 2; allowed++) {
		mail_suite_begin(allowed ? "mixer-relay" : "mixer-no-relay",
		    allowed ? "relay-from = \"application/edi\"" : "");
		program_submit(&mail_suite.edi, "m1",
		    "{\"kind\":\"message\",\"originator\":\"" MAIL_SUITE_EDI
		    ";S=Me\","
		    "\"recipients\":[{\"address\":\"" MAIL_SUITE_GW
		    "kim(a)example.org\"}],\"ipm\":{\"subject\":\"s\"},"
		    "\"parts\":["
		    "{\"type\":\"text\",\"text\":\"hello\"}]}");
		if (allowed) {
			text = mail_suite_next();
			mail_suite_has(text, "From: Me@edi.example\r\n");
			free(text);
		} else {
			program_await(&mail_suite.edi, "in/error/m1.json");
		}
		mail_suite_end();
	}
}
END_TEST

/* Two forwarded messages that cannot be read are found one after the other: the
 * content is mapped three times, and read from qmgr each time. */
START_TEST(mapped_again)
{
	static const char part[] =
	    "Content-Type: application/x400-bp; bp-type=9\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\nqQQxAAUA\r\n";
	char *text;

	mail_suite_begin("mixer-again", "relay-from = \"application/edi\"");
	program_submit(&mail_suite.edi, "m1",
	    "{\"kind\":\"message\",\"originator\":\"" MAIL_SUITE_EDI ";S=Me\","
	    "\"recipients\":[{\"address\":\"" MAIL_SUITE_GW
	    "kim(a)example.org\"}],\"content_type\":\"p2\","
	    "\"content\":{\"base64\":"
	    "\"oBUxBWsDEwFhMAypBDEABQCpBDEABQA=\"}}");
	text = mail_suite_next();
	mail_suite_has(text, part);
	mail_suite_has(strstr(text, part) + sizeof(part) - 1, part);
	free(text);
	mail_suite_end();
}
END_TEST

TEST_MAIN("system/mixer", TEST_LONG(from_the_internet, 60);
	  TEST_LONG(to_the_internet, 60); TEST_LONG(reported, 60);
	  TEST_LONG(notified, 60); TEST_LONG(sent_on, 60);
	  TEST_LONG(looping, 60); TEST_LONG(relayed, 60);
	  TEST_LONG(mapped_again, 60))
