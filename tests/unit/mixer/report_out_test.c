/* SPDX-License-Identifier: ISC */
/*
 * report_out_test.c - a report as its reader on the Internet has it: with what
 * he said himself, each action, and the message or its header
 */
#include "mixer/report_out.h"

#include "mhs/dl_history.h"
#include "mixer/correlator.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define CONTENT                                                         \
	"From: a@b.example\r\nTo: c@d.example\r\nSubject: returned\r\n" \
	"Message-ID: <1@b.example>\r\n\r\nHello\r\n"

static struct mixer_message m;
static struct arena arena;
static struct report report;
static struct report_recipient recipients[4];
static struct slice orcpt[4];
static struct report_origin origin;
static struct buffer content, written;

/* begin - make a report on four recipients, of whom one has failed */
static void
begin(void)
{
	mixer_message_init(&m);
	arena_init(&arena, 1 << 22);
	buffer_init(&content, 1 << 20);
	buffer_init(&written, 1 << 20);
	report_init(&report);
	ck_assert_int_eq(global_domain_parse(slice_of_string("C=DE;A=V;P=P"),
			     &arena, &report.subject.domain, NULL),
	    0);
	report.subject.local = slice_of_string("id");
	report.recipients = recipients;
	report.recipient_count = 4;
	for (int i = 0; i < 4; i++) {
		report_recipient_init(&recipients[i]);
		ck_assert_int_eq(
		    or_address_parse(slice_of_string("S=A;P=P;A=V;C=DE"),
			&arena, &recipients[i].actual.address, NULL),
		    0);
		recipients[i].number = i + 1;
		recipients[i].delivered = i > 0;
		recipients[i].delivery_time = MIXER_MESSAGE_NOW;
		recipients[i].user_type = REPORT_USER_PRIVATE;
		orcpt[i] = (struct slice){.len = 0};
	}
	recipients[0].reason = 1;
	recipients[0].diagnostic = 0;
	recipients[2].user_type = REPORT_USER_DL;
	recipients[3].user_type = REPORT_USER_PDAU;
	origin = (struct report_origin){.recipients = orcpt,
	    .message_id = slice_of_string("r@x400.example.net")};
	ck_assert_int_eq(mixer_message_to_x400(
			     &m, slice_of_string(CONTENT), 99, &content, NULL),
	    0);
	report.has_content = true;
	report.content = buffer_slice(&content);
}

/* end - give all back */
static void
end(void)
{
	buffer_fini(&content);
	buffer_fini(&written);
	arena_fini(&arena);
	mixer_message_fini(&m);
}

/* gather - collect octets */
static int
gather(void *arg, struct slice octets)
{
	return buffer_append(arg, octets.data, octets.len);
}

/* write_it - write the report: its text */
static const char *
write_it(void)
{
	buffer_reset(&written);
	ck_assert_int_eq(report_to_internet(&m.mapping, NULL, &report, &origin,
			     gather, &written),
	    0);
	ck_assert_int_eq(buffer_append(&written, "", 1), 0);
	return (const char *)buffer_slice(&written).data;
}

/* has - check whether a text has another in it */
static void
has(const char *text, const char *part, bool it)
{
	ck_assert_msg((strstr(text, part) != NULL) == it, "%s%s in:\n%s",
	    it ? "no " : "", part, text);
}

START_TEST(actions)
{
	const char *text;

	begin();
	orcpt[0] = slice_of_string("rfc822;Jo+Doe@a.example");
	/* a text from a stranger writes no field of its own */
	orcpt[1] = slice_of_string("rfc822;a\r\nX-Evil: 1");
	origin.envid = slice_of_string("QQ314159");
	text = write_it();
	has(text, "\r\nOriginal-Envelope-Id: QQ314159\r\n", true);
	has(text, "\r\nOriginal-Recipient: rfc822;Jo+Doe@a.example\r\n", true);
	has(text, "X-Evil", false);
	has(text, "\r\nAction: failed\r\nStatus: 5.1.1\r\n", true);
	has(text, "\r\nAction: delivered\r\nStatus: 2.0.0\r\n", true);
	has(text, "\r\nAction: expanded\r\n", true);
	has(text, "\r\nAction: relayed\r\n", true);
	has(text,
	    "Diagnostic-Code: x400; Reason 1 (unable-to-transfer);\r\n"
	    " Diagnostic 0 (unrecognised-OR-name)\r\n",
	    true);
	has(text, "There is no such address.", true);
	has(text, "This is a list", true);
	has(text, "\r\nMessage-ID: <r@x400.example.net>\r\n", true);
	end();
}
END_TEST

/* RET decides how much comes back; who has the message gets no more than its
 * header. */
START_TEST(returned)
{
	const char *text;

	begin();
	for (int ret = 0; ret < 3; ret++) {
		origin.returned = (enum report_return)ret;
		text = write_it();
		has(text, "\r\nSubject: returned\r\n", true);
		has(text, "\r\nHello\r\n", ret != REPORT_RETURN_HEADERS);
		has(text, "text/rfc822-headers", ret == REPORT_RETURN_HEADERS);
	}
	recipients[0].delivered = true;
	origin.returned = REPORT_RETURN_FULL;
	text = write_it();
	has(text, "\r\nHello\r\n", false);
	has(text, "text/rfc822-headers", true);
	end();
}
END_TEST

/* Without a memory the ENVID is that of the content correlator, if a gateway
 * wrote it. */
START_TEST(correlated)
{
	const char *text;

	begin();
	text = write_it();
	has(text, "Original-Envelope-Id", false);
	has(text, "Original-Recipient", false);
	ck_assert_int_eq(correlator_set(&report.extensions,
			     slice_of_string("two\nlines"), &arena),
	    0);
	ck_assert_uint_eq(correlator_get(&report.extensions).len, 0);
	ck_assert_int_eq(correlator_set(&report.extensions,
			     slice_of_string("Q=1 +2"), &arena),
	    0);
	text = write_it();
	has(text, "\r\nOriginal-Envelope-Id: Q=1 +2\r\n", true);
	end();
}
END_TEST

/* trace_of - make a trace of one element */
static struct trace
trace_of(struct trace_element *element, const char *mta, int64_t arrival)
{
	*element = (struct trace_element){.domain = report.subject.domain,
	    .mta = slice_of_string(mta),
	    .arrival = arrival,
	    .deferred = TRACE_NO_TIME};
	return (struct trace){.elements = element, .count = 1};
}

/* RFC 2156 5.3.8.1, 5.3.8.3: all that the report has. */
START_TEST(fields)
{
	const struct dl_history history = {.items = {.len = 0}};
	struct trace_element elements[3];
	struct p1_envelope envelope = {.deferred_time = P1_NO_TIME};
	struct or_name intended = {.directory_name = {.len = 0}};
	struct slice value;
	const char *text;

	begin();
	ck_assert_int_eq(or_address_parse(slice_of_string("S=B;P=P;A=V;C=DE"),
			     &arena, &intended.address, NULL),
	    0);
	envelope.originator = intended;
	envelope.identifier = report.subject;
	envelope.trace = trace_of(&elements[0], "", MIXER_MESSAGE_NOW);
	envelope.internal_trace =
	    trace_of(&elements[1], "m1", MIXER_MESSAGE_NOW);
	report.has_trace = true;
	report.trace = trace_of(&elements[2], "", MIXER_MESSAGE_NOW);
	report.content_identifier = slice_of_string("Greetings.");
	report.original_eits = slice_of("\x65\x04\x80\x02\x05\x20", 6);
	report.recipient_count = 1;
	recipients[0].has_intended = true;
	recipients[0].intended = intended;
	recipients[0].arrival = MIXER_MESSAGE_NOW;
	recipients[0].converted_eits = slice_of("\x65\x04\x80\x02\x05\x20", 6);
	recipients[0].supplementary = slice_of_string("nobody");
	ck_assert_int_eq(
	    redirection_append(&recipients[0].extensions, &arena, &intended,
		MIXER_MESSAGE_NOW, REDIRECTION_BY_ORIGINATOR),
	    0);
	ck_assert_int_eq(dl_history_of_report(&history, &intended,
			     MIXER_MESSAGE_NOW, &arena, &value),
	    0);
	ck_assert_int_eq(
	    extension_set(&report.extensions, &arena,
		EXTENSION_ORIGINATOR_AND_DL_EXPANSION_HISTORY, 0, value),
	    0);
	ck_assert_int_eq(
	    extension_set(&report.extensions, &arena,
		EXTENSION_CONTENT_CORRELATOR, 0, slice_of("\x16\x04true", 6)),
	    0);
	ck_assert_int_eq(extension_set(&report.extensions, &arena, 19, 0,
			     slice_of("\x05\x00", 2)),
	    0);
	buffer_reset(&written);
	ck_assert_int_eq(report_to_internet(&m.mapping, &envelope, &report,
			     NULL, gather, &written),
	    0);
	ck_assert_int_eq(buffer_append(&written, "", 1), 0);
	text = (const char *)buffer_slice(&written).data;
#define AT "Mon, 30 Nov 2026 12:05:10 +0000"
#define DE "/PRMD=P/ADMD=V/C=DE/"
	has(text, "X400-MTS-Identifier: [" DE ";id]\r\nDate: ", true);
	has(text, "Subject: Delivery Report (failure) for\r\n /S=B/", true);
	has(text, "\r\nMessage-Type: Delivery Report\r\n", true);
	has(text, "that you sent on " AT ":\r\n\r\n    Greetings.\r\n", true);
	has(text, "\r\nReporting-MTA: x400; mta m1 in " DE "\r\n", true);
	has(text, "\r\nDSN-Gateway: dns; x400.example.net\r\n", true);
	has(text, "\r\nArrival-Date: " AT "\r\n", true);
	has(text, "\r\nX400-Conversion-Date: " AT "\r\n", true);
	has(text, "\r\nX400-Content-Identifier: Greetings.\r\n", true);
	has(text, "\r\nX400-Original-Encoded-Information-Types: IA5-Text\r\n",
	    true);
	has(text, "\r\nX400-Content-Correlator: true\r\n", true);
	has(text, "\r\nX400-Originator-and-DL-Expansion-History:\r\n ", true);
	has(text,
	    "\r\nX400-Subject-Intermediate-Trace-Information: by " DE
	    ";\r\n Relayed; " AT "\r\n",
	    true);
	has(text,
	    "\r\nX400-Discarded-DR-Extensions: "
	    "message-origin-authentication-check(19)\r\n",
	    true);
	has(text, "\r\nFinal-Recipient: x400; /S=B" DE "\r\n", true);
	has(text, "\r\nX400-Redirect-Recipient: x400; /S=A" DE "\r\n", true);
	has(text, "\r\nX400-Mapped-Redirect-Recipient: rfc822;\r\n ", true);
	has(text, "\r\nX400-Converted-EITs: IA5-Text\r\n", true);
	has(text, "\r\nX400-Last-Trace: (IA5-Text) " AT "\r\n", true);
	has(text, "\r\nX400-Redirection-History: intended recipient\r\n /S=B/",
	    true);
	has(text, "Originator Requested Alternate Recipient", true);
	has(text, "\r\nX400-Supplementary-Info: \"nobody\"\r\n", true);
	/* to a user, and that of several recipients */
	report.recipient_count = 2;
	has(write_it(), "\r\nX400-Type-of-MTS-User: private(1)\r\n", true);
	has(write_it(), "(success and failures)\r\n", true);
	end();
}
END_TEST

TEST_MAIN("mixer/report_out", TEST(fields), TEST(actions), TEST(returned),
    TEST(correlated))
