/* SPDX-License-Identifier: ISC */
/*
 * downgrade_test.c - envelopes and reports of 1988 as those of 1984
 */
#include "mhs/downgrade.h"

#include "mhs/cause.h"
#include "tests/unit/mhs/apdu.h"

static const struct global_domain gateway = {
    .country = {(const uint8_t *)"DE", 2},
    .admd = {(const uint8_t *)"VIAT", 4},
    .prmd = {(const uint8_t *)"ACME", 4}};

static struct arena arena;

/* extended - give an envelope all that 1984 does not know, none of it
 * critical */
static void
extended(struct p1_envelope *envelope, uint32_t criticality)
{
	static const uint8_t value[] = {0x05, 0x00};
	static const int numbers[] = {EXTENSION_DL_EXPANSION_HISTORY,
	    EXTENSION_CONTENT_CORRELATOR, EXTENSION_REDIRECTION_HISTORY};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		ck_assert_int_eq(
		    extension_set(&envelope->extensions, &arena, numbers[i],
			numbers[i] == EXTENSION_CONTENT_CORRELATOR
			    ? criticality
			    : CRITICAL_FOR_DELIVERY,
			slice_of(value, sizeof(value))),
		    0);
	ck_assert_int_eq(
	    p1_trace_mark(envelope, &arena, TRACE_DL_OPERATION), 0);
	envelope->indicators |= BER_BIT(5);
	envelope->original_eits =
	    slice_of("\x65\x0a\x80\x02\x05\x20\xa4\x04\x06\x02\x2a\x03", 12);
}

/* Elements that 1984 lacks are gone, the rest is as it was, and the octets are
 * those of an envelope of 1984. */
START_TEST(envelope)
{
	struct apdu apdu;
	struct p1_envelope read;
	struct buffer out;
	struct diag diag = {0};

	apdu_init(&apdu, UINT64_MAX);
	apdu_read(&apdu, "p1-88-message-3recips");
	extended(&apdu.envelope, 0);
	ck_assert_ptr_null(downgrade_refuses(&apdu.envelope));
	for (size_t i = 0; i < apdu.envelope.recipient_count; i++)
		ck_assert_ptr_null(
		    downgrade_refuses_recipient(&apdu.envelope.recipients[i]));
	ck_assert_int_eq(
	    downgrade_envelope(&apdu.envelope, &gateway, &arena), 0);
	buffer_init(&out, 1 << 16);
	ck_assert_int_eq(
	    p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, &out), 0);
	ck_assert_msg(p1_decode(MTS_MESSAGE, buffer_slice(&out), &arena, &read,
			  &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_uint_eq(read.recipient_count, 3);
	ck_assert_uint_eq(read.extensions.count, 0);
	ck_assert_uint_eq(read.internal_trace.count, 0);
	ck_assert_uint_eq(read.indicators & 0x0fffffffU, 0);
	for (size_t i = 0; i < read.recipient_count; i++)
		ck_assert_uint_eq(read.recipients[i].extensions.count, 0);
	ck_assert_uint_gt(read.trace.count, 0);
	for (size_t i = 0; i < read.trace.count; i++)
		ck_assert_uint_eq(read.trace.elements[i].other_actions, 0);
	/* IA5 text, and something that has no name any more. */
	ck_assert(slice_equal(
	    read.original_eits, slice_of("\x65\x04\x80\x02\x05\xa0", 6)));
	buffer_fini(&out);
	apdu_fini(&apdu);
}
END_TEST

/* Critical extensions are not left out, but for the MTS's own notes. */
START_TEST(critical)
{
	static const uint8_t value[] = {0x05, 0x00};
	struct apdu apdu;

	apdu_init(&apdu, UINT64_MAX);
	apdu_read(&apdu, "p1-88-message-1recip");
	extended(&apdu.envelope, CRITICAL_FOR_DELIVERY);
	ck_assert_ptr_nonnull(downgrade_refuses(&apdu.envelope));
	extension_remove(
	    &apdu.envelope.extensions, EXTENSION_CONTENT_CORRELATOR);
	ck_assert_ptr_null(downgrade_refuses(&apdu.envelope));
	/* The type becomes "external". */
	apdu.envelope.content_type.built_in = P1_CONTENT_OID;
	ck_assert_ptr_null(downgrade_refuses(&apdu.envelope));
	ck_assert_int_eq(
	    extension_set(&apdu.envelope.recipients[0].extensions, &arena,
		EXTENSION_REQUESTED_DELIVERY_METHOD, CRITICAL_FOR_TRANSFER,
		slice_of(value, sizeof(value))),
	    0);
	ck_assert_ptr_nonnull(
	    downgrade_refuses_recipient(&apdu.envelope.recipients[0]));
	ck_assert_int_eq(cause_reason(CAUSE_DOWNGRADE), 1);
	ck_assert_int_eq(cause_diagnostic(CAUSE_DOWNGRADE), 47);
	ck_assert_int_eq(cause_diagnostic(CAUSE_IMPLICIT_PROHIBITED), 9);
	ck_assert_int_eq(cause_diagnostic(CAUSE_LOSS_PROHIBITED), 19);
	apdu_fini(&apdu);
}
END_TEST

/* Codes that 1984 has not become those that it has. */
START_TEST(reports)
{
	static const struct {
		int reason, diagnostic, reason_1984, diagnostic_1984;
	} codes[] = {{1, 0, 1, 0}, {0, 11, 0, 11}, {2, 9, 2, 9}, {1, 47, 1, -1},
	    {5, 17, 1, -1}, {7, 5, 1, 5}};
	struct report_recipient recipient;
	struct report report;
	struct apdu apdu;

	apdu_init(&apdu, UINT64_MAX);
	apdu_read(&apdu, "p1-88-message-1recip");
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		report_init(&report);
		report_recipient_init(&recipient);
		recipient.actual = apdu.envelope.recipients[0].name;
		recipient.reason = codes[i].reason;
		recipient.diagnostic = codes[i].diagnostic;
		report.recipients = &recipient;
		report.recipient_count = 1;
		report.has_content = report.has_content_type = true;
		report.content_type.built_in =
		    i == 0 ? P1_CONTENT_P2 : P1_CONTENT_P22;
		ck_assert_int_eq(
		    downgrade_report(&report, &gateway, &arena), 0);
		ck_assert_int_eq(recipient.reason, codes[i].reason_1984);
		ck_assert_int_eq(
		    recipient.diagnostic, codes[i].diagnostic_1984);
		ck_assert_int_eq(report.has_content, i == 0);
		ck_assert(!report.has_content_type);
	}
	apdu_fini(&apdu);
}
END_TEST

/* Encoded information types of 1984 stay, octet for octet. */
START_TEST(types)
{
	const struct slice kept = slice_of("\x65\x05\x80\x03\x06\x20\x00", 7);
	struct slice eits = kept, none = {NULL, 0};

	ck_assert_int_eq(downgrade_eits(&eits, &arena), 0);
	ck_assert_ptr_eq(eits.data, kept.data);
	ck_assert_int_eq(downgrade_eits(&none, &arena), 0);
	eits = slice_of("\x65\x06\xa4\x04\x06\x02\x2a\x03", 8);
	ck_assert_int_eq(downgrade_eits(&eits, &arena), 0);
	ck_assert(slice_equal(eits, slice_of("\x65\x04\x80\x02\x07\x80", 6)));
	eits = slice_of("\x65\x06\xa4\x09\x06\x02\x2a\x03", 8);
	ck_assert_int_lt(downgrade_eits(&eits, &arena), 0);
}
END_TEST

/* A return over a peer of 1984 may have had a reason: the sixth is a loop. */
START_TEST(visits)
{
	struct global_domain other = gateway;
	struct apdu apdu;

	other.prmd = slice_of("OTHER", 5);
	apdu_init(&apdu, UINT64_MAX);
	apdu_read(&apdu, "p1-84-message");
	for (int i = 1; i <= 6; i++) {
		bool loops = p1_loops(&apdu.envelope, P1_NOTES_LOST, &gateway,
		    slice_of("MTA", 3));

		ck_assert_int_eq(loops, i == 6);
		ck_assert_int_eq(p1_loops(&apdu.envelope, P1_NOTES_KEPT,
				     &gateway, slice_of("MTA", 3)),
		    i > 1);
		ck_assert_int_eq(
		    p1_stamp(&apdu.envelope, &arena, &gateway,
			slice_of(NULL, 0), 1800000000 + i, TRACE_RELAYED),
		    0);
		ck_assert_int_eq(
		    p1_stamp(&apdu.envelope, &arena, &other, slice_of(NULL, 0),
			1800000000 + i, TRACE_RELAYED),
		    0);
	}
	apdu_fini(&apdu);
}
END_TEST

static void
setup(void)
{
	arena_init(&arena, 1 << 24);
}

static void
teardown(void)
{
	arena_fini(&arena);
}

/* add - add a test with an arena */
static void
add(Suite *suite, const char *name, const TTest *test)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test);
	suite_add_tcase(suite, tcase);
}

TEST_MAIN("mhs/downgrade", add(suite, "envelope", envelope),
    add(suite, "critical", critical), add(suite, "reports", reports),
    add(suite, "types", types), add(suite, "visits", visits))
