/* SPDX-License-Identifier: ISC */
/*
 * postfix_report_test.c - what a user of one Postfix reads of mail that went
 * through two gateways and X.400 to another: reports, and receipts
 */
#include <string.h>

#include "tests/system/mail_ends.h"
#include "tests/unit/test.h"

static struct mail_ends ends;

#define LETTER                                           \
	"Message-ID: <letter@left.example>\n"            \
	"Date: Mon, 30 Nov 2026 10:12:31 +0100\n"        \
	"From: kim@left.example\nTo: jo@right.example\n" \
	"Subject: %s\n\nWhat was written.\n"

/* What the other side does with a message, and what its sender is told. */
static const struct fate {
	const char *to, *notify, *subject;
	const char *action, *status; /* status: its beginning */
} fates[] = {
    {"jo@right.example", "SUCCESS", "hello", "delivered", "2."},
    /* by the answer to RCPT, in the words of the tables of RFC 2156 */
    {"nobody@right.example", "FAILURE", "hello", "failed", "5.1.1"},
    {"nobody@right.example", "SUCCESS,FAILURE", "hello", "failed", "5.1.1"},
    {"disabled@right.example", "FAILURE", "hello", "failed", "4.2.1"},
    {"full@right.example", "FAILURE", "hello", "failed", "4.2.1"},
    {"closed@right.example", "FAILURE", "hello", "failed", "5.7.1"},
    {"large@right.example", "FAILURE", "hello", "failed", "5.2.3"},
    /* by the answer to the message */
    {"jo@right.example", "FAILURE", "forbidden", "failed", "5.7.1"},
    /* by Postfix, when it had taken it */
    {"sales@right.example", "FAILURE", "hello", "failed", "4.4."},
};

/* Transports by which the right Postfix refuses, and one that it tries once. */
#define RIGHT                                                           \
	"header_checks = regexp:{{/^Subject: forbidden/ "               \
	"REJECT 5.7.1 not wanted}}\n"                                   \
	"smtp_connection_cache_on_demand = no\n"                        \
	"transport_maps = texthash:$meta_directory/transport, inline:{" \
	"{disabled@right.example = error:5.2.1 disabled},"              \
	"{full@right.example = error:5.2.2 full},"                      \
	"{closed@right.example = error:5.7.1 closed},"                  \
	"{large@right.example = error:5.3.4 too large},"                \
	"{sales@right.example = smtp:[127.0.0.1]:1}}\n"                 \
	"maximal_queue_lifetime = 0\nbounce_queue_lifetime = 1h\n"

/* check_fate - send a message, and check what is reported */
static void
check_fate(const struct fate *f, unsigned number)
{
	char from[128], to[256], text[512], *got;

	(void)snprintf(from, sizeof(from),
	    "<kim@left.example> RET=FULL ENVID=QQ%u-of+40kim", number);
	(void)snprintf(to, sizeof(to), "<%s> NOTIFY=%s ORCPT=rfc822;old+2B%s",
	    f->to, f->notify, f->to);
	(void)snprintf(text, sizeof(text), LETTER, f->subject);
	postfix_send(&ends.left, from, to, text);
	got = postfix_receive(&ends.left, "kim");
	mail_ends_field_is(got, "Return-Path", "<>");
	mail_ends_has(got, "multipart/report");
	(void)snprintf(text, sizeof(text), "QQ%u-of@kim", number);
	mail_ends_field_is(got, "Original-Envelope-Id", text);
	(void)snprintf(text, sizeof(text), "rfc822;old+%s", f->to);
	mail_ends_field_is(got, "Original-Recipient", text);
	mail_ends_field_is(got, "Action", f->action);
	(void)snprintf(text, sizeof(text), "\nStatus: %s", f->status);
	mail_ends_has(got, text);
	free(got);
}

START_TEST(reports)
{
	ends.right_more = RIGHT;
	if (!mail_ends_begin(&ends, "postfix-reports"))
		return;
	for (unsigned i = 0; i < sizeof(fates) / sizeof(fates[0]); i++)
		check_fate(&fates[i], i);
	mail_ends_end(&ends);
}
END_TEST

/* Reports that are none of X.400, which the sender reads as they came. */
START_TEST(for_people)
{
	static const char *const actions[] = {"relayed", "delayed", "expanded"};

	if (!mail_ends_begin(&ends, "postfix-people"))
		return;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		char text[1024], *got;

		(void)snprintf(text, sizeof(text),
		    "From: MAILER-DAEMON@right.example\nTo: kim@left.example\n"
		    "Subject: Delivery Status\nMIME-Version: 1.0\n"
		    "Content-Type: multipart/report;\n"
		    " report-type=delivery-status; boundary=b\n\n"
		    "--b\n\nYour message was %s.\n"
		    "--b\nContent-Type: message/delivery-status\n\n"
		    "Reporting-MTA: dns; mail.right.example\n\n"
		    "Final-Recipient: rfc822; jo@right.example\n"
		    "Action: %s\nStatus: 2.0.0\n\n--b--\n",
		    actions[i], actions[i]);
		postfix_send(&ends.right, "<>", "<kim@left.example>", text);
		got = postfix_receive(&ends.left, "kim");
		mail_ends_field_is(got, "Subject", "Delivery Status");
		(void)snprintf(
		    text, sizeof(text), "Your message was %s.", actions[i]);
		mail_ends_has(got, text);
		free(got);
	}
	mail_ends_end(&ends);
}
END_TEST

/* Postfix tells that a server beyond it may not report. */
START_TEST(relayed)
{
	uint16_t port;
	char more[256], output[SUITE_PATH + 16], *got;
	pid_t beyond;

	if (!postfix_here())
		return;
	suite_begin("postfix-relayed");
	port = suite_free_port();
	(void)snprintf(output, sizeof(output), "%s/beyond", suite_directory());
	beyond = postfix_spawn(output,
	    "smtp-sink -N -u " SUITE_NETWORK_USER " 127.0.0.1:%u 10", port);
	postfix_await_port(port);
	(void)snprintf(more, sizeof(more),
	    "transport_maps = texthash:$meta_directory/transport, "
	    "inline:{{sales@right.example = smtp:[127.0.0.1]:%u}}\n",
	    port);
	ends.right_more = more;
	mail_ends_start(&ends);
	(void)snprintf(more, sizeof(more), LETTER, "hello");
	postfix_send(&ends.left, "<kim@left.example>",
	    "<sales@right.example> NOTIFY=SUCCESS,FAILURE", more);
	got = postfix_receive(&ends.left, "kim");
	mail_ends_has(got, "multipart/report");
	mail_ends_has(got, "successfully delivered to the destination(s)");
	mail_ends_has(got, "<sales@right.example>: delivery via 127.0.0.1");
	free(got);
	mail_ends_end(&ends);
	(void)suite_reap(beyond);
}
END_TEST

/* An author of elsewhere, whom both gateways know by an address of X.400, is
 * named as the policy of his domain allows, and hears what became of it. */
START_TEST(foreign)
{
	char *got;

	ends.left_more = "transport_maps = inline:{"
			 "{elsewhere.example = virtual}}, "
			 "texthash:$meta_directory/transport\n"
			 "virtual_mailbox_domains = left.example, "
			 "elsewhere.example\n"
			 "virtual_mailbox_maps = inline:{"
			 "{kim@elsewhere.example = kim/}}\n";
	if (!mail_ends_begin(&ends, "postfix-foreign"))
		return;
	postfix_send(&ends.left,
	    "<kim@elsewhere.example> RET=HDRS ENVID=QQ-of+40kim",
	    "<jo@right.example> NOTIFY=SUCCESS,FAILURE",
	    "Message-ID: <letter@elsewhere.example>\n"
	    "Date: Mon, 30 Nov 2026 10:12:31 +0100\n"
	    "From: Kim <kim@elsewhere.example>\nTo: jo@right.example\n"
	    "Subject: hello\n\nWhat was written.\n");
	got = postfix_receive(&ends.right, "jo");
	mail_ends_has(got, "@x400.right.example");
	mail_ends_field_is(got, "Reply-To", "kim@elsewhere.example");
	free(got);
	got = postfix_receive(&ends.left, "kim");
	mail_ends_field_is(got, "Action", "delivered");
	mail_ends_field_is(got, "Original-Envelope-Id", "QQ-of@kim");
	free(got);
	mail_ends_end(&ends);
}
END_TEST

/* Receipts as Thunderbird and Outlook make them. */
static const char *const receipts[] = {
    "To: Kim <kim@left.example>\nFrom: Jo <jo@right.example>\n"
    "Subject: Return Receipt (displayed) - a letter\n"
    "Message-ID: <receipt0@right.example>\n"
    "Date: Mon, 30 Nov 2026 10:15:00 +0000\nMIME-Version: 1.0\n"
    "References: <letter0@left.example>\n"
    "Content-Type: multipart/report; report-type=disposition-notification;\n"
    " boundary=\"------------mdn030303\"\n\n"
    "--------------mdn030303\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 7bit\n\n"
    "This is a Return Receipt for the mail that you sent.\n\n"
    "--------------mdn030303\n"
    "Content-Type: message/disposition-notification; name=\"MDNPart2.txt\"\n"
    "Content-Disposition: inline\nContent-Transfer-Encoding: 7bit\n\n"
    "Reporting-UA: right.example; Thunderbird 128.5.0\n"
    "Final-Recipient: rfc822;jo@right.example\n"
    "Original-Message-ID: <letter0@left.example>\n"
    "Disposition: manual-action/MDN-sent-manually; displayed\n\n"
    "--------------mdn030303--\n",
    "From: \"Doe, Jo\" <jo@right.example>\nTo: \"Kim\" <kim@left.example>\n"
    "Subject: Read: a letter\nMessage-ID: <receipt1@right.example>\n"
    "In-Reply-To: <letter1@left.example>\n"
    "Date: Mon, 30 Nov 2026 10:15:00 +0000\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report;\n"
    "\tboundary=\"_e1f2_\"; report-type=disposition-notification\n\n"
    "--_e1f2_\nContent-Type: text/plain; charset=\"us-ascii\"\n\n"
    "Your message was read on Monday.\n\n"
    "--_e1f2_\nContent-Type: message/disposition-notification\n\n"
    "Reporting-UA: mail.right.example; Microsoft Exchange\n"
    "Final-recipient: RFC822; jo@right.example\n"
    "Disposition: automatic-action/MDN-sent-automatically; displayed\n"
    "Original-Message-ID: <letter1@left.example>\n\n"
    "--_e1f2_--\n"};

START_TEST(read_receipts)
{
	/* as some mail programs do, and as RFC 8098 wants it */
	static const char *const senders[] = {"<jo@right.example>", "<>"};

	if (!mail_ends_begin(&ends, "postfix-receipts"))
		return;
	for (unsigned i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++) {
		char text[2048], id[64], *got;

		(void)snprintf(id, sizeof(id), "<letter%u@left.example>", i);
		(void)snprintf(text, sizeof(text),
		    "Message-ID: %s\nDate: Mon, 30 Nov 2026 10:12:31 +0100\n"
		    "From: Kim <kim@left.example>\nTo: jo@right.example\n"
		    "Subject: a letter\n"
		    "Disposition-Notification-To: Kim <kim@left.example>\n\n"
		    "What was written.\n",
		    id);
		postfix_send(&ends.left, "<kim@left.example>",
		    "<jo@right.example>", text);
		got = postfix_receive(&ends.right, "jo");
		mail_ends_field_is(
		    got, "Disposition-Notification-To", "kim@left.example");
		free(got);
		(void)strlcpy(text, receipts[i], sizeof(text));
		postfix_send(
		    &ends.right, senders[i], "<kim@left.example>", text);
		got = postfix_receive(&ends.left, "kim");
		mail_ends_has(got, "disposition-notification");
		mail_ends_field_is(got, "Original-Message-ID", id);
		mail_ends_has(got, "\nFinal-Recipient: ");
		mail_ends_has(got, "; displayed");
		free(got);
	}
	mail_ends_end(&ends);
}
END_TEST

TEST_MAIN("system/postfix_report", TEST_LONG(reports, 90);
	  TEST_LONG(for_people, 60); TEST_LONG(relayed, 60);
	  TEST_LONG(foreign, 60); TEST_LONG(read_receipts, 60))
