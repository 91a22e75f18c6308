/* SPDX-License-Identifier: ISC */
/*
 * report_encode.c - write a ReportTransferContent (X.411 12.2.1.3)
 */
#include "ber/time.h"
#include "mhs/report.h"

/* report_put_time - write a UTCTime */
static void
report_put_time(struct ber_writer *writer, uint32_t tag, int64_t seconds)
{
	char text[UTC_TIME_LEN + 1];

	utc_time_format(seconds, text);
	ber_put_string(writer, tag, text);
}

/* put_type - write the ReportType */
static void
put_type(struct ber_writer *writer, const struct report_recipient *recipient)
{
	ber_begin(writer, BER_CTX(1));
	if (recipient->delivered) {
		ber_begin(writer, BER_CTX(0));
		report_put_time(writer, BER_CTX(0), recipient->delivery_time);
		/* X.411: DEFAULT public. */
		if (recipient->user_type != REPORT_USER_PUBLIC)
			ber_put_integer(
			    writer, BER_CTX(1), recipient->user_type);
	} else {
		ber_begin(writer, BER_CTX(1));
		ber_put_integer(writer, BER_CTX(0), recipient->reason);
		if (recipient->diagnostic != DIAGNOSTIC_NONE)
			ber_put_integer(
			    writer, BER_CTX(1), recipient->diagnostic);
	}
	ber_end_element(writer);
	ber_end_element(writer);
}

/* report_put_recipient - write the per-recipient fields */
static void
report_put_recipient(struct ber_writer *writer,
    const struct report_recipient *recipient, enum extension_tagging tagging)
{
	ber_begin(writer, BER_UNI(BER_SET));
	or_name_encode(writer, BER_CTX(0), &recipient->actual);
	ber_put_integer(writer, BER_CTX(1), recipient->number);
	ber_put_bits(writer, BER_CTX(2), recipient->indicators, 8);
	ber_begin(writer, BER_CTX(3));
	ber_put_raw(writer, recipient->converted_eits);
	report_put_time(writer, BER_CTX(0), recipient->arrival);
	put_type(writer, recipient);
	ber_end_element(writer);
	if (recipient->has_intended)
		or_name_encode(writer, BER_CTX(4), &recipient->intended);
	if (recipient->supplementary.len != 0)
		ber_put(writer, BER_CTX(5), recipient->supplementary);
	extension_list_encode(
	    writer, BER_CTX(6), &recipient->extensions, tagging);
	ber_end_element(writer);
}

/* is_complete - tell whether all is there that a report must have */
static bool
is_complete(const struct report *report)
{
	const struct report_recipient *recipient;
	size_t i;

	/* X.411: a report names its subject and one recipient at least. */
	if (report->subject.local.len == 0 || report->recipient_count == 0)
		return false;
	for (i = 0; i < report->recipient_count; i++) {
		recipient = &report->recipients[i];
		/* X.411: the time of arrival is mandatory in last trace, that
		 * of delivery in a delivery report. */
		if (recipient->arrival == P1_NO_TIME ||
		    (recipient->delivered &&
			recipient->delivery_time == P1_NO_TIME))
			return false;
	}
	return true;
}

/* report_encode - append it as a SET */
int
report_encode(const struct report *report, enum extension_tagging tagging,
    struct buffer *out)
{
	bool extended = report->content_type.built_in == P1_CONTENT_OID;
	struct ber_writer writer;
	size_t i;

	if (!is_complete(report))
		return ERR_VALUE;
	ber_writer_init(&writer, out);
	ber_begin(&writer, BER_UNI(BER_SET));
	/* DER orders a SET by tag, and an OID is of the universal class. */
	if (report->has_content_type && extended)
		p1_content_type_encode(&writer, &report->content_type);
	mts_identifier_encode(&writer, MTS_IDENTIFIER_TAG, &report->subject);
	ber_put_raw(&writer, report->original_eits);
	if (report->has_content_type && !extended)
		p1_content_type_encode(&writer, &report->content_type);
	if (report->has_trace)
		trace_encode(&writer, TRACE_TAG, &report->trace);
	if (report->content_identifier.len != 0)
		ber_put(&writer, BER_APP(10), report->content_identifier);
	ber_begin(&writer, BER_CTX(0));
	for (i = 0; i < report->recipient_count; i++)
		report_put_recipient(&writer, &report->recipients[i], tagging);
	ber_end_element(&writer);
	if (report->has_content)
		ber_put(&writer, BER_CTX(1), report->content);
	ber_put_raw(&writer, report->additional);
	extension_list_encode(
	    &writer, BER_CTX(3), &report->extensions, tagging);
	ber_end_element(&writer);
	return ber_finish(&writer);
}
