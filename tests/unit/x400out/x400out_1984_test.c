/* SPDX-License-Identifier: ISC */
/*
 * x400out_1984_test.c - what a peer of 1984 is told, and what it cannot be told
 */
#include "mhs/cause.h"
#include "mhs/ipm_encode.h"
#include "mhs/report.h"
#include "tests/unit/x400out/calling.h"

#define LINK "mode = \"1984\" remote-domain = \"C=FR;A=ATLAS\""

/* A general text that IA5 has no letter for. */
#define TEXT "Gr\xfc\xdf"

/* envelope_again - encode the envelope of the jobs again, changed by a test */
static void
envelope_again(void)
{
	buffer_reset(&apdu.octets);
	ck_assert_int_eq(
	    p1_encode(&apdu.envelope, EXTENSION_IMPLICIT, &apdu.octets), 0);
}

/* content_again - make a content of the jobs that has to be converted */
static void
content_again(void)
{
	const struct ipm_outgoing part = {.form = IPM_FORM_TEXT,
	    .repertoire = IPM_LATIN1,
	    .length = sizeof(TEXT) - 1,
	    .modified = IPM_NO_TIME};
	struct ipm_heading heading;
	struct ipm_encoder encoder;
	struct slice prefix;
	struct diag diag = {0};

	ipm_heading_init(&heading);
	heading.this_ipm.local = slice_of_string("1");
	ck_assert_int_eq(
	    ipm_encoder_init(&encoder, &heading, &part, 1, IPM_P22, &diag), 0);
	prefix = ipm_encoder_prefix(&encoder, 0);
	buffer_reset(&apdu.content);
	ck_assert_int_eq(
	    buffer_append(&apdu.content, prefix.data, prefix.len), 0);
	ck_assert_int_eq(
	    buffer_append(&apdu.content, TEXT, sizeof(TEXT) - 1), 0);
	ipm_encoder_fini(&encoder);
}

/* taken - check the envelope of what the peer took, and get its content */
static struct slice
taken(unsigned number, size_t recipients, struct arena *arena)
{
	struct slice all = buffer_slice(&peer.octets[number]);
	struct p1_envelope envelope;
	struct ber_reader reader;
	struct ber_element el;
	struct diag diag = {0};

	ber_reader_init(&reader, all, &diag);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_msg(
	    p1_decode(MTS_MESSAGE, el.whole, arena, &envelope, &diag) == 0,
	    "%s", diag_text(&diag));
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_P2);
	ck_assert_uint_eq(envelope.recipient_count, recipients);
	ck_assert_uint_eq(envelope.extensions.count, 0);
	ck_assert_uint_eq(envelope.internal_trace.count, 0);
	return slice_of(all.data + el.whole.len, all.len - el.whole.len);
}

/* A message of 1988 goes out as one of 1984, also where a body is converted. */
START_TEST(told)
{
	struct arena arena;
	struct slice content;

	arena_init(&arena, 1 << 20);
	peer_init(&peer);
	calling_bound(LINK);
	calling_job(1);
	calling_outcome(1, IPC_TRANSFERRED);
	content_again();
	calling_job(2);
	calling_outcome(2, IPC_TRANSFERRED);
	calling_retire();
	content = taken(0, 3, &arena);
	ck_assert_mem_eq(content.data, "\xa0", 1);
	content = taken(1, 3, &arena);
	ck_assert_ptr_nonnull(memmem(content.data, content.len,
	    "\xa0\x08\x31\x00\x16\x04"
	    "Grus",
	    10));
	arena_fini(&arena);
	calling_end();
}
END_TEST

static const struct {
	enum cause cause;
	uint32_t indicators;
	int extension;
	uint32_t criticality;
} refusals[] = {
    {CAUSE_DOWNGRADE, 0, EXTENSION_ORIGINATOR_RETURN_ADDRESS,
	CRITICAL_FOR_DELIVERY},
    {CAUSE_IMPLICIT_PROHIBITED, P1_IMPLICIT_CONVERSION_PROHIBITED, 0, 0},
    {CAUSE_LOSS_PROHIBITED, 0, EXTENSION_CONVERSION_WITH_LOSS_PROHIBITED, 0},
};

/* A message that the peer cannot be told is refused with its codes, and the
 * message behind it goes. */
START_TEST(not_told)
{
	static const uint8_t one[] = {0x0a, 0x01, 0x01};
	const struct ipc_outcome *got;
	struct p1_envelope before;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	peer_init(&peer);
	calling_bound(LINK);
	content_again();
	before = apdu.envelope;
	apdu.envelope.indicators |= refusals[_i].indicators;
	if (refusals[_i].extension != 0)
		ck_assert_int_eq(
		    extension_set(&apdu.envelope.extensions, &arena,
			refusals[_i].extension, refusals[_i].criticality,
			slice_of(one, sizeof(one))),
		    0);
	envelope_again();
	calling_job(1);
	got = calling_outcome(1, IPC_REFUSED);
	ck_assert_int_eq(got->reason, cause_reason(refusals[_i].cause));
	ck_assert_int_eq(got->diagnostic, cause_diagnostic(refusals[_i].cause));
	ck_assert(got->text.len > 0);
	apdu.envelope = before;
	envelope_again();
	calling_job(2);
	calling_outcome(2, IPC_TRANSFERRED);
	calling_retire();
	ck_assert_uint_eq(peer.taken, 1);
	arena_fini(&arena);
	calling_end();
}
END_TEST

/* A content whose type is an OID goes as the EXTERNAL that bears it, whatever
 * its size. */
START_TEST(external_told)
{
	static const uint8_t oid[] = {0x2a, 0x03, 0x04};
	static const uint8_t begin[] = {
	    0x28, 0x0b, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x81, 0x04};
	struct slice all, content;
	struct p1_envelope envelope;
	struct ber_reader reader;
	struct ber_element el;
	struct arena arena;

	arena_init(&arena, 1 << 20);
	peer_init(&peer);
	calling_bound(LINK);
	apdu.envelope.content_type.built_in = P1_CONTENT_OID;
	apdu.envelope.content_type.oid = slice_of(oid, sizeof(oid));
	envelope_again();
	buffer_reset(&apdu.content);
	ck_assert_int_eq(buffer_append(&apdu.content, "abcd", 4), 0);
	calling_job(1);
	calling_outcome(1, IPC_TRANSFERRED);
	calling_retire();
	all = buffer_slice(&peer.octets[0]);
	ber_reader_init(&reader, all, NULL);
	ck_assert_int_eq(ber_next(&reader, &el), 1);
	ck_assert_int_eq(
	    p1_decode(MTS_MESSAGE, el.whole, &arena, &envelope, NULL), 0);
	ck_assert_int_eq(envelope.content_type.built_in, P1_CONTENT_EXTERNAL);
	content = slice_of(all.data + el.whole.len, all.len - el.whole.len);
	ck_assert_uint_eq(content.len, sizeof(begin) + 4);
	ck_assert_mem_eq(content.data, begin, sizeof(begin));
	ck_assert_mem_eq(content.data + sizeof(begin), "abcd", 4);
	arena_fini(&arena);
	calling_end();
}
END_TEST

/* A report returns a content of this size, or has so many recipients. */
static const struct {
	size_t content, recipients;
	enum ipc_result result;
} reports[] = {
    {1000, 1, IPC_TRANSFERRED},
    {(size_t)9 * 1024 * 1024, 3, IPC_TRANSFERRED},
    /* There is nothing more to leave out. */
    {0, 70000, IPC_REFUSED},
};

#define REPORT_OCTETS ((size_t)16 * 1024 * 1024)

/* make_report - make a report on the message of the vectors */
static void
make_report(size_t row, struct arena *arena, struct buffer *envelope,
    struct buffer *content)
{
	struct p1_envelope e;
	struct report report;

	p1_init(&e, MTS_REPORT);
	e.identifier = apdu.envelope.identifier;
	e.originator = apdu.envelope.originator;
	e.trace = apdu.envelope.trace;
	ck_assert_int_eq(p1_encode(&e, EXTENSION_IMPLICIT, envelope), 0);
	report_init(&report);
	report.subject = apdu.envelope.identifier;
	report.has_content_type = true;
	report.content_type.built_in = P1_CONTENT_P2;
	report.has_content = reports[row].content > 0;
	report.content = slice_of(
	    arena_alloc(arena, reports[row].content + 1), reports[row].content);
	report.recipient_count = reports[row].recipients;
	report.recipients = arena_array(
	    arena, report.recipient_count, sizeof(*report.recipients));
	ck_assert_ptr_nonnull(report.recipients);
	for (size_t i = 0; i < report.recipient_count; i++) {
		report_recipient_init(&report.recipients[i]);
		report.recipients[i].actual = apdu.envelope.originator;
		report.recipients[i].number = (int)(i % 30000) + 1;
		report.recipients[i].arrival = 1795953600;
		report.recipients[i].supplementary =
		    slice_of_string("nobody of this name");
	}
	ck_assert_int_eq(
	    report_encode(&report, EXTENSION_IMPLICIT, content), 0);
}

/* send_report - give the worker a report, and its content as it asks for it, up
 * to the outcome */
static void
send_report(const struct buffer *envelope, const struct buffer *content)
{
	uint64_t first = buffer_length(envelope);

	stage_send(&stage,
	    (struct ipc_record){.type = IPC_JOB,
		.job = {.job = 1,
		    .message = 101,
		    .kind = MTS_REPORT,
		    .envelope_length = first,
		    .content_length = buffer_length(content),
		    .body = buffer_slice(envelope)}});
	while (stage_next(&stage) == IPC_BODY_REQUEST) {
		const struct ipc_body_request request =
		    stage.record.body_request;

		ck_assert_uint_ge(request.offset, first);
		stage_send(&stage,
		    (struct ipc_record){.type = IPC_BODY,
			.body = {.job = 1,
			    .offset = request.offset,
			    .data = slice_of(buffer_slice(content).data +
				    (request.offset - first),
				request.length)}});
	}
}

/* A report goes out whole, or shortened: the content that it returns is left
 * out where it is too much.  Only what is too much without that is refused. */
START_TEST(report_told)
{
	struct buffer envelope, content;
	struct arena arena;
	struct slice got;

	arena_init(&arena, (size_t)64 * 1024 * 1024);
	buffer_init(&envelope, REPORT_OCTETS);
	buffer_init(&content, REPORT_OCTETS);
	peer_init(&peer);
	calling_bound(LINK);
	make_report((size_t)_i, &arena, &envelope, &content);
	send_report(&envelope, &content);
	calling_commits();
	ck_assert_int_eq(stage.record.outcome.result, reports[_i].result);
	calling_retire();
	got = buffer_slice(&peer.octets[0]);
	ck_assert_int_eq(
	    got.len > 0 && calling_contains(got, "nobody of this name"),
	    reports[_i].result == IPC_TRANSFERRED);
	ck_assert_uint_le(got.len, 10000);
	buffer_fini(&envelope);
	buffer_fini(&content);
	arena_fini(&arena);
	calling_end();
}
END_TEST

TEST_MAIN("x400out/x400out_1984", TEST(told), TEST(external_told),
    TEST_LOOP(report_told, sizeof(reports) / sizeof(reports[0])),
    TEST_LOOP(not_told, sizeof(refusals) / sizeof(refusals[0])))
