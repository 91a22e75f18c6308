/* SPDX-License-Identifier: ISC */
/*
 * report_out_test.c - a report as its reader on the Internet has it: with what
 * he said himself, each action, and the message or its header
 */
#include "mixer/report_out.h"

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
	has(text, "x400; reason 1, diagnostic 0 (unable-to-transfer:", true);
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

TEST_MAIN("mixer/report_out", TEST(actions), TEST(returned), TEST(correlated))
