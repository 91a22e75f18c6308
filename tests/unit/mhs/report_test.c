/* SPDX-License-Identifier: ISC */
/*
 * report_test.c - the contents of reports
 */
#include "mhs/report.h"
#include "tests/identifier.h"
#include "tests/unit/test.h"

/* make - make a report on two recipients */
static void
make(struct report *report, struct report_recipient recipients[2],
    struct arena *arena)
{
	static const uint8_t eits[] = {0x65, 0x04, 0x80, 0x02, 0x05, 0x20};
	struct or_address address;
	struct diag diag;
	size_t i;

	diag_clear(&diag);
	report_init(report);
	ck_assert_int_eq(
	    global_domain_parse(slice_of_string("C=DE;A=VIAT;P=ACME"), arena,
		&report->subject.domain, &diag),
	    0);
	report->subject.local = slice_of_string("0001");
	ck_assert_int_eq(
	    or_address_parse(slice_of_string("G=Jo;S=Doe;P=ACME;A=VIAT;C=DE"),
		arena, &address, &diag),
	    0);
	report->has_content_type = true;
	report->content_type.built_in = P1_CONTENT_P22;
	report->content_identifier = slice_of_string("id");
	report->original_eits = slice_of(eits, sizeof(eits));
	report->recipients = recipients;
	report->recipient_count = 2;
	for (i = 0; i < 2; i++) {
		report_recipient_init(&recipients[i]);
		recipients[i].actual.address = address;
		recipients[i].number = (int)i + 1;
		recipients[i].arrival = 1700000000;
		recipients[i].indicators = P1_ORIGINATOR_REPORT;
	}
	recipients[0].reason = REASON_UNABLE_TO_TRANSFER;
	recipients[0].diagnostic = DIAGNOSTIC_UNRECOGNISED_OR_NAME;
	recipients[0].supplementary = slice_of_string("no such mailbox");
	recipients[0].has_intended = true;
	recipients[0].intended.address = address;
	recipients[1].delivered = true;
	recipients[1].delivery_time = 1700000001;
	recipients[1].user_type = REPORT_USER_PRIVATE;
}

/* check - check that a report is the one that make made */
static void
check(const struct report *got, const struct report *made)
{
	char text[REPORT_TEXT];

	ck_assert(identifier_same(&got->subject, &made->subject));
	ck_assert(slice_equal(got->original_eits, made->original_eits));
	ck_assert_int_eq(got->content_type.built_in, P1_CONTENT_P22);
	ck_assert(slice_equal_string(got->content_identifier, "id"));
	ck_assert_uint_eq(got->recipient_count, 2);
	ck_assert_int_eq(or_address_compare(&got->recipients[0].actual.address,
			     &made->recipients[0].actual.address),
	    0);
	ck_assert_int_eq(got->recipients[0].number, 1);
	ck_assert(!got->recipients[0].delivered);
	ck_assert_int_eq(got->recipients[0].arrival, 1700000000);
	report_describe(&got->recipients[0], text);
	ck_assert_str_eq(text, "unable-to-transfer: unrecognised-OR-name");
	ck_assert(slice_equal_string(
	    got->recipients[0].supplementary, "no such mailbox"));
	ck_assert(got->recipients[0].has_intended);
	ck_assert(!got->recipients[1].has_intended);
	ck_assert(got->recipients[1].delivered);
	ck_assert_int_eq(got->recipients[1].delivery_time, 1700000001);
	ck_assert_int_eq(got->recipients[1].user_type, REPORT_USER_PRIVATE);
	ck_assert_uint_eq(got->recipients[1].indicators, P1_ORIGINATOR_REPORT);
	report_describe(&got->recipients[1], text);
	ck_assert_str_eq(text, "delivered");
}

/* All that a report says comes back, with content or without. */
START_TEST(round_trip)
{
	struct report_recipient recipients[2];
	struct report report, got;
	struct buffer out, again;
	struct arena arena;
	struct diag diag;
	unsigned returned;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	buffer_init(&again, 1 << 20);
	make(&report, recipients, &arena);
	for (returned = 0; returned < 2; returned++) {
		report.has_content = returned == 1;
		report.content = slice_of_string("the content");
		buffer_reset(&out);
		buffer_reset(&again);
		ck_assert_int_eq(
		    report_encode(&report, EXTENSION_IMPLICIT, &out), 0);
		diag_clear(&diag);
		ck_assert_msg(
		    report_decode(buffer_slice(&out), &arena, &got, &diag) == 0,
		    "%s", diag.text);
		check(&got, &report);
		ck_assert_int_eq(got.has_content, returned == 1);
		if (returned == 1)
			ck_assert(
			    slice_equal_string(got.content, "the content"));
		ck_assert_int_eq(
		    report_encode(&got, EXTENSION_IMPLICIT, &again), 0);
		ck_assert(
		    slice_equal(buffer_slice(&out), buffer_slice(&again)));
	}
	buffer_fini(&out);
	buffer_fini(&again);
	arena_fini(&arena);
}
END_TEST

/* A cut anywhere is told; so is each octet that is changed, or it is read. */
START_TEST(damaged)
{
	struct report_recipient recipients[2];
	struct report report, got;
	struct buffer out, scratch;
	struct arena arena, other;
	struct diag diag;
	size_t len, i;
	unsigned change;

	arena_init(&arena, 1 << 20);
	arena_init(&other, 1 << 20);
	buffer_init(&out, 1 << 20);
	buffer_init(&scratch, 1 << 20);
	make(&report, recipients, &arena);
	ck_assert_int_eq(report_encode(&report, EXTENSION_IMPLICIT, &out), 0);
	for (len = 0; len < buffer_length(&out); len++) {
		diag_clear(&diag);
		ck_assert_int_eq(
		    report_decode(slice_of(out.data, len), &other, &got, &diag),
		    ERR_TRUNCATED);
		ck_assert_uint_ne(strlen(diag.text), 0);
		arena_reset(&other);
	}
	for (i = 0; i < buffer_length(&out); i++)
		for (change = 1; change < 256; change <<= 1) {
			out.data[i] ^= (uint8_t)change;
			diag_clear(&diag);
			/* A report that is read can be written. */
			if (report_decode(
				buffer_slice(&out), &other, &got, &diag) == 0) {
				buffer_reset(&scratch);
				ck_assert_int_eq(
				    report_encode(
					&got, EXTENSION_IMPLICIT, &scratch),
				    0);
			} else {
				ck_assert_uint_ne(strlen(diag.text), 0);
			}
			out.data[i] ^= (uint8_t)change;
			arena_reset(&other);
		}
	buffer_fini(&out);
	buffer_fini(&scratch);
	arena_fini(&arena);
	arena_fini(&other);
}
END_TEST

/* Every code that X.411 gives has its words. */
START_TEST(words)
{
	struct report_recipient recipient;
	char text[REPORT_TEXT];
	int code;

	for (code = 0; code <= 8; code++)
		ck_assert_ptr_nonnull(report_reason_name(code));
	for (code = 0; code <= 78; code++)
		ck_assert_ptr_nonnull(report_diagnostic_name(code));
	ck_assert_ptr_null(report_reason_name(9));
	ck_assert_ptr_null(report_diagnostic_name(79));
	ck_assert_ptr_null(report_diagnostic_name(-1));
	ck_assert_str_eq(
	    report_diagnostic_name(DIAGNOSTIC_LOOP_DETECTED), "loop-detected");
	ck_assert_str_eq(
	    report_diagnostic_name(DIAGNOSTIC_UNSUPPORTED_CRITICAL_FUNCTION),
	    "unsupported-critical-function");
	ck_assert_str_eq(
	    report_diagnostic_name(DIAGNOSTIC_TRANSFER_ATTEMPTS_LIMIT_REACHED),
	    "transfer-attempts-limit-reached");
	report_recipient_init(&recipient);
	report_describe(&recipient, text);
	ck_assert_str_eq(text, "transfer-failure");
	recipient.reason = 77;
	recipient.diagnostic = 32767;
	report_describe(&recipient, text);
	ck_assert_str_eq(text, "reason 77: diagnostic 32767");
}
END_TEST

/* Nothing that lacks what a report must have goes out. */
START_TEST(incomplete)
{
	struct report_recipient recipients[2];
	struct report report;
	struct buffer out;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	buffer_init(&out, 1 << 20);
	make(&report, recipients, &arena);
	recipients[1].delivery_time = P1_NO_TIME;
	ck_assert_int_eq(
	    report_encode(&report, EXTENSION_IMPLICIT, &out), ERR_VALUE);
	recipients[1].delivery_time = 1;
	recipients[1].arrival = P1_NO_TIME;
	ck_assert_int_eq(
	    report_encode(&report, EXTENSION_IMPLICIT, &out), ERR_VALUE);
	recipients[1].arrival = 1;
	report.recipient_count = 0;
	ck_assert_int_eq(
	    report_encode(&report, EXTENSION_IMPLICIT, &out), ERR_VALUE);
	buffer_fini(&out);
	arena_fini(&arena);
}
END_TEST

TEST_MAIN("mhs/report", TEST(round_trip); TEST(damaged); TEST(words);
	  TEST(incomplete))
