/* SPDX-License-Identifier: ISC */
/*
 * status_test.c - reports and receipts: codes by the table, reports of X.400 as
 * delivery status notifications and back, notifications likewise
 */
#include "mixer/status_code.h"

#include <stdio.h>
#include <string.h>

#include "mixer/or_name.h"
#include "mixer/report_out.h"
#include "mixer/status_in.h"
#include "tests/unit/json/object_random.h"
#include "tests/unit/mixer/mixer_message.h"
#include "tests/unit/test.h"

#define OCTETS_MAX ((size_t)4 * 1024 * 1024)
#define REPORTS	   300

/* same_code - check the status of a reason and diagnostic */
static void
same_code(int reason, int diagnostic, const char *expected)
{
	struct status_code code = status_code_of(reason, diagnostic);
	char text[32];

	snprintf(text, sizeof(text), "%u.%u.%u", code.class, code.subject,
	    code.detail);
	ck_assert_str_eq(text, expected);
}

/* same_report - check the reason and diagnostic of a status */
static void
same_report(const char *text, int reason, int diagnostic)
{
	int r, d;

	status_code_report(status_code_parse(slice_of_string(text)), &r, &d);
	ck_assert_msg(r == reason && d == diagnostic, "%s: %d, %d", text, r, d);
}

START_TEST(codes)
{
	int reason, diagnostic;

	same_code(1, 0, "5.1.1");
	same_code(1, DIAGNOSTIC_NONE, "5.0.0");
	same_code(5, DIAGNOSTIC_NONE, "5.7.1");
	same_code(8, 77, "5.7.0");
	same_code(99, 99, "5.0.0");
	same_report("5.1.1", 1, 0);
	same_report("5.4.6", 1, 3);
	/* a detail that is not known is that of its subject */
	same_report("5.6.99", 2, DIAGNOSTIC_NONE);
	same_report("5.9.9", 1, DIAGNOSTIC_NONE);
	same_report("4.4.7 (expired)", 1, 5);
	same_report("nothing", 1, DIAGNOSTIC_NONE);
	/* each diagnostic has a status of its own subject, which is one of
	 * those that X.400 is told */
	for (int i = 0; i < 50; i++) {
		struct status_code code = status_code_of(1, i);

		ck_assert_uint_ne(code.subject, 0);
		status_code_report(code, &reason, &diagnostic);
		ck_assert_int_ge(reason, 0);
	}
}
END_TEST

/* check_row - check a row of a table of the RFC */
static void
check_row(const char *clause, const char *from, const char *to)
{
	int reason = 1, diagnostic = DIAGNOSTIC_NONE;
	bool is_report = strcmp(clause, "5.3.8.2") == 0;

	if (sscanf(is_report ? from : to, "%d/%d", &reason, &diagnostic) < 1)
		ck_abort_msg("%s %s %s", clause, from, to);
	if (is_report)
		same_code(reason, diagnostic, to);
	else
		same_report(from, reason, diagnostic);
}

START_TEST(tables)
{
	FILE *file = fopen(TEST_SOURCE_DIR "/tests/vectors/mixer/status", "r");
	char line[256], clause[16], from[16], to[16];
	unsigned rows = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#')
			continue;
		ck_assert_int_eq(
		    sscanf(line, "%15s\t%15s\t%15s", clause, from, to), 3);
		check_row(clause, from, to);
		rows++;
	}
	fclose(file);
	ck_assert_uint_gt(rows, 100);
}
END_TEST

/* gather - collect octets */
static int
gather(void *arg, struct slice octets)
{
	struct buffer *out = arg;

	return buffer_append(out, octets.data, octets.len);
}

/* plan - read a message and get what it says to programs, copied */
static enum message_status
plan(struct mixer_message *m, struct slice octets, struct arena *arena,
    struct slice *text)
{
	struct message_plan plan = {.length = 0};
	struct message_in *in;

	ck_assert_int_eq(message_in_new(&m->mapping, &m->limits, &in), 0);
	ck_assert_int_eq(message_in_push(in, octets, NULL), 0);
	ck_assert_int_eq(message_in_finish(in, &plan, NULL), 0);
	ck_assert_int_eq(arena_slice(arena, plan.status_text, text), 0);
	message_in_free(in);
	return plan.status;
}

/* has_address - tell whether an address comes back the same (4.3.5) */
static bool
has_address(
    struct mixer_message *m, const struct or_name *name, struct arena *arena)
{
	enum address_kind kind;
	struct slice text;

	return address_to_internet(
		   &m->map, &name->address, arena, &text, &kind, NULL) == 0 &&
	    kind != ADDRESS_ELSEWHERE;
}

/* same_recipient - check that a recipient comes back, as the originator named
 * it */
static void
same_recipient(struct mixer_message *m, const struct report_recipient *a,
    const struct report_recipient *b, struct arena *arena)
{
	const struct or_name *name =
	    a->has_intended ? &a->intended : &a->actual;

	if (has_address(m, name, arena))
		ck_assert_int_eq(or_address_compare(&name->address,
				     b->has_intended ? &b->intended.address
						     : &b->actual.address),
		    0);
	ck_assert_int_eq(a->delivered, b->delivered);
	if (!a->delivered) {
		ck_assert_int_eq(a->reason, b->reason);
		ck_assert_int_eq(a->diagnostic, b->diagnostic);
	}
	ck_assert_msg(slice_equal(a->supplementary, b->supplementary),
	    "%.*s, not %.*s", (int)b->supplementary.len,
	    (const char *)b->supplementary.data, (int)a->supplementary.len,
	    (const char *)a->supplementary.data);
	ck_assert_int_eq(a->number > 0 ? a->number : 1, b->number);
	ck_assert_int_eq(a->arrival, b->arrival);
	if (a->delivered)
		ck_assert_int_eq(a->delivery_time, b->delivery_time);
}

/* try_report - take a report to the Internet and back */
static void
try_report(struct mixer_message *m, unsigned n, struct arena *arena)
{
	struct or_random random = {
	    .state = (n + 1) * UINT64_C(0x9e3779b97f4a7c15)};
	struct report report, again;
	struct buffer octets, message;
	struct slice text;
	struct p1_envelope envelope = {.deferred_time = P1_NO_TIME};

	buffer_init(&octets, OCTETS_MAX);
	buffer_init(&message, OCTETS_MAX);
	envelope.originator = object_random_name(&random, arena);
	object_random_report(&random, arena, &octets);
	ck_assert_int_eq(
	    report_decode(buffer_slice(&octets), arena, &report, NULL), 0);
	/* A list and a letter are said in words that come back as nothing. */
	for (size_t i = 0; i < report.recipient_count; i++)
		report.recipients[i].user_type = REPORT_USER_PRIVATE;
	ck_assert_int_eq(report_to_internet(&m->mapping, &envelope, &report,
			     NULL, gather, &message),
	    0);
	ck_assert_int_eq(plan(m, buffer_slice(&message), arena, &text),
	    MESSAGE_STATUS_DELIVERY);
	ck_assert_int_eq(status_to_report(&m->mapping, text, arena, &again), 0);
	ck_assert(slice_equal(report.subject.local, again.subject.local));
	ck_assert_int_eq(global_domain_compare(
			     &report.subject.domain, &again.subject.domain),
	    0);
	ck_assert_uint_eq(report.recipient_count, again.recipient_count);
	for (size_t i = 0; i < report.recipient_count; i++)
		same_recipient(
		    m, &report.recipients[i], &again.recipients[i], arena);
	buffer_fini(&octets);
	buffer_fini(&message);
}

START_TEST(reports)
{
	struct mixer_message m;
	struct arena arena;

	mixer_message_init(&m);
	arena_init(&arena, (size_t)64 * 1024 * 1024);
	for (unsigned n = 0; n < REPORTS; n++) {
		try_report(&m, n, &arena);
		arena_reset(&arena);
	}
	arena_fini(&arena);
	mixer_message_fini(&m);
}
END_TEST

#define GROUP                                         \
	"Reporting-MTA: dns; a\n"                     \
	"Original-Envelope-Id: X400-MTS-Identifier: " \
	"[/PRMD=ACME/ADMD=VIAT/C=DE/;abc]\n\n"

/* What tells of nothing final, or of no message of ours, is for people. */
START_TEST(no_reports)
{
	static const char *const texts[] = {"", "Reporting-MTA: dns; a\n\n",
	    GROUP "Final-Recipient: rfc822; a@b.example\nAction: delayed\n",
	    GROUP "Final-Recipient: rfc822; a@b.example\n",
	    GROUP "Action: failed\nStatus: 5.0.0\n",
	    GROUP "Final-Recipient: rfc822; nobody\nAction: failed\n",
	    "Original-Envelope-Id: x\n\nFinal-Recipient: rfc822; "
	    "a@b.example\nAction: failed\n"};
	struct mixer_message m;
	struct report report;
	struct arena arena;

	mixer_message_init(&m);
	arena_init(&arena, 1 << 20);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(
		    status_to_report(&m.mapping, slice_of_string(texts[i]),
			&arena, &report) == ERR_NOTFOUND,
		    "%s", texts[i]);
	/* RFC 2156's word for it, and an address of X.400 */
	ck_assert_int_eq(
	    status_to_report(&m.mapping,
		slice_of_string(GROUP "\r\n\r\nFinal-Recipient: x400; "
				      "/S=A/PRMD=P/ADMD=A/C=DE/\r\nAction: "
				      "failure\r\nStatus: 5.1.4\r\n"),
		&arena, &report),
	    0);
	ck_assert_uint_eq(report.recipient_count, 1);
	ck_assert_int_eq(report.recipients[0].diagnostic, 1);
	arena_fini(&arena);
	mixer_message_fini(&m);
}
END_TEST

/* The two examples of RFC 2156 5.3.8.4, with the fields in lines. */
START_TEST(examples)
{
	struct mixer_message m;
	struct report report;
	struct report_recipient *r;
	struct arena arena;

	mixer_message_init(&m);
	arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    status_to_report(&m.mapping,
		slice_of_string(
		    "Reporting-MTA: x400;  bells.cs.ucl.ac.uk in\r\n"
		    " /PRMD=uk.ac/ADMD=gold 400/C=gb/\r\n"
		    "Original-Envelope-Id:\r\n [/PRMD=uk.ac/ADMD=gold "
		    "400/C=gb/;"
		    "<1803.665941698@UK.AC.UCL.CS>]\r\n\r\n"
		    "Original-Recipient: rfc822; H.Hildegard@bbn.com\r\n"
		    "Final-Recipient: x400; /RFC-822=H.Hildegard(a)bbn.com/\r\n"
		    " OU=cs/O=ucl/PRMD=uk.ac/ADMD=gold 400/C=gb/;\r\n"
		    "Action: failure\r\nStatus: 5.1.1\r\n"
		    "Diagnostic-Code: x400; Reason 1 (Unable-To-Transfer);\r\n"
		    " Diagnostic 0 (Unrecognised-ORName)\r\n"
		    "X400-Last-Trace: (ia5) Thu, 7 Feb 1991 15:48:18 +0000;\r\n"
		    "X400-Originally-Specified-Recipient-Number: 1\r\n"
		    "X400-Supplementary-Info: \"MTA 'bbn.com' gives error "
		    "message  (USER) Unknown user name\";\r\n"),
		&arena, &report),
	    0);
	ck_assert(slice_equal_string(
	    report.subject.local, "<1803.665941698@UK.AC.UCL.CS>"));
	r = &report.recipients[0];
	ck_assert(slice_equal_string(
	    r->actual.address.dda[0].value, "H.Hildegard(a)bbn.com"));
	ck_assert(r->has_intended);
	ck_assert_int_eq(r->reason, 1);
	ck_assert_int_eq(r->diagnostic, 0);
	ck_assert_int_eq(r->arrival, 665941698);
	ck_assert_int_eq(r->number, 1);
	ck_assert_int_eq(
	    memcmp(r->supplementary.data, "MTA 'bbn.com' gives", 19), 0);
	ck_assert_int_eq(
	    status_to_report(&m.mapping,
		slice_of_string(
		    "Original-Envelope-Id: [/PRMD=uk.ac/ADMD=gold 400/C=gb/;"
		    "<1796.665941626@UK.AC.UCL.CS>]\n\n"
		    "Final-Recipient: x400; /I=j/S=nosuchuser/OU=dle/\n"
		    " O=cambridge/PRMD=DGC/ADMD=GOLD 400/C=GB/\n"
		    "Action: failure\nStatus: 5.1.1\n"
		    "Diagnostic-Code: x400; Reason 2 (Unable-To-Transfer)\n"
		    "X400-Supplementary-Info: \"DG 21187: (CEO POA) Unknown "
		    "addressee.\"\n"),
		&arena, &report),
	    0);
	r = &report.recipients[0];
	ck_assert(!r->has_intended);
	/* by the code of X.400, not by the status */
	ck_assert_int_eq(r->reason, 2);
	ck_assert_int_eq(r->diagnostic, DIAGNOSTIC_NONE);
	ck_assert(slice_equal_string(
	    r->supplementary, "DG 21187: (CEO POA) Unknown addressee."));
	arena_fini(&arena);
	mixer_message_fini(&m);
}
END_TEST

/* try_notification - take a notification to the Internet and back */
static void
try_notification(
    struct mixer_message *m, struct ipm_notification *n, struct arena *arena)
{
	struct ipm_notification again;
	struct buffer content, message;
	struct diag diag = {0};
	struct slice text;

	buffer_init(&content, OCTETS_MAX);
	buffer_init(&message, OCTETS_MAX);
	ck_assert_int_eq(ipm_notification_encode(n, &content), 0);
	ck_assert_msg(mixer_message_to_internet(
			  m, buffer_slice(&content), 3, &message, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(plan(m, buffer_slice(&message), arena, &text),
	    MESSAGE_STATUS_DISPOSITION);
	ck_assert_int_eq(
	    status_to_notification(&m->mapping, text, arena, &again), 0);
	ck_assert_int_eq(again.kind, n->kind);
	ck_assert(slice_equal(again.subject_ipm.local, n->subject_ipm.local));
	ck_assert(slice_equal(again.subject_ipm.user, n->subject_ipm.user));
	ck_assert(slice_equal(again.originator.name, n->originator.name));
	if (n->kind == IPM_RECEIPT) {
		ck_assert_int_eq(again.receipt_time, n->receipt_time);
		ck_assert_int_eq(again.automatic, n->automatic);
	} else {
		ck_assert_int_eq(again.reason, n->reason);
	}
	buffer_fini(&content);
	buffer_fini(&message);
}

START_TEST(notifications)
{
	struct or_name name = {.directory_name = {.len = 0}};
	struct slice user;
	struct ipm_notification n = {.kind = IPM_RECEIPT,
	    .subject_ipm = {.local = slice_of_string("id 1")},
	    .receipt_time = 1796040310,
	    .reason = -1,
	    .discard_reason = -1};
	struct mixer_message m;
	struct arena arena;

	mixer_message_init(&m);
	arena_init(&arena, 1 << 24);
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("S=A;P=ACME;A=VIAT;C=DE"), &arena,
		&name.address, NULL),
	    0);
	ck_assert_int_eq(or_name_octets(&name, &arena, &user), 0);
	n.subject_ipm.user = n.originator.name = user;
	try_notification(&m, &n, &arena);
	n.automatic = true;
	n.subject_ipm.user.len = 0;
	n.subject_ipm.local = slice_of_string("a1(a)example.org");
	try_notification(&m, &n, &arena);
	n.kind = IPM_NON_RECEIPT;
	for (n.reason = 0; n.reason < 2; n.reason++)
		try_notification(&m, &n, &arena);
	arena_fini(&arena);
	mixer_message_fini(&m);
}
END_TEST

TEST_MAIN("mixer/status", TEST(codes), TEST(tables), TEST(reports),
    TEST(no_reports), TEST(examples), TEST(notifications))
