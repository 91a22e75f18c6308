/* SPDX-License-Identifier: ISC */
/*
 * mixer_envelope_test.c - the envelope through a gateway: who is to report
 * what, for whom mail to the postmaster is, and what a server hears of it
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/mail_suite.h"
#include "tests/unit/test.h"

#define DELIVERED "{\"all\":{\"result\":\"delivered\"}}"
#define CONTENT                                                 \
	"From: Kim <kim@example.org>\r\nTo: Jo@edi.example\r\n" \
	"Disposition-Notification-To: kim@example.org\r\n"      \
	"Subject: s\r\n\r\nHi\r\n."

/* hand_in - hand a message in by LMTP */
static void
hand_in(const char *mail, const char *recipient)
{
	FILE *peer = mail_peer_call(mail_suite.lmtp);

	mail_peer_say(peer, "LHLO test", "250 ");
	mail_peer_say(peer, mail, "250 ");
	mail_peer_say(peer, recipient, "250 ");
	mail_peer_say(peer, "DATA", "354 ");
	mail_peer_say(peer, CONTENT, "250 ");
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
	program_answer(&mail_suite.edi, id, DELIVERED);
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

#define KIM	   "MAIL FROM:<kim@example.org>"
#define NOBODY	   "MAIL FROM:<>"
#define JO	   "RCPT TO:<Jo@edi.example>"
#define AUTHOR	   "O=GW;P=MIX;A=TEST;C=XX;DDA:RFC-822=kim(a)example.org"
#define POSTMASTER "S=Postmaster;O=EDI;P=MIX;A=TEST;C=XX"
#define JO_OF_EDI  "S=Jo;O=EDI;P=MIX;A=TEST;C=XX"

/* NOTIFY says which reports are asked for (RFC 2156 appendix A); mail without a
 * sender is the postmaster's, who wants neither report nor receipt; mail to
 * postmaster and abuse is for him. */
START_TEST(from_the_internet)
{
	static const struct {
		const char *mail, *recipient;
		const char *from, *to, *request;
	} rows[] = {
	    {KIM, JO, AUTHOR, JO_OF_EDI, "non-delivery"},
	    {KIM, JO " NOTIFY=NEVER", AUTHOR, JO_OF_EDI, "none"},
	    {KIM, JO " NOTIFY=SUCCESS", AUTHOR, JO_OF_EDI, "report"},
	    {KIM, JO " NOTIFY=FAILURE", AUTHOR, JO_OF_EDI, "non-delivery"},
	    {KIM, JO " NOTIFY=DELAY", AUTHOR, JO_OF_EDI, "non-delivery"},
	    {KIM, JO " NOTIFY=DELAY,SUCCESS", AUTHOR, JO_OF_EDI, "report"},
	    {NOBODY, JO, POSTMASTER, JO_OF_EDI, "none"},
	    {NOBODY, JO " NOTIFY=SUCCESS,FAILURE", POSTMASTER, JO_OF_EDI,
		"none"},
	    {KIM, "RCPT TO:<postmaster>", AUTHOR, POSTMASTER, "non-delivery"},
	    {KIM, "RCPT TO:<Postmaster@X400.example.NET>", AUTHOR, POSTMASTER,
		"non-delivery"},
	    {KIM, "RCPT TO:<ABUSE@x400.example.net> NOTIFY=NEVER", AUTHOR,
		POSTMASTER, "none"},
	};

	mail_suite_begin("envelope-in", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *object, *to, *named;
		const char *request;

		hand_in(rows[i].mail, rows[i].recipient);
		object = next_object();
		to = json_array_get(json_object_get(object, "recipients"), 0);
		request = string_of(to, "report_request");
		named = json_array_get(
		    json_object_get(json_object_get(object, "ipm"), "to"), 0);
		/* the receipt that the header asks for */
		ck_assert_int_eq(json_object_get(named, "requests") != NULL,
		    strcmp(rows[i].mail, NOBODY) != 0);
		ck_assert_str_eq(string_of(object, "originator"), rows[i].from);
		ck_assert_str_eq(string_of(to, "address"), rows[i].to);
		ck_assert_msg(strcmp(request, rows[i].request) == 0,
		    "row %zu: %s instead of %s", i, request, rows[i].request);
		json_decref(object);
	}
	mail_suite_end();
}
END_TEST

/* ask - have the application write to Kim, with a report asked for */
static void
ask(const char *name)
{
	program_submit(&mail_suite.edi, name,
	    "{\"kind\":\"message\",\"originator\":\"" MAIL_SUITE_EDI
	    ";S=Jo\",\"recipients\":[{\"address\":\"" MAIL_SUITE_GW
	    "kim(a)example.org\",\"report_request\":\"report\"}],"
	    "\"ipm\":{\"subject\":\"s\"},"
	    "\"parts\":[{\"type\":\"text\",\"text\":\"hello\"}]}");
	free(mail_suite_next());
}

/* Where the server takes NOTIFY it reports, by a notification; where it does
 * not, the gateway reports when it has handed the message over. */
START_TEST(reported_by)
{
	json_t *object, *one;
	char path[SUITE_PATH + 32], *text;

	mail_suite_begin("envelope-report", "relay-from = \"application/edi\"");
	ask("m1");
	suite_wait_empty(&mail_suite.suite, 20);
	ck_assert_uint_eq(program_next(&mail_suite.edi), 0);
	text = mail_suite_commands();
	mail_suite_has(text, "RET=HDRS");
	mail_suite_has(
	    text, "RCPT TO:<kim@example.org> NOTIFY=SUCCESS,FAILURE");
	free(text);
	(void)snprintf(path, sizeof(path), "%s/plain", mail_suite.sink);
	suite_write(path, "", 0);
	ck_assert_int_eq(suite_tool(&mail_suite.suite, NULL, "x4ctl", "restart",
			     "mixer-out/net#1", NULL),
	    0);
	ask("m2");
	object = next_object();
	ck_assert_str_eq(string_of(object, "kind"), "report");
	one = json_array_get(
	    json_object_get(json_object_get(object, "report"), "recipients"),
	    0);
	ck_assert_str_eq(string_of(one, "result"), "delivered");
	json_decref(object);
	mail_suite_end();
}
END_TEST

/* pass_on - have a message come that the application passes on, and an MTA
 * report that it cannot be delivered: who asks for that as in the message */
static void
pass_on(const char *notify, const char *name, const char *request)
{
	char recipient[128], text[1024];
	uint64_t id;
	json_t *object;

	(void)snprintf(recipient, sizeof(recipient), JO " NOTIFY=%s", notify);
	hand_in(KIM, recipient);
	id = program_await_next(&mail_suite.edi);
	object = program_claim(&mail_suite.edi, id);
	program_answer(
	    &mail_suite.edi, id, "{\"all\":{\"result\":\"transferred\"}}");
	suite_wait_empty(&mail_suite.suite, 20);
	(void)snprintf(text, sizeof(text),
	    "{\"kind\":\"report\",\"recipients\":[{\"address\":\"" AUTHOR
	    "\"}],\"report\":{\"subject_id\":\"%s\",\"recipients\":[{"
	    "\"n\":1,\"address\":\"" JO_OF_EDI "\",\"result\":\"failed\","
	    "\"reason\":1,\"diagnostic\":0,\"report_request\":\"%s\","
	    "\"mta_report_request\":\"non-delivery\"}]}}",
	    string_of(object, "mts_id"), request);
	json_decref(object);
	program_submit(&mail_suite.edi, name, text);
}

/* is_told_once - check that the log tells of one report, and of no other, that
 * nothing was sent */
static void
is_told_once(void)
{
	static const char said[] =
	    " reason=\"its sender wants no report: nothing was sent\"";
	char *log =
	    suite_read(suite_path(&mail_suite.suite, "state/log"), NULL);

	ck_assert_ptr_nonnull(log);
	ck_assert_ptr_nonnull(strstr(log, said));
	ck_assert_ptr_null(strstr(strstr(log, said) + 1, said));
	free(log);
}

/* A report that an MTA wants and the sender does not (NOTIFY=NEVER) ends here,
 * and the log says so. */
START_TEST(unasked)
{
	char *text;

	mail_suite_begin("envelope-never", "");
	pass_on("NEVER", "r1", "none");
	pass_on("FAILURE", "r2", "non-delivery");
	text = mail_suite_next();
	mail_suite_has(text, "Action: failed\r\nStatus: 5.1.1\r\n");
	free(text);
	suite_wait_empty(&mail_suite.suite, 20);
	ck_assert(!mail_suite_has_next(NULL));
	is_told_once();
	mail_suite_end();
}
END_TEST

/* send_to - send a message to an address of the Internet */
static void
send_to(const char *local)
{
	char address[512];

	/* A value of X.400 has 128 characters. */
	(void)snprintf(address, sizeof(address), "%s%.128s%s%s(a)example.org",
	    MAIL_SUITE_GW, local, strlen(local) > 128 ? ";DDA:RFC822C1=" : "",
	    strlen(local) > 128 ? local + 128 : "");
	suite_write(suite_path(&mail_suite.suite, "body"), "Hello\n", 6);
	ck_assert_int_eq(
	    suite_tool(&mail_suite.suite, NULL, "x4send", "-f",
		MAIL_SUITE_EDI ";S=Jo", "-b",
		suite_path(&mail_suite.suite, "body"), "-t", address, NULL),
	    0);
	free(mail_suite_next());
}

/* ORCPT names the O/R address; of one that is longer than servers must take,
 * the address of the Internet. */
START_TEST(long_recipient)
{
	char local[160], *text, *at;

	mail_suite_begin("envelope-orcpt", "");
	send_to("kim+x");
	memset(local, '+', 145);
	local[0] = 'a';
	local[145] = '\0';
	send_to(local);
	text = mail_suite_commands();
	at = strstr(text, "ORCPT=x400;");
	ck_assert_ptr_nonnull(at);
	ck_assert_ptr_nonnull(strstr(at, "+3Dkim+2Bx(a)example.org"));
	at = strstr(at, "ORCPT=rfc822;a+2B+2B");
	ck_assert_ptr_nonnull(at);
	ck_assert_uint_le(strcspn(at, " \r"), strlen("ORCPT=") + 500);
	free(text);
	mail_suite_end();
}
END_TEST

TEST_MAIN("system/mixer_envelope", TEST_LONG(from_the_internet, 60);
	  TEST_LONG(reported_by, 60); TEST_LONG(unasked, 60);
	  TEST_LONG(long_recipient, 60))
