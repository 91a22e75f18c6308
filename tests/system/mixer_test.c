/* SPDX-License-Identifier: ISC */
/*
 * mixer_test.c - a gateway between the program of an application and Internet
 * mail: both ways, who is refused, and nobody twice
 */
#include <stdlib.h>
#include <string.h>

#include "smtp/smtp_xtext.h"
#include "tests/system/mail_peer.h"
#include "tests/system/program.h"
#include "tests/system/suite.h"
#include "tests/unit/test.h"

#define DOMAIN "C=XX;A=TEST;P=MIX"
#define EDI    DOMAIN ";O=EDI"
#define GW     DOMAIN ";O=GW;DDA:RFC-822="

static struct suite tested;
static struct program edi;
static uint16_t lmtp;
static pid_t server;
static char sink[SUITE_PATH + 16];

/* begin - start a suite with an application and a gateway, and a server */
static void
begin(const char *test, const char *more)
{
	char sections[2048], directory[SUITE_PATH + 16];
	uint16_t smtp;

	suite_begin(test);
	lmtp = suite_free_port();
	smtp = suite_free_port();
	(void)snprintf(
	    directory, sizeof(directory), "%s/edi", suite_directory());
	program_make(&edi, directory);
	(void)snprintf(sink, sizeof(sink), "%s/sink", suite_directory());
	ck_assert_int_eq(suite_shell(NULL, "mkdir '%s'", sink), 0);
	server = mail_peer_serve(sink, smtp);
	(void)snprintf(sections, sizeof(sections),
	    "application \"edi\" {\n  path = \"%s\"\n"
	    "  address-space = {\"" EDI "\"}\n}\n"
	    "mixer \"net\" {\n  mail-domain = \"x400.example.net\"\n"
	    "  gateway-address = \"" DOMAIN ";O=GW\"\n"
	    "  map = {\"edi.example = " EDI "\"}\n"
	    "  address-space = {\"" DOMAIN ";O=GW\"}\n"
	    "  listen-lmtp = {\"127.0.0.1:%u\"}\n"
	    "  relay = {\"127.0.0.1:%u\"}\n  %s\n}\n",
	    edi.directory, lmtp, smtp, more);
	suite_configure(&tested, "a", DOMAIN, "", sections);
	suite_start(&tested);
	program_await(&edi, "in/new");
}

/* end - stop the suite and the server */
static void
end(void)
{
	suite_stop(&tested);
	mail_peer_end(server);
	suite_end();
}

/* has_file - tell whether the server has got a message of that number */
static bool
has_file(void *arg)
{
	char path[SUITE_PATH + 32];
	char *text;
	bool has;

	(void)snprintf(path, sizeof(path), "%s/%s", sink, (const char *)arg);
	text = suite_read(path, NULL);
	has = text != NULL;
	free(text);
	return has;
}

/* message - wait for a message that the server gets; to be freed */
static char *
message(const char *number)
{
	char path[SUITE_PATH + 32];

	suite_wait(
	    "a message at the server", 20, has_file, (void *)(uintptr_t)number);
	(void)snprintf(path, sizeof(path), "%s/%s", sink, number);
	return suite_read(path, NULL);
}

/* has - check that a text has another in it */
static void
has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no %s in:\n%s", part, text);
}

#define CONTENT                                                     \
	"From: Kim <kim@example.org>\r\nTo: jo.doe@edi.example\r\n" \
	"Subject: hello\r\nMessage-ID: <1@example.org>\r\n\r\n"     \
	"Hello Jo\r\n..dot\r\n."

/* send_both - send a message to two recipients, and those that are refused, and
 * end in order or not */
static void
send_both(bool quit)
{
	FILE *peer = mail_peer_call(lmtp);

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
	begin("mixer-in", "");
	send_both(false);
	/* as a client does that has not heard all replies */
	send_both(true);
	ck_assert_int_eq(suite_queued(&tested), 1);
	end();
}
END_TEST

START_TEST(to_the_internet)
{
	char *text, *output, path[SUITE_PATH + 32];

	begin("mixer-out", "");
	suite_write(suite_path(&tested, "body"), "Hello Kim\n.dot\n", 15);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4send", "-f", EDI ";S=Jo", "-s",
		"reply", "-b", suite_path(&tested, "body"), "-t",
		GW "kim(a)example.org", "-t", GW "nobody(a)example.org", "-t",
		GW "later(a)example.org", NULL),
	    0);
	free(output);
	text = message("1");
	has(text, "From: Jo@edi.example\r\n");
	has(text, "To: kim@example.org, nobody@example.org,");
	has(text, "Subject: reply\r\n");
	has(text, "\r\nHello Kim\r\n.dot\r\n");
	free(text);
	(void)snprintf(path, sizeof(path), "%s/commands", sink);
	text = suite_read(path, NULL);
	has(text, "MAIL FROM:<Jo@edi.example> RET=FULL ENVID=");
	has(text, "RCPT TO:<kim@example.org> NOTIFY=FAILURE ORCPT=x400;");
	free(text);
	/* a report on the one that is refused; the other waits */
	(void)program_await_next(&edi);
	ck_assert_int_eq(suite_queued(&tested), 2);
	end();
}
END_TEST

/* A report goes to whom the message came from, as Internet mail has it. */
START_TEST(reported)
{
	char *text, *output;
	FILE *peer;

	begin("mixer-report", "");
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	peer = mail_peer_call(lmtp);
	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(
	    peer, "MAIL FROM:<kim@example.org> RET=HDRS ENVID=QQ+2B7", "250 ");
	mail_peer_say(peer,
	    "RCPT TO:<jo.doe@edi.example> ORCPT=rfc822;Jo+2BDoe@edi.example",
	    "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, CONTENT, "250 ");
	(void)fclose(peer);
	ck_assert_int_eq(
	    suite_tool(&tested, &output, "x4queue", "return", "1", NULL), 0);
	free(output);
	text = message("1");
	has(text, "To: kim@example.org\r\n");
	has(text, "Message-ID: <");
	has(text, "Content-Type: multipart/report;");
	has(text, "could NOT be delivered to:\r\n\r\n    jo.doe@edi.example");
	has(text, "Original-Envelope-Id: QQ+7\r\n");
	has(text, "Original-Recipient: rfc822;Jo+Doe@edi.example\r\n");
	has(text, "Final-Recipient: x400; /G=jo/S=doe/O=EDI/");
	has(text, "Action: failed\r\n");
	has(text, "Status: 5.");
	/* the header alone was asked for */
	has(text, "Content-Type: text/rfc822-headers\r\n");
	ck_assert_ptr_null(strstr(text, "Hello Jo"));
	free(text);
	end();
}
END_TEST

/* envelope_id - read the ENVID that the server was given, decoded */
static void
envelope_id(char *text, size_t size)
{
	char path[SUITE_PATH + 32], *commands, *from;
	int len;

	(void)snprintf(path, sizeof(path), "%s/commands", sink);
	commands = suite_read(path, NULL);
	ck_assert_ptr_nonnull(commands);
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

	begin("mixer-notified", "");
	suite_write(suite_path(&tested, "body"), "Hello\n", 6);
	ck_assert_int_eq(suite_tool(&tested, NULL, "x4send", "-f", EDI ";S=Jo",
			     "-b", suite_path(&tested, "body"), "-t",
			     GW "kim(a)example.org", NULL),
	    0);
	free(message("1"));
	suite_wait_empty(&tested, 20);
	envelope_id(id, sizeof(id));
	for (int i = 0; i < 2; i++) {
		FILE *peer = mail_peer_call(lmtp);
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
		given = program_await_next(&edi);
		object = program_claim(&edi, given);
		ck_assert_str_eq(
		    json_string_value(json_object_get(object, "kind")),
		    kinds[i]);
		json_decref(object);
		program_answer(
		    &edi, given, "{\"all\":{\"result\":\"delivered\"}}");
		suite_wait_empty(&tested, 20);
	}
	end();
}
END_TEST

/* sender - read as whom the server was given the message */
static void
sender(char *text, size_t size)
{
	char path[SUITE_PATH + 32], *commands, *from;

	(void)snprintf(path, sizeof(path), "%s/commands", sink);
	commands = suite_read(path, NULL);
	ck_assert_ptr_nonnull(commands);
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

	begin("mixer-sent-on", "");
	suite_write(suite_path(&tested, "body"), "Hello\n", 6);
	ck_assert_int_eq(
	    suite_tool(&tested, NULL, "x4send", "-f", GW "lee(a)example.com",
		"-b", suite_path(&tested, "body"), "-t", GW "kim(a)example.org",
		NULL),
	    0);
	free(message("1"));
	suite_wait_empty(&tested, 20);
	envelope_id(id, sizeof(id));
	sender(from, sizeof(from));
	ck_assert_ptr_nonnull(strstr(from, "@x400.example.net"));
	(void)snprintf(line, sizeof(line), "RCPT TO:<%s>", from);
	(void)snprintf(content, sizeof(content), NOTIFICATION, id);
	peer = mail_peer_call(lmtp);
	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, "MAIL FROM:<>", "250 ");
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, content, "250 ");
	text = message("2");
	has(text, "\r\nTo: lee@example.com\r\n");
	has(text, "Content-Type: multipart/report;");
	has(text, "\r\nFinal-Recipient: x400;");
	has(text, "Action: failed\r\nStatus: 5.1.1\r\n");
	free(text);
	/* of nothing that was sent on there is no report */
	(void)snprintf(
	    content, sizeof(content), NOTIFICATION, "of somebody else");
	mail_peer_say(peer, "MAIL FROM:<>", "250 ");
	mail_peer_say(peer, line, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, content, "550 5.7.1");
	(void)fclose(peer);
	end();
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

	begin("mixer-loop", "");
	peer = mail_peer_call(lmtp);
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
	end();
}
END_TEST

/* Nobody reaches the Internet through us whom relay-from does not name. */
START_TEST(relayed)
{
	char *text;

	for (int allowed = 0; allowed < 2; allowed++) {
		begin(allowed ? "mixer-relay" : "mixer-no-relay",
		    allowed ? "relay-from = \"application/edi\"" : "");
		program_submit(&edi, "m1",
		    "{\"kind\":\"message\",\"originator\":\"" EDI ";S=Me\","
		    "\"recipients\":[{\"address\":\"" GW
		    "kim(a)example.org\"}],\"ipm\":{\"subject\":\"s\"},"
		    "\"parts\":["
		    "{\"type\":\"text\",\"text\":\"hello\"}]}");
		if (allowed) {
			text = message("1");
			has(text, "From: Me@edi.example\r\n");
			free(text);
		} else {
			program_await(&edi, "in/error/m1.json");
		}
		end();
	}
}
END_TEST

TEST_MAIN("system/mixer", TEST_LONG(from_the_internet, 60);
	  TEST_LONG(to_the_internet, 60); TEST_LONG(reported, 60);
	  TEST_LONG(notified, 60); TEST_LONG(sent_on, 60);
	  TEST_LONG(looping, 60); TEST_LONG(relayed, 60))
