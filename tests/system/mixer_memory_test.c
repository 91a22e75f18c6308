/* SPDX-License-Identifier: ISC */
/*
 * mixer_memory_test.c - what a gateway remembers: threads, reports and receipts
 * both ways, as either side's user reads them, and a memory that is lost
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtp/smtp_xtext.h"
#include "tests/system/mail_suite.h"
#include "tests/unit/test.h"

#define FIELD_MAX_ 8192
#define TURNS	   5 /* of two messages each */

/* has_started - tell whether mixer-memory has begun so many times */
static bool
has_started(void *arg)
{
	static const char line[] = " started name=mixer-memory ";
	char *text =
	    suite_read(suite_path(&mail_suite.suite, "state/log"), NULL);
	unsigned count = 0;

	for (const char *at = text;
	     at != NULL && (at = strstr(at, line)) != NULL; at++)
		count++;
	free(text);
	return count >= *(const unsigned *)arg;
}

/* begin - start the suite, with settings of the gateway */
static void
begin(const char *test, const char *settings)
{
	char all[256];
	unsigned once = 1;

	(void)snprintf(all, sizeof(all), "relay-from = \"*\"\n  %s", settings);
	mail_suite_begin(test, all);
	suite_wait("mixer-memory to begin", 20, has_started, &once);
}

/* field - read the value of a field, unfolded; "" if it is not there */
static void
field(const char *text, const char *name, char value[FIELD_MAX_])
{
	char start[64];
	const char *at;
	size_t len = 0;

	(void)snprintf(start, sizeof(start), "\r\n%s:", name);
	at = strstr(text, start);
	at = at == NULL ? "" : at + strlen(start);
	for (; *at == ' '; at++)
		;
	for (; *at != '\0' && len + 1 < FIELD_MAX_; at++) {
		if (at[0] == '\r' && at[1] == '\n' && at[2] != ' ' &&
		    at[2] != '\t')
			break;
		if (*at != '\r' && *at != '\n' && *at != '\t')
			value[len++] = *at;
	}
	value[len] = '\0';
	if (value[0] == ' ')
		memmove(value, value + 1, len);
}

/* hand_in - hand a message in by LMTP */
static void
hand_in(const char *mail, const char *recipient, const char *content)
{
	FILE *peer = mail_peer_call(mail_suite.lmtp);
	char *line;

	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, mail, "250 ");
	mail_peer_say(peer, recipient, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	ck_assert_int_gt(asprintf(&line, "%s\r\n.", content), 0);
	mail_peer_say(peer, line, "250 ");
	free(line);
	mail_peer_say(peer, "QUIT", "221 ");
	(void)fclose(peer);
}

/* next_object - wait for what the application gets, and take it; to be freed */
static json_t *
next_object(void)
{
	uint64_t id = program_await_next(&mail_suite.edi);
	json_t *object = program_claim(&mail_suite.edi, id);

	ck_assert_ptr_nonnull(object);
	program_answer(
	    &mail_suite.edi, id, "{\"all\":{\"result\":\"delivered\"}}");
	suite_wait_empty(&mail_suite.suite, 20);
	return object;
}

/* string_of - get a member of an object, or "" */
static const char *
string_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

/* submit - have the application submit an object, which is freed */
static void
submit(const char *name, json_t *object)
{
	char *text = json_dumps(object, 0);

	program_submit(&mail_suite.edi, name, text);
	free(text);
	json_decref(object);
}

/* message_of_jo - make a message of Jo's to Kim */
static json_t *
message_of_jo(json_t *ipm)
{
	return json_pack("{s:s, s:s, s:[{s:s}], s:o, s:[{s:s, s:s}]}", "kind",
	    "message", "originator", MAIL_SUITE_EDI ";S=Jo", "recipients",
	    "address", MAIL_SUITE_GW "kim(a)example.org", "ipm", ipm, "parts",
	    "type", "text", "text", "hello");
}

/* kim_writes - have Kim write, as Outlook names messages; before: references
 * so far */
static void
kim_writes(
    int turn, const char *reply_to, const char *references, char id[FIELD_MAX_])
{
	char content[4 * FIELD_MAX_];
	int len;

	(void)snprintf(id, FIELD_MAX_,
	    "<KL1PR0302MB5219E19084B514EC36B4F636DB5%02d"
	    "@KL1PR0302MB5219.apcprd03.prod.outlook.com>",
	    turn);
	len = snprintf(content, sizeof(content),
	    "From: Kim <kim@example.org>\r\nTo: Jo@edi.example\r\n"
	    "Subject: turn %d\r\nMessage-ID:\r\n %s\r\n%s%s%s%s%s%s\r\nHi\r\n",
	    turn, id, reply_to[0] != '\0' ? "In-Reply-To: " : "", reply_to,
	    reply_to[0] != '\0' ? "\r\n" : "",
	    references[0] != '\0' ? "References: " : "", references,
	    references[0] != '\0' ? "\r\n" : "");
	ck_assert_int_lt(len, (int)sizeof(content));
	hand_in(
	    "MAIL FROM:<kim@example.org>", "RCPT TO:<Jo@edi.example>", content);
}

/* jo_replies - have Jo reply as a user agent of X.400 does, which knows nothing
 * of the Internet: with the identifiers that it was given, cut or not */
static void
jo_replies(int turn, const json_t *ipm)
{
	char local[32], name[32];
	json_t *related = json_deep_copy(json_object_get(ipm, "related") != NULL
		? json_object_get(ipm, "related")
		: json_array());

	(void)snprintf(local, sizeof(local), "jo %d", turn);
	(void)snprintf(name, sizeof(name), "m%d", turn);
	(void)json_array_append(related, json_object_get(ipm, "id"));
	submit(name,
	    message_of_jo(json_pack("{s:s, s:{s:s, s:s}, s:O, s:o}", "subject",
		"re", "id", "local", local, "address", MAIL_SUITE_EDI ";S=Jo",
		"in_reply_to", json_object_get(ipm, "id"), "related",
		related)));
}

/* Ten messages: each reply names, on either side, the message that it replies
 * to and all before as their own side names them. */
START_TEST(conversation)
{
	char kim[FIELD_MAX_], jo[FIELD_MAX_] = "", seen[FIELD_MAX_];
	char all[4 * FIELD_MAX_] = "", local[32];

	begin("memory-thread", "");
	for (int turn = 0; turn < TURNS; turn++) {
		json_t *object, *ipm, *reply;
		char *text;

		kim_writes(turn, jo, all, kim);
		(void)strlcat(all, all[0] == '\0' ? "" : "\r\n ", sizeof(all));
		(void)strlcat(all, kim, sizeof(all));
		object = next_object();
		ipm = json_object_get(object, "ipm");
		reply = json_object_get(ipm, "in_reply_to");
		(void)snprintf(local, sizeof(local), "jo %d", turn - 1);
		ck_assert_str_eq(
		    string_of(reply, "local"), turn == 0 ? "" : local);
		ck_assert_uint_le(
		    strlen(string_of(json_object_get(ipm, "id"), "local")), 64);
		jo_replies(turn, ipm);
		json_decref(object);
		text = mail_suite_next();
		field(text, "In-Reply-To", seen);
		ck_assert_str_eq(seen, kim);
		field(text, "References", seen);
		for (int before = 0; before <= turn; before++) {
			char id[64];

			(void)snprintf(id, sizeof(id), "F636DB5%02d@", before);
			mail_suite_has(seen, id);
		}
		mail_suite_has_not(seen, "*@x400.example.net");
		field(text, "Message-ID", jo);
		ck_assert_str_ne(jo, "");
		(void)strlcat(all, "\r\n ", sizeof(all));
		(void)strlcat(all, jo, sizeof(all));
		free(text);
	}
	mail_suite_end();
}
END_TEST

/* envelope_id - read the ENVID that the server was given last, decoded */
static void
envelope_id(char *text, size_t size)
{
	char *commands, *at, *from = NULL;
	int len;

	commands = mail_suite_commands();
	ck_assert_ptr_nonnull(commands);
	for (at = commands; (at = strstr(at, "ENVID=")) != NULL; from = at)
		at += strlen("ENVID=");
	ck_assert_ptr_nonnull(from);
	len = smtp_xtext_get(
	    slice_of(from, strcspn(from, " \r\n")), text, size - 1);
	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	free(commands);
}

#define NOTIFICATION                                                           \
	"From: MAILER-DAEMON@example.org\r\nTo: Jo@edi.example\r\n"            \
	"Subject: Undelivered\r\nMIME-Version: 1.0\r\n"                        \
	"Content-Type: multipart/report; report-type=delivery-status;\r\n"     \
	" boundary=b\r\n\r\n--b\r\n\r\nSorry.\r\n"                             \
	"--b\r\nContent-Type: message/delivery-status\r\n\r\n"                 \
	"Reporting-MTA: dns; mx.example.org\r\n"                               \
	"Original-Envelope-Id: %s\r\n\r\n"                                     \
	"Original-Recipient: x400; " MAIL_SUITE_GW "nobody2(a)example.org\r\n" \
	"Final-Recipient: rfc822; nobody2@example.org\r\n"                     \
	"Action: failed\r\nStatus: 5.1.1\r\n"                                  \
	"Diagnostic-Code: smtp; 550 no such user\r\n\r\n"                      \
	"Final-Recipient: rfc822; stranger@example.org\r\n"                    \
	"Action: failed\r\nStatus: 5.1.1\r\n\r\n"                              \
	"--b\r\nContent-Type: message/rfc822\r\n\r\n"                          \
	"From: Jo@edi.example\r\nSubject: returned\r\n\r\nhello\r\n\r\n"       \
	"--b--"

/* A notification is a report on the recipient that it names, by his number,
 * and on nobody to whom the message was not passed on; it returns the message,
 * which was asked for. */
START_TEST(notified)
{
	char content[4096], id[256];
	json_t *object, *report, *one;

	begin("memory-notified", "");
	suite_write(suite_path(&mail_suite.suite, "body"), "hello\n", 6);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4send", "-f",
			     MAIL_SUITE_EDI ";S=Jo", "-b",
			     suite_path(&mail_suite.suite, "body"), "-t",
			     MAIL_SUITE_GW "kim(a)example.org", "-t",
			     MAIL_SUITE_GW "jim(a)example.org", "-t",
			     MAIL_SUITE_GW "kim2(a)example.org", NULL),
	    0);
	free(mail_suite_next());
	envelope_id(id, sizeof(id));
	(void)snprintf(content, sizeof(content), NOTIFICATION, id);
	/* nobody2 is none of its recipients */
	hand_in("MAIL FROM:<>", "RCPT TO:<Jo@edi.example>", content);
	object = next_object();
	ck_assert_str_eq(string_of(object, "kind"), "message");
	json_decref(object);
	memcpy(strstr(content, "nobody2(a)"), "   kim2(a)", 10);
	hand_in("MAIL FROM:<>", "RCPT TO:<Jo@edi.example>", content);
	object = next_object();
	ck_assert_str_eq(string_of(object, "kind"), "report");
	report = json_object_get(object, "report");
	one = json_array_get(json_object_get(report, "recipients"), 0);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(report, "recipients")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(one, "n")), 3);
	mail_suite_has(
	    string_of(json_object_get(one, "originally_intended"), "address"),
	    "kim2(a)example.org");
	ck_assert_int_eq(json_integer_value(json_object_get(one, "reason")), 1);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(one, "diagnostic")), 0);
	mail_suite_has(string_of(one, "text"), "550 no such user");
	json_decref(object);
	mail_suite_end();
}
END_TEST

#define RECEIPT                                                         \
	"From: Kim <kim@example.org>\r\nTo: Jo@edi.example\r\n"         \
	"Subject: Read\r\nMIME-Version: 1.0\r\n"                        \
	"Content-Type: multipart/report;\r\n"                           \
	" report-type=disposition-notification; boundary=b\r\n\r\n"     \
	"--b\r\n\r\nI have read it.\r\n"                                \
	"--b\r\nContent-Type: message/disposition-notification\r\n\r\n" \
	"Final-Recipient: rfc822; kim@example.org\r\n"                  \
	"Original-Message-ID: %s\r\n"                                   \
	"Disposition: manual-action/MDN-sent-manually; %s\r\n\r\n--b--"

/* Jo asks for a receipt, and Kim's mail program gives one. */
START_TEST(receipt_from_the_internet)
{
	static const char *const words[] = {"displayed", "deleted"};
	static const char *const kinds[] = {"receipt", "non-receipt"};
	char content[2 * FIELD_MAX_], id[FIELD_MAX_], value[FIELD_MAX_];
	char *text;

	begin("memory-mdn-in", "");
	for (int i = 0; i < 2; i++) {
		json_t *object, *n, *subject, *to;
		char name[16];

		(void)snprintf(name, sizeof(name), "m%d", i);
		to = json_pack("[{s:s, s:[s, s]}]", "address",
		    MAIL_SUITE_GW "kim(a)example.org", "requests", "receipt",
		    "non-receipt");
		submit(name,
		    message_of_jo(json_pack("{s:s, s:{s:s, s:s}, s:o}",
			"subject", "read this", "id", "local", "jo 1",
			"address", MAIL_SUITE_EDI ";S=Jo", "to", to)));
		text = mail_suite_next();
		field(text, "Disposition-Notification-To", value);
		ck_assert_str_eq(value, "Jo@edi.example");
		field(text, "Message-ID", id);
		free(text);
		(void)snprintf(content, sizeof(content), RECEIPT, id, words[i]);
		hand_in("MAIL FROM:<>", "RCPT TO:<Jo@edi.example>", content);
		object = next_object();
		n = json_object_get(object, "notification");
		ck_assert_msg(n != NULL, "%s", json_dumps(object, 0));
		ck_assert_str_eq(string_of(n, "kind"), kinds[i]);
		subject = json_object_get(n, "subject_ipm");
		ck_assert_str_eq(string_of(subject, "local"), "jo 1");
		mail_suite_has(
		    string_of(json_object_get(n, "originator"), "address"),
		    "kim(a)example.org");
		mail_suite_has(
		    string_of(object, "originator"), "kim(a)example.org");
		json_decref(object);
	}
	mail_suite_end();
}
END_TEST

/* Kim asks for a receipt, and Jo's user agent gives one; who asks for one to
 * somebody else gets none. */
START_TEST(receipt_to_the_internet)
{
	static const char *const results[] = {"displayed", "deleted"};
	static const char *const kinds[] = {"receipt", "non-receipt"};
	char *text;
	json_t *object, *to, *n;

	begin("memory-mdn-out", "");
	for (int i = 0; i < 3; i++) {
		char content[1024], name[16];

		(void)snprintf(content, sizeof(content),
		    "From: Kim <kim@example.org>\r\nTo: Jo@edi.example\r\n"
		    "Message-ID: <KL1PR0302MB5219E19084B514EC36B4F636DB5%02d"
		    "@KL1PR0302MB5219.apcprd03.prod.outlook.com>\r\n"
		    "Disposition-Notification-To: %s@example.org\r\n\r\nHi\r\n",
		    i, i < 2 ? "kim" : "list");
		hand_in("MAIL FROM:<kim@example.org>",
		    "RCPT TO:<Jo@edi.example>", content);
		object = next_object();
		to = json_array_get(
		    json_object_get(json_object_get(object, "ipm"), "to"), 0);
		ck_assert_uint_eq(
		    json_array_size(json_object_get(to, "requests")),
		    i < 2 ? 2 : 0);
		if (i == 2) {
			json_decref(object);
			break;
		}
		n = json_pack("{s:s, s:O, s:{s:s}}", "kind", kinds[i],
		    "subject_ipm",
		    json_object_get(json_object_get(object, "ipm"), "id"),
		    "originator", "address", MAIL_SUITE_EDI ";S=Jo");
		(void)json_object_set_new(n, i == 0 ? "receipt_time" : "reason",
		    json_integer(i == 0 ? 1796040310 : 0));
		(void)snprintf(name, sizeof(name), "n%d", i);
		submit(name,
		    json_pack("{s:s, s:s, s:[{s:s}], s:o}", "kind",
			"notification", "originator", MAIL_SUITE_EDI ";S=Jo",
			"recipients", "address",
			MAIL_SUITE_GW "kim(a)example.org", "notification", n));
		text = mail_suite_next();
		mail_suite_has(text, "\r\nTo: kim@example.org\r\n");
		mail_suite_has(text, "\r\nFrom: Jo@edi.example\r\n");
		mail_suite_has(text, "report-type=disposition-notification");
		(void)snprintf(content, sizeof(content),
		    "<KL1PR0302MB5219E19084B514EC36B4F636DB5%02d"
		    "@KL1PR0302MB5219.apcprd03.prod.outlook.com>",
		    i);
		mail_suite_has(text, content);
		mail_suite_has(text, results[i]);
		free(text);
		json_decref(object);
	}
	text = mail_suite_commands();
	mail_suite_has(text, "MAIL FROM:<> ");
	mail_suite_has(text, "RCPT TO:<kim@example.org> NOTIFY=NEVER");
	mail_suite_has_not(text, "MAIL FROM:<Jo");
	free(text);
	text = suite_read(suite_path(&mail_suite.suite, "state/log"), NULL);
	mail_suite_has(text, " 20388 ");
	free(text);
	mail_suite_end();
}
END_TEST

/* A probe is answered by the gateway as a message would be: the server is asked
 * for whom it takes, and who has no address of the Internet is unknown. */
START_TEST(probed)
{
	static const struct {
		const char *address, *result;
		int diagnostic;
		const char *text;
	} rows[] = {
	    {MAIL_SUITE_GW "kim(a)example.org", "delivered", -1,
		"the gateway to Internet mail answers it"},
	    {MAIL_SUITE_GW "nobody(a)example.org", "failed", 0, "550 "},
	    {MAIL_SUITE_DOMAIN ";O=GW;S=Kim", "failed", 0,
		"it is no address of the Internet here"},
	};
	char *text;

	begin("memory-probe", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *object, *one;
		char name[16];

		(void)snprintf(name, sizeof(name), "p%zu", i);
		submit(name,
		    json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "kind", "probe",
			"originator", MAIL_SUITE_EDI ";S=Jo", "recipients",
			"address", rows[i].address, "report_request",
			"report"));
		object = next_object();
		ck_assert_str_eq(string_of(object, "kind"), "report");
		one = json_array_get(
		    json_object_get(
			json_object_get(object, "report"), "recipients"),
		    0);
		ck_assert_str_eq(string_of(one, "result"), rows[i].result);
		mail_suite_has(string_of(one, "text"), rows[i].text);
		if (rows[i].diagnostic >= 0) {
			ck_assert_int_eq(
			    json_integer_value(json_object_get(one, "reason")),
			    1);
			ck_assert_int_eq(json_integer_value(json_object_get(
					     one, "diagnostic")),
			    rows[i].diagnostic);
		}
		json_decref(object);
	}
	ck_assert(!mail_suite_has_next(NULL));
	text = mail_suite_commands();
	mail_suite_has(text, "MAIL FROM:<Jo@edi.example>\r\n");
	mail_suite_has(text, "RCPT TO:<kim@example.org>\r\n");
	mail_suite_has_not(text, "DATA");
	free(text);
	mail_suite_end();
}
END_TEST

/* report_on - have Kim write to somebody whose mail is returned, and read the
 * report that he gets; to be freed */
static char *
report_on(int number)
{
	char mail[128];

	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4ctl", "disable",
			     "application/edi", NULL),
	    0);
	(void)snprintf(mail, sizeof(mail),
	    "MAIL FROM:<kim@example.org> RET=FULL ENVID=Q%d", number);
	hand_in(mail,
	    "RCPT TO:<Jo@edi.example> ORCPT=rfc822;Original@edi.example",
	    "From: Kim <kim@example.org>\r\n\r\nHello Jo\r\n");
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4queue",
			     "return", "--all", NULL),
	    0);
	return mail_suite_next();
}

/* is_rebuilt - tell whether mixer-memory has begun a new database */
static bool
is_rebuilt(void *arg)
{
	char *text =
	    suite_read(suite_path(&mail_suite.suite, "state/log"), NULL);
	bool is = text != NULL && strstr(text, " 20391 ") != NULL;

	(void)arg;
	free(text);
	return is;
}

/* Mail goes on whatever becomes of mixer-memory: with what it knows, or
 * without. */
START_TEST(memory_lost)
{
	char nonsense[8192], *text;
	int fd;

	begin("memory-lost", "");
	text = report_on(0);
	mail_suite_has(text, "Original-Envelope-Id: Q0\r\n");
	mail_suite_has(
	    text, "Original-Recipient: rfc822;Original@edi.example\r\n");
	mail_suite_has(text, "Content-Type: message/rfc822\r\n");
	mail_suite_has(text, "\r\nHello Jo\r\n");
	free(text);
	/* hangs: nobody waits for it for long */
	ck_assert_int_eq(
	    kill(suite_pid(&mail_suite.suite, "mixer-memory"), SIGSTOP), 0);
	text = report_on(1);
	/* the ENVID comes back with the report itself */
	mail_suite_has(text, "Original-Envelope-Id: Q1\r\n");
	mail_suite_has_not(text, "Original-Recipient:");
	mail_suite_has(text, "Final-Recipient: x400; /S=Jo/O=EDI/");
	free(text);
	/* killed, its database damaged: it is made again, with what waits */
	memset(nonsense, 'x', sizeof(nonsense));
	fd = open(suite_path(&mail_suite.suite, "state/mixer-memory/memory.db"),
	    O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    write(fd, nonsense, sizeof(nonsense)), (ssize_t)sizeof(nonsense));
	(void)close(fd);
	(void)unlink(
	    suite_path(&mail_suite.suite, "state/mixer-memory/memory.db-wal"));
	ck_assert_int_eq(
	    kill(suite_pid(&mail_suite.suite, "mixer-memory"), SIGKILL), 0);
	suite_wait("a new database", 20, is_rebuilt, NULL);
	text = report_on(2);
	mail_suite_has(text, "Original-Envelope-Id: Q2\r\n");
	free(text);
	mail_suite_end();
}
END_TEST

/* is_told - tell whether status says that mixer-memory is behind, and what
 * helps */
static bool
is_told(void *arg)
{
	char *output;
	bool told;

	(void)arg;
	(void)suite_tool(&mail_suite.suite, &output, "x4ctl", "status", NULL);
	told = strstr(output, "mixer-memory is behind") != NULL &&
	    strstr(output, "-> x4ctl restart mixer-memory") != NULL;
	free(output);
	return told;
}

/* An administrator is told of a mixer-memory that hangs. */
START_TEST(memory_behind)
{
	if (!suite_long()) {
		puts("skipped: ten seconds, FOURPOST_TEST_LONG");
		return;
	}
	begin("memory-behind", "");
	ck_assert_int_eq(
	    kill(suite_pid(&mail_suite.suite, "mixer-memory"), SIGSTOP), 0);
	hand_in("MAIL FROM:<kim@example.org> ENVID=Q1",
	    "RCPT TO:<Jo@edi.example>", "From: kim@example.org\r\n\r\nHi\r\n");
	suite_wait("the problem", 30, is_told, NULL);
	mail_suite_end();
}
END_TEST

/* runs - tell whether there is a mixer-memory */
static bool
runs(void *arg)
{
	return (suite_pid(&mail_suite.suite, "mixer-memory") != 0) ==
	    (*(const bool *)arg);
}

/* mixer-memory comes with the first gateway, and goes with the last. */
START_TEST(comes_and_goes)
{
	unsigned starts = 3;
	bool there = false;
	char *mixer, *text;

	begin("memory-reload", "");
	mixer = strstr(mail_suite.sections, "mixer \"net\"");
	ck_assert_ptr_nonnull(mixer);
	*mixer = '\0';
	suite_configure(&mail_suite.suite, "a", MAIL_SUITE_DOMAIN,
	    MAIL_SUITE_MTA, mail_suite.sections);
	ck_assert_int_eq(
	    suite_tool(&mail_suite.suite, NULL, "x4ctl", "reload", NULL), 0);
	suite_wait("mixer-memory to go", 20, runs, &there);
	*mixer = 'm';
	suite_configure(&mail_suite.suite, "a", MAIL_SUITE_DOMAIN,
	    MAIL_SUITE_MTA, mail_suite.sections);
	ck_assert_int_eq(
	    suite_tool(&mail_suite.suite, NULL, "x4ctl", "reload", NULL), 0);
	there = true;
	suite_wait("mixer-memory to come", 20, runs, &there);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4ctl", "restart",
			     "mixer-memory", NULL),
	    0);
	suite_wait("mixer-memory to begin again", 20, has_started, &starts);
	text = report_on(3);
	mail_suite_has(text, "Original-Envelope-Id: Q3\r\n");
	free(text);
	mail_suite_end();
}
END_TEST

TEST_MAIN("system/mixer_memory", TEST_LONG(conversation, 60);
	  TEST_LONG(notified, 60); TEST_LONG(receipt_from_the_internet, 60);
	  TEST_LONG(receipt_to_the_internet, 60); TEST_LONG(probed, 60);
	  TEST_LONG(memory_lost, 60); TEST_LONG(memory_behind, 60);
	  TEST_LONG(comes_and_goes, 60))
